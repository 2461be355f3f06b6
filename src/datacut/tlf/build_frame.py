"""What stands around the body of every output: heads, population, footnotes, source line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from datacut.errors import Finding, Severity, SpecError, nearest
from datacut.spec.output import OutputKind, OutputLibrary, OutputSpec
from datacut.spec.study import Cut, Study

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True, slots=True)
class Frame:
    """Texts around the body."""

    population: str
    header_left: str
    header_right: str
    footnotes: tuple[str, ...]
    source: str


def page_frame(spec: OutputSpec, library: OutputLibrary, study: Study, ard: pd.DataFrame, cut: Cut | None) -> Frame:
    """The frame of one output; the source line names the datasets its results come from, never a clock."""
    texts = tuple(footnote(i, library, cut, spec.output) for i in footnote_ids(spec, library))
    datasets = list(dict.fromkeys(ard["dataset"].dropna()))
    source = f"Source: {spec.output}; datasets {', '.join(datasets)}" if datasets else f"Source: {spec.output}"
    if cut is not None:
        source += f"; data cut-off {shown_date(cut.date)}"
    sets = study.analysis_sets
    population = sets[spec.population].label if spec.population in sets else spec.population
    return Frame(population, f"Protocol: {study.protocol}", study.sponsor, texts, source)


def footnote_ids(spec: OutputSpec, library: OutputLibrary) -> tuple[str, ...]:
    """The footnotes of one output, in printing order, each once."""
    first = library.first if spec.kind is OutputKind.TABLE and spec.columns is not None else ()
    middle = [i for i in spec.footnotes if i not in library.last]
    return tuple(dict.fromkeys((*first, *middle, *library.last)))


def footnote(name: str, library: OutputLibrary, cut: Cut | None, output: str) -> str:
    """The text of a footnote; `{$cut_date}` is the day of the cut. Raises SpecError for an unknown footnote."""
    if name not in library.footnotes:
        raise _fault(output, f"no footnote {name}", nearest(name, library.footnotes))
    return library.footnotes[name].replace("{$cut_date}", shown_date(cut.date) if cut is not None else "not given")


def shown_date(iso: str) -> str:
    """`2026-03-02` as `02MAR2026`."""
    day = date.fromisoformat(iso[:10])
    return f"{day.day:02d}{MONTHS[day.month - 1]}{day.year}"


def _fault(output: str, what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "tlf.footnote", f"specs/tlf/{output}.yml", what, "", remedy)])
