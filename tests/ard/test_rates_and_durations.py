"""Rates by follow-up, durations that go on, parts of a whole, subjects without a record, ranges of the worst value."""

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.ard.build import BuiltResults
from datacut.errors import SpecError
from datacut.spec.output import ColumnTemplate, OutputLibrary

type Texts = Callable[..., dict[str, dict[str, str]]]
type Build = Callable[..., BuiltResults]


def events(*subjects: str) -> pd.DataFrame:
    return pd.DataFrame({"USUBJID": list(subjects)})


def test_rate_per_100_subject_years(texts: Texts, adsl: pd.DataFrame) -> None:
    # low: 3 events in 1 + 2 + 1 years; high: nobody was followed
    days = adsl.assign(DAYS=[365.25, 730.5, 365.25, 0.0, 1.0])
    frames = {"ADSL": days, "ADAE": events("1", "1", "3")}
    half = texts(frames, "ard_incidence_rate(exposure=DAYS, unit_days=2)", dataset="ADAE")["Row"]["low"]
    assert half == "3 / 8.0 (37.5)"
    assert texts(frames, "ard_incidence_rate(exposure=DAYS)", dataset="ADAE")["Row"] == {
        "low": "3 / 4.0 (75.0)",
        "high": "0 / 0.0 (-)",
        "Total": "3 / 4.0 (75.0)",
    }


def test_a_subject_without_time_is_told(results: Build, adsl: pd.DataFrame) -> None:
    frames = {"ADSL": adsl.assign(DAYS=[1.0, None, 1.0, 1.0, None]), "ADAE": events("1")}
    made = results(frames, "ard_incidence_rate(exposure=DAYS)", dataset="ADAE")
    assert [str(f.where) for f in made.findings] == ["ADSL.DAYS:2"]  # 9 is outside the analysis set
    with pytest.raises(SpecError, match="no column DAY"):
        results(frames, "ard_incidence_rate(exposure=DAY)", dataset="ADAE")


def durations(*rows: tuple[str, float | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["USUBJID", "DUR", "ON"]).astype({"DUR": "Float64"})


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        # half have ended after 3, and none later; where 3 still runs, the one at risk ends at 7
        ((("1", 3, "N"), ("2", 7, "Y")), ["2", "3 (3; 7+)"]),
        ((("1", 3, "Y"), ("2", 7, "N")), ["2", "7 (3+; 7)"]),
        ((("1", 3, "Y"), ("2", 7, "Y")), ["2", "NE (3+; 7+)"]),
        ((("1", 4, "N"), ("1", 5, "N")), ["2", "5 (4; 5)"]),  # 4.5 rounds away from zero
        ((("1", None, "Y"),), ["0", ""]),
    ],
)
def test_durations(
    texts: Texts, adsl: pd.DataFrame, rows: tuple[tuple[str, float, str], ...], cells: list[str]
) -> None:
    found = texts({"ADSL": adsl, "ADAE": durations(*rows)}, "ard_duration(DUR, ongoing=\"ON EQ 'Y'\")", dataset="ADAE")
    assert [row["low"] for row in found.values()] == cells


def test_subjects_without_a_record(results: Build, texts: Texts, adsl: pd.DataFrame) -> None:
    frames = {"ADSL": adsl, "ADQS": events("1", "4")}
    assert texts(frames, "ard_count_without()", dataset="ADQS")["Row"] == {"low": "2", "high": "0", "Total": "2"}
    ard = results(frames, "ard_count_without()", dataset="ADQS").ard
    row = ard[ard["row"].eq(1) & ard["column"].eq("low") & ard["stat_name"].eq("n")].iloc[0]
    assert (row["dataset"], row["predicate"].split(" AND ")[-1]) == ("ADSL", 'USUBJID IN ("2", "3")')


