"""Sections 14.3.4 to 14.3.6, 14.4 and their listings on four subjects, two at the lowest and two at the highest dose.

Counted and computed by hand.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from datacut.ard.build import BuiltResults, build_ard
from datacut.datasets.ard import file_frame
from datacut.pipeline.verbs import make_registry
from datacut.spec.load import Specs, load_specs
from datacut.spec.registry import Registry
from datacut.tlf.build import build_output

ROOT = Path(__file__).parents[3]
LOW, HIGH = "3.0 x 10^8 cells", "6.0 x 10^8 cells"

type Texts = dict[str, str]


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(ROOT)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry(ROOT)


def table(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split())
    dates = [c for c in frame.columns if c.endswith(("DT", "DTM"))]
    texts = [c for c in frame.columns if frame[c].dropna().map(type).eq(str).all() and c not in dates]
    return frame.astype(dict.fromkeys(dates, "datetime64[s]") | dict.fromkeys(texts, "str"))


def adsl() -> pd.DataFrame:
    rows = [("1", LOW, 1), ("2", LOW, 1), ("3", HIGH, 3), ("4", HIGH, 3)]
    frame = table("USUBJID TRT01A TRT01AN", *rows)
    return frame.assign(
        SUBJID=[f"10{s}" for s in frame["USUBJID"]],
        TRT01P=frame["TRT01A"],
        TRT01PN=frame["TRT01AN"],
        **dict.fromkeys(("SAFFL", "CKFL", "PDFL"), "Y"),
        COHORT="ESC",
    )


def _without_bounds(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with no result above its limit, where it does not say."""
    return frame if "ALQFL" in frame else frame.assign(ALQFL=pd.Series(None, index=frame.index, dtype="str"))


@pytest.fixture
def built(specs: Specs, registry: Registry) -> Callable[..., BuiltResults]:
    def build(output: str, **frames: pd.DataFrame) -> BuiltResults:
        data = {"ADSL": adsl(), **{name: _without_bounds(frame) for name, frame in frames.items()}}
        return build_ard(specs.outputs[output], specs.library, specs.study, data, registry, specs.codelists)

    return build


@pytest.fixture
def cells(built: Callable[..., BuiltResults]) -> Callable[..., Texts]:
    """The cells of one column by row; the last column that ends so."""

    def texts(output: str, column: str = "Total", **frames: pd.DataFrame) -> Texts:
        ard = file_frame(built(output, **frames).ard)
        body = ard[ard["row"].gt(0)]
        labels = body[body["method"].eq("label")].set_index("row")["stat_text"]
        mine = body[body["column"].str.endswith(column, na=False) & body["method"].ne("label")]
        return {labels[row]: "".join(part["formatted"]) for row, part in mine.groupby("row", sort=False)}

    return texts


LAB = "USUBJID PARAMCD PARAM PARAMN PARCAT1 AVISIT AVISITN AVAL AVALC AVALDP BLQFL CHG ANL01FL"


def visit(subject: str, code: str, name: str, at: str, value: float | str | None, **more: object) -> tuple[object, ...]:
    """One analysed value of a parameter at a visit; a text is a result in words."""
    values: dict[str, object] = dict.fromkeys(LAB.split()) | {
        "USUBJID": subject,
        "PARAMCD": code,
        "PARAM": name,
        "PARAMN": 1,
        "PARCAT1": "HEMATOLOGY",
        "AVISIT": at,
        "AVISITN": 0 if at == "Baseline" else 13,
        "AVAL": value if isinstance(value, float) else None,
        "AVALC": value if isinstance(value, str) else None,
        "AVALDP": 1,
        "ANL01FL": "Y",
    }
    return tuple((values | more).values())


