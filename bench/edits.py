"""What an edit costs: a cold build, a footnote, a row of AE, nothing, specs alone, a trace: `python bench/edits.py`.

Every time is told in loops of this machine (`loop`), measured before and after each command, and as a share of the cold
build; both are seconds of the processor, so that neighbours on the machine count less. Medians of the repeats. Modules
are compiled once before, as they are where the package is installed. Nothing in the tests depends on these numbers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATACUT = Path(sys.executable).parent / "datacut"
CUT = "2026-09-01"
FOOTNOTE = ("specs/tlf/t-14-3-1-2-1.yml", ", F-DLT]", "]")
STEPS = 20_000_000


def loop() -> float:
    """Seconds that the processor takes for a plain loop, the measure of the machine at this moment."""
    started = time.process_time()
    s = 0
    for i in range(STEPS):
        s += i * i
    return time.process_time() - started


def run(study: Path, *words: str) -> float:
    """Seconds that the processor takes for one command in a study, workers too; exit code 2 is a failure."""
    before = os.times()
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(study / ".pyc")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run([str(DATACUT), *words], cwd=study, capture_output=True, env=environment, check=False)
    after = os.times()
    if done.returncode not in (0, 1):
        raise SystemExit(f"datacut {' '.join(words)} ended with {done.returncode}: {done.stderr.decode()[:2000]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"{path}: no {old!r}")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def grade(study: Path) -> tuple[str, str]:
    """The first row of AE as it is, and with another grade."""
    lines = (study / "raw" / CUT / "ae.csv").read_text(encoding="utf-8").splitlines()
    header, cells = lines[0].split(","), lines[1].split(",")
    at = header.index("AETOXGR")
    return lines[1], ",".join([*cells[:at], "3" if cells[at] != "3" else "2", *cells[at + 1 :]])


def measure(study: Path) -> dict[str, float]:
    """Loops of each command, one after the other; an entry of the check of the specs goes with the build folder."""
    took: dict[str, float] = {}

    def tell(what: str, *words: str) -> None:
        unit = loop()
        seconds = run(study, *words)
        took[what] = seconds / ((unit + loop()) / 2)

    shutil.rmtree(study / "build", ignore_errors=True)
    build = ("build", "--cut", CUT)
    tell("cold build", *build)
    tell("nothing changed", *build)
    name, old, new = FOOTNOTE
    swap(study / name, old, new)
    tell("one footnote", *build)
    swap(study / name, new, old)
    row, other = grade(study)
    run(study, *build)
    swap(study / "raw" / CUT / "ae.csv", row, other)
    tell("one row of AE", *build)
    tell("trace of a cell", "trace", "t-14-3-1-2-1", "--row", "Grade 3", "--column", "4.5", "--cut", CUT)
    swap(study / "raw" / CUT / "ae.csv", other, row)
    tell("specs, anew", "check")
    tell("specs, again", "check")
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=3)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder)
        for part in ("specs", "sdtm", "adam", "tlf"):
            shutil.copytree(ROOT / part, study / part, ignore=shutil.ignore_patterns("__pycache__"))
        run(study, "simulate", "--subjects", "12", "--cuts", "2", "--seed", "1")
        rounds = [measure(study) for _ in range(chosen.repeats)]
    cold = statistics.median(took["cold build"] for took in rounds)
    for what in rounds[0]:
        loops = statistics.median(took[what] for took in rounds)
        print(f"{what:>16}: {loops:6.2f} loops, 1/{cold / loops:.1f} of a cold build (median of {chosen.repeats})")


if __name__ == "__main__":
    main()
