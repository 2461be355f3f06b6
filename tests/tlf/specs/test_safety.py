"""Sections 14.3.1, 14.3.2 and 16.2.7 on six subjects: who is counted, of whom, and what a cell lists. Counted by hand.

Escalation: 1, 2 and 3 at the lowest dose, 4 and 5 at the highest, nobody at the middle one; 6 was enrolled for the
highest and never infused.
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

ROOT = Path(__file__).parents[3]
LOW, HIGH = "3.0 x 10^8 cells", "6.0 x 10^8 cells"

type Frames = dict[str, pd.DataFrame]
type Texts = dict[str, str]


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(ROOT)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry(ROOT)


def table(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split())
    dates = [c for c in frame.columns if c.endswith("DT")]
    texts = [c for c in frame.columns if frame[c].dropna().map(type).eq(str).all() and c not in dates]
    return frame.astype(dict.fromkeys(dates, "datetime64[s]") | dict.fromkeys(texts, "str"))


def adsl() -> pd.DataFrame:
    subjects = table(
        "USUBJID SAFFL FUPDAYS DTHFL DTHCAUS DTHGR1 DTHRELFL TRTSDT DTHDT DTHADY DTHAUTFL",
        ("1", "Y", 28, "Y", "LUNG DISEASE", "Day 0-28", "N", "2025-08-04", "2025-09-01", 29, "Y"),
        ("2", "Y", 29, None, None, None, None, "2025-08-04", None, None, None),
        ("3", "Y", 400, None, None, None, None, "2025-08-04", None, None, None),
        ("4", "Y", 180, None, None, None, None, "2025-09-01", None, None, None),
        ("5", "Y", 181, None, None, None, None, "2025-09-01", None, None, None),
        ("6", "N", None, None, None, None, None, None, None, None, None),
    )
    dose = [LOW, LOW, LOW, HIGH, HIGH, HIGH]
    level = [1, 1, 1, 3, 3, 3]
    actual = [*dose[:5], None]
    return subjects.assign(
        SUBJID=[f"10{s}" for s in subjects["USUBJID"]],
        COHORT="ESC",
        ENRLFL="Y",
        LDFL="Y",
        DLTEVLFL=subjects["SAFFL"],
        TRT01P=dose,
        TRT01PN=level,
        TRT01A=pd.Series(actual, dtype="str"),
        TRT01AN=level,
    )


AE = (
    "USUBJID AESEQ AEBODSYS AEDECOD AETERM APHASEN ATOXGRN TRTEMFL PREFL FUPFL RELFL AESER AESDTH AESLIFE AESHOSP "
    "AESDISAB AESCONG AESMIE AEOUT CRSSYMFL LDRELFL AESIFL"
)


def event(subject: str, period: int, term: str = "Fever", grade: int = 1, **more: object) -> tuple[object, ...]:
    """An event that is not serious and not related unless `more` says so."""
    values: dict[str, object] = dict.fromkeys(AE.split()) | {
        "USUBJID": subject,
        "AESEQ": 1,
        "AEBODSYS": "General",
        "AEDECOD": term,
        "AETERM": term,
        "APHASEN": period,
        "ATOXGRN": grade,
        "TRTEMFL": "Y" if period in (3, 4, 5) else None,
        "PREFL": "Y" if period < 3 else None,
        "FUPFL": "Y" if period == 6 else None,
        "RELFL": "N",
        "LDRELFL": "N",
        "AESER": "N",
    }
    return tuple((values | more).values())


@pytest.fixture
def built(specs: Specs, registry: Registry) -> Callable[..., BuiltResults]:
    def build(output: str, **frames: pd.DataFrame) -> BuiltResults:
        data = {"ADSL": adsl(), **frames}
        return build_ard(specs.outputs[output], specs.library, specs.study, data, registry, specs.codelists)

    return build


@pytest.fixture
def total(built: Callable[..., BuiltResults]) -> Callable[..., Texts]:
    """The cells of one column by row: the total unless another is named."""

    def texts(output: str, column: str = "Total", **frames: pd.DataFrame) -> Texts:
        ard = file_frame(built(output, **frames).ard)
        body = ard[ard["row"].gt(0)]
        labels = body[body["method"].eq("label")].set_index("row")["stat_text"]
        mine = body[body["column"].str.endswith(column, na=False) & body["method"].ne("label")]
        return {labels[row]: "".join(part["formatted"]) for row, part in mine.groupby("row", sort=False)}

    return texts


@pytest.fixture
def lines(built: Callable[..., BuiltResults]) -> Callable[..., dict[str, list[str]]]:
    """The cells of a listing by column."""

    def texts(output: str, **frames: pd.DataFrame) -> dict[str, list[str]]:
        columns = built(output, **frames).records["records"].columns
        return {key: column.cells.texts.tolist() for key, column in columns.items()}

    return texts


def test_a_period_counts_of_those_still_followed_on_its_first_day(total: Callable[..., Texts]) -> None:
    rows = [event("1", 3), event("1", 3, grade=3), event("2", 4), event("3", 6, AESER="Y"), event("6", 2)]
    found = total("t-14-3-1-2-2", ADAE=table(AE, *rows))
    assert found["Day 0-28 | Any adverse event"] == "1/5 (20.0%) [2]"
    assert found["Day 0-28 | Grade 3 or higher"] == "1/5 (20.0%) [1]"
    assert found["Day 29-90 | Any adverse event"] == "1/4 (25.0%) [1]"  # 1 left on day 28, 2 on day 29
    assert found["Day 91-180 | Any adverse event"] == "0/3"
    assert found["After day 180 | Serious"] == "1/2 (50.0%) [1]"  # 4 was followed to day 180, 5 to day 181
    assert found["Lymphodepletion to infusion | Any adverse event"] == "0/5"  # 6 was not infused


def test_events_after_day_180_are_of_those_followed_beyond_it(built: Callable[..., BuiltResults]) -> None:
    rows = [event("3", 6), event("5", 5)]
    ard = file_frame(built("t-14-3-1-8-2", ADAE=table(AE, *rows)).ard)
    header = ard[ard["row"].eq(0) & ard["method"].ne("label")].set_index("column")["formatted"]
    assert list(header) == ["(N=1)", "(N=1)", "(N=2)"]
    fever = ard[ard["variable_level"].eq("Fever")].groupby("column", sort=False)["formatted"].agg("".join)
    assert list(fever) == ["1 (100%) [1]", "0", "1 (50.0%) [1]"]


def test_events_before_the_infusion_count_those_never_infused(total: Callable[..., Texts]) -> None:
    rows = [event("6", 2), event("1", 1), event("2", 3)]
    found = total("t-14-3-1-8-1", ADAE=table(AE, *rows))
    assert found["Subjects with at least one event before the infusion"] == "2 (33.3%) [2]"  # of six enrolled


def test_criteria_of_seriousness_stand_between_the_first_row_and_the_terms(total: Callable[..., Texts]) -> None:
    rows = [
        event("1", 3, AESER="Y", AESDTH="Y", AESHOSP="Y"),
        event("1", 4, AESER="Y", AESHOSP="Y"),
        event("2", 3, AESHOSP="Y"),  # ticked, and not serious: not among them
    ]
    found = total("t-14-3-1-5-1", ADAE=table(AE, *rows))
    first = "Subjects with at least one serious TEAE"
    assert list(found)[:2] == [first, f"{first} | Results in death"]
    assert found[f"{first} | Results in death"] == "1 (20.0%) [1]"
    assert found[f"{first} | Requires or prolongs hospitalisation"] == "1 (20.0%) [2]"
    assert found[f"{first} | Disability or incapacity"] == "0"
    assert list(found)[-2:] == ["General", "General | Fever"]


def test_a_grade_of_3_under_a_term_that_nobody_has_is_0(total: Callable[..., Texts]) -> None:
    rows = [event("1", 3, RELFL="Y"), event("2", 3, "Rash", 4, RELFL="Y"), event("3", 3, "Rash", 1, RELFL="Y")]
    frames = {"ADAE": table(AE, *rows)}
    assert total("t-14-3-1-4-1", "Total/any", **frames)["General | Rash"] == "2 (40.0%)"
    severe = total("t-14-3-1-4-1", "Total/g3", **frames)
    assert (severe["General | Rash"], severe["General | Fever"]) == ("1 (20.0%)", "0")


CRS = "USUBJID PARAMCD EPSEQ AVAL GRADETXT AINVGRN ADY"
EPISODE = "CESEQ EPNUM ASTDY AENDY ADURN ASTDT AENDT ONGOFL RECURFL AOCCIFL TTPEAK TOCIFL GCFL VASOFL OXYFL VENTFL"
NO = ("N", "N", "N")


def episodes() -> pd.DataFrame:
    """1: two episodes, the second worse and going on; 4: one episode. 1 has a graded day outside any episode."""
    first = (1, 1, 3, 6, 4, "2025-08-06", "2025-08-09", None, None, None, 0, "N", "N", *NO)
    second = (2, 2, 10, None, 9, "2025-08-13", None, "Y", "Y", "Y", 2, "Y", "Y", "N", "Y", "N")
    other = (1, 1, 1, 7, 7, "2025-09-01", "2025-09-07", None, None, "Y", 1, "Y", "N", *NO)
    day = (None,) * len(first)
    return table(
        f"{CRS} {EPISODE}",
        ("1", "CRSEP", 1, 1, "1", None, 3, *first),
        ("1", "CRSEP", 2, 3, "3", None, 10, *second),
        ("4", "CRSEP", 1, 2, "2", None, 1, *other),
        ("1", "CRSDAY", 1, 1, "1", 1, 3, *day),
        ("1", "CRSDAY", 1, None, "≥1", 2, 4, *day),
        ("1", "CRSDAY", None, 0, "0", 0, 8, *day),
        ("4", "CRSDAY", 1, 2, "2", 2, 2, *day),
    )


def test_crs_counts_subjects_of_n_and_management_of_those_with_crs(total: Callable[..., Texts]) -> None:
    outcomes = table(
        "USUBJID AOCC01FL AEOUT", ("1", "Y", "NOT RECOVERED/NOT RESOLVED"), ("4", "Y", "RECOVERED/RESOLVED")
    )
    doses = table("USUBJID CRSTRTFL ADRUG ONTRTFL", *[("1", "Y", "TOCILIZUMAB", "Y")] * 2, ("4", "Y", "X", "Y"))
    found = total("t-14-3-1-7-2", ADCRS=episodes(), ADAE=outcomes, ADCM=doses)
    assert found["Subjects with CRS | n (%)"] == "2 (40.0%)"
    assert found["Subjects with CRS | 95% CI"] == "(5.3, 85.3)"  # Clopper-Pearson, 2 of 5, tables
    assert (found["Maximum grade, n (%) | Grade 1"], found["Maximum grade, n (%) | Grade 3"]) == ("0", "1 (20.0%)")
    assert found["Episodes"] == "3"
    assert found["More than one episode, n/m (%)"] == "1/2 (50.0%)"
    assert found["Onset of the first episode (study day) | Median"] == "2.0"  # days 3 and 1
    assert found["Duration (days, episodes) | Median (min; max)"] == "7 (4; 9+)"  # 4, 7 and 9, which goes on
    assert found["Days to the maximum grade (worst episode) | Min; Max"] == "1; 2"
    assert found["Ongoing at the cut-off, n/m (%)"] == "1/2 (50.0%)"
    assert found["Treated with, n/m (%) | Tocilizumab"] == "2/2 (100%)"
    assert found["Treated with, n/m (%) | Vasopressor"] == "0/2"
    assert found["Doses of tocilizumab"] == "2"
    assert found["Outcome of the event of the highest grade, n (% of those with CRS) | Recovered"] == "1 (50.0%)"


def test_dose_limiting_toxicities_are_the_events_adjudicated_and_no_other_event_of_those_subjects(
    total: Callable[..., Texts],
) -> None:
    """1: a DLT of grade 4 after one of grade 3, and a headache; 4 has a headache. Of five subjects in escalation."""
    rows = [event("1", 3, grade=3), event("1", 3, grade=4), event("1", 3, "Headache", 2), event("4", 3, "Headache")]
    limiting = {"AEDLTFL": ["Y", "Y", None, None], "DLTFL": ["Y", "Y", "Y", "N"]}
    flags = {name: [None, "Y", None, None] for name in ("AOCC03FL", "AOCC04FL")}
    adae = table(AE, *rows).assign(**limiting, **flags, ASTDY=5, ADURN=2, ONGOFL=None, AEENRTPT=None)
    found = total("t-14-3-1-1-2", ADAE=adae)
    assert found["Subjects with a DLT"] == "1 (20.0%) [2]"
    assert (found["Subjects with a DLT | Grade 4"], found["Fever | Grade 4"]) == ("1 (20.0%)", "1 (20.0%)")
    assert not any("Grade 3" in row or "Headache" in row for row in found)


def test_symptoms_are_of_the_subjects_with_crs(total: Callable[..., Texts]) -> None:
    rows = [event("1", 3, CRSSYMFL="Y"), event("1", 3, grade=2, CRSSYMFL="Y"), event("4", 3)]
    worst = table(AE, *rows).assign(AOCC05FL=[None, "Y", None], AOCC06FL=[None, "Y", None])
    found = total("t-14-3-1-7-3", ADCRS=episodes(), ADAE=worst)
    assert found["Fever | Grade 2"].startswith("1 (50.0%)")
    assert "Fever | Grade 1" not in found


def test_a_listing_of_crs_holds_the_days_of_each_episode(lines: Callable[..., dict[str, list[str]]]) -> None:
    found = lines("l-16-2-7-4", ADCRS=episodes())
    assert found["episode"] == ["1", "2", "1"]
    assert found["days"] == ["3 / 1 / 1\n4 / ≥1 / 2", "", "2 / 2 / 2"]
    assert found["end"] == ["09AUG2025 (6)", "Ongoing", "07SEP2025 (7)"]
    assert found["treatment"] == ["", "Tocilizumab\nGlucocorticoid\nOxygen", "Tocilizumab"]


def test_an_untried_dose_prints_a_dash_and_decisions_stand_with_their_dose(
    lines: Callable[..., dict[str, list[str]]],
) -> None:
    levels = table(
        "DOSEP DOSELEVN TRT NEVAL NEVALREG BOINREG NEVALCON BOINCON NDLT RATE RATELCL RATEUCL ISOEST CRILCL CRIUCL "
        "PROBOVER ELIMFL MTDFL MTDRSN",
        (
            3.0,
            1,
            LOW,
            3,
            3,
            "DU",
            2,
            "S",
            3,
            1.0,
            0.2924,
            1.0,
            0.98,
            0.7,
            1.0,
            0.99,
            "Y",
            "N",
            "Every level is eliminated",
        ),
        (
            6.0,
            3,
            HIGH,
            0,
            0,
            None,
            0,
            None,
            0,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            "Y",
            "N",
            "Every level is eliminated",
        ),
    )
    reviews = table("DOSELEVN DECISION REVNO", (1, "S", 1), (1, "D", 2))
    found = lines("t-14-3-1-1-4", ADDLVL=levels, ADDOSE=reviews)
    assert (found["rate"], found["exact"]) == (["100%", "-"], ["(29.2, 100.0)", "-"])
    assert (found["decisions"], found["mtd"]) == (["S\nD", ""], ["N", "N"])
    assert (found["registry"], found["conservative"]) == (["3\nDU", "0\n-"], ["2\nS", "0\n-"])
    assert found["reason"] == ["Every level is eliminated"] * 2


def test_deaths_by_time_cause_and_relation(total: Callable[..., Texts]) -> None:
    found = total("t-14-3-2-1")
    assert found["Subjects who died"] == "1 (20.0%)"
    assert found["Days from the first infusion | Within 28 days"] == "1 (20.0%)"
    assert found["Days from the first infusion | Later than 180 days"] == "0"
    assert found["Primary cause | Lung disease"] == "1 (20.0%)"
    assert (found["Relation to CT1195E | Related"], found["Relation to CT1195E | Not related"]) == ("0", "1 (20.0%)")


def test_a_grade_at_a_visit_is_of_those_graded_there(total: Callable[..., Texts]) -> None:
    lab = "USUBJID PARAMCD AVISIT ANL01FL CRIT1FL WGRLOFL ATOXGRLN CRIT2FL CRIT3FL POSTFL"
    rows = [
        ("1", "NEUT", "Day 28", "Y", "Y", "Y", 4, None, None, "Y"),
        ("1", "NEUT", "Day 28", None, "N", None, 2, None, None, "Y"),  # not the record of the visit
        ("2", "NEUT", "Day 28", "Y", "N", "Y", 0, None, None, "Y"),
        ("3", "NEUT", "Day 28", "Y", None, None, None, None, None, "Y"),  # could not be graded
        ("4", "NEUT", "Month 3", "Y", "Y", "Y", 3, None, None, "Y"),
    ]
    times = table(
        "USUBJID PARAMCD AVAL CNSR", ("1", "TTNEUT", 9.0, 0), ("4", "TTNEUT", 5.0, 1), ("1", "TTLYM", 60.0, 0)
    )
    events = table("USUBJID TRTEMFL CQ03NAM", ("1", "Y", "Cytopenia"))
    drugs = table("USUBJID CMCLAS ONTRTFL", ("1", "GROWTH FACTOR", "Y"), ("2", "GROWTH FACTOR", None))
    found = total("t-14-3-1-7-5", ADLB=table(lab, *rows), ADTTE=times, ADAE=events, ADCM=drugs)
    assert found["Grade 3 or higher at the visit, n/m (%) | Neutrophils | Day 28"] == "1/2 (50.0%)"
    assert found["Grade 3 or higher at the visit, n/m (%) | Neutrophils | Day 60"] == "0/0"
    assert found["Grade 3 or higher at the visit, n/m (%) | Neutrophils | Day 90"] == "1/1 (100%)"
    assert found["Worst grade from the infusion on, n (%) | Neutrophils | Grade 4"] == "1 (20.0%)"
    assert found["Worst grade from the infusion on, n (%) | Neutrophils | Grade 0"] == "1 (20.0%)"
    recovery = "Days from the first grade 3 or higher to recovery | Neutrophils"
    assert found[f"{recovery} | Events, n/m (%)"] == "1/2 (50.0%)"
    assert found[f"{recovery} | Median (95% CI)"].startswith("9 (")  # at 5 nobody had it, at 9 all who were left
    lymphocytes = "Days from the first grade 3 or higher to recovery | Lymphocytes"
    assert found[f"{lymphocytes} | Events, n/m (%)"] == "1/1 (100%)"
    assert found["Growth factor, n (%)"] == "1 (20.0%)"


@pytest.mark.parametrize(("source", "rows"), [("autologous", 0), ("allogeneic", 4)])
def test_graft_versus_host_disease_is_a_group_for_cells_of_a_donor(
    specs: Specs, registry: Registry, source: str, rows: int
) -> None:
    study = specs.study
    settings = study.settings | {"cell_source": study.settings["cell_source"].model_copy(update={"value": source})}
    groups = {f"CQ0{n}NAM": None for n in (6, 7, 8)} | {"CQ09NAM": "Graft-versus-host disease"}
    frames = {"ADSL": adsl(), "ADAE": table(AE, event("1", 3, grade=3)).assign(**groups)}
    chosen = study.model_copy(update={"settings": settings})
    made = build_ard(specs.outputs["t-14-3-1-7-8"], specs.library, chosen, frames, registry, specs.codelists)
    ard = file_frame(made.ard)
    labels = ard[ard["method"].eq("label") & ard["row"].gt(0)].set_index("row")["stat_text"]
    mine = labels[labels.str.startswith("Graft-versus-host disease | ")]
    assert len(mine) == rows
    cells = ard[ard["row"].isin(mine.index) & ard["column"].eq("ESC/Total") & ard["method"].ne("label")]
    assert [text for _, part in cells.groupby("row") if (text := "".join(part["formatted"])) != "0"] == [
        "1 (20.0%) [1]",
        "1 (20.0%) [1]",
    ][: rows // 2]
