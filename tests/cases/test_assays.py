"""Assay results that are partly known: each case asked of the verbs that read, standardise, integrate and summarise."""

import math
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from tests.adam.test_study_specs import build, infused, left
from tests.cases import read_cases

from datacut.adam.derive_change import derive_var_anrind
from datacut.adam.derive_params import derive_param_computed
from datacut.ard.geometric import geometric_stats
from datacut.ard.summary import summary_stats
from datacut.compute.result_text import read_result
from datacut.compute.statistics import geometric_mean
from datacut.engine.context import RID, Context
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.raw.cells import cell_text
from datacut.sdtm.derive_pk_parameters import derive_pk_parameters
from datacut.sdtm.derive_standard import derive_nrind, derive_vars_standard
from datacut.sdtm.derive_timing import derive_last_start
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs
from datacut.spec.units import Units

CASES = {case["id"]: case for case in read_cases("assays")}
ROOT = Path(__file__).parents[2]
START = date(2026, 2, 1)
CODES = {name.lower(): name for name in ("CMAX", "TMAX", "LAMZHL", "AUCLST", "AUCINT")}
EXPANSION = ["A19", "A20", "A21", "A22"]
UNITS = Units.model_validate(
    {
        "texts": [{"value": "BLQ", "collected": ["BLOQ"]}],
        "below": ["BLQ"],
        "tests": {"GENE": {"standard": "copies/ug"}, "HGB": {"standard": "g/L", "digits": "1"}},
    }
)


def given(case: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in CASES[case]["input"].split("; "))


def context(findings: Findings | None = None) -> Context:
    return Context("PC", "", findings=findings if findings is not None else Findings(), units=UNITS)


def samples(known: dict[str, str]) -> pd.DataFrame:
    """PC of one subject from `day7=1000; day14=<50; dayUNK=...`, standardised as the spec of PC does it."""
    taken = [(name.removeprefix("day"), result) for name, result in known.items() if name.startswith("day")]
    frame = pd.DataFrame(taken, columns=["day", "PCORRES"], dtype="str")
    frame["PCDTC"] = [None if day == "UNK" else f"{START + timedelta(int(day))}" for day in frame["day"]]
    return standard(frame, known["lloq"]).assign(PCRFTDTC=f"{START}")


def standard(frame: pd.DataFrame, lloq: str, findings: Findings | None = None) -> pd.DataFrame:
    frame = frame.astype("str").assign(
        USUBJID="1", PCTESTCD="GENE", PCORRESU="copies/ug", PCLLOQ=pd.Series(float(lloq), frame.index, dtype="Float64")
    )
    frame = frame.assign(PCGRPID="GENE", PCTEST="Gene", PCSPEC="BLOOD", PCTPTREF="INFUSION")
    frame["_rid"] = pd.Series(range(1, len(frame) + 1), dtype="Int64")
    return derive_vars_standard(
        frame,
        "PCTESTCD",
        "PCORRES",
        "PCORRESU",
        "PCSTRESN",
        "PCSTRESC",
        context(findings),
        stresu="PCSTRESU",
        lloq="PCLLOQ",
    )


def parameters(frame: pd.DataFrame) -> pd.DataFrame:
    return derive_pk_parameters(frame, 50, [28], CODES, context=context()).rows.set_index("PPTESTCD")


@pytest.mark.parametrize("case", ["A01", "A08", "A09", "A10"])
def test_peak(case: str) -> None:
    found = parameters(samples(given(case))).loc["CMAX", "PPORRES"]
    assert ("missing" if pd.isna(found) else found) == CASES[case]["answer"]


def test_time_of_a_peak_above_the_limit() -> None:
    found = parameters(samples(given("A02"))).loc["TMAX"]
    assert pd.isna(found["PPORRES"])
    assert found["PPREASND"].endswith("from 10 to 14") and "10 to 14" in CASES["A02"]["answer"]


