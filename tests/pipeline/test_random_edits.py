"""Edits at random, several outstanding at once and undone in another order: after each, what a build makes is what a
fresh one makes, and the tasks that did their work are those of whose key there was no entry.

Which these should be is found here from the keys and the names of entries before and after, not asked of the build.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from tests.builds import entries_of
from tests.edits import Edit, Trial
from tests.vitals import CUT, FILES

from datacut.pipeline.inputs import package_files

EDITS = int(os.environ.get("DATACUT_EDITS", "4"))
AT_ONCE = 4
"""Edits outstanding at most."""

type Texts = dict[str, str]
type Make = Callable[[Random, Texts], None]
RAW = f"raw/{CUT}"


def _cell(name: str, column: int, low: int, high: int) -> Make:
    def make(random: Random, texts: Texts) -> None:
        lines = texts[name].splitlines()
        at = random.randrange(1, len(lines))
        cells = lines[at].split(",")
        cells[column] = str(random.randint(low, high)) if random.random() < 0.9 else ""
        lines[at] = ",".join(cells)
        texts[name] = "\n".join(lines) + "\n"

    return make


def _row(random: Random, texts: Texts) -> None:
    number = random.randint(104, 130)
    for name, row in ((f"{RAW}/dm.csv", f"{number},33,M"), (f"{RAW}/vs.csv", f"{number},99,88,")):
        lines = texts[name].splitlines()
        lines.insert(random.randint(1, len(lines)), row)
        texts[name] = "\n".join(lines) + "\n"


def _row_gone(random: Random, texts: Texts) -> None:
    lines = texts[f"{RAW}/vs.csv"].splitlines()
    if len(lines) > 2:
        del lines[random.randrange(1, len(lines))]
    texts[f"{RAW}/vs.csv"] = "\n".join(lines) + "\n"


def _shuffled(random: Random, texts: Texts) -> None:
    head, *rows = texts[f"{RAW}/vs.csv"].splitlines()
    random.shuffle(rows)
    texts[f"{RAW}/vs.csv"] = "\n".join([head, *rows]) + "\n"


def _number(name: str, before: str, after: str) -> Make:
    """Another number between two texts of a file."""

    def make(random: Random, texts: Texts) -> None:
        head, _, rest = texts[name].partition(before)
        texts[name] = f"{head}{before}{random.randint(1, 150)}{after}{rest.partition(after)[2]}"

    return make


def _comment(random: Random, texts: Texts) -> None:
    name = random.choice(sorted(n for n in texts if n.endswith(".yml")))
    texts[name] = f"# {random.random()}\n{texts[name]}"


def _added(name: str, text: str) -> Make:
    def make(random: Random, texts: Texts) -> None:
        texts[name] = text.replace("{n}", str(random.randint(1, 3)))

    return make


def _gone(name: str) -> Make:
    return lambda _, texts: texts.__delitem__(name) if name in texts else None


LISTING = FILES["specs/tlf/l-16-2-1.yml"].lstrip("\n")
MADE: dict[str, Make] = {
    "cell": _cell(f"{RAW}/vs.csv", 1, 100, 160),
    "other cell": _cell(f"{RAW}/vs.csv", 2, 50, 90),
    "age": _cell(f"{RAW}/dm.csv", 1, 20, 80),
    "row": _row,
    "row gone": _row_gone,
    "rows in another order": _shuffled,
    "setting": _number("specs/study.yml", "limit: {value: ", ","),
    "other setting": _number("specs/study.yml", "old: {value: ", ","),
    "spec line": _number("specs/adam/advs.yml", "HALF GT ", "'"),
    "study function": _number("adam/own.py", "source] / ", "}"),
    "digits": _number("specs/tlf/t-14-2-1.yml", "title: Systolic Blood Pressure", "\n"),
    "comment": _comment,
    "new output": _added(
        "specs/tlf/l-16-2-2.yml",
        LISTING.replace("l-16-2-1", "l-16-2-2").replace("16.2.1", "16.2.2").replace("Subjects", "Subjects {n}"),
    ),
    "output gone": _gone("specs/tlf/f-14-2-1.yml"),
    "new code": _added("adam/more.py", '"""More."""\n\nMORE = {n}\n'),
}


@pytest.fixture
def trial(tmp_path, monkeypatch):
    monkeypatch.setattr("datacut.pipeline.inputs.package_files", cache(package_files))
    return Trial(tmp_path, FILES, CUT)


@pytest.mark.parametrize("seed", range(max(1, EDITS // 25)))
def test_after_edits_in_any_order_a_build_is_a_fresh_one(trial: Trial, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    first = {name: text.lstrip("\n") for name, text in FILES.items()}
    out: list[tuple[str, int]] = []  # edits outstanding, each by its kind and the seed it is made with
    now = dict(first)
    met: Counter[str] = Counter()
    trial.ran()
    for number in range(min(EDITS, 25)):
        if len(out) == AT_ONCE or (out and random.random() < 0.4):
            out.pop(random.randrange(len(out)))
        else:
            out.append((random.choice(sorted(MADE)), number))
        after = dict(first)
        for kind, own in out:
            MADE[kind](Random(own), after)  # noqa: S311
        edit: Edit = {name: after.get(name) for name in now.keys() | after.keys() if now.get(name) != after.get(name)}
        trial.write({f"study/{name}": text for name, text in edit.items()})
        now = after
        had = entries_of(trial.home / "build")
        ran = trial.ran()
        keys = trial.keys()
        assert ran == {name for name, key in keys.items() if key not in had}, out
        met["tasks"] += len(keys)
        met["ran"] += len(ran)
    print(f"seed {seed}: {dict(met)}")
