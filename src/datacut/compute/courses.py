"""Courses of treatment with partly known dates, against a window of days that ends on a visit.

A course lies somewhere between bounds: it starts from `start_min` to `start_max` and ends from `end_min` to `end_max`,
in days since 1970-01-01; `-FAR` and `FAR` are open. What is the same at both bounds is known, the rest is unknown.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from datacut.compute.dates import impute_date

FAR: Final = 10**6
BOUNDS: Final = ("start_min", "start_max", "end_min", "end_max")


def day_number(date: pd.Series[Any]) -> pd.Series[Any]:
    """Days since 1970-01-01, Int64; times of day are ignored, missing stays missing."""
    missing = date.isna()
    days = date.to_numpy().astype("datetime64[D]").astype("int64")
    return pd.Series(np.where(missing, 0, days), index=date.index, dtype="Int64").mask(missing)


def _edge(dtc: pd.Series[Any], how: Any, unknown: int) -> pd.Series[Any]:
    return day_number(impute_date(dtc, how, "M")[0]).fillna(unknown).astype("int64")


def course_bounds(
    start: pd.Series[Any],
    end: pd.Series[Any],
    ongoing: pd.Series[Any] | None = None,
    once: pd.Series[Any] | None = None,
    begun_by: pd.Series[Any] | None = None,
) -> pd.DataFrame:
    """The bounds of each course, int64 columns `BOUNDS`.

    start, end: ISO 8601 texts, partial allowed (2026-02 lies from 1 to 28 February; a year below it is unknown).
    No end: the course continues, unless `ongoing` (nullable boolean) says it does not: then its end is unknown.
    once: given on its start only, whatever the end. No start: unknown, but not after the end. An end before the start
    contradicts itself: the course may or may not have been given on any day between the two.
    begun_by: dates on or before which a course is known to have begun (it was going on at informed consent): they bound
    a start that is partial or missing, where they leave a day of it.
    """
    single = pd.Series(False, index=start.index) if once is None else once.astype("boolean").fillna(False).astype(bool)
    last = end.where(~single, start)
    bounds = pd.DataFrame(
        {
            "start_min": _edge(start, "first", -FAR),
            "start_max": _edge(start, "last", FAR),
            "end_min": _edge(last, "first", FAR),
            "end_max": _edge(last, "last", FAR),
        }
    )
    if begun_by is not None:
        latest = day_number(begun_by).fillna(FAR).astype("int64")
        partial = (bounds["start_min"] < bounds["start_max"]) & (bounds["start_min"] <= latest)
        bounds["start_max"] = (
            bounds[["start_max"]].assign(latest=latest).min(axis=1).where(partial, bounds["start_max"])
        )
        bounds["end_max"] = bounds["end_max"].mask(single & partial, bounds["start_max"])
    over = single if ongoing is None else single | ~ongoing.astype("boolean").fillna(True).astype(bool)
    unended = over & last.isna()
    bounds["end_min"] = bounds["end_min"].mask(unended, -FAR)
    low, high = bounds["end_min"], bounds["start_max"]
    reversed_ = bounds["end_max"] < bounds["start_min"]
    bounds["end_min"] = bounds[["start_min", "end_min"]].max(axis=1).mask(reversed_, low)
    bounds["start_max"] = bounds[["start_max", "end_max"]].min(axis=1).mask(reversed_, high)
    bounds["start_min"] = bounds["start_min"].mask(reversed_, low)
    bounds["end_max"] = bounds["end_max"].mask(reversed_, high)
    return bounds[list(BOUNDS)].astype("int64")


def pair_with_courses(
    subject: pd.Series[Any], date: pd.Series[Any], courses: pd.DataFrame, window_days: int
) -> pd.DataFrame:
    """Every visit with every course of the same subject: one row a pair.

    subject, date: one row per visit; courses: column `subject` and `BOUNDS`. Columns: `visit` and `course` (positions),
    `first` and `last` day of the window of `window_days` days that ends on the visit, and `known_days` and
    `possible_days` of the course in it. Visits without a date or a course, and courses of nobody, are left out.
    Raises ValueError for a window below one day.
    """
    if window_days < 1:
        raise ValueError(f"A window has at least one day, not {window_days}.")
    visits = pd.DataFrame({"subject": subject.to_numpy(), "visit": range(len(subject))})
    visits["last"] = day_number(date).to_numpy(dtype="float64", na_value=np.nan)
    visits = visits.dropna().astype({"last": "int64"})
    given = courses[["subject", *BOUNDS]].assign(course=range(len(courses))).dropna(subset=["subject"])
    pairs = visits.merge(given, on="subject", how="inner").sort_values(["visit", "course"], ignore_index=True)
    pairs["first"] = pairs["last"] - window_days + 1
    pairs["known_days"] = _overlap(pairs, "start_max", "end_min")
    pairs["possible_days"] = _overlap(pairs, "start_min", "end_max")
    return pairs


def _overlap(pairs: pd.DataFrame, start: str, end: str) -> pd.Series[Any]:
    until, since = pairs[[end, "last"]].min(axis=1), pairs[[start, "first"]].max(axis=1)
    return (until - since + 1).clip(lower=0)
