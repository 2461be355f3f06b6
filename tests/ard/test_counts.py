"""Counts of subjects and events: zero, all, other denominators, columns without subjects."""

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.ard.build import BuiltResults

type Texts = Callable[..., dict[str, dict[str, str]]]


def events() -> pd.DataFrame:
    """Subject 1 has three events, 3 one; 9 is outside the analysis set."""
    return pd.DataFrame(
        {
            "USUBJID": ["1", "1", "1", "3", "9"],
            "TERM": ["a", "a", "b", "a", "b"],
            "GRADE": [1, 3, 2, 1, 5],
            "SER": ["N", "Y", "N", None, "Y"],
            "WORST": [None, "Y", None, "Y", "Y"],
        }
    ).astype({"GRADE": "Int64", "SER": "str", "WORST": "str"})


def test_n_and_percent_of_the_column(texts: Texts, adsl: pd.DataFrame) -> None:
    assert texts({"ADSL": adsl}, "ard_count_subjects(\"SEX EQ 'F'\")")["Row"] == {
        "low": "2 (66.7%)",
        "high": "0",
        "Total": "2 (50.0%)",
    }


def test_all_prints_100_without_decimals(texts: Texts, adsl: pd.DataFrame) -> None:
    assert texts({"ADSL": adsl}, 'ard_count_subjects("AGE GT 10")')["Row"]["Total"] == "4 (100%)"


def test_the_denominator_is_adsl_not_the_dataset_analysed(texts: Texts, adsl: pd.DataFrame) -> None:
    row = texts({"ADSL": adsl, "ADAE": events()}, "ard_count_subjects_events()", dataset="ADAE")["Row"]
    assert row == {"low": "2 (66.7%) [4]", "high": "0", "Total": "2 (50.0%) [4]"}


def test_header_n_is_adsl(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    ard = results({"ADSL": adsl, "ADAE": events()}, "ard_count_subjects()", dataset="ADAE").ard
    n = ard[ard["analysis"].eq("N")]
    assert dict(zip(n["column"], n["formatted"], strict=True)) == {"low": "(N=3)", "high": "(N=1)", "Total": "(N=4)"}
    assert set(n["dataset"]) == {"ADSL"}


def test_percent_of_a_subgroup(texts: Texts, adsl: pd.DataFrame) -> None:
    call = 'ard_count_subjects("AGE GT 35", base="SEX EQ \'F\'", pattern="S-NM")'
    assert texts({"ADSL": adsl}, call)["Row"] == {"low": "1/2 (50.0%)", "high": "0/0 (-)", "Total": "1/2 (50.0%)"}


def test_missing_is_not_counted_as_no(texts: Texts, adsl: pd.DataFrame) -> None:
    frames = {"ADSL": adsl, "ADAE": events()}
    assert texts(frames, "ard_count_subjects(\"SER NE 'Y'\")", dataset="ADAE")["Row"]["Total"] == "1 (25.0%)"


def test_a_column_without_subjects_prints_dashes(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl}, "ard_summary(AGE)", columns="KEEP")
    assert {row["mid"] for row in found.values()} == {"-"}
    assert list(found["Row | n"]) == ["low", "mid", "high", "Total"]


def test_predicate_selects_the_records_counted(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    ard = results(
        {"ADSL": adsl, "ADAE": events()}, 'ard_count_subjects("GRADE GE $limit")', dataset="ADAE",
        analysis={"where": 'TERM EQ "a"'},
    ).ard  # fmt: skip
    low = ard[ard["column"].eq("low") & ard["row"].eq(1) & ard["stat_name"].eq("n")].iloc[0]
    assert low["predicate"] == 'SAFFL EQ "Y" AND TRT01A EQ "low" AND TERM EQ "a" AND GRADE GE $limit'
    assert (low["group1"], low["group1_level"], low["stat"]) == ("TRT01A", "low", 1.0)
    total = ard[ard["column"].eq("Total") & ard["row"].eq(1)].iloc[0]
    assert total["predicate"] == 'SAFFL EQ "Y" AND TERM EQ "a" AND GRADE GE $limit'


def test_exact_interval(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl}, "ard_proportion_exact(\"SEX EQ 'F'\")", columns="KEEP")
    # Clopper-Pearson of 2/3 and 2/4 as in any table; 0 of 1: upper limit 1 - 0.025
    assert found["Row | 95% CI"] == {"low": "(9.4, 99.2)", "mid": "-", "high": "(0.0, 97.5)", "Total": "(6.8, 93.2)"}
    assert found["Row | n (%)"]["high"] == "0"
    whole = texts({"ADSL": adsl}, 'ard_proportion_exact("AGE GT 10")')
    assert whole["Row | 95% CI"]["high"] == "(2.5, 100.0)"
    assert whole["Row | n (%)"]["high"] == "1 (100%)"


