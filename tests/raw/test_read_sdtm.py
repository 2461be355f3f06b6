"""Finished SDTM as datasets; what does not fit study.yml is a finding with its place."""

import pandas as pd
import pyreadstat
import pytest

from datacut.adam.build import build_adam, subjects_left_out
from datacut.conformance.datasets import check_datasets
from datacut.conformance.package import Package
from datacut.errors import Findings, SpecError
from datacut.pipeline.specs import read_specs
from datacut.raw.read import read_export
from datacut.raw.read_sdtm import read_sdtm

SPECS = {
    "study": """
        study: S1
        title: A study
        protocol: S1
        standards: {sdtmig: "3.4", adamig: "1.3", ct: sdtmct-2022-09-30}
        sdtm:
          encoding: cp1252
          datasets:
            DM: {keys: [USUBJID], variables: [USUBJID, ARMCD, AGE]}
            AE: {keys: [USUBJID, AESEQ], variables: [USUBJID, AESEQ, AETERM], supplemental: [AETRTEM]}
        """,
    "adam/adsl": """
        dataset: ADSL
        class: SUBJECT LEVEL ANALYSIS DATASET
        keys: [USUBJID]
        records:
          - from: DM
            exclude:
              - {where: 'ARMCD EQ "SCRNFAIL"', reason: not assigned}
        variables:
          USUBJID: {predecessor: DM.USUBJID}
          AGE: {predecessor: DM.AGE}
        """,
    "adam/adae": """
        dataset: ADAE
        class: ADVERSE EVENT
        keys: [USUBJID, AESEQ]
        records: [{from: AE}]
        variables:
          USUBJID: {predecessor: AE.USUBJID}
          AESEQ: {predecessor: AE.AESEQ}
          AGE: {predecessor: ADSL.AGE}
          AETERM: {predecessor: AE.AETERM}
          AETRTEM: {label: Treatment Emergent, type: text, predecessor: SUPPAE.AETRTEM}
        """,
}
DM = {"USUBJID": ["02", "01", "03"], "ARMCD": ["A", "A", "SCRNFAIL"], "AGE": [60.0, None, 50.0]}
AE = {"USUBJID": ["02", "01", "01"], "AESEQ": [1.0, 2.0, 1.0], "AETERM": ["Fi#vre", "", "Cough"]}
SUPPAE = {
    "STUDYID": ["S1", "S1"],
    "RDOMAIN": ["AE", "AE"],
    "USUBJID": ["01", "02"],
    "IDVAR": ["AESEQ", "AESEQ"],
    "IDVARVAL": ["2", "1"],
    "QNAM": ["AETRTEM", "AEX"],
    "QLABEL": ["Treatment Emergent", "Other"],
    "QVAL": ["Y", "Y"],
    "QORIG": ["DERIVED", "CRF"],
    "QEVAL": ["", ""],
}


@pytest.fixture
def received(study, tmp_path):
    bound = read_specs(study(SPECS))
    assert bound.findings == ()

    def of(**files):
        folder = tmp_path / "sdtm"
        folder.mkdir()
        for name, data in files.items():
            path = folder / f"{name}.xpt"
            if isinstance(data, bytes):
                path.write_bytes(data)
            else:
                pyreadstat.write_xport(pd.DataFrame(data), str(path), file_format_version=5)
                path.write_bytes(path.read_bytes().replace(b"Fi#vre", "Fièvre".encode("cp1252")))
        findings = Findings()
        datasets = read_sdtm(folder, bound.specs, findings, "sdtm")
        read_export(folder, bound.specs, findings, "sdtm")
        return bound, datasets, findings

    return of


def told(findings):
    return [(str(f.severity), f.rule, str(f.where), f.value) for f in findings]


def test_records_are_sorted_and_know_their_place_in_the_file(received) -> None:
    _, datasets, _ = received(dm=DM, ae=AE, suppae=SUPPAE)
    dm = datasets["DM"]
    assert dm.frame["USUBJID"].tolist() == ["01", "02", "03"]
    assert dm.lineage.to_dict("list") == {
        "record": [1, 2, 3],
        "source": ["sdtm.dm"] * 3,
        "source_record": [2, 1, 3],
    }
    assert [(v.name, v.type) for v in dm.variables] == [("USUBJID", "text"), ("ARMCD", "text"), ("AGE", "integer")]


def test_blank_is_missing(received) -> None:
    _, datasets, _ = received(dm=DM, ae=AE, suppae=SUPPAE)
    assert datasets["DM"].frame["AGE"].isna().tolist() == [True, False, False]
    assert datasets["AE"].frame["AETERM"].isna().tolist() == [False, True, False]


def test_a_subject_who_is_not_in_dm(received) -> None:
    _, _, findings = received(
        dm=DM,
        ae={**AE, "USUBJID": ["02", "09", "09"]},
        suppae={**SUPPAE, "USUBJID": ["02", "02"], "IDVARVAL": ["1", "1"]},
    )
    assert ("error", "sdtm.subject", "AE.USUBJID:09", "09") in told(findings)
    assert [f.what for f in findings if f.rule == "sdtm.subject"] == ["a subject who is not in DM: 2 records"]


