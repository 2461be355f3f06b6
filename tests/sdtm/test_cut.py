"""A cut of 2 March 2026: what is left out, what is taken back, and that each is accounted with its old value."""

import pandas as pd
import pytest

from datacut.engine.accounting import account_forms
from datacut.engine.sources import study_frames
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.raw.read import read_export
from datacut.sdtm.build import build_sdtm
from datacut.spec.accounting import field_uses
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

CUT = "2026-03-02"
RULES = """
cut_rules:
  DM: {by: subject, date: RFICDTC}
  DS: {by: start, date: DSSTDTC}
  AE:
    by: start
    date: AESTDTC
    end: AEENDTC
    change:
      - {variable: AEENDTC, to: ""}
      - {variable: AEOUT, to: NOT RECOVERED}
    death: {from: DS, where: 'DSDECOD EQ "DEATH"', of: 'AEOUT EQ "FATAL"'}
"""
SPECS = {
    "crf/dm": """
        form: dm
        label: Demographics
        system: edc
        fields:
          ICDAT: {label: Consent, type: date}
        """,
    "crf/ds": """
        form: ds
        label: Disposition
        system: edc
        fields:
          DSDECOD: {label: Status}
          DSDAT: {label: Date, type: date}
        """,
    "crf/ae": """
        form: ae
        label: Adverse events
        system: edc
        fields:
          AETERM: {label: Term}
          AEST: {label: Start, type: date}
          AEEN: {label: End, type: date}
          AEOUT: {label: Outcome}
        """,
    "sdtm/dm": """
        dataset: DM
        keys: [USUBJID]
        records: [{from: raw.dm}]
        variables:
          USUBJID: paste([SUBJID], prefix="S-")
          RFICDTC: assign_datetime(ICDAT)
          DTHDTC: "derive_extreme_dtc(DS, DSSTDTC, mode=\\"first\\", where='DSDECOD EQ \\"DEATH\\"')"
        """,
    "sdtm/ds": """
        dataset: DS
        keys: [USUBJID, DSDECOD]
        records: [{from: raw.ds}]
        variables:
          USUBJID: paste([SUBJID], prefix="S-")
          DSDECOD: assign(DSDECOD)
          DSSTDTC: assign_datetime(DSDAT)
        """,
    "sdtm/ae": """
        dataset: AE
        keys: [USUBJID, AESEQ]
        records: [{from: raw.ae}]
        variables:
          USUBJID: paste([SUBJID], prefix="S-")
          AESEQ: derive_seq(by=[AESTDTC])
          AETERM: assign(AETERM)
          AEOUT: assign(AEOUT)
          AESTDTC: assign_datetime(AEST)
          AEENDTC: assign_datetime(AEEN)
        """,
}


@pytest.fixture
def built(study, tmp_path):
    def run(ae, ds="SUBJID,DSDECOD,DSDAT\n", dm="SUBJID,ICDAT\n001,01-JAN-2026\n", partial="possible"):
        root = study(SPECS)
        path = root / "specs" / "study.yml"
        path.write_text(path.read_text() + f"\ncut_boundary: {partial}" + RULES)
        specs = load_specs(root)
        registry = make_registry(specs.root)
        plans = bind_specs(specs, registry)
        assert [f for f in plans.findings if f.severity == "error"] == []
        folder = tmp_path / "raw"
        folder.mkdir()
        for name, content in (("dm", dm), ("ds", ds), ("ae", "SUBJID,AETERM,AEST,AEEN,AEOUT\n" + ae)):
            (folder / f"{name}.csv").write_text(content)
        findings = Findings()
        sources: dict[str, pd.DataFrame] = dict(read_export(folder, specs, findings, "raw/c1"))
        sources |= study_frames(specs, CUT)
        datasets, accounting = build_sdtm(specs, plans, registry, sources, findings)
        forms = account_forms(specs, sources, [accounting], field_uses(specs, [plans.sdtm]), findings)
        told = [(str(f.where), f.value) for f in findings if f.rule == "sdtm.after_cut"]
        return datasets, accounting.cut, told, {f.form: (f.mapped, dict(f.excluded)) for f in forms}

    return run


