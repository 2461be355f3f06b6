"""Every family of the library on five subjects, as a page of text; each number below was counted by hand.

Escalation at 3.0: subjects 1 and 2; expansion at 3.0: 3; escalation at 6.0: 4 and 5. Nobody at 4.5.
"""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest

from datacut.ard.build import build_ard
from datacut.pipeline.verbs import make_registry
from datacut.spec.load import Specs, load_specs
from datacut.spec.output import OutputSpec
from datacut.spec.registry import Registry
from datacut.tlf.build import build_output

ROOT = Path(__file__).parents[2]
LOW, HIGH = "3.0 x 10^8 cells", "6.0 x 10^8 cells"

type Page = Callable[..., str]


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(ROOT)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry(ROOT)


def adsl() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USUBJID": ["1", "2", "3", "4", "5"],
            "SUBJID": ["101", "102", "103", "104", "105"],
            "COHORT": ["ESC", "ESC", "EXP", "ESC", "ESC"],
            "TRT01A": [LOW, LOW, LOW, HIGH, HIGH],
            "TRT01AN": [3.0, 3.0, 3.0, 6.0, 6.0],
            "TRT01P": [LOW, LOW, LOW, HIGH, HIGH],
            "TRT01PN": [3.0, 3.0, 3.0, 6.0, 6.0],
            "FUPDUR": [365.25, 365.25, 730.5, 0.0, 365.25],
        }
    ).assign(**dict.fromkeys(("SAFFL", "EFFFL", "CKFL", "PDFL", "ENRLFL", "DLTEVLFL", "SCRFL"), "Y"))


@pytest.fixture
def page(specs: Specs, registry: Registry) -> Page:
    """The body of an output as text: label, then the cells of each column, blank columns left out."""

    def build(frames: dict[str, pd.DataFrame], subjects: pd.DataFrame | None = None, **keys: object) -> str:
        base = {"output": "t", "number": "Table 1", "title": "T", "population": "SAF"}
        spec = OutputSpec.model_validate({**base, **keys})
        data = {"ADSL": adsl() if subjects is None else subjects, **frames}
        made = build_ard(spec, specs.library, specs.study, data, registry, specs.codelists)
        shown = build_output(made.spec, specs.library, specs.study, made.ard, made.records).display
        lines = []
        for section in shown.sections:
            lines += [section.byline] if section.byline else []
            lines += [
                " / ".join((" " * 2 * row.indent + row.cells[0], *row.cells[1:])).rstrip() for row in section.rows
            ]
        heads = " / ".join(" ".join(c.header) for c in shown.columns[1:])
        return "\n".join([heads, *lines]) if lines else shown.empty_text

    return build


def records(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split())
    return frame.astype({c: "str" if frame[c].dropna().map(type).eq(str).all() else "Float64" for c in frame.columns})


def show(text: str) -> str:
    return dedent(text).strip()


SEEN = {"variable": "AVISIT", "order": "AVISITN", "window": "efficacy", "omit": ["Baseline"], "seen": "true"}


def responses() -> pd.DataFrame:
    """Month 1: 1 responds, 2 does not, 3 was missed, 4 responds; 5 has not reached it."""
    observed = {"1": "Y", "2": "N", "3": None, "4": "Y"}
    rows = []
    for subject, value in observed.items():
        rows.append((subject, "SRI4", "SRI-4", 1, "Month 1", 13, None, value))
        rows.append((subject, "SRI4", "SRI-4", 1, "Month 1", 13, "NRI", value or "N"))
    frame = records("USUBJID PARAMCD PARAM PARAMN AVISIT AVISITN DTYPE AVALC", *rows)
    return frame.assign(ADT=pd.Series(pd.Timestamp("2026-03-01"), index=frame.index).where(frame["USUBJID"] != "3"))


def response(page: Page, template: str, **keys: object) -> str:
    values = {"select": 'PARAMCD EQ "SRI4"', "columns": "C-ALL"}
    return page({"ADEFF": responses()}, template=template, by=SEEN, **{"with": values}, **keys)