def test_a_page_for_each_parameter_with_the_decimals_of_the_parameter(cells: Callable[..., Texts]) -> None:
    haemoglobin = [
        visit("1", "HGB", "Haemoglobin (g/L)", "Baseline", 120.0, AVALDP=0, PARAMN=2),
        visit("2", "HGB", "Haemoglobin (g/L)", "Baseline", 131.0, AVALDP=0, PARAMN=2),
        visit("1", "HGB", "Haemoglobin (g/L)", "Day 28", 100.0, AVALDP=0, PARAMN=2, CHG=-20.0),
        visit("2", "HGB", "Haemoglobin (g/L)", "Day 28", 90.0, AVALDP=0, PARAMN=2, CHG=-41.0, ANL01FL=None),
    ]
    white = [visit("3", "WBC", "Leukocytes (10^9/L)", "Day 28", 2.25, AVALDP=2, CHG=-1.5)]
    data = table(LAB, *haemoglobin, *white)
    at = "Parameter: Haemoglobin (g/L) | 3.0 × 10⁸ cells (N=2) | "
    assert cells("t-14-3-4-1", "obs/Mean (SD)", ADLB=data)[f"{at}Baseline"] == "125.5 (7.78)"
    assert cells("t-14-3-4-1", "obs/n", ADLB=data)[f"{at}Day 28"] == "1", "the other is not the one analysed"
    assert cells("t-14-3-4-1", "obs/Min; Max", ADLB=data)[f"{at}Day 28"] == "100; 100"
    change = cells("t-14-3-4-1", "chg/Mean (SD)", ADLB=data)
    assert change[f"{at}Day 28"] == "-20.0 (-)"
    assert not any("Baseline" in row for row in change), "no change at baseline"
    pages = [row.partition(" | ")[0] for row in cells("t-14-3-4-1", "obs/n", ADLB=data)]
    assert list(dict.fromkeys(pages)) == ["Parameter: Leukocytes (10⁹/L)", "Parameter: Haemoglobin (g/L)"]
    median = cells("t-14-3-4-1", "obs/Median", ADLB=data)
    assert median["Parameter: Leukocytes (10⁹/L) | 6.0 × 10⁸ cells (N=2) | Day 28"] == "2.250"


def test_skewed_parameters_are_summarised_by_logarithms_and_strips_counted(cells: Callable[..., Texts]) -> None:
    local = "Interleukin 6, Local Laboratory (ng/L)"
    data = table(
        LAB,
        visit("1", "IL6", local, "Day 28", 2.0, BLQFL="Y", CHG=0.0),
        visit("2", "IL6", local, "Day 28", 8.0, CHG=6.0),
        visit("1", "UPROT", "Urine Protein", "Day 28", "NEGATIVE", PARAMN=2),
        visit("2", "UPROT", "Urine Protein", "Day 28", "2+", PARAMN=2),
        visit("3", "UPROT", "Urine Protein", "Day 28", "2+", PARAMN=2),
    )
    at = f"Parameter: {local} | Total (N=4) | Day 28"
    # square root of 2 x 8; s2 of the logarithms 0.96091
    assert cells("t-14-3-4-3", "obs/Geometric mean", ADLB=data)[at] == "4.00"
    assert cells("t-14-3-4-3", "obs/Geometric CV%", ADLB=data)[at] == "127.0"
    assert cells("t-14-3-4-3", "obs/n ≥ LLOQ", ADLB=data)[at] == "1"
    assert cells("t-14-3-4-3", "chg/Median", ADLB=data)[at] == "3.00"
    strip = "Parameter: Urine Protein | Total (N=4) | Day 28"
    assert cells("t-14-3-4-3", "obs/2+", ADLB=data)[strip] == "2/3 (66.7%)"
    assert cells("t-14-3-4-3", "obs/Trace", ADLB=data)[strip] == "0/3"


def test_pages_show_the_statistics_of_their_parameter(built: Callable[..., BuiltResults], specs: Specs) -> None:
    results = [
        visit("1", "PT", "PT (s)", "Day 28", 12.0, CHG=1.0),
        visit("1", "IL6", "IL-6 (ng/L)", "Day 28", 8.0, PARAMN=2, CHG=6.0),
        visit("1", "UPROT", "Urine Protein", "Day 28", "2+", PARAMN=3),
    ]
    made = built("t-14-3-4-3", ADLB=table(LAB, *results))
    shown = build_output(made.spec, specs.library, specs.study, made.ard, made.records).display
    used = [[c.header[0] for c in shown.columns[1:] if c.key not in s.unused] for s in shown.sections]
    assert [s.byline for s in shown.sections] == [
        "Parameter: PT (s)",
        "Parameter: IL-6 (ng/L)",
        "Parameter: Urine Protein",
    ]
    assert used == [
        ["n", "Mean (SD)", "Median", "Q1; Q3", "Min; Max"] * 2,
        ["n", "n ≥ LLOQ", "Geometric mean", "Geometric CV%", "Median", "Min; Max", "n", "Median", "Min; Max"],
        ["Negative", "Trace", "1+", "2+", "3+", "4+"],
    ]


