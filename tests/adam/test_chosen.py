"""What a verb tells of the record that it took a value from: numbers of records, `_rid`."""

from dataclasses import replace

import pandas as pd
import pytest

from datacut.adam.derive_dlt import derive_vars_contact
from datacut.adam.derive_merged import derive_var_merged_summary
from datacut.adam.derive_period import derive_var_period_summary
from datacut.engine.context import RID

DAYS = pd.DataFrame(
    {
        "USUBJID": ["1", "1", "1", "2"],
        "ADT": pd.to_datetime(["2026-01-05", "2026-01-02", "2026-01-02", None]),
        "AEDTC": ["2026-01-05", "2026-01-02", "2026-01", "2026-02"],
        RID: pd.Series([11, 12, 13, 14], dtype="Int64"),
    }
).astype({"USUBJID": "str", "AEDTC": "str", "ADT": "datetime64[s]"})
PEOPLE = pd.DataFrame(
    {
        "USUBJID": ["1", "2", "3"],
        "FROM": pd.to_datetime(["2026-01-03"] * 3),
        "TO": pd.to_datetime(["2026-01-31"] * 3),
        "START": ["2026-01-01", "2026-01-01", "2026-01-01"],
        RID: pd.Series([1, 2, 3], dtype="Int64"),
    }
).astype({"USUBJID": "str", "START": "str", "FROM": "datetime64[s]", "TO": "datetime64[s]"})


def told(context) -> list[tuple[int, str, int, str]]:
    """Record, variable, record of the source and its variable, of each value whose source was told."""
    columns = [RID, "variable", "source_record", "source_variable"]
    return sorted(tuple(row) for part in context.chosen for row in part[columns].to_numpy().tolist())


@pytest.mark.parametrize(
    ("statistic", "column", "expected"),
    [
        ("min", "ADT", [(1, "X", 12, "ADT")]),
        ("max", "ADT", [(1, "X", 11, "ADT")]),
        # some day of January may be later than the fifth, so that no record has the latest
        ("max", "AEDTC", []),
        ("distinct", "ADT", []),
    ],
)
def test_an_extreme_value_is_of_the_first_record_that_has_it(context, statistic, column, expected):
    asked = replace(context, chosen=[])
    derive_var_merged_summary(PEOPLE, ["USUBJID"], DAYS, "X", statistic, column, context=asked)
    assert told(asked) == expected


def test_an_extreme_date_is_of_the_record_that_has_it_and_a_month_alone_of_none(context):
    asked = replace(context, chosen=[])
    known = DAYS.loc[DAYS[RID].ne(13)]
    derive_var_merged_summary(PEOPLE, ["USUBJID"], known, "X", "max", "AEDTC", context=asked)
    assert told(asked) == [(1, "X", 11, "AEDTC")]


def test_an_extreme_value_of_a_period_is_of_a_record_inside_it(context):
    asked = replace(context, chosen=[])
    derive_var_period_summary(
        PEOPLE, ["USUBJID"], DAYS, "X", "FROM", "TO", "ADT", statistic="min", column="ADT", context=asked
    )
    assert told(asked) == [(1, "X", 11, "ADT")]


def test_a_contact_is_of_the_first_sure_date(context):
    """Day 3 is 3 January: the fifth is sure, the second too early, January and a day before it leave it open."""
    asked = replace(context, chosen=[])
    derive_vars_contact(PEOPLE, ["USUBJID"], DAYS, ["AEDTC"], "START", 3, "SEEN", "SEENDT", context=asked)
    assert told(asked) == [(1, "SEEN", 11, "AEDTC"), (1, "SEENDT", 11, "AEDTC"), (2, "SEEN", 14, "AEDTC"),
                           (2, "SEENDT", 14, "AEDTC")]  # fmt: skip