def test_response_with_non_responder_imputation(page: Page) -> None:
    assert response(page, "response_nri") == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Month 1 /  /  /
          Visit reached / 3 / 1 / 4
          Responders, n/m (%) / 1/3 (33.3%) / 1/1 (100%) / 2/4 (50.0%)
          95% CI / (0.8, 90.6) / (2.5, 100.0) / (6.8, 93.2)
          Without an observed response, n / 1 / 0 / 1
          Not yet reached, n / 0 / 1 / 1
        """
    )


def test_response_observed(page: Page) -> None:
    assert response(page, "response_observed") == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Month 1 /  /  /
          Evaluable, n / 2 / 1 / 3
          Responders, n/m (%) / 1/2 (50.0%) / 1/1 (100%) / 2/3 (66.7%)
          95% CI / (1.3, 98.7) / (2.5, 100.0) / (9.4, 99.2)
          Non-responders, n / 1 / 0 / 1
          Not assessed, n / 1 / 0 / 1
          Not yet reached, n / 0 / 1 / 1
        """
    )


def test_a_visit_nobody_reached(page: Page) -> None:
    text = page({"ADEFF": responses()}, template="response_nri", **{"with": {"select": "AVALC NOT MISSING"}})
    later = text[text.index("Month 12") :].splitlines()
    assert [line.split(" / ")[-1] for line in later[1:]] == ["0", "0/0", "NE", "0", "5"]


def test_components(page: Page) -> None:
    text = page({"ADEFF": responses()}, template="components", **{"with": {"select": 'PARAMCD EQ "SRI4"'}})
    assert text == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Month 1 /  /  /
          SRI-4 / 1/2 (50.0%) / 1/1 (100%) / 2/3 (66.7%)
        """
    )


def events() -> pd.DataFrame:
    """Blood in three subjects, skin in two; itch and rash in one each; one event has no code, one no grade."""
    return records(
        "USUBJID AEBODSYS AEDECOD AETERM ATOXGRN AOCCIFL AOCCPIFL",
        ("1", "Skin", "RASH", "rash", 1, None, None),
        ("1", "Skin", "RASH", "rash", 3, "Y", "Y"),
        ("1", "Blood", "ANAEMIA", "anaemia", 2, None, "Y"),
        ("2", "Blood", None, "odd", 4, "Y", "Y"),
        ("4", "Skin", "ITCH", "itch", 1, "Y", "Y"),
        ("5", "Blood", "ANAEMIA", "anaemia", None, "Y", "Y"),
    )


def terms(page: Page, template: str) -> str:
    values = {"select": "USUBJID NOT MISSING", "columns": "C-ALL", "any": "Any event"}
    return page({"ADAE": events()}, template=template, **{"with": values})


def test_terms_by_frequency_ties_by_name_uncoded_last(page: Page) -> None:
    assert terms(page, "soc_pt") == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Any event / 2 (66.7%) [4] / 2 (100%) [2] / 4 (80.0%) [6]
        Blood / 2 (66.7%) [2] / 1 (50.0%) [1] / 3 (60.0%) [3]
          Anaemia / 1 (33.3%) [1] / 1 (50.0%) [1] / 2 (40.0%) [2]
          Uncoded: odd / 1 (33.3%) [1] / 0 / 1 (20.0%) [1]
        Skin / 1 (33.3%) [2] / 1 (50.0%) [1] / 2 (40.0%) [3]
          Itch / 0 / 1 (50.0%) [1] / 1 (20.0%) [1]
          Rash / 1 (33.3%) [2] / 0 / 1 (20.0%) [2]
        """
    )


def test_criteria_of_seriousness_after_the_first_row(page: Page) -> None:
    """Subject 1 has an event that is life-threatening and took her to hospital, 4 a medically important one."""
    criteria = ["AESDTH", "AESLIFE", "AESHOSP", "AESDISAB", "AESCONG", "AESMIE"]
    serious = records(
        f"USUBJID AEBODSYS AEDECOD AETERM {' '.join(criteria)}",
        ("1", "Skin", "RASH", "rash", "N", "Y", "Y", "N", "N", "N"),
        ("4", "Blood", "ANAEMIA", "anaemia", "N", "N", "N", "N", "N", "Y"),
    )
    values = {"select": "USUBJID NOT MISSING", "columns": "C-TOTAL", "any": "Any serious event"}
    assert page({"ADAE": serious}, template="soc_pt_serious", **{"with": values}) == show(
        """
        Total (N=5)
        Any serious event / 2 (40.0%) [2]
          Results in death / 0
          Is life-threatening / 1 (20.0%) [1]
          Requires or prolongs hospitalisation / 1 (20.0%) [1]
          Disability or incapacity / 0
          Congenital anomaly or birth defect / 0
          Other medically important event / 1 (20.0%) [1]
        Blood / 1 (20.0%) [1]
          Anaemia / 1 (20.0%) [1]
        Skin / 1 (20.0%) [1]
          Rash / 1 (20.0%) [1]
        """
    )