def test_a_shift_in_both_directions_with_the_baseline_grades_there_are(cells: Callable[..., Texts]) -> None:
    """Low: 1 falls from grade 0 to 3, 2 stays at 1, 3 has no grade at baseline. High: 1 stays at 0."""
    grades = "USUBJID PARAMCD PARAM PARAMN WLKLOFL WLKHIFL BTOXLKLN ATOXLKLN BTOXLKHN ATOXLKHN"
    data = table(
        grades,
        ("1", "K", "Potassium (mmol/L)", 1, "Y", None, 0, 3, None, None),
        ("2", "K", "Potassium (mmol/L)", 1, "Y", None, 1, 1, None, None),
        ("3", "K", "Potassium (mmol/L)", 1, "Y", None, None, 2, None, None),
        ("1", "K", "Potassium (mmol/L)", 1, None, "Y", None, None, 0, 0),
    )
    low, high = "Parameter: Potassium (mmol/L) | Low values | ", "Parameter: Potassium (mmol/L) | High values | "
    third = cells("t-14-3-4-4", "3", ADLB=data)
    assert third == {
        f"{low}3.0 × 10⁸ cells (N=2) | Grade 0": "1 (50.0%)",
        f"{low}3.0 × 10⁸ cells (N=2) | Grade 1": "0",
        f"{low}3.0 × 10⁸ cells (N=2) | Missing": "0",
        f"{low}3.0 × 10⁸ cells (N=2) | Total": "1 (50.0%)",
        f"{low}6.0 × 10⁸ cells (N=2) | Grade 0": "0",
        f"{low}6.0 × 10⁸ cells (N=2) | Grade 1": "0",
        f"{low}6.0 × 10⁸ cells (N=2) | Missing": "0",
        f"{low}6.0 × 10⁸ cells (N=2) | Total": "0",
        f"{low}Total (N=4) | Grade 0": "1 (50.0%)",
        f"{low}Total (N=4) | Grade 1": "0",
        f"{low}Total (N=4) | Missing": "0",
        f"{low}Total (N=4) | Total": "1 (50.0%)",
        f"{high}3.0 × 10⁸ cells (N=2) | Grade 0": "0",
        f"{high}3.0 × 10⁸ cells (N=2) | Total": "0",
        f"{high}6.0 × 10⁸ cells (N=2) | Grade 0": "0",
        f"{high}6.0 × 10⁸ cells (N=2) | Total": "0",
        f"{high}Total (N=4) | Grade 0": "0",
        f"{high}Total (N=4) | Total": "0",
    }
    assert cells("t-14-3-4-4", "2", ADLB=data)[f"{low}Total (N=4) | Missing"] == "1", "a count without a percentage"
    assert cells("t-14-3-4-4", "total", ADLB=data)[f"{low}Total (N=4) | Total"] == "2 (100%)"


def test_categories_of_the_corrected_interval_at_a_visit_and_at_any_time(cells: Callable[..., Texts]) -> None:
    """At day 28, 455 ms after 420 and 440 ms after 435; 1 had 490 ms at another time."""
    ecg = "USUBJID PARAMCD PARAM PARAMN PARCAT1 AVISIT AVISITN AVAL CHG ANL01FL CRIT1FL CRIT2FL CRIT3FL CRIT4FL CRIT5FL"
    name = ("QTCF", "QTcF Interval (ms)", 1, "MEASUREMENT")
    data = table(
        ecg,
        ("1", *name, "Baseline", 0, 420.0, None, "Y", None, None, None, None, None),
        ("1", *name, "Day 28", 13, 455.0, 35.0, "Y", "Y", "N", "N", "Y", "N"),
        ("1", *name, None, None, 490.0, 70.0, None, "Y", "Y", "N", "Y", "Y"),
        ("2", *name, "Baseline", 0, 435.0, None, "Y", None, None, None, None, None),
        ("2", *name, "Day 28", 13, 440.0, 5.0, "Y", "N", "N", "N", "N", "N"),
    )
    at = "Parameter: QTcF Interval (ms) | 3.0 × 10⁸ cells (N=2) | "
    above = {cut: cells("t-14-3-5-3", f"obs/> {cut} ms", ADEG=data) for cut in (450, 480, 500)}
    assert [above[cut][f"{at}Baseline"] for cut in above] == ["0/2", "0/2", "0/2"]
    assert [above[cut][f"{at}Day 28"] for cut in above] == ["1/2 (50.0%)", "0/2", "0/2"]
    assert [above[cut][f"{at}Any time after the infusion"] for cut in above] == ["1/2 (50.0%)", "1/2 (50.0%)", "0/2"]
    rise = {cut: cells("t-14-3-5-3", f"chg/> {cut} ms", ADEG=data) for cut in (30, 60)}
    assert [rise[cut][f"{at}Day 28"] for cut in rise] == ["1/2 (50.0%)", "0/2"]
    assert [rise[cut][f"{at}Any time after the infusion"] for cut in rise] == ["1/2 (50.0%)", "1/2 (50.0%)"]
    assert f"{at}Baseline" not in rise[30]


