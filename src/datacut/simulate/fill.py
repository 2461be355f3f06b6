"""Fields of one form and subject as columns of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import isnan

import numpy as np
from numpy.typing import NDArray

from datacut.errors import InputError, nearest
from datacut.simulate.clock import KNOWN, NO_DAY, NO_MONTH, UNKNOWN, moment_text, time_text
from datacut.simulate.course import Draw
from datacut.simulate.curves import Curve
from datacut.simulate.draws import Scope, looked_up, number, sample
from datacut.simulate.forms import AnyOf, FieldSpec, Flag, FormSpec, Items, ItemSpec, TestSpec, Tick
from datacut.simulate.rows import Rows
from datacut.spec.crf import CrfField

CUT = "\x00cut"

type Column = list[str]
type Numbers = NDArray[np.float64]


@dataclass
class Filler:
    """What is needed to fill a form: its rows, the subject, the fields of the CRF, and the columns filled so far."""

    rows: Rows
    scope: Scope
    curves: Mapping[str, Curve]
    crf: Mapping[str, CrfField]
    rng: np.random.Generator
    columns: dict[str, Column]
    opened: dict[str, Column]
    minutes: dict[str, NDArray[np.int64]]

    def fill(self, fields: Mapping[str, FieldSpec]) -> None:
        """Fill fields in the order given; a later one may look at an earlier one."""
        for name, spec in fields.items():
            self.columns[name] = self._field(name, spec)
            if spec.open is not None:
                self.opened[name] = [spec.open] * len(self.rows)

    def _field(self, name: str, spec: FieldSpec) -> Column:
        column = self._source(name, spec)
        if spec.map:
            column = [spec.map.get(v, v) for v in column]
        return self._gated(column, spec)

    def _source(self, name: str, spec: FieldSpec) -> Column:
        size = len(self.rows)
        if spec.constant is not None:
            return [spec.constant] * size
        if spec.cut:
            return [CUT + (self.crf[name].format or "y-m-d")] * size
        if spec.pattern is not None:
            return [self._pattern(spec.pattern, i) for i in range(size)]
        if spec.row is not None:
            return self._row_values(spec)
        if spec.date is not None:
            return self._dates(name, spec)
        if spec.time or spec.clock is not None or spec.after is not None:
            return self._times(name, spec)
        if spec.tick is not None:
            return self._ticks(spec.tick)
        if spec.flag is not None:
            return self._flags(spec.flag)
        if spec.sum:
            return self._texts(np.sum([_numbers(self._earlier(f)) for f in spec.sum], axis=0) * spec.factor, spec)
        if spec.curve is not None or spec.curve_row is not None:
            return self._texts(self._curve_values(spec) * spec.factor, spec)
        return self._scalars(spec)

    def _scalars(self, spec: FieldSpec) -> Column:
        size = len(self.rows)
        if spec.subject_row is not None:
            return [str(self._subject(n)) for n in self._row(spec.subject_row)]
        if spec.part is not None:
            count = int(float(self._subject(spec.part.count)))
            if spec.part.number > count:
                return [""] * size
            whole = float(self._subject(spec.part.of))
            share = round(whole / count, spec.digits or 0)
            last = spec.part.number == count
            return self._texts(np.full(size, whole - (count - 1) * share if last else share), spec)
        if spec.draw is not None:
            values = [sample(spec.draw, self.rng, scope) for scope in self._scopes(spec.draw)]
        elif spec.subject is not None:
            values = [self._subject(spec.subject)] * size
        else:
            return [""] * size
        if all(isinstance(v, str) for v in values):
            return [str(v) for v in values]
        return self._texts(np.array(values, dtype=np.float64) * spec.factor, spec)

    def _scopes(self, draw: Draw) -> list[Scope]:
        """What a draw may look up, by row: subject variables, then row variables, then fields filled so far."""
        names = [n for n in looked_up(draw) if n not in self.scope]
        known = {**self.columns, **self.rows.variables}
        for name in names:
            if name not in known:
                known_names = [*self.scope, *known]
                raise InputError(f"specs/simulate.yml: a draw by {name}. {nearest(name, known_names)}")
        if not names:
            return [self.scope] * len(self.rows)
        return [{**self.scope, **{n: known[n][i] for n in names}} for i in range(len(self.rows))]

    def _subject(self, name: str) -> str | float:
        if name not in self.scope:
            raise InputError(f"specs/simulate.yml: no subject variable {name}. {nearest(name, self.scope)}")
        return self.scope[name]

    def _earlier(self, name: str) -> Column:
        if name not in self.columns:
            raise InputError(f"specs/simulate.yml: {name} is not filled above. {nearest(name, self.columns)}")
        return self.columns[name]

    def _row(self, name: str) -> Column:
        if name not in self.rows.variables:
            raise InputError(f"specs/simulate.yml: no row variable {name}. {nearest(name, self.rows.variables)}")
        return self.rows.variables[name]

    def _row_values(self, spec: FieldSpec) -> Column:
        column = self._row(str(spec.row))
        if spec.digits is None:
            return list(column)
        return self._texts(_numbers(column) * spec.factor, spec)

    def _pattern(self, pattern: str, row: int) -> str:
        def word(match: re.Match[str]) -> str:
            name = match.group(1)
            if name in self.rows.variables:
                return self.rows.variables[name][row]
            return str(self._subject(name))

        return re.sub(r"\{(\w+)\}", word, pattern)

    def _dates(self, name: str, spec: FieldSpec) -> Column:
        form = self.crf[name].format or "y-m-d"
        rows = self.rows
        moments: list[int | None] = (
            [int(o) for o in rows.ordinal] if spec.date == "row" else rows.moments[str(spec.date)]
        )
        shift = spec.days - (int(float(self._subject(spec.days_before))) if spec.days_before else 0)
        unknown = [KNOWN] * len(rows)
        if spec.partial is not None:
            permits = self._row(spec.partial.row) if spec.partial.row else ["Y"] * len(rows)
            for i, u in enumerate(self.rng.random(len(rows))):
                if permits[i] and u < spec.partial.month:
                    unknown[i] = NO_MONTH
                elif permits[i] and u < spec.partial.month + spec.partial.day:
                    unknown[i] = NO_DAY
        return [
            "" if o is None else moment_text(form, o + shift, int(m), k)
            for o, m, k in zip(moments, rows.minute, unknown, strict=True)
        ]

    def _times(self, name: str, spec: FieldSpec) -> Column:
        size = len(self.rows)
        minutes = self.rows.minute
        if spec.clock is not None:
            minutes = np.full(size, round(float(self._subject(spec.clock)) * 60) + spec.later, dtype=np.int64)
        if spec.after is not None:
            if spec.after not in self.minutes:
                raise InputError(
                    f"specs/simulate.yml: {name} is after {spec.after}. {nearest(spec.after, self.minutes)}"
                )
            added = [round(number(spec.minutes, self.rng, self.scope)) for _ in range(size)]
            minutes = np.minimum(self.minutes[spec.after] + np.array(added, dtype=np.int64), 1439)
        self.minutes[name] = minutes
        form = self.crf[name].format or "H:M"
        return [time_text(form, int(m)) for m in minutes]

    def _ticks(self, tick: Tick) -> Column:
        highest = np.nanmax(
            np.array([_numbers(self._earlier(f)) for f in tick.of] + [np.zeros(len(self.rows))]), axis=0
        )
        hit = (highest >= tick.at) & (self.rng.random(len(self.rows)) < tick.probability)
        return [tick.text if h else "" for h in hit]

    def _flags(self, flag: Flag) -> Column:
        values = _numbers(self._earlier(flag.of))
        beyond = values > flag.above if flag.above is not None else values < float(flag.below or 0)
        return [
            flag.blank if isnan(v) else flag.yes if b else flag.no
            for v, b in zip(values.tolist(), beyond.tolist(), strict=True)
        ]

    def _curve_values(self, spec: FieldSpec) -> Numbers:
        if spec.curve is not None:
            return self.curve(spec.curve).at(self.rows.day)
        names = self._row(str(spec.curve_row))
        return np.array([self.curve(n).at(self.rows.day[i : i + 1])[0] for i, n in enumerate(names)], dtype=np.float64)

    def curve(self, name: str) -> Curve:
        if name not in self.curves:
            raise InputError(f"specs/simulate.yml: no curve {name}. {nearest(name, self.curves)}")
        return self.curves[name]

    def _texts(self, values: Numbers, spec: FieldSpec) -> Column:
        if spec.times is not None:
            values = values * float(self._subject(spec.times))
        if spec.noise:
            values = values * np.exp(spec.noise * self.rng.standard_normal(len(values)))
        if spec.low is not None or spec.high is not None:
            values = np.clip(values, spec.low, spec.high)
        if spec.steps:
            return [_step(value, spec.steps) for value in values.tolist()]
        limit, texts = (spec.below.limit, spec.below.texts) if spec.below else (None, ())
        return _format(values, spec.digits or 0, limit, texts, self.rng)

    def _any(self, about: AnyOf) -> list[bool]:
        """By row, whether a field filled so far is one of those asked for."""
        found = [False] * len(self.rows)
        for name, column in self.columns.items():
            if fnmatchcase(name, about.fields):
                hits = (bool(v) if about.text is None else v == about.text for v in column)
                found = [f or h for f, h in zip(found, hits, strict=True)]
        return found

    def _gated(self, column: Column, spec: FieldSpec) -> Column:
        if spec.only:
            column = [v if k in spec.only else "" for v, k in zip(column, self.rows.key, strict=True)]
        for other, allowed in spec.when.items():
            gate = self._earlier(other)
            column = [v if g in allowed else "" for v, g in zip(column, gate, strict=True)]
        for name, filled in ((spec.if_filled, True), (spec.if_blank, False)):
            if name is not None:
                column = [v if bool(g) == filled else "" for v, g in zip(column, self._earlier(name), strict=True)]
        if spec.if_any is not None:
            column = [v if g else "" for v, g in zip(column, self._any(spec.if_any), strict=True)]
        if spec.blank:
            gone = self.rng.random(len(column)) < spec.blank
            column = ["" if g else v for v, g in zip(column, gone, strict=True)]
        if spec.blank_partial is not None:
            dates = self._earlier(spec.blank_partial)
            column = ["" if d.startswith(UNKNOWN) else v for v, d in zip(column, dates, strict=True)]
        return column


def fill_form(filler: Filler, sim: FormSpec, suffixes: Mapping[str, str]) -> None:
    """Fill items, tests and single fields of a form."""
    if sim.items is not None:
        _fill_items(filler, sim.items)
    for name, test in sim.tests.items():
        _fill_test(filler, name, test, suffixes)
    filler.fill(sim.fields)


def _fill_items(filler: Filler, items: Items) -> None:
    level = filler.curve(items.curve).at(filler.rows.day)
    size = len(filler.rows)
    for name, item in items.fields.items():
        own = item.centre + items.spread * filler.rng.standard_normal()
        felt = level + items.noise * filler.rng.standard_normal(size)
        grade = np.clip(np.floor((felt - own) / item.step) + 1, 0, item.most).astype(int)
        ever = _ever(grade, item, filler.rng)
        column = [_worded(int(g), e, item) for g, e in zip(grade, ever, strict=True)]
        if items.ever_suffix and item.never is not None:
            filler.columns[name + items.ever_suffix] = ["Y" if e else "N" for e in ever]
        if items.not_due_suffix:
            apart = filler.rng.random(size) < item.not_due
            column = ["1" if a else v for v, a in zip(column, apart, strict=True)]
            filler.columns[name + items.not_due_suffix] = ["1" if a else "" for a in apart]
        if items.not_done:
            undone = filler.rng.random(size) < items.not_done
            column = [items.not_done_text if u else v for v, u in zip(column, undone, strict=True)]
            if items.not_due_suffix:
                ticks = filler.columns[name + items.not_due_suffix]
                filler.columns[name + items.not_due_suffix] = [
                    "" if u else t for t, u in zip(ticks, undone, strict=True)
                ]
        filler.columns[name] = column


def _ever(grade: NDArray[np.int64], item: ItemSpec, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether the item was above 0 by each row, in the order of rows."""
    if item.never is None:
        return np.ones(len(grade), dtype=np.bool_)
    return np.logical_or.accumulate(grade > 0) | bool(rng.random() < item.past)


