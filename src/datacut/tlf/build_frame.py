"""What stands around the body of every output: heads, population, footnotes, source line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pandas as pd

from datacut.errors import Finding, Severity, SpecError, nearest
from datacut.spec.output import OutputKind, OutputLibrary, OutputSpec
from datacut.spec.study import Cut, SettingValue, Study

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SETTING = re.compile(r"\{\$(\w+)\}")


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
    values = named_values(study, cut)
    texts = tuple(footnote(i, library, values, spec.output) for i in footnote_ids(spec, library))
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


def footnote(name: str, library: OutputLibrary, values: dict[str, str], output: str) -> str:
    """The text of a footnote with settings filled in. Raises SpecError for an unknown footnote or setting."""
    if name not in library.footnotes:
        raise _fault(output, f"no footnote {name}", nearest(name, library.footnotes))

    return with_settings(library.footnotes[name], values, f"footnote {name}", output)


def with_settings(text: str, values: dict[str, str], where: str, output: str) -> str:
    """The text with the value of each `{$setting}`. Raises SpecError for an unknown one."""

    def value(match: re.Match[str]) -> str:
        setting = match.group(1)
        if setting not in values:
            raise _fault(output, f"{where} prints an unknown setting {setting}", nearest(setting, values))
        return values[setting]

    return _SETTING.sub(value, text)


def named_values(study: Study, cut: Cut | None) -> dict[str, str]:
    """What a footnote may print: settings, `cut_date`, and the versions of dictionaries and standards."""
    settings = {name: _text(setting.value) for name, setting in study.settings.items()}
    versions = {name: str(value) for name, value in study.standards}
    return {**versions, **settings, "cut_date": shown_date(cut.date) if cut is not None else "not given"}


def shown_date(iso: str) -> str:
    """`2026-03-02` as `02MAR2026`."""
    day = date.fromisoformat(iso[:10])
    return f"{day.day:02d}{MONTHS[day.month - 1]}{day.year}"


def _text(value: SettingValue) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _fault(output: str, what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "tlf.footnote", f"specs/tlf/{output}.yml", what, "", remedy)])