def test_worst_grades_low_and_high_apart(cells: Callable[..., Texts]) -> None:
    grade = "USUBJID PARAMCD PARAM PARAMN ONTRTFL ATOXGRLN ATOXGRHN WTEGRL WTEGRH"
    data = table(
        grade,
        ("1", "WBC", "Leukocytes", 1, "Y", 2, 0, None, None),
        ("1", "WBC", "Leukocytes", 1, "Y", 4, 0, 4, None),
        ("2", "WBC", "Leukocytes", 1, "Y", 3, 0, 3, None),
        ("3", "WBC", "Leukocytes", 1, "Y", 0, 0, None, None),
        ("4", "WBC", "Leukocytes", 1, None, 4, 0, None, None),
        ("4", "ALT", "Alanine", 2, "Y", None, 1, None, 1),
    )
    four = cells("t-14-3-4-5", "Total/4", ADLB=data)
    assert four["Low values | Leukocytes"] == "1/3 (33.3%)", "of those graded on treatment; 4 was not"
    assert cells("t-14-3-4-5", f"{LOW}/2", ADLB=data)["Low values | Leukocytes"] == "0/2", "1 counts at its worst"
    assert "Low values | Alanine" not in four
    assert cells("t-14-3-4-5", "Total/1", ADLB=data)["High values | Alanine"] == "1/1 (100%)"


def test_liver_injury_counts_of_those_measured(cells: Callable[..., Texts]) -> None:
    screen = "USUBJID PARAMCD AVAL AVALC CRIT1FL CRIT2FL CRIT3FL CRIT4FL"
    data = table(
        screen,
        ("1", "ALT", 3.0, None, "Y", "N", "N", None),
        ("1", "AST", 5.2, None, "Y", "Y", "N", None),
        ("2", "AST", 2.9, None, "N", "N", "N", None),
        ("3", "BILI", 2.0, None, None, None, None, "Y"),
        ("1", "HYLAW", None, None, None, None, None, None),
        ("2", "HYLAW", 0.0, "N", None, None, None, None),
        ("3", "HYLAW", 1.0, "Y", None, None, None, None),
    )
    found = cells("t-14-3-4-6", ADLBHY=data)
    assert found["ALT or AST | ≥ 3 × ULN"] == "1/2 (50.0%)"
    assert found["Alanine aminotransferase (ALT) | ≥ 3 × ULN"] == "1/1 (100%)"
    assert found["Aspartate aminotransferase (AST) | ≥ 5 × ULN"] == "1/2 (50.0%)"
    assert found["Bilirubin ≥ 2 × ULN"] == "1/1 (100%)"
    assert found["Alkaline phosphatase ≥ 2 × ULN"] == "0/0"
    assert found["Potential Hy's law case"] == "1/2 (50.0%)", "1 is open and in neither number"


