from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from datacut.compute.courses import BOUNDS, FAR, course_bounds, pair_with_courses


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def days(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="datetime64[s]")


def day(text: str) -> int:
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def bounds(start: str | None, end: str | None, ongoing: bool | None = None, once: bool = False) -> list[int]:
    flags = pd.Series([ongoing], dtype="boolean"), pd.Series([once], dtype="boolean")
    return course_bounds(texts(start), texts(end), *flags).iloc[0].tolist()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("2026-02-03", "2026-02-10"), ["2026-02-03", "2026-02-03", "2026-02-10", "2026-02-10"]),
        (("2026-02-03", None), ["2026-02-03", "2026-02-03", FAR, FAR]),
        (("2026-02-03", None, True), ["2026-02-03", "2026-02-03", FAR, FAR]),
        (("2026-02-03", None, False), ["2026-02-03", "2026-02-03", "2026-02-03", FAR]),
        (("2026-01", "2026-02"), ["2026-01-01", "2026-01-31", "2026-02-01", "2026-02-28"]),
        (("2026-01-05", "2026"), ["2026-01-05", "2026-01-05", "2026-01-05", "2026-12-31"]),
        ((None, "2026-02-10"), [-FAR, "2026-02-10", "2026-02-10", "2026-02-10"]),
        ((None, None), [-FAR, FAR, FAR, FAR]),
        (("2026-02-03T08:30", "2026-02-10", None, True), ["2026-02-03"] * 4),
        (("2026-02", "2026-02-10", None, True), ["2026-02-01", "2026-02-28", "2026-02-01", "2026-02-28"]),
        (("2026-02-10", "2026-02-03"), ["2026-02-03", "2026-02-10", "2026-02-03", "2026-02-10"]),
    ],
)
def test_bounds(given: tuple[str | None, ...], expected: list[str | int]) -> None:
    assert bounds(*given) == [day(v) if isinstance(v, str) else v for v in expected]  # type: ignore[arg-type]


def courses(*rows: tuple[str, str | None, str | None]) -> pd.DataFrame:
    frame = course_bounds(texts(*(r[1] for r in rows)), texts(*(r[2] for r in rows)))
    return frame.assign(subject=texts(*(r[0] for r in rows)))


def test_window_ends_on_the_visit() -> None:
    given = courses(
        ("1", "2026-03-01", "2026-03-04"),  # ends on the first day of the window of 7
        ("1", "2026-02-01", "2026-03-03"),  # ends the day before it
        ("1", "2026-03-10", None),  # starts on the visit
        ("1", "2026-03-11", None),  # starts the day after
        ("1", "2026-03", "2026-03-08"),  # start unknown
        ("2", "2026-01-01", None),
    )
    pairs = pair_with_courses(texts("1", "3", "1"), days("2026-03-10", "2026-03-10", None), given, 7)
    assert pairs["visit"].tolist() == [0] * 5
    assert pairs["course"].tolist() == [0, 1, 2, 3, 4]
    assert pairs["known_days"].tolist() == [1, 0, 1, 0, 1]
    assert pairs["possible_days"].tolist() == [1, 0, 1, 0, 5]


def test_no_course_and_no_visit() -> None:
    assert pair_with_courses(texts("1"), days("2026-03-10"), courses(), 7).empty
    assert pair_with_courses(texts(), days(), courses(("1", "2026-03-01", None)), 7).empty
    with pytest.raises(ValueError, match="at least one day"):
        pair_with_courses(texts("1"), days("2026-03-10"), courses(), 0)


def test_bounds_have_their_order() -> None:
    assert tuple(course_bounds(texts(), texts()).columns) == BOUNDS
