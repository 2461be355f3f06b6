"""Builds every cut that is asked for; a cut whose inputs have not changed is left as it is."""

from __future__ import annotations

import time
from pathlib import Path

import datacut
from datacut.errors import InputError
from datacut.pipeline.inputs import digest_of, input_files, package_files
from datacut.pipeline.report import Summary, read_findings, read_forms, read_summary

SHOWN = 30


def run_cuts(
    root: Path,
    cut: str | None,
    raw: Path | None,
    build: Path,
    workers: int | None = None,
    only: tuple[str, ...] = (),
) -> int:
    """Build the cuts, print progress, findings and a closing table each; returns the exit code.

    workers: processes that share the work of a cut; one for each processor where not given. only: outputs and
    selections to be made, all where there is none.
    """
    worst = 0
    for name, folder in _exports(root, cut, raw):
        worst = max(worst, _run(root, name, folder, build, workers, only))
    return worst


def _exports(root: Path, cut: str | None, raw: Path | None) -> list[tuple[str, Path]]:
    if raw is not None:
        return [(cut or raw.resolve().name, raw.resolve())]
    home = root / "raw"
    if cut is not None:
        return [(cut, home / cut)]
    found = [(p.name, p) for p in sorted(home.iterdir()) if p.is_dir()] if home.is_dir() else []
    if not found:
        raise InputError(f"{home}: no export. Run `datacut simulate`, or name a folder with --raw.")
    return found


def _run(root: Path, cut: str, raw: Path, build: Path, workers: int | None, only: tuple[str, ...]) -> int:
    from datacut.pipeline.console import print_findings, print_summary, progress_bar

    if not raw.is_dir():
        raise InputError(f"{raw}: no such export. Run `datacut simulate`, or name a folder with --raw.")
    started = time.monotonic()
    digest = digest_of({**input_files(root, raw), **package_files()}, datacut.__version__, cut, *sorted(only))
    home = build / cut
    summary = read_summary(home / "summary.json")
    current = summary is not None and summary.digest == digest
    if summary is None or not current:
        from datacut.pipeline.build import build_cut
        from datacut.pipeline.workers import available_workers

        with progress_bar(cut) as progress:
            summary = build_cut(root, cut, raw, build, digest, progress, workers or available_workers(), only)
    print_findings(read_findings(home), limit=SHOWN)
    print_summary(summary, read_forms(home / "accounting"), str(home), up_to_date=current)
    _log(build, summary, current, time.monotonic() - started)
    return 1 if summary.errors else 0


def _log(build: Path, summary: Summary, current: bool, seconds: float) -> None:
    """The only place where the run's own time is kept."""
    line = (
        f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {summary.cut} {'up to date' if current else 'built'} {seconds:.2f} s\n"
    )
    with (build / "build.log").open("a", encoding="utf-8") as log:
        log.write(line)
