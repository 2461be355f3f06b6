"""What a call is given beside its frame: the study, what is being built, and a way to report with its place."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from datacut.datasets.lineage import RID
from datacut.datasets.model import value_text
from datacut.engine.filter import Settings, mask
from datacut.engine.origins import Origins
from datacut.errors import Finding, Findings, Location, Severity, in_data, in_file
from datacut.spec.crf import CrfField
from datacut.spec.grading import Grading
from datacut.spec.study import CodelistSpec, Visit, Window
from datacut.spec.units import Units
from datacut.spec.where import Where

__all__ = ["FILE", "RID", "ROW", "Context", "NewRecords", "Reported", "StudyContext"]

ROW = "_row"
"""Column of a raw frame: 1-based line of the record in its file."""
FILE = "_file"
"""Column of a raw frame: path of the file as shown to the user."""


@dataclass(frozen=True, kw_only=True)
class StudyContext:
    """What any call is given of the study: its settings and codelists, and where findings go."""

    findings: Findings
    settings: Settings = field(default_factory=dict)
    codelists: Mapping[str, CodelistSpec] = field(default_factory=dict)

    def mask(self, frame: pd.DataFrame, where: Where | None) -> pd.Series:
        """Rows of `frame` that satisfy `where`; all if it is None."""
        return mask(frame, where, self.settings)


@dataclass(frozen=True)
class Reported:
    """What a call tells of a record, or of all with one cause, before it is known where these stand.

    found: the text of `column` in the frame at hand; key: of the record in it; value: shown instead; unless: another
    rule that may have told it; cause: one finding for all `records`, which are numbers in the frame (`_rid`).
    """

    severity: Severity
    rule: str
    what: str
    remedy: str
    column: str
    found: str
    key: str
    value: str | None = None
    unless: str = ""
    cause: bool = False
    records: tuple[int, ...] = ()


@dataclass(frozen=True)
class Context(StudyContext):
    """Given to a verb that has a parameter `context`.

    dataset, variable: what is being built; codelist: the variable's codelist; keys: columns that identify a record in a
    message; fields, form_visits: CRF fields of the raw form at hand, and ids of the visits it is planned at (a log has
    none); codelist_of: codelist by variable of the dataset;
    origins: where the records of the dataset were collected (None while the frame is a raw form itself); chosen: what
    the call tells of the records it takes values from (`chose`), None where nobody asks; heard: takes what is reported
    in place of findings, for whoever knows where the records stand.
    """

    dataset: str
    variable: str
    codelist: str | None = None
    codelist_of: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    fields: Mapping[str, CrfField] = field(default_factory=dict)
    form_visits: tuple[str, ...] | None = None
    windows: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    visits: Mapping[str, Visit] = field(default_factory=dict)
    units: Units = field(default_factory=Units)
    grading: Grading = field(default_factory=Grading)
    origins: Origins | None = None
    heard: list[Reported] | None = None
    chosen: list[pd.DataFrame] | None = None

    def chose(
        self,
        frame: pd.DataFrame,
        source: pd.DataFrame,
        found: np.ndarray,
        columns: Mapping[str, str],
        *,
        own: bool = False,
    ) -> None:
        """Tell which source record the values of each record were taken from, for lineage.

        frame: the records, in the order of `found`; found: for each the position of its record in `source`, -1 for
        none; columns: the variables written, and that of the source each is taken from. own: `source` is of the
        dataset itself, not the call's Source. A frame without `_rid` tells nothing.
        """
        if self.chosen is None or RID not in frame.columns or RID not in source.columns:
            return
        at = np.flatnonzero(found >= 0)
        ours, theirs = frame[RID].take(at).array, source[RID].take(found[at]).array
        told = [
            pd.DataFrame({RID: ours, "variable": new, "source_record": theirs, "source_variable": old})
            for new, old in columns.items()
        ]
        self.chosen.extend(part.assign(own=own) for part in told)

    def report(
        self,
        frame: pd.DataFrame,
        rows: pd.Series | Iterable[int],
        column: str,
        rule: str,
        what: str,
        *,
        remedy: str,
        severity: Severity = Severity.ERROR,
        value: str | None = None,
        unless: str = "",
    ) -> None:
        """One finding for each of `rows` (a bool mask or index labels) with the place and the value of `column`.

        For a variable mapped from a raw field, these are the place and the text of the field; a rule tells of a raw
        field once, however many records and variables were made from it. unless: another rule; where it has told of the
        value at that place, there is nothing to add.
        """
        if isinstance(rows, pd.Series) and not rows.any():
            return
        chosen = frame.loc[rows.fillna(False).astype(bool)] if isinstance(rows, pd.Series) else frame.loc[list(rows)]
        for record in chosen.to_dict("records"):
            found = value_text(record.get(column))
            item = Reported(severity, rule, what, remedy, column, found, self._key(record), value, unless)
            if self.heard is None:
                self.tell(item, record)
            else:
                self.heard.append(replace(item, records=_numbers([record.get(RID)])))

    def tell(self, item: Reported, record: Mapping[Hashable, object]) -> None:
        """The finding of what was reported; record: the place of the record it is of, `_file`, `_row` and `_rid`."""
        collected = self._collected(record, item.column)
        shown = item.value if item.value is not None else collected[1] if collected else item.found
        raw = value_text(record.get(FILE))
        column = collected[0] if collected else item.column
        place = _in_raw(raw, record, column) if raw else in_data(self.dataset, item.column, item.key)
        if not (raw and any(self.findings.told(r, place, shown) for r in (item.rule, item.unless))):
            self.findings.extend([Finding(item.severity, item.rule, place, item.what, shown, item.remedy)])

    def report_cause(
        self,
        frame: pd.DataFrame,
        rows: pd.Series,
        column: str,
        rule: str,
        what: str,
        *,
        remedy: str,
        severity: Severity,
    ) -> None:
        """One finding for all `rows` (a bool mask) of a raw form with the same value in `column`, at the first of them.

        A cause is told once, however many variables and records are made from the rows; the finding names their lines.
        """
        for value, same in frame.loc[rows].groupby(column, dropna=False, sort=False):
            key = self._key(same.iloc[0].to_dict())
            item = Reported(severity, rule, what, remedy, column, value_text(value), key, cause=True)
            if self.heard is None:
                self.tell_cause(item, same)
            else:
                self.heard.append(replace(item, records=_numbers(same[RID]) if RID in same.columns else ()))

    def tell_cause(self, item: Reported, same: pd.DataFrame) -> None:
        """The finding of a cause; same: the rows of a raw form that have it, with their places."""
        lines = [value_text(line) for line in same[ROW]] if ROW in same.columns else []
        first = same.iloc[0].to_dict() if len(same) else {}
        raw = value_text(first.get(FILE))
        place = _in_raw(raw, first, item.column) if raw else in_data(self.dataset, item.column, item.key)
        told = Finding(item.severity, item.rule, place, item.what, item.found, item.remedy)
        self.findings.folded(told, (raw or self.dataset, item.column, item.found), lines)

    def place(self, record: Mapping[Hashable, object], column: str) -> Location:
        """File, row and field of a raw record; dataset, variable and key of a built one."""
        if raw := value_text(record.get(FILE)):
            collected = self._collected(record, column)
            return _in_raw(raw, record, collected[0] if collected else column)
        return in_data(self.dataset, column, self._key(record))

    def _key(self, record: Mapping[Hashable, object]) -> str:
        return "|".join(value_text(record.get(k)) for k in self.keys if k in record)

    def _collected(self, record: Mapping[Hashable, object], column: str) -> tuple[str, str] | None:
        if self.origins is None or not value_text(record.get(FILE)):
            return None
        return self.origins.find(int(str(record[RID])), column)


@dataclass(frozen=True)
class NewRecords:
    """What a records verb returns: rows to append and where each came from.

    rows: frame without `_rid`; parents: frame with columns `position` (0-based row of `rows`) and `parent` (`_rid` of a
    record of the frame the verb worked on), one line per edge. A column `source` names, where it is not missing, the
    other dataset that the parent is a record of.
    """

    rows: pd.DataFrame
    parents: pd.DataFrame


def _in_raw(file: str, record: Mapping[Hashable, object], column: str) -> Location:
    return in_file(file, int(str(record[ROW])), column)


def _numbers(records: Iterable[object]) -> tuple[int, ...]:
    return tuple(int(str(number)) for number in records if value_text(number))
