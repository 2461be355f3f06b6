"""UNVERIFIED: BILAG-2004 system grades from item codes, to be compared with the grades as collected.

Off by default [P]: every score and response uses the collected grades. Item numbers 1-50 and the meaning of grades [V];
items 51-97, the severity bands, and the limits of the renal and haematological systems are recalled [R] and must be
compared with the licensed scoring document before use.

Codes: 0 not present, 1 improving, 2 same, 3 worse, 4 new, missing not done; items not attributed to lupus are 0. What
is not done counts for nothing, but where it could change the grade the grade is `uncertain` [P].
Source: Yee CS et al. Arthritis Rheum 2006;54:3300-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pandas as pd

from datacut.compute.boundaries import above, at_least, below
from datacut.compute.sle.items import require_items
from datacut.compute.threeway import all_of, any_of, sure


class Bands(NamedTuple):
    """Item numbers of one system by severity."""

    severe: tuple[int, ...]
    moderate: tuple[int, ...]
    mild: tuple[int, ...] = ()


ITEM_SETS: Final[Mapping[str, Bands]] = MappingProxyType(
    {
        "mucocutaneous": Bands((5, 7, 9, 11, 13), (6, 12, 14, 15), (8, 10, 16, 17, 18)),
        "neuropsychiatric": Bands((*range(19, 30), 31, 36), (30, 32, 33, 34, 35, 37, 38)),
        "musculoskeletal": Bands((39, 41), (40, 42), (43,)),
        "cardiorespiratory": Bands((45, 46, 47, *range(49, 56)), (44, 48)),
        "gastrointestinal": Bands((56, 58, 61, 63, 64), (57, 59, 60, 62)),
        "ophthalmic": Bands((65, 66, 69, 72, 74, 76, 77), (67, 68, 70, 73), (71, 75)),
    }
)
CONSTITUTIONAL: Final = (1, 2, 3, 4)
_WORST: Final = 4
_RANK: Final[Mapping[str, int]] = MappingProxyType({"A": 3, "B": 2, "C": 1})
type States = dict[str, pd.Series[Any]]


def _letters(states: States, involved: pd.Series[Any]) -> pd.Series[Any]:
    """The first of A, B, C that is sure; else D or E by whether the system was ever involved."""
    past = involved.astype("boolean").astype(object).map({True: "D", False: "E"}).astype("str")
    for letter in ("C", "B", "A"):
        past = past.mask(sure(states[letter]), letter)
    return past


def _result(states: States, involved: pd.Series[Any]) -> pd.DataFrame:
    possible = {letter: state.fillna(True) for letter, state in states.items()}
    grade, highest = _letters(states, involved), _letters(possible, involved)
    rank = [s.map(dict(_RANK)).fillna(0) for s in (grade, highest)]
    return pd.DataFrame({"grade": grade, "uncertain": (rank[0] != rank[1]) | grade.isna()})


def _coded(items: pd.DataFrame, numbers: tuple[int | str, ...], low: int, high: int, least: int = 1) -> pd.Series[Any]:
    """Whether at least `least` of the items are coded from low to high; items not done leave it open."""
    codes = items[list(numbers)].astype("Int64")
    codes = codes.where(codes.isin(range(_WORST + 1)))
    hits = codes.ge(low).fillna(False).astype(bool) & codes.le(high).fillna(False).astype(bool)
    count, possible = hits.sum(axis=1), (hits | codes.isna()).sum(axis=1)
    return (count >= least).astype("boolean").mask((count < least) & (possible >= least))


def derive_bilag_grade(system: str, items: pd.DataFrame, involved: pd.Series[Any]) -> pd.DataFrame:
    """UNVERIFIED grade of one of the six systems of `ITEM_SETS` by the generic rule [R]: columns `grade`, `uncertain`.

    items: columns are item numbers, codes 0-4; involved: nullable boolean, ever before (D or E; missing leaves a
    quiet system without a grade). A: a severe item at 2-4. B: a severe item at 1, or a moderate one at 2-4. C: a
    moderate item at 1, or any mild one. ValueError if a column is absent.
    """
    severe, moderate, mild = ITEM_SETS[system]
    require_items(items, (*severe, *moderate, *mild), f"BILAG-2004 {system}")
    states = {
        "A": _coded(items, severe, 2, _WORST),
        "B": any_of([_coded(items, severe, 1, 1), _coded(items, moderate, 2, _WORST)]),
        "C": any_of([_coded(items, moderate, 1, 1), _coded(items, mild, 1, _WORST)]),
    }
    return _result(states, involved)


def derive_bilag_constitutional(items: pd.DataFrame, involved: pd.Series[Any]) -> pd.DataFrame:
    """UNVERIFIED constitutional grade from items 1 (pyrexia) and 2 to 4 [R]: columns `grade`, `uncertain`.

    A: item 1 at 2-4 and two of the others at 2-4. B: one of the two. C: item 1 at 1, or any other present.
    """
    require_items(items, CONSTITUTIONAL, "BILAG-2004 constitutional")
    pyrexia, others = _coded(items, (1,), 2, _WORST), _coded(items, (2, 3, 4), 2, _WORST, least=2)
    states = {
        "A": all_of([pyrexia, others]),
        "B": any_of([pyrexia, others]),
        "C": any_of([_coded(items, (1,), 1, 1), _coded(items, (2, 3, 4), 1, _WORST)]),
    }
    return _result(states, involved)


PROTEIN: Final = ("protein_24h", "upcr", "uacr")
_SEVERE_PROTEIN: Final = (1.0, 100.0, 100.0)
_MODERATE_PROTEIN: Final = (0.5, 50.0, 50.0)
_MILD_PROTEIN: Final = (0.25, 25.0, 25.0)
RENAL_FLAGS: Final = ("accelerated_hypertension", "active_sediment", "active_nephritis", "nephrotic_syndrome")
RENAL_VALUES: Final = (*PROTEIN, "dipstick", "creatinine", "gfr", "systolic", "diastolic")


def derive_bilag_renal(now: pd.DataFrame, previous: pd.DataFrame, involved: pd.Series[Any]) -> pd.DataFrame:
    """UNVERIFIED renal grade [R]: columns `grade`, `uncertain`.

    now, previous: columns `RENAL_VALUES`: protein_24h (g), upcr and uacr (mg/mmol), dipstick (0-4), creatinine
    (umol/L), gfr (mL/min), systolic and diastolic (mmHg); now also the booleans `RENAL_FLAGS`. The first amount of
    protein done, in that order, counts; the dipstick only if none is. An earlier value that is missing shows no
    improvement and no fall. Values due to other causes must be missing. A rise in blood pressure needs both parts (the
    source is unsure).
    """
    require_items(now, (*RENAL_VALUES, *RENAL_FLAGS), "BILAG-2004 renal")
    require_items(previous, RENAL_VALUES, "BILAG-2004 renal, previous")
    v = {name: now[name].astype("Float64") for name in RENAL_VALUES}
    p = {name: previous[name].astype("Float64") for name in RENAL_VALUES}
    measured = now[list(PROTEIN)].notna().any(axis=1)

    def protein(limits: tuple[float, ...], *, inclusive: bool, persistent: bool) -> pd.Series[Any]:
        reached = at_least if inclusive else above
        found = pd.Series(pd.NA, index=now.index, dtype="boolean")
        for name, limit in reversed(list(zip(PROTEIN, limits, strict=True))):
            state = reached(v[name], limit)
            if persistent:
                state = state & above(v[name], p[name] * 0.75).fillna(True)
            found = state.where(v[name].notna(), found)
        return found

    rise = (v["dipstick"] - p["dipstick"]).fillna(0)
    level = v["dipstick"].notna()
    severe = protein(_SEVERE_PROTEIN, inclusive=False, persistent=True)
    moderate = protein(_MODERATE_PROTEIN, inclusive=True, persistent=True)
    mild = protein(_MILD_PROTEIN, inclusive=False, persistent=False)
    severe = severe.where(measured, (rise >= 2).astype("boolean").where(level))
    moderate = moderate.where(measured, ((rise >= 1) & (v["dipstick"] >= 2)).astype("boolean").where(level))
    mild = mild.where(measured, (v["dipstick"] >= 1).astype("boolean"))
    high = above(v["creatinine"], 130)
    ratio = v["creatinine"] / p["creatinine"].where(p["creatinine"] > 0)
    fallen = below(v["gfr"], 80) & below(v["gfr"] / p["gfr"].where(p["gfr"] > 0), 0.67).fillna(False)
    new_low = below(v["gfr"], 50) & above(p["gfr"], 50).fillna(True)
    worse = any_of([(high & above(ratio, 1.3).fillna(False)).fillna(False), (fallen | new_low).fillna(False)])
    worse = worse.mask(v["creatinine"].isna() & v["gfr"].isna())
    flag = {name: now[name].astype("boolean") for name in RENAL_FLAGS}
    core = [severe, flag["active_sediment"], flag["active_nephritis"]]
    criteria = [*core, flag["accelerated_hypertension"], worse, flag["nephrotic_syndrome"]]
    table = pd.concat(criteria, axis=1, keys=range(len(criteria)))
    count, possible = table.eq(True).fillna(False).sum(axis=1), (table.fillna(True)).sum(axis=1)
    two = (count >= 2).astype("boolean").mask((count < 2) & (possible >= 2))
    creeping = (high & at_least(ratio, 1.15).fillna(False)).astype("boolean").fillna(False)
    pressure = all_of(
        [
            above(v["systolic"], 140) & above(v["diastolic"], 90),
            at_least(v["systolic"] - p["systolic"], 30) & at_least(v["diastolic"] - p["diastolic"], 15),
        ]
    )
    states = {
        "A": all_of([two, any_of(core)]),
        "B": any_of([*criteria, moderate, creeping]),
        "C": any_of([mild, pressure.fillna(False)]),
    }
    return _result(states, involved)


HAEMATOLOGY_VALUES: Final = ("haemoglobin", "leukocytes", "neutrophils", "lymphocytes", "platelets")


def derive_bilag_haematological(items: pd.DataFrame, involved: pd.Series[Any]) -> pd.DataFrame:
    """UNVERIFIED haematological grade [R]: columns `grade`, `uncertain`.

    items: `HAEMATOLOGY_VALUES` (haemoglobin g/dL, counts 10^9/L), `ttp` (0-4), `haemolysis` and `coombs` (booleans).
    Values not due to lupus must be passed as normal, not as missing: lymphodepletion and CAR-T lower every one of them.
    """
    require_items(items, (*HAEMATOLOGY_VALUES, "ttp", "haemolysis", "coombs"), "BILAG-2004 haematological")
    hb, white, neutrophils, lymphocytes, platelets = (items[n].astype("Float64") for n in HAEMATOLOGY_VALUES)
    haemolysis, coombs = items["haemolysis"].astype("boolean"), items["coombs"].astype("boolean")
    states = {
        "A": any_of([_coded(items, ("ttp",), 2, _WORST), haemolysis & below(hb, 8), below(platelets, 25)]),
        "B": any_of(
            [
                _coded(items, ("ttp",), 1, 1),
                haemolysis & below(hb, 10),
                below(hb, 8),
                below(white, 1),
                below(neutrophils, 0.5),
                below(platelets, 50),
            ]
        ),
        "C": any_of(
            [
                haemolysis,
                below(hb, 11),
                below(white, 4),
                below(neutrophils, 2),
                below(lymphocytes, 1),
                below(platelets, 150),
                coombs,
            ]
        ),
    }
    return _result(states, involved)


def bilag_disagrees(derived: pd.DataFrame, collected: pd.Series[Any]) -> pd.Series[Any]:
    """Where a derived grade that is certain differs from the collected one, both known: plain boolean."""
    both = derived["grade"].notna() & collected.notna() & ~derived["uncertain"]
    return (derived["grade"].ne(collected).fillna(False) & both).astype(bool)
