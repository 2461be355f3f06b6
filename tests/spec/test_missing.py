"""What reads what is missing for a fault is missing too, through conditions, codes and stages, and is named."""

from __future__ import annotations

import pytest

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

FORM = """
form: vs
label: Vital signs
fields:
  TEST: {label: Test}
  RESULT: {label: Result}
  NOTE: {label: Note}
"""
VS = """
dataset: VS
keys: [USUBJID, VSTESTCD, VSSEQ]
records:
  - from: raw.vs
variables:
  USUBJID: assign(SUBJID)
  VSSEQ: derive_seq([VSTESTCD, VSORRES])
  VSTESTCD: assign(TEST)
  VSORRES: assign(RESULT)
  VSSTRESC: derive_var_coalesce(VSORRES)
  VSLOC: assign(NOTE)
supplemental:
  REMARK: {label: Remark, derive: assign(NOTE)}
"""
ADVS = """
dataset: ADVS
class: BASIC DATA STRUCTURE
keys: [USUBJID, PARAMCD]
records:
  - from: VS
variables:
  USUBJID: {predecessor: VS.USUBJID}
  AVALC: {predecessor: VS.VSSTRESC}
  NOTE: {predecessor: SUPPVS.REMARK, label: Note}
  ABSFL: "derive_var_crit_flag(criterion='AVALC MISSING', no=N)"
  SYSFL: "derive_var_crit_flag(criterion='PARAMCD EQ \\"SYSBP\\"')"
  ANYFL: "derive_var_crit_flag(criterion='USUBJID NOT MISSING')"
  PARAMCD: {text: Code.}
parameters:
  SYSBP: {param: Systolic, where: VSTESTCD EQ "SYSBP"}
  DIABP: {param: Diastolic, where: VSTESTCD EQ "DIABP"}
  HIGH: {param: High, derive: "derive_param_exist_flag(by=USUBJID, criterion='AVALC EQ \\"9\\"')"}
"""
ADSL = """
dataset: ADSL
class: SUBJECT LEVEL ANALYSIS DATASET
keys: [USUBJID]
records:
  - from: VS
    where: VSTESTCD EQ "SYSBP"
variables:
  USUBJID: {predecessor: VS.USUBJID}
  HIGHFL: "derive_var_merged_exist_flag(USUBJID, ADVS, where='PARAMCD EQ \\"HIGH\\"', no=N)"
  DIAFL: "derive_var_merged_exist_flag(USUBJID, ADVS, where='PARAMCD EQ \\"DIABP\\"', no=N)"
"""


@pytest.fixture
def plans(study):
    def of(file="", old="", new=""):
        files = {"crf/vs": FORM, "sdtm/vs": VS, "adam/advs": ADVS, "adam/adsl": ADSL}
        if file:
            assert old in files[file]
            files[file] = files[file].replace(old, new)
        root = study(files)
        return bind_specs(load_specs(root), make_registry(root))

    return of


def void(plan):
    return {f"{s.dataset}.{w}" for s in plan.steps if s.void and s.reads == frozenset() for w in s.writes}


def test_without_a_fault_nothing_is_missing(plans):
    found = plans()
    assert not found.sdtm.lost and not found.adam.lost
    assert not [f for f in found.findings if "missing for it" in f.what]


def test_what_asks_whether_a_lost_column_is_missing_is_lost_with_it_in_the_next_stage_too(plans):
    found = plans("sdtm/vs", "assign(RESULT)", "assign(RESULTS)")
    told = [f.what for f in found.findings]
    missing = "VS.VSORRES, VS.VSSTRESC, ADVS.AVALC, ADVS.HIGH, ADSL.HIGHFL and 1 more"
    assert [w for w in told if "raw.vs" in w] == [f"raw.vs has no column; missing for it: {missing}"]
    assert {"ADVS.ABSFL", "ADVS.AVALC", "ADSL.HIGHFL"} <= void(found.adam)
    assert not {"ADVS.ANYFL", "ADSL.DIAFL", "ADVS.USUBJID"} & void(found.adam)
    assert "HIGH" not in {s.name for s in found.adam.steps}


def test_a_record_number_stands_whatever_it_is_sorted_by(plans):
    found = plans("sdtm/vs", "assign(RESULT)", "assign(RESULTS)")
    assert "VS.VSSEQ" not in void(found.sdtm)


def test_a_record_number_within_lost_subjects_is_lost(plans):
    found = plans("sdtm/vs", "USUBJID: assign(SUBJID)", "USUBJID: assign(SUBJ)")
    assert "VS.VSSEQ" in void(found.sdtm)


def test_a_qualifier_is_lost_with_the_variable_that_is_copied_from_it(plans):
    found = plans(
        "sdtm/vs", "REMARK: {label: Remark, derive: assign(NOTE)}", "REMARK: {label: Remark, derive: assign(NOT)}"
    )
    assert {("VS", "REMARK"), ("ADVS", "NOTE")} <= found.adam.lost
    assert ("ADVS", "AVALC") not in found.adam.lost


def test_records_chosen_by_a_lost_column_are_no_records_and_no_parameter_is_made_of_them(plans):
    found = plans("sdtm/vs", "assign(TEST)", "assign(TESTS)")
    assert {("ADSL", "*"), ("ADVS", "SYSBP"), ("ADVS", "DIABP")} <= found.adam.lost
    assert found.adam.broken_parameters == {("ADVS", "SYSBP"), ("ADVS", "DIABP")}
    (what,) = [f.what for f in found.findings if "raw.vs" in f.what]
    assert "ADSL" in what.partition("missing for it: ")[2].split(", ")
    (records,) = [s for s in found.adam.steps if (s.dataset, s.kind) == ("ADSL", "records")]
    assert records.blocks == ()
    assert {"ADSL.DIAFL", "ADVS.SYSFL"} <= void(found.adam)


def test_a_parameter_that_is_lost_costs_what_names_its_code_and_nothing_else(plans):
    found = plans("adam/advs", 'where: VSTESTCD EQ "DIABP"', 'where: VSTESTCDD EQ "DIABP"')
    assert "ADSL.DIAFL" in void(found.adam)
    assert not {"ADSL.HIGHFL", "ADVS.SYSFL", "ADVS.ABSFL"} & void(found.adam)
