"""Grades of cytokine release syndrome and ICANS from their components (ASTCT 2019).

Source: Lee DW, Santomasso BD, Locke FL et al. Biol Blood Marrow Transplant 2019;25:625-38 [V]. Codes of the components
are ours; the caller maps the form's terms to them. A code not listed counts as missing. Where a missing component
could raise the grade, the grade is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def _points(codes: pd.Series[Any], points: Mapping[str, int]) -> pd.Series[Any]:
    return codes.map(dict(points)).astype("Int64")


def _worst(grades: list[pd.Series[Any]]) -> pd.Series[Any]:
    """The highest grade; missing if one is missing, unless another is already the highest possible."""
    table = pd.concat(grades, axis=1)
    worst = table.max(axis=1).astype("Int64")
    return worst.mask(table.isna().any(axis=1) & (worst < _WORST).fillna(True))


def _died(grade: pd.Series[Any], death: pd.Series[Any]) -> pd.Series[Any]:
    return grade.mask(death.astype("boolean").fillna(False).astype(bool), 5)


def compute_oxygen_code(flow: pd.Series[Any]) -> pd.Series[Any]:
    """Hypoxia code of a nasal cannula's flow in L/min: none at 0, low flow to 6 inclusive, high flow above."""
    rate = flow.astype("Float64")
    code = pd.Series("none", index=flow.index, dtype="object")
    code = code.mask((rate > 0).fillna(False).astype(bool), "low_flow")
    code = code.mask((rate > 6).fillna(False).astype(bool), "high_flow")
    return code.where(rate.notna(), None).astype("str")


def compute_crs_grade(
    temperature: pd.Series[Any],
    hypotension: pd.Series[Any],
    hypoxia: pd.Series[Any],
    under_way: pd.Series[Any],
    death: pd.Series[Any],
) -> pd.Series[Any]:
    """CRS grade 0 to 5 of one assessment, Int64.

    temperature: degrees C, not otherwise explained; fever is 38.0 or more. hypotension, hypoxia: codes of
    `HYPOTENSION`, `HYPOXIA`. under_way: boolean, CRS with fever began earlier and was treated, so that fever is no
    longer needed (missing: no). death: boolean, due to CRS. Without fever, now or earlier, the grade is 0; under
    way without fever, hypotension or hypoxia it is 0 as well (resolved; project convention).
    """
    fever = at_least(temperature, FEVER)
    begun = under_way.astype("boolean").fillna(False)
    organ = _worst([_points(hypotension, HYPOTENSION), _points(hypoxia, HYPOXIA)])
    # Without fever grade 1 does not exist: "none" twice means resolved.
    afebrile = organ.mask((organ == 1).fillna(False), 0)
    grade = organ.where(fever.fillna(False), afebrile.where(begun, 0))
    unclear = fever.isna() & (~begun | (organ == 1).fillna(False))
    return _died(grade.mask(unclear), death).astype("Int64")


