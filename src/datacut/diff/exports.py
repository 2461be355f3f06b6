"""What differs between two exports, row by row: by the record ids of their systems, or by content where these lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from datacut.datasets.model import value_text
from datacut.diff.pairs import Numbers, Pairs, pairs_of
from datacut.history.stored import Stored

DISAGREE = 0.5
"""Share of the filled fields of a row in which it may differ from the row of the same record id in the other export."""
UNKNOWN = "(not kept)"


class Kind(StrEnum):
    """What became of a row or a field of the export. ended: of a row, blank fields were filled and filled ones emptied,
    as an end date takes the place of a tick that something goes on."""

    NEW = "new"
    REMOVED = "removed"
    REKEYED = "re-keyed"
    COMPLETED = "completed"
    ENDED = "ended"
    CORRECTED = "corrected"
    BLANKED = "blanked"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class FieldChange:
    """A field of a row that is on both sides. old, new: blank where nothing is, UNKNOWN where the export is gone."""

    field: str
    kind: Kind
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """A row that is new, removed, entered again under another id, or of which fields changed.

    place: of it in the pairs of its form; record, occurrence: its identity in the later export, or in the earlier one
    of a row that is removed; was: the record id before, where it is another; subject, visit: as exported. bookkeeping:
    the columns of the system that are no data.
    """

    form: str
    place: int
    kind: Kind
    record: str
    occurrence: int
    subject: str
    visit: str
    line: int
    was: str = ""
    fields: tuple[FieldChange, ...] = ()
    bookkeeping: frozenset[str] = frozenset()

    @property
    def audit(self) -> bool:
        """Whether nothing but bookkeeping of the system is another."""
        return (
            bool(self.fields)
            and self.kind is not Kind.REKEYED
            and all(f.field in self.bookkeeping for f in self.fields)
        )


@dataclass(frozen=True)
class FormChanges:
    """Two exports of one form: pairs of lines, what changed, and how many rows differ in audit columns alone.

    unreliable: why record ids were not believed, blank where they were.
    """

    form: str
    pairs: Pairs
    changes: tuple[RowChange, ...] = ()
    moved: int = 0
    unreliable: str = ""


@dataclass(frozen=True)
class _Side:
    """A form of one build. known: identities, in the order of the rows; digests: a number for each value."""

    known: pd.DataFrame
    digests: pd.DataFrame
    about: dict[str, Any] = field(default_factory=dict)

    def texts(self, column: str | None) -> np.ndarray[Any, Any]:
        if column is None or column not in self.digests.columns:
            return np.full(len(self.known), -1, dtype=np.int64)
        return self.digests[column].fillna(-1).to_numpy(dtype=np.int64)

    def numbers(self, columns: list[str]) -> Numbers:
        """The digests of some columns, a row each; -1 where a value is missing."""
        if not len(self.known):
            return np.zeros((0, len(columns)), dtype=np.int64)
        return self.digests[columns].fillna(-1).to_numpy(dtype=np.int64)

    @property
    def lines(self) -> Numbers:
        return self.known["line"].to_numpy(dtype=np.int64)


def compare_form(old: Stored, new: Stored, form: str) -> FormChanges:
    """The rows of a form in two builds. A form that only one of them has is as one without rows in the other."""
    sides = [_side(stored, form) for stored in (old, new)]
    audit = {c for side in sides for c in side.about.get("audit", ())}
    matches, unreliable, ambiguous = _matches(sides[0], sides[1], audit)
    pairs = pairs_of(matches, sides[0].lines.tolist(), sides[1].lines.tolist())
    values = [stored.raw(form)[0] if form in stored.study["forms"] else None for stored in (old, new)]
    changes = tuple(_changes(form, sides, pairs, audit, values, ambiguous))
    lines = pairs.old[pairs.both], pairs.new[pairs.both]
    return FormChanges(form, pairs, changes, int((lines[0] != lines[1]).sum()), unreliable)


def _side(stored: Stored, form: str) -> _Side:
    return _Side(stored.identities(form), stored.fields(form), stored.study["forms"].get(form, {}))


def _identity(side: _Side) -> list[tuple[str, int]]:
    return list(zip(side.known["record"].astype(str), side.known["occurrence"].astype(int), strict=True))


def _matches(old: _Side, new: _Side, audit: set[str]) -> tuple[list[tuple[int, int]], str, frozenset[tuple[int, int]]]:
    """Pairs of lines, why the ids were not believed, and pairs that others would be as good as."""
    ids = {key: at for at, key in enumerate(_identity(old)) if key[0]}
    met = [(ids[key], at) for at, key in enumerate(_identity(new)) if key in ids]
    fields = [c for c in new.digests.columns if c in old.digests.columns and c not in audit]
    before, now = old.numbers(fields), new.numbers(fields)
    unreliable = _doubt(old, new, before, now, met)
    if unreliable:
        found, ambiguous = _assigned(old, new, before, now, range(len(before)), range(len(now)))
    else:
        left_old = sorted(set(range(len(before))) - {a for a, _ in met})
        left_new = sorted(set(range(len(now))) - {b for _, b in met})
        record = {new.about.get("record"), old.about.get("record")}
        content = [i for i, c in enumerate(fields) if c not in record]
        before, now = before[:, content], now[:, content]
        met += _again(before, now, left_old, left_new)
        nameless = [
            sorted({at for at in left if not key[at][0]} - {pair[side] for pair in met})
            for side, (left, key) in enumerate(((left_old, _identity(old)), (left_new, _identity(new))))
        ]
        more, ambiguous = _assigned(old, new, before, now, nameless[0], nameless[1])
        # of rows that were alike it cannot be told which one changed
        ambiguous |= {(a, b) for a, b in more if (before == before[a]).all(axis=1).sum() > 1}
        found = [*met, *more]
    old_lines, new_lines = old.lines, new.lines
    lines = [(int(old_lines[a]), int(new_lines[b])) for a, b in found]
    return lines, unreliable, frozenset((int(old_lines[a]), int(new_lines[b])) for a, b in ambiguous)


def _doubt(old: _Side, new: _Side, before: Numbers, now: Numbers, met: list[tuple[int, int]]) -> str:
    """Why the record ids of a form do not tell its rows, blank where nothing speaks against them."""
    if not met:
        return ""
    at = np.array(met)
    a, b = before[at[:, 0]], now[at[:, 1]]
    people = old.texts(old.about.get("subject"))[at[:, 0]], new.texts(new.about.get("subject"))[at[:, 1]]
    other = int((people[0] != people[1]).sum())
    if other:
        return f"{other} record ids stand on rows of another subject in the later export"
    filled = ((a >= 0) | (b >= 0)).sum(axis=1)
    both = ((a >= 0) & (b >= 0) & (a != b)).sum(axis=1)
    strange = int((both > DISAGREE * np.maximum(filled, 1)).sum())
    if strange:
        return f"{strange} record ids stand on rows that differ in more than {DISAGREE:.0%} of their fields"
    return ""


def _again(before: Numbers, now: Numbers, left_old: list[int], left_new: list[int]) -> Iterator[tuple[int, int]]:
    """Rows that were removed and stand in the later export under another id, with the same content."""
    known: dict[bytes, list[int]] = {}
    for at in left_old:
        known.setdefault(before[at].tobytes(), []).append(at)
    for at in left_new:
        same = known.get(now[at].tobytes())
        if same:
            yield same.pop(0), at


def _assigned(
    old: _Side, new: _Side, before: Numbers, now: Numbers, left_old: Iterable[int], left_new: Iterable[int]
) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of rows within subject and visit in which fewest fields differ; none that differ in more than half."""
    found: list[tuple[int, int]] = []
    unsure: set[tuple[int, int]] = set()
    groups: list[dict[tuple[int, int], list[int]]] = []
    for side, rows in ((old, left_old), (new, left_new)):
        wanted = set(rows)
        own: dict[tuple[int, int], list[int]] = {}
        keys = zip(side.texts(side.about.get("subject")), side.texts(side.about.get("visit")), strict=True)
        for at, (subject, visit) in enumerate(keys):
            if at not in wanted:
                continue
            own.setdefault((int(subject), int(visit)), []).append(at)
        groups.append(own)
    for key, left in groups[0].items():
        right = groups[1].get(key, [])
        if not right:
            continue
        costs = (before[left][:, None, :] != now[right][None, :, :]).sum(axis=2)
        for i, j in zip(*linear_sum_assignment(costs), strict=True):
            if costs[i, j] > DISAGREE * before.shape[1]:
                continue
            found.append((left[i], right[j]))
            if (costs[i] == costs[i, j]).sum() > 1 or (costs[:, j] == costs[i, j]).sum() > 1:
                unsure.add((left[i], right[j]))
    return found, unsure


