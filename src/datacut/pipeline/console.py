"""What a person sees: progress, findings and the closing table; plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from datacut.pipeline.report import FormLine, Summary


def console(*, stderr: bool = False) -> Console:
    """The console to print on: as wide as the terminal, 200 columns where there is none."""
    found = Console(highlight=False, stderr=stderr)
    return found if found.is_terminal else Console(highlight=False, width=200, stderr=stderr)


@contextmanager
def progress_bar(cut: str) -> Iterator[Callable[[str, int, int], None]]:
    """A function `(what, done, total)` that moves a bar on a terminal; elsewhere a line for each new `what`."""
    screen = console()
    if not screen.is_terminal:
        told = ""

        def line(what: str, done: int, total: int) -> None:
            nonlocal told
            if what != told or done == total:
                screen.print(f"{cut}: {what} ({done}/{total})")
            told = what

        yield line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(cut)

        def move(what: str, done: int, total: int) -> None:
            bar.update(task, description=f"{cut}: {what}", completed=done, total=total)

        yield move


def print_findings(rows: Sequence[Sequence[str]], limit: int) -> None:
    """Lines of findings (`report.FOUND`) as a table, errors first; the rest is counted."""
    if not rows:
        return
    order = {"error": 0, "warning": 1, "note": 2}
    ranked = sorted(rows, key=lambda r: order.get(r[0], 3))
    table = Table("severity", "where", "what", "value", "remedy", show_lines=False, pad_edge=False)
    for severity, _rule, where, places, what, value, remedy in ranked[:limit]:
        more = f" and {int(places) - 1} more" if places != "1" else ""
        table.add_row(severity, where + more, what, value, remedy)
    screen = console()
    screen.print(table)
    if len(ranked) > limit:
        screen.print(f"... and {len(ranked) - limit} more findings.")


def print_accounting(lines: Sequence[FormLine]) -> None:
    """The rows of every form, each in exactly one place, and their totals."""
    table = Table("form", "rows", "mapped", "read by key", "excluded", "refused", "unaccounted", "excluded because")
    for line in lines:
        counts = (line.rows, line.mapped, line.by_key, line.excluded, line.refused, line.unaccounted)
        table.add_row(line.form, *map(str, counts), line.reasons)
    console().print(table)


def accounting_text(lines: Sequence[FormLine]) -> str:
    """The same in one sentence."""
    rows = sum(x.rows for x in lines)
    parts = (
        f"{sum(x.mapped for x in lines)} mapped",
        f"{sum(x.by_key for x in lines)} read by key",
        f"{sum(x.excluded for x in lines)} excluded by rule",
        f"{sum(x.refused for x in lines)} refused",
        f"{sum(x.unaccounted for x in lines)} unaccounted for",
    )
    return f"accounting: {rows} rows of {len(lines)} forms = {' + '.join(parts)}"


def print_summary(summary: Summary, lines: Sequence[FormLine], place: str, *, up_to_date: bool) -> None:
    """The closing table of one build: how much there is of each kind, and by name what is lacking."""
    screen = console()
    table = Table("kind", "number", "size", title=f"Cut {summary.cut}", title_justify="left", pad_edge=False)
    for kind, of_kind in groupby(summary.products, attrgetter("kind")):
        products = list(of_kind)
        why: dict[str, list[str]] = {}
        for p in products:
            if p.lacking:
                why.setdefault(p.lacking, []).append(p.name)
        lacking = [f"{', '.join(names)}: {text}" for text, names in why.items()]
        amount = f"{sum(p.amount for p in products):,} {products[0].unit}"
        table.add_row(kind, str(len(products)), "\n".join((amount, *lacking)))
    screen.print(table)
    screen.print(accounting_text(lines))
    state = "up to date" if up_to_date else "built"
    errors = f"{summary.errors} errors" if summary.errors else "no error by the rules checked"
    found = f"{errors}, {summary.warnings} warnings, {summary.notes} notes"
    screen.print(f"{place}: {state}; findings: {found} (findings.csv there)")
    screen.print(f"{place}: {summary.profile}")
