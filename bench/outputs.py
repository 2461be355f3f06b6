"""How long all outputs of the study take, in every format, with combined documents, ARD and ARS, from datasets that are
there; by hand: `python bench/outputs.py`.

Prints wall seconds with one worker and with all, pages, pages a second, and the ratio of the large to the small study.
Nothing in the tests depends on these numbers.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from datacut.adam.build import build_adam
from datacut.cache.code import Code
from datacut.cache.entries import Entries
from datacut.cache.tasks import Tasks
from datacut.datasets.model import Dataset
from datacut.engine.sources import study_frames
from datacut.errors import Findings
from datacut.files.manifest import sha256_of
from datacut.pipeline.inputs import package_files
from datacut.pipeline.outputs import write_outputs
from datacut.pipeline.specs import Bound, read_specs
from datacut.pipeline.workers import available_workers
from datacut.raw.read import read_export
from datacut.sdtm.build import build_sdtm
from datacut.simulate import simulate

ROOT = Path(__file__).resolve().parents[1]


def analysis_datasets(bound: Bound, folder: Path, subjects: int) -> tuple[str, Mapping[str, Dataset]]:
    """The last of two cuts and its ADaM."""
    made = simulate(bound.specs, folder / "raw", subjects=subjects, cuts=2, seed=1, mess=["none"], form="csv")
    raw, findings = made.folders[-1], Findings()
    sources = {**read_export(raw, bound.specs, findings, "raw"), **study_frames(bound.specs, raw.name)}
    sdtm, _ = build_sdtm(bound.specs, bound.plans, bound.registry, sources, findings)
    adam, _ = build_adam(bound.specs, bound.plans, bound.registry, sdtm, sources, findings)
    return raw.name, adam


def measure(bound: Bound, subjects: int, workers: int, repeats: int) -> float:
    """Print and return the median of wall seconds."""
    with tempfile.TemporaryDirectory() as folder:
        cut, adam = analysis_datasets(bound, Path(folder), subjects)
        seconds, pages = [], 0
        package = {name.removeprefix("datacut/"): sha256_of(path) for name, path in package_files().items()}
        for number in range(repeats):
            home = Path(folder) / str(number)
            home.mkdir()
            started = time.perf_counter()
            kept = Tasks(Entries(home / "tasks"), Code(package, {}, home / "imports"))
            products = write_outputs(bound, adam, cut, home, Findings(), workers, tasks=kept)
            seconds.append(time.perf_counter() - started)
            pages = sum(p.amount for p in products)
        median = statistics.median(seconds)
        print(
            f"{subjects:>5} subjects, {workers} workers: {len(products)} outputs, {pages} pages in {median:.1f} s, "
            f"{pages / median:.0f} pages/s (median of {repeats})"
        )
        return median


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--large", type=int, default=1200)
    chosen = arguments.parse_args()
    bound, workers = read_specs(ROOT), available_workers()
    alone = measure(bound, 12, 1, chosen.repeats)
    small = measure(bound, 12, workers, chosen.repeats)
    large = measure(bound, chosen.large, workers, 1)
    print(f"{workers} workers: {alone / small:.1f} times as fast as one")
    print(f"{chosen.large / 12:.0f} times the subjects in {large / small:.1f} times the time")


if __name__ == "__main__":
    main()
