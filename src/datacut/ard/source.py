"""The records an output works on: a dataset limited to the analysis set, with columns of ADSL added by need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from datacut.ard.columns import SUBJECT, equals, named
from datacut.compute.units import with_powers
from datacut.engine.filter import mask
from datacut.errors import Finding, Location, Severity, SpecError, nearest
from datacut.spec.output import By, Subset
from datacut.spec.study import SettingValue, Study
from datacut.spec.where import Where, columns_of

SUBJECTS = "ADSL"


@dataclass(frozen=True, eq=False)
class Level:
    """One value of a `by`: its label, the condition that selects its records, and their positions in the frame."""

    label: str
    where: Where
    rows: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sources:
    """place: the spec file, for messages; subjects: USUBJID of those in the analysis set."""

    place: Location
    frames: Mapping[str, pd.DataFrame]
    settings: Mapping[str, SettingValue]
    study: Study
    subjects: frozenset[str]

    def frame(self, dataset: str, columns: Iterable[str]) -> pd.DataFrame:
        """`columns` of the records of the subjects here, those the dataset lacks by subject from ADSL.

        USUBJID comes with them; a dataset without it is whole. SpecError for a dataset or column that is not there.
        """
        known = self.known(dataset)
        whole = self.frames[dataset]
        of_subjects = SUBJECT in whole.columns
        wanted = list(dict.fromkeys((*((SUBJECT,) if of_subjects else ()), *columns)))
        if unknown := [n for n in wanted if n not in known]:
            raise fault(self.place, f"no column {unknown[0]} in {dataset} or {SUBJECTS}", nearest(unknown[0], known))
        frame = whole[[n for n in wanted if n in whole.columns]]
        if not of_subjects:
            return frame
        frame = self.among(frame)
        if lacking := [n for n in wanted if n not in whole.columns]:
            adsl = self.frames[SUBJECTS]
            by_subject = adsl.loc[adsl[SUBJECT].isin(self.subjects), [SUBJECT, *lacking]].set_index(SUBJECT)
            frame = frame.assign(**{n: frame[SUBJECT].map(by_subject[n]).astype(by_subject[n].dtype) for n in lacking})
        return frame

    def known(self, dataset: str) -> list[str]:
        """The columns a dataset has, or has from ADSL; SpecError if there is no such dataset."""
        if dataset not in self.frames:
            raise fault(self.place, f"no dataset {dataset}", nearest(dataset, self.frames))
        own = self.frames[dataset].columns
        return list(dict.fromkeys((*own, *(self.frames[SUBJECTS].columns if SUBJECT in own else ()))))

    def resolve(self, subset: Subset) -> tuple[frozenset[str], Where]:
        """The subjects of a subset, and the condition on ADSL that selects them."""
        dataset = subset.dataset
        frame = self.select(self.frame(dataset, columns_of(subset.where)), subset.where)
        inside = frozenset(map(str, frame[SUBJECT]))
        if subset.outside:
            inside = self.subjects - inside
        return inside, named(inside) if subset.outside or dataset != SUBJECTS else subset.where

    def narrowed(self, subset: Subset) -> tuple[Sources, Where]:
        """The sources of the subjects of a subset alone, and the condition on ADSL that selects them."""
        inside, where = self.resolve(subset)
        return replace(self, subjects=inside), where

    def among(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of subjects that are here."""
        return frame.loc[frame[SUBJECT].isin(self.subjects).to_numpy()]

    def select(self, frame: pd.DataFrame, where: Where | None) -> pd.DataFrame:
        """The rows that satisfy `where`."""
        return frame if where is None else frame.loc[mask(frame, where, self.settings).to_numpy()]

    def levels(self, by: By, frame: pd.DataFrame) -> dict[str, Level]:
        """Each value of `by` with its records, in printing order."""
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
        met_at = frame.groupby(by.variable).indices
        rows = {v if numeric else text_of(v): np.asarray(at, dtype=np.intp) for v, at in met_at.items()}
        nowhere = np.array([], dtype=np.intp)
        levels = {}
        for text, label in shown.items():
            if text not in by.omit:
                value = _number(text) if numeric else text
                levels[text] = Level(with_powers(label), equals(by.variable, value), rows.get(value, nowhere))
        return levels


def text_of(value: object) -> str:
    """A value as a level: 3.0 and 3 are one."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def fault(place: Location, what: str, remedy: str) -> SpecError:
    """One fault of an output spec."""
    return SpecError([Finding(Severity.ERROR, "ard.spec", place, what, "", remedy)])


def _number(value: str) -> float:
    number = float(value)
    return int(number) if number.is_integer() else number
