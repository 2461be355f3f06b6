"""Grades of cytokine release syndrome and ICANS from their components (ASTCT 2019).

Source: Lee DW, Santomasso BD, Locke FL et al. Biol Blood Marrow Transplant 2019;25:625-38 [V]. Codes of the components
are ours; the caller maps the form's terms to them. A code not listed counts as missing. A grade is known where every
possible completion of what is missing gives it; else the lowest and the highest possible grade are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from datacut.compute.boundaries import at_least

HYPOTENSION: Final[Mapping[str, int]] = MappingProxyType(
    {"none": 1, "no_vasopressor": 2, "one_vasopressor": 3, "multiple_vasopressors": 4}
)
HYPOXIA: Final[Mapping[str, int]] = MappingProxyType({"none": 1, "low_flow": 2, "high_flow": 3, "positive_pressure": 4})
CONSCIOUSNESS: Final[Mapping[str, int]] = MappingProxyType(
    {"normal": 0, "awakens_spontaneously": 1, "awakens_to_voice": 2, "awakens_to_tactile": 3, "unarousable": 4}
)
SEIZURE: Final[Mapping[str, int]] = MappingProxyType({"none": 0, "rapidly_resolving": 3, "prolonged_or_repetitive": 4})
OEDEMA: Final[Mapping[str, int]] = MappingProxyType(
    {"none": 0, "focal_imaging": 3, "diffuse_or_posturing_cn6_papilloedema_cushing": 4}
)
ICE_POINTS: Final[Mapping[str, int]] = MappingProxyType(
    {"orientation": 4, "naming": 3, "command": 1, "writing": 1, "counting": 1}
)
FEVER: Final = 38.0  # degrees C, itself included
_WORST: Final = 4
_ICE_WORST: Final = 3  # of ICE alone; 0 because unarousable is judged by consciousness
_GRADES: Final = ["grade", "at_least", "at_most"]


def _graded(low: pd.Series[Any], high: pd.Series[Any], death: pd.Series[Any]) -> pd.DataFrame:
    """The columns of `_GRADES` from the lowest and the highest possible grade; a death makes both 5."""
    died = death.astype("boolean").fillna(False).astype(bool)
    least, most = (bound.astype("Int64").mask(died, 5) for bound in (low, high))
    return pd.DataFrame({"grade": least.where(least == most), "at_least": least, "at_most": most})[_GRADES]


def compute_crs_daily(
    *,
    subject: pd.Series[Any],
    day: pd.Series[Any],
    temperature: pd.Series[Any],
    fever: pd.Series[Any],
    hypotension: pd.Series[Any],
    hypoxia: pd.Series[Any],
    treated: pd.Series[Any],
    death: pd.Series[Any],
    episode_gap_days: int = 1,
) -> pd.DataFrame:
    """CRS grade 0 to 5 of each assessment, knowing the days before it: `grade`, `at_least`, `at_most`, Int64.

    day: whole days, any order, one row per subject and day at most; temperature: degrees C, not otherwise explained,
    38.0 or more is fever; fever: boolean, whether there was any, asked beside it: tells where the temperature is
    missing; hypotension, hypoxia: codes of `HYPOTENSION`, `HYPOXIA`; treated: boolean, an antipyretic, anticytokine or
    steroid for CRS that day; death: boolean, due to CRS (missing: no). The grade is the worse of hypotension and
    hypoxia with fever, or without it once CRS is under way; else 0; under way without fever, hypotension or hypoxia it
    is 0 as well (resolved; project convention). CRS begins with fever and is under way, once treated, until more than
    `episode_gap_days` days pass without a grade [P]. Every completion of what is missing, of earlier days too, is
    followed: grade is missing where they differ, at_least and at_most are the bounds. Raises ValueError for two rows of
    one day.
    """
    if pd.DataFrame({"subject": subject, "day": day}).duplicated().any():
        raise ValueError("Two CRS assessments of one subject and day; settle them first.")
    hot = at_least(temperature, FEVER)
    fevers = _options(hot.where(hot.notna(), fever.astype("boolean")))
    given = _options(treated.astype("boolean"))
    organs = [_organ(a, b) for a, b in zip(hypotension, hypoxia, strict=True)]
    died = death.astype("boolean").fillna(False).astype(bool).tolist()
    place = pd.Series(range(len(day)))
    order = pd.DataFrame({"subject": subject.to_numpy(), "day": day.to_numpy(), "place": place}).dropna()
    bounds: list[tuple[Any, Any]] = [(pd.NA, pd.NA)] * len(day)
    who: object = None
    states: set[_State] = set()
    for name, today, row in order.sort_values(["subject", "day"]).itertuples(index=False):
        if name != who:
            who, states = name, {(None, False)}
        possible: set[int] = set()
        reached: set[_State] = set()
        for (last, cured), febrile, drug, organ in product(states, fevers[row], given[row], organs[row]):
            over = last is not None and today - last > episode_gap_days + 1
            seen = None if over else last
            under_way = (seen is not None or febrile) and ((cured and not over) or drug)
            grade = 5 if died[row] else _crs_grade(febrile, seen is not None and under_way, organ)
            possible.add(grade)
            reached.add((today if grade > 0 else seen, under_way))
        states, bounds[row] = reached, (min(possible), max(possible))
    low, high = (pd.Series([b[i] for b in bounds], index=day.index, dtype="Int64") for i in (0, 1))
    return _graded(low, high, death.set_axis(day.index))


type _State = tuple[int | None, bool]
"""Last day with a grade, if CRS is under way, and whether it has been treated since it began."""


def _options(state: pd.Series[Any]) -> list[tuple[bool, ...]]:
    return [(False, True) if pd.isna(v) else (bool(v),) for v in state]


def _organ(hypotension: object, hypoxia: object) -> Iterable[int]:
    """Every grade that hypotension and hypoxia can give together; a code not listed may be any."""
    known = [points.get(str(code)) for code, points in ((hypotension, HYPOTENSION), (hypoxia, HYPOXIA))]
    low = max(g if g is not None else 1 for g in known)
    return range(low, (low if None not in known else _WORST) + 1)


def _crs_grade(fever: bool, under_way: bool, organ: int) -> int:
    """Without fever grade 1 does not exist: "none" twice means resolved."""
    if fever:
        return organ
    return organ if under_way and organ > 1 else 0


def compute_grade_agreement(derived: pd.Series[Any], investigator: pd.Series[Any]) -> pd.Series[Any]:
    """`agree`, `derived higher` or `derived lower` than the investigator's grade, `str`; missing if either grade is."""
    difference = derived.astype("Int64") - investigator.astype("Int64")
    words = {-1: "derived lower", 0: "agree", 1: "derived higher"}
    return difference.clip(-1, 1).map(words).astype("str")


