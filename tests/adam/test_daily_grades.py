"""Daily grades by ASTCT 2019: worked vectors, and episodes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from datacut.errors import SpecError

PATH = Path(__file__).parents[2] / "adam" / "daily_grades.py"
_spec = importlib.util.spec_from_file_location("study_daily_grades", PATH)
assert _spec is not None
assert _spec.loader is not None
study = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(study)

ICE = {"orientation": "I1", "naming": "I2", "command": "I3", "writing": "I4", "counting": "I5"}
WELL = {"CONSC": "NORMAL", "SEIZURE": "NONE", "MOTOR": "N", "OEDEMA": "NONE"}
FULL = (4, 3, 1, 1, 1)


def day(number: int, crs: dict[str, object] | None, icans: dict[str, object], ice: tuple[int, ...] | None = FULL):
    """Results of one day: of FA, and the five tasks of ICE of FT."""
    date = f"2026-02-{number:02d}"
    fa = [("CRS", t, v) for t, v in (crs or {}).items()] + [("ICANS", t, v) for t, v in {**WELL, **icans}.items()]
    ft = [(t, v) for t, v in zip(ICE.values(), ice or (), strict=False)]
    return [(date, *row) for row in fa], [(date, *row) for row in ft]


def grades(days, context, gap: int = 1):
    fa = [row for own, _ in days for row in own]
    ft = [row for _, own in days for row in own]
    findings = pd.DataFrame(
        {
            "STUDYID": pd.Series(["S"] * len(fa), dtype="str"),
            "USUBJID": pd.Series(["01"] * len(fa), dtype="str"),
            "FADTC": pd.Series([f"{r[0]}T21:00" for r in fa], dtype="str"),
            "FACAT": pd.Series([r[1] for r in fa], dtype="str"),
            "FATESTCD": pd.Series([r[2] for r in fa], dtype="str"),
            "FASTRESC": pd.Series([str(r[3]) for r in fa], dtype="str"),
            "FASTRESN": pd.array([r[3] if not isinstance(r[3], str) else None for r in fa], dtype="Float64"),
            "_rid": pd.array(range(1, len(fa) + 1), dtype="Int64"),
        }
    )
    scores = pd.DataFrame(
        {
            "USUBJID": pd.Series(["01"] * len(ft), dtype="str"),
            "FTDTC": pd.Series([r[0] for r in ft], dtype="str"),
            "FTTESTCD": pd.Series([r[1] for r in ft], dtype="str"),
            "FTSTRESN": pd.array([r[2] for r in ft], dtype="Float64"),
            "_rid": pd.array(range(1, len(ft) + 1), dtype="Int64"),
        }
    )
    return study.derive_daily_grade_records(
        findings,
        scores,
        list(study.FA),
        list(study.FT),
        crs={"temperature": "TEMP", "fever": "FEVER", "hypotension": "HYPOTEN", "hypoxia": "HYPOXIA"},
        icans={"consciousness": "CONSC", "seizure": "SEIZURE", "motor": "MOTOR", "oedema": "OEDEMA"},
        ice=ICE,
        treatments=["ANTICYT"],
        investigator="TOXGR",
        codes={"DIFFUSE": "diffuse_or_posturing_cn6_papilloedema_cushing"},
        gap=gap,
        context=context,
    )


def crs(temperature: object, hypotension: str = "NONE", hypoxia: str = "NONE", **more: object) -> dict[str, object]:
    return {"TEMP": temperature, "HYPOTEN": hypotension, "HYPOXIA": hypoxia, **more}


def daily(made, category: str) -> list[object]:
    rows = made.rows[(made.rows["_KIND"] == "DAY") & (made.rows["FACAT"] == category)]
    return [None if pd.isna(v) else int(v) for v in rows["_GRADE"]]


def test_crs_of_single_days(context) -> None:
    assert daily(grades([day(1, crs(38.0), {})], context), "CRS") == [1]
    assert daily(grades([day(1, crs(37.9, "NO VASOPRESSOR"), {})], context), "CRS") == [0]
    assert daily(grades([day(1, crs(39.0, "ONE VASOPRESSOR", "LOW FLOW"), {})], context), "CRS") == [3]
    assert daily(grades([day(1, crs(39.0, "MULTIPLE VASOPRESSORS"), {})], context), "CRS") == [4]
    assert daily(grades([day(1, crs(39.0, "NONE", "HIGH FLOW"), {})], context), "CRS") == [3]


def test_fever_is_not_needed_after_treatment(context) -> None:
    days = [day(1, crs(39.0, ANTICYT="Y"), {}), day(2, crs(37.0, "NO VASOPRESSOR"), {})]
    assert daily(grades(days, context), "CRS") == [1, 2]
    untreated = [day(1, crs(39.0, ANTICYT="N"), {}), day(2, crs(37.0, "NO VASOPRESSOR", ANTICYT="N"), {})]
    assert daily(grades(untreated, context), "CRS") == [1, 0]
    not_told = [day(1, crs(39.0, ANTICYT="N"), {}), day(2, crs(37.0, "NO VASOPRESSOR"), {})]
    assert daily(grades(not_told, context), "CRS") == [1, None], "treated on day 2 or not: 2 or 0"


@pytest.mark.parametrize(
    ("ice", "icans", "grade"),
    [
        ((4, 3, 1, 0, 0), {}, 1),
        ((4, 3, 1, 0, 0), {"SEIZURE": "RAPIDLY RESOLVING"}, 3),
        ((2, 2, 0, 0, 0), {"CONSC": "AWAKENS TO VOICE"}, 2),
        (FULL, {"MOTOR": "Y"}, 4),
        ((0, 0, 0, 0, 0), {}, 3),
        (FULL, {"CONSC": "AWAKENS TO VOICE"}, 2),
        (FULL, {"OEDEMA": "DIFFUSE"}, 4),
    ],
)
def test_icans_is_the_most_severe_domain(context, ice, icans, grade) -> None:
    assert daily(grades([day(1, crs(37.0), icans, ice)], context), "ICANS") == [grade]


def test_a_component_not_done(context) -> None:
    made = grades([day(1, {"TEMP": 39.0, "HYPOTEN": "NONE"}, {}, ice=(4, 3, 1, 1))], context)
    rows = made.rows[made.rows["_KIND"] == "DAY"].set_index("FACAT")
    assert daily(made, "CRS") == [None] and daily(made, "ICANS") == [None]
    assert rows["AVALRSN"].to_dict() == {"CRS": "not done: hypoxia", "ICANS": "not done: ice"}
    assert rows["GRADELO"].to_dict() == {"CRS": 1, "ICANS": 0}, "fever is at least 1; 9 points of ICE may be 10"
    episode = made.rows[made.rows["_KIND"] == "EPISODE"].iloc[0]
    assert pd.isna(episode["_GRADE"])
    assert (episode["FACAT"], episode["GRADELO"], episode["AVALRSN"]) == ("CRS", 1, "a day may be higher")


def test_a_component_that_could_change_nothing(context) -> None:
    """Tactile is 3 and ICE alone reaches 3; fever as asked tells where the temperature is missing."""
    made = grades(
        [day(1, {"FEVER": "Y", "HYPOTEN": "NONE", "HYPOXIA": "LOW FLOW"}, {"CONSC": "AWAKENS TO TACTILE"}, None)],
        context,
    )
    assert daily(made, "CRS") == [2] and daily(made, "ICANS") == [3]
    assert made.rows["AVALRSN"].isna().all()


def test_a_day_before_leaves_the_grade_open(context) -> None:
    days = [day(1, crs(39.0, ANTICYT="Y") | {"TEMP": None}, {}), day(2, crs(37.0, "NO VASOPRESSOR", ANTICYT="N"), {})]
    made = grades(days, context)
    row = made.rows[(made.rows["FACAT"] == "CRS") & (made.rows["_KIND"] == "DAY")].iloc[1]
    assert pd.isna(row["_GRADE"]) and (row["GRADELO"], row["AVALRSN"]) == (0, "not known: the days before")


def test_icans_without_the_fields_of_crs(context) -> None:
    made = grades([day(1, None, {"TOXGR": 2, "CONSC": "AWAKENS TO VOICE"})], context)
    assert daily(made, "CRS") == [None] and daily(made, "ICANS") == [2]
    assert [(f.rule, f.value) for f in context.findings] == [("study.grades.icans_without_crs", "2")]


def test_two_results_of_one_day(context) -> None:
    fa, ft = day(1, crs(38.5), {})
    made = grades([(fa, ft), ([("2026-02-01", "CRS", "TEMP", 36.5)], [])], context)
    assert daily(made, "CRS") == [None]
    assert [f.rule for f in context.findings] == ["study.grades.several"] * 2


EPISODE_DAYS = {1: 37.0, 2: 38.5, 3: 37.0, 4: 39.0, 5: 37.0, 6: 37.0, 7: 38.0}


@pytest.mark.parametrize(
    ("gap", "episodes"),
    [
        (0, [("02", "02"), ("04", "04"), ("07", "07")]),
        (1, [("02", "04"), ("07", "07")]),
        (2, [("02", "07")]),
    ],
)
def test_episodes_join_short_gaps(context, gap, episodes) -> None:
    """Spec case 22: nothing is known after day 7, so that its episode is ongoing."""
    made = grades([day(n, crs(t), {}) for n, t in EPISODE_DAYS.items()], context, gap)
    rows = made.rows[made.rows["_KIND"] == "EPISODE"]
    assert list(zip(rows["_STDTC"].str[-2:], rows["_ENDTC"].str[-2:], strict=True)) == episodes
    assert rows["_ONGOING"].fillna("").tolist() == [""] * (len(episodes) - 1) + ["Y"]
    edges = made.parents[made.parents["position"].isin(rows.index[-1:])]
    assert len(edges) == 3 * {0: 1, 1: 1, 2: 3}[gap]


def test_peak_is_the_first_day_of_the_highest_grade(context) -> None:
    days = [day(1, crs(39.0), {}), day(2, crs(39.0, "ONE VASOPRESSOR"), {}), day(3, crs(39.0, "ONE VASOPRESSOR"), {})]
    rows = grades(days, context).rows
    episode = rows[rows["_KIND"] == "EPISODE"].iloc[0]
    assert (episode["_GRADE"], episode["_PEAKDTC"]) == (3, "2026-02-02")


def test_columns_must_be_named(context) -> None:
    with pytest.raises(SpecError):
        study.derive_daily_grade_records(
            pd.DataFrame(), pd.DataFrame(), ["USUBJID"], list(study.FT), {}, {}, {}, [], "X", {}, 1, context=context
        )


def test_agreement_is_told_with_both_grades(table, context) -> None:
    frame = table("USUBJID A B\n01 2 2\n02 3 1\n03 1 3\n04 . 3\n05 2 .")
    out = study.derive_var_agreement(frame, "A", "B", "NEW", context=context)["NEW"]
    assert [None if pd.isna(v) else v for v in out] == ["agree", "derived higher", "derived lower", None, None]
    assert [(str(f.where), f.value, f.what[-1]) for f in context.findings] == [
        ("ADXX.A:02", "3", "1"),
        ("ADXX.A:03", "1", "3"),
    ]