@pytest.mark.parametrize("case", ["A03", "A04", "A11"])
def test_half_life(case: str) -> None:
    found = parameters(samples(given(case))).loc["LAMZHL", "PPORRES"]
    if CASES[case]["answer"] == "missing":
        assert pd.isna(found)
    else:
        assert float(found) == pytest.approx(float(CASES[case]["answer"]))


@pytest.mark.parametrize(("case", "code"), [("A05", "AUCINT"), ("A06", "AUCINT"), ("A07", "AUCLST")])
def test_area(case: str, code: str) -> None:
    found = parameters(samples(given(case))).loc[code, "PPORRES"]
    wanted = CASES[case]["answer"]
    assert found.startswith(">=") is wanted.startswith("lower bound")
    assert float(found.removeprefix(">=")) == pytest.approx(float(wanted.removeprefix("lower bound ")), abs=0.005)


def test_a_comma_and_other_words_are_told() -> None:
    findings = Findings()
    standard(pd.DataFrame({"PCORRES": ["8,000", "HEMOLYZED", "BLQ", ">1000000"]}), "50", findings)
    assert [(f.rule, f.value) for f in findings] == [("sdtm.result", "HEMOLYZED"), ("sdtm.result", "8,000")]


def test_words_and_bounds_at_one_limit() -> None:
    known = given("A12")
    found = standard(pd.DataFrame({"PCORRES": known["results"].split(",")}), known["lloq"])
    assert ",".join(found["PCSTRESC"]) == CASES["A12"]["answer"]
    assert found["PCSTRESN"].isna().all()


@pytest.fixture(scope="module")
def analysed() -> dict[str, pd.DataFrame]:
    """ADaM of one participant for each case of expansion and one with the results of A13, who all left on day 16."""
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    people = {case: samples(given(case)) for case in EXPANSION}
    results = given("A13")["results"].split(",")
    people["A13"] = samples({"lloq": "50"} | {f"day{n}": result for n, result in enumerate(results, 1)})
    wanted = ["PCSTRESC", "PCSTRESN", "PCLLOQ", "PCDTC"]
    records = {
        name: infused(
            only_SV=[],
            only_PC=[
                {"PCSEQ": n, "PCTESTCD": "CTGENE"} | {c: row[c] for c in wanted}
                for n, row in enumerate(frame.astype(object).where(frame.notna(), None).to_dict("records"), 1)
            ],
            DS=[left("2026-02-17", "WITHDRAWAL BY SUBJECT")],
        )
        for name, frame in people.items()
    }
    return build((specs, registry, bind_specs(specs, registry)), records)


def test_what_is_below_the_limit(analysed) -> None:
    found = analysed["ADPC"].loc[lambda frame: frame["USUBJID"] == "A13"].sort_values("PCSEQ")
    assert ",".join(found["BLQFL"].fillna("N")) == CASES["A13"]["answer"]
    assert found["ALQFL"].fillna("N").tolist() == ["Y", "N", "N", "N", "N"]
    assert found["AVAL"].fillna(-1).tolist() == [1000000, -1, 25, 25, 60]
    assert found["AVALRSN"].notna().tolist() == [False, True, False, False, False]


@pytest.mark.parametrize("case", EXPANSION)
def test_expansion(case: str, analysed) -> None:
    """Only a participant whose cells surely did not expand may complete the window early."""
    reasons = analysed["ADSL"].set_index("USUBJID")["DLTEVLRS"]
    assert (reasons[case] == "EARLY COMPLETION") is (CASES[case]["answer"] == "N")


def test_each_infusion_starts_a_profile() -> None:
    known = given("A14")
    frame = pd.DataFrame([s.split(":") for s in known["samples"].split(",")], columns=["PCDTC", "PCORRES"])
    found = parameters(referenced(standard(frame, known["lloq"]), known["infusions"].split(",")))
    assert ",".join(found.loc["CMAX", "PPORRES"]) == CASES["A14"]["answer"]


def referenced(frame: pd.DataFrame, infusions: list[str]) -> pd.DataFrame:
    events = pd.DataFrame({"USUBJID": "1", "EXSTDTC": infusions}, dtype="str")
    return derive_last_start(frame, "PCDTC", events, "EXSTDTC", "PCRFTDTC", "_NO", context())


