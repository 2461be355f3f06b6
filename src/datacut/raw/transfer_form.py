"""One form in two transfers: its records, columns and values gone, new, or no longer the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from datacut.compute.texts import distinct_texts
from datacut.engine.context import FILE, ROW
from datacut.errors import Finding, Findings, Location, Severity, in_file
from datacut.raw.identity import RECORD, identify, unsure
from datacut.raw.read import Export
from datacut.spec.crf import CrfForm, System
from datacut.spec.load import Specs
from datacut.spec.scalars import is_number

_MOST = 0.5
"""Share of the rows of a form above which ids that tell no rows apart make those of the whole form worthless."""

_CODE = "sdtm.codelist"
"""The rule by which a code that the specs do not know was told before it is called new."""
MEANT = "Nothing, if they are meant; a new row of a table then surprises nobody."


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


class FormPair:
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
        sizes = [len(subjects_of(frame, self._system)) for frame in (self._was, self._is)]
        return FormChange(self._form.form, len(self._was), len(self._is), *counted, *sizes)

    def _tell(self, severity: Severity, rule: str, where: Location, what: str, *, value: str = "", remedy: str) -> None:
        self._findings.extend([Finding(severity, rule, where, what, value, remedy)])

    def _tell_rows(
        self, severity: Severity, rule: str, rows: pd.DataFrame, column: str, what: str, *, value: str = "", remedy: str
    ) -> None:
        """One finding of several rows of one side, at the first of them."""
        item = Finding(severity, rule, place_of(rows, column), what, value, remedy)
        self._findings.folded(item, (self._form.form, column, value), map(str, rows[ROW]))

    def _check_form(self) -> None:
        """A form that came or, being optional, went; a form that must be there is missed when it is read."""
        name = f"the form {self._form.form} ({self._form.label})"
        if self._present == (False, True):
            what = f"{name} has a file for the first time"
            self._tell(
                Severity.NOTE, "raw.transfer.form_new", in_file(self._places[1]), what, remedy="Nothing is wrong."
            )
        elif self._present == (True, False) and self._form.optional:
            what = f"{name} had {len(self._was)} rows in the last transfer and has no file in this one"
            self._tell(
                Severity.ERROR,
                "raw.transfer.form_gone",
                in_file(self._places[0]),
                what,
                remedy="Ask for a complete export.",
            )

    def _check_columns(self, was: tuple[str, ...], now: tuple[str, ...]) -> None:
        """Columns that came or went, where reading the file has not told of them already."""
        known = self._was.columns
        for name in (c for c in now if c not in was and c in known):
            what, remedy = "a column that the last transfer did not have", "Nothing is wrong: specs/crf describes it."
            self._tell(
                Severity.NOTE,
                "raw.transfer.column_new",
                in_file(self._places[1], 1, name),
                what,
                value=name,
                remedy=remedy,
            )
        for name in (c for c in was if c not in now and c not in known):
            what = "a column of the last transfer is not in this one; specs/crf does not describe it"
            remedy = "Nothing, unless it was meant to be used."
            self._tell(
                Severity.NOTE,
                "raw.transfer.column_gone",
                in_file(self._places[0], 1, name),
                what,
                value=name,
                remedy=remedy,
            )

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
                first = [text for text in first if not is_told(self._findings, _CODE, self._is, name, text)]
                what = f"values of {fields[name].codelist} that the column did not have in the last transfer"
                self._tell_first("raw.transfer.code_new", name, first, what)
            else:
                self._tell_first(
                    "raw.transfer.range_new", name, first, "limits of a range that the last transfer did not have"
                )

    def _tell_first(self, rule: str, column: str, first: list[str], what: str) -> None:
        if not first:
            return
        where = place_of(self._is.loc[holds(self._is, column, first[0]), [FILE, ROW]], column)
        self._tell(Severity.NOTE, rule, where, what, value=some(first), remedy=MEANT)

    def _check_type(self, column: str, was: list[str], now: list[str]) -> None:
        """Labels in place of codes, or codes in place of labels: another choice when the export was made."""
        numeric = [{is_number(text) for text in texts} for texts in (was, now)]
        if numeric not in ([{True}, {False}], [{False}, {True}]):
            return
        kinds = ("numbers", "text") if True in numeric[0] else ("text", "numbers")
        what = f"the values of this coded field were all {kinds[0]} in the last transfer and are all {kinds[1]} now"
        where = place_of(self._is.loc[holds(self._is, column, now[0])], column)
        remedy = "Ask whether codes or labels were chosen for the export, and for the same choice as before."
        self._tell(Severity.WARNING, "raw.transfer.type_changed", where, what, value=some(now), remedy=remedy)

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
            where = place_of(self._is.loc[self._is[column].isna()], column)
            self._tell(Severity.WARNING, "raw.transfer.missing_more", where, what, remedy=remedy)

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
                self._tell(Severity.WARNING, "raw.transfer.id_unreliable", in_file(place), what, remedy=remedy)
                return False
        if not before.empty and not after.empty and not before[RECORD].isin(after[RECORD]).any():
            what = f"not one of {len(before)} record ids of the last transfer is in this one; only counts are compared"
            remedy = "Ask whether the system has numbered its records anew."
            self._tell(Severity.ERROR, "raw.transfer.id_unreliable", in_file(self._places[1]), what, remedy=remedy)
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
            self._tell_rows(Severity.ERROR, "raw.transfer.id_reused", new.loc[other], record, what, remedy=remedy)
        if visit is not None and not most:
            elsewhere = _differ(old, new, visit) & ~other
            if elsewhere.any():
                what = "the record id stood at another visit of the subject in the last transfer"
                remedy = "Nothing, if the visit was corrected or is called otherwise; else ask why ids are used again."
                self._tell_rows(
                    Severity.WARNING, "raw.transfer.visit_moved", new.loc[elsewhere], visit, what, remedy=remedy
                )
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
        self._tell_rows(severity, "raw.transfer.rows_gone", gone, column, what, remedy=remedy)

    def _check_fewer(self) -> None:
        if len(self._is) < len(self._was):
            what = f"{len(self._was)} rows in the last transfer, {len(self._is)} in this one"
            self._tell(
                Severity.ERROR,
                "raw.transfer.rows_fewer",
                in_file(self._places[1]),
                what,
                remedy="Ask for a complete export.",
            )


def is_told(findings: Findings, rule: str, frame: pd.DataFrame, column: str, text: str) -> bool:
    rows = frame.loc[holds(frame, column, text), [column, FILE, ROW]]
    return findings.told(rule, place_of(rows, column), str(rows[column].iloc[0]))


def place_of(rows: pd.DataFrame, column: str) -> Location:
    """The column in the first of the rows."""
    return in_file(rows[FILE].iloc[0], int(rows[ROW].iloc[0]), column)


def holds(frame: pd.DataFrame, column: str, text: str) -> pd.Series:
    return frame[column].fillna("").str.strip() == text


def subjects_of(frame: pd.DataFrame, system: System) -> set[str]:
    return set(values_of(frame, system.subject)) if system.subject is not None else set()


def values_of(frame: pd.DataFrame, column: str) -> list[str]:
    return _stripped(distinct_texts(frame, [column])[column])


def _stripped(texts: list[str]) -> list[str]:
    """The different texts without blanks at their ends."""
    return [t for t in dict.fromkeys(map(str.strip, texts)) if t]


def _differ(old: pd.DataFrame, new: pd.DataFrame, column: str) -> pd.Series:
    """Rows whose column holds another text than before; a blank on either side is no other text."""
    was, now = (frame[column].fillna("").str.strip() for frame in (old, new))
    return (was != now) & was.ne("") & now.ne("")


def some(texts: list[str], most: int = 12) -> str:
    return ", ".join(texts[:most]) + (f", ... ({len(texts)})" if len(texts) > most else "")
