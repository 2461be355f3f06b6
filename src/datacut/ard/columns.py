"""The columns of a table: which subjects each holds. N always comes from ADSL, never from the dataset analysed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from datacut.datasets.parts import Parts
from datacut.engine.filter import mask
from datacut.errors import Finding, Severity, SpecError, in_spec, nearest
from datacut.spec.output import ColumnGroup, ColumnTemplate, Subset
from datacut.spec.study import Grouping, SettingValue, Study
from datacut.spec.where import Comparison, Literal, Missing, Where, and_

SUBJECT = "USUBJID"

type Resolve = Callable[[Subset], tuple[frozenset[str], Where]]
"""The subjects of a subset, and the condition on ADSL that selects them."""


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column. key: its levels; groups: variables and levels it stands for; where: the condition on ADSL."""

    key: Parts
    label: str
    span: str | None
    panel: int
    groups: tuple[tuple[str, str], ...]
    where: Where | None
    subjects: frozenset[str]

    @property
    def n(self) -> int:
        return len(self.subjects)


def equals(variable: str, level: str | float) -> Where:
    """`variable EQ level`."""
    return Comparison(variable, "EQ", (Literal(level),))


def named(subjects: Iterable[str]) -> Where:
    """The condition that selects just these subjects."""
    names = sorted(subjects)
    if not names:
        return Missing(SUBJECT, negated=False)
    return Comparison(SUBJECT, "IN", tuple(Literal(name) for name in names))


def variables_of(template: ColumnTemplate, study: Study) -> frozenset[str]:
    """The variables of ADSL that the columns of `template` are made of, and those that order them if ADSL has them."""
    named = [study.groupings[n] for g in template.groups for n in (*g.within, g.by) if n in study.groupings]
    return frozenset(v for g in named for v in (g.variable, g.order) if v)


def build_columns(
    template: ColumnTemplate,
    subjects: pd.DataFrame,
    study: Study,
    settings: Mapping[str, SettingValue],
    resolve: Resolve | None = None,
) -> tuple[ResultColumn, ...]:
    """The columns of `template` over the subjects of the analysis set (rows of ADSL); resolve: for its subsets.

    A level without a subject is kept or dropped as the template says; a span loses its total only with all its
    levels. If nothing is left, the total of the last span stays. A span with the labels and subjects of one before it
    is not repeated: all stages pooled are those of the only stage that has subjects.
    """
    columns: list[ResultColumn] = []
    groups = [g for g in template.groups if g.holds(settings)]
    for group in groups:
        made = _of_group(group, subjects, study, settings, resolve)
        if template.empty == "drop":
            made = [c for c in made if c.n]
        told = {(c.label, c.subjects) for c in columns}
        if not told.issuperset((c.label, c.subjects) for c in made):
            columns += made
    if not columns and groups:
        columns = _of_group(groups[-1], subjects, study, settings, resolve)[-1:]
    return tuple(columns)


def _of_group(
    group: ColumnGroup,
    subjects: pd.DataFrame,
    study: Study,
    settings: Mapping[str, SettingValue],
    resolve: Resolve | None,
) -> list[ResultColumn]:
    label = group.label
    within: Where | None = None
    fixed: tuple[tuple[str, str], ...] = ()
    for name, level in group.within.items():
        grouping = _grouping(study, name)
        label = label or next((x.label for x in grouping.levels if x.value == level), level)
        within = and_(within, equals(grouping.variable, level))
        fixed = (*fixed, (grouping.variable, level))
    inside = subjects.loc[mask(subjects, within, settings)]
    keys = tuple(group.within.values())
    out = []
    if group.by is not None:
        grouping = _grouping(study, group.by)
        for level, shown in _levels(grouping, subjects):
            where = equals(grouping.variable, level)
            rows = inside.loc[mask(inside, where, settings)]
            groups = (*fixed, (grouping.variable, level))
            out.append(_column((*keys, level), shown, label, group.panel, groups, and_(within, where), rows))
    for shown, subset in group.subsets.items():
        if resolve is None:
            raise ValueError(f"column {shown} is a subset: build_columns needs resolve")
        chosen, where = resolve(subset)
        rows = inside.loc[inside[SUBJECT].isin(chosen)]
        groups = (*fixed, (label or "Subset", shown))
        out.append(_column((*keys, label or "", shown), shown, label, group.panel, groups, and_(within, where), rows))
    if group.total is not None or (group.by is None and not group.subsets):
        shown = group.total or label or "Total"
        span = label if group.total is not None else None
        out.append(_column((*keys, "Total"), shown, span, group.panel, fixed, within, inside))
    return out


def _column(
    keys: Parts,
    label: str,
    span: str | None,
    panel: int,
    groups: tuple[tuple[str, str], ...],
    where: Where | None,
    rows: pd.DataFrame,
) -> ResultColumn:
    return ResultColumn(keys, label, span, panel, groups, where, frozenset(map(str, rows[SUBJECT])))


def _levels(grouping: Grouping, subjects: pd.DataFrame) -> list[tuple[str, str]]:
    """Planned levels in their order, then levels met in the data alone, by the order variable."""
    planned = [(x.value, x.label) for x in grouping.levels]
    known = {value for value, _ in planned}
    order = grouping.order if grouping.order in subjects.columns else None
    by = [order, grouping.variable] if order else [grouping.variable]
    found = subjects[by].dropna(subset=[grouping.variable]).drop_duplicates().sort_values(by)
    met = list(dict.fromkeys(map(str, found[grouping.variable])))
    extra = [v for v in met if v not in known]
    if not (extra and order):
        return planned + [(v, v) for v in extra]
    place = {str(v): float(n) for v, n in zip(found[grouping.variable], found[order], strict=True) if pd.notna(n)}
    levels = list(planned)
    for value in extra:
        before = [i for i, (v, _) in enumerate(levels) if v in place and place[v] <= place.get(value, float("inf"))]
        levels.insert(before[-1] + 1 if before else (len(levels) if value not in place else 0), (value, value))
    return levels


def _grouping(study: Study, name: str) -> Grouping:
    if name not in study.groupings:
        what = f"no grouping {name} in study.yml"
        raise SpecError(
            [
                Finding(
                    Severity.ERROR,
                    "tlf.columns",
                    in_spec("specs/tlf/_library.yml"),
                    what,
                    "",
                    nearest(name, study.groupings),
                )
            ]
        )
    return study.groupings[name]
