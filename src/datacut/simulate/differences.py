"""Every difference between the exports of two cuts, from what was done between them: entry, corrections and mess.

The exports are not compared. Rows know who they are; of a row of both exports only the fields are looked at that an
end of its line, a correction or a kind of mess wrote, or that hold the day of the cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from datacut.simulate.fill import CUT
from datacut.simulate.tables import NOWHERE, Block, Study, Table
from datacut.spec.crf import System
from datacut.spec.load import Specs

type Kind = Literal["new", "removed", "rekeyed", "reissued", "corrected", "ended", "completed", "audit"]
type Who = tuple[str, tuple[int, int]]
type Key = tuple[str, int]


@dataclass(frozen=True)
class Difference:
    """What became of one record: by its number, and which of those with this number it is, in the order of the file.

    new: entered since; removed: not there any more; rekeyed: deleted and entered again as `new_record`; reissued: its
    number is another row's now. Of a record that stayed: corrected, a text that was there is another; ended, its line
    of a log was closed; completed, only fields that were blank are filled; audit, nothing but audit columns. fields,
    audit: old and new text of each field that changed, none for a new or a removed record.
    """

    form: str
    file: str
    subject: str
    record: str
    occurrence: int
    kind: Kind
    new_record: str | None = None
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    audit: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def told(self) -> dict[str, str | int | dict[str, dict[str, str]] | None]:
        """The difference as the truth file tells it."""
        return {
            "form": self.form,
            "file": self.file,
            "subject": self.subject,
            "record": self.record,
            "occurrence": self.occurrence,
            "new_record": self.new_record,
            "class": self.kind,
            "fields": {name: {"old": old, "new": new} for name, (old, new) in self.fields.items()},
            "audit": {name: {"old": old, "new": new} for name, (old, new) in self.audit.items()},
        }


def differences(
    before: Mapping[str, Table], after: Mapping[str, Table], days: tuple[int, int], study: Study, specs: Specs
) -> list[Difference]:
    """Of all forms, in the order of forms and of rows in the later export, removed ones last.

    before, after: the tables as exported; days: of the two cuts. A form that one export does not have has no rows
    there, and a column that only one of them has is no field of a record.
    """
    out: list[Difference] = []
    for name in specs.forms:
        tables = [t for t in (before.get(name), after.get(name)) if t is not None]
        if tables:
            empty = _without_rows(tables[0])
            pair = (before.get(name, empty), after.get(name, empty))
            form = _Form(*pair, days, study.blocks[name], specs.study.systems[tables[0].form.system])
            out += form.differences()
    return out


def _without_rows(table: Table) -> Table:
    return Table(table.form, table.header, [], [], table.filename, sheet=table.sheet)


class _Form:
    """One form at two cuts."""

    def __init__(
        self, before: Table, after: Table, days: tuple[int, int], blocks: Sequence[Block], system: System
    ) -> None:
        self._before, self._after, self._days = before, after, days
        self._blocks, self._system = blocks, system
        self._columns = [n for n in after.header if n in before.header]
        dated = {n for b in blocks for n, texts in b.columns.items() if texts and texts[0].startswith(CUT)}
        self._dated = {after.renamed.get(n, n) for n in dated}

    def differences(self) -> Iterator[Difference]:
        old, new = _by_who(self._before), _by_who(self._after)
        old_keys, new_keys = _keys(self._before, self._system), _keys(self._after, self._system)
        owners = {old_keys[id(cells)]: cells for cells in old.values()}
        rekeyed: set[Key] = set()
        for who, cells in new.items():
            key = new_keys[id(cells)]
            at = old_keys[id(old[who])] if who in old else None
            if at == key:
                yield from self._stayed(who, old[who], cells, key)
                continue
            if at is not None and at[0] != key[0]:
                changed = self._changed(old[who], cells, self._touched(who, old[who], cells))
                changed.pop(self._record_column(), None)
                rekeyed.add(at)
                yield self._made(self._after, cells, at, "rekeyed", key[0], changed)
            if key in owners:
                changed = self._changed(owners[key], cells, self._columns)
                yield self._made(self._after, cells, key, "reissued", None, changed)
            elif at is None:
                yield self._made(self._after, cells, key, "new")
        kept = {*new_keys.values(), *rekeyed}
        for key, cells in owners.items():
            if key not in kept:
                yield self._made(self._before, cells, key, "removed")

    def _stayed(self, who: Who, old: list[str], new: list[str], key: Key) -> Iterator[Difference]:
        changed = self._changed(old, new, self._touched(who, old, new))
        if changed:
            yield self._made(self._after, new, key, self._kind(changed, self._ended(who)), None, changed)

    def _ended(self, who: Who) -> set[str]:
        """The fields that the end of a line wrote, if it was entered between the cuts, as the file names them."""
        kind, (index, row) = who
        if kind:
            return set()
        block, (first, last) = self._blocks[index], self._days
        if not first < block.rows.closes[row] <= last:
            return set()
        return {self._after.renamed.get(n, n) for n in block.opened}

    def _touched(self, who: Who, old: list[str], new: list[str]) -> list[str]:
        if who[0]:
            return self._columns  # a row that mess made of another one has all its texts from there
        written = self._ended(who) | self._dated
        for table, cells in ((self._before, old), (self._after, new)):
            written |= {table.renamed.get(n, n) for n in table.touched.get(id(cells), ())}
        return [n for n in self._columns if n in written]

    def _changed(self, old: list[str], new: list[str], columns: Sequence[str]) -> dict[str, tuple[str, str]]:
        texts = {n: (old[self._before.column(n)], new[self._after.column(n)]) for n in columns}
        return {n: (a, b) for n, (a, b) in texts.items() if a != b}

    def _kind(self, changed: Mapping[str, tuple[str, str]], ended: set[str]) -> Kind:
        blank = {"", *self._system.missing}
        fields = {n: old for n, (old, _) in changed.items() if n not in self._system.audit}
        if not fields:
            return "audit"
        if any(old not in blank for n, old in fields.items() if n not in ended):
            return "corrected"
        return "ended" if any(n in ended for n in fields) else "completed"

    def _record_column(self) -> str:
        return self._after.renamed.get(str(self._system.record), str(self._system.record))

    def _made(
        self,
        table: Table,
        cells: list[str],
        key: Key,
        kind: Kind,
        new_record: str | None = None,
        changed: Mapping[str, tuple[str, str]] | None = None,
    ) -> Difference:
        audit = self._system.audit
        fields = {n: texts for n, texts in (changed or {}).items() if n not in audit}
        stamps = {n: texts for n, texts in (changed or {}).items() if n in audit}
        column = str(self._system.subject)
        subject = cells[table.column(column)] if column in table.header else ""
        return Difference(table.form.form, table.place, subject, *key, kind, new_record, fields, stamps)


def _by_who(table: Table) -> dict[Who, list[str]]:
    """Rows by who they are: a row of a subject's block, or one that a kind of mess made of such a row."""
    whose = (
        table.copies[id(cells)] if origin == NOWHERE else ("", origin)
        for cells, origin in zip(table.cells, table.origin, strict=True)
    )
    return dict(zip(whose, table.cells, strict=True))


def _keys(table: Table, system: System) -> dict[int, Key]:
    """By row identity, the record number as it stands in the export and which row with it this is; without a record
    number in the system, the key of the form."""
    names = [table.renamed.get(n, n) for n in ([system.record] if system.record else table.form.keys)]
    columns = [table.column(n) for n in names if n in table.header]
    seen: Counter[str] = Counter()
    out: dict[int, Key] = {}
    for cells in table.cells:
        text = "|".join(cells[i] for i in columns)
        seen[text] += 1
        out[id(cells)] = text, seen[text]
    return out
