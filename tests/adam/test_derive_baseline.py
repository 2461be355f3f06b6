from __future__ import annotations

import pandas as pd

from datacut.adam.derive_baseline import derive_var_ablfl, derive_var_base


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


LABS = """
USUBJID PARAMCD ADT        LDSDT      SEQ AVAL ABLFL
01      WBC     2026-01-20 2026-01-27 1   4.0  .
01      WBC     2026-01-26 2026-01-27 2   .    .
01      WBC     2026-01-26 2026-01-27 3   5.0  Y
01      WBC     2026-01-27 2026-01-27 4   6.0  .
02      WBC     2026-01-20 .          1   7.0  .
03      .       2026-01-20 2026-01-27 1   8.0  Y
"""


def test_last_non_missing_before_the_reference(table, context) -> None:
    out = derive_var_ablfl(table(LABS), ["USUBJID", "PARAMCD"], ["SEQ"], "AVAL", "ADT", "LDSDT", "BL", context=context)
    assert values(out["BL"]) == [None, None, "Y", None, None, None], "no reference, no baseline; no key, none"


def test_inclusive_lets_the_reference_day_count(table, context) -> None:
    out = derive_var_ablfl(
        table(LABS),
        ["USUBJID", "PARAMCD"],
        ["SEQ"],
        "AVAL",
        "ADT",
        "LDSDT",
        "BL",
        inclusive=True,
        context=context,
    )
    assert values(out["BL"])[:4] == [None, None, None, "Y"]


def test_base_is_on_every_record_of_the_group(table, where, context) -> None:
    out = derive_var_base(table(LABS), ["USUBJID", "PARAMCD"], "AVAL", "BASE", where('ABLFL EQ "Y"'), context=context)
    assert values(out["BASE"]) == [5.0, 5.0, 5.0, 5.0, None, None]
    assert len(context.findings) == 0


def test_two_baselines_are_findings_and_no_value(table, where, context) -> None:
    frame = table("USUBJID AVAL ABLFL\n01 1.0 Y\n01 2.0 Y\n02 3.0 Y")
    out = derive_var_base(frame, ["USUBJID"], "AVAL", "BASE", where('ABLFL EQ "Y"'), context=context)
    assert values(out["BASE"]) == [None, None, 3.0]
    assert len(context.findings) == 2
