"""One result of a method, before the builder adds output, analysis and population to make it a row of the ARD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from datacut.ard.pattern import Fill, fill, names_of
from datacut.datasets.parts import Parts
from datacut.spec.output import Pattern
from datacut.spec.where import Where


@dataclass(frozen=True, slots=True)
class Stat:
    """One statistic at full precision and what is `shown` after it, or why there is none and what is in its place.

    sign: `>=` before a number that is only the least the statistic can be.
    """

    value: float | None
    reason: str = ""
    shown: str = ""
    text: str | None = None
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Denominator:
    """What a percentage, its limits or a rate is of: records that `where` selects among those analysed, or all of
    them, and their subjects; of_subjects: N of the column, counted in ADSL.
    """

    where: Where | None = None
    of_subjects: bool = False


OF_N = Denominator(of_subjects=True)
HAVE_DENOMINATOR = ("m", "p", "lower", "upper", "pcases", "pcensored", "rate", "exposure")
"""Statistics that rest on a denominator, where the method has one."""


@dataclass(frozen=True, slots=True)
class Result:
    """One statistic of one cell.

    path: labels of its row, headings first, below the label of the analysis; column: key of the column; where: what
    selects its records beside the analysis' own condition; groups: variable and level beyond those of the column; sub:
    key of the sub-column, where the method fills several; of_subjects: `where` selects subjects of ADSL, not records;
    of: its denominator, where it has one.
    """

    path: Parts
    column: Parts
    stat_name: str
    stat_label: str
    stat: float | None
    formatted: str
    pattern: str = ""
    stat_text: str | None = None
    reason: str = ""
    variable: str | None = None
    variable_level: str | None = None
    where: Where | None = None
    groups: tuple[tuple[str, str], ...] = ()
    sub: str = ""
    of_subjects: bool = False
    of: Denominator | None = None


LABELS = {
    "n": "Number",
    "m": "Denominator",
    "p": "Percent",
    "events": "Events",
    "mean": "Mean",
    "sd": "Standard deviation",
    "se": "Standard error",
    "median": "Median",
    "q1": "First quartile",
    "q3": "Third quartile",
    "min": "Minimum",
    "max": "Maximum",
    "lower": "Lower confidence limit",
    "upper": "Upper confidence limit",
    "found": "Subjects with a record",
    "above": "Number above the limit of quantification",
    "bounds": "Number of values that are only a lower bound",
    "gmean": "Geometric mean",
    "qgmean": "Geometric mean of the quantifiable values",
    "gcv": "Geometric coefficient of variation (%)",
    "glow": "Geometric mean divided by geometric SD",
    "cases": "Subjects with an event",
    "pcases": "Percent with an event",
    "censored": "Subjects censored",
    "pcensored": "Percent censored",
    "at_risk": "Subjects at risk",
    "rate": "Rate",
    "exposure": "Subject-years",
    "ghigh": "Geometric mean times geometric SD",
}


def results_of(
    pattern: Pattern,
    values: Mapping[str, Stat],
    *,
    column: Parts,
    path: Parts = (),
    digits: int = 0,
    variable: str | None = None,
    variable_level: str | None = None,
    where: Where | None = None,
    groups: tuple[tuple[str, str], ...] = (),
    silent: tuple[str, ...] = (),
    sub: str = "",
    of_subjects: bool = False,
    of: Denominator | None = None,
) -> list[Result]:
    """The results of one column for every row of `pattern`; `silent` ones are kept though no row prints them."""
    fills = [
        (label, f)
        for label, template in pattern.rows.items()
        for f in _row(template, pattern.zero.get(label), values, digits)
    ]
    printed = {f.name for _, f in fills}
    last = next(reversed(pattern.rows))
    fills += [(last, Fill(name, "", "")) for name in silent if name not in printed]
    out = []
    for label, piece in fills:
        stat = values[piece.name]
        out.append(
            Result(
                path=(*path, label) if label else path,
                column=column,
                stat_name=piece.name,
                stat_label=LABELS.get(piece.name, piece.name),
                stat=stat.value,
                formatted=piece.formatted,
                pattern=piece.pattern,
                stat_text=stat.text,
                reason=stat.reason,
                variable=variable,
                variable_level=variable_level,
                where=where,
                groups=groups,
                sub=sub,
                of_subjects=of_subjects,
                of=of if piece.name in HAVE_DENOMINATOR else None,
            )
        )
    return out


def _row(template: str, zero: str | None, values: Mapping[str, Stat], digits: int) -> list[Fill]:
    count = values.get(names_of(template)[0])
    nobody = count is not None and count.value == 0
    printed = {name: (s.value, s.shown) for name, s in values.items()}
    signs = {name: s.sign for name, s in values.items()}
    return fill(template, printed, digits, instead=zero if nobody else None, signs=signs)


def number(value: object) -> float | None:
    """A value of a frame as a float; missing is None."""
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type, call-overload]
