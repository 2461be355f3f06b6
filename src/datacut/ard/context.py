"""What a method is given beside its frame and the study: the columns of the table, patterns and groupings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from datacut.ard.columns import SUBJECT, ResultColumn
from datacut.ard.source import SUBJECTS, Sources
from datacut.engine.context import StudyContext
from datacut.errors import Finding, Location, Severity, SpecError, nearest
from datacut.spec.output import Pattern
from datacut.spec.study import Grouping


@dataclass(frozen=True)
class MethodContext(StudyContext):
    """place: output and analysis, for messages; columns: those of the table; sources: those of the analysis set."""

    place: Location
    columns: tuple[ResultColumn, ...]
    patterns: Mapping[str, Pattern]
    groupings: Mapping[str, Grouping] = field(default_factory=dict)
    sources: Sources | None = None
    abbreviations: tuple[str, ...] = ()

    def sentence(self, text: str) -> str:
        """A text in capitals in sentence case, words with digits and abbreviations as they are; other texts too."""
        if not text.isupper():
            return text
        words = re.split(r"([ ,/()]+)", text)
        made = "".join(w if w in self.abbreviations or re.search(r"\d", w) else w.lower() for w in words)
        return made[:1].upper() + made[1:]

    def parts(self, frame: pd.DataFrame) -> Iterator[tuple[ResultColumn, pd.DataFrame]]:
        """Every column with the records of its subjects."""
        subjects = list(frame[SUBJECT])
        for column in self.columns:
            yield column, frame.loc[[s in column.subjects for s in subjects]]

    def of_subjects(self, variable: str) -> pd.DataFrame:
        """A variable of ADSL for the subjects of the analysis set; SpecError if it has none of that name."""
        if self.sources is None or variable not in self.sources.frames[SUBJECTS].columns:
            raise self.fault(
                f"ADSL has no {variable}", "Give a variable of ADSL: the method needs it of every subject."
            )
        return self.sources.frame(SUBJECTS, (variable,))

    def pattern(self, name: str) -> Pattern:
        """A pattern of the library; SpecError if there is none of that name."""
        if name not in self.patterns:
            raise self.fault(f"no pattern {name}", nearest(name, self.patterns))
        return self.patterns[name]

    def codelist(self, name: str) -> dict[str, str]:
        """Values of a codelist with their decodes, in order."""
        if name not in self.codelists:
            raise self.fault(f"no codelist {name}", nearest(name, self.codelists))
        return {term.value: term.decode or term.value for term in self.codelists[name].terms}

    def grouping(self, name: str) -> dict[str, str]:
        """Levels of a grouping of study.yml with their labels, in order."""
        if name not in self.groupings:
            raise self.fault(f"no grouping {name}", nearest(name, self.groupings))
        return {level.value: level.label for level in self.groupings[name].levels}

    def fault(self, what: str, remedy: str) -> SpecError:
        return SpecError([Finding(Severity.ERROR, "ard.spec", self.place, what, "", remedy)])
