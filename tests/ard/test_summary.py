"""Summary statistics against hand-worked values."""

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.ard.build import BuiltResults
from datacut.ard.summary import decimals_of, summary_stats, within_scale

type Texts = Callable[..., dict[str, dict[str, str]]]


def test_rows_of_a_summary(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl}, "ard_summary(AGE, digits=0)")
    assert {label: row["Total"] for label, row in found.items()} == {
        "Row | n": "4",
        "Row | Mean (SD)": "45.8 (13.07)",  # 45.75 rounds away from zero; squares 512.75, over 3
        "Row | Median": "46.5",
        "Row | Q1; Q3": "35.5; 56.0",  # type 2: means of neighbours at 1 and 3 of 4
        "Row | Min; Max": "30; 60",
    }


def test_one_value_has_no_sd_and_none_prints_n_alone(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl}, "ard_summary(WEIGHT)")
    assert [row["low"] for row in found.values()] == ["2", "55.25 (6.718)", "55.25", "50.50; 60.00", "50.5; 60.0"]
    assert [row["high"] for row in found.values()] == ["0", "", "", "", ""]
    one = texts({"ADSL": adsl}, "ard_summary(AGE)")
    assert [row["high"] for row in one.values()] == ["1", "60.0 (-)", "60.0", "60.0; 60.0", "60; 60"]


def test_reasons_stand_beside_what_cannot_be_had(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    ard = results({"ADSL": adsl}, "ard_summary(AGE)").ard
    sd = ard[ard["stat_name"].eq("sd") & ard["column"].eq("high")].iloc[0]
    assert pd.isna(sd["stat"])
    assert sd["reason"] == "one value has no standard deviation"
    assert sd["formatted"] == " (-)"


def test_interval_of_the_mean_needs_five(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl}, 'ard_summary(AGE, pattern="S-CI")')
    assert found["Row | 95% CI"] == {"low": "-", "high": "-", "Total": "-"}
    # mean 52, SD 17.393, t(4) 2.7764: 52 -+ 21.596
    stats = summary_stats([30.0, 41.0, 52.0, 63.0, 74.0])
    assert [round(stats[name].value or 0, 2) for name in ("lower", "upper")] == [30.4, 73.6]
    assert summary_stats([30.0, 41.0, 52.0, 63.0])["lower"].value is None


def test_an_interval_is_cut_at_the_ends_of_its_scale_and_marked() -> None:
    stats = summary_stats([0.0, 0.0, 0.0, 1.0, 4.0])
    # mean 1, SD 1.732, t(4) 2.7764: 1 -+ 2.151
    cut = within_scale(stats, 0, 3)
    assert [(cut[n].value, cut[n].shown) for n in ("lower", "upper")] == [(0, "*"), (3, "*")]
    assert cut["mean"] == stats["mean"]
    assert within_scale(stats, -2, 4) == stats
    assert within_scale(stats, None, None) == stats


def test_full_precision_is_kept(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    ard = results({"ADSL": adsl}, "ard_summary(AGE)").ard
    assert float(ard[ard["stat_name"].eq("mean") & ard["column"].eq("Total")]["stat"].iloc[0]) == 45.75


def test_two_records_of_a_subject_are_reported(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    qs = pd.DataFrame({"USUBJID": ["1", "1"], "AVAL": [1.0, 2.0]})
    found = results({"ADSL": adsl, "ADQS": qs}, "ard_summary(AVAL)", dataset="ADQS").findings
    assert {f.rule for f in found} == {"ard.repeated"}


def test_collected_decimals() -> None:
    assert decimals_of(pd.Series([1.0, 2.125, None])) == 3
    assert decimals_of(pd.Series([0.1 + 0.2])) == 1
    assert decimals_of(pd.Series([], dtype="Float64")) == 0


def test_quartiles_of_five() -> None:
    stats = summary_stats([1, 2, 3, 4, 100])
    assert (stats["q1"].value, stats["median"].value, stats["q3"].value) == (2.0, 3.0, 4.0)
    assert stats["se"].value == pytest.approx(19.5064, abs=1e-4)


def test_visits_down_the_page(texts: Texts, adsl: pd.DataFrame) -> None:
    qs = pd.DataFrame(
        {
            "USUBJID": ["1", "2", "1"],
            "AVISIT": ["Baseline", "Baseline", "Week 1"],
            "AVAL": [4.0, 8.0, 2.0],
            "CHG": [None, None, -2.0],
        }
    )
    found = texts(
        {"ADSL": adsl, "ADQS": qs}, dataset="ADQS", subcolumns={"obs": "Observed", "chg": "Change"},
        analyses=[
            {"id": "obs", "column": "obs", "by": {"variable": "AVISIT", "window": "w"}, "call": "ard_summary(AVAL)"},
            {"id": "chg", "column": "chg", "by": {"variable": "AVISIT", "window": "w", "omit": ["Baseline"]},
             "call": "ard_summary(CHG)"},
            {"id": "low", "column": "obs", "by": {"variable": "AVISIT", "window": "w"}, "label": "Score 2 or less",
             "call": 'ard_count_subjects("AVAL LE 2", base="AVAL NOT MISSING", pattern="S-NM")'},
        ],
    )  # fmt: skip
    assert found["Baseline | Mean (SD)"] == {"low/obs": "6.0 (2.83)", "high/obs": "", "Total/obs": "6.0 (2.83)"}
    assert found["Week 1 | Mean (SD)"]["Total/chg"] == "-2.0 (-)"
    assert found["Week 2 | n"]["Total/obs"] == "0"
    assert found["Week 2 | n"]["Total/chg"] == "0"


def test_statistics_across(results: Callable[..., BuiltResults], adsl: pd.DataFrame) -> None:
    built = results({"ADSL": adsl}, columns="STAT", analyses=[{"call": "ard_summary(AGE)", "label": "Age"}])
    body = built.ard[built.ard["row"].gt(0) & built.ard["method"].ne("label")]
    assert list(dict.fromkeys(body["column"])) == ["n", "Mean (SD)", "Median", "Q1; Q3", "Min; Max"]
    labels = built.ard[built.ard["stat_name"].eq("row_label")]["stat_text"]
    assert list(labels) == ["Dose low (N=3)", "Dose low (N=3) | Age", "Dose high (N=1)", "Dose high (N=1) | Age"]


def test_decimals_of_the_parameter(texts: Texts, adsl: pd.DataFrame) -> None:
    frame = pd.DataFrame({"USUBJID": ["1", "2"], "AVAL": [5.0, 5.357142], "DP": [1, 1]})
    found = texts({"ADSL": adsl, "ADLB": frame}, "ard_summary(AVAL, decimals=DP)", dataset="ADLB")
    assert found["Row | Mean (SD)"]["low"] == "5.18 (0.253)"
    assert found["Row | Min; Max"]["low"] == "5.0; 5.4"
