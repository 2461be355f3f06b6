"""Terms by frequency: order, ties, uncoded terms and what each row counts."""

from collections.abc import Callable

import pandas as pd

from datacut.ard.build import BuiltResults

type Texts = Callable[..., dict[str, dict[str, str]]]

CALL = 'ard_hierarchical([SOC, PT], any="Any event", verbatim=TERM)'


def events() -> pd.DataFrame:
    rows = [
        ("1", "Skin", "RASH", "rash"),
        ("1", "Skin", "RASH", "rash again"),
        ("2", "Skin", "ITCH", "itch"),
        ("1", "Blood", "ANAEMIA", "low Hb"),
        ("4", "Blood", "ANAEMIA", "low Hb"),
        ("3", "Blood", "ACIDOSIS", "x"),
        ("4", None, None, "felt odd"),
        ("9", "Skin", "RASH", "not in the set"),
    ]
    return pd.DataFrame(rows, columns=["USUBJID", "SOC", "PT", "TERM"]).astype("str")


def test_order_and_counts(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl, "ADAE": events()}, dataset="ADAE", analyses=[{"call": CALL}])
    assert list(found) == [
        "Any event",
        "Blood",  # three subjects
        "Blood | Anaemia",
        "Blood | Acidosis",
        "Skin",  # two subjects
        "Skin | Itch",  # a tie with Rash: by name, though Rash has more events
        "Skin | Rash",
        "Uncoded",
        "Uncoded | Uncoded: felt odd",
    ]
    assert found["Any event"]["Total"] == "4 (100%) [7]"
    assert found["Blood"] == {"low": "2 (66.7%) [2]", "high": "1 (100%) [1]", "Total": "3 (75.0%) [3]"}
    assert found["Skin | Rash"] == {"low": "1 (33.3%) [2]", "high": "0", "Total": "1 (25.0%) [2]"}


def test_each_row_says_what_it_counts(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    ard = results({"ADSL": adsl, "ADAE": events()}, dataset="ADAE", analyses=[{"call": CALL}]).ard
    rash = ard[ard["variable_level"].eq("RASH") & ard["column"].eq("low") & ard["stat_name"].eq("events")].iloc[0]
    assert rash["predicate"] == 'SAFFL EQ "Y" AND TRT01A EQ "low" AND SOC EQ "Skin" AND PT EQ "RASH"'
    assert (rash["group2"], rash["group2_level"], rash["stat"]) == ("SOC", "Skin", 2.0)


def test_no_event_at_all_is_an_empty_output(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    none = events().iloc[[-1]]
    built = results({"ADSL": adsl, "ADAE": none}, dataset="ADAE", analyses=[{"call": CALL}], empty_if="records")
    assert built.empty
    assert set(built.ard["row"]) == {0}
    assert list(built.ard[built.ard["analysis"].eq("N")]["formatted"]) == ["(N=3)", "(N=1)", "(N=4)"]


def test_two_sub_columns(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts(
        {"ADSL": adsl, "ADAE": events()}, dataset="ADAE", subcolumns={"any": "Any", "rash": "Rash"},
        analyses=[{"column": "any", "call": CALL}, {"column": "rash", "where": 'PT EQ "RASH"', "call": CALL}],
    )  # fmt: skip
    assert found["Skin"]["low/any"] == "2 (66.7%) [3]"
    assert found["Skin"]["low/rash"] == "1 (33.3%) [2]"
    assert "low/rash" not in found["Blood"]
