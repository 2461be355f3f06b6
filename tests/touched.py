"""What an edit of a field of the export makes another, of SDTM, of ADaM and of the results, beside what `datacut trace`
names of the field, before the edit or after it."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
from tests.builds import build as make

from datacut.datasets.model import value_text
from datacut.history.reach import Reach
from datacut.history.stored import Stored

NUMBERED = ("SEQ",)
IDENTITY = ["output", "analysis", "variable", "variable_level", "predicate", "column", "stat_name"]
SHOWN = ["stat", "stat_text", "formatted"]


@dataclass
class Seen:
    """What was met: cells that are others and those that are named, by kind; and cells that no trace names."""

    changed: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)


def other(value: str, column: list[str], random: Random) -> str:
    """Another value such as might stand in a field."""
    for form in ("%d-%b-%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(value.title(), form) + timedelta(days=random.choice((-1, 1, 2)))  # noqa: DTZ007
        except ValueError:
            continue
        return day.strftime(form).upper()
    known = sorted({v for v in column if v and v != value})
    if value.replace(".", "", 1).isdigit():
        return f"{float(value) + 1:g}" if len(known) > 6 or not known else random.choice(known)
    return random.choice(known) if known else f"{value}X"


def edit(path: Path, name: str, random: Random) -> tuple[int, str, str]:
    """Another value in a filled field of a file; the line, and both values."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    at = rows[0].index(name)
    line = random.choice([n for n, row in enumerate(rows) if n and row[at]])
    before = rows[line][at]
    rows[line][at] = other(before, [row[at] for row in rows[1:]], random)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)
    return line + 1, before, rows[line][at]


def keys_of(stored: Stored, dataset: str) -> list[tuple[object, ...]]:
    """Each record by its key without numbers, and its place among those with the same."""
    frame, how = stored.frame(dataset), stored.how(dataset)
    names = list(how["keys"]) if how else ["USUBJID", "IDVAR", "IDVARVAL", "QNAM"]
    names = [n for n in names if n in frame.columns and not n.endswith(NUMBERED)]
    seen: Counter[tuple[str, ...]] = Counter()
    found: list[tuple[object, ...]] = []
    for key in zip(*(stored.texts(dataset, n).tolist() for n in names), strict=True):
        found.append((*key, seen[key]))
        seen[key] += 1
    return found


def marks(reach: Reach, dataset: str, variable: str) -> np.ndarray:
    """Records of which a variable is named."""
    size = len(reach.stored.frame(dataset))
    every = reach.rows.get((dataset, "*"), np.zeros(size, dtype=bool))
    return reach.rows.get((dataset, variable), np.zeros(size, dtype=bool)) | every


def compare_datasets(before: Reach, after: Reach, seen: Seen) -> None:
    for dataset in sorted(before.stored.datasets.keys() | after.stored.datasets.keys()):
        stage = "results" if dataset not in after.stored.datasets else after.stored.datasets[dataset].parent.name
        old, new = before.stored, after.stored
        if dataset not in old.datasets or dataset not in new.datasets:
            seen.misses.append(f"{dataset}: came or went")
            continue
        ours, theirs = ({k: n for n, k in enumerate(keys_of(s, dataset))} for s in (old, new))
        variables = [v for v in old.frame(dataset).columns if not v.startswith("_")]
        named = [(marks(before, dataset, v), marks(after, dataset, v)) for v in variables]
        seen.named[stage] += sum(int(m.sum()) for _, m in named)
        texts = [(old.texts(dataset, v), new.texts(dataset, v)) for v in variables]
        for key in ours.keys() | theirs.keys():
            i, j = ours.get(key), theirs.get(key)
            for variable, (was, now), (there, here) in zip(variables, texts, named, strict=True):
                if i is not None and j is not None and was[i] == now[j]:
                    continue
                if (i is None and not now[j]) or (j is None and not was[i]):
                    continue
                seen.changed[stage] += 1
                if not ((i is not None and there[i]) or (j is not None and here[j])):
                    seen.misses.append(f"{dataset}.{variable} {key}")


def results_of(stored: Stored) -> pd.DataFrame:
    frame = pd.read_parquet(stored.home / "ard.parquet")
    frame = frame.loc[frame["method"] != "label"]
    frame = frame.assign(shown=[tuple(value_text(v) for v in row) for row in frame[SHOWN].itertuples(index=False)])
    frame = frame.assign(key=[tuple(value_text(v) for v in row) for row in frame[IDENTITY].itertuples(index=False)])
    return frame.assign(key=list(zip(frame["key"], frame.groupby("key").cumcount(), strict=True)))


def compare_results(before: Reach, after: Reach, seen: Seen) -> None:
    named = [set(reach.results()) for reach in (before, after)]
    rows = {place[:2] for places in named for place in places}
    seen.named["results"] += len(named[1])
    tables = [results_of(reach.stored).set_index("key") for reach in (before, after)]
    places: list[dict[object, tuple[tuple[str, int, str, str], object]]] = []
    for table in tables:
        where = zip(table["output"], table["row"], table["column"], table["stat_name"], strict=True)
        at = [(str(o), int(r), str(c), str(s)) for o, r, c, s in where]
        places.append(dict(zip(table.index, zip(at, table["shown"], strict=True), strict=True)))
    for key in places[0].keys() | places[1].keys():
        was, now = places[0].get(key), places[1].get(key)
        if was is not None and now is not None and was[1] == now[1]:
            continue
        seen.changed["results"] += 1
        if (was is None or now is None) and (was or now or ((),))[0][:2] in rows:
            continue  # it came or went with its row, of which a cell is named
        if not ((was is not None and was[0] in named[0]) or (now is not None and now[0] in named[1])):
            seen.misses.append(f"{was or now}")


def follow(root: Path, build: Path, cut: str, form: str, name: str, random: Random, seen: Seen) -> str:
    """Edit a field, build, compare what is another with what is named; and undo it.

    build: the folder in which the cut is built already.
    """
    path = root / "raw" / cut / f"{form}.csv"
    text, first = path.read_bytes(), (build / cut).resolve()
    missed = len(seen.misses)
    line, was, now = edit(path, name, random)
    try:
        make(root, cut, build)
        reaches = []
        for folder in (first, (build / cut).resolve()):
            reach = Reach(Stored(folder, root))
            reach.start(form, line, name)
            reaches.append(reach)
        compare_datasets(*reaches, seen)
        compare_results(*reaches, seen)
    finally:
        path.write_bytes(text)
    make(root, cut, build)
    return f"{form}.csv:{line}:{name} {was} -> {now}: {len(seen.misses) - missed} missed"
