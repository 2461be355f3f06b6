"""Composites with parts missing, against every completion of what is missing, each judged by the plain definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from datacut.compute.between import known_between
from datacut.compute.sle.bilag import BILAG_SYSTEMS
from datacut.compute.sle.doris import compute_doris
from datacut.compute.sle.flare import compute_flare
from datacut.compute.sle.lldas import compute_lldas
from datacut.compute.sle.sledai import CLINICAL_ITEMS, SLEDAI_ITEMS, compute_sledai_between
from datacut.compute.sle.sri import compute_sri4

type Parts = Mapping[str, object]

ITEMS = ("seizure", "arthritis", "rash", "low_complement", "fever")
WEIGHTS = dict(zip(ITEMS, (8, 4, 2, 2, 1), strict=True))
SYSTEMS = ("renal", "musculoskeletal", "ophthalmic")
FLAG, GRADE = [0, 1], ["A", "B", "C", "D", "E"]
PGA = [0.0, 0.2, 0.3, 0.4, 0.5, 1.0, 1.1, 1.5, 2.0, 2.5, 2.6, 2.8, 3.0]
DOSE = [0.0, 5.0, 7.5, 10.0, 40.0]
YES = [False, True]


def answers(parts: Parts, domains: Mapping[str, list[object]], judge: Callable[[Parts], object]) -> object:
    """What every completion says: the one answer, or None if they differ."""
    gaps = [name for name, value in parts.items() if value is None]
    found = {judge({**parts, **dict(zip(gaps, way, strict=True))}) for way in product(*(domains[g] for g in gaps))}
    return found.pop() if len(found) == 1 else None


def draw(domains: Mapping[str, list[object]], gaps: int) -> st.SearchStrategy[dict[str, object]]:
    """Values of all parts, of which up to `gaps` are then missing."""
    full = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in domains.items()})
    lost = st.sets(st.sampled_from(sorted(domains)), max_size=gaps)
    return st.builds(lambda f, g: {n: None if n in g else v for n, v in f.items()}, full, lost)


def prefixed(prefix: str, names: Iterable[str], domain: list[object]) -> dict[str, list[object]]:
    return {f"{prefix}:{name}": domain for name in names}


def items(parts: Parts, prefix: str) -> pd.DataFrame:
    row = {key: parts.get(f"{prefix}:{key}", 0) for key in SLEDAI_ITEMS}
    return pd.DataFrame([row], dtype="Int64")


def grades(parts: Parts, prefix: str) -> pd.DataFrame:
    return pd.DataFrame([{s: parts.get(f"{prefix}:{s}", "E") for s in BILAG_SYSTEMS}], dtype="str")


def number(value: object) -> pd.Series:
    return pd.Series([value], dtype="Float64")


def state(value: object) -> pd.Series:
    return pd.Series([value], dtype="boolean")


def total(parts: Parts, prefix: str, keys: Iterable[str] = ITEMS) -> int:
    return sum(WEIGHTS[k] for k in keys if parts[f"{prefix}:{k}"])


def letter(found: pd.DataFrame, column: str = "observed") -> object:
    value = found[column].iloc[0]
    return None if pd.isna(value) else value


def yn(value: bool) -> str:
    return "Y" if value else "N"


def tenths(value: object) -> int:
    return round(float(value) * 10)  # type: ignore[arg-type]


SRI: dict[str, list[object]] = {
    **prefixed("base", ITEMS, FLAG), **prefixed("now", ITEMS, FLAG),
    **prefixed("base", SYSTEMS, GRADE), **prefixed("now", SYSTEMS, GRADE),
    "base pga": PGA, "now pga": PGA,
}  # fmt: skip


def plain_sri4(parts: Parts) -> str:
    pairs = [(str(parts[f"base:{s}"]), str(parts[f"now:{s}"])) for s in SYSTEMS]
    new_a = sum(now == "A" and base != "A" for base, now in pairs)
    new_b = sum(now == "B" and base in "CDE" for base, now in pairs)
    rise = tenths(parts["now pga"]) - tenths(parts["base pga"])
    return yn(total(parts, "base") - total(parts, "now") >= 4 and new_a == 0 and new_b <= 1 and rise < 3)


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(draw(SRI, 3))
def test_sri4(parts: dict[str, object]) -> None:
    found = compute_sri4(
        sledai_baseline=compute_sledai_between(items(parts, "base")),
        sledai=compute_sledai_between(items(parts, "now")),
        bilag_baseline=grades(parts, "base"),
        bilag=grades(parts, "now"),
        pga_baseline=number(parts["base pga"]),
        pga=number(parts["now pga"]),
    )
    assert letter(found) == answers(parts, SRI, plain_sri4)


LLDAS: dict[str, list[object]] = {
    **prefixed("now", ITEMS, FLAG), **prefixed("before", ITEMS, FLAG),
    "gut": YES, "pga": PGA, "dose": DOSE, "maintenance": YES,
}  # fmt: skip


def plain_lldas(parts: Parts) -> str:
    major = any(parts[f"now:{k}"] for k in ("seizure", "fever"))
    new = any(parts[f"now:{k}"] and not parts[f"before:{k}"] for k in ITEMS)
    low = total(parts, "now") <= 4 and not major and not parts["gut"]
    dose = float(parts["dose"]) <= 7.5  # type: ignore[arg-type]
    return yn(low and not new and tenths(parts["pga"]) <= 10 and dose and bool(parts["maintenance"]))


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(draw(LLDAS, 3))
def test_lldas(parts: dict[str, object]) -> None:
    found = compute_lldas(
        items=items(parts, "now"),
        previous=items(parts, "before"),
        haemolysis_or_gi=state(parts["gut"]),
        pga=number(parts["pga"]),
        prednisone=known_between(number(parts["dose"]), 0),
        maintenance=state(parts["maintenance"]),
    )
    assert letter(found) == answers(parts, LLDAS, plain_lldas)


DORIS: dict[str, list[object]] = {**prefixed("now", ITEMS, FLAG), "pga": PGA, "dose": DOSE, "stable": YES}


def plain_doris(parts: Parts) -> str:
    clinical = total(parts, "now", [k for k in ITEMS if k != "low_complement"])
    dose = float(parts["dose"]) <= 5  # type: ignore[arg-type]
    return yn(clinical == 0 and tenths(parts["pga"]) < 5 and dose and bool(parts["stable"]))


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(draw(DORIS, 3))
def test_doris(parts: dict[str, object]) -> None:
    found = compute_doris(
        clinical=compute_sledai_between(items(parts, "now"), CLINICAL_ITEMS),
        pga=number(parts["pga"]),
        prednisone=known_between(number(parts["dose"]), 0),
        stable=state(parts["stable"]),
    )
    assert letter(found) == answers(parts, DORIS, plain_doris)


SIGNS = ("mild_signs", "severe_signs", "mild_treatment", "severe_treatment")
FLARE: dict[str, list[object]] = {
    **prefixed("now", ITEMS, FLAG), **prefixed("before", ITEMS, FLAG),
    "before pga": PGA, "now pga": PGA, "before dose": DOSE, "now dose": DOSE, "weight": [50.0, 90.0],
    **dict.fromkeys(SIGNS, YES),
}  # fmt: skip


def plain_flare(parts: Parts) -> str:
    sledai, then = total(parts, "now"), total(parts, "before")
    pga, pga_then = tenths(parts["now pga"]), tenths(parts["before pga"])
    dose, dose_then, weight = (float(parts[n]) for n in ("now dose", "before dose", "weight"))  # type: ignore[arg-type]
    severe = [sledai > max(12, then), pga > max(25, pga_then), dose > dose_then and dose / weight > 0.5]
    mild = [sledai - then >= 3, pga - pga_then >= 10, dose > dose_then]
    if any([*severe, parts["severe_signs"], parts["severe_treatment"]]):
        return "severe"
    return "mild/moderate" if any([*mild, parts["mild_signs"], parts["mild_treatment"]]) else "none"


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(draw(FLARE, 3))
def test_flare(parts: dict[str, object]) -> None:
    found = compute_flare(
        sledai_previous=compute_sledai_between(items(parts, "before")),
        sledai=compute_sledai_between(items(parts, "now")),
        pga_previous=number(parts["before pga"]),
        pga=number(parts["now pga"]),
        prednisone_previous=known_between(number(parts["before dose"]), 0, 40),
        prednisone=known_between(number(parts["now dose"]), 0, 40),
        weight=number(parts["weight"]),
        mild_signs=state(parts["mild_signs"]),
        severe_signs=state(parts["severe_signs"]),
        mild_treatment=state(parts["mild_treatment"]),
        severe_treatment=state(parts["severe_treatment"]),
    )
    assert letter(found, "severity") == answers(parts, FLARE, plain_flare)
    assert letter(found, "flared") == answers(parts, FLARE, lambda p: yn(plain_flare(p) != "none"))
