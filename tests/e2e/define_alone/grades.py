"""ADLB.ATOXGRH and ATOXGRL from ADLB and CM, by the limits in the supplement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.e2e.define_alone.define import Define, read
from tests.e2e.define_alone.reading import Load, Truth, Values, all_of, any_of, exact, known, missing

SIDES = {"ATOXGRH": "H", "ATOXGRL": "L"}
GRADES = (4, 3, 2, 1)


@dataclass(frozen=True)
class _Limit:
    """A multiple of `of` (blank: of 1) plus a number; reached: the limit itself is beyond."""

    reached: bool
    factor: Fraction
    of: str
    plus: Fraction

    def passed(self, value: Fraction, side: str, known_limits: dict[str, Fraction | None]) -> Truth:
        base = known_limits[self.of] if self.of else Fraction(1)
        if base is None:
            return None
        beyond = value - (self.factor * base + self.plus)
        return (beyond > 0 if side == "H" else beyond < 0) or (self.reached and beyond == 0)


type _Limits = dict[int, list[_Limit]]
"""By grade, the limits of which one suffices; none: there is no such grade."""
type _Rule = dict[str, _Limits]
"""The limits by column of the table; a column without any limit is not there."""


def derive(load: Load, define: Define) -> Values:
    rules = _rules(define)
    drugs = load("CM")
    found: Values = {name: {} for name in SIDES}
    results = load("ADLB")
    baselines = {(r.USUBJID, r.PARAMCD): r for r in results.loc[results["ABLFL"] == "Y"].itertuples()}
    for name, side in SIDES.items():
        of_class = read(define.method("ADLB", name), r'CMCLAS = "([^"]+)"', str)
        thinned = set(drugs.loc[drugs["CMCLAS"] == of_class, "USUBJID"])
        for r in results.itertuples():
            own, unit = (r.PARAMCD, side), known(r.LBSTRESU) or ""
            rule = rules.get((*own, unit)) or rules.get((*own, ""))
            judged = rule is not None and not missing(r.AVAL)
            baseline = baselines.get((r.USUBJID, r.PARAMCD))
            grade = _grade(r, side, rule, baseline, r.USUBJID in thinned) if judged and rule else None
            found[name][r.USUBJID, r.PARAMCD, r.LBSEQ] = None if grade is None else str(grade)
    return found


def recorded(load: Load) -> Values:
    rows = list(load("ADLB").itertuples())
    return {n: {(r.USUBJID, r.PARAMCD, r.LBSEQ): known(getattr(r, n)) for r in rows} for n in SIDES}


def _rules(define: Define) -> dict[tuple[str, str, str], _Rule]:
    found: dict[tuple[str, str, str], _Rule] = {}
    for row in define.tables["Section grading"]:
        rule = found.setdefault((row["Test"], row["Direction"], row["Unit"]), {})
        for column in ("Limit", "Abnormal baseline", "Anticoagulation"):
            if row[column]:
                rule.setdefault(column, {})[int(row["Grade"])] = [_limit(p) for p in row[column].split(" or ")]
    return found


def _limit(text: str) -> _Limit:
    found = re.fullmatch(r"([<>]=)? ?([\d.]+)(?: x (ULN|LLN|BASE)(?: \+ ([\d.]+))?)?", text.strip())
    if found is None:
        raise ValueError(f"No limit: {text}")
    return _Limit(found[1] is not None, Fraction(found[2]), found[3] or "", Fraction(found[4] or 0))


def _grade(row: Any, side: str, rule: _Rule, baseline: Any, thinned: bool) -> int | None:
    value = exact(row.AVAL)
    assert value is not None
    edge = "ANRHI" if side == "H" else "ANRLO"
    low, high = exact(row.ANRLO), exact(row.ANRHI)
    if low is not None and high is not None and low > high:
        low = high = None
    limits = {"ULN": high, "LLN": low, "BASE": exact(row.BASE)}
    # "the limits for a normal baseline without those that are multiples of BASE"
    alone = {g: kept for g, ls in rule["Limit"].items() if (kept := [x for x in ls if x.of != "BASE"])}
    by_range = _highest(value, side, alone, limits)
    early: Truth = True if not missing(row.ABLFL) else None
    if early is None and not missing(row.ADTM) and not missing(row.BLREFDTM):
        early = bool(row.ADTM < row.BLREFDTM)
    if early:
        return by_range
    later = _of_rule(value, side, rule, limits, exact(getattr(baseline, edge)) if baseline else None, thinned)
    return later if early is False or later == by_range else None


def _of_rule(
    value: Fraction,
    side: str,
    rule: _Rule,
    limits: dict[str, Fraction | None],
    edge: Fraction | None,
    thinned: bool,
) -> int | None:
    """The grade by the rule for a normal or an abnormal baseline. edge: limit of normal of the baseline record."""
    usual = rule["Anticoagulation"] if thinned and "Anticoagulation" in rule else rule["Limit"]
    normal = _highest(value, side, usual, limits)
    if "Abnormal baseline" not in rule:
        return normal
    base = limits["BASE"]
    outer = None
    if base is None:
        outer = edge if edge is not None else limits["ULN" if side == "H" else "LLN"]
    abnormal = _highest(value, side, rule["Abnormal baseline"], limits, outer)
    if base is None or edge is None:
        return normal if normal == abnormal else None
    return abnormal if (base > edge if side == "H" else base < edge) else normal


def _highest(
    value: Fraction,
    side: str,
    limits_of: _Limits,
    limits: dict[str, Fraction | None],
    outer: Fraction | None = None,
) -> int | None:
    """The highest grade whose limit is passed, 0 if none is; None where one above it may be. outer: see `_passed`."""
    for grade in GRADES:
        state = any_of(*(_passed(limit, value, side, limits, outer) for limit in limits_of.get(grade, [])))
        if state is not False:
            return grade if state else None
    return 0


def _passed(
    limit: _Limit, value: Fraction, side: str, limits: dict[str, Fraction | None], outer: Fraction | None
) -> Truth:
    """Whether a value passes a limit. outer: the limit of the range that a missing abnormal one passes.

    "a multiple of BASE is then at least that multiple of ULN (of LLN: at most), of the baseline record or, where it has
    none, of the record"
    """
    state = limit.passed(value, side, limits)
    if limit.of == "BASE" and outer is not None:
        return all_of(state, limit.passed(value, side, {"BASE": outer}))
    return state