def test_columns_by_response_and_reaction(page: Page) -> None:
    """1 responds at month 6, 2 does not, the others have not reached it; 1 had CRS of grade 1 and 3, 4 of grade 1."""
    month_6 = [(s, "SRI4", "NRI", "Month 6", v) for s, v in (("1", "Y"), ("2", "N"))]
    crs = records(
        "USUBJID PARAMCD AVAL AOCCIFL", ("1", "CRSEP", 1, None), ("1", "CRSEP", 3, "Y"), ("4", "CRSEP", 1, "Y")
    )
    frames = {"ADEFF": records("USUBJID PARAMCD DTYPE AVISIT AVALC", *month_6), "ADCRS": crs}
    text = page(frames, population="CK", columns="C-RESP", analyses=[{"label": "All", "call": "ard_count_subjects"}])
    assert text == show(
        """
        Responder (N=1) / Non-responder (N=1) / Not reached (N=3) / 0 (N=3) / 1 (N=1) / ≥ 2 (N=1)
        All / 1 (100%) / 1 (100%) / 3 (100%) / 3 (100%) / 1 (100%) / 1 (100%)
        """
    )


def test_terms_alone_from_a_percentage(page: Page) -> None:
    values = {"select": "USUBJID NOT MISSING", "columns": "C-ALL", "any": "Any event", "least": "40"}
    assert page({"ADAE": events()}, template="pt", **{"with": values}) == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Any event / 2 (66.7%) [4] / 2 (100%) [2] / 4 (80.0%) [6]
        Anaemia / 1 (33.3%) [1] / 1 (50.0%) [1] / 2 (40.0%) [2]
        """
    )


def test_subjects_and_events_in_sub_columns(page: Page) -> None:
    assert terms(page, "soc_pt_events") == show(
        """
        n (%) / E / n (%) / E / n (%) / E
        Any event / 2 (66.7%) / 4 / 2 (100%) / 2 / 4 (80.0%) / 6
        Blood / 2 (66.7%) / 2 / 1 (50.0%) / 1 / 3 (60.0%) / 3
          Anaemia / 1 (33.3%) / 1 / 1 (50.0%) / 1 / 2 (40.0%) / 2
          Uncoded: odd / 1 (33.3%) / 1 / 0 / 0 / 1 (20.0%) / 1
        Skin / 1 (33.3%) / 2 / 1 (50.0%) / 1 / 2 (40.0%) / 3
          Itch / 0 / 0 / 1 (50.0%) / 1 / 1 (20.0%) / 1
          Rash / 1 (33.3%) / 2 / 0 / 0 / 1 (20.0%) / 2
        """
    )


def test_any_grade_and_grade_3_have_the_same_rows(page: Page) -> None:
    assert terms(page, "soc_pt_severe") == show(
        """
        Any grade / Grade ≥ 3 / Any grade / Grade ≥ 3 / Any grade / Grade ≥ 3
        Any event / 2 (66.7%) / 2 (66.7%) / 2 (100%) / 0 / 4 (80.0%) / 2 (40.0%)
        Blood / 2 (66.7%) / 1 (33.3%) / 1 (50.0%) / 0 / 3 (60.0%) / 1 (20.0%)
          Anaemia / 1 (33.3%) / 0 / 1 (50.0%) / 0 / 2 (40.0%) / 0
          Uncoded: odd / 1 (33.3%) / 1 (33.3%) / 0 / 0 / 1 (20.0%) / 1 (20.0%)
        Skin / 1 (33.3%) / 1 (33.3%) / 1 (50.0%) / 0 / 2 (40.0%) / 1 (20.0%)
          Itch / 0 / 0 / 1 (50.0%) / 0 / 1 (20.0%) / 0
          Rash / 1 (33.3%) / 1 (33.3%) / 0 / 0 / 1 (20.0%) / 1 (20.0%)
        """
    )


def test_each_subject_once_at_the_maximum_grade(page: Page) -> None:
    assert terms(page, "soc_pt_grade") == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Any event / 2 (66.7%) / 2 (100%) / 4 (80.0%)
          Grade 1-2 / 0 / 1 (50.0%) / 1 (20.0%)
          Grade 3 / 1 (33.3%) / 0 / 1 (20.0%)
          Grade 4 / 1 (33.3%) / 0 / 1 (20.0%)
          Missing / 0 / 1 (50.0%) / 1 (20.0%)
        Blood / 2 (66.7%) / 1 (50.0%) / 3 (60.0%)
          Anaemia / 1 (33.3%) / 1 (50.0%) / 2 (40.0%)
            Grade 1-2 / 1 (33.3%) / 0 / 1 (20.0%)
            Missing / 0 / 1 (50.0%) / 1 (20.0%)
          Uncoded: odd / 1 (33.3%) / 0 / 1 (20.0%)
            Grade 4 / 1 (33.3%) / 0 / 1 (20.0%)
        Skin / 1 (33.3%) / 1 (50.0%) / 2 (40.0%)
          Itch / 0 / 1 (50.0%) / 1 (20.0%)
            Grade 1-2 / 0 / 1 (50.0%) / 1 (20.0%)
          Rash / 1 (33.3%) / 0 / 1 (20.0%)
            Grade 3 / 1 (33.3%) / 0 / 1 (20.0%)
        """
    )


