"""Time to an event: counts, quantiles, rates at given times and the curve, by Kaplan-Meier."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from datacut.ard.columns import SUBJECT
from datacut.ard.context import MethodContext
from datacut.ard.counts import NO_DENOMINATOR
from datacut.ard.results import Denominator, Result, Stat, results_of
from datacut.compute.survival import Step, Survival, interval, kaplan_meier
from datacut.datasets.parts import Parts
from datacut.spec.registry import Column, verb
from datacut.spec.where import Missing, Where, and_

NOT_REACHED = "not reached"
NOBODY = "nobody at risk"
NO_LIMIT = "no log(-log) limit while survival is 1 or once it is 0"


@verb("method")
def ard_survival(
    frame: pd.DataFrame,
    time: Column = "AVAL",
    censor: Column = "CNSR",
    *,
    level: float = 0.95,
    digits: int = 0,
    pattern: str = "S-KM",
    context: MethodContext,
) -> list[Result]:
    """Events, censored, median and quartiles of a time, with Brookmeyer-Crowley limits on the log(-log) scale.

    censor: 0 for an event, above it censored; digits: decimals of the time. Statistics: n (subjects with a time),
    cases, pcases, censored, pcensored, median, q1 (25%) and q3 (75% had the event), each with its limits (lower,
    upper; q1_lower ...). What was not reached prints NE. Reads USUBJID.
    """
    out = []
    for key, curve in _curves(frame, time, censor, context):
        n = sum(s.events + s.censored for s in curve.steps)
        cases = sum(s.events for s in curve.steps)
        values = {"n": Stat(n), "cases": Stat(cases), "censored": Stat(n - cases)}
        values["pcases"] = Stat(100 * cases / n) if n else Stat(None, NO_DENOMINATOR, "-")
        values["pcensored"] = Stat(100 * (n - cases) / n) if n else Stat(None, NO_DENOMINATOR, "-")
        for name, p in {"median": 0.5, "q1": 0.25, "q3": 0.75}.items():
            before = "" if name == "median" else f"{name}_"
            limits = curve.quantile_interval(p, level)
            values[name] = _stat(curve.quantile(p), NOT_REACHED if n else NOBODY)
            values[f"{before}lower"] = _stat(limits.lower, NOT_REACHED if n else NOBODY)
            values[f"{before}upper"] = _stat(limits.upper, NOT_REACHED if n else NOBODY)
        where = _analysed(time, censor)
        out += results_of(
            context.pattern(pattern),
            values,
            column=key,
            digits=digits,
            variable=time,
            where=where,
            of=Denominator(where),
        )
    return out


@verb("method")
def ard_survival_at(
    frame: pd.DataFrame,
    time: Column = "AVAL",
    censor: Column = "CNSR",
    *,
    times: dict[str, str],
    incidence: bool = False,
    level: float = 0.95,
    pattern: str = "S-KMT",
    context: MethodContext,
) -> list[Result]:
    """Survival at given times, with log(-log) limits and the subjects at risk; rows under the label of each time.

    times: time (unit of the variable) and label; incidence: the part that had the event instead, 1 - survival.
    Statistics: at_risk, rate (percent), lower, upper. A time beyond everybody's follow-up prints NE. Reads USUBJID.
    """
    out = []
    for key, curve in _curves(frame, time, censor, context):
        for text, label in times.items():
            point = _number(text, context)
            values = {"at_risk": Stat(curve.at_risk(point))} | _rate(curve, point, level, incidence=incidence)
            out += results_of(
                context.pattern(pattern),
                values,
                column=key,
                path=(label,),
                variable=time,
                variable_level=text,
                where=_analysed(time, censor),
            )
    return out


@verb("method")
def ard_survival_curve(
    frame: pd.DataFrame,
    time: Column = "AVAL",
    censor: Column = "CNSR",
    *,
    level: float = 0.95,
    pattern: str = "S-CURVE",
    context: MethodContext,
) -> list[Result]:
    """The estimate at every time of an event or censoring, for a drawing: rows by time, as their second group.

    Statistics: at_risk, cases, censored (at the time), rate (survival in percent), lower, upper. Reads USUBJID.
    """
    out = []
    for key, curve in _curves(frame, time, censor, context):
        for step in curve.steps:
            shown = str(int(step.time)) if step.time.is_integer() else repr(step.time)
            values = {
                "at_risk": Stat(step.at_risk),
                "cases": Stat(step.events),
                "censored": Stat(step.censored),
                **_rate(curve, step.time, level, incidence=False),
            }
            out += results_of(
                context.pattern(pattern),
                values,
                column=key,
                path=(shown,),
                variable=time,
                where=_analysed(time, censor),
                groups=((time, shown),),
            )
    return out


def _curves(frame: pd.DataFrame, time: str, censor: str, context: MethodContext) -> Iterator[tuple[Parts, Survival]]:
    """The estimate of each column; a subject with two records or a time without a censoring flag is reported."""
    known = frame.loc[frame[time].notna()]
    for subject in known.loc[known[censor].isna(), SUBJECT]:
        context.findings.error(
            "ard.censor",
            context.place,
            f"{censor} is missing where {time} is not; the record is left out",
            value=str(subject),
            remedy=f"Derive {censor}: 0 for an event, above it censored.",
        )
    known = known.loc[known[censor].notna()]
    if known[SUBJECT].duplicated().any():
        context.findings.error(
            "ard.repeated",
            context.place,
            "a subject has more than one record in a time to event",
            value=str(known.loc[known[SUBJECT].duplicated(), SUBJECT].iloc[0]),
            remedy="Narrow where to one record a subject.",
        )
    for column, part in context.parts(known):
        events = [float(c) == 0 for c in part[censor]]
        yield column.key, kaplan_meier([float(t) for t in part[time]], events)


def _analysed(time: str, censor: str) -> Where | None:
    """What selects the records of an estimate: those left out have no time, or no word on how it ended."""
    return and_(Missing(time, negated=True), Missing(censor, negated=True))


def _rate(curve: Survival, time: float, level: float, *, incidence: bool) -> dict[str, Stat]:
    names = ("rate", "lower", "upper")
    if not curve.known_at(time):
        return {name: Stat(None, NOBODY, "NE") for name in names}
    step = curve.at(time) or Step(time, 0, 0, 0, 1.0, 0.0)
    limits = interval(step, level)
    shown = [step.survival, limits.lower, limits.upper]
    if incidence:
        shown = [1 - step.survival, 1 - limits.upper, 1 - limits.lower]
    rate, lower, upper = (100 * value for value in shown)
    return {"rate": Stat(rate), "lower": _stat(lower, NO_LIMIT), "upper": _stat(upper, NO_LIMIT)}


def _stat(value: float, reason: str) -> Stat:
    return Stat(None, reason, "NE") if math.isnan(value) else Stat(value)


def _number(text: str, context: MethodContext) -> float:
    try:
        return float(text)
    except ValueError:
        raise context.fault(f"times: {text} is not a number", "Give times in the unit of the variable.") from None
