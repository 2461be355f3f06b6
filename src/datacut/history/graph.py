"""Who reads a column: the calls of a build as edges between columns, and which records each edge leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from datacut.datasets.lineage import EVERY
from datacut.history.stored import RAW, SUBJECT, Stored
from datacut.spec.where import columns_of, parse_where

type Json = dict[str, Any]
type Place = tuple[str, str]


@dataclass(frozen=True)
class Use:
    """A call that reads a column: `variable` of `dataset` rests on it.

    how: `made` of records made from those of the source by block `maker`; `looked up` by all that the block makes;
    `copied` from the record's own source, or from that of its subject; `own` of the same record and, with `by`, of
    those of its group; `keyed` of the records with the key; `added` of records that the call `maker` added.
    """

    dataset: str
    variable: str
    how: str
    maker: str = ""
    by: tuple[str, ...] = ()
    source_by: tuple[str, ...] = ()


@dataclass(eq=False)
class Graph:
    """The uses of every column of a build, of forms too, and the records that belong to those of a source."""

    stored: Stored
    _uses: dict[Place, list[Use]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.stored.datasets:
            about = self.stored.how(name)
            if about is not None:
                self._register(name, about)

    def uses(self, place: Place) -> list[Use]:
        """Who reads a column; the column `*` is the record itself."""
        return self._uses.get(place, [])

    def _use(self, source: str, columns: Iterable[str], use: Use) -> None:
        for column in dict.fromkeys(columns):
            self._uses.setdefault((source, column), []).append(use)

    def _register(self, dataset: str, how: Json) -> None:
        for number, block in enumerate(how["blocks"]):
            self._block(dataset, str(number), block)
        for variable, column in how["columns"].items():
            if place := column.get("predecessor"):
                copied = Use(dataset, variable, "copied")
                self._use(place[0], [place[1], EVERY], copied)
                if place[0].startswith("SUPP"):
                    self._use(place[0].removeprefix("SUPP"), [place[1]], copied)
            alone = tuple(column.get("by", ())) if not column.get("source") else ()
            self._use(dataset, [*_read(column), *([EVERY] if alone else [])], Use(dataset, variable, "own", by=alone))
            if column.get("source"):
                keyed = Use(dataset, variable, "keyed", "", *_keys(column))
                self._use(column["source"], [*column["source_reads"], EVERY], keyed)
        for name, added in how["added"].items():
            use = Use(dataset, EVERY, "added", name)
            self._use(dataset, [*added.get("reads", ()), EVERY], use)
            if added.get("source"):
                self._use(added["source"], [*added["source_reads"], EVERY], use)

    def _block(self, dataset: str, maker: str, block: Json) -> None:
        source = block["source"]
        for variable in block["carried"]:
            self._use(source, [variable], Use(dataset, variable, "made", maker))
        for variable, mapped in block["mapped"].items():
            self._use(source, _read(mapped), Use(dataset, variable, "made", maker))
            if mapped.get("source"):
                read = [*mapped["source_reads"], EVERY]
                self._use(mapped["source"], read, Use(dataset, variable, "looked up", maker))
        conditions = columns_of(parse_where(block["where"])) if block["where"] else ()
        read = [*conditions, *(block["call"]["reads"] if block["call"] else ()), EVERY]
        self._use(source, read, Use(dataset, EVERY, "made", maker))

    # -- records ---------------------------------------------------------------------------------------------

    @cache  # noqa: B019 - a build is read by one command
    def made_from(self, dataset: str, source: str) -> Mapping[int, list[int]]:
        """The records of a dataset that were made from each record of a source."""
        table = self.stored.lineage(dataset)
        own = table["source"].eq(source).to_numpy(dtype=bool) & table["source_record"].notna().to_numpy()
        found: dict[int, list[int]] = {}
        pairs = zip(table["record"].to_numpy()[own], table["source_record"].to_numpy()[own], strict=True)
        for record, number in pairs:
            found.setdefault(int(number), []).append(int(record))
        return found

    @cache  # noqa: B019 - a build is read by one command
    def chosen(self, dataset: str, variable: str) -> Mapping[int, list[tuple[str, int]]]:
        """The records that the value of a variable was taken from, as its call told, by record."""
        table = self.stored.values(dataset)
        own = table.loc[table["variable"].eq(variable).to_numpy(dtype=bool) & table["source_record"].notna().to_numpy()]
        found: dict[int, list[tuple[str, int]]] = {}
        for record, source, number in zip(own["record"], own["source"], own["source_record"], strict=True):
            found.setdefault(int(record), []).append((str(source), int(number)))
        return found

    @cache  # noqa: B019 - a build is read by one command
    def maker_of(self, dataset: str) -> list[str]:
        """What made each record, record 1 first."""
        table = self.stored.makers(dataset)
        made = [""] * len(self.stored.frame(dataset))
        for record, maker in zip(table["record"], table["made_by"], strict=True):
            made[int(record) - 1] = str(maker)
        return made

    @cache  # noqa: B019 - a build is read by one command
    def keyed(self, dataset: str, columns: tuple[str, ...]) -> Mapping[tuple[str, ...], list[int]]:
        """The records of a dataset by the values of some columns."""
        found: dict[tuple[str, ...], list[int]] = {}
        for number, key in enumerate(self.keys(dataset, columns), 1):
            found.setdefault(key, []).append(number)
        return found

    @cache  # noqa: B019 - a build is read by one command
    def keys(self, dataset: str, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The values of some columns of each record, record 1 first."""
        return list(zip(*(self.stored.texts(dataset, c).tolist() for c in columns), strict=True))

    def kept(self, dataset: str, columns: Iterable[str]) -> bool:
        """Whether all of some columns are kept."""
        known = self.stored.frame(dataset).columns
        return all(c in known for c in columns)

    def carry(self, use: Use, source: str, marks: Mapping[int, int], *, told: bool) -> dict[int, int]:
        """Bits that stand on records of a source, on the records of the dataset of a use that may rest on them.

        told: where a call told which records a value was taken from, on no others than these; else also on the other
        records of the subject. A key that is not kept counts as that of the subject; without one, all are meant.
        """
        dataset, found = use.dataset, dict[int, int]()
        if use.how in ("made", "copied"):
            makers = self.maker_of(dataset)
            for number, bits in self._of(marks, self.made_from(dataset, source)):
                if use.how == "copied" or makers[number - 1] == use.maker:
                    found[number] = found.get(number, 0) | bits
            if use.how == "made" or (found and source.startswith(RAW)):
                return found
            return _joined(found, self._same(dataset, source, marks, (SUBJECT,), (SUBJECT,)))
        if use.how == "own":
            by = use.by or (() if told else (SUBJECT,))
            return _joined(dict(marks), self._same(dataset, source, marks, by, by)) if by else dict(marks)
        if use.how == "keyed":
            same = self._same(dataset, source, marks, use.by, use.source_by)
            chosen = self.chosen(dataset, use.variable) if told else {}
            return {n: self._taken(chosen[n], source, marks) if n in chosen else bits for n, bits in same.items()}
        makers = self.maker_of(dataset)
        of_subject = self._same(dataset, source, marks, (SUBJECT,), (SUBJECT,))
        return {n: bits for n, bits in of_subject.items() if makers[n - 1] == use.maker}

    def _taken(self, chosen: Iterable[tuple[str, int]], source: str, marks: Mapping[int, int]) -> int:
        bits = 0
        for name, number in chosen:
            if name == source:
                bits |= marks.get(number, 0)
        return bits

    def _of(self, marks: Mapping[int, int], made: Mapping[int, list[int]]) -> Iterator[tuple[int, int]]:
        for number, bits in marks.items():
            yield from ((record, bits) for record in made.get(number, ()))

    def _same(
        self, dataset: str, source: str, marks: Mapping[int, int], by: tuple[str, ...], source_by: tuple[str, ...]
    ) -> dict[int, int]:
        """The bits of all records of a key together, on the records with that key."""
        if len(by) != len(source_by) or not by or not (self.kept(dataset, by) and self.kept(source, source_by)):
            by = source_by = (SUBJECT,)
        if not (self.kept(dataset, by) and self.kept(source, source_by)):
            together = 0
            for bits in marks.values():
                together |= bits
            return dict.fromkeys(range(1, len(self.stored.frame(dataset)) + 1), together)
        keys, places = self.keys(source, source_by), self._places(source)
        of_key: dict[tuple[str, ...], int] = {}
        for number, bits in marks.items():
            key = keys[places[number] if places is not None else number - 1]
            of_key[key] = of_key.get(key, 0) | bits
        ours = self.keyed(dataset, by)
        return {record: bits for key, bits in of_key.items() for record in ours.get(key, ())}

    @cache  # noqa: B019 - a build is read by one command
    def _places(self, source: str) -> Mapping[int, int] | None:
        """The row of each line of a form; a record of a dataset is known by its number."""
        if not source.startswith(RAW):
            return None
        return {int(line): at for at, line in enumerate(self.stored.frame(source).index)}


def _joined(one: dict[int, int], other: Mapping[int, int]) -> dict[int, int]:
    for number, bits in other.items():
        one[number] = one.get(number, 0) | bits
    return one


def _keys(about: Json) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(about.get("by", ())), tuple(about.get("source_by", ()))


def _read(about: Mapping[str, Any]) -> list[str]:
    where = about.get("where")
    return [*about.get("reads", ()), *(columns_of(parse_where(where)) if where else ())]