def test_occurrence(page: Page) -> None:
    given = records("USUBJID CLASS DRUG", ("1", "B", "X"), ("1", "B", "Y"), ("2", "A", "Z"), ("3", "B", "X"))
    values = {"dataset": "ADCM", "select": "USUBJID NOT MISSING", "terms": "CLASS, DRUG", "any": "Any drug"}
    assert page({"ADCM": given}, template="occurrence", **{"with": values}) == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Any drug / 3 (100%) / 0 / 3 (60.0%)
        B / 2 (66.7%) / 0 / 2 (40.0%)
          X / 2 (66.7%) / 0 / 2 (40.0%)
          Y / 1 (33.3%) / 0 / 1 (20.0%)
        A / 1 (33.3%) / 0 / 1 (20.0%)
          Z / 1 (33.3%) / 0 / 1 (20.0%)
        """
    )


def grades() -> pd.DataFrame:
    """1 goes from A to D, 2 stays at A, 3 has no grade at baseline and C later."""
    return records("USUBJID BASEC AVALC", ("1", "A", "D"), ("2", "A", "A"), ("3", None, "C"))


def test_shift_of_all_subjects_and_of_each_dose(page: Page) -> None:
    levels = {level: level for level in "ACD"}
    values = {
        "dataset": "ADBILAG",
        "select": "USUBJID NOT MISSING",
        "baseline": "BASEC",
        "value": "AVALC",
        "levels": '"A": "A", "C": "C", "D": "D"',
        "columns": "C-TOTAL",
    }
    subs = {**levels, "missing": "Missing", "total": "Total"}
    assert page({"ADBILAG": grades()}, template="shift", subcolumns=subs, **{"with": values}) == show(
        """
        A / C / D / Missing / Total
        A / 1 (50.0%) / 0 / 1 (50.0%) / 0 / 2 (100%)
        C / 0 / 0 / 0 / 0 / 0
        D / 0 / 0 / 0 / 0 / 0
        Missing / 0 / 1 / 0 / 0 / 1
        Total / 1 (50.0%) / 0 / 1 (50.0%) / 0 / 2 (100%)
        """
    )
    call = 'ard_shift(BASEC, AVALC, seen=true, levels={"A": "A", "C": "C", "D": "D"})'
    analyses = [{"call": call, "under": "Low"}]
    text = page({"ADBILAG": grades()}, dataset="ADBILAG", columns="C-SHIFT", subcolumns=subs, analyses=analyses)
    assert text == show(
        """
        A / C / D / Missing / Total
        Low /  /  /  /  /
          3.0 × 10⁸ cells (N=3) /  /  /  /  /
            A / 1 (50.0%) / 0 / 1 (50.0%) / 0 / 2 (100%)
            Missing / 0 / 1 / 0 / 0 / 1
            Total / 1 (50.0%) / 0 / 1 (50.0%) / 0 / 2 (100%)
          6.0 × 10⁸ cells (N=2) /  /  /  /  /
            A / 0 / 0 / 0 / 0 / 0
            Missing / 0 / 0 / 0 / 0 / 0
            Total / 0 / 0 / 0 / 0 / 0
          Total (N=5) /  /  /  /  /
            A / 1 (50.0%) / 0 / 1 (50.0%) / 0 / 2 (100%)
            Missing / 0 / 1 / 0 / 0 / 1
            Total / 1 (50.0%) / 0 / 1 (50.0%) / 0 / 2 (100%)
        """
    )


def test_times_to_an_event(page: Page) -> None:
    """Of three at 3.0, events at 10 and 30, censored at 20: survival 2/3 from 10 on, 0 from 30 on."""
    times = records(
        "USUBJID PARAMCD PARAM PARAMN AVAL CNSR",
        ("1", "TT", "Time (days)", 1, 10, 0),
        ("2", "TT", "Time (days)", 1, 20, 1),
        ("3", "TT", "Time (days)", 1, 30, 0),
        ("4", "TT", "Time (days)", 1, 5, 1),
    )
    values = {"select": "PARAMCD NOT MISSING", "times": '"15": "Day 15"'}
    assert page({"ADTTE": times}, template="km", **{"with": values}) == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Parameter: Time (days)
        Events, n/m (%) / 2/3 (66.7%) / 0/1 / 2/4 (50.0%)
        Censored, n/m (%) / 1/3 (33.3%) / 1/1 (100%) / 2/4 (50.0%)
        25th percentile / 10 / NE / 10
        Median (95% CI) / 30 (10, NE) / NE / 30 (10, NE)
        75th percentile / 30 / NE / 30
        Event-free /  /  /
          Day 15 /  /  /
            At risk / 2 / 0 / 2
            Rate, % (95% CI) / 66.7 (5.4, 94.5) / NE / 66.7 (5.4, 94.5)
        """
    )


