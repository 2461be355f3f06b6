"""How long a build takes: 12 subjects cold and unchanged, 1,200 subjects cold; by hand: `python bench/build.py`.

Prints medians of wall time, peak memory of the process, records per second and the ratio of the large to the small
build. Nothing in the tests depends on these numbers.
"""

from __future__ import annotations

import argparse
import json
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


def run(*words: str) -> tuple[float, int]:
    """Seconds and peak memory (MiB) of one command; exit code 2 is a failure."""
    started = time.perf_counter()
    child = subprocess.Popen([str(DATACUT), *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        raise SystemExit(f"datacut {' '.join(words)} ended with {code}: {child.stderr.read().decode()[:2000]}")
    return seconds, usage.ru_maxrss // 1024


def records(build: Path, cut: str) -> int:
    """Records of all datasets of one build."""
    summary = json.loads((build / cut / "summary.json").read_text(encoding="utf-8"))
    return sum(p["amount"] for p in summary["products"] if p["kind"] in ("SDTM", "ADaM"))


def measure(subjects: int, repeats: int) -> tuple[float, float]:
    """Print the figures for one size; returns medians of the cold and the unchanged build."""
    with tempfile.TemporaryDirectory() as folder:
        raw, build = Path(folder) / "raw", Path(folder) / "build"
        simulated, _ = run("simulate", "--subjects", str(subjects), "--cuts", "2", "--raw", str(raw))
        cut = [p for p in sorted(raw.iterdir()) if p.is_dir()][-1]
        words = ("build", "--raw", str(cut), "--out", str(build))
        cold, same, memory = [], [], 0
        for _ in range(repeats):
            shutil.rmtree(build, ignore_errors=True)
            seconds, memory = run(*words)
            cold.append(seconds)
            same.append(run(*words)[0])
        count = records(build, cut.name)
        first, again = statistics.median(cold), statistics.median(same)
        print(
            f"{subjects:>5} subjects: simulate {simulated:.1f} s; build cold {first:.2f} s, unchanged {again:.2f} s; "
            f"{count} records, {count / first:.0f} records/s; peak {memory} MiB (medians of {repeats})"
        )
        return first, again


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--large", type=int, default=1200)
    chosen = arguments.parse_args()
    small, _ = measure(12, chosen.repeats)
    large, _ = measure(chosen.large, 1)
    print(f"{chosen.large / 12:.0f} times the subjects in {large / small:.1f} times the time")


if __name__ == "__main__":
    main()
