"""Conditions, settings, units, ranges and grades at the edges of what is known: the cases of `values.csv`."""

import pandas as pd
import pytest
from tests.cases import read_cases

from datacut.datasets.filter import mask
from datacut.spec.comparison import Holds, mismatches
from datacut.spec.settings import outside, unfit
from datacut.spec.study import Setting
from datacut.spec.where import parse_where


def given(row):
    return dict(part.strip().split("=", 1) for part in row["input"].split(";"))


def cases(item, start=""):
    rows = [r for r in read_cases("values") if r["item"] == item and r["question"].startswith(start)]
    return pytest.mark.parametrize("row", rows, ids=lambda r: r["id"])


def setting(value, alternatives=""):
    values = value.split("|")
    whole = values if len(values) > 1 else value
    known = tuple(a for a in alternatives.split("|") if a)
    return Setting(value=whole, alternatives=known, source="protocol", text="A choice")


HOLDS = {"number": Holds.COLLECTED, "text": Holds.TEXT, "date": Holds.TYPED_DATE, "iso": Holds.ISO}


@cases("27")
def test_a_condition_compares_like_with_like_or_is_refused(row):
    case = given(row)
    where = parse_where(case["where"])
    settings = {"limit": setting(case["limit"]).value} if "limit" in case else {}
    if list(mismatches(where, {"F": HOLDS[case["type"]]}, settings)):
        assert row["answer"] == "refused"
        return
    frame = pd.DataFrame({"F": [text or None for text in case["rows"].split("|")]}, dtype="str")
    assert "|".join(frame.loc[mask(frame, where, settings), "F"]) == row["answer"]


@cases("29")
def test_a_setting_is_one_of_its_alternatives_and_what_its_call_takes(row):
    case = given(row)
    chosen = setting(case["value"], case["alternatives"])
    refused = list(outside(chosen)) or unfit(chosen.value, case["takes"])
    assert ("refused" if refused else "accepted") == row["answer"]