def compute_crs_daily(
    *,
    subject: pd.Series[Any],
    day: pd.Series[Any],
    temperature: pd.Series[Any],
    hypotension: pd.Series[Any],
    hypoxia: pd.Series[Any],
    treated: pd.Series[Any],
    death: pd.Series[Any],
    episode_gap_days: int = 1,
) -> pd.Series[Any]:
    """CRS grade of each assessment, Int64, knowing the days before it: fever is no longer needed once CRS is treated.

    day: whole days, any order, one row per subject and day at most; treated: boolean, an antipyretic, anticytokine or
    steroid for CRS that day (missing: no); the rest as for `compute_crs_grade`. CRS begins with fever and is under way,
    once treated, until more than `episode_gap_days` days pass without a grade [P]; after that it needs fever again.
    Raises ValueError for two rows of one day.
    """
    if pd.DataFrame({"subject": subject, "day": day}).duplicated().any():
        raise ValueError("Two CRS assessments of one subject and day; settle them first.")
    begun = [compute_crs_grade(temperature, hypotension, hypoxia, _all(day, state), death) for state in (False, True)]
    given = treated.astype("boolean").fillna(False).astype(bool).tolist()
    fever = at_least(temperature, FEVER).fillna(False).astype(bool).tolist()
    place = pd.Series(range(len(day)))
    order = pd.DataFrame({"subject": subject.to_numpy(), "day": day.to_numpy(), "place": place}).dropna()
    grades: list[Any] = [pd.NA] * len(day)
    who: object = None
    last: float | None = None
    cured = False
    for name, today, row in order.sort_values(["subject", "day"]).itertuples(index=False):
        if name != who or (last is not None and today - last > episode_gap_days + 1):
            who, last, cured = name, None, False
        running = last is not None or fever[row]
        cured = running and (cured or given[row])
        grades[row] = begun[int(last is not None and cured)].iloc[row]
        if not pd.isna(grades[row]) and grades[row] > 0:
            last = today
    return pd.Series(grades, index=day.index, dtype="Int64")


def _all(like: pd.Series[Any], state: bool) -> pd.Series[Any]:
    return pd.Series(state, index=like.index, dtype="boolean")


def compute_grade_agreement(derived: pd.Series[Any], investigator: pd.Series[Any]) -> pd.Series[Any]:
    """`agree`, `derived higher` or `derived lower` than the investigator's grade, `str`; missing if either grade is."""
    difference = derived.astype("Int64") - investigator.astype("Int64")
    words = {-1: "derived lower", 0: "agree", 1: "derived higher"}
    return difference.clip(-1, 1).map(words).astype("str")


def compute_ice_total(parts: pd.DataFrame) -> pd.Series[Any]:
    """ICE score of an adult, Int64, 0 to 10: the sum of the points of `ICE_POINTS`.

    parts: one column per part; a missing part, or one above its points, makes the score missing. ValueError if a
    column is absent. Source: Lee 2019 [V].
    """
    absent = [part for part in ICE_POINTS if part not in parts.columns]
    if absent:
        raise ValueError(f"ICE needs a column for each part; absent: {', '.join(absent)}.")
    points = parts[list(ICE_POINTS)].astype("Int64")
    possible = pd.DataFrame({part: points[part].between(0, most) for part, most in ICE_POINTS.items()})
    return points.where(possible.fillna(False)).sum(axis=1, skipna=False).astype("Int64")


def compute_ice_grade(score: pd.Series[Any]) -> pd.Series[Any]:
    """ICANS grade that an ICE score of 0 to 10 alone gives: 10 is 0, 7-9 is 1, 3-6 is 2, 0-2 is 3; Int64.

    A score outside 0 to 10 is missing. Unarousable participants are graded by their consciousness (4).
    """
    points = {10: 0, **dict.fromkeys(range(7, 10), 1), **dict.fromkeys(range(3, 7), 2), **dict.fromkeys(range(3), 3)}
    return score.astype("Int64").map(points).astype("Int64")


def compute_icans_grade(
    ice: pd.Series[Any],
    consciousness: pd.Series[Any],
    seizure: pd.Series[Any],
    motor: pd.Series[Any],
    oedema: pd.Series[Any],
    death: pd.Series[Any],
) -> pd.Series[Any]:
    """ICANS grade 0 to 5 of one assessment, Int64: the most severe domain.

    ice: score 0-10. consciousness, seizure, oedema: codes of `CONSCIOUSNESS`, `SEIZURE`, `OEDEMA`.
    motor: boolean, deep focal weakness. death: boolean, due to ICANS (missing: no).
    """
    weakness = motor.astype("boolean").astype("Int64") * 4
    domains = [
        compute_ice_grade(ice),
        _points(consciousness, CONSCIOUSNESS),
        _points(seizure, SEIZURE),
        weakness,
        _points(oedema, OEDEMA),
    ]
    return _died(_worst(domains), death).astype("Int64")
