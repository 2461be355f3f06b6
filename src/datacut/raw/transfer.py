"""A transfer against the one before it: subjects, records, columns and values gone, new, or no longer the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from datacut.engine.context import FILE, ROW
from datacut.errors import Findings, Location, in_file, unplaced
from datacut.raw.audit import latest_entries
from datacut.raw.read import Export
from datacut.raw.transfer_form import (
    MEANT,
    FormChange,
    FormPair,
    holds,
    is_told,
    place_of,
    some,
    subjects_of,
    values_of,
)
from datacut.spec.load import Specs

_VISIT = "sdtm.visit"
"""The rule by which a visit that the specs do not know was told before it is called new."""


def compare_exports(
    before: Export,
    now: Export,
    specs: Specs,
    findings: Findings,
    ranges: Mapping[str, frozenset[str]],
) -> list[FormChange]:
    """Tell what of the transfer `before` is gone, other or met for the first time in `now`; one line for each form.

    findings: those of the specs alone too, so that what nobody knows is not called new; ranges: columns of each form
    that hold limits of reference ranges. What is gone is told at its place in the transfer before. A form that is
    missing or unreadable on one side is not compared: that is told when it is read.
    """
    vanished = _check_subjects(before, now, specs, findings)
    lines = []
    for form in specs.forms.values():
        pair = FormPair(form, specs, before, now, findings)
        lines.append(pair.compare(vanished.get(form.system, frozenset()), ranges.get(form.form, frozenset())))
    _check_visits(before, now, specs, findings)
    _check_audit(before, now, specs, findings)
    _check_same(before, now, findings)
    return lines


def _check_subjects(before: Export, now: Export, specs: Specs, findings: Findings) -> dict[str, frozenset[str]]:
    """Subjects of a system who are in none of its forms any more, or for the first time; those gone, by system.

    Forms that could not be read on both sides do not count.
    """
    gone: dict[str, frozenset[str]] = {}
    for name, system in specs.study.systems.items():
        column = system.subject
        if column is None:
            continue
        forms = [
            f.form
            for f in specs.forms.values()
            if f.system == name and all(column in side.headers.get(f.form, ()) for side in (before, now))
        ]
        was, is_ = ([(f, side.frames[f"raw.{f}"]) for f in forms] for side in (before, now))
        old, new = (set().union(*(subjects_of(frame, system) for _, frame in frames)) for frames in (was, is_))
        gone[name] = frozenset(old - new)
        for subject in sorted(old - new):
            where, forms_of = _found(was, column, subject)
            what = f"the subject was in the last transfer and is in no form of {name} now; was in {forms_of}"
            remedy = "Ask for a complete export, or who renamed or deleted the subject."
            findings.error("raw.transfer.subject_gone", where, what, value=subject, remedy=remedy)
        if old:
            for subject in sorted(new - old):
                where, _ = _found(is_, column, subject)
                what, remedy = f"a subject who was in no form of {name} in the last transfer", "Nothing is wrong."
                findings.note("raw.transfer.subject_new", where, what, value=subject, remedy=remedy)
    return gone


def _check_visits(before: Export, now: Export, specs: Specs, findings: Findings) -> None:
    """Visits that no form of a system had in the last transfer, at their first row."""
    for name, system in specs.study.systems.items():
        column = system.visit
        if column is None:
            continue
        forms = [f.form for f in specs.forms.values() if f.system == name]
        was, is_ = ([side.frames[f"raw.{f}"] for f in forms] for side in (before, now))
        known = {visit for frame in was for visit in values_of(frame, column)}
        first: dict[str, Location] = {}
        for frame in is_ if known else ():
            for visit in values_of(frame, column):
                if visit not in known and visit not in first and not is_told(findings, _VISIT, frame, column, visit):
                    first[visit] = place_of(frame.loc[holds(frame, column, visit), [FILE, ROW]], column)
        if first:
            what = f"visits that no form of {name} had in the last transfer"
            findings.note(
                "raw.transfer.visit_new", next(iter(first.values())), what, value=some([*first]), remedy=MEANT
            )


def _found(frames: Iterable[tuple[str, pd.DataFrame]], column: str, subject: str) -> tuple[Location, str]:
    """First place of a subject, and the forms with the number of rows in each."""
    first: Location | None = None
    counts = []
    for form, frame in frames:
        rows = frame.loc[holds(frame, column, subject), [FILE, ROW]]
        if len(rows):
            first = first or place_of(rows, column)
            counts.append(f"{form} ({len(rows)})")
    return first or unplaced(subject), ", ".join(counts)


def _check_audit(before: Export, now: Export, specs: Specs, findings: Findings) -> None:
    """A transfer whose latest entry is not later than that of the last one: sent again, or an older one."""
    was, is_ = (latest_entries(side.frames, specs) for side in (before, now))
    place = in_file(now.folder)
    if not was or not is_:
        what = "no time can be read in the audit columns, so nobody can tell which transfer is the later one"
        findings.note("raw.transfer.undated", place, what, remedy="Declare `audit` of the systems in specs/study.yml.")
        return
    both = [name for name in was if name in is_]
    late = [name for name in both if is_[name] <= was[name]]
    for name in late:
        whole = len(late) == len(both)
        earlier = is_[name] < was[name]
        what = f"the latest entry of {name} is {'earlier than' if earlier else 'that of'} the last transfer"
        remedy = "Ask whether an earlier export was sent again."
        tell = findings.error if whole or earlier else findings.warning
        tell("raw.transfer.stale", place, what, value=f"{was[name]} then, {is_[name]} now", remedy=remedy)


def _check_same(before: Export, now: Export, findings: Findings) -> None:
    """Files that are the same byte by byte though others moved on; that all are is an error."""
    shared = [form for form in now.paths if form in before.paths]
    same = [f for f in shared if before.paths[f].read_bytes() == now.paths[f].read_bytes()]
    if shared and len(same) == len(shared):
        what, remedy = "every file is the same as in the last transfer, byte by byte", "Ask for the new export."
        findings.error("raw.transfer.same", in_file(now.folder), what, remedy=remedy)
        return
    for form in same:
        if len(now.frames[f"raw.{form}"]):
            what, remedy = (
                "the file is the same as in the last transfer, byte by byte",
                "Nothing, if none of it changed.",
            )
            findings.note("raw.transfer.same", in_file(now.places[form].partition(".xlsx/")[0]), what, remedy=remedy)