def compute_ice_total(parts: pd.DataFrame) -> pd.DataFrame:
    """ICE score of an adult, 0 to 10: `score`, the sum of the points of `ICE_POINTS`, `lowest` and `highest`, Int64.

    parts: one column per part; a missing part, or one outside its points, makes the score missing, and lowest and
    highest what it could be. ValueError if a column is absent. Source: Lee 2019 [V].
    """
    absent = [part for part in ICE_POINTS if part not in parts.columns]
    if absent:
        raise ValueError(f"ICE needs a column for each part; absent: {', '.join(absent)}.")
    points = parts[list(ICE_POINTS)].astype("Int64")
    points = points.where(pd.DataFrame({p: points[p].between(0, most) for p, most in ICE_POINTS.items()}).fillna(False))
    lowest = points.fillna(0).sum(axis=1).astype("Int64")
    highest = points.fillna(dict(ICE_POINTS)).sum(axis=1).astype("Int64")
    return pd.DataFrame({"score": lowest.where(lowest == highest), "lowest": lowest, "highest": highest})


def _ice_grade(score: pd.Series[Any], unknown: int) -> pd.Series[Any]:
    """ICANS grade of an ICE score alone: 10 is 0, 7-9 is 1, 3-6 is 2, 0-2 is 3; `unknown` outside 0 to 10."""
    bands = {10: 0, **dict.fromkeys(range(7, 10), 1), **dict.fromkeys(range(3, 7), 2), **dict.fromkeys(range(3), 3)}
    return score.astype("Int64").map(bands).astype("Int64").fillna(unknown)


def compute_icans_grade(
    *,
    ice_lowest: pd.Series[Any],
    ice_highest: pd.Series[Any],
    consciousness: pd.Series[Any],
    seizure: pd.Series[Any],
    motor: pd.Series[Any],
    oedema: pd.Series[Any],
    death: pd.Series[Any],
) -> pd.DataFrame:
    """ICANS grade 0 to 5 of one assessment, the most severe domain: `grade`, `at_least`, `at_most`, Int64.

    ice_lowest, ice_highest: what the ICE score (0-10) can be, equal where it is known, missing where nothing is; alone
    it reaches 3. consciousness, seizure, oedema: codes of `CONSCIOUSNESS`, `SEIZURE`, `OEDEMA`; motor: boolean, deep
    focal weakness; each reaches 4. death: boolean, due to ICANS (missing: no). grade is missing where a domain that is
    not known could raise the worst that is; at_least and at_most are the bounds.
    """
    weakness = motor.astype("boolean").astype("Int64") * _WORST
    domains = [
        consciousness.map(dict(CONSCIOUSNESS)),
        seizure.map(dict(SEIZURE)),
        weakness,
        oedema.map(dict(OEDEMA)),
    ]
    known = pd.concat([d.astype("Int64") for d in domains], axis=1)
    low = pd.concat([_ice_grade(ice_highest, 0), known.fillna(0)], axis=1).max(axis=1)
    high = pd.concat([_ice_grade(ice_lowest, _ICE_WORST), known.fillna(_WORST)], axis=1).max(axis=1)
    return _graded(low, high, death)