def test_kinetics_statistics_across_and_below_the_limit_only(page: Page) -> None:
    """At 3.0 the values are 1000 and, below 50, 25; at 6.0 one below 50."""
    copies = records(
        "USUBJID PARAMCD AVISIT AVISITN AVAL BLQFL ALQFL ANL01FL",
        ("1", "CARCOPY", "Day 7", 9, 1000, None, None, "Y"),
        ("2", "CARCOPY", "Day 7", 9, None, "Y", None, "Y"),
        ("4", "CARCOPY", "Day 7", 9, None, "Y", None, "Y"),
    )
    values = {"select": 'PARAMCD EQ "CARCOPY"'}
    assert page({"ADPC": copies}, template="kinetics", population="CK", **{"with": values}).splitlines()[-4:] == [
        "3.0 × 10⁸ cells (N=3) /  /  /  /  /  /  /  /  /  /",
        "  Day 7 / 2 / 1 / 513 / 689 / 158 / 1000 / 3000.6 / 513 / 25.0 / 1000",
        "6.0 × 10⁸ cells (N=2) /  /  /  /  /  /  /  /  /  /",
        "  Day 7 / 1 / 0 / 25.0 / - / BLQ / - / - / 25.0 / 25.0 / 25.0",
    ]


def test_scores_of_two_one_and_no_value(page: Page) -> None:
    scores = records(
        "USUBJID PARAMCD AVISIT AVISITN AVAL CHG ANL01FL",
        ("1", "S", "Baseline", 0, 10, None, "Y"),
        ("2", "S", "Baseline", 0, 8, None, "Y"),
        ("1", "S", "Month 1", 13, 4, -6, "Y"),
    )
    values = {"dataset": "ADQS", "select": 'PARAMCD EQ "S"', "digits": "0", "seen": "true"}
    text = page({"ADQS": scores}, template="score", **{"with": values})
    low = [" / ".join(line.split(" / ")[:3]).rstrip(" /") for line in text.splitlines()]
    assert "\n".join(low) == show(
        """
        Observed / Change from baseline / Observed
        Baseline
          n / 2
          Mean (SD) / 9.0 (1.41)
          95% CI / -
          Median / 9.0
          Q1; Q3 / 8.0; 10.0
          Min; Max / 8; 10
        Month 1
          n / 1 / 1
          Mean (SD) / 4.0 (-) / -6.0 (-)
          95% CI / - / -
          Median / 4.0 / -6.0
          Q1; Q3 / 4.0; 4.0 / -6.0; -6.0
          Min; Max / 4; 4 / -6; -6
        """
    )
    high = [line.split(" / ")[3:5] for line in text.splitlines()[2:8]]
    assert high == [["0", ""], *[["", ""]] * 5]


