"""Builds every cut that is asked for; a cut whose inputs have not changed is left as it is."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from datacut.errors import DatacutError, Finding, InputError, Severity
from datacut.pipeline.console import console, print_findings, print_summary, progress_bar
from datacut.pipeline.inputs import Inputs, read_inputs
from datacut.pipeline.intact import altered, is_moved, settle
from datacut.pipeline.keep import spare
from datacut.pipeline.lock import holding
from datacut.pipeline.publish import publish_again
from datacut.pipeline.report import Summary, found_lines, read_findings, read_forms, read_summary
from datacut.pipeline.runlog import Began, Ended, Phase, RunLog, State, peak_memory
from datacut.pipeline.store import STORE, TASKS, builds_of, newest, require_name
from datacut.pipeline.why import read_run

SHOWN = 30


def run_cuts(
    root: Path,
    cut: str | None,
    raw: Path | None,
    build: Path,
    workers: int | None = None,
    only: tuple[str, ...] = (),
    *,
    verify: bool = False,
    wait: bool = False,
    explain_why: bool = False,
) -> int:
    """Build the cuts, print progress, findings and a closing table each; returns the exit code.

    workers: processes that share the work of a cut; one for each processor where not given. only: outputs and
    selections to be made, all where there is none. verify: hash every published file before a build is said to be up to
    date. wait: for another run of the same folder to end. explain_why: say of each task that ran which part of its key
    had changed. Raises DatacutError where there is one and we do not wait.
    """
    worst = 0
    for name, folder in _exports(root, cut, raw):
        worst = max(worst, _run(root, name, folder, build, workers, only, verify=verify, wait=wait, why=explain_why))
    return worst


def _exports(root: Path, cut: str | None, raw: Path | None) -> list[tuple[str, Path]]:
    if raw is not None:
        return [(require_name(cut or raw.resolve().name, "a cut"), raw.resolve())]
    home = root / "raw"
    if cut is not None:
        return [(cut, home / require_name(cut, "a cut"))]
    folders = [p for p in sorted(home.iterdir()) if p.is_dir()] if home.is_dir() else []
    found = [(require_name(p.name, "a cut"), p) for p in folders if not p.name.startswith(".")]
    if not found:
        raise InputError(f"{home}: no export. Run `datacut simulate`, or name a folder with --raw.")
    return found


def _run(
    root: Path,
    cut: str,
    raw: Path,
    build: Path,
    workers: int | None,
    only: tuple[str, ...],
    *,
    verify: bool,
    wait: bool,
    why: bool,
) -> int:
    if not raw.is_dir():
        raise InputError(f"{raw}: no such export. Run `datacut simulate`, or name a folder with --raw.")
    started = time.monotonic()
    log = RunLog(build, cut)
    words = (cut, *sorted(only))
    summary, found = _standing(build, cut, read_inputs(root, raw, *words).digest, full=verify)
    state: State = "up to date"
    if summary is None:
        with holding(build, wait=wait):
            inputs = read_inputs(root, raw, *words)
            summary, found = _standing(build, cut, inputs.digest, full=verify)  # made while we waited
            if summary is None and not only:  # of some outputs, what is made depends on the build before too
                summary, more = _earlier(build, cut, inputs.digest)
                found += more
            if summary is None:
                state = "built"
                summary = _build(root, cut, raw, build, inputs, workers, only, log)
    home = build / cut
    print_findings([*read_findings(home), *found_lines(found)], limit=SHOWN)
    print_summary(summary, read_forms(home / "accounting"), str(home), up_to_date=state == "up to date")
    if state == "built":
        _say_spoilt(build, cut)
        _say_how_many(build, cut)
    if why:
        _say_why(read_run(build, cut)["why"] if state == "built" else [])
    log.add(Ended(state=state, seconds=round(time.monotonic() - started, 3), memory_mib=peak_memory()))
    return 1 if summary.errors or any(f.severity is Severity.ERROR for f in found) else 0


def _build(
    root: Path,
    cut: str,
    raw: Path,
    build: Path,
    inputs: Inputs,
    workers: int | None,
    only: tuple[str, ...],
    log: RunLog,
) -> Summary:
    """Build one cut, and log its phases: each ends where the next one is told, the last one with the build."""
    import datacut
    from datacut.pipeline.build import build_cut
    from datacut.pipeline.workers import available_workers

    workers = workers or available_workers()
    log.add(Began(version=datacut.__version__, workers=workers, only=list(only)))
    begun = started = time.monotonic()
    phase = ""
    try:
        with progress_bar(cut) as progress:

            def move(what: str, done: int, total: int) -> None:
                nonlocal started, phase
                if what != phase:
                    now = time.monotonic()
                    if phase:
                        log.add(Phase(phase=phase, seconds=round(now - started, 3)))
                    started, phase = now, what
                progress(what, done, total)

            return build_cut(root, cut, raw, build, inputs, move, workers, only, log)
    except BaseException:
        with suppress(OSError):  # a full disk: what is raised says so
            log.add(Ended(state="failed", seconds=round(time.monotonic() - begun, 3), memory_mib=peak_memory()))
        raise


def _standing(build: Path, cut: str, digest: str, *, full: bool) -> tuple[Summary | None, list[Finding]]:
    """What the newest build made if it is of these inputs and stands as it was published, and what was altered.

    A frozen one that was altered stands too: nobody rewrites it in silence.
    """
    now = newest(build, cut)
    if now is None or now.digest != digest:
        return None, []
    found = altered(now, full=full)
    summary = None if found and not now.names else read_summary(now.folder / "summary.json")
    if not found and is_moved(now):
        with suppress(DatacutError), holding(build):  # else the next run looks as closely once more
            settle(now)
    return summary, found


def _earlier(build: Path, cut: str, digest: str) -> tuple[Summary | None, list[Finding]]:
    """Make an earlier build of these inputs the newest one, if one stands as it was published."""
    told: list[Finding] = []
    for earlier in builds_of(build, cut):
        found = altered(earlier, full=True) if earlier.digest == digest else []
        summary = read_summary(earlier.folder / "summary.json") if earlier.digest == digest and not found else None
        if summary is not None:
            publish_again(build, earlier)
            return summary, told
        told += found
    return None, told


def _say_why(told: list[str]) -> None:
    for line in told or ["nothing that was made before had to be made again"]:
        console().print(line, markup=False, soft_wrap=True, highlight=False)


def _say_spoilt(build: Path, cut: str) -> None:
    """One message where entries were not as they had been written; what they held was made again."""
    spoilt = read_run(build, cut)["spoilt"]
    if spoilt:
        told = (
            f"{build / STORE / TASKS}: entries not as they were written: {len(spoilt)}, made again ({spoilt[0][:12]})"
        )
        console().print(told, markup=False, soft_wrap=True)


def _say_how_many(build: Path, cut: str) -> None:
    """The closing line on the room that earlier builds take, once `datacut gc` would remove some."""
    going = [b for b in spare(build) if b.cut == cut]
    if going:
        size = sum(b.size for b in going) / 1e6
        console().print(f"{build / cut}: earlier builds: {len(going)}, {size:,.0f} MB; `datacut gc` removes them")