def test_antibodies_and_virus_and_a_product_without_them(
    cells: Callable[..., Texts], specs: Specs, registry: Registry
) -> None:
    columns = "USUBJID PARAMCD AVAL AVALC ABLFL POSTFL WORSTFL PEAKFL CRIT1FL ANL01FL AVISIT AVISITN"
    data = table(
        columns,
        ("1", "ADASTAT", None, "POSITIVE", "Y", None, None, None, None, "Y", "Baseline", 0),
        ("1", "ADASTAT", None, "POSITIVE", None, "Y", "Y", None, "N", "Y", "Day 28", 13),
        ("2", "ADASTAT", None, "POSITIVE", None, "Y", "Y", None, "Y", "Y", "Day 28", 13),
        ("3", "ADASTAT", None, "NEGATIVE", None, "Y", "Y", None, "N", "Y", "Day 28", 13),
        ("2", "ADATITER", 80.0, None, None, "Y", None, "Y", None, "Y", "Day 28", 13),
        ("3", "RCL", None, "NEGATIVE", None, "Y", "Y", None, "N", "Y", "Day 28", 13),
    )
    found = cells("t-14-3-6-1", ADIS=data)
    assert found["Anti-CAR antibodies | Positive at baseline"] == "1/1 (100%)"
    assert found["Anti-CAR antibodies | Positive at any time after the infusion"] == "2/3 (66.7%)"
    assert found["Anti-CAR antibodies | New after the infusion"] == "1/3 (33.3%)"
    assert found["Anti-CAR antibodies | Positive by visit | Day 28"] == "2/3 (66.7%)"
    assert found["Highest anti-CAR antibody titre after the infusion | Median"] == "80.0"
    assert found["Replication-competent virus | Positive at any time after the infusion"] == "0/1"
    without = {
        **specs.study.settings,
        "viral_safety": specs.study.settings["viral_safety"].model_copy(update={"value": "N"}),
    }
    study = specs.study.model_copy(update={"settings": without})
    frames = {"ADSL": adsl(), "ADIS": data}
    made = build_ard(specs.outputs["t-14-3-6-1"], specs.library, study, frames, registry, specs.codelists)
    shown = file_frame(made.ard)["stat_text"].dropna()
    assert not shown.str.contains("Replication").any()
    assert shown.str.contains("antibodies").any()


def test_copies_by_visit_within_a_dose_with_the_statistics_across(cells: Callable[..., Texts]) -> None:
    columns = "USUBJID PARAMCD AVISIT AVISITN AVAL BLQFL ANL01FL"
    data = table(
        columns,
        ("1", "CARCOPY", "Day 7", 9, 25.0, "Y", "Y"),
        ("2", "CARCOPY", "Day 7", 9, 400.0, None, "Y"),
        ("3", "CARCOPY", "Day 7", 9, 25.0, "Y", "Y"),
        ("4", "CARCOPY", "Day 7", 9, 25.0, "Y", "Y"),
        ("1", "CARCOPY", "Day 7", 9, 9999.0, None, None),
    )
    row = "3.0 × 10⁸ cells (N=2) | Day 7"
    assert cells("t-14-4-1-1", "Geometric\nmean", ADPC=data)[row] == "100"  # square root of 25 x 400
    assert cells("t-14-4-1-1", "n ≥\nLLOQ", ADPC=data)[row] == "1"
    assert cells("t-14-4-1-1", "Max", ADPC=data)[row] == "400", "a sample that is not the one of the visit is left out"
    assert cells("t-14-4-1-1", "Geometric\nmean", ADPC=data)["6.0 × 10⁸ cells (N=2) | Day 7"] == "BLQ"


def test_a_peak_above_the_limit_is_counted_and_has_no_mean(cells: Callable[..., Texts]) -> None:
    """Peaks of 0 (no quantifiable sample), 4000 and at least 1000000 in two doses."""
    columns = "USUBJID PARAMCD AVAL ALQFL ANL01FL ONGOFL"
    data = table(
        columns,
        ("1", "CMAX", 4000.0, None, "Y", None),
        ("2", "CMAX", 1e6, "Y", "Y", None),
        ("3", "CMAX", 0.0, None, "Y", None),
        ("4", "CMAX", 4000.0, None, "Y", None),
    )

    def peak(column: str) -> Texts:
        shown = cells("t-14-4-1-2", column, ADPP=data)
        return {row.rpartition(" | ")[2]: text for row, text in shown.items() if row.startswith("Cmax")}

    low = peak(LOW)
    assert low["n"] == "2 (1 >=)" and low["Median"] == ">=502000" and low["Geometric mean"] == "NC"
    assert low["Min; Max"] == "4000; >=1000000"
    high = peak(HIGH)
    assert [high[k] for k in ("n", "n quantifiable", "Geometric mean", "Geometric mean, quantifiable")] == [
        "2", "1", "NC", "4000"
    ]  # fmt: skip