def test_parameters_with_their_statistics_across(page: Page) -> None:
    """Q has two decimals and no change; day 28 of subject 5 is not analysed, month 2 nobody has."""
    scores = records(
        "USUBJID PARAMCD PARAM PARAMN AVISIT AVISITN AVAL CHG AVALDP ANL01FL",
        ("1", "P", "P (U/L)", 1, "Baseline", 0, 10, None, 0, "Y"),
        ("2", "P", "P (U/L)", 1, "Baseline", 0, 8, None, 0, "Y"),
        ("1", "P", "P (U/L)", 1, "Day 28", 13, 4, -6, 0, "Y"),
        ("5", "P", "P (U/L)", 1, "Day 28", 13, 7, 1, 0, None),
        ("5", "P", "P (U/L)", 1, "Day 1", 7, 7, 1, 0, "Y"),
        ("4", "Q", "Q (mmol/L)", 2, "Baseline", 0, 1.25, None, 2, "Y"),
    )
    values = {"dataset": "ADLB", "select": "PARAMCD NOT MISSING", "omit": "Day 1, Day 4"}
    text = page({"ADLB": scores}, template="score_parameters", **{"with": values})
    assert text == show(
        """
        n / Mean (SD) / Median / Q1; Q3 / Min; Max / n / Mean (SD) / Median / Q1; Q3 / Min; Max
        Parameter: P (U/L)
        3.0 × 10⁸ cells (N=3) /  /  /  /  /  /  /  /  /  /
          Baseline / 2 / 9.0 (1.41) / 9.0 / 8.0; 10.0 / 8; 10 /  /  /  /  /
          Day 28 / 1 / 4.0 (-) / 4.0 / 4.0; 4.0 / 4; 4 / 1 / -6.0 (-) / -6.0 / -6.0; -6.0 / -6; -6
        6.0 × 10⁸ cells (N=2) /  /  /  /  /  /  /  /  /  /
          Baseline / 0 /  /  /  /  /  /  /  /  /
          Day 28 / 0 /  /  /  /  / 0 /  /  /  /
        Total (N=5) /  /  /  /  /  /  /  /  /  /
          Baseline / 2 / 9.0 (1.41) / 9.0 / 8.0; 10.0 / 8; 10 /  /  /  /  /
          Day 28 / 1 / 4.0 (-) / 4.0 / 4.0; 4.0 / 4; 4 / 1 / -6.0 (-) / -6.0 / -6.0; -6.0 / -6; -6
        Parameter: Q (mmol/L)
        3.0 × 10⁸ cells (N=3) /  /  /  /  /  /  /  /  /  /
          Baseline / 0 /  /  /  /  /  /  /  /  /
        6.0 × 10⁸ cells (N=2) /  /  /  /  /  /  /  /  /  /
          Baseline / 1 / 1.250 (-) / 1.250 / 1.250; 1.250 / 1.25; 1.25 /  /  /  /  /
        Total (N=5) /  /  /  /  /  /  /  /  /  /
          Baseline / 1 / 1.250 (-) / 1.250 / 1.250; 1.250 / 1.25; 1.25 /  /  /  /  /
        """
    )


def test_demographics_with_a_missing_category_and_two_one_and_no_value(page: Page) -> None:
    """Ages 20, 30, 40 and 66: squared deviations from 39 add up to 1172."""
    subjects = adsl().assign(
        AGE=[20.0, 30.0, 40.0, 66.0, None],
        AGEGR1=["<40", "<40", "40-64", ">=65", None],
        SEX="F",
        RACE="ASIAN",
        ETHNIC="NOT HISPANIC OR LATINO",
        HEIGHTBL=[160.0, None, None, None, None],
        WEIGHTBL=[50.0, 60.0, None, None, None],
        BMIBL=pd.Series([None] * 5, dtype="float64"),
    )
    assert page({}, subjects, template="demographics", **{"with": {"columns": "C-TOTAL"}}) == show(
        """
        Total (N=5)
        Age (years) /
          n / 4
          Mean (SD) / 39.0 (19.77)
          Median / 35.0
          Q1; Q3 / 25.0; 53.0
          Min; Max / 20; 66
        Age group (years), n (%) /
          <40 / 2 (40.0%)
          40-64 / 1 (20.0%)
          ≥65 / 1 (20.0%)
          Missing / 1 (20.0%)
        Sex, n (%) /
          Female / 5 (100%)
          Male / 0
        Race, n (%) /
          Asian / 5 (100%)
        Ethnicity, n (%) /
          Not Hispanic or Latino / 5 (100%)
        Height (cm) /
          n / 1
          Mean (SD) / 160.0 (-)
          Median / 160.0
          Q1; Q3 / 160.0; 160.0
          Min; Max / 160; 160
        Weight (kg) /
          n / 2
          Mean (SD) / 55.00 (7.071)
          Median / 55.00
          Q1; Q3 / 50.00; 60.00
          Min; Max / 50.0; 60.0
        Body mass index (kg/m²) /
          n / 0
          Mean (SD) /
          Median /
          Q1; Q3 /
          Min; Max /
        """
    )


