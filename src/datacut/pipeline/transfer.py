"""`datacut check --raw`: whether an export is fit to build on, by the specs and against the export before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.table import Table

from datacut.errors import Finding, Findings, InputError, Severity
from datacut.pipeline.console import console, print_findings
from datacut.pipeline.report import fold_findings, found_lines
from datacut.pipeline.store import require_name
from datacut.raw.read import read_files
from datacut.raw.read_sdtm import read_sdtm
from datacut.raw.transfer import compare_exports
from datacut.raw.transfer_form import FormChange
from datacut.sdtm.unmapped import check_unmapped, range_columns
from datacut.spec.load import load_specs

SHOWN = 100


def run_transfer(root: Path, cut: str | None, *, as_json: bool = False) -> int:
    """Print what is wrong with the export `raw/<cut>`, the newest without `cut`, and what became of the one before.

    Nothing is built. Returns 1 with error findings, else 0. Raises InputError if there is no such export.
    """
    home = root / "raw"
    dated = _dated(home)
    name = _named(home, cut, dated)
    last = max((d for d in dated if d < name), default=None) if name in dated else None
    specs = load_specs(root)
    findings = Findings()
    now = read_files(home / name, specs, findings, f"raw/{name}")
    if specs.study.sdtm.datasets:
        read_sdtm(home / name, specs, findings, f"raw/{name}")
    check_unmapped(specs, now.frames, findings)
    lines: list[FormChange] = []
    if last is not None:
        before = read_files(home / last, specs, Findings(), f"raw/{last}", judged=False)
        lines = compare_exports(before, now, specs, findings, range_columns(specs))
    told = list(findings)
    if as_json:
        console().print_json(_document(name, last, told, lines))
    else:
        _print(name, last, told, lines)
    return 1 if findings.errors else 0


def _dated(home: Path) -> list[str]:
    """Exports whose folder is named by a day, in its order; others have no place in time."""
    return sorted(p.name for p in home.glob("????-??-??") if p.is_dir() and _is_day(p.name))


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _named(home: Path, cut: str | None, dated: Sequence[str]) -> str:
    if cut is None:
        if not dated:
            raise InputError(f"{home}: no export named by its day. Run `datacut simulate`, or name one with --cut.")
        return dated[-1]
    if not (home / require_name(cut, "a cut")).is_dir():
        there = f"There are {', '.join(dated)}." if dated else "There is none."
        raise InputError(f"{home / cut}: no such export. {there}")
    return cut


def _document(name: str, last: str | None, told: Sequence[Finding], lines: Sequence[FormChange]) -> str:
    findings = [
        {**{k: str(v) for k, v in asdict(f).items()}, "where": str(places[0]), "places": [*map(str, places)]}
        for f, places in fold_findings(told)
    ]
    return json.dumps({"cut": name, "before": last, "findings": findings, "forms": [asdict(x) for x in lines]})


def _print(name: str, last: str | None, told: Sequence[Finding], lines: Sequence[FormChange]) -> None:
    print_findings(found_lines(told), limit=SHOWN)
    screen = console()
    if last is not None:
        title = f"raw/{name} against raw/{last}"
        table = Table("form", "rows before", "now", "new", "gone", "changed", "subjects before", "now", title=title)
        for x in lines:
            counts = (x.before, x.now, x.new, x.gone, x.changed, x.subjects_before, x.subjects_now)
            table.add_row(x.form, *("not known" if n is None else str(n) for n in counts))
        screen.print(table)
    else:
        screen.print(f"raw/{name}: no export of an earlier day in raw/; held against the specs alone")
    errors = sum(f.severity is Severity.ERROR for f in told)
    screen.print(f"raw/{name}: {errors} errors, {len(told) - errors} other findings; nothing was built")