def test_baseline_peak_and_fold_change_of_a_cytokine(cells: Callable[..., Texts]) -> None:
    columns = "USUBJID PARAMCD PARAM PARAMN PARCAT1 AVAL BLQFL R2BASE ABLFL PEAKFL ARELTM"
    name = "Interleukin 6 (ng/L)"
    data = table(
        columns,
        ("1", "IL6", name, 31, "CYTOKINES", 1.0, "Y", None, "Y", None, -6),
        ("2", "IL6", name, 31, "CYTOKINES", 4.0, None, None, "Y", None, -6),
        ("1", "IL6", name, 31, "CYTOKINES", 50.0, None, 50.0, None, "Y", 5),
        ("2", "IL6", name, 31, "CYTOKINES", 8.0, None, 2.0, None, "Y", 8),
        ("2", "IL6", name, 31, "CYTOKINES", 6.0, None, 1.5, None, None, 11),
    )
    found = cells("t-14-4-3-1", ADPD=data)
    assert found[f"{name} | Baseline | Geometric mean"] == "2.00"
    assert found[f"{name} | Baseline | n ≥ LLOQ"] == "1"
    assert found[f"{name} | Peak after the infusion | Geometric mean"] == "20.0"
    assert found[f"{name} | Fold change at the peak | Geometric mean"] == "10.0"
    assert found[f"{name} | Days from the infusion to the peak | Median (min; max)"] == "7 (5; 8)"


def test_shares_that_do_not_make_up_all_b_cells_are_told(built: Callable[..., BuiltResults]) -> None:
    codes = [("NAIVEP", 12), ("MEMUNSP", 16), ("MEMSWP", 18), ("DNEGP", 20)]
    columns = "USUBJID PARAMCD PARAM PARAMN AVAL AVALC ABLFL RECONFL"
    rows = [
        ("1", code, code, n, share, None, "Y", None) for (code, n), share in zip(codes, (60, 10, 20, 10), strict=True)
    ]
    rows += [
        ("1", code, code, n, share, None, None, "Y") for (code, n), share in zip(codes, (80, 2, 3, 5), strict=True)
    ]
    made = built("t-14-4-2-3", ADPD=table(columns, *rows))
    assert [(str(f.where), f.value) for f in made.findings] == [("t-14-4-2-3/sum_return:1", "90")]


def test_tests_across_a_listing_with_flag_and_grade(built: Callable[..., BuiltResults], specs: Specs) -> None:
    columns = (
        "USUBJID PARAMCD PARAMN PARCAT1 VISIT VISITNUM ADT ADTM ADY LBSEQ AVAL AVALC AVALDP ANRIND ATOXGRLN ATOXGRHN"
    )
    day = ("DAY 7", 9, "2025-08-11", "2025-08-11", 8)
    data = table(
        columns,
        ("1", "WBC", 1, "HEMATOLOGY", *day, 1, 1.5, None, 2, "LOW", 3, 0),
        ("1", "NEUT", 2, "HEMATOLOGY", *day, 2, 2.0, None, 2, "NORMAL", 0, None),
        ("1", "NEUT", 2, "HEMATOLOGY", *day, 3, 2.125, None, 2, "NORMAL", 0, None),
        ("3", "WBC", 1, "HEMATOLOGY", *day, 1, 12.0, None, 2, "HIGH", 0, 0),
        ("3", "ALT", 3, "CHEMISTRY", *day, 2, 12.0, None, 0, "NORMAL", None, 0),
    )
    made = built("l-16-2-8-1", ADLB=data)
    texts = {key: column.cells.texts.tolist() for key, column in made.records["records"].columns.items()}
    assert texts["wbc"] == ["1.50 L G3", "12.00 H"]
    assert texts["neut"] == ["2.00\n2.13", ""], "two results of one day stand below each other"
    assert texts["date"] == ["11AUG2025 (8)", "11AUG2025 (8)"]
    assert texts["visit"] == ["Day 7", "Day 7"]
    columns_ = build_output(made.spec, specs.library, specs.study, made.ard, made.records).display.columns
    assert [c.key for c in columns_ if c.stub] == [("subject",), ("visit",), ("date",)]
