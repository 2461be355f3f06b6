"""Start and end imputed together; infusion (`not_before`) on 15 February 2026."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_date_span import derive_vars_dt_span


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # complete dates stay as they are
        ("2026-02-03", "2026-02-05", ("2026-02-03", None, "2026-02-05", None)),
        # the start is moved to the infusion, where the end allows it
        ("2026-02", "2026-02-20", ("2026-02-15", "D", "2026-02-20", None)),
        # an end before the infusion wins over it
        ("2026-02", "2026-02-10", ("2026-02-10", "D", "2026-02-10", None)),
        # both in one month: infusion to last of the month
        ("2026-02", "2026-02", ("2026-02-15", "D", "2026-02-28", "D")),
        # an end imputed after the end of follow-up (20 March) is that day, but never before the start
        ("2026-03-02", "2026-03", ("2026-03-02", None, "2026-03-20", "D")),
        ("2026-03-25", "2026-03", ("2026-03-25", None, "2026-03-25", "D")),
        # month unknown; year unknown
        ("2025", "2025-11-04", ("2025-01-01", "M", "2025-11-04", None)),
        (None, "2026", (None, None, "2026-03-20", "M")),
        ("2026-01-01", None, ("2026-01-01", None, None, None)),
    ],
)
def test_start_and_end(table, context, start, end, expected) -> None:
    frame = table("USUBJID TRTSDT FUPEDT\n01 2026-02-15 2026-03-20")
    frame["AESTDTC"], frame["AEENDTC"] = (pd.Series([v], dtype="str") for v in (start, end))
    made = derive_vars_dt_span(
        frame, "AESTDTC", "AEENDTC", "ASTDT", "AENDT", flag="ASTDTF", end_flag="AENDTF", not_before="TRTSDT",
        not_after="FUPEDT", context=context,
    ).iloc[0]  # fmt: skip
    dates = [None if pd.isna(made[c]) else str(made[c].date()) for c in ("ASTDT", "AENDT")]
    flags = [None if pd.isna(made[c]) else made[c] for c in ("ASTDTF", "AENDTF")]
    assert (dates[0], flags[0], dates[1], flags[1]) == expected
    assert not list(context.findings)


def test_an_end_before_its_start_is_told_with_both(table, context) -> None:
    frame = table("USUBJID S E\n01 2026-02-10 2026-02-09")
    frame = frame.assign(S=frame["S"].astype("str"), E=frame["E"].astype("str"))
    made = derive_vars_dt_span(frame, "S", "E", "ASTDT", "AENDT", context=context)
    assert str(made["AENDT"].iloc[0].date()) == "2026-02-09"
    (finding,) = context.findings
    assert (finding.rule, finding.value) == ("adam.date.order", "2026-02-10 to 2026-02-09")


def test_how_none_imputes_no_start(table, context) -> None:
    frame = table("USUBJID S E\n01 2026-02 2026-02")
    frame = frame.assign(S=frame["S"].astype("str"), E=frame["E"].astype("str"))
    made = derive_vars_dt_span(frame, "S", "E", "ASTDT", "AENDT", how="none", context=context).iloc[0]
    assert pd.isna(made["ASTDT"])
    assert str(made["AENDT"].date()) == "2026-02-28"
    assert [f.rule for f in context.findings] == ["adam.date.incomplete"]
