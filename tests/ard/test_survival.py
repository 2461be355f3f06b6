"""Time to an event on a handful of subjects, worked by hand."""

from collections.abc import Callable

import pandas as pd

from datacut.ard.build import BuiltResults

type Texts = Callable[..., dict[str, dict[str, str]]]


def times(*rows: tuple[str, float, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["USUBJID", "AVAL", "CNSR"])
    return frame.astype({"USUBJID": "str", "AVAL": "Float64", "CNSR": "Int64"})


def test_events_and_quantiles(texts: Texts, adsl: pd.DataFrame) -> None:
    # low: 10 event, 20 censored, 30 event: survival 2/3, 2/3, 0
    found = texts(
        {"ADSL": adsl, "ADTTE": times(("1", 10, 0), ("2", 20, 1), ("3", 30, 0))}, "ard_survival()", dataset="ADTTE"
    )
    assert found["Row | Events, n (%)"]["low"] == "2 (66.7%)"
    assert found["Row | Censored, n (%)"]["low"] == "1 (33.3%)"
    assert found["Row | Median (95% CI)"]["low"].startswith("30 (")
    assert found["Row | 25th percentile"]["low"] == "10"
    assert found["Row | 75th percentile"]["low"] == "30"


def test_nobody_at_risk_and_no_event(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl, "ADTTE": times(("1", 10, 1), ("2", 20, 1))}, "ard_survival()", dataset="ADTTE")
    assert found["Row | Events, n (%)"] == {"low": "0", "high": "0", "Total": "0"}
    assert found["Row | Censored, n (%)"] == {"low": "2 (100%)", "high": "0", "Total": "2 (100%)"}
    assert found["Row | Median (95% CI)"] == {"low": "NE", "high": "NE", "Total": "NE"}


def test_rates_at_times(texts: Texts, adsl: pd.DataFrame) -> None:
    frames = {"ADSL": adsl, "ADTTE": times(("1", 10, 0), ("2", 20, 1), ("3", 30, 1))}
    call = 'ard_survival_at(times={"5": "Day 5", "10": "Day 10", "40": "Day 40"})'
    found = texts(frames, call, dataset="ADTTE")
    assert found["Row | Day 5 | At risk"]["low"] == "3"
    assert found["Row | Day 5 | Rate (95% CI)"]["low"] == "100% (NE, NE)"
    assert found["Row | Day 10 | At risk"]["low"] == "3"
    assert found["Row | Day 10 | Rate (95% CI)"]["low"].startswith("66.7% (")
    assert found["Row | Day 40 | At risk"]["low"] == "0"
    assert found["Row | Day 40 | Rate (95% CI)"]["low"] == "NE"
    turned = texts(frames, 'ard_survival_at(times={"10": "Day 10"}, incidence=true)', dataset="ADTTE")
    assert turned["Row | Day 10 | Rate (95% CI)"]["low"].startswith("33.3% (")


def test_a_subject_with_two_times_is_told(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    made = results({"ADSL": adsl, "ADTTE": times(("1", 10, 0), ("1", 20, 1))}, "ard_survival()", dataset="ADTTE")
    assert [f.value for f in made.findings] == ["1"]


def test_the_curve_has_a_step_for_every_time(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    frames = {"ADSL": adsl, "ADTTE": times(("1", 10, 0), ("2", 20.5, 1), ("3", 30, 0))}
    ard = results(frames, "ard_survival_curve()", dataset="ADTTE").ard
    steps = ard[ard["column"].eq("low") & ard["row"].gt(0) & ard["method"].ne("label")]
    wide = steps.pivot_table(index="group2_level", columns="stat_name", values="stat", sort=False, dropna=False)
    assert list(wide.index) == ["10", "20.5", "30"]
    assert wide["at_risk"].tolist() == [3, 2, 1]
    assert wide["cases"].tolist() == [1, 0, 1]
    assert wide["censored"].tolist() == [0, 1, 0]
    assert wide["rate"].round(1).tolist() == [66.7, 66.7, 0.0]
