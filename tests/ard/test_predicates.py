"""The predicate of a count selects, in the dataset joined with ADSL, just the subjects and records counted."""

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.ard.build import BuiltResults
from datacut.engine.filter import mask
from datacut.spec.where import parse_where

AE = pd.DataFrame(
    [
        ("1", "Skin", "Rash", 1, None, None), ("1", "Skin", "Rash", 3, "Y", "Y"),
        ("1", "Blood", "Anaemia", 2, None, "Y"), ("3", "Skin", "Itch", 1, "Y", "Y"),
        ("4", "Blood", None, 4, "Y", "Y"), ("9", "Skin", "Rash", 5, "Y", "Y"),
    ],
    columns=["USUBJID", "SOC", "PT", "GRADE", "WORST", "WORSTPT"],
).astype({"PT": "str", "GRADE": "Int64"})  # fmt: skip


@pytest.mark.parametrize(
    ("call", "where"),
    [
        ('ard_count_subjects("GRADE GE 2")', None),
        ('ard_count_subjects_events("GRADE GE 2", base="SOC EQ \'Skin\'")', 'PT NE "Itch" OR GRADE LT 3'),
        ("ard_tabulate(SOC, missing=false)", "GRADE NE 2"),
        ("ard_hierarchical([SOC, PT], any='Any')", None),
        ("ard_hierarchical([SOC, PT], where='GRADE GE 2')", None),
        ('ard_count_worst(GRADE, flag=WORST, levels={"1-2": "Low", "3": "3", "4": "4"})', None),
        (
            "ard_hierarchical([SOC, PT], any='Any', worst=GRADE, flag=WORSTPT, any_flag=WORST, worst_pattern='S-NE',"
            ' levels={"1-2": "Low", "3": "3", "4": "4"})',
            None,
        ),
        ('ard_tabulate_across(GRADE, levels={"1": "1"}, base="GRADE LT 3")', 'PT NE "Itch"'),
        ('ard_summary(GRADE, pattern="S-CI")', 'PT EQ "Itch"'),
    ],
)
@pytest.mark.parametrize("columns", ["ALL", "STAGE"])
def test_predicates(
    results: Callable[..., BuiltResults], adsl: pd.DataFrame, call: str, where: str | None, columns: str
) -> None:
    analysis = {} if where is None else {"where": where}
    frames = {"ADSL": adsl, "ADAE": AE}
    ard = results(frames, call, dataset="ADAE", columns=columns, analysis=analysis, subcolumns={"1": "1"}).ard
    whole = AE.merge(adsl, on="USUBJID")
    counts = ard[ard["row"].gt(0) & ard["stat_name"].isin(["n", "events"])]
    assert len(counts) > 2
    for predicate, name, stat in zip(counts["predicate"], counts["stat_name"], counts["stat"], strict=True):
        chosen = whole[mask(whole, parse_where(predicate), {})]
        assert (chosen["USUBJID"].nunique() if name == "n" else len(chosen)) == stat, predicate


@pytest.mark.parametrize(
    ("call", "subjects"),
    [
        # N of the analysis set, or who has a record in the base: 1 and 3 have one of Skin, 1 and 4 one of Blood
        ('ard_count_subjects("GRADE GE 2")', None),
        ('ard_count_subjects("GRADE GE 2", base="SOC EQ \'Skin\'")', {"1", "3"}),
        ('ard_count_subjects_events("GRADE GE 2", base="SOC EQ \'Blood\'", pattern="S-NE")', {"1", "4"}),
        ('ard_proportion_exact("GRADE GE 3", base="SOC EQ \'Skin\'")', {"1", "3"}),
        ("ard_tabulate(SOC)", None),
        ("ard_tabulate(PT, base=\"SOC EQ 'Blood'\")", {"1", "4"}),
        ("ard_hierarchical([SOC, PT])", None),
        ('ard_count_worst(GRADE, flag=WORST, levels={"3": "3", "4": "4"})', None),
    ],
)
def test_a_denominator_is_selected_by_its_own_condition(
    results: Callable[..., BuiltResults], adsl: pd.DataFrame, call: str, subjects: set[str] | None
) -> None:
    ard = results({"ADSL": adsl, "ADAE": AE}, call, dataset="ADAE", columns="ALL").ard
    whole = {"ADSL": adsl, "ADAE": AE.merge(adsl, on="USUBJID")}
    header = ard[ard["row"].eq(0) & ard["stat_name"].eq("n")].set_index("column")["stat"]
    of = ard[ard["stat_name"].isin(["p", "m", "lower", "upper"])]
    assert len(of) > 0
    for predicate, dataset, column in zip(of["denominator"], of["denominator_dataset"], of["column"], strict=True):
        frame = whole[dataset]
        chosen = set(frame[mask(frame, parse_where(predicate), {})]["USUBJID"])
        dose = {str(s) for s, d in zip(adsl["USUBJID"], adsl["TRT01A"], strict=True) if column in (d, "Total")}
        assert chosen == subjects & dose if subjects is not None else len(chosen) == header[column]
    assert ard[ard["stat_name"].eq("n")]["denominator"].isna().all()


def test_subjects_without_a_record_at_all_are_named_as_missing(
    results: Callable[..., BuiltResults], adsl: pd.DataFrame
) -> None:
    """All but 1 and 3 lack a value among the records of Skin, and none of these has a record without one."""
    ard = results({"ADSL": adsl, "ADAE": AE}, "ard_tabulate(PT)", dataset="ADAE", columns="ALL",
                  analysis={"where": 'SOC EQ "Skin"'}).ard  # fmt: skip
    missing = ard[ard["variable_level"].isna() & ard["stat_name"].eq("n") & ard["row"].gt(0)].iloc[-1]
    chosen = set(adsl[mask(adsl, parse_where(missing["predicate"]), {})]["USUBJID"])
    assert missing["dataset"] == "ADSL"
    assert missing["stat"] == 2
    assert chosen == {"2", "4"}


def test_beside_subjects_without_a_record_stand_those_with_one(
    results: Callable[..., BuiltResults], adsl: pd.DataFrame
) -> None:
    ard = results(
        {"ADSL": adsl, "ADAE": AE}, "ard_count_without('SOC EQ \"Blood\"')", dataset="ADAE", columns="ALL"
    ).ard
    total = ard[ard["row"].gt(0) & ard["column"].eq("Total")]
    by_name = {r["stat_name"]: r for r in total.to_dict("records")}
    found = by_name["found"]
    assert (found["dataset"], found["stat"], found["formatted"]) == ("ADAE", 2, "")
    assert found["predicate"].rpartition(" AND ")[2] == 'SOC EQ "Blood"'
    assert by_name["n"]["stat"] + found["stat"] == by_name["m"]["stat"]