def texts(frame, *columns):
    return [tuple("" if pd.isna(v) else str(v) for v in row) for row in frame[list(columns)].to_numpy()]


def test_an_event_that_starts_after_the_cut_is_left_out_and_the_others_are_numbered_without_it(built) -> None:
    datasets, lines, told, forms = built(
        "001,Fever,UN-APR-2026,,ONGOING\n001,Rash,02-MAR-2026,,ONGOING\n001,Cough,UN-MAR-2026,,ONGOING\n001,Pain,,,ONGOING\n"
    )
    assert sorted(texts(datasets["AE"].frame, "AETERM", "AESEQ")) == [("Cough", "2"), ("Pain", "1"), ("Rash", "3")]
    assert told == [("raw/c1/ae.csv:2:AEST", "UN-APR-2026")]
    assert [(x.dataset, str(x.place), x.what, x.variable, x.old) for x in lines] == [
        ("AE", "raw/c1/ae.csv:2:AEST", "left out", "AESTDTC", "2026-04")
    ]
    assert forms["ae"] == (3, {"after the cut of 2026-03-02": 1})


def test_a_partial_date_at_the_boundary_counts_as_the_setting_says(built) -> None:
    datasets, *_ = built("001,Cough,UN-MAR-2026,,ONGOING\n001,Cold,UN-FEB-2026,,ONGOING\n", partial="certain")
    assert texts(datasets["AE"].frame, "AETERM") == [("Cold",)]


def test_an_end_after_the_cut_is_taken_back_with_its_outcome(built) -> None:
    datasets, lines, told, _ = built(
        "001,Fever,01-FEB-2026,05-MAR-2026,RECOVERED\n001,Rash,01-FEB-2026,02-MAR-2026,RECOVERED\n"
    )
    assert texts(datasets["AE"].frame, "AETERM", "AEENDTC", "AEOUT") == [
        ("Fever", "", "NOT RECOVERED"),
        ("Rash", "2026-03-02", "RECOVERED"),
    ]
    assert [(x.what, x.variable, x.old, x.new) for x in lines] == [
        ("changed", "AEENDTC", "2026-03-05", ""),
        ("changed", "AEOUT", "RECOVERED", "NOT RECOVERED"),
    ]
    assert told == [("raw/c1/ae.csv:2:AEEN", "05-MAR-2026"), ("raw/c1/ae.csv:2:AEOUT", "RECOVERED")]


def test_a_death_after_the_cut_is_not_known_and_the_fatal_event_goes_on(built) -> None:
    datasets, lines, _, forms = built(
        "001,Sepsis,01-FEB-2026,,FATAL\n", ds="SUBJID,DSDECOD,DSDAT\n001,DEATH,10-MAR-2026\n001,SCREENED,01-JAN-2026\n"
    )
    assert texts(datasets["DM"].frame, "DTHDTC") == [("",)]
    assert texts(datasets["DS"].frame, "DSDECOD") == [("SCREENED",)]
    assert texts(datasets["AE"].frame, "AEOUT") == [("NOT RECOVERED",)]
    assert [(x.dataset, x.what, x.old) for x in lines] == [
        ("DS", "left out", "2026-03-10"),
        ("AE", "changed", "FATAL"),
    ]
    assert forms["ds"] == (1, {"after the cut of 2026-03-02": 1})


def test_a_subject_whose_consent_lies_after_the_cut_is_in_no_domain(built) -> None:
    datasets, lines, *_ = built(
        "002,Fever,,,ONGOING\n001,Rash,01-FEB-2026,,ONGOING\n", dm="SUBJID,ICDAT\n001,01-JAN-2026\n002,03-MAR-2026\n"
    )
    assert texts(datasets["DM"].frame, "USUBJID") == [("S-001",)]
    assert texts(datasets["AE"].frame, "USUBJID") == [("S-001",)]
    assert [(x.dataset, x.what, x.variable) for x in lines] == [
        ("DM", "left out", "RFICDTC"),
        ("AE", "left out", "subject not in the cut"),
    ]