@pytest.mark.parametrize(
    ("idvar", "idvarval", "is_told"),
    [
        ("AESEQ", "2", False),
        ("AESEQ", "3", True),
        ("AESEQ", "02", True),
        ("AESPID", "2", True),
        ("", "", False),  # of the whole subject
    ],
)
def test_a_qualifier_of_no_record(received, idvar: str, idvarval: str, is_told: bool) -> None:
    supp = {**SUPPAE, "IDVAR": [idvar, "AESEQ"], "IDVARVAL": [idvarval, "1"]}
    _, _, findings = received(dm=DM, ae=AE, suppae=supp)
    found = [f for f in findings if f.rule == "sdtm.supp.parent"]
    assert [(f.what, f.value) for f in found] == ([("AETRTEM leads to no record of AE", idvarval)] if is_told else [])


def test_what_is_not_named_is_a_note(received) -> None:
    _, _, findings = received(dm={**DM, "SEX": ["F", "M", "F"]}, ae=AE, suppae=SUPPAE)
    assert told(findings) == [
        ("note", "sdtm.unread", "sdtm/dm.xpt", "SEX"),
        ("note", "sdtm.unread", "sdtm/suppae.xpt", "AEX"),
    ]


def test_missing_file_and_variable(received) -> None:
    _, datasets, findings = received(dm={n: DM[n] for n in ("USUBJID", "ARMCD")}, ae=AE)
    assert told(findings) == [
        ("error", "sdtm.variable.missing", "sdtm/dm.xpt:AGE", "AGE"),
        ("error", "sdtm.file.missing", "sdtm/suppae.xpt", "suppae.xpt"),
    ]
    assert datasets["DM"].frame["AGE"].isna().all()
    assert len(datasets["SUPPAE"].frame) == 0


def test_a_file_that_is_none(received) -> None:
    _, datasets, findings = received(dm=b"no transport file", ae=AE, suppae=SUPPAE)
    assert told(findings)[0][:3] == ("error", "sdtm.file.unreadable", "sdtm/dm.xpt")
    assert len(datasets["DM"].frame) == 0


def test_repeated_key(received) -> None:
    _, _, findings = received(dm={**DM, "USUBJID": ["01", "01", "03"]}, ae=AE, suppae=SUPPAE)
    assert [str(f.where) for f in findings if f.rule == "dataset.key.duplicate"] == ["DM.USUBJID:01", "DM.USUBJID:01"]


def test_a_file_that_nobody_named(received) -> None:
    _, _, findings = received(dm=DM, ae=AE, suppae=SUPPAE, vs=DM)
    assert ("error", "raw.form.unknown", "sdtm/vs.xpt", "vs.xpt") in told(findings)


def test_adam_is_made_of_it(received) -> None:
    bound, datasets, findings = received(dm=DM, ae=AE, suppae=SUPPAE)
    adam, _ = build_adam(bound.specs, bound.plans, bound.registry, datasets, {}, findings)
    events = adam["ADAE"].frame.astype("object")
    assert events.where(events.notna(), None).to_numpy().tolist() == [
        ["01", 1, None, "Cough", None],
        ["01", 2, None, None, "Y"],
        ["02", 1, 60, "Fièvre", None],
    ]
    assert adam["ADAE"].lineage["source_record"].tolist() == [1, 2, 3]


def test_subjects_left_out_by_a_rule_are_a_note(received) -> None:
    bound, datasets, findings = received(dm=DM, ae=AE, suppae=SUPPAE)
    adam, _ = build_adam(bound.specs, bound.plans, bound.registry, datasets, {}, findings)
    left_out = subjects_left_out(bound.specs, datasets)
    assert left_out == {"03": "not assigned"}

    def said(left_out):
        found = check_datasets(Package(datasets, adam, "2026-03-02", left_out=left_out))
        return told(f for f in found if f.rule.startswith("adam.adsl"))

    assert said(left_out) == [("note", "adam.adsl.excluded", "ADSL.USUBJID", "not assigned")]
    assert said({}) == [("error", "adam.adsl", "ADSL.USUBJID:03", "03")]


def test_specs_are_checked_before_any_file(study) -> None:
    faulty = SPECS["adam/adsl"].replace("DM.AGE", "DM.AGEU")
    keys = SPECS["study"].replace("keys: [USUBJID]", "keys: [SUBJID]")
    found = read_specs(study({**SPECS, "adam/adsl": faulty, "study": keys})).findings
    assert sorted((f.what, f.value) for f in found) == [
        ("DM has no variable", "SUBJID"),
        ("DM has no variable; missing for it: ADSL.AGE, ADAE.AGE", "AGEU"),
    ]


def test_a_dataset_is_received_or_made(study) -> None:
    made = """
        dataset: DM
        keys: [USUBJID]
        records: [{from: study}]
        variables: {USUBJID: assign(STUDYID), ARMCD: hardcode("A"), AGE: hardcode_number(1)}
        """
    found = read_specs(study({**SPECS, "sdtm/dm": made})).findings
    assert ("spec.received", "DM") in [(f.rule, f.value) for f in found]


def test_encoding_that_nobody_knows(study) -> None:
    with pytest.raises(SpecError) as refused:
        read_specs(study({**SPECS, "study": SPECS["study"].replace("cp1252", "cp9999")}))
    assert [(f.rule, f.value) for f in refused.value.findings] == [("spec.system", "cp9999")]