def test_episodes_of_a_reaction(page: Page) -> None:
    """1 has an episode of grade 1, then one of grade 3 that goes on; 4 has one of grade 2; 5 has none."""
    episodes = records(
        "USUBJID PARAMCD EPNUM AVAL ASTDY ADURN ONGOFL AOCCIFL TTPEAK RECURFL",
        ("1", "CRSEP", 1, 1, 3, 2, None, None, 0, "Y"),
        ("1", "CRSEP", 2, 3, 10, 5, "Y", "Y", 1, "Y"),
        ("4", "CRSEP", 1, 2, 5, 4, None, "Y", 0, None),
    )
    events = records(
        "USUBJID WORST AEOUT",
        ("1", "Y", "NOT RECOVERED/NOT RESOLVED"),
        ("1", None, "RECOVERED/RESOLVED"),
        ("4", "Y", "RECOVERED/RESOLVED"),
        ("5", "Y", "FATAL"),
    )
    values = {"code": "CRSEP", "name": "CRS", "worst": 'WORST EQ "Y"'}
    frames = {"ADCRS": episodes, "ADAE": events}
    assert page(frames, template="episodes", columns="C-TOTAL", **{"with": values}) == show(
        """
        Total (N=5)
        Subjects with CRS /
          n (%) / 2 (40.0%)
          95% CI / (5.3, 85.3)
        Maximum grade, n (%) /
          Grade 1 / 0
          Grade 2 / 1 (20.0%)
          Grade 3 / 1 (20.0%)
          Grade 4 / 0
          Grade 5 / 0
        Episodes / 3
        Onset of the first episode (study day) /
          n / 2
          Mean (SD) / 4.0 (1.41)
          Median / 4.0
          Q1; Q3 / 3.0; 5.0
          Min; Max / 3; 5
        Duration (days, episodes) /
          n / 3
          Median (min; max) / 4 (2; 5+)
        Days to the maximum grade (worst episode) /
          n / 2
          Mean (SD) / 0.5 (0.71)
          Median / 0.5
          Q1; Q3 / 0.0; 1.0
          Min; Max / 0; 1
        More than one episode, n/m (%) / 1/2 (50.0%)
        Ongoing at the cut-off, n/m (%) / 1/2 (50.0%)
        Outcome of the event of the highest grade, n (% of those with CRS) /
          Recovered / 1 (50.0%)
          Recovered with sequelae / 0
          Recovering / 0
          Not recovered / 1 (50.0%)
          Fatal / 0
          Unknown / 0
        """
    )


def test_a_listing_with_tests_across_and_two_results_of_one(page: Page) -> None:
    results = records(
        "USUBJID PARAMCD AVISIT AVISITN AVAL",
        ("1", "HGB", "Day 7", 9, 100),
        ("1", "WBC", "Day 7", 9, 5),
        ("1", "WBC", "Day 7", 9, 6),
        ("2", "HGB", "Day 7", 9, 120),
    )
    columns = {
        "visit": {"label": "Visit", "call": "ard_value(AVISIT)"},
        "hgb": {"label": "HGB", "where": 'PARAMCD EQ "HGB"', "call": "ard_value(AVAL)"},
        "wbc": {"label": "WBC", "where": 'PARAMCD EQ "WBC"', "call": "ard_value(AVAL)"},
    }
    shown = {"dataset": "ADLB", "one_per": ["USUBJID", "AVISITN"], "columns": columns}
    text = page({"ADLB": results}, template="listing", records=shown)
    assert text.replace("\n", " ").split("HGB / WBC ")[1] == (
        "3.0 × 10⁸ cells Dose escalation 101 / Day 7 / 100 / 5 6 3.0 × 10⁸ cells Dose escalation 102 / Day 7 / 120 /"
    )


