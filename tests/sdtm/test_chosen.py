"""What a verb tells of the record that it took a value from: numbers of records, `_rid`."""

from dataclasses import replace

import pandas as pd

from datacut.engine.context import RID
from datacut.sdtm.derive_records import derive_extreme_dtc
from datacut.sdtm.derive_timing import derive_epoch, derive_last_start


def numbered(frame: pd.DataFrame, first: int) -> pd.DataFrame:
    return frame.assign(**{RID: pd.Series(range(first, first + len(frame)), index=frame.index, dtype="Int64")})


def told(context) -> list[tuple[int, str, int, str]]:
    """Record, variable, record of the source and its variable, of each value whose source was told."""
    columns = [RID, "variable", "source_record", "source_variable"]
    return sorted(tuple(row) for part in context.chosen for row in part[columns].to_numpy().tolist())


def test_an_epoch_is_of_the_element_that_began_last(raw, context) -> None:
    elements = numbered(raw("""
USUBJID SESTDTC    EPOCH
01      2026-02-10 TREATMENT
01      2026-01-20 SCREENING
"""), 11)  # fmt: skip
    rows = numbered(raw("USUBJID XXDTC\n01 2026-01-19\n01 2026-01-21\n01 2026-03-01\n02 2026-03-01"), 1)
    asked = replace(context, chosen=[])
    derive_epoch(rows, "XXDTC", "EPOCH", elements, context=asked)
    assert told(asked) == [(2, "EPOCH", 12, "EPOCH"), (3, "EPOCH", 11, "EPOCH")]


def test_a_reference_is_of_the_event_that_had_begun(raw, context) -> None:
    events = numbered(raw("USUBJID EXSTDTC\n01 2026-03-01\n01 2026-01-01\n01 2026-01-01"), 11)
    rows = numbered(raw("USUBJID PCDTC\n01 2026-01-05\n01 2026-03-05\n01 2025-12-01\n02 2026-01-05"), 1)
    asked = replace(context, chosen=[])
    derive_last_start(rows, "PCDTC", events, "EXSTDTC", "PCRFTDTC", "_NO", asked)
    of_date = [t for t in told(asked) if t[1] == "PCRFTDTC"]
    assert of_date == [(n, "PCRFTDTC", of, "EXSTDTC") for n, of in ((1, 12), (2, 11), (3, 12))]


def test_an_extreme_date_is_of_the_first_record_that_has_it_and_a_part_of_none(raw, context) -> None:
    dates = numbered(raw("USUBJID AESTDTC\n01 2026-03-01\n01 2026-05-01\n01 2026-05-01\n02 2026-03\n02 2026-03-05"), 11)
    people = numbered(raw("USUBJID\n01\n02\n03"), 1)
    asked = replace(context, chosen=[])
    made = derive_extreme_dtc(people, dates, "AESTDTC", "last", "_LAST", asked)
    assert told(asked) == [(1, "_LAST", 12, "AESTDTC")]
    assert made["_LAST"].iloc[1] == "2026-03"
