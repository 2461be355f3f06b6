"""The cases of partial dates, asked of the verbs that the specs call."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from tests.cases import read_cases

from datacut.adam.derive_date_bounds import derive_vars_dt_bounds
from datacut.adam.derive_dates import derive_var_extreme_date
from datacut.adam.derive_duration import derive_var_days_between
from datacut.compute.date_extremes import within_cut
from datacut.compute.dates import is_iso_partial, possible_days
from datacut.engine.context import Context
from datacut.errors import Findings
from datacut.sdtm.assign_datetime import assign_datetime
from datacut.sdtm.derive_records import derive_age, derive_extreme_dtc
from datacut.sdtm.derive_timing import derive_study_day

type Known = dict[str, str]


def _context() -> Context:
    return Context("XX", "NEW", findings=Findings())


def _texts(*values: str) -> pd.Series:
    return pd.Series([None if v in ("unknown", "none") else v for v in values], dtype="str")


def _days(values: pd.Series) -> list[str]:
    return ["open" if pd.isna(v) else f"{v:%Y-%m-%d}" for v in values]


def _whole(value: object) -> str:
    return "missing" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _is_valid(known: Known) -> str:
    return "yes" if is_iso_partial(_texts(known["text"]))[0] else "no"


def _as_dtc(known: Known) -> str:
    return str(assign_datetime(pd.DataFrame({"D": _texts(known["text"])}), "D", _context(), formats=["d-mmm-y"])[0])


def _possible(known: Known) -> str:
    low, high = possible_days(_texts(known["text"]))
    return f"{_days(low)[0]}..{_days(high)[0]}"


def _age(known: Known) -> str:
    frame = pd.DataFrame(
        {"B": _texts(known["birth"]), "C": _texts(known["consent"]), "A": _texts(known.get("collected", "none"))}
    )
    return _whole(derive_age(frame, "B", "C", "AGE", _context(), collected="A")["AGE"][0])


def _bounds(known: Known, event: str, before: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"DTC": _texts(known[event])})
    for name in ("contact", "infusion", "cut"):
        frame[name] = pd.to_datetime(_texts(known[name])).astype("datetime64[s]")
    return derive_vars_dt_bounds(frame, "DTC", "LOW", "HIGH", not_before=before, not_after=["cut"], context=_context())


def _death(known: Known) -> str:
    made = _bounds(known, "death", ["contact"])
    return f"{_days(made['LOW'])[0]}..{_days(made['HIGH'])[0]}"


def _end(known: Known) -> str:
    made = _bounds(known, "end", ["contact", "infusion"])
    return f"{_days(made['LOW'])[0]}..{_days(made['HIGH'])[0]}"


def _followup(known: Known) -> str:
    made = derive_var_extreme_date(_bounds(known, "death", ["contact"]), ["LOW", "cut"], "END", mode="first")
    return _whole(derive_var_days_between(made, "infusion", "END", "DAYS")["DAYS"][0])


def _period(known: Known) -> str:
    made = _bounds(known, "death", ["contact"])
    days = [int((made[side] - made["infusion"]).dt.days[0]) for side in ("LOW", "HIGH")]
    periods = {"Day 0-28" if day <= 28 else "Day 29-180" if day <= 180 else "After day 180" for day in days}
    return periods.pop() if len(periods) == 1 else "missing"


def _extreme(known: Known, mode: str) -> str:
    dates = _texts(*known["dates"].split(", "))
    source = pd.DataFrame({"USUBJID": "01", "DTC": dates})
    subject = pd.DataFrame({"USUBJID": ["01"]}, dtype="str")
    return str(derive_extreme_dtc(subject, source, "DTC", mode, "_D", _context())["_D"][0])


def _last(known: Known) -> str:
    return _extreme(known, "last")


def _first(known: Known) -> str:
    return _extreme(known, "first")


def _study_day(known: Known) -> str:
    frame = pd.DataFrame({"USUBJID": ["01"], "DTC": _texts(known["date"])})
    dm = pd.DataFrame({"USUBJID": ["01"], "RFSTDTC": _texts(known["reference"])})
    return _whole(derive_study_day(frame, "DTC", "DY", dm, "RFSTDTC")["DY"][0])


def _kept(known: Known) -> str:
    return "kept" if within_cut(_texts(known["start"]), known["cut"], known["partial"])[0] else "left out"


QUESTIONS: dict[str, Callable[[Known], str]] = {
    "Is the text a date": _is_valid,
    "Which --DTC is made": _as_dtc,
    "Which days are possible": _possible,
    "How many completed years": _age,
    "On which days can the participant have died": _death,
    "On which days can the study have ended": _end,
    "Which is the last": _last,
    "Which is the first": _first,
    "Which study day": _study_day,
    "Is the row kept": _kept,
    "How many days of follow-up": _followup,
    "In which period after the infusion": _period,
}


@pytest.mark.parametrize("case", read_cases("dates"), ids=lambda case: case["id"])
def test_case(case: dict[str, str]) -> None:
    known = dict(part.split("=", 1) for part in case["input"].split("; "))
    ask = next(function for start, function in QUESTIONS.items() if case["question"].startswith(start))
    assert ask(known) == case["answer"], case["reasoning"]