def test_the_endpoints_of_month_6_take_imputed_results_alone(page: Page) -> None:
    results = records(
        "USUBJID PARAMCD AVISIT DTYPE AVALC",
        ("1", "SRI4", "Month 6", "NRI", "Y"),
        ("2", "SRI4", "Month 6", "NRI", "N"),
        ("3", "SRI4", "Month 6", None, "Y"),
        ("3", "SRI4", "Month 3", "NRI", "Y"),
    )
    call = 'ard_count_subjects("AVALC EQ \'Y\'", base="AVALC NOT MISSING", pattern="S-NM")'
    text = page({"ADEFF": results}, template="month6_endpoints", analyses=[{"call": call}])
    assert "SRI-4 response / 1/2 (50.0%) / 0/0 / 1/2 (50.0%)" in text
    assert "Drug-free SRI-4 / 0/0 / 0/0 / 0/0" in text


def test_every_family_has_its_page_here(specs: Specs) -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in specs.library.templates if f'"{name}"' not in text] == []


# ---------------------------------------------------------------- features of any output


def test_identical_to_another_output(page: Page) -> None:
    analyses = [{"label": "All", "call": "ard_count_subjects"}]
    same = {"number": "Table 14.1.2.1", "population": "SAF"}
    keys: dict[str, object] = {"columns": "C-ALL", "analyses": analyses, "unless_same": same, "population": "EFF"}
    assert page({}, **keys) == "Identical to Table 14.1.2.1; not repeated"
    fewer = adsl().assign(EFFFL=["Y", "N", "Y", "Y", "Y"])
    assert page({}, fewer, **keys).splitlines()[1] == "All / 2 (100%) / 2 (100%) / 4 (100%)"


def test_percentages_of_a_subgroup_of_another_dataset(page: Page) -> None:
    """Cytokine release syndrome in 1, 2 and 4; 1 got the drug; it was given to 5 too, who had none."""
    crs = records("USUBJID PARAMCD", ("1", "CRS"), ("2", "CRS"), ("4", "CRS"))
    given = records("USUBJID DRUG", ("1", "T"), ("5", "T"))
    among = {"dataset": "ADCRS", "where": 'PARAMCD EQ "CRS"'}
    call = 'ard_count_subjects(pattern="S-NM")'
    analyses = [{"label": "Given T", "dataset": "ADCM", "among": among, "call": call}]
    assert page({"ADCRS": crs, "ADCM": given}, columns="C-ALL", analyses=analyses).splitlines()[1] == (
        "Given T / 1/2 (50.0%) / 0/1 / 1/3 (33.3%)"
    )


def test_subjects_at_risk_in_each_period(page: Page) -> None:
    """Followed for 40, 20, 40, 0 and 40 days: three were at risk after day 28, one of them has an event there."""
    subjects = adsl().assign(DAYS=[40.0, 20.0, 40.0, 0.0, 40.0])
    happened = records("USUBJID PERIOD", ("1", "D0-28"), ("2", "D0-28"), ("1", "D29-90"))
    by = {
        "variable": "PERIOD",
        "levels": {"D0-28": "Day 0-28", "D29-90": "Day 29-90"},
        "subjects": {"D29-90": "DAYS GT 28"},
    }
    analyses = [
        {"label": "At risk", "call": 'ard_total_n(pattern="S-N")'},
        {"label": "Any event", "call": "ard_count_subjects"},
    ]
    assert page({"ADAE": happened}, subjects, columns="C-ALL", dataset="ADAE", by=by, analyses=analyses) == show(
        """
        3.0 × 10⁸ cells (N=3) / 6.0 × 10⁸ cells (N=2) / Total (N=5)
        Day 0-28 /  /  /
          At risk / 3 / 2 / 5
          Any event / 2 (66.7%) / 0 / 2 (40.0%)
        Day 29-90 /  /  /
          At risk / 2 / 1 / 3
          Any event / 1 (50.0%) / 0 / 1 (33.3%)
        """
    )


def test_nothing_eligible_and_a_column_without_subjects(page: Page) -> None:
    none = records("USUBJID AEBODSYS AEDECOD AETERM ATOXGRN").astype("str")
    values = {"select": "USUBJID NOT MISSING", "columns": "C-ALL", "any": "Any event"}
    assert page({"ADAE": none}, template="soc_pt", **{"with": values}) == "No data to report"
    analyses = [{"label": "All", "call": "ard_count_subjects"}, {"label": "Days", "call": "ard_summary(FUPDUR)"}]
    lines = page({}, population="DLT", columns="C-ESC", analyses=analyses).splitlines()
    assert [line.split(" / ")[2] for line in lines[1:]] == ["-", "", "-", "-", "-", "-", "-"]  # a heading has no cells
