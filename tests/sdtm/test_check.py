"""Rules over built records name the raw row and field, once for each fault."""

import pandas as pd
import pytest

from datacut.engine.sources import study_frames
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.raw.read import read_export
from datacut.sdtm.build import build_sdtm
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

SPECS = {
    "crf/dm": """
        form: dm
        label: Demographics
        system: edc
        fields:
          SEX: {label: Sex}
        """,
    "crf/chem": """
        form: chem
        label: Chemistry
        system: edc
        keys: [SUBJID, VISIT]
        fields:
          VISIT: {label: Visit}
          ALT: {label: ALT}
          AST: {label: AST}
          SDAT: {label: Start, type: date}
          EDAT: {label: End, type: date}
        """,
    "sdtm/dm": """
        dataset: DM
        keys: [USUBJID]
        records: [{from: raw.dm}]
        variables:
          USUBJID: paste([SUBJID], prefix="S-")
        """,
    "sdtm/lb": """
        dataset: LB
        keys: [USUBJID, LBTESTCD, LBSTDTC]
        records:
          - from: raw.chem
            topics: [{test: ALT}, {test: AST}]
            set:
              LBTESTCD: hardcode("{test}")
              LBORRES: assign({test})
        variables:
          USUBJID: paste([SUBJID], prefix="S-")
          LBTESTCD: {}
          LBORRES: {}
          LBSTDTC: {derive: assign_datetime(SDAT), type: text, label: Start}
          LBENDTC: assign_datetime(EDAT)
        """,
}
DM = "SUBJID,SEX\n001,F\n002,M\n"


@pytest.fixture
def found(study, tmp_path):
    def run(chem):
        specs = load_specs(study(SPECS))
        registry = make_registry(specs.root)
        plans = bind_specs(specs, registry)
        assert [f for f in plans.findings if f.severity == "error"] == []
        folder = tmp_path / "raw"
        folder.mkdir()
        (folder / "dm.csv").write_text(DM)
        (folder / "chem.csv").write_text("SUBJID,VISIT,ALT,AST,SDAT,EDAT\n" + chem)
        findings = Findings()
        sources: dict[str, pd.DataFrame] = dict(read_export(folder, specs, findings, "raw/c1"))
        sources |= study_frames(specs, "2026-03-02")
        build_sdtm(specs, plans, registry, sources, findings)
        return [(f.rule, str(f.where), f.value) for f in findings if not f.rule.startswith("sdtm.required")]

    return run


def test_clean_rows_are_clean(found):
    assert found("001,V1,7,8,01-JAN-2026,02-JAN-2026\n002,V1,7,8,01-JAN-2026,01-JAN-2026\n") == []


def test_a_subject_who_is_not_in_dm_is_told_once_a_row(found):
    assert found("001,V1,7,8,01-JAN-2026,\n999,V1,7,8,01-JAN-2026,\n") == [
        ("sdtm.subject", "raw/c1/chem.csv:3:SUBJID", "999")
    ]


def test_a_row_without_a_subject_is_told(found):
    assert ("sdtm.subject", "raw/c1/chem.csv:2:SUBJID", "") in found(",V1,7,8,01-JAN-2026,\n")


def test_an_end_before_its_start_names_the_end_as_collected(found):
    assert found("001,V1,7,8,02-JAN-2026,01-JAN-2026\n") == [
        ("sdtm.order", "raw/c1/chem.csv:2:EDAT", "01-JAN-2026"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "early"),
    [
        ("20-JAN-2026", "UN-JAN-2026", False),
        ("20-FEB-2026", "UN-JAN-2026", True),
        ("20-FEB-2026", "UN-UNK-2026", False),
    ],
)
def test_dates_are_compared_at_the_precision_both_have(found, start, end, early):
    expected = [("sdtm.order", "raw/c1/chem.csv:2:EDAT", end)] if early else []
    assert found(f"001,V1,7,8,{start},{end}\n") == expected


def test_a_row_told_as_a_duplicate_is_not_told_again_by_what_it_became(found):
    rules = [(r, w) for r, w, _ in found("001,V1,7,8,01-JAN-2026,\n001,V1,7,8,01-JAN-2026,\n")]
    assert rules == [("raw.key.duplicate", "raw/c1/chem.csv:3:VISIT")]


def test_two_rows_that_become_one_key_are_told_at_the_second_row(found):
    assert found("001,V1,7,8,01-JAN-2026,\n001,V2,7,8,01-JAN-2026,\n") == [
        ("sdtm.key", "raw/c1/chem.csv:3:SDAT", "01-JAN-2026")
    ]


@pytest.mark.parametrize(
    ("date", "late"),
    [
        ("02-MAR-2026", False),
        ("03-MAR-2026", True),
        ("UN-MAR-2026", False),
        ("UN-APR-2026", True),
        ("UN-UNK-2026", False),
        ("UN-UNK-2027", True),
        ("", False),
    ],
)
def test_a_collected_date_after_the_cut_is_told_and_kept(found, date, late):
    expected = [("sdtm.after_cut", "raw/c1/chem.csv:2:EDAT", date)] if late else []
    assert found(f"001,V1,7,8,01-JAN-2026,{date}\n") == expected
