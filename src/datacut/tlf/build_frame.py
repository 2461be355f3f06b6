"""What stands around the body of every output: heads, population, footnotes, source line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from datacut.errors import Finding, Severity, SpecError, in_spec, nearest
from datacut.spec.output import OutputKind, OutputLibrary, OutputSpec
from datacut.spec.study import Cut, Study

DIGEST_SHOWN = 12
"""Characters of a digest that are printed."""
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Frame:
    """Texts around the body."""

    population: str
    header_left: str
    header_right: str
    footnotes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Edition:
    """What tells one making of an output from another. Every part is blank where it is not known.

    digest: of the resolved lines of the output, what they name and the columns it reads; exported: the latest audit
    time in the export; run: when it was made, never read from a clock.
    """

    digest: str = ""
    exported: str = ""
    run: str = ""

    def told(self, status: str) -> str:
        """One line: status, digest, export and run."""
        parts = {"digest": self.digest[:DIGEST_SHOWN], "export up to": self.exported, "run": self.run}
        return "; ".join((status, *(f"{name} {value}" for name, value in parts.items() if value)))


UNKNOWN_EDITION = Edition()


def page_frame(
    spec: OutputSpec, library: OutputLibrary, study: Study, datasets: Sequence[str], cut: Cut | None, edition: Edition
) -> Frame:
    """The frame of one output; the source line names the datasets it is made of and its edition."""
    texts = tuple(footnote(i, library, cut, spec.output) for i in footnote_ids(spec, library))
    source = f"Source: {spec.output}; datasets {', '.join(datasets)}" if datasets else f"Source: {spec.output}"
    if cut is not None:
        source += f"; data cut-off {shown_date(cut.date)}"
    source += f"; {edition.told(study.status)}"
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


def abbreviations_line(texts: Iterable[str], meanings: Mapping[str, str]) -> str:
    """What the abbreviations in the texts mean, in the order of the alphabet; blank where there is none.

    A word counts as it stands or in its plural; one with hyphens that is none itself counts by its parts.
    """
    met: set[str] = set()
    for word in {word for text in texts for word in _WORD.findall(text)}:
        parts = [word] if word in meanings else word.split("-")
        met.update(name for part in parts for name in (part, part.removesuffix("s")) if name in meanings)
    said = "; ".join(f"{name} = {meanings[name]}" for name in sorted(met, key=str.casefold))
    return f"Abbreviations: {said}." if said else ""


def shown_date(iso: str) -> str:
    """`2026-03-02` as `02MAR2026`."""
    day = date.fromisoformat(iso[:10])
    return f"{day.day:02d}{MONTHS[day.month - 1]}{day.year}"


def _fault(output: str, what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "tlf.footnote", in_spec(f"specs/tlf/{output}.yml"), what, "", remedy)])
