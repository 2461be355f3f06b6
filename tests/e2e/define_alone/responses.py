"""ADEFF: SRI-4, LLDAS, DORIS, their criteria and views, and the flags of therapy they are judged by.

From ADQS, ADGC (PREDMAX), ADCM and ADSL, the windows "efficacy" and the table of estimands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import pandas as pd
from tests.e2e.define_alone.define import Define, named, read
from tests.e2e.define_alone.reading import (
    Load,
    Truth,
    Values,
    all_of,
    any_of,
    equals,
    exact,
    known,
    missing,
    negated,
    surely,
    to_yn,
)
from tests.e2e.define_alone.therapy import therapy

RESPONSES = ("SRI4", "LLDAS", "DORIS")
CRITERIA = {
    "SRI4": ("SRI4SLD", "SRI4BLG", "SRI4PGA"),
    "LLDAS": ("LLDAS1", "LLDAS2", "LLDAS3", "LLDAS4", "LLDAS5"),
    "DORIS": ("DORIS1", "DORIS2", "DORIS3", "DORIS4"),
}
NO_EVENT = "SRI4EXC"
FLAGS = ("RESCFL", "MOREGCFL", "MAINTFL", "STABLEFL")
MISSED, UNKNOWN, NOT_MET = "VISIT NOT ASSESSED", "NOT KNOWN", "CRITERION NOT MET"
GONE = ("DEATH", "LEFT THE STUDY")
COUNTS = {"no": 0, "none": 0, "one": 1, "two": 2, "three": 3}
NUMBER = r"(\d+(?:\.\d+)?)"


@dataclass(frozen=True)
class _Rule:
    """The numbers, items and words of the methods of SRI4, LLDAS and DORIS."""

    codes: dict[str, str]
    weights: dict[str, int]
    fall: Fraction
    new_b: int
    b_from: str
    rise: Fraction
    lldas_score: Fraction
    lldas_none: list[str]
    lldas_new: list[str]
    lldas_bilag: bool
    before: list[str]
    lldas_gut: str
    lldas_pga: Fraction
    lldas_dose: Fraction
    doris_but: list[str]
    doris_pga: Fraction
    doris_dose: Fraction
    views: dict[str, str]

    @cached_property
    def systems(self) -> list[str]:
        return [name for name, code in self.codes.items() if code.startswith("BILAG")]


def derive(load: Load, define: Define) -> Values:
    rule, judge = _rule(define), therapy(load, define)
    estimands = {(r["response"], r["event"]): r for r in define.tables["Table estimands"]}
    windows = [w for w in define.tables["Windows efficacy"] if w["Target"] and int(w["Target"]) >= 1]
    scores, doses = load("ADQS"), load("ADGC")
    doses = doses.loc[doses["PARAMCD"] == "PREDMAX"].set_index(["USUBJID", "AVISIT"])
    found: Values = {name: {} for name in ("AVALC", "AVAL", "NRESPRSN", *FLAGS)}
    for about in load("ADSL").loc[load("ADSL")["SAFFL"] == "Y"].itertuples():
        own = _Assessments(scores.loc[scores["USUBJID"] == about.USUBJID], rule)
        for window in windows:
            visit, target = window["AVISIT"], about.TRTSDT + timedelta(days=int(window["Target"]) - 1)
            of_visit = own.numbers.loc[own.numbers["AVISIT"] == visit]
            if of_visit.empty and target > about.CUTDT:
                continue
            chosen = of_visit.loc[of_visit["ANL01FL"] == "Y"]
            assessed = None if chosen.empty else chosen["ADT"].iloc[0]
            flags = judge(about.USUBJID, assessed, assessed or target)
            events = _events(about, flags, assessed or target)
            criteria: dict[str, Truth] = dict.fromkeys(c for cs in CRITERIA.values() for c in cs)
            if assessed is not None:
                key = (about.USUBJID, visit)
                dose = doses.loc[key] if key in doses.index else None
                criteria = own.judged(chosen["ASMTNO"].iloc[0], dose, flags)
                criteria[NO_EVENT] = negated(any_of(*events.values()))
            made: dict[tuple[str, str], tuple[Truth, str | None]] = {
                (name, ""): (criteria.get(name), None)
                for name in (*(c for cs in CRITERIA.values() for c in cs), NO_EVENT)
            }
            for response in RESPONSES:
                state = all_of(*(criteria[c] for c in CRITERIA[response])) if assessed is not None else None
                for view, dtype in rule.views.items():
                    strategies = {e: estimands[response, e][view] for e in (*events, MISSED, UNKNOWN)}
                    if any(strategies.values()):
                        blank = "" if dtype == "OBSERVED" else dtype
                        made[response, blank] = _estimated(state, assessed is not None, events, strategies)
            for (name, dtype), (result, why) in made.items():
                row = (about.USUBJID, name, dtype, visit)
                found["AVALC"][row] = to_yn(result)
                found["AVAL"][row] = None if result is None else float(result)
                found["NRESPRSN"][row] = why
                for flag in FLAGS:
                    found[flag][row] = to_yn(flags[flag])
    return found


def recorded(load: Load) -> Values:
    rows = load("ADEFF")
    rows = rows.loc[rows["PARAMCD"].isin([*RESPONSES, NO_EVENT, *(c for cs in CRITERIA.values() for c in cs)])]
    keys = [(r.USUBJID, r.PARAMCD, known(r.DTYPE) or "", r.AVISIT) for r in rows.itertuples()]
    names = ("AVALC", "AVAL", "NRESPRSN", *FLAGS)
    return {n: dict(zip(keys, map(known, rows[n]), strict=True)) for n in names}


def _rule(define: Define) -> _Rule:
    sri, low, remission = (define.method("ADEFF", "AVALC", p) for p in RESPONSES)
    codes = {name: code for code, name in re.findall(r"\b([A-Z]+\d\d|PGA) \((\w+)\)", f"{sri} {low} {remission}")}
    listed = read(define.method("ADQS", "AVAL", "SLEDAI2K"), r"of the items that are 1: (.*?); missing", str)
    weights = {
        name: int(weight)
        for weight, names in re.findall(r"(\d+) for (.*?)(?=, \d+ for |\Z)", listed)
        for name in named(names)
    }
    assert len(weights) == 24 and weights.keys() <= codes.keys(), "the items of SLEDAI-2K are those of the criteria"
    items = list(weights)
    none: list[str] = []
    for words in named(read(low, r"; none of (.*?) is 1;", str)):
        first, _, last = words.partition(" to ")
        none += items[items.index(first) : items.index(last) + 1] if last else [first]
    new = read(low, r"\(2\) (.*?); \(3\)", str)
    but = re.match(r"no item of SLEDAI-2K(?: but (.*?))? is 1 that was 0 at the assessment before", new)
    if but is None:
        raise ValueError(f"LLDAS (2) reads otherwise: {new}")
    return _Rule(
        codes=codes,
        weights=weights,
        fall=read(sri, rf"is at least {NUMBER} below that of baseline", Fraction),
        new_b=COUNTS[read(sri, r"at most (\w+) a new B", str)],
        b_from="".join(re.findall(r"\b[A-E]\b", read(sri, r"\(B now, (.*?) at baseline\)", str))),
        rise=read(sri, rf"pga is less than {NUMBER} above", Fraction),
        lldas_score=read(low, rf"the most it can be\) is at most {NUMBER}", Fraction),
        lldas_none=none,
        lldas_new=[i for i in items if i not in named(but[1] or "")],
        lldas_bilag="no system has a new A or B since then" in new,
        before=named(read(low, r"with a value of one of (.*?); without one", str)),
        lldas_gut="".join(re.findall(r"\b[A-E]\b", read(low, r"the grade of gastrointestinal is not (.*?);", str))),
        lldas_pga=read(low, rf"pga is at most {NUMBER}", Fraction),
        lldas_dose=read(low, rf"it can be, is at most {NUMBER} mg", Fraction),
        doris_but=named(read(remission, r"no item of SLEDAI-2K but (.*?) is 1", str)),
        doris_pga=read(remission, rf"pga is below {NUMBER}", Fraction),
        doris_dose=read(remission, rf"it can be, is at most {NUMBER} mg", Fraction),
        views=dict(re.findall(r'(\w+): "(\w+)"', read(sri, r"for each view (.*?), by the strategies", str))),
    )


class _Assessments:
    """The assessments of a participant: values and grades of the parts, by number."""

    def __init__(self, own: pd.DataFrame, rule: _Rule) -> None:
        self._rule = rule
        self.numbers = own.loc[own["PARAMCD"] == "ASMT"]
        used = own.loc[own["ASMTFL"] == "Y"]
        names = {code: name for name, code in rule.codes.items()}
        self._values = {
            (r.ASMTNO, names[r.PARAMCD]): (exact(r.AVAL), known(r.AVALC))
            for r in used.itertuples()
            if r.PARAMCD in names
        }
        baseline = self.numbers.loc[self.numbers["ABLFL"] == "Y", "ASMTNO"]
        self._baseline = None if baseline.empty else baseline.iloc[0]

    def judged(self, now: float, dose: Any, flags: dict[str, Truth]) -> dict[str, Truth]:
        rule, base = self._rule, self._baseline
        before = self._before(now)
        (low, high), (base_low, base_high) = self._score(now), self._score(base)
        pga, base_pga = self._value(now, "pga"), self._value(base, "pga")
        gut = self._grade(now, "gastrointestinal")
        new_a = [self._new(now, base, s, "A") for s in rule.systems]
        new_b = [self._new(now, base, s, "B") for s in rule.systems]
        new_item = any_of(*(all_of(self._is(now, i), negated(self._is(before, i))) for i in rule.lldas_new))
        worse = (
            any_of(*(self._new(now, before, s, g) for s in rule.systems for g in "AB")) if rule.lldas_bilag else False
        )
        return {
            "SRI4SLD": surely(base_low - high >= rule.fall, base_high - low >= rule.fall),
            "SRI4BLG": all_of(
                negated(any_of(*new_a)),
                surely(new_b.count(True) <= rule.new_b, len(new_b) - new_b.count(False) <= rule.new_b),
            ),
            "SRI4PGA": None if pga is None or base_pga is None else pga - base_pga < rule.rise,
            "LLDAS1": all_of(
                surely(low <= rule.lldas_score, high <= rule.lldas_score),
                negated(any_of(*(self._is(now, i) for i in rule.lldas_none))),
                negated(self._is(now, "haemolytic_anaemia")),
                None if gut is None else gut not in rule.lldas_gut,
            ),
            "LLDAS2": all_of(negated(new_item), negated(worse)),
            "LLDAS3": None if pga is None else pga <= rule.lldas_pga,
            "LLDAS4": _at_most(dose, rule.lldas_dose),
            "LLDAS5": flags["MAINTFL"],
            "DORIS1": negated(any_of(*(self._is(now, i) for i in rule.weights if i not in rule.doris_but))),
            "DORIS2": None if pga is None else pga < rule.doris_pga,
            "DORIS3": _at_most(dose, rule.doris_dose),
            "DORIS4": flags["STABLEFL"],
        }

    def _before(self, now: float) -> float | None:
        """The last assessment with a lower number and a value of one of the parts that are compared."""
        valued = [
            n for (n, name), v in self._values.items() if n < now and name in self._rule.before and any(map(_there, v))
        ]
        return max(valued, default=None)

    def _value(self, number: float | None, name: str) -> Fraction | None:
        return self._values.get((number, name), (None, None))[0]

    def _grade(self, number: float | None, name: str) -> str | None:
        return self._values.get((number, name), (None, None))[1]

    def _is(self, number: float | None, item: str) -> Truth:
        return equals(self._value(number, item), 1)

    def _score(self, number: float | None) -> tuple[int, int]:
        """The least and the most that SLEDAI-2K can be."""
        states = {item: self._is(number, item) for item in self._rule.weights}
        weights = self._rule.weights
        return tuple(sum(w for i, w in weights.items() if states[i] in which) for which in ((True,), (True, None)))

    def _new(self, now: float | None, then: float | None, system: str, grade: str) -> Truth:
        """A new A: A now, not then; a new B: B now, C, D or E then."""
        was = self._grade(then, system)
        lower = was != "A" if grade == "A" else was is not None and was in self._rule.b_from
        return all_of(equals(self._grade(now, system), grade), None if was is None else lower)


def _there(value: Any) -> bool:
    return value is not None


def _at_most(dose: Any, limit: Fraction) -> Truth:
    """Whether a dose is at most a limit, by the least and the most that it can be."""
    if dose is None:
        return None
    low, high = exact(dose["AVALLO"]), exact(dose["AVALHI"])
    if high is not None and high <= limit:
        return True
    return False if low is not None and low > limit else None


def _events(about: Any, flags: dict[str, Truth], visit: date) -> dict[str, Truth]:
    left = about.EOSSTT == "DISCONTINUED"
    return {
        "DEATH": _by(about.DTHMINDT, about.DTHMAXDT, visit),
        "OTHER SLE THERAPY": flags["RESCFL"],
        "MORE GLUCOCORTICOID": flags["MOREGCFL"],
        "LEFT THE STUDY": _by(about.EOSMINDT, about.EOSMAXDT, visit) if left else False,
    }


def _by(first: Any, last: Any, visit: date) -> Truth:
    if not missing(last) and last <= visit:
        return True
    return False if missing(first) or first > visit else None


def _estimated(
    state: Truth, assessed: bool, events: dict[str, Truth], strategies: dict[str, str]
) -> tuple[Truth, str | None]:
    """The result of a view and, of "N", the reason."""
    composite = [e for e in events if strategies[e] == "composite"]
    result = all_of(state, *(negated(events[e]) for e in composite))
    why = next((e for e in composite if events[e]), None)
    if why is None and any(events[e] is not False for e in events if strategies[e] == "while on treatment"):
        result = None
    if not assessed and strategies[MISSED] == "not evaluable":
        return None, None
    # "A visit with ADT missing, where none of DEATH or LEFT THE STUDY has surely come, is VISIT NOT ASSESSED"
    gap = UNKNOWN if assessed else None if any(events[e] for e in GONE) else MISSED
    if result is None and gap is not None and strategies[gap] == "composite":
        return False, gap
    return result, (why or NOT_MET) if result is False else None
