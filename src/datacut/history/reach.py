"""Which values, results and records rest on a row of the export or a field of it, followed over the calls of a build.

Where a call may look at more than it is known to have used (the records of a key, of a group), all of these count as
reached: nothing is left out, and more than what a changed field would change may be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from datacut.datasets.ard import LABEL
from datacut.datasets.lineage import EVERY
from datacut.errors import DatacutError
from datacut.history.cells import ABSENT, FOUND
from datacut.history.stored import RAW, SUBJECT, SUBJECTS, Stored
from datacut.spec.where import Predicate, Where, columns_of, parse_predicate, parse_where

type Json = dict[str, Any]
type Place = tuple[str, str]
type Rows = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Reach:
    """Which values are reached: by dataset and variable a mark for each record; variable `*` is the record itself."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.rows: dict[Place, Rows] = {}
        self._hows = {name: how for name in stored.datasets if (how := stored.how(name)) is not None}
        self._users: dict[Place, list[tuple[str, str, Json]]] = {}
        self._todo: list[Place] = []
        for name, how in self._hows.items():
            self._register(name, how)

    def start(self, form: str, line: int, field: str | None) -> None:
        """Reach all that is made of a row, or of one field of it."""
        name = f"{RAW}{form}"
        for dataset, how in self._hows.items():
            for number, block in enumerate(how["blocks"]):
                if block["source"] != name:
                    continue
                own = self._made(dataset, str(number)) & self._from(dataset, name, {line})
                for variable, mapped in block["mapped"].items():
                    if field is None or field in _read(mapped):
                        self._mark(dataset, variable, own)
                conditions = columns_of(parse_where(block["where"])) if block["where"] else ()
                if field is None or field in conditions or (block["call"] and field in block["call"]["reads"]):
                    self._mark(dataset, EVERY, own)
                for variable, mapped in block["mapped"].items():
                    if mapped.get("source") == name and (field is None or field in mapped["source_reads"]):
                        self._mark(dataset, variable, self._made(dataset, str(number)))
            for variable, column in how["columns"].items():
                if column.get("source") == name and (field is None or field in column["source_reads"]):
                    self._mark(dataset, variable, np.ones(self._size(dataset), dtype=bool))
        for name_ in self.stored.datasets:
            if name_.startswith("SUPP"):
                self._supplement(name_)
        while self._todo:
            self._spread(*self._todo.pop())

    # -- the graph -------------------------------------------------------------------------------------------

    def _register(self, dataset: str, how: Json) -> None:
        """Note who uses each column: (dataset, kind, about) by place."""

        def use(source: str, columns: Iterable[str], kind: str, about: Json) -> None:
            for column in columns:
                self._users.setdefault((source, column), []).append((dataset, kind, about))

        for number, block in enumerate(how["blocks"]):
            source = block["source"]
            if not source.startswith(RAW):
                for variable in block["carried"]:
                    use(source, [variable], "mapped", {"variable": variable, "block": str(number), "of": source})
                for variable, mapped in block["mapped"].items():
                    use(source, _read(mapped), "mapped", {"variable": variable, "block": str(number), "of": source})
                conditions = list(columns_of(parse_where(block["where"]))) if block["where"] else []
                read = [*conditions, *(block["call"]["reads"] if block["call"] else ()), EVERY]
                use(source, read, "mapped", {"variable": EVERY, "block": str(number), "of": source})
            for variable, mapped in block["mapped"].items():
                if mapped.get("source") and not mapped["source"].startswith(RAW):
                    every = {"variable": variable, "block": str(number)}
                    use(mapped["source"], [*mapped["source_reads"], EVERY], "block", every)
        for variable, column in how["columns"].items():
            if place := column.get("predecessor"):
                use(place[0], [place[1], EVERY], "predecessor", {"variable": variable, "bases": how["bases"]})
                if place[0].startswith("SUPP"):
                    qnam = {"variable": variable, "bases": how["bases"]}
                    use(place[0].removeprefix("SUPP"), [place[1]], "predecessor", qnam)
            use(dataset, _read(column), "own", {**column, "variable": variable})
            if column.get("by") and not column.get("source"):
                use(dataset, [EVERY], "own", {**column, "variable": variable})
            if column.get("source"):
                use(column["source"], [*column["source_reads"], EVERY], "source", {**column, "variable": variable})
        for name, added in how["added"].items():
            use(dataset, [*added.get("reads", ()), EVERY], "added", {**added, "name": name})
            if added.get("source"):
                use(added["source"], [*added["source_reads"], EVERY], "added_source", {**added, "name": name})

    def _spread(self, dataset: str, variable: str) -> None:
        marked = self.rows[dataset, variable]
        for target, kind, about in self._users.get((dataset, variable), ()):
            size = self._size(target)
            name = about.get("variable", EVERY)
            if kind == "mapped":
                rows = self._made(target, about["block"]) & self._from(target, about["of"], numbers_of(marked))
            elif kind == "block":
                rows = self._made(target, about["block"])
            elif kind == "predecessor":
                rows = self._from(target, dataset, numbers_of(marked))
                if dataset not in about["bases"] or self._of_subjects(dataset):
                    rows = rows | self._same(target, dataset, [SUBJECT], [SUBJECT], marked)
            elif kind == "own":
                rows = marked
                if about.get("by") and not about.get("source"):
                    rows = rows | self._same(target, target, about["by"], about["by"], marked)
            elif kind == "source":
                rows = self._same(target, dataset, about.get("by", []), about.get("source_by", []), marked)
            else:
                people = self._same(target, dataset, [SUBJECT], [SUBJECT], marked)
                rows = self._made(target, about["name"]) & people
            if rows.any() and size:
                self._mark(target, name, rows)
        if dataset in self.stored.datasets and f"SUPP{dataset}" in self.stored.datasets:
            self._supplement(f"SUPP{dataset}")

    def _mark(self, dataset: str, variable: str, rows: Rows) -> None:
        before = self.rows.get((dataset, variable))
        after = rows if before is None else before | rows
        if after.any() and (before is None or (after & ~before).any()):
            self.rows[dataset, variable] = after
            self._todo.append((dataset, variable))
            if variable == EVERY:
                kept = self.stored.frame(dataset).columns
                for name in dict.fromkeys((*kept, *self._hows[dataset]["columns"])) if dataset in self._hows else kept:
                    self._mark(dataset, str(name), rows)

    def _supplement(self, dataset: str) -> None:
        """The qualifiers of values that are reached."""
        parent = dataset.removeprefix("SUPP")
        qnam = self.stored.texts(dataset, "QNAM")
        for name in dict.fromkeys(qnam.tolist()):
            marked = self.rows.get((parent, name))
            if marked is not None:
                self._mark(dataset, "QVAL", (qnam == name) & self._from(dataset, parent, numbers_of(marked)))

    # -- records ---------------------------------------------------------------------------------------------

    @cache  # noqa: B019 - a build is read by one command
    def _size(self, dataset: str) -> int:
        return len(self.stored.frame(dataset))

    def _of_subjects(self, dataset: str) -> bool:
        texts = self.stored.texts(dataset, SUBJECT)
        return len(set(texts.tolist())) == len(texts)

    def _made(self, dataset: str, maker: str) -> Rows:
        rows = np.zeros(self._size(dataset), dtype=bool)
        table = self.stored.makers(dataset)
        rows[table.loc[table["made_by"].eq(maker).to_numpy(dtype=bool), "record"].to_numpy(dtype="int64") - 1] = True
        return rows

    def _from(self, dataset: str, source: str, numbers: set[int]) -> Rows:
        """Records made from some records of a source."""
        rows = np.zeros(self._size(dataset), dtype=bool)
        table = self.stored.lineage(dataset)
        own = table["source"].eq(source).to_numpy(dtype=bool)
        met = table["source_record"].isin(numbers).to_numpy(dtype=bool)
        rows[table.loc[own & met, "record"].to_numpy(dtype="int64") - 1] = True
        return rows

    def _same(self, target: str, source: str, by: list[str], source_by: list[str], marked: Rows) -> Rows:
        """Records with the key of marked records of a source; by the subject where a key is not kept, else all."""
        ours, theirs = self.stored.frame(target), self.stored.frame(source)
        pairs = list(zip(by, source_by, strict=True)) if len(by) == len(source_by) else []
        if not pairs or any(a not in ours.columns or b not in theirs.columns for a, b in pairs):
            both = SUBJECT in ours.columns and SUBJECT in theirs.columns
            pairs = [(SUBJECT, SUBJECT)] if both else []
        if any((source, b) in self.rows for _, b in pairs if b != SUBJECT):
            pairs = [(SUBJECT, SUBJECT)] if SUBJECT in ours.columns and SUBJECT in theirs.columns else []
        if not pairs:
            return np.ones(len(ours), dtype=bool)
        wanted = set(zip(*(self.stored.texts(source, b)[marked].tolist() for _, b in pairs), strict=True))
        keys = zip(*(self.stored.texts(target, a).tolist() for a, _ in pairs), strict=True)
        return np.array([key in wanted for key in keys], dtype=bool)

    # -- results ---------------------------------------------------------------------------------------------

    @cache  # noqa: B019 - asked when all that is reached is marked
    def of(self, dataset: str, column: str) -> Rows | None:
        """Marks of a column over the records of a dataset, those of ADSL where it is a column of the subject."""
        if column in self.stored.frame(dataset).columns:
            return self.rows.get((dataset, column))
        marked = self.rows.get((SUBJECTS, column))
        return None if marked is None else self._same(dataset, SUBJECTS, [SUBJECT], [SUBJECT], marked)

    def of_people(self, dataset: str, other: str, marked: Rows) -> Rows:
        """Records of the subjects of marked records of another dataset."""
        return self._same(dataset, other, [SUBJECT], [SUBJECT], marked)

    def results(self) -> Iterator[tuple[str, int, str, str]]:
        """Output, row, column and statistic of each result that is reached."""
        path = self.stored.home / "ard.parquet"
        if not path.is_file():
            return
        of = ["dataset", "variable", "predicate", "denominator_dataset", "denominator"]
        table = pq.read_table(path, columns=["output", "analysis", "row", "column", "method", "stat_name", *of])
        told = table.to_pandas(strings_to_categorical=True)
        told = told.loc[told["method"].ne(LABEL) & told["dataset"].notna()]
        # what is asked is asked once of all results that rest on the same
        parts = [told["output"], told["analysis"], *(told[n] for n in of)]
        codes = np.stack([part.cat.codes.to_numpy(dtype="int32") for part in parts], axis=1)
        different, asked = np.unique(codes, axis=0, return_inverse=True)
        texts = [[*part.cat.categories, None] for part in parts]
        keys = ([texts[n][code] for n, code in enumerate(row)] for row in different.tolist())
        reached = np.array([self._reached(*key) for key in keys], dtype=bool)[asked.reshape(-1)]
        # that a subject has no record is said of the subject: it may change with each record that was looked for
        absent = np.flatnonzero(told["method"].eq(ABSENT).to_numpy(dtype=bool))
        beside = told.iloc[absent][["output", "analysis", "row", "column", "stat_name"]].itertuples(index=False)
        places = [(tuple(place), stat) for *place, stat in beside]
        sought = {place for (place, stat), at in zip(places, absent, strict=True) if stat == FOUND and reached[at]}
        for (place, _), at in zip(places, absent, strict=True):
            reached[at] |= place in sought
        met = told.loc[reached, ["output", "row", "column", "stat_name"]]
        for output, row, column, stat in zip(*(met[n].tolist() for n in met.columns), strict=True):
            yield output, int(row), column, stat

    def _reached(
        self,
        output: str,
        analysis: str,
        dataset: str,
        variable: str | None,
        predicate: str | None,
        of: str | None,
        denominator: str | None,
    ) -> bool:
        read = (*self._words(output, analysis, dataset), *([variable] if variable else ()))
        return self._touches(dataset, predicate or "", read) or (
            of is not None and self._touches(of, denominator or "", ())
        )

    @cache  # noqa: B019 - a build is read by one command
    def _touches(self, dataset: str, predicate: str, read: tuple[str, ...]) -> bool:
        """Whether anything that is reached is among the records of a condition."""
        return bool(self.selected(dataset, parse_predicate(predicate), read).any())

    @cache  # noqa: B019 - a build is read by one command
    def _words(self, output: str, analysis: str, dataset: str) -> list[str]:
        """The columns of a dataset that the call of an analysis names."""
        calls = self.stored.study["outputs"][output]["analyses"]
        call = next((c for n, c in calls.items() if analysis.partition(".")[0] == n), "")
        words = "".join(c if c.isalnum() or c == "_" else " " for c in call).split()
        columns = set(self.stored.frame(dataset).columns)
        return [w for w in dict.fromkeys(words) if w in columns]

    def selected(self, dataset: str, parts: Predicate, read: Iterable[str]) -> Rows:
        """Records that satisfy a condition, or may once what is reached is another, and of which something is reached
        that the condition or the result reads.
        """
        judged = [found for part in parts if (found := self._judged(dataset, part)) is not None]
        marks = [met for _, met in judged if met is not None]
        marks += [marked for column in read if (marked := self.of(dataset, column)) is not None]
        if not marks:
            return np.zeros(self._size(dataset), dtype=bool)
        inside: Rows = np.logical_or.reduce(marks)
        for possible, _ in judged:
            inside = inside & possible
        return inside

    @cache  # noqa: B019 - a build is read by one command
    def _judged(self, dataset: str, part: Where) -> tuple[Rows, Rows | None] | None:
        """Records that satisfy a part of a condition or may once what is reached is another, and those where something
        is reached that it reads; None where it cannot be judged.
        """
        marks = [marked for column in columns_of(part) if (marked := self.of(dataset, column)) is not None]
        try:
            inside = self.stored.inside(dataset, part)
        except DatacutError:
            return None
        if not marks:
            return inside, None
        met = np.logical_or.reduce(marks)
        return inside | met, met


def _read(about: Mapping[str, Any]) -> list[str]:
    """The columns of its own record that a call or its condition reads."""
    where = about.get("where")
    return [*about.get("reads", ()), *(columns_of(parse_where(where)) if where else ())]


def numbers_of(marked: Rows) -> set[int]:
    """The numbers of the records that are marked."""
    return {int(n) for n in np.flatnonzero(marked) + 1}
