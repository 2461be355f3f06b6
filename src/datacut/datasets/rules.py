"""Rules over finished datasets: what SDTMIG 3.4 and ADaMIG 1.3 require of any study. They find, and change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pandas as pd

from datacut.compute.dates import is_iso_partial
from datacut.datasets.model import Dataset, record_key, value_text
from datacut.errors import Finding, Severity
from datacut.standards import sdtm_variables

SHOWN = 20
"""Records named per rule and variable; the rest is counted."""


def check_sdtm(datasets: Mapping[str, Dataset]) -> list[Finding]:
    """Required and expected variables, ISO 8601 dates, study days, --SEQ, one DM record a subject."""
    found: list[Finding] = []
    for name, dataset in datasets.items():
        found += _cores(name, dataset)
        found += _dates(dataset)
        found += _days(dataset)
        if f"{name}SEQ" in dataset.frame.columns and "USUBJID" in dataset.frame.columns:
            found += _unique(dataset, ["USUBJID", f"{name}SEQ"], "sdtm.seq", f"{name}SEQ repeats within the subject")
    if "DM" in datasets:
        found += _unique(datasets["DM"], ["USUBJID"], "sdtm.dm", "more than one DM record for the subject")
    return found


def check_adam(
    datasets: Mapping[str, Dataset], sdtm: Mapping[str, Dataset], left_out: Mapping[str, str] | None = None
) -> list[Finding]:
    """One ADSL record per DM subject, subjects known, required variables, flags, parameters, baseline and change.

    left_out: subjects whom ADSL leaves out by a rule, with its reason; a note a reason tells how many.
    """
    found: list[Finding] = []
    subjects = set(datasets["ADSL"].frame["USUBJID"].dropna()) if "ADSL" in datasets else None
    orphans = _not_in_dm(sdtm)
    if "ADSL" in datasets and "DM" in sdtm:
        known = left_out or {}
        in_dm = set(sdtm["DM"].frame["USUBJID"].dropna())
        by_reason = Counter(known[s] for s in in_dm - set(subjects or ()) if s in known)
        for reason, count in sorted(by_reason.items()):
            what = f"subjects of DM whom ADSL leaves out: {count}"
            remedy = "Nothing, if the analysis plan says so."
            found.append(Finding(Severity.NOTE, "adam.adsl.excluded", "ADSL.USUBJID", what, reason, remedy))
        for subject in sorted((in_dm - known.keys()) ^ set(subjects or ())):
            what = "a subject in only one of ADSL and DM"
            found.append(
                _finding("adam.adsl", f"ADSL.USUBJID:{subject}", what, subject, "ADSL holds every DM subject once.")
            )
        found += _unique(datasets["ADSL"], ["USUBJID"], "adam.adsl", "more than one ADSL record for the subject")
    for dataset in datasets.values():
        frame = dataset.frame
        if subjects is not None and "USUBJID" in frame.columns:
            outside = ~frame["USUBJID"].isin(subjects) & frame["USUBJID"].notna()
            follows = outside & frame["USUBJID"].isin(orphans)
            found += _records(
                dataset,
                outside & ~follows,
                "USUBJID",
                "adam.subject",
                "a subject who is not in ADSL",
                "Trace it to SDTM.",
            )
            found += _orphans(dataset, frame.loc[follows, "USUBJID"])
        found += _flags(dataset)
        found += _days(dataset)
        if {"PARAMCD", "AVISIT"} & set(frame.columns):
            found += _parameters(dataset)
    return found


def _not_in_dm(sdtm: Mapping[str, Dataset]) -> set[str]:
    """Subjects of other domains who are not in DM: the SDTM stage has told of them with their raw rows."""
    if "DM" not in sdtm:
        return set()
    others = (d.frame["USUBJID"].dropna() for d in sdtm.values() if "USUBJID" in d.frame.columns)
    return {s for subjects in others for s in subjects.unique()} - set(sdtm["DM"].frame["USUBJID"].dropna())


def _orphans(dataset: Dataset, subjects: pd.Series) -> Iterator[Finding]:
    for subject, count in subjects.value_counts(sort=False).sort_index().items():
        what = f"records of a subject who is not in DM, and so not in ADSL: {count}"
        remedy = "Correct the subject number at its source, as the finding of SDTM says."
        yield Finding(Severity.NOTE, "adam.orphan", f"{dataset.name}.USUBJID", what, str(subject), remedy)


def _cores(name: str, dataset: Dataset) -> Iterator[Finding]:
    standard = "SUPPQUAL" if name.startswith("SUPP") else name
    for variable in sdtm_variables(standard):
        present = variable.name in dataset.frame.columns
        if variable.core == "Req" and not present:
            what = "a required variable is not there"
            yield _finding("sdtm.required", f"{name}.{variable.name}", what, variable.name, "Add it to the spec.")
        elif variable.core == "Req":
            blank = dataset.frame[variable.name].isna()
            yield from _records(
                dataset, blank, variable.name, "sdtm.required", "a required value is missing", "Fill it at its source."
            )
        elif variable.core == "Exp" and not present:
            what = "an expected variable is not there"
            yield Finding(
                Severity.WARNING,
                "sdtm.expected",
                f"{name}.{variable.name}",
                what,
                variable.name,
                "Add it, even if empty.",
            )


def _dates(dataset: Dataset) -> Iterator[Finding]:
    for column in [c for c in dataset.frame.columns if str(c).endswith("DTC")]:
        values = dataset.frame[column]
        bad = values.notna() & ~is_iso_partial(values).fillna(True).astype(bool)
        yield from _records(
            dataset, bad, str(column), "sdtm.iso8601", "not an ISO 8601 date", "Map it with assign_datetime."
        )


def _days(dataset: Dataset) -> Iterator[Finding]:
    for column in [c for c in dataset.frame.columns if str(c).endswith("DY")]:
        if pd.api.types.is_numeric_dtype(dataset.frame[column]):
            zero = (dataset.frame[column] == 0).fillna(False)
            yield from _records(dataset, zero, str(column), "day.zero", "a study day 0", "There is no day 0.")


def _flags(dataset: Dataset) -> Iterator[Finding]:
    for column in [c for c in dataset.frame.columns if str(c).endswith("FL")]:
        values = dataset.frame[column]
        bad = values.notna() & ~values.isin(["Y", "N"])
        yield from _records(
            dataset, bad, str(column), "adam.flag", "a flag that is not Y, N or blank", "Mend its derivation."
        )


def _parameters(dataset: Dataset) -> Iterator[Finding]:
    frame = dataset.frame
    if {"PARAMCD", "PARAM"} <= set(frame.columns):
        pairs = frame[["PARAMCD", "PARAM"]].drop_duplicates()
        for column in ("PARAMCD", "PARAM"):
            for value in pairs.loc[pairs[column].duplicated(), column]:
                what = "PARAM and PARAMCD are not one to one"
                yield _finding("adam.param", f"{dataset.name}.{column}", what, str(value), "Give each one text.")
    if {"AVAL", "BASE", "CHG"} <= set(frame.columns):
        off = ((frame["AVAL"] - frame["BASE"]) - frame["CHG"]).abs() > 1e-9
        yield from _records(dataset, off.fillna(False), "CHG", "adam.chg", "CHG is not AVAL - BASE", "Derive it.")
    if "ABLFL" in frame.columns:
        by = [c for c in ("USUBJID", "PARAMCD", "BASETYPE") if c in frame.columns]
        flagged = frame[(frame["ABLFL"] == "Y").fillna(False)]
        twice = pd.Series(frame.index.isin(flagged.index[flagged.duplicated(by)]), index=frame.index)
        yield from _records(dataset, twice, "ABLFL", "adam.ablfl", "a second baseline record", "Flag one record.")


def _unique(dataset: Dataset, by: list[str], rule: str, what: str) -> Iterator[Finding]:
    yield from _records(dataset, dataset.frame.duplicated(by), by[-1], rule, what, "Keep one of them.")


def _records(dataset: Dataset, wrong: pd.Series, column: str, rule: str, what: str, remedy: str) -> Iterator[Finding]:
    rows = dataset.frame[wrong.fillna(False).astype(bool)]
    if rows.empty:
        return
    for position, value in enumerate(rows[column][:SHOWN]):
        key = record_key(rows, dataset.keys, position)
        yield _finding(rule, f"{dataset.name}.{column}:{key}", what, value_text(value), remedy)
    if len(rows) > SHOWN:
        yield _finding(rule, f"{dataset.name}.{column}", f"{what}: {len(rows) - SHOWN} more records", "", remedy)


def _finding(rule: str, where: str, what: str, value: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, rule, where, what, value, remedy)
