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
