"""PP from PC: worked profiles and values, written as samples with dates."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from datacut.engine.context import Context
from datacut.errors import Findings
from datacut.sdtm.derive_pk_parameters import derive_pk_parameters
from datacut.spec.units import Units

START = date(2026, 3, 2)
NAMES = ["CMAX", "TMAX", "TFIRST", "TLST", "CLST", "AUCLST", "AUCINT", "PERSIST", "LAMZ", "LAMZHL", "LAMZNPT", "R2ADJ"]
CODES = {name.lower(): name for name in NAMES}


def samples(profiles: dict[str, list[tuple[float, str]]], time: str = "") -> pd.DataFrame:
    """PC with one record for each (day, result)."""
    rows = [
        (name, f"{START + timedelta(int(day))}{time}", result)
        for name, profile in profiles.items()
        for day, result in profile
    ]
    frame = pd.DataFrame(rows, columns=["USUBJID", "PCDTC", "PCSTRESC"], dtype="str")
    return frame.assign(
        PCSTRESN=pd.to_numeric(frame["PCSTRESC"], errors="coerce").astype("Float64"),
        PCLLOQ=pd.Series(50, index=frame.index, dtype="Float64"),
        PCGRPID="G",
        PCTEST="Gene",
        PCSPEC="BLOOD",
        PCSTRESU="copies/ug",
        PCTPTREF="INFUSION",
        PCRFTDTC=f"{START}{time}",
        _rid=pd.Series(range(1, len(frame) + 1), dtype="Int64"),
    )


def parameters(
    frame: pd.DataFrame, intervals: list[float] | None = None, findings: Findings | None = None
) -> pd.DataFrame:
    """PP by subject, code and end of interval."""
    found = Findings() if findings is None else findings
    context = Context(
        "PP", "", findings=found, keys=("USUBJID",), units=Units(texts=({"value": "BLQ"},), below=("BLQ",))
    )
    rows = derive_pk_parameters(frame, 50, intervals or [28], CODES, context=context).rows
    rows["value"] = pd.to_numeric(rows["PPORRES"].str.removeprefix(">="))
    return rows.set_index(["USUBJID", rows["PPTESTCD"] + rows["PPENINT"].fillna("")])


RISE = [(0, "<50"), (7, "1000"), (14, "4000"), (21, "2000"), (28, "1000"), (42, "250")]
SHORT = [(0, "BLQ"), (7, "800"), (14, "200"), (21, "BLQ"), (28, "<50")]
GAP = [(0, "BLQ"), (7, "100"), (10, "BLQ"), (14, "400"), (28, "100")]
NONE = [(0, "BLQ"), (7, "BLQ")]
LATE = [(0, "BLQ"), (7, "1000"), (14, "2000"), (35, "250")]
PROFILES = {"1": RISE, "2": SHORT, "3": GAP, "4": NONE, "5": LATE}


@pytest.mark.parametrize(("subject", "cmax", "tmax", "tlst", "auclst", "auc28", "persist"), [
    ("1", 4000, 14, 42, 58870.74, 51296.60, 35),
    ("2", 800, 7, 14, 5829.66, 6529.66, 7),
    ("3", 400, 14, 28, 5129.66, 5129.66, 21),
    ("4", 0, None, None, 0, 0, None),
    ("5", 2000, 14, 35, 31673.01, 29148.30, 28),
])  # fmt: skip
@pytest.mark.parametrize("time", ["", "T10:30"])
def test_vectors(subject, cmax, tmax, tlst, auclst, auc28, persist, time) -> None:
    found = parameters(samples(PROFILES, time))["value"][subject]
    wanted = {"CMAX": cmax, "TMAX": tmax, "TLST": tlst, "AUCLST": auclst, "AUCINTP28D": auc28, "PERSIST": persist}
    for code, value in wanted.items():
        if value is None:
            assert pd.isna(found[code])
        else:
            assert found[code] == pytest.approx(value, abs=0.005)


def test_half_life_of_the_first_vector_and_its_units() -> None:
    found = parameters(samples({"1": RISE})).loc["1"]
    assert found.loc["LAMZHL", "value"] == pytest.approx(7.0)
    assert found.loc["LAMZNPT", "PPORRES"] == "3"
    assert found["PPORRESU"].fillna("").to_dict() == {
        "CMAX": "copies/ug", "CLST": "copies/ug", "TMAX": "day", "TFIRST": "day", "TLST": "day", "PERSIST": "day",
        "LAMZHL": "day", "AUCLST": "day*copies/ug", "AUCINTP28D": "day*copies/ug", "LAMZ": "/day", "LAMZNPT": "",
        "R2ADJ": "",
    }  # fmt: skip
    assert set(found["PPSTINT"].dropna()) == {"P0D"}


def test_each_missing_parameter_has_its_reason() -> None:
    found = parameters(samples({"2": SHORT, "4": NONE}))
    assert found.loc[("2", "LAMZHL"), "PPREASND"] == "fewer than 3 quantifiable samples after the peak"
    assert found.loc[("4", "TMAX"), "PPREASND"] == "no quantifiable sample"
    assert found.loc[found["PPORRES"].isna(), "PPREASND"].notna().all()
    assert found.loc[found["PPORRES"].notna(), "PPREASND"].isna().all()
    assert found.loc[found["PPORRES"].isna(), "PPORRESU"].isna().all()


def test_every_interval_is_a_record() -> None:
    found = parameters(samples({"1": RISE}), [28, 90]).loc["1"]
    assert found.loc["AUCINTP28D", "value"] == pytest.approx(51296.60, abs=0.005)
    assert found.loc["AUCINTP90D", "PPREASND"] == "last sample at 42 is quantifiable and before 90"
    assert len(found) == 13


def test_a_value_below_the_limit_of_its_own_assay_is_below_the_limit() -> None:
    frame = samples({"1": [(0, "BLQ"), (7, "90"), (14, "900")]})
    strict = frame.assign(PCLLOQ=pd.Series(100, index=frame.index, dtype="Float64"))
    assert parameters(frame).loc[("1", "TFIRST"), "value"] == 7
    assert parameters(strict).loc[("1", "TFIRST"), "value"] == 14
    unsaid = frame.assign(PCLLOQ=pd.Series(pd.NA, index=frame.index, dtype="Float64"))
    assert parameters(unsaid).loc[("1", "TFIRST"), "value"] == 7  # the limit of the call, 50


def test_time_is_by_the_clock_only_where_both_have_one() -> None:
    frame = samples({"1": [(0, "BLQ"), (7, "900")]}, "T12:00")
    half = frame.assign(PCDTC=["2026-03-02T08:00", "2026-03-09T18:00"])
    assert parameters(half).loc[("1", "TMAX"), "value"] == 7.25
    assert parameters(half.assign(PCRFTDTC="2026-03-02")).loc[("1", "TMAX"), "value"] == 7


def test_parents_are_the_samples_of_the_profile() -> None:
    made = derive_pk_parameters(
        samples({"2": RISE[:5], "4": RISE[:2]}), 50, [28], CODES, context=Context("PP", "", findings=Findings())
    )
    first, last = made.parents[made.parents["position"] == 0], made.parents[made.parents["position"] == 23]
    assert (first["parent"].tolist(), last["parent"].tolist()) == ([1, 2, 3, 4, 5], [6, 7])


def test_a_profile_that_contradicts_itself_is_a_finding_and_has_no_values() -> None:
    findings = Findings()
    found = parameters(samples({"1": [(7, "100"), (7, "200")], "2": SHORT}), findings=findings)
    assert [f.rule for f in findings] == ["sdtm.kinetics"]
    assert found.loc["1"]["PPORRES"].isna().all()
    assert found.loc["1"]["PPREASND"].str.contains("same time").all()
    assert found.loc[("2", "CMAX"), "value"] == 800


def test_no_samples_no_records() -> None:
    assert len(parameters(samples({}))) == 0


PEAK = [(0, "BLQ"), (7, "2000"), (14, ">1000000"), (21, "4000"), (28, "2000"), (35, "1000")]


def test_a_result_above_the_limit_bounds_peak_and_areas_and_alone_has_the_time_of_the_peak() -> None:
    found = parameters(samples({"1": PEAK})).loc["1"]
    assert found.loc["CMAX", "PPORRES"] == ">=1000000"
    assert found.loc["TMAX", "PPORRES"] == "14"
    assert found.loc["AUCINTP28D", "PPORRES"].startswith(">=")
    assert found.loc["LAMZHL", "value"] == pytest.approx(7)
    assert found.loc["PERSIST", "PPORRES"] == "28"


def test_two_results_above_the_limit_may_both_be_the_peak() -> None:
    found = parameters(samples({"1": sorted([*PEAK, (10, ">1000000")])})).loc["1"]
    assert found.loc["TMAX", "PPREASND"] == "peak above the limit of quantification, from 10 to 14"
    assert found.loc["LAMZHL", "PPREASND"] == "a sample above the limit of quantification may be in the fit"


def test_an_area_that_does_not_depend_on_the_result_above_the_limit_is_known() -> None:
    late = [*RISE[:5], (60, ">1000000")]
    found = parameters(samples({"1": late}), [28, 60]).loc["1"]
    assert found.loc["AUCINTP28D", "PPORRES"] == found.loc["AUCINTP28D", "PPORRES"].lstrip(">=")
    assert found.loc["AUCINTP28D", "value"] == pytest.approx(51296.60, abs=0.005)
    assert found.loc["AUCINTP60D", "PPORRES"].startswith(">=")
    assert found.loc["CLST", "PPORRES"] == ">=1000000"


def test_a_spoiled_sample_is_not_below_the_limit() -> None:
    gap = [(0, "BLQ"), (7, "100"), (10, "HEMOLYZED"), (14, "400"), (28, "100")]
    found = parameters(samples({"1": gap, "2": [(0, "BLQ"), (7, "HEMOLYZED"), (14, "8,000")]}))
    assert found.loc[("1", "AUCLST"), "value"] == pytest.approx(5129.66, abs=0.005)
    assert found.loc[("1", "CMAX"), "_NOTE"] == "left out for no result that can be read: 1"
    assert found.loc["2"]["PPORRES"].isna().all()
    assert found.loc[("2", "CMAX"), "PPREASND"] == "no sample after infusion"


@pytest.mark.parametrize("when", ["2026-03", "2026", None, "2026-02-30"])
def test_an_incomplete_date_costs_its_sample(when) -> None:
    findings = Findings()
    frame = samples({"1": [*RISE, (70, "300")]})
    frame.loc[6, "PCDTC"] = when
    found = parameters(frame, findings=findings).loc["1"]
    assert found.loc["AUCINTP28D", "value"] == pytest.approx(51296.60, abs=0.005)
    assert found.loc["TLST", "_NOTE"] == "left out for no complete date: 1"
    assert [(f.rule, f.value) for f in findings] == [("sdtm.kinetics", when or "")]


def test_each_infusion_has_a_profile() -> None:
    frame = samples({"1": [(7, "1000"), (28, "BLQ"), (66, "500"), (73, "BLQ")]})
    frame["PCRFTDTC"] = ["2026-03-02", "2026-03-02", "2026-04-30", "2026-04-30"]
    found = parameters(frame).reset_index(drop=True)
    peaks = found.loc[found["PPTESTCD"] == "CMAX", ["PPRFTDTC", "PPORRES"]]
    assert peaks.to_numpy().tolist() == [["2026-03-02", "1000"], ["2026-04-30", "500"]]


def test_the_settings_of_the_slope_and_the_area_reach_the_parameters() -> None:
    frame = samples({"1": [(7, "1000"), (10, "800"), (14, "400"), (21, "200")]})
    call = {"lloq": 50, "intervals": [28], "codes": CODES, "context": Context("PP", "", findings=Findings())}
    codes = lambda made: made.rows.set_index("PPTESTCD")  # noqa: E731
    assert codes(derive_pk_parameters(frame, **call))["PPORRES"].notna()["LAMZHL"]
    assert "fewer than 4" in codes(derive_pk_parameters(frame, lambda_min_points=4, **call)).loc["LAMZHL", "PPREASND"]
    strict = codes(derive_pk_parameters(frame, lambda_min_r2=0.9999999, **call)).loc["LAMZHL", "_NOTE"]
    assert "below 1" in strict
    assert pd.isna(codes(derive_pk_parameters(frame, **call)).loc["AUCINT", "PPORRES"])
    assert pd.notna(codes(derive_pk_parameters(frame, extrapolate="Y", **call)).loc["AUCINT", "PPORRES"])
