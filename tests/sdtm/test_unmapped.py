"""What cannot be mapped is told of the raw form, before anything is built."""

import pandas as pd
import pytest

from datacut.errors import Findings
from datacut.sdtm.unmapped import check_unmapped, range_columns
from datacut.spec.load import load_specs

SPECS = {
    "study": """
        study: S1
        title: A study
        protocol: S1
        standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
        systems:
          edc:
            label: Data capture
            columns:
              SUBJID: {label: Subject}
              VISIT: {label: Visit, codelist: VISIT}
            subject: SUBJID
            visit: VISIT
        visits:
          BL: {visit: Baseline, visitnum: 1}
          D7: {visit: Day 7, visitnum: 2}
        """,
    "codelists": """
        codelists:
          NY: {name: No Yes, terms: [{value: Y, collected: ["Yes"]}, {value: N, collected: ["No"]}]}
          UNIT: {name: Unit, code: C71620, terms: [{value: g/L}, {value: 10^9/L}]}
          VISIT: {name: Visit, terms: [{value: Baseline, collected: [B]}]}
        """,
    "crf/lb": """
        form: lb
        label: Laboratory
        repeats: visit
        visits: [BL]
        fields:
          DONE: {label: Done, type: choice, codelist: NY}
          DAT: {label: Date, type: date, format: d-mmm-y}
          TIM: {label: Time, type: time, format: "H:M"}
          ALT: {label: ALT, type: number}
          ALT_U: {label: Unit, type: choice, codelist: UNIT}
          ALT_LO: {label: Lower limit}
          ALT_HI: {label: Upper limit}
          NOTE: {label: Remark, codelist: NY, not_submitted: a remark}
        """,
    "crf/own": """
        form: own
        label: Of the site
        not_submitted: no data of the study
        fields:
          DONE: {label: Done, type: choice, codelist: NY}
        """,
    "sdtm/lb": """
        dataset: LB
        keys: [STUDYID, USUBJID]
        records:
          - from: raw.lb
            set:
              _LOW: assign(ALT_LO)
              LBORNRHI: assign(ALT_HI)
              LBORRES: assign(ALT)
        variables:
          LBORNRLO: derive_var_coalesce([_LOW])
          LBORRES: {origin: Collected}
        """,
}


@pytest.fixture
def specs(study):
    return load_specs(study(SPECS))


@pytest.fixture
def told(specs):
    def of(form="lb", **columns):
        """(rule, where, value) of what is told of rows that are without fault but for these columns."""
        sound = {"SUBJID": "1", "VISIT": "Baseline", **dict.fromkeys(specs.forms[form].fields)}
        size = max(len(values) for values in columns.values())
        frames = {f"raw.{f}": frame(specs, f, {}, 0) for f in specs.forms}
        frames[f"raw.{form}"] = frame(specs, form, {**sound, **columns}, size)
        findings = Findings()
        check_unmapped(specs, frames, findings)
        return [(f.rule, str(f.where), f.value) for f in findings]

    return of


def frame(specs, form, cells, size):
    names = [*specs.columns(specs.forms[form])]
    made = pd.DataFrame({n: cells.get(n) for n in names}, index=range(size), dtype="str")
    return made.assign(_row=range(2, size + 2), _rid=range(2, size + 2), _file=f"raw/c/{form}.csv")


def test_collected_spellings_and_blanks_are_known(told):
    assert told(DONE=["Yes", "no", "Y", None], ALT_U=["g/L", "×10⁹/L", None, "10^9/L"]) == []


def test_a_code_outside_its_codelist_is_told_on_each_row(told):
    assert told(DONE=["Yes", "Perhaps", "Perhaps"]) == [
        ("sdtm.codelist", "raw/c/lb.csv:3:DONE", "Perhaps"),
        ("sdtm.codelist", "raw/c/lb.csv:4:DONE", "Perhaps"),
    ]


def test_a_unit_that_no_term_is(told):
    assert told(ALT_U=["g/L", "furlong"]) == [("sdtm.codelist", "raw/c/lb.csv:3:ALT_U", "furlong")]


def test_dates_that_are_partial_are_read_and_impossible_ones_told(told):
    assert told(DAT=["01-FEB-2026", "UN-FEB-2026", "31-FEB-2026", None]) == [
        ("sdtm.date", "raw/c/lb.csv:4:DAT", "31-FEB-2026")
    ]


def test_times_are_read_without_their_date(told):
    assert told(TIM=["08:30", "25:00", None]) == [("sdtm.date", "raw/c/lb.csv:3:TIM", "25:00")]


def test_a_visit_that_nobody_knows_and_one_at_which_the_form_is_not_planned(told):
    assert told(VISIT=["B", "Unscheduled 1.01", "Day 9", "Day 7"]) == [
        ("sdtm.visit", "raw/c/lb.csv:4:VISIT", "Day 9"),
        ("sdtm.visit.form", "raw/c/lb.csv:5:VISIT", "Day 7"),
    ]


def test_what_is_not_submitted_does_not_count(told):
    assert told(NOTE=["Perhaps"]) == []
    assert told("own", DONE=["Perhaps"]) == []


def test_limits_of_ranges_are_found_over_a_working_variable(specs):
    assert range_columns(specs) == {"lb": frozenset({"ALT_LO", "ALT_HI"})}