def test_an_offset_is_no_exception() -> None:
    known = given("A15")
    frame = pd.DataFrame([s.rsplit(":", 1) for s in known["samples"].split(",")], columns=["PCDTC", "PCORRES"])
    found = parameters(standard(frame, known["lloq"]).assign(PCRFTDTC=known["reference"]))
    assert found.loc["TMAX", "PPORRES"] == CASES["A15"]["answer"]


@pytest.mark.parametrize("case", ["A16", "A17", "A18"])
def test_summaries_with_bounds(case: str) -> None:
    values = given(case)["values"].split(",")
    bounds = [float(v.removeprefix(">=")) for v in values if v.startswith(">=")]
    stats = summary_stats([float(v) for v in values if not v.startswith(">=")], bounds=bounds)
    median, mean = stats["median"], stats["mean"].value
    found = f"{median.sign}{median.value:g},{stats['bounds'].value:g},{'missing' if mean is None else mean}"
    assert found == CASES[case]["answer"]


def test_a_participant_without_a_quantifiable_sample() -> None:
    known = given("A23")
    values = [float(v) for v in known["values"].split(",")]
    measured = [v for v, q in zip(values, known["quantifiable"].split(","), strict=True) if q == "Y"]
    found = (geometric_stats(values, len(values))["gmean"].shown, len(measured), round(geometric_mean(measured)))
    assert ",".join(map(str, found)) == CASES["A23"]["answer"]


@pytest.mark.parametrize("case", ["A24", "A25"])
def test_binary_dust_is_in_no_range(case: str) -> None:
    known = {name: [float(v)] for name, v in given(case).items()}
    frame = pd.DataFrame({"AVAL": known["value"], "ANRLO": known["low"], "ANRHI": known["high"]}, dtype="Float64")
    assert derive_var_anrind(frame, "X", context=context())["X"].tolist() == [CASES[case]["answer"]]
    assert derive_nrind(frame, "AVAL", "ANRLO", "ANRHI", "X")["X"].tolist() == [CASES[case]["answer"]]


@pytest.mark.parametrize("case", ["A26", "A27", "A28"])
def test_numbers_as_their_author_saw_them(case: str) -> None:
    cell = given(case)["cell"]
    assert cell_text(float(cell), None) == CASES[case]["answer"]
    assert read_result(cell).number == CASES[case]["answer"]


def test_both_standard_results_are_rounded_alike() -> None:
    frame = pd.DataFrame({"T": ["HGB"], "R": [given("A29")["result"]], "U": ["g/L"]}, dtype="str")
    out = derive_vars_standard(frame, "T", "R", "U", "N", "C", context())
    assert f"{out['C'].iloc[0]},{out['N'].iloc[0]}" == CASES["A29"]["answer"]
    assert not math.isnan(out["N"].iloc[0])


@pytest.mark.parametrize("case", ["A30", "A31"])
def test_a_mean_arterial_pressure_is_a_record_only_where_both_pressures_are_known(case):
    known = given(case)
    frame = pd.DataFrame(
        {
            "USUBJID": pd.Series(["1"] * len(known), dtype="str"),
            "PARAMCD": pd.Series(list(known), dtype="str"),
            "AVAL": pd.Series([float(v) for v in known.values()], dtype="Float64"),
            RID: pd.Series(range(1, len(known) + 1), dtype="Int64"),
        }
    )
    parts = {"systolic": "SYSBP", "diastolic": "DIABP"}
    made = derive_param_computed(
        frame, ["USUBJID"], parts, lambda p: p["diastolic"] + (p["systolic"] - p["diastolic"]) / 3, context=context()
    )
    answers = {"A30": [], "A31": [float(CASES["A31"]["answer"])]}
    assert made.rows["AVAL"].tolist() == answers[case]
    assert CASES["A30"]["answer"] == "0"
    assert len(made.parents) == 2 * len(made.rows)
