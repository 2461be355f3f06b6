"""Conditions and settings that cannot be meant are refused before data, at their line, with a remedy that is safe."""

import pytest

from datacut.errors import SpecError
from datacut.pipeline.verbs import make_registry
from datacut.spec.accounting import check_settings_read
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

SPECS = {
    "study": """
        study: S1
        title: A study
        protocol: S1
        standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
        settings:
          hot: {value: 38, source: protocol, text: Fever from here on}
          policy: {value: first, alternatives: [first, last], source: protocol, text: Which of two}
          digits: {value: "1", alternatives: ["1", "2.0"], source: protocol, text: Decimals}
        systems:
          edc:
            label: Data capture
            subject: SUBJID
            columns:
              SUBJID: {label: Subject}
        """,
    "crf/vs": """
        form: vs
        label: Vital signs
        fields:
          VSDAT: {label: Date, type: date, format: d-mmm-y}
          TEMP: {label: Temperature, type: number}
          POS: {label: Position}
        """,
    "sdtm/vs": """
        dataset: VS
        keys: [USUBJID]
        records:
          - from: raw.vs
            where: TEMP GE $hot
        variables:
          USUBJID: assign(SUBJID)
          VSORRES: assign(TEMP)
          VSSTRESN: derive_var_number(VSORRES, told=false)
          VSDTC: assign_datetime(VSDAT)
          VSPOS: {where: POS NOT MISSING, derive: assign(POS)}
          _FEVER: {where: VSSTRESN GE $hot, derive: derive_var_constant("$policy")}
        """,
}


def findings(study, *changes):
    specs = dict(SPECS)
    for file, old, new in changes:
        assert specs[file].count(old) == 1
        specs[file] = specs[file].replace(old, new)
    root = study(specs)
    found = bind_specs(load_specs(root), make_registry(root)).findings
    return [(f.rule, str(f.where), f.remedy) for f in found]


def test_numbers_are_compared_with_numbers(study):
    assert findings(study) == []


@pytest.mark.parametrize(
    ("change", "line", "remedy"),
    [
        (("sdtm/vs", "where: TEMP GE $hot", "where: TEMP GE '38'"), 5, "a number, without quotes"),
        (("sdtm/vs", "where: TEMP GE $hot", "where: TEMP EQ $policy"), 5, "a number, without quotes"),
        (("sdtm/vs", "where: TEMP GE $hot", "where: POS GE 38"), 5, "type: number"),
        (("sdtm/vs", "where: TEMP GE $hot", "where: VSDAT GE '2026-01-31'"), 5, "--DTC"),
        (("sdtm/vs", "where: POS NOT MISSING", "where: POS IN ($hot)"), 11, "a code in quotes"),
        (("sdtm/vs", "where: VSSTRESN GE $hot", "where: VSORRES GE $hot"), 12, "a column of numbers"),
        (("sdtm/vs", "where: VSSTRESN GE $hot", "where: VSDTC GE VSPOS"), 12, "no order"),
        (("sdtm/vs", "where: VSSTRESN GE $hot", "where: VSDTC GT 5"), 12, "2026-01-31"),
        (("crf/vs", "TEMP: {label: Temperature, type: number}", "TEMP: {label: Temperature}"), 5, "type: number"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_refused_at_its_line(study, change, line, remedy):
    (found,) = findings(study, change)
    assert found[:2] == ("spec.condition", f"specs/sdtm/vs.yml:{line}")
    assert remedy in found[2]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("value: first", "value: whatever", 7), ('value: "1"', "value: 1.5", 8), ('value: "1"', "value: [1, 3]", 8)],
)
def test_a_value_outside_the_alternatives_is_refused_at_its_line(study, old, new, line):
    with pytest.raises(SpecError) as refused:
        findings(study, ("study", old, new))
    assert [(f.rule, str(f.where)) for f in refused.value.findings] == [("spec.setting", f"specs/study.yml:{line}")]


def test_alternatives_are_numbers_where_the_value_is_one(study):
    assert findings(study, ("study", 'value: "1"', "value: 2")) == []


def test_when_asks_for_a_value_that_the_setting_can_have(study):
    with pytest.raises(SpecError) as refused:
        findings(study, ("sdtm/vs", "VSPOS: {where", "VSPOS: {when: {policy: frist}, where"))
    (found,) = refused.value.findings
    assert (str(found.where), found.remedy) == ("specs/sdtm/vs.yml:11", "Did you mean first?")


def test_a_setting_that_its_call_cannot_take_is_told_at_its_own_line_and_costs_the_variable(study):
    call = 'VSSTRESN: "derive_var_number(VSORRES, told=false)"'
    change = ("sdtm/vs", "VSSTRESN: derive_var_number(VSORRES, told=false)", "VSSTRESN: hardcode_number($policy)")
    assert call.split(":")[0] in SPECS["sdtm/vs"]
    assert findings(study, change) == [("spec.setting", "specs/study.yml:7", "Write a number.")]


def test_a_setting_that_nothing_reads_is_told(study):
    root = study(SPECS)
    specs = load_specs(root)
    plans = bind_specs(specs, make_registry(root))
    found = check_settings_read(specs, (plans.sdtm, plans.adam))
    assert [(str(f.where), f.value) for f in found] == [("specs/study.yml:8", "digits")]
