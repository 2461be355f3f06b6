"""Efficacy outputs of the study on five subjects; each number below was counted by hand.

Dose 3.0: subjects 1, 2 and 3; dose 6.0: 4 and 5. All are in the efficacy set.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from datacut.ard.build import build_ard
from datacut.datasets.ard import file_frame
from datacut.pipeline.verbs import make_registry
from datacut.spec.load import Specs, load_specs
from datacut.spec.registry import Registry
from datacut.tlf.build import build_output

ROOT = Path(__file__).parents[2]
LOW, HIGH = "3.0 x 10^8 cells", "6.0 x 10^8 cells"
SUBJECTS = ("1", "2", "3", "4", "5")

type Rows = Callable[..., dict[str, list[str]]]


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(ROOT)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry(ROOT)


def adsl() -> pd.DataFrame:
    doses = [LOW, LOW, LOW, HIGH, HIGH]
    numbers = [3.0, 3.0, 3.0, 6.0, 6.0]
    return pd.DataFrame(
        {
            "USUBJID": SUBJECTS,
            "SUBJID": SUBJECTS,
            "COHORT": "ESC",
            "TRT01A": doses,
            "TRT01AN": numbers,
            "TRT01P": doses,
            "TRT01PN": numbers,
            "SAFFL": "Y",
            "EFFFL": "Y",
        }
    )


def records(columns: str, *rows: tuple[object, ...], **same: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split()).assign(**same)
    return frame.astype({c: "str" if frame[c].dropna().map(type).eq(str).all() else "Float64" for c in frame.columns})


@pytest.fixture
def rows(specs: Specs, registry: Registry) -> Rows:
    """The cells of each row by its headings; of a listing, the cells of each row by its number."""

    def build(name: str, dataset: str, frame: pd.DataFrame, **more: pd.DataFrame) -> dict[str, list[str]]:
        frames = {"ADSL": adsl(), dataset: frame, **more}
        made = build_ard(specs.outputs[name], specs.library, specs.study, frames, registry, specs.codelists)
        assert [str(f) for f in made.findings] == []
        shown = build_output(made.spec, specs.library, specs.study, made.ard, made.records).display
        out: dict[str, list[str]] = {}
        for section in shown.sections:
            above: list[str] = []
            for number, row in enumerate(section.rows, 1):
                if made.spec.records is not None:
                    out[str(number)] = list(row.cells)
                    continue
                above = [*above[: row.indent], row.cells[0]]
                out[" > ".join([*([section.byline] if section.byline else []), *above])] = list(row.cells[1:])
        return out

    return build


def responses() -> pd.DataFrame:
    """Month 6. 1 responds; 2 has PGA worse; 3 was missed; 4 took other therapy; 5 has not reached the visit."""
    observed = {"1": "Y", "2": "N", "3": None, "4": "N"}
    why = {"2": "CRITERION NOT MET", "3": "NOT KNOWN", "4": "OTHER SLE THERAPY"}
    pga = {"1": "Y", "2": "N", "3": None, "4": "Y"}
    out: list[tuple[object, ...]] = []
    for subject, value in observed.items():
        out.append((subject, "SRI4", "SRI-4", 1, None, value, None))
        out.append((subject, "SRI4", "SRI-4", 1, "NRI", value or "N", why.get(subject)))
        out.append((subject, "SRI4PGA", "PGA not worse", 23, None, pga[subject], None))
    return records("USUBJID PARAMCD PARAM PARAMN DTYPE AVALC NRESPRSN", *out, AVISIT="Month 6", AVISITN=16)


def test_reasons_of_non_responders_sum_to_them(rows: Rows) -> None:
    shown = rows("t-14-2-1-3", "ADEFF", responses())
    assert shown["Month 6 > SRI-4"] == ["1/2 (50.0%)", "0/1", "1/3 (33.3%)"]
    assert shown["Month 6 > PGA not worse"] == ["1/2 (50.0%)", "1/1 (100%)", "2/3 (66.7%)"]
    failed = shown["Month 6 > Non-responders, n"]
    assert failed == ["2", "1", "3"]
    reasons = {k.rpartition(" > ")[2]: v for k, v in shown.items() if k.startswith("Month 6 > Non-responders, n > ")}
    assert {label: cells for label, cells in reasons.items() if cells != ["0", "0", "0"]} == {
        "Other SLE therapy": ["0", "1", "1"],
        "Criterion not met": ["1", "0", "1"],
        "Response not known": ["1", "0", "1"],
    }


def test_month_6_counts_those_who_reached_it(rows: Rows) -> None:
    shown = rows("t-14-2-8-1", "ADEFF", responses())
    assert shown["SRI-4 response"] == [
        "1/3 (33.3%)", "(0.8, 90.6)", "0/1", "(0.0, 97.5)", "1/4 (25.0%)", "(0.6, 80.6)",
    ]  # fmt: skip
    assert shown["DORIS remission"][:2] == ["0/0", "NE"]


def test_the_forest_draws_the_proportions_of_its_table(specs: Specs, registry: Registry) -> None:
    frames = {"ADSL": adsl(), "ADEFF": responses()}
    shares = []
    for name in ("t-14-2-8-1", "f-14-2-7"):
        ard = file_frame(build_ard(specs.outputs[name], specs.library, specs.study, frames, registry).ard)
        kept = ard[ard["row"].gt(0) & ard["stat_name"].isin(["n", "m", "lower", "upper"])]
        column = kept["column"].str.removesuffix("/responders").str.removesuffix("/ci")
        shares.append(
            {(r, c, s): v for r, c, s, v in zip(kept["row"], column, kept["stat_name"], kept["stat"], strict=True)}
        )
    assert shares[0] == shares[1]
    assert len({row for row, _, _ in shares[0]}) == 7


def test_therapy_free_imputed_and_observed(rows: Rows) -> None:
    free = responses().replace({"PARAMCD": {"SRI4": "THFREE"}})
    shown = rows("t-14-2-5-1", "ADEFF", free)
    rate = "Month 6 > Free of all SLE drugs > n/m (%)"
    assert shown[f"Non-responder imputation > {rate}"] == ["1/3 (33.3%)", "0/1", "1/4 (25.0%)"]
    assert shown[f"Observed cases > {rate}"] == ["1/2 (50.0%)", "0/1", "1/3 (33.3%)"]
    assert shown["Non-responder imputation > Month 6 > Not yet reached, n"] == ["0", "1", "1"]
    assert shown["Observed cases > Month 6 > Free of glucocorticoids > n/m (%)"] == ["0/0", "0/0", "0/0"]


def test_responders_by_month(rows: Rows) -> None:
    times = records(
        "USUBJID AVALMON CNSR",
        ("1", 1.5, 0),
        ("2", 4.0, 1),
        ("3", 4.0, 0),
        ("4", 2.5, 2),
        ("5", 8.0, 1),
        PARAMCD="TTSRI4",
    )
    shown = rows("t-14-2-7-1", "ADTTE", times)
    page = "Parameter: Time to first SRI-4 response (months) > "
    assert shown[f"{page}Events, n/m (%)"] == ["2/3 (66.7%)", "0/2", "2/5 (40.0%)"]
    assert shown[f"{page}Responded by > Month 3 > At risk"] == ["2", "1", "3"]
    rates = [cell.split()[0] for cell in shown[f"{page}Responded by > Month 6 > Rate, % (95% CI)"]]
    assert rates == ["NE", "0.0", "46.7"], "of all 1 - 4/5 x 2/3; nobody at 3.0 was followed to month 6"


def test_a_grade_that_is_not_known_is_counted_under_missing(rows: Rows) -> None:
    grades = records(
        "USUBJID BASEC AVALC ANL02FL",
        ("1", "A", "C", "Y"),
        ("1", "A", None, None),
        ("2", "A", None, "Y"),
        ("3", "B", "B", "Y"),
        ("4", "B", "D", "Y"),
        PARAMCD="BILAG08",
        PARAMN=208,
        AVISIT="Month 3",
        AVISITN=15,
    )
    shown = rows("t-14-2-4-4", "ADBILAG", grades)
    assert shown["System: Renal > Month 3 > A"] == ["0", "0", "1", "0", "0", "1", "1"]
    assert shown["System: Renal > Month 3 > B"] == ["0", "1", "0", "1", "0", "0", "2"]
    assert shown["System: Renal > Month 3 > Total"] == ["0", "1", "1", "1", "0", "1", "3"]


def test_items_resolve_in_those_who_had_them(rows: Rows) -> None:
    items = records(
        "USUBJID PARAMCD BASE AVAL",
        ("1", "SLED09", 1, 0),
        ("2", "SLED09", 1, 1),
        ("3", "SLED09", 0, 0),
        ("4", "SLED09", 1, 0),
        ("5", "SLED15", 0, 1),
        PARCAT1="SLEDAI-2K ITEMS",
        ANL01FL="Y",
        AVISIT="Month 1",
        AVISITN=13,
    )
    shown = rows("t-14-2-4-9", "ADQS", items)
    assert shown["Arthritis > Month 1"] == ["1/2 (50.0%)", "1/1 (100%)", "2/3 (66.7%)"]
    assert shown["Arthritis > Month 12"] == ["0/0", "0/0", "0/0"]
    assert not any(label.startswith("Rash") for label in shown), "nobody had it at baseline"


def test_seroconversion_is_told_of_the_antibody_alone(rows: Rows, specs: Specs) -> None:
    results = records(
        "USUBJID PARAMCD PARAM AVISIT AVISITN AVAL CHG AVALDP ANRIND BNRIND",
        ("1", "DSDNA", "Anti-dsDNA (IU/mL)", "Day 28", 13, 4.0, -36.0, 1, "NORMAL", "HIGH"),
        ("2", "DSDNA", "Anti-dsDNA (IU/mL)", "Day 28", 13, 9.0, -1.0, 1, "HIGH", "HIGH"),
        ("3", "DSDNA", "Anti-dsDNA (IU/mL)", "Day 28", 13, 6.0, 0.0, 1, "NORMAL", "NORMAL"),
        ("1", "C3", "C3 (g/L)", "Day 28", 13, 0.5, 0.1, 2, "LOW", "LOW"),
        ANL01FL="Y",
        PARAMN=1,
    )
    shown = rows("t-14-2-6-2", "ADLB", results)
    antibody = shown["Parameter: Anti-dsDNA (IU/mL) > 3.0 × 10⁸ cells (N=3) > Day 28"]
    assert antibody == [
        *("3", "6.33 (2.517)", "-", "6.00", "4.00; 9.00", "4.0; 9.0", "6.00", "", "1/3 (33.3%)"),
        *("3", "-12.33 (20.502)", "-", "-1.00", "-36.00; 0.00", "-36.0; 0.0", "1/2 (50.0%)"),
    ], "6.00: the third root of 4 x 9 x 6; no interval of fewer than five"
    complement = shown["Parameter: C3 (g/L) > 3.0 × 10⁸ cells (N=3) > Day 28"]
    assert (complement[7], complement[-1]) == ("1/1 (100%)", "")


def test_flares_count_subjects_and_flares(rows: Rows) -> None:
    times = records(
        "USUBJID AVALMON CNSR",
        ("1", 2.0, 0),
        ("2", 6.0, 1),
        ("3", 6.0, 1),
        ("4", 6.0, 1),
        ("5", 6.0, 1),
        PARAMCD="TTFLARE",
    )
    flares = records(
        "USUBJID FLARESEV FLAREFL",
        ("1", "mild/moderate", "Y"),
        ("1", "severe", "Y"),
        ("2", "none", "N"),
        ("3", None, None),
    )
    shown = rows("t-14-2-7-2", "ADTTE", times, ADFL=flares)
    assert shown["Time to first flare (months) > Events, n/m (%)"] == ["1/3 (33.3%)", "0/2", "1/5 (20.0%)"]
    assert shown["Time to first flare (months) > Free of flares > Month 3 > Rate, % (95% CI)"][2][:4] == "80.0"
    heading = "Subjects with a flare, n (%) [flares]"
    assert shown[f"{heading} > Any"] == ["1 (33.3%) [2]", "0", "1 (20.0%) [2]"]
    assert shown[f"{heading} > Severe"] == ["1 (33.3%) [1]", "0", "1 (20.0%) [1]"]


def test_listing_of_responses_shows_what_was_imputed(rows: Rows) -> None:
    visits = responses().assign(ADT=pd.Timestamp("2026-03-12"), ADY=181.0, EXCLFL=None, EXCLRSN=None)
    visits.loc[visits["USUBJID"] == "4", ["EXCLFL", "EXCLRSN"]] = ["Y", "OTHER SLE THERAPY"]
    shown = rows("l-16-2-6-1", "ADEFF", visits)
    # subject, visit, date, four criteria, SRI-4, LLDAS and DORIS observed and imputed, event
    assert shown["3"][1:3] == ["Month 6", "12MAR2026 (181)"]
    assert shown["3"][7:9] == ["", "N"]
    assert shown["4"][7:] == ["N", "N", "", "", "", "", "Other SLE therapy"]
