from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from datacut.adam.derive_records import (
    derive_expected_records,
    derive_extreme_records,
    derive_summary_records,
)
from datacut.errors import SpecError
from datacut.spec.study import Window


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


RESULTS = """
USUBJID PARAMCD PARAM AVISIT  ADY AVAL
01      QTC     QTc   Day~28  28  410
01      QTC     QTc   Day~28  29  430
01      QTC     QTc   Month~2 61  430
02      QTC     QTc   Day~28  28  .
"""


def test_extreme_record_keeps_its_columns_but_the_parameters(table, where, context) -> None:
    new = derive_extreme_records(
        table(RESULTS),
        ["USUBJID"],
        ["AVAL", "ADY"],
        where("ADY GT 1"),
        "first",
        ["AVAL"],
        "MAXIMUM",
        context=context,
    )
    assert list(new.rows.columns) == ["USUBJID", "AVISIT", "ADY", "AVAL", "DTYPE"]
    assert values(new.rows["ADY"]) == [29, 28]
    assert values(new.rows["DTYPE"]) == ["MAXIMUM", "MAXIMUM"]
    assert new.parents["parent"].tolist() == [2, 4]


def test_summary_of_a_group(table, where, context) -> None:
    frame = table(RESULTS)
    by = ["USUBJID", "AVISIT"]
    assert values(derive_summary_records(frame, by, "mean", context=context).rows["AVAL"]) == [420, 430, None]
    assert values(derive_summary_records(frame, by, "count", context=context).rows["AVAL"]) == [2, 1, 1]
    kept = derive_summary_records(frame, by, "max", where("AVAL NOT MISSING"), "X", context=context)
    assert values(kept.rows["AVAL"]) == [430, 430]
    assert kept.parents.values.tolist() == [[0, 1], [0, 2], [1, 3]]
    with pytest.raises(SpecError, match="median"):
        derive_summary_records(frame, by, "median", context=context)


def test_expected_records_stop_at_the_cut(table, context) -> None:
    windows = (
        Window(avisit="Baseline", avisitn=0, target=-6, high=-6),
        Window(avisit="Day 28", avisitn=13, target=29, low=26, high=44),
        Window(avisit="Month 2", avisitn=14, target=61, low=45, high=75),
    )
    study = replace(context, windows={"w": windows})
    frame = table(
        """
        USUBJID PARAMCD AVISIT   AVAL TRTSDT     CUTDT
        01      S       Baseline 4.0  2026-02-01 2026-04-02
        01      S       Day~28   4.0  2026-02-01 2026-04-02
        02      S       Baseline 4.0  2026-02-02 2026-04-02
        03      S       Baseline 4.0  2026-02-01 .
        04      T       Baseline 4.0  2026-02-01 2026-04-02
        """
    )
    new = derive_expected_records(frame, ["USUBJID"], "S", "w", "TRTSDT", "CUTDT", context=study)
    # 2026-04-02 is day 61 for subject 01, day 60 for subject 02: Month 2 is due for the first only
    assert values(new.rows["USUBJID"]) == ["01", "02"]
    assert values(new.rows["AVISIT"]) == ["Month 2", "Day 28"]
    assert values(new.rows["AVISITN"]) == [14, 13]
    assert values(new.rows["PARAMCD"]) == ["S", "S"]
    assert new.parents.values.tolist() == [[0, 1], [0, 2], [1, 3]]
