"""The type that define.xml states for dates: each value must be of it."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.conformance.define_data import PATTERNS
from datacut.datasets.model import Dataset, Variable
from datacut.submission.shapes import Shape, shape_of


@pytest.mark.parametrize(
    ("dates", "shape"),
    [
        (["2026-02-05", "2026-02"], Shape("partialDate")),
        (["2026-02-05T08:30+08:00", "2026-02-05"], Shape("incompleteDatetime")),
        (["2026-02-05T08:30:00.5", "2026-02-05"], Shape("incompleteDatetime")),
        (["2026-02-05/2026-02-09", "2026-02-05"], Shape("text", 21)),
        (["2026-02-05/2026-02-09"], Shape("intervalDatetime")),
    ],
)
def test_the_type_of_dates_holds_each_of_them(dates, shape):
    variable = Variable("AESTDTC", "Start", "text", 21)
    frame = pd.DataFrame({"AESTDTC": pd.Series(dates, dtype="str")})
    dataset = Dataset("AE", "Adverse Events", (variable,), frame, ("AESTDTC",))
    assert shape_of(dataset, variable, iso8601=True) == shape
    pattern = PATTERNS.get(shape.type)
    assert pattern is None or all(pattern.fullmatch(d) for d in dates)
