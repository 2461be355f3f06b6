"""ADaM dates: date and datetime, imputation and its flags, study days, time to event."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from datacut.compute.dates import iso_parts, study_day
from datacut.conformance.package import Package, check, of_subject, records
from datacut.datasets.model import Dataset
from datacut.errors import Finding, Rule

PARTS = ("year", "month", "day")


@check
def date_of_datetime(package: Package, rule: Rule) -> Iterator[Finding]:
    """*DT is the date of *DTM."""
    for dataset in package.adam.values():
        frame = dataset.frame
        for date in [str(c) for c in frame.columns if str(c).endswith("DT") and f"{c}M" in frame.columns]:
            both = frame[date].notna() & frame[f"{date}M"].notna()
            other = both & (frame[date] != frame[f"{date}M"].dt.normalize())
            yield from records(rule, dataset, other, date)


@check
def flag_with_date(package: Package, rule: Rule) -> Iterator[Finding]:
    """An imputation flag stands beside a date or time that has a value."""
    for dataset in package.adam.values():
        frame = dataset.frame
        for flag in [str(c) for c in frame.columns if re.fullmatch(r"\w+(DT|TM)F", str(c))]:
            stem = flag[:-1]
            dates = [c for c in (stem, f"{stem[:-2]}DTM") if c in frame.columns]
            given = frame[dates].notna().any(axis=1) if dates else pd.Series(False, index=frame.index)
            yield from records(rule, dataset, frame[flag].notna() & ~given, flag)


def _collected(dataset: Dataset) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Dates of analysis beside the text they are made of: date, its flag, the parts of the text."""
    frame = dataset.frame
    for date, ending in (("ASTDT", "STDTC"), ("AENDT", "ENDTC")):
        texts = [str(c) for c in frame.columns if len(str(c)) == 7 and str(c).endswith(ending)]
        if date in frame.columns and len(texts) == 1:
            yield date, f"{date}F", iso_parts(frame[texts[0]])


@check
def flag_as_imputed(package: Package, rule: Rule) -> Iterator[Finding]:
    """*DTF names the highest part that was not collected: Y, M or D; it is missing where all were."""
    for dataset in package.adam.values():
        for date, flag, parts in _collected(dataset):
            frame = dataset.frame
            expected = pd.Series(pd.NA, index=frame.index, dtype="str")
            for part in reversed(PARTS):
                expected = expected.mask(parts[part].isna(), part[0].upper())
            stated = frame[flag] if flag in frame.columns else pd.Series(pd.NA, index=frame.index, dtype="str")
            known = frame[date].notna() & parts.notna().any(axis=1)
            same = (stated == expected).fillna(False) | (stated.isna() & expected.isna())
            column = flag if flag in frame.columns else date
            yield from records(rule, dataset, known & ~same, column)


@check
def date_as_collected(package: Package, rule: Rule) -> Iterator[Finding]:
    """An imputed date keeps every part that was collected."""
    for dataset in package.adam.values():
        for date, _, parts in _collected(dataset):
            shown = iso_parts(dataset.frame[date].dt.strftime("%Y-%m-%d").astype("str"))
            differ = pd.Series(False, index=dataset.frame.index)
            for part in PARTS:
                differ |= (parts[part].notna() & shown[part].notna() & (parts[part] != shown[part])).fillna(False)
            yield from records(rule, dataset, differ, date)


@check
def day_of_treatment(package: Package, rule: Rule) -> Iterator[Finding]:
    """`days` of an analysis are counted from TRTSDT, without a day 0."""
    for dataset in package.adam.values():
        frame = dataset.frame
        if "USUBJID" not in frame.columns:
            continue
        start = frame["TRTSDT"] if "TRTSDT" in frame.columns else of_subject(package.analysed, frame, "TRTSDT")
        if not pd.api.types.is_datetime64_any_dtype(start):
            continue
        for day, date in rule.data["days"]:
            if {day, date} <= set(frame.columns):
                expected = study_day(frame[date], start)
                wrong = frame[day].notna() & expected.notna() & (frame[day] != expected) & (frame[day] != 0)
                yield from records(rule, dataset, wrong, day)
