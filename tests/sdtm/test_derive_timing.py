from __future__ import annotations

import pandas as pd
from tests.sdtm.conftest import listed

from datacut.sdtm.derive_lobxfl import derive_lobxfl
from datacut.sdtm.derive_timing import derive_epoch, derive_study_day

DM = """
USUBJID RFSTDTC          RFXSTDTC
01      2026-02-10T11:30 2026-02-05T09:00
02      .                2026-02
03      2026-02-10       2026-02-10
"""


def test_study_day_has_no_day_zero_and_needs_complete_dates(raw) -> None:
    rows = raw("USUBJID XXDTC\n01 .\n01 2026-02-10\n01 2026-02-09T23:59\n01 2026-02-11\n01 2026-02\n02 2026-02-10\n. .")
    out = derive_study_day(rows, "XXDTC", "XXDY", raw(DM))
    assert listed(out["XXDY"]) == [None, 1, -1, 2, None, None, None]
    assert str(out["XXDY"].dtype) == "Int64"
    assert out.index.equals(rows.index)


SE = """
USUBJID SESTDTC          EPOCH
01      2026-01-20       SCREENING
01      2026-02-10T11:30 TREATMENT
01      2026-03-11       FOLLOW-UP
"""


def test_epoch_is_that_of_the_last_element_started(raw, context) -> None:
    rows = raw("""
USUBJID XXDTC
01      .
01      2026-01-19
01      2026-01-20T07:00
01      2026-02-10T11:29
01      2026-02-10T11:30
01      2026-02-10
01      2026-03-10
01      2027-01-01
02      2026-02-10
""")
    expected = [
        None, None, "SCREENING", "SCREENING", "TREATMENT", "TREATMENT", "TREATMENT", "FOLLOW-UP", None,
    ]  # fmt: skip
    assert listed(derive_epoch(rows, "XXDTC", "EPOCH", raw(SE), context=context)["EPOCH"]) == expected


def test_a_partial_date_has_an_epoch_only_where_no_element_starts_within_it(raw, context) -> None:
    rows = raw("USUBJID XXDTC\n01 2026-01\n01 2026-02\n01 2026-04\n01 2026\n01 2027")
    assert listed(derive_epoch(rows, "XXDTC", "EPOCH", raw(SE), context=context)["EPOCH"]) == [
        None,
        None,
        "FOLLOW-UP",
        None,
        "FOLLOW-UP",
    ]


def test_the_last_result_before_exposure_is_flagged(raw) -> None:
    rows = raw("""
USUBJID XXTESTCD XXDTC            XXSTRESC
01      A        2026-02-01       1
01      A        2026-02-05T08:59 2
01      A        2026-02-05T09:00 3
01      A        2026-02-05T08:00 .
01      B        2026-02-05       4
01      B        2026-02-04T10:00 5
01      C        2026-02          6
01      C        2026-02-01T10:00 7
01      C        2026-02-01T10:00 8
01      D        2026-02-06       9
02      A        2026-01-01       1
03      A        2026-02-10T23:00 1
04      A        2026-01-01       1
""")
    out = derive_lobxfl(rows, ["XXTESTCD"], "XXDTC", "XXSTRESC", "XXLOBXFL", raw(DM))
    flagged = [pd.notna(v) for v in out["XXLOBXFL"]]
    assert flagged == [
        False,
        True,  # one minute before exposure
        False,  # at the minute of exposure
        False,  # without a result
        True,  # the day of exposure, without a time, counts as before it
        False,
        False,  # a partial date is never flagged
        False,
        True,  # of two at one time the later in record order
        False,  # after exposure
        True,  # exposure known to the month: compared at that precision
        True,  # exposure known to the day
        False,  # never exposed
    ]
