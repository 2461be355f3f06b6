"""Cases of dosing that is partly known: grades, window, evaluability, reviews, levels and the order of decisions."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.cases import read_cases

from datacut.adam.derive_dlt import derive_vars_contact
from datacut.adam.derive_dose_levels import derive_vars_dose_levels
from datacut.adam.derive_dose_review import derive_vars_boin
from datacut.compute.boin import boin_chain, probability_over
from datacut.compute.cart.astct import ICE_POINTS, compute_crs_daily, compute_icans_grade, compute_ice_total
from datacut.compute.cart.dlt import (
    compute_dlt,
    compute_dlt_candidate,
    compute_dlt_evaluable,
    compute_sentinel_gap,
    dlt_in_window,
    parse_dlt_rule,
    possible_days,
)
from datacut.compute.cart.review_order import HeldReview, is_before_review
from datacut.compute.courses import day_number
from datacut.engine.context import Context
from datacut.errors import Findings

CASES = read_cases("dosing")
YES_NO = {"Y": True, "N": False, "?": None}


def given(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split("; "))


def one(value: object, dtype: str) -> pd.Series:
    return pd.Series([value], dtype=dtype)


def text_of(value: str) -> str | None:
    return None if value == "?" else value


def number_of(value: str) -> float | None:
    return None if value == "?" else float(value)


def bound(row: pd.Series) -> str:
    return f">={row['at_least']}" if pd.isna(row["grade"]) else str(row["grade"])


def icans(known: dict[str, str]) -> str:
    if "ice" in known:
        ice = pd.DataFrame({c: one(number_of(known["ice"]), "Int64") for c in ("lowest", "highest")})
        rest = {"consciousness": known["consciousness"], "seizure": known["seizure"], "oedema": known["oedema"]}
        motor = YES_NO[known["motor"]]
    else:
        ice = compute_ice_total(pd.DataFrame({p: one(number_of(known[p]), "Int64") for p in ICE_POINTS}))
        rest, motor = {"consciousness": "normal", "seizure": "none", "oedema": "none"}, False
    found = compute_icans_grade(
        ice_lowest=ice["lowest"],
        ice_highest=ice["highest"],
        motor=one(motor, "boolean"),
        death=one(False, "boolean"),
        **{domain: one(text_of(code), "str") for domain, code in rest.items()},
    )
    return bound(found.iloc[0])


def crs(known: dict[str, str]) -> str:
    days = [value.split("/") for value in known.values()]
    found = compute_crs_daily(
        subject=pd.Series(["1"] * len(days), dtype="str"),
        day=pd.Series(range(len(days)), dtype="Int64"),
        temperature=pd.Series([number_of(d[0]) for d in days], dtype="Float64"),
        fever=pd.Series([None] * len(days), dtype="boolean"),
        hypotension=pd.Series([text_of(d[1]) for d in days], dtype="str"),
        hypoxia=pd.Series([text_of(d[2]) for d in days], dtype="str"),
        treated=pd.Series([YES_NO[d[3]] for d in days], dtype="boolean"),
        death=pd.Series([False] * len(days), dtype="boolean"),
    )
    return bound(found.iloc[-1])


def reviews(known: dict[str, str]) -> str:
    rows = [
        (int(level), *map(int, counts.split("/"))) for level, counts in (r.split(":") for r in known["reviews"].split())
    ]
    return " ".join(boin_chain([r[0] for r in rows], [r[2] for r in rows], [r[1] for r in rows], 3))


def context() -> Context:
    return Context("ADXX", "VAR", findings=Findings(), keys=("LEVEL",))


def level_action(known: dict[str, str]) -> str:
    frame = pd.DataFrame(
        {
            "R": [1],
            "LEVEL": [int(known["level"])],
            "N": [int(known["evaluable"])],
            "Y": [int(known["dlt"])],
            "OPEN": [0],
        }
    )
    found = derive_vars_boin(
        frame, ["R"], "LEVEL", "N", "Y", "OPEN", "ACT", "OUT", [3.0, 4.5, 6.0, 5.2], 0.30, 0.18, 0.42, context=context()
    )
    return str(found["ACT"].iloc[0])


def probability(known: dict[str, str]) -> str:
    return f"{100 * probability_over(int(known['n']), int(known['y'])):.1f}"


def selected(known: dict[str, str]) -> str:
    n, y = ([int(v) for v in known[c].split(",")] for c in ("n", "y"))
    frame = pd.DataFrame({"LEVEL": range(1, len(n) + 1), "N": n, "Y": y, "OPEN": 0}).astype("Int64")
    names = ["RL", "RU", "ISO", "CL", "CU", "OVER", "ELIM", "MTD", "WHY"]
    found = derive_vars_dose_levels(
        frame, ["LEVEL"], "N", "Y", "OPEN", 0.30, 0.95, 3, float(known["min"]), 0.95, 0.18, 0.42, "N", *names,
        context=context(),
    )  # fmt: skip
    chosen = found.loc[found["MTD"] == "Y", "LEVEL"].tolist()
    assert bool(chosen) == found["WHY"].isna().all()
    return str(chosen[0]) if chosen else "none"


def yes_no(state: object) -> str:
    return "unknown" if pd.isna(state) else "Y" if state else "N"


def rule_met(known: dict[str, str]) -> str:
    found = compute_dlt_candidate(
        kind=one("ICANS", "str"),
        grade=one(None, "Int64"),
        grade_at_least=one(int(known["at_least"]), "Int64"),
        days_at_grade=one(1.0, "Float64"),
        last_day=one(5, "Int64"),
        ongoing=one(False, "boolean"),
        related=one(True, "boolean"),
        in_window=one(True, "boolean"),
        excluded=one(False, "boolean"),
        dlt_rules=[parse_dlt_rule(known["rule"])],
    )
    return yes_no(found["candidate"].iloc[0])


def onset(known: dict[str, str], question: str) -> str:
    dates = {name: one(text_of(known[name]), "str") for name in ("onset", "end", "infusion")}
    within = dlt_in_window(dates["onset"], dates["end"], dates["infusion"], 28)
    if "adjudicated" not in question:
        return yes_no(within.iloc[0])
    yes = one(True, "boolean")
    found = compute_dlt(candidate=one(None, "boolean"), adjudicated=yes, related=yes, in_window=within)
    return yes_no(found["dlt"].iloc[0])


def observed(known: dict[str, str]) -> str:
    """A sample is no source of contacts, so nothing asks for it."""
    people = pd.DataFrame({"USUBJID": ["1"], "INF": [known["infusion"]]}).astype("str")
    flags = set()
    for kind in ("visit", "event", "vital"):
        dates = [known[kind]] if known[kind] != "none" else []
        source = pd.DataFrame({"USUBJID": ["1"] * len(dates), "DTC": dates}).astype("str")
        found = derive_vars_contact(people, ["USUBJID"], source, ["DTC"], "INF", 28, "SEEN", "BY", context=context())
        flags.add(found["SEEN"].fillna("unknown").iloc[0])
    return next(answer for answer in ("Y", "unknown", "N") if answer in flags)


def evaluable(known: dict[str, str]) -> str:
    states = {name: one(YES_NO[value], "boolean") for name, value in known.items() if name != "policy"}
    left = states.pop("withdrew")
    found = compute_dlt_evaluable(
        infused=states["infused"],
        dlt=states["dlt"],
        dose_adequate=states["dose"],
        observed=states["observed"],
        off=left,
        left_before=left,
        lost=one(False, "boolean"),
        no_expansion=states["no_expansion"],
        unrelated=states["unrelated"],
        pending=states["pending"],
        over=one(True, "boolean"),
        dlt_early_policy=known["policy"],  # type: ignore[arg-type]
    )
    return str(found["flag"].fillna("unknown").iloc[0])


def sentinel(known: dict[str, str]) -> str:
    start = pd.Series([known["first"], known["second"]], dtype="str")
    end = pd.Series([known["first_end"], None], dtype="str")
    found = compute_sentinel_gap(start, end, pd.Series(["1", "1"], dtype="str"), 14).iloc[1]
    return f"{'unknown' if pd.isna(found['gap']) else found['gap']} {yes_no(found['kept'])}"


def before_review(known: dict[str, str]) -> str:
    doses = {"1": 3.0, "2": 4.5, "3": 6.0}
    held = [r.split(">") for r in known["reviews"].split()]
    days = day_number(pd.to_datetime(pd.Series([h[0] for h in held])))
    reviews_held = [HeldReview(int(day), doses[level]) for day, (_, level) in zip(days, held, strict=True)]
    first, last = possible_days(one(known["step"], "str"))
    step = (int(first.iloc[0]), int(last.iloc[0]))
    return yes_no(is_before_review(step, doses[known["level"]], None, reviews_held, 3.0))


ANSWERS = {
    "at_least": rule_met,
    "policy": evaluable,
    "first": sentinel,
    "ice": icans,
    "orientation": icans,
    "d1": crs,
    "reviews": reviews,
    "level": level_action,
    "n": lambda known: selected(known) if "min" in known else probability(known),
}


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_case(case: dict[str, str]) -> None:
    known = given(case["input"])
    if "step" in known:
        answer = before_review(known)
    elif "onset" in known:
        answer = onset(known, case["question"])
    elif "sample" in known:
        answer = observed(known)
    else:
        answer = ANSWERS[next(iter(known))](known)
    assert answer == case["answer"], case["reasoning"]