def test_parts_that_do_not_add_up_are_told(results: Build, adsl: pd.DataFrame) -> None:
    parts = pd.DataFrame({"USUBJID": ["1", "1", "2", "2", "3", "3"], "AVAL": [40.0, 60.0, 30.0, 30.0, 50.0, None]})
    made = results({"ADSL": adsl, "ADPD": parts}, "ard_composition(AVAL)", dataset="ADPD")
    assert [(str(f.where), f.value) for f in made.findings] == [("t/a1:2", "60")]
    n = made.ard[made.ard["stat_name"].eq("n") & made.ard["column"].eq("low") & made.ard["row"].gt(0)]
    assert list(n["stat"]) == [2]  # 3 has a part without a value


def test_worst_value_in_ranges_of_a_base(texts: Texts, adsl: pd.DataFrame) -> None:
    grades = pd.DataFrame(
        {"USUBJID": ["1", "1", "2", "3"], "G": [1, 3, 2, None], "ON": ["Y", "N", "Y", "Y"], "W": ["Y", None, "Y", "Y"]}
    )
    frames = {"ADSL": adsl, "ADLB": grades.astype({"G": "Int64"})}
    call = 'ard_count_worst(G, flag=W, levels={"1-2": "1 or 2", "3": "3"}, base="ON EQ \'Y\'", pattern="S-NM")'
    found = texts(frames, call, dataset="ADLB")
    assert {row: cells["low"] for row, cells in found.items()} == {
        "Row | 1 or 2": "2/3 (66.7%)",
        "Row | 3": "0/3 (0.0%)",
        "Row | Missing": "1/3 (33.3%)",
    }
    with pytest.raises(SpecError, match="neither a number nor a range"):
        texts(frames, 'ard_count_worst(G, flag=W, levels={"low": "Low"})', dataset="ADLB")


def test_a_pattern_of_another_method(texts: Texts, adsl: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="prints events, which the method does not compute"):
        texts({"ADSL": adsl}, 'ard_count_subjects(pattern="S-NE")')


# ---------------------------------------------------------------- data that are not as planned


def test_a_level_that_is_not_planned_has_a_column_and_is_told(results: Build, adsl: pd.DataFrame) -> None:
    made = results({"ADSL": adsl.assign(TRT01A=["low", "low", "lo", "high", "low"])}, "ard_count_subjects")
    assert [(str(f.where), f.value) for f in made.findings] == [("ADSL.TRT01A", "lo")]
    assert "low" in made.findings[0].remedy
    assert set(made.ard["column"]) == {"low", "lo", "high", "Total", "label"}


def test_a_parameter_in_two_units_is_told_and_printed(results: Build, adsl: pd.DataFrame) -> None:
    mixed = pd.DataFrame(
        {
            "USUBJID": ["1", "2"],
            "PARAMCD": "GLUC",
            "PARAM": ["Glucose (mmol/L)", "Glucose (mg/dL)"],
            "AVAL": [5.0, 90.0],
        }
    )
    analyses = [{"label": "A", "call": "ard_summary(AVAL)"}, {"label": "B", "call": "ard_count_subjects"}]
    made = results({"ADSL": adsl, "ADLB": mixed}, dataset="ADLB", analyses=analyses)
    assert [(str(f.where), f.value) for f in made.findings] == [
        ("ADLB.PARAM:GLUC", "Glucose (mg/dL); Glucose (mmol/L)")
    ]
    assert not made.empty


def test_columns_of_subsets(results: Build, adsl: pd.DataFrame, library: OutputLibrary) -> None:
    subsets = {"Yes": {"dataset": "ADEFF", "where": 'AVALC EQ "Y"'}, "No": {"where": "AGE GT 50"}}
    library.columns["SUB"] = ColumnTemplate.model_validate({"groups": [{"label": "Responder", "subsets": subsets}]})
    frames = {"ADSL": adsl, "ADEFF": pd.DataFrame({"USUBJID": ["1", "9"], "AVALC": ["Y", "Y"]})}
    ard = results(frames, "ard_count_subjects", columns="SUB").ard
    header = ard[ard["analysis"].eq("N")]
    assert list(zip(header["column"], header["formatted"], strict=True)) == [
        ("Responder/Yes", "(N=1)"),
        ("Responder/No", "(N=2)"),
    ]
    assert list(header["predicate"]) == ['SAFFL EQ "Y" AND USUBJID IN ("1")', 'SAFFL EQ "Y" AND AGE GT 50']