def test_interval_of_nobody_is_ne_with_its_reason(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    call = 'ard_proportion_exact("AGE GT 10", base="SEX EQ \'X\'")'
    ard = results({"ADSL": adsl}, call).ard
    lower = ard[ard["stat_name"].eq("lower") & ard["column"].eq("Total")].iloc[0]
    assert (lower["formatted"], lower["reason"]) == ("NE", "no subject in the denominator")
    assert pd.isna(lower["stat"])


WORST = 'ard_count_worst(GRADE, flag=WORST, levels={1: "Grade 1", 2: "Grade 2", 3: "Grade 3"})'


def test_a_subject_counts_once_at_the_worst_grade(texts: Texts, adsl: pd.DataFrame) -> None:
    call = WORST
    found = texts({"ADSL": adsl, "ADAE": events()}, call, dataset="ADAE")
    assert {label: row["low"] for label, row in found.items()} == {
        "Row | Grade 1": "1 (33.3%)",
        "Row | Grade 2": "0",
        "Row | Grade 3": "1 (33.3%)",
    }


def test_subjects_with_events_of_unknown_grade_alone_have_a_row(texts: Texts, adsl: pd.DataFrame) -> None:
    ungraded = pd.DataFrame({"USUBJID": ["1", "1", "4"], "GRADE": [None, 1.0, None], "WORST": [None, "Y", "Y"]})
    frames = {"ADSL": adsl, "ADAE": ungraded.astype({"GRADE": "Float64"})}
    assert texts(frames, 'ard_count_worst(GRADE, flag=WORST, levels={1: "Grade 1"})', dataset="ADAE") == {
        "Row | Grade 1": {"low": "1 (33.3%)", "high": "0", "Total": "1 (25.0%)"},
        "Row | Missing": {"low": "0", "high": "1 (100%)", "Total": "1 (25.0%)"},
    }


def test_the_predicate_of_a_worst_grade_is_of_the_record_flagged(
    results: Callable[..., BuiltResults], adsl: pd.DataFrame
) -> None:
    """Grade 1 stands on records of 1 and 3, and is the worst of 3 alone."""
    ard = results({"ADSL": adsl, "ADAE": events()}, WORST, dataset="ADAE").ard
    row = ard[ard["variable_level"].eq("1") & ard["column"].eq("Total") & ard["stat_name"].eq("n")].iloc[0]
    assert (row["predicate"], row["stat"]) == ('SAFFL EQ "Y" AND WORST EQ "Y" AND GRADE EQ 1', 1.0)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ([None, "Y", None, "Y", None], []),
        (["Y", None, None, "Y", None], ["1"]),  # on a record of a lower grade
        ([None, "Y", "Y", "Y", None], ["1"]),  # on a second record
        ([None, "Y", None, None, "Y"], ["3"]),  # on none; that of 9 is outside the set
    ],
)
def test_a_flag_that_is_not_on_the_worst_record_is_told(
    results: Callable[..., BuiltResults], adsl: pd.DataFrame, flags: list[str | None], told: list[str]
) -> None:
    made = results({"ADSL": adsl, "ADAE": events().assign(WORST=flags)}, WORST, dataset="ADAE")
    assert [(f.rule, str(f.where)) for f in made.findings] == [("ard.worst", f"t/a1:{subject}") for subject in told]


def test_rows_of_another_analysis_set(results: Callable[..., BuiltResults], texts: Texts, adsl: pd.DataFrame) -> None:
    keys = {"call": 'ard_count_subjects("AGE GT 0")', "analysis": {"population": "ALL"}}
    built = results({"ADSL": adsl}, **keys)
    assert texts({"ADSL": adsl}, **keys)["Row"] == {"low": "4 (100%)", "high": "1 (100%)", "Total": "5 (100%)"}
    assert list(built.ard[built.ard["analysis"].eq("N")]["stat"]) == [3, 1, 4]
    body = built.ard[built.ard["row"].gt(0) & built.ard["column"].eq("low")].iloc[0]
    assert (body["population"], body["predicate"]) == ("ALL", 'USUBJID NOT MISSING AND TRT01A EQ "low" AND AGE GT 0')


def test_rows_that_a_setting_turns_off(texts: Texts, adsl: pd.DataFrame) -> None:
    rows = [
        {"label": "Own", "when": {"source": "own"}, "call": "ard_count_subjects()"},
        {"label": "Donor", "when": {"source": ["donor", "other"]}, "call": "ard_count_subjects()"},
    ]
    assert list(texts({"ADSL": adsl}, analyses=rows)) == ["Own"]
