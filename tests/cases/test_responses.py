"""Responses of which a part is not known, against cases worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.cases import read_cases

from datacut.adam.derive_assessments import derive_vars_assessment
from datacut.adam.derive_windows import derive_var_closest_flag
from datacut.compute.between import Between, known_between
from datacut.compute.estimands import Strategies, apply_strategies
from datacut.compute.sle.bilag import BILAG_SYSTEMS, compute_bilag_stable
from datacut.compute.sle.flare import compute_flare
from datacut.compute.sle.lldas import LOW, compute_lldas, compute_no_new_feature
from datacut.compute.sle.pga import compute_pga_worsening
from datacut.compute.sle.sledai import CLINICAL_ITEMS, SLEDAI_ITEMS, compute_sledai_between
from datacut.compute.sle.sri import FALL, compute_sri4
from datacut.engine.context import Context
from datacut.errors import Findings

CASES = read_cases("responses")
ALL_EVENTS = ("death", "other_therapy", "more_glucocorticoid", "left")


def words(value: object) -> str:
    return "unknown" if pd.isna(value) else {True: "Y", False: "N"}.get(value, str(value))  # type: ignore[call-overload]


def number(value: str | None) -> pd.Series:
    return pd.Series([None if value in (None, "?") else float(value)], dtype="Float64")  # type: ignore[arg-type]


def state(value: str) -> pd.Series:
    return pd.Series([{"Y": True, "N": False}.get(value)], dtype="boolean")


def given(case: dict[str, str]) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in case["input"].split(";"))


def items(given: dict[str, str], name: str) -> pd.DataFrame:
    present, lost = (given.get(key, "").split(",") for key in (name, f"{name}_not_done"))
    row = {key: None if key in lost else int(key in present) for key in SLEDAI_ITEMS}
    assert set(present) | set(lost) <= {*SLEDAI_ITEMS, ""}
    return pd.DataFrame([row], dtype="Int64")


def grades(given: dict[str, str], place: int) -> pd.DataFrame:
    row = {system: given.get(system, "E>E").split(">")[place] for system in BILAG_SYSTEMS}
    return pd.DataFrame([{s: None if g == "?" else g for s, g in row.items()}], dtype="str")


def sri_fall(given: dict[str, str]) -> str:
    found = compute_sri4(
        sledai_baseline=compute_sledai_between(items(given, "baseline")),
        sledai=compute_sledai_between(items(given, "visit")),
        bilag_baseline=grades({}, 0),
        bilag=grades({}, 1),
        pga_baseline=number("1"),
        pga=number("1"),
    )
    return words(found[FALL].iloc[0])


def sri_bilag(given: dict[str, str]) -> str:
    return words(compute_bilag_stable(grades(given, 0), grades(given, 1)).iloc[0])


def sri_pga(given: dict[str, str]) -> str:
    before, now = given["pga"].split(">")
    return words((~compute_pga_worsening(number(before), number(now))).iloc[0])


def doris_quiet(given: dict[str, str]) -> str:
    return words(compute_sledai_between(items(given, "visit"), CLINICAL_ITEMS).at_most(0).iloc[0])


def lldas_low(given: dict[str, str]) -> str:
    found = compute_lldas(
        items=items(given, "visit"),
        previous=items(given, "visit"),
        haemolysis_or_gi=state("N"),
        pga=number("0"),
        prednisone=known_between(number("0")),
        maintenance=state("Y"),
    )
    return words(found[LOW].iloc[0])


def lldas_new(given: dict[str, str]) -> str:
    return words(compute_no_new_feature(items(given, "visit"), items(given, "previous")).iloc[0])


def flare(given: dict[str, str]) -> str:
    low, _, high = given.get("sledai", "4..4").partition("..")
    found = compute_flare(
        sledai_previous=known_between(number("4")),
        sledai=Between(number(low), number(high)),
        pga_previous=number("1.0"),
        pga=number(given.get("pga", "1.0")),
        prednisone_previous=known_between(number("5")),
        prednisone=known_between(number("5")),
        weight=number("60"),
        mild_signs=state(given.get("mild_signs", "N")),
        severe_signs=state(given.get("severe_signs", "N")),
        mild_treatment=state("N"),
        severe_treatment=state("N"),
    ).iloc[0]
    return f"flare {words(found['flared'])}; severity {words(found['severity'])}"


def assessment(given: dict[str, str]) -> str:
    parts = {name: pd.Timestamp(day) for name, day in given.items() if name != "target"}
    frame = pd.DataFrame({"USUBJID": "01", "PARAMCD": list(parts), "ADT": list(parts.values()), "AVAL": 1.0, "SEQ": 1})
    frame = frame.assign(BLREFDT=pd.Timestamp("2026-01-01")).astype({"ADT": "datetime64[s]"})
    context = Context("ADXX", "NO", findings=Findings())
    frame = derive_vars_assessment(
        frame, ["USUBJID"], "ADT", 3, "NO", "USED", ["AVAL"], ["SEQ"], "BLREFDT", "SEQ", context=context
    )
    ends = frame.groupby("NO")["ADT"].max().reset_index().assign(USUBJID="01", TARGET=0)
    ends["DAY"] = (ends["ADT"] - pd.Timestamp(given["target"])).dt.days
    # study days have no day 0: the target is far from it here
    ends["DAY"], ends["TARGET"] = ends["DAY"] + 100, ends["TARGET"] + 100
    judged = derive_var_closest_flag(ends, ["USUBJID"], "DAY", "TARGET", "JUDGED", context=context)
    chosen = judged.loc[judged["JUDGED"].eq("Y")].iloc[0]
    own = sorted(frame.loc[frame["NO"].eq(chosen["NO"]), "PARAMCD"])
    return f"{','.join(own)}; {chosen['ADT']:%Y-%m-%d}"


def views(given: dict[str, str], strategies: dict[str, Strategies]) -> str:
    assessed = pd.Series([given["assessed"] == "Y"])
    events = {name: state(given.get(name, "N")) for name in ALL_EVENTS}
    out = []
    for name, strategy in strategies.items():
        made = apply_strategies(state(given.get("state", "?")), assessed, events, strategy, gone=("death", "left"))
        result = words(made["result"].iloc[0])
        evaluable = name != "observed" or given["assessed"] == "Y"
        out.append(f"{name} {result if evaluable or result != 'unknown' else 'not evaluable'}")
    return "; ".join(out)


def strategies(therapy: str, ending: str, gap: str) -> Strategies:
    events = dict(zip(ALL_EVENTS, (ending, therapy, therapy, ending), strict=True))
    return Strategies(events, gap, gap)


C, P, NE = "composite", "treatment policy", "not evaluable"
SRI4 = {"observed": strategies(C, C, NE), "nri": strategies(C, C, C), "policy": strategies(P, C, C)}
LLDAS = {"observed": strategies(P, P, NE), "nri": strategies(C, C, C), "policy": strategies(P, C, C)}
FREE = {"observed": strategies(P, P, NE), "nri": strategies(P, C, C)}
QUESTIONS = {
    "SRI-4 criterion 1": sri_fall,
    "SRI-4 criterion 2": sri_bilag,
    "SRI-4 criterion 3": sri_pga,
    "DORIS criterion 1": doris_quiet,
    "LLDAS criterion 1": lldas_low,
    "LLDAS criterion 2": lldas_new,
    "SELENA flare": flare,
    "Which parts": assessment,
    "SRI-4 at the visit": lambda case: views(case, SRI4),
    "LLDAS at the visit": lambda case: views(case, LLDAS),
    "Free of all": lambda case: views(case, FREE),
}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, str]) -> None:
    ask = next(function for start, function in QUESTIONS.items() if case["question"].startswith(start))
    assert ask(given(case)) == case["answer"], case["reasoning"]
