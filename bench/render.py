"""How long pages take: a listing of 20,000 rows and 8 columns to every format; by hand: `python bench/render.py`.

Prints medians of seconds for paging and for each renderer, rows per second and the ratio of each to RTF. Nothing in the
tests depends on these numbers.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from datacut.tlf.layout import Align, Column, Display, Kind, Row, Section
from datacut.tlf.paginate import paginate
from datacut.tlf.render_docx import render_docx
from datacut.tlf.render_html import render_html
from datacut.tlf.render_pdf import render_pdf
from datacut.tlf.render_rtf import render_rtf

RENDERERS: dict[str, Callable[[Any], str | bytes]] = {
    "rtf": render_rtf,
    "docx": render_docx,
    "pdf": render_pdf,
    "html": render_html,
}
TERMS = ("Neutrophil count decreased", "Cytokine release syndrome", "Fever", "Upper respiratory tract infection")


def listing(count: int) -> Display:
    """Adverse events of subjects with twenty records each: wrapped texts, keys, a number column, signs beyond ASCII."""
    columns = (
        Column("subject", ("Subject",), once=True, width=9),
        Column("class", ("System organ class",), width=22),
        Column("term", ("Preferred term",), width=22),
        Column("start", ("Start", "(day)"), width=10),
        Column("end", ("End", "(day)"), width=10),
        Column("grade", ("Grade",), width=5, align=Align.CENTRE),
        Column("value", ("Value",), width=10, align=Align.DECIMAL),
        Column("outcome", ("Outcome",), width=20),
    )
    rows = tuple(
        Row(
            (
                f"101-{i // 20:04}",
                f"Class {i % 7} of disorders",
                f"{TERMS[i % 4]} {i % 31}",
                f"{i % 28 + 1:02}MAR2026 ({i % 90})",
                f"{i % 28 + 1:02}APR2026",
                str(i % 5 + 1),
                f"{i % 1000 / 7:.2f} (≥ {i % 9})",
                "Recovered/resolved" if i % 3 else "Not recovered/not resolved",
            ),
            block=i // 20,
        )
        for i in range(count)
    )
    notes = ("Days in brackets: study days.", "Grades: CTCAE version 5.0.")
    return Display("l-1", "Listing 1", "Adverse Events", columns, (Section(rows),), footnotes=notes, kind=Kind.LISTING)


def median(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Median seconds and what the call gives."""
    times, made = [], None
    for _ in range(repeats):
        started = time.process_time()
        made = call()
        times.append(time.process_time() - started)
    return statistics.median(times), made


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=20000)
    arguments.add_argument("--repeats", type=int, default=3)
    chosen = arguments.parse_args()
    display = listing(chosen.rows)
    paging, (layout, _) = median(lambda: paginate(display), chosen.repeats)
    print(f"{chosen.rows} rows, 8 columns, {len(layout.pages)} pages; processor seconds, medians of {chosen.repeats}")
    print(f"paging {paging:6.2f} s")
    base = 0.0
    for name, render in RENDERERS.items():
        seconds, data = median(lambda render=render: render(layout), chosen.repeats)  # type: ignore[misc]
        base = base or seconds
        whole = paging + seconds
        print(
            f"{name:>6} {seconds:6.2f} s, {seconds / base:4.1f} times rtf; with paging {whole:.2f} s, "
            f"{chosen.rows / whole:.0f} rows/s, {len(data) // 1024} KiB"
        )


if __name__ == "__main__":
    main()
