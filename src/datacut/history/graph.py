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

    def related(self, use: Use, source: str, records: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Each record of a source with each record of the dataset of a use that may rest on it.

        Where a key is not kept, it is that of the subject; where there is none, every record is meant.
        """
        dataset = use.dataset
        if use.how == "made":
            made, makers = self.made_from(dataset, source), self.maker_of(dataset)
            yield from ((n, r) for n in records for r in made.get(n, ()) if makers[r - 1] == use.maker)
            return
        if use.how == "copied":
            made = self.made_from(dataset, source)
            numbers = list(records)
            yield from ((n, r) for n in numbers for r in made.get(n, ()))
            if not made or not source.startswith(RAW):
                yield from self._same(use, source, numbers, (SUBJECT,), (SUBJECT,))
            return
        if use.how == "own" and not use.by:
            yield from ((n, n) for n in records)
            return
        if use.how == "own":
            numbers = list(records)
            yield from ((n, n) for n in numbers)
            yield from self._same(use, source, numbers, use.by, use.by)
            return
        if use.how == "keyed":
            yield from self._same(use, source, list(records), use.by, use.source_by)
            return
        makers = self.maker_of(dataset)
        pairs = self._same(use, source, list(records), (SUBJECT,), (SUBJECT,))
        yield from ((n, r) for n, r in pairs if makers[r - 1] == use.maker)

    def _same(
        self, use: Use, source: str, records: list[int], by: tuple[str, ...], source_by: tuple[str, ...]
    ) -> Iterator[tuple[int, int]]:
        if len(by) != len(source_by) or not by or not (self.kept(use.dataset, by) and self.kept(source, source_by)):
            by = source_by = (SUBJECT,)
            if not (self.kept(use.dataset, by) and self.kept(source, by)):
                everyone = range(1, len(self.stored.frame(use.dataset)) + 1)
                yield from ((n, r) for n in records for r in everyone)
                return
        ours, theirs = self.keyed(use.dataset, by), self.keys(source, source_by)
        numbers = self._places(source, records)
        yield from ((n, r) for n, at in zip(records, numbers, strict=True) for r in ours.get(theirs[at], ()))

    def _places(self, source: str, records: list[int]) -> list[int]:
        if not source.startswith(RAW):
            return [n - 1 for n in records]
        lines = {int(line): at for at, line in enumerate(self.stored.frame(source).index)}
        return [lines[n] for n in records if n in lines]


def _keys(about: Json) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(about.get("by", ())), tuple(about.get("source_by", ()))


def _read(about: Mapping[str, Any]) -> list[str]:
    where = about.get("where")
    return [*about.get("reads", ()), *(columns_of(parse_where(where)) if where else ())]
