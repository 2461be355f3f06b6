"""What comparing 1,000,000 records of 23 variables costs, 10 values of them changed: `python bench/compare.py`.

With `--polars PYTHON`, an interpreter whose environment has polars, the same question is put to a join of polars there,
in the same run and in turn. Printed are medians of the repeats: CPU seconds of the comparison, without reading, and the
most memory the process held meanwhile, both sides among it. Nothing in the tests depends on these numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

KEYS = ["USUBJID", "PARAMCD", "AVISITN", "ASEQ"]


def by_datacut(ours: Path, theirs: Path) -> Callable[[], int]:
    from datacut.compare.columns import side_of_frame
    from datacut.compare.datasets import compare_sides
    from datacut.files.parquet import read_frame

    sides = [side_of_frame(read_frame(path)[0], path.name) for path in (ours, theirs)]
    return lambda: compare_sides(sides[0], sides[1], KEYS).unequal


def by_polars(ours: Path, theirs: Path) -> Callable[[], int]:
    import polars as pl

    left, right = pl.read_parquet(ours), pl.read_parquet(theirs)
    values = [c for c in left.columns if c not in KEYS]

    def work() -> int:
        joined = left.join(right, on=KEYS, how="inner", suffix="_theirs")
        return int(sum(joined.select([pl.col(c).ne_missing(pl.col(f"{c}_theirs")).sum() for c in values]).row(0)))

    return work


def measure(work: Callable[[], int]) -> dict[str, float]:
    """What a call costs: seconds of CPU and wall, and the most memory meanwhile, in MB."""
    most, done = [resident()], threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            most.append(max(most.pop(), resident()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, wall = time.process_time(), time.perf_counter()
    found = work()
    cpu, wall = time.process_time() - started, time.perf_counter() - wall
    done.set()
    watcher.join()
    return {"cpu": cpu, "wall": wall, "memory": max(most[0], resident()) / 1e6, "found": found}


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def frame(records: int) -> pd.DataFrame:
    """Records of the shape of a laboratory dataset, sorted by key."""
    draws = np.random.default_rng(1)
    at = np.arange(records)
    made: dict[str, pd.Series] = {
        "STUDYID": pd.Series(["S1"], dtype="str").repeat(records),
        "USUBJID": pd.Series(at // 1000).map(lambda n: f"S1-{n // 50 + 101}-{n:05d}").astype("str"),
        "PARAMCD": pd.Series(at // 20 % 50).map(lambda n: f"P{n:02d}").astype("str"),
        "AVISITN": pd.Series(at % 20, dtype="Int64"),
        "ASEQ": pd.Series(at % 1000 + 1, dtype="Int64"),
    }
    for number in range(8):
        made[f"N{number}"] = pd.Series(draws.normal(100, 15, records).round(3), dtype="Float64")
    for number in range(7):
        words = np.array([f"{'value' * (number + 1)} {i}" for i in range(5 * (number + 1))])
        made[f"C{number}"] = pd.Series(words[draws.integers(0, len(words), records)], dtype="str")
    made["AESPID"] = pd.Series(at).map(lambda n: f"{n:012d}").astype("str")
    made["ADT"] = pd.Series(
        np.datetime64("2026-01-01", "s") + draws.integers(0, 400, records) * np.timedelta64(86400, "s")
    )
    made["AVALN"] = pd.Series(draws.integers(0, 4, records), dtype="Int64").mask(draws.random(records) < 0.3)
    return pd.DataFrame({name: values.reset_index(drop=True) for name, values in made.items()})


def changed(made: pd.DataFrame) -> pd.DataFrame:
    """The same with 10 values changed."""
    other = made.copy()
    for number in range(5):
        other.loc[number * 1001 + 3, f"N{number}"] += 1
        other.loc[number * 1001 + 7, f"C{number}"] = "another"
    return other


def run(program: str, python: str, ours: Path, theirs: Path) -> dict[str, float]:
    """One measurement in a process of its own."""
    words = [python, __file__, "--measure", program, str(ours), str(theirs)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--polars", metavar="PYTHON")
    arguments.add_argument("--measure", nargs=3, metavar=("PROGRAM", "OURS", "THEIRS"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.measure:
        program, ours, theirs = chosen.measure
        work = {"datacut": by_datacut, "polars": by_polars}[program](Path(ours), Path(theirs))
        print(json.dumps(measure(work)))
        return
    from datacut.files.parquet import write_frame

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        made = frame(chosen.records)
        order = np.random.default_rng(2).permutation(len(made))
        write_frame(made, home / "ours.parquet")
        write_frame(changed(made), home / "same-order.parquet")
        write_frame(changed(made).drop(index=[5, 77]).reset_index(drop=True), home / "two-fewer.parquet")
        write_frame(changed(made).iloc[order].reset_index(drop=True), home / "shuffled.parquet")
        del made
        programs = {"datacut": sys.executable, **({"polars": chosen.polars} if chosen.polars else {})}
        for name in ("same-order", "two-fewer", "shuffled"):
            files = home / "ours.parquet", home / f"{name}.parquet"
            rounds = [{p: run(p, python, *files) for p, python in programs.items()} for _ in range(chosen.repeats)]
            for program in programs:
                middle = {
                    k: statistics.median(r[program][k] for r in rounds) for k in ("cpu", "wall", "memory", "found")
                }
                print(
                    f"{name:>10} {program:>8}: {middle['cpu']:6.2f} s CPU, {middle['wall']:6.2f} s, "
                    f"{middle['memory']:6.0f} MB, {middle['found']:.0f} values differ"
                )


if __name__ == "__main__":
    main()