def _changes(
    form: str,
    sides: list[_Side],
    pairs: Pairs,
    audit: set[str],
    values: list[pd.DataFrame | None],
    ambiguous: frozenset[tuple[int, int]],
) -> Iterator[RowChange]:
    rows = [{int(line): at for at, line in enumerate(side.lines)} for side in sides]
    columns = [c for c in sides[1].digests.columns if c in sides[0].digests.columns]
    digests = [side.numbers(columns) for side in sides]
    ids = [_identity(side) for side in sides]
    for place, (was, is_) in enumerate(zip(pairs.old.tolist(), pairs.new.tolist(), strict=True)):
        own = 1 if is_ else 0
        line = is_ or was
        at = rows[own][line]
        told = {
            "record": ids[own][at][0],
            "occurrence": ids[own][at][1],
            "subject": _shown(values[own], line, sides[own].about.get("subject")),
            "visit": _shown(values[own], line, sides[own].about.get("visit")),
            "line": line,
        }
        if not was or not is_:
            yield RowChange(form, place, Kind.NEW if is_ else Kind.REMOVED, **told)
            continue
        a, b = rows[0][was], rows[1][is_]
        differ = np.flatnonzero(digests[0][a] != digests[1][b])
        record = sides[1].about.get("record")
        rekeyed = ids[0][a][0] != ids[1][b][0]
        names = [columns[i] for i in differ if not (rekeyed and columns[i] == record)]
        if not names and not rekeyed:
            continue
        doubt = (was, is_) in ambiguous
        fields = tuple(
            FieldChange(
                name,
                Kind.AMBIGUOUS if doubt else _kind(sides, a, b, name),
                _shown(values[0], was, name),
                _shown(values[1], is_, name),
            )
            for name in names
        )
        kind = Kind.REKEYED if rekeyed else Kind.AMBIGUOUS if doubt else _worst(fields, audit)
        was_id = ids[0][a][0] if rekeyed else ""
        yield RowChange(form, place, kind, **told, was=was_id, fields=fields, bookkeeping=frozenset(audit))


def _kind(sides: list[_Side], a: int, b: int, name: str) -> Kind:
    if pd.isna(sides[0].digests[name].iloc[a]):
        return Kind.COMPLETED
    return Kind.BLANKED if pd.isna(sides[1].digests[name].iloc[b]) else Kind.CORRECTED


def _worst(fields: tuple[FieldChange, ...], audit: set[str]) -> Kind:
    """What a row is, by its data fields: ended, or else corrected as soon as one of them is."""
    kinds = {f.kind for f in fields if f.field not in audit} or {f.kind for f in fields}
    if kinds >= {Kind.COMPLETED, Kind.BLANKED}:
        return Kind.ENDED
    return next(kind for kind in (Kind.CORRECTED, Kind.BLANKED, Kind.COMPLETED) if kind in kinds)


def _shown(values: pd.DataFrame | None, line: int, column: str | None) -> str:
    if column is None:
        return ""
    if values is None:
        return UNKNOWN
    return value_text(values.loc[line, column]) if line in values.index and column in values.columns else UNKNOWN
