"""A transfer against the one before it: subjects, records, columns and values gone, new, or no longer the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from datacut.compute.texts import distinct_texts
from datacut.engine.context import FILE, ROW
from datacut.errors import Finding, Findings, Severity
from datacut.raw.audit import latest_entries
from datacut.raw.identity import RECORD, identify, unsure
from datacut.raw.read import Export
from datacut.spec.crf import CrfForm, System
from datacut.spec.load import Specs
from datacut.spec.scalars import is_number

_MOST = 0.5
"""Share of the rows of a form above which ids that tell no rows apart make those of the whole form worthless."""

_CODE, _VISIT = "sdtm.codelist", "sdtm.visit"
"""Rules by which a value that the specs do not know was told before it is called new."""
_MEANT = "Nothing, if they are meant; a new row of a table then surprises nobody."


@dataclass(frozen=True)
class FormChange:
    """One form in two transfers: rows and subjects of each; records new, gone and changed.

    new, gone, changed are None where records cannot be told apart, or one of the two could not be read. A record has
    changed if a cell differs that is neither its id nor an audit column.
    """

    form: str
    before: int
    now: int
    new: int | None
    gone: int | None
    changed: int | None
    subjects_before: int
    subjects_now: int


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
        pair = _Pair(form, specs, before, now, findings)
        lines.append(pair.compare(vanished.get(form.system, frozenset()), ranges.get(form.form, frozenset())))
    _check_visits(before, now, specs, findings)
    _check_audit(before, now, specs, findings)
    _check_same(before, now, findings)
    return lines


class _Pair:
    """One form in both transfers."""

    def __init__(self, form: CrfForm, specs: Specs, before: Export, now: Export, findings: Findings) -> None:
        self._form, self._specs, self._findings = form, specs, findings
        self._system: System = specs.study.systems[form.system]
        self._limits = specs.study.transfer
        self._was, self._is = (side.frames[f"raw.{form.form}"] for side in (before, now))
        self._headers = tuple(side.headers.get(form.form) for side in (before, now))
        self._present = tuple(form.form in side.places for side in (before, now))
        self._places = tuple(side.places.get(form.form, "") for side in (before, now))

    def compare(self, vanished: frozenset[str], ranges: frozenset[str]) -> FormChange:
        self._check_form()
        headers = self._headers
        counted: tuple[int | None, int | None, int | None] = (None, None, None)
        if headers[0] and headers[1]:
            both = [c for c in headers[0] if c in headers[1]]
            self._check_columns(headers[0], headers[1])
            if not self._was.empty:
                self._check_values([c for c in both if c in self._was.columns], ranges)
            counted = self._records([c for c in both if c in self._was.columns], vanished)
        elif not all(self._present):
            counted = (len(self._is), len(self._was), 0)
        sizes = [len(_subjects(frame, self._system)) for frame in (self._was, self._is)]
        return FormChange(self._form.form, len(self._was), len(self._is), *counted, *sizes)

    def _tell(self, severity: Severity, rule: str, where: str, what: str, *, value: str = "", remedy: str) -> None:
        self._findings.extend([Finding(severity, f"raw.transfer.{rule}", where, what, value, remedy)])

    def _tell_rows(
        self, severity: Severity, rule: str, rows: pd.DataFrame, column: str, what: str, *, value: str = "", remedy: str
    ) -> None:
        """One finding of several rows of one side, at the first of them."""
        item = Finding(severity, f"raw.transfer.{rule}", _place(rows, column), what, value, remedy)
        self._findings.folded(item, (self._form.form, column, value), map(str, rows[ROW]))

    def _check_form(self) -> None:
        """A form that came or, being optional, went; a form that must be there is missed when it is read."""
        name = f"the form {self._form.form} ({self._form.label})"
        if self._present == (False, True):
            what = f"{name} has a file for the first time"
            self._tell(Severity.NOTE, "form_new", self._places[1], what, remedy="Nothing is wrong.")
        elif self._present == (True, False) and self._form.optional:
            what = f"{name} had {len(self._was)} rows in the last transfer and has no file in this one"
            self._tell(Severity.ERROR, "form_gone", self._places[0], what, remedy="Ask for a complete export.")

    def _check_columns(self, was: tuple[str, ...], now: tuple[str, ...]) -> None:
        """Columns that came or went, where reading the file has not told of them already."""
        known = self._was.columns
        for name in (c for c in now if c not in was and c in known):
            what, remedy = "a column that the last transfer did not have", "Nothing is wrong: specs/crf describes it."
            self._tell(Severity.NOTE, "column_new", f"{self._places[1]}:1:{name}", what, value=name, remedy=remedy)
        for name in (c for c in was if c not in now and c not in known):
            what = "a column of the last transfer is not in this one; specs/crf does not describe it"
            remedy = "Nothing, unless it was meant to be used."
            self._tell(Severity.NOTE, "column_gone", f"{self._places[0]}:1:{name}", what, value=name, remedy=remedy)

    def _check_values(self, columns: list[str], ranges: frozenset[str]) -> None:
        fields = self._specs.columns(self._form)
        for name in (c for c in columns if fields[c].required):
            self._check_missing(name)
        coded = {c for c in columns if fields[c].codelist is not None and c != self._system.visit}
        names = [c for c in columns if c in coded or c in ranges]
        held = [distinct_texts(frame, names) for frame in (self._was, self._is)]
        for name in names:
            was, now = (_stripped(side[name]) for side in held)
            first = [text for text in now if text not in set(was)]
            if not was or not first:
                continue  # where nothing stood everything is new, and says nothing
            if name in coded:
                self._check_type(name, was, now)
                first = [text for text in first if not _is_told(self._findings, _CODE, self._is, name, text)]
                what = f"values of {fields[name].codelist} that the column did not have in the last transfer"
                self._tell_first("code_new", name, first, what)
            else:
                self._tell_first("range_new", name, first, "limits of a range that the last transfer did not have")

    def _tell_first(self, rule: str, column: str, first: list[str], what: str) -> None:
        if not first:
            return
        where = _place(self._is.loc[_holds(self._is, column, first[0]), [FILE, ROW]], column)
        self._tell(Severity.NOTE, rule, where, what, value=_some(first), remedy=_MEANT)

    def _check_type(self, column: str, was: list[str], now: list[str]) -> None:
        """Labels in place of codes, or codes in place of labels: another choice when the export was made."""
        numeric = [{is_number(text) for text in texts} for texts in (was, now)]
        if numeric not in ([{True}, {False}], [{False}, {True}]):
            return
        kinds = ("numbers", "text") if True in numeric[0] else ("text", "numbers")
        what = f"the values of this coded field were all {kinds[0]} in the last transfer and are all {kinds[1]} now"
        where = _place(self._is.loc[_holds(self._is, column, now[0])], column)
        remedy = "Ask whether codes or labels were chosen for the export, and for the same choice as before."
        self._tell(Severity.WARNING, "type_changed", where, what, value=_some(now), remedy=remedy)

    def _check_missing(self, column: str) -> None:
        limit = self._limits.missing_points if self._limits else None
        if limit is None or self._was.empty or self._is.empty:
            return
        was, now = (100 * float(frame[column].isna().mean()) for frame in (self._was, self._is))
        if now - was >= limit:
            what = f"a required field is blank in {now:.1f} % of the rows, in {was:.1f} % in the last transfer"
            remedy = (
                f"Ask whether the field is exported as before; told from {limit:g} points on (`transfer`, study.yml)."
            )
            where = _place(self._is.loc[self._is[column].isna()], column)
            self._tell(Severity.WARNING, "missing_more", where, what, remedy=remedy)

    def _records(self, columns: list[str], vanished: frozenset[str]) -> tuple[int | None, int | None, int | None]:
        """Records new, gone and changed, told by their identity; None where it cannot be trusted."""
        was, now = self._was, self._is
        before, after = (identify(frame, self._form, self._system) for frame in (was, now))
        if not self._reliable(before, after):
            self._check_fewer()
            return None, None, None
        line = {key: number for number, key in enumerate(before.itertuples(index=False, name=None))}
        at = np.array([line.get(key, -1) for key in after.itertuples(index=False, name=None)], dtype=np.intp)
        known = at >= 0
        place = [c for c in (self._system.subject, self._system.visit, self._system.record) if c is not None]
        place = [*dict.fromkeys([*place, *self._form.keys]), ROW, FILE]  # a form is wide, and rows are taken by column
        old, new = was[place].iloc[at[known]].reset_index(drop=True), now[place].loc[known].reset_index(drop=True)
        if self._moved(old, new):
            self._check_fewer()
            return None, None, None
        gone = was[place].drop(index=was.index[at[known]])
        self._check_gone(gone, vanished)
        data = [c for c in columns if c not in self._system.audit and c != self._system.record]
        cells, other = (frame[data].to_numpy(dtype=object, na_value="") for frame in (was, now))
        differs = (cells[at[known]] != other[known]).any(axis=1)
        return int((~known).sum()), len(gone), int(differs.sum())

    def _reliable(self, before: pd.DataFrame, after: pd.DataFrame) -> bool:
        sides = ((self._was, before, self._places[0]), (self._is, after, self._places[1]))
        for frame, identity, place in sides:
            strange = unsure(frame, identity, self._system)
            if not frame.empty and strange.mean() > _MOST:
                ids = self._system.record or ", ".join(self._form.keys) or "nothing"
                what = f"{ids} tells {int(strange.sum())} of {len(frame)} rows from no other; only counts are compared"
                remedy = "Ask for an export with record ids, or name them under `record` in specs/study.yml."
                self._tell(Severity.WARNING, "id_unreliable", place, what, remedy=remedy)
                return False
        if not before.empty and not after.empty and not before[RECORD].isin(after[RECORD]).any():
            what = f"not one of {len(before)} record ids of the last transfer is in this one; only counts are compared"
            remedy = "Ask whether the system has numbered its records anew."
            self._tell(Severity.ERROR, "id_unreliable", self._places[1], what, remedy=remedy)
            return False
        return True

    def _moved(self, old: pd.DataFrame, new: pd.DataFrame) -> bool:
        """Tell of ids that stand for another subject or visit; whether most do, so that they identify nothing."""
        subject, visit, record = self._system.subject, self._system.visit, self._system.record
        if record is None:
            return False
        other = _differ(old, new, subject) if subject is not None else pd.Series(False, index=new.index)
        most = bool(len(new)) and bool(other.mean() > _MOST)
        if other.any():
            ending = "; most ids of the form do, so that only counts are compared" if most else ""
            what = f"the record id stood for another subject in the last transfer{ending}"
            remedy = "Ask the system why ids are used again; do not build on differences of the form."
            self._tell_rows(Severity.ERROR, "id_reused", new.loc[other], record, what, remedy=remedy)
        if visit is not None and not most:
            elsewhere = _differ(old, new, visit) & ~other
            if elsewhere.any():
                what = "the record id stood at another visit of the subject in the last transfer"
                remedy = "Nothing, if the visit was corrected or is called otherwise; else ask why ids are used again."
                self._tell_rows(Severity.WARNING, "visit_moved", new.loc[elsewhere], visit, what, remedy=remedy)
        return most

    def _check_gone(self, gone: pd.DataFrame, vanished: frozenset[str]) -> None:
        """Records gone of subjects who are still there; those of subjects who vanished are told with these."""
        if self._system.subject is not None:
            gone = gone.loc[~gone[self._system.subject].fillna("").str.strip().isin(vanished)]
        if gone.empty:
            return
        share = 100 * len(gone) / len(self._was)
        limit = self._limits.gone_percent if self._limits else None
        severe = self._is.empty or (limit is not None and share > limit)
        what = f"{len(gone)} of {len(self._was)} records of the last transfer are not in this one"
        remedy = "Ask whether they were deleted at the source."
        if limit is not None:
            remedy += f" An error above {limit:g} % of a form (`transfer`, study.yml)."
        column = self._system.record or (self._form.keys or (ROW,))[-1]
        severity = Severity.ERROR if severe else Severity.WARNING
        self._tell_rows(severity, "rows_gone", gone, column, what, remedy=remedy)

    def _check_fewer(self) -> None:
        if len(self._is) < len(self._was):
            what = f"{len(self._was)} rows in the last transfer, {len(self._is)} in this one"
            self._tell(Severity.ERROR, "rows_fewer", self._places[1], what, remedy="Ask for a complete export.")


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
        old, new = (set().union(*(_subjects(frame, system) for _, frame in frames)) for frames in (was, is_))
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
        known = {visit for frame in was for visit in _distinct(frame, column)}
        first: dict[str, str] = {}
        for frame in is_ if known else ():
            for visit in _distinct(frame, column):
                if visit not in known and visit not in first and not _is_told(findings, _VISIT, frame, column, visit):
                    first[visit] = _place(frame.loc[_holds(frame, column, visit), [FILE, ROW]], column)
        if first:
            what = f"visits that no form of {name} had in the last transfer"
            findings.note(
                "raw.transfer.visit_new", next(iter(first.values())), what, value=_some([*first]), remedy=_MEANT
            )


def _found(frames: Iterable[tuple[str, pd.DataFrame]], column: str, subject: str) -> tuple[str, str]:
    """First place of a subject, and the forms with the number of rows in each."""
    where, counts = "", []
    for form, frame in frames:
        rows = frame.loc[_holds(frame, column, subject), [FILE, ROW]]
        if len(rows):
            where = where or _place(rows, column)
            counts.append(f"{form} ({len(rows)})")
    return where, ", ".join(counts)


def _check_audit(before: Export, now: Export, specs: Specs, findings: Findings) -> None:
    """A transfer whose latest entry is not later than that of the last one: sent again, or an older one."""
    was, is_ = (latest_entries(side.frames, specs) for side in (before, now))
    place = now.folder
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
        findings.error("raw.transfer.same", now.folder, what, remedy=remedy)
        return
    for form in same:
        if len(now.frames[f"raw.{form}"]):
            what, remedy = (
                "the file is the same as in the last transfer, byte by byte",
                "Nothing, if none of it changed.",
            )
            findings.note("raw.transfer.same", now.places[form].partition(".xlsx/")[0], what, remedy=remedy)


def _is_told(findings: Findings, rule: str, frame: pd.DataFrame, column: str, text: str) -> bool:
    rows = frame.loc[_holds(frame, column, text), [column, FILE, ROW]]
    return findings.told(rule, _place(rows, column), str(rows[column].iloc[0]))


def _place(rows: pd.DataFrame, column: str) -> str:
    """The column in the first of the rows."""
    return f"{rows[FILE].iloc[0]}:{rows[ROW].iloc[0]}:{column}"


def _holds(frame: pd.DataFrame, column: str, text: str) -> pd.Series:
    return frame[column].fillna("").str.strip() == text


def _subjects(frame: pd.DataFrame, system: System) -> set[str]:
    return set(_distinct(frame, system.subject)) if system.subject is not None else set()


def _distinct(frame: pd.DataFrame, column: str) -> list[str]:
    return _stripped(distinct_texts(frame, [column])[column])


def _stripped(texts: list[str]) -> list[str]:
    """The different texts without blanks at their ends."""
    return [t for t in dict.fromkeys(map(str.strip, texts)) if t]


def _differ(old: pd.DataFrame, new: pd.DataFrame, column: str) -> pd.Series:
    """Rows whose column holds another text than before; a blank on either side is no other text."""
    was, now = (frame[column].fillna("").str.strip() for frame in (old, new))
    return (was != now) & was.ne("") & now.ne("")


def _some(texts: list[str], most: int = 12) -> str:
    return ", ".join(texts[:most]) + (f", ... ({len(texts)})" if len(texts) > most else "")
