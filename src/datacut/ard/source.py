"""The records an output works on: a dataset limited to the analysis set, with columns of ADSL added by need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from datacut.ard.columns import SUBJECT, equals, named
from datacut.datasets.filter import mask
from datacut.errors import Finding, Severity, SpecError, nearest
from datacut.spec.output import By, Subset
from datacut.spec.study import SettingValue, Study
from datacut.spec.where import Where, columns_of

SUBJECTS = "ADSL"


@dataclass(frozen=True)
class Sources:
    """place: the spec file, for messages; subjects: rows of ADSL in the analysis set."""

    place: str
    frames: Mapping[str, pd.DataFrame]
    settings: Mapping[str, SettingValue]
    study: Study
    subjects: pd.DataFrame

    def frame(self, name: str) -> pd.DataFrame:
        """A dataset without the records of subjects outside the analysis set; one without subjects is whole."""
        if name not in self.frames:
            raise fault(self.place, f"no dataset {name}", nearest(name, self.frames))
        frame = self.frames[name]
        if SUBJECT not in frame.columns:
            return frame
        return self.among(frame)

    def with_columns(self, frame: pd.DataFrame, dataset: str, names: Iterable[str]) -> pd.DataFrame:
        """`frame` with the columns of `names` it lacks, taken by subject from ADSL; SpecError for one in neither."""
        lacking = [n for n in dict.fromkeys(names) if n not in frame.columns]
        if not lacking:
            return frame
        known = [*frame.columns, *(self.subjects.columns if SUBJECT in frame.columns else ())]
        if unknown := [n for n in lacking if n not in known]:
            raise fault(self.place, f"no column {unknown[0]} in {dataset} or {SUBJECTS}", nearest(unknown[0], known))
        by_subject = self.subjects.set_index(SUBJECT)
        return frame.assign(**{n: frame[SUBJECT].map(by_subject[n]).astype(by_subject[n].dtype) for n in lacking})

    def resolve(self, subset: Subset) -> tuple[frozenset[str], Where]:
        """The subjects of a subset, and the condition on ADSL that selects them."""
        dataset = subset.dataset
        records = self.frame(dataset)
        frame = self.select(self.with_columns(records, dataset, columns_of(subset.where)), subset.where)
        inside = set(map(str, frame[SUBJECT]))
        if subset.outside:
            inside = set(map(str, self.subjects[SUBJECT])) - inside
        return frozenset(inside), named(inside) if subset.outside or dataset != SUBJECTS else subset.where

    def narrowed(self, subset: Subset) -> tuple[Sources, Where]:
        """The sources of the subjects of a subset alone, and the condition on ADSL that selects them."""
        inside, where = self.resolve(subset)
        return replace(self, subjects=self.subjects.loc[self.subjects[SUBJECT].isin(inside)]), where

    def among(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of subjects that are here."""
        return frame.loc[frame[SUBJECT].isin(set(self.subjects[SUBJECT]))]

    def select(self, frame: pd.DataFrame, where: Where | None) -> pd.DataFrame:
        """The rows that satisfy `where`."""
        return frame if where is None else frame.loc[mask(frame, where, self.settings)]

    def levels(self, by: By, frame: pd.DataFrame) -> dict[str, tuple[str, Where]]:
        """Label and condition of each value of `by`, in printing order."""
        numeric = pd.api.types.is_numeric_dtype(frame[by.variable].dtype)
        order = [by.order] if by.order else []
        shown_as = [by.text] if by.text else []
        met = frame[[*order, by.variable, *shown_as]].dropna(subset=[by.variable]).drop_duplicates()
        found = list(dict.fromkeys(met.sort_values([*order, by.variable])[by.variable]))
        if by.levels:
            shown = dict(by.levels)
        elif by.window is not None:
            if by.window not in self.study.windows:
                raise fault(self.place, f"no windows {by.window}", nearest(by.window, self.study.windows))
            shown = {w.avisit: w.avisit for w in self.study.windows[by.window]}
        else:
            shown = {text_of(v): text_of(v) for v in found}
            if by.text:
                texts = zip(map(text_of, met[by.variable]), met[by.text], strict=True)
                shown |= {v: str(t) for v, t in texts if pd.notna(t)}
        if by.seen:
            shown = {v: label for v, label in shown.items() if v in set(map(text_of, found))}
        return {
            value: (label, equals(by.variable, _number(value) if numeric else value))
            for value, label in shown.items()
            if value not in by.omit
        }


def text_of(value: object) -> str:
    """A value as a level: 3.0 and 3 are one."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def fault(place: str, what: str, remedy: str) -> SpecError:
    """One fault of an output spec."""
    return SpecError([Finding(Severity.ERROR, "ard.spec", place, what, "", remedy)])


def _number(value: str) -> float:
    number = float(value)
    return int(number) if number.is_integer() else number