def _worded(grade: int, ever: bool, item: ItemSpec) -> str:
    if item.never is not None and not ever:
        return item.never
    return item.texts[grade] if item.texts else str(grade)


def _fill_test(filler: Filler, name: str, test: TestSpec, suffixes: Mapping[str, str]) -> None:
    size, rng = len(filler.rows), filler.rng
    values: Numbers
    if test.sum:
        values = np.sum([_numbers(filler.columns[f]) for f in test.sum], axis=0)
        values = values * np.exp(np.abs(test.noise * rng.standard_normal(size)))
    else:
        values = filler.curve(str(test.curve)).at(filler.rows.day) * np.exp(test.noise * rng.standard_normal(size))
    low, high = number(test.low, rng, filler.scope), number(test.high, rng, filler.scope)
    undone = (rng.random(size) < test.not_done) | np.isnan(values)
    which = rng.random(size) * sum(u.weight for u in test.units)
    columns: dict[str, Column] = {k: [""] * size for k in ("", "unit", "low", "high", "not_done")}
    limit, texts = (test.below.limit, test.below.texts) if test.below else (None, ())
    for i in range(size):
        if undone[i]:
            columns["not_done"][i] = "1"
            continue
        left = which[i]
        unit = test.units[-1]
        for unit in test.units:
            left -= unit.weight
            if left < 0:
                break
        value = float(values[i]) * unit.factor
        below = limit is not None and values[i] < limit
        columns[""][i] = texts[int(rng.integers(len(texts)))] if below else f"{value:.{unit.digits}f}"
        columns["unit"][i] = unit.unit
        columns["low"][i] = f"{low * unit.factor:.{unit.digits}f}"
        columns["high"][i] = f"{high * unit.factor:.{unit.digits}f}"
    for part, column in columns.items():
        filler.columns[name + suffixes.get(part, "")] = column


def _format(
    values: Numbers, digits: int, limit: float | None, texts: tuple[str, ...], rng: np.random.Generator
) -> Column:
    pattern = f"{{:.{digits}f}}".format
    column = ["" if isnan(v) else pattern(v) for v in values.tolist()]
    if limit is not None:
        for i in np.flatnonzero(values < limit).tolist():
            column[i] = texts[int(rng.integers(len(texts)))]
    return column


def _step(value: float, steps: Mapping[str, str]) -> str:
    bounds = [(float(bound), word) for bound, word in steps.items() if bound != "most"]
    return next((word for bound, word in bounds if value < bound), steps["most"])


def _numbers(column: Column) -> Numbers:
    """Texts as numbers; what is blank or not done is not a number."""

    def one(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return float("nan")

    return np.array([one(t) for t in column], dtype=np.float64)
