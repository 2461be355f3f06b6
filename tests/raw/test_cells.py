"""A typed cell becomes the text its CRF field would hold."""

from datetime import date, datetime, time, timedelta

import pytest

from datacut.raw.cells import cell_text

DAY, MOMENT = date(2026, 2, 5), datetime(2026, 2, 5, 7, 8, 9)  # noqa: DTZ001  as a sheet holds it


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (None, None, ""),
        ("", None, ""),
        (" 007 ", None, " 007 "),
        (1.0, None, "1"),
        (90100012.0, None, "90100012"),
        (-3.0, None, "-3"),
        (0.1, None, "0.1"),
        (4.25, None, "4.25"),
        (7, None, "7"),
        (True, None, "TRUE"),
        (DAY, "d-mmm-y", "05-FEB-2026"),
        (DAY, "y-m-d", "2026-02-05"),
        (DAY, "ymd", "20260205"),
        (DAY, "d/m/y", "05/02/2026"),
        (DAY, None, "2026-02-05"),
        (DAY, "d/m/y H:M", "2026-02-05"),
        (MOMENT, "d/m/y H:M", "05/02/2026 07:08"),
        (MOMENT, None, "2026-02-05T07:08:09"),
        (datetime(2026, 2, 5), None, "2026-02-05"),  # noqa: DTZ001
        (datetime(2026, 2, 5), "d-mmm-y", "05-FEB-2026"),  # noqa: DTZ001
        (time(7, 8), "H:M", "07:08"),
        (time(0, 0), "H:M", "00:00"),
        (timedelta(hours=7, minutes=8), "H:M", "07:08"),
        (timedelta(hours=25), "H:M", "25:00"),
    ],
)
def test_cell_text(value, shape, text):
    assert cell_text(value, shape) == text
