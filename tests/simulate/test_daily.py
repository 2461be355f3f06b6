"""Daily assessments and episodes: grades follow from their components by the ASTCT rules and agree with the events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from datacut.compute.cart.astct import compute_crs_daily, compute_icans_grade
from datacut.simulate import Exports, build_exports
from datacut.simulate.events import Event, daily_grades
from datacut.spec.load import Specs

type Read = Callable[[Exports, str, str], list[dict[str, str]]]


@pytest.fixture(scope="module", params=[1, 7])
def made(request: pytest.FixtureRequest, specs: Specs) -> Exports:
    return build_exports(specs, subjects=30, cuts=2, seed=request.param)


def day(text: str) -> date:
    return datetime.strptime(f"{text} +0000", "%d-%b-%Y %z").date()


@pytest.mark.parametrize(("grade", "rule", "end", "grades"), [
    (1, "", 4, [1, 1]),
    (2, "", 6, [1, 2, 1, 1]),
    (3, "", 3, [3]),
    (3, "", 4, [3, 2]),
    (3, "", 9, [1, 2, 3, 2, 1, 1, 1]),
    (3, "DLT02", 7, [3, 3, 3, 3, 3]),
    (2, "", None, [1, 1, 2, 1, 1, 1, 1, 1]),
])  # fmt: skip
def test_an_event_rises_to_its_grade_and_falls(grade: int, rule: str, end: int | None, grades: list[int]) -> None:
    event = Event("x", "x", 3.0, None if end is None else float(end), grade, "", "", rule)
    assert list(daily_grades(event, 10).items()) == list(enumerate(grades, 3))


def test_an_event_is_not_seen_after_the_last_day() -> None:
    assert daily_grades(Event("x", "x", 3.0, 9.0, 3, "", "", ""), 5) == {3: 1, 4: 2, 5: 3}


def frame(made: Exports, rows: Read) -> pd.DataFrame:
    return pd.DataFrame(rows(made, "last", "crsday"))


def codes(column: pd.Series) -> pd.Series:
    return column.str.lower().str.replace(" ", "_")


def test_crs_grades_follow_from_their_components(made: Exports, rows: Read) -> None:
    days = frame(made, rows)
    temperature = pd.to_numeric(days["TEMPMAX"])
    assert days["FEVER"].eq("Y").eq(temperature >= 38).all()
    by_rule = compute_crs_daily(
        subject=days["SUBJID"],
        day=days["CDDAT"].map(lambda text: day(text).toordinal()),
        temperature=temperature,
        fever=days["FEVER"].eq("Y"),
        hypotension=codes(days["HYPOT"]),
        hypoxia=codes(days["HYPOX"]),
        treated=days["ANTIPYR"].eq("Y") | days["ANTICYT"].eq("Y"),
        death=pd.Series(data=False, index=days.index),
    )
    assert by_rule["grade"].astype("str").tolist() == days["CRSGR"].tolist()
    assert set(days["CRSGR"]) >= {"0", "1", "2", "3"}


def test_icans_grades_follow_from_their_components(made: Exports, rows: Read) -> None:
    days = frame(made, rows)
    tasks = ["ICEOR", "ICENAM", "ICECMD", "ICEWRI", "ICEATT"]
    assert days[tasks].astype(int).le([4, 3, 1, 1, 1]).all(axis=None)
    ice = days[tasks].astype(int).sum(axis=1)
    assert days["ICETOT"].astype(int).eq(ice).all()
    none = pd.Series(data=False, index=days.index)
    by_rule = compute_icans_grade(
        ice_lowest=ice,
        ice_highest=ice,
        consciousness=codes(days["CONSC"]),
        seizure=codes(days["SEIZ"]),
        motor=days["MOTOR"].eq("Y"),
        oedema=codes(days["OEDEMA"]),
        death=none,
    )
    assert by_rule["grade"].astype("str").tolist() == days["ICANSGR"].tolist()
    assert set(days["ICANSGR"]) >= {"0", "1", "2"}


def test_the_worst_day_of_an_episode_has_the_grade_of_the_event(made: Exports, rows: Read) -> None:
    found = {(r["SUBJID"], str(day(r["CDDAT"]))): r for r in rows(made, "last", "crsday")}
    checked = 0
    for subject in made.truth["subjects"]:
        for event in subject.get("events", []):
            if event["key"] not in ("crs", "icans") or event["end"] is None:
                continue
            span = pd.date_range(event["date"], event["end"]).strftime("%Y-%m-%d")
            field = "CRSGR" if event["key"] == "crs" else "ICANSGR"
            grades = [int(found[subject["subject"], d][field]) for d in span if (subject["subject"], d) in found]
            assert min(grades) >= 1
            if len(grades) == len(span):
                assert max(grades) == event["grade"]
                checked += 1
    assert checked > 10


def test_no_day_of_an_episode_is_left_out(made: Exports, rows: Read) -> None:
    """A form that was forgotten on the first day would tell another onset than the event."""
    found = {(r["SUBJID"], str(day(r["CDDAT"]))) for r in rows(made, "last", "crsday")}
    checked = 0
    for subject in treated(made):
        for event in subject["events"]:
            known = min(
                date.fromisoformat(made.truth["cuts"][1]) - timedelta(days=7),
                date.fromisoformat(subject["end"]["date"]),
            )
            if event["key"] in ("crs", "icans") and event["date"] <= str(known):
                until = min(event["end"] or str(known), str(known))
                days = pd.date_range(event["date"], until).strftime("%Y-%m-%d")
                assert {(subject["subject"], d) for d in days} <= found
                checked += len(days)
    assert checked > 50


def test_every_day_to_day_14_is_assessed_and_later_ones_only_in_an_episode(made: Exports, rows: Read) -> None:
    days = frame(made, rows)
    anchors = {s["subject"]: date.fromisoformat(s["anchor"][:10]) for s in treated(made)}
    at = [(day(d) - anchors[s]).days for s, d in zip(days["SUBJID"], days["CDDAT"], strict=True)]
    present = days["CRSGR"].ne("0") | days["ICANSGR"].ne("0")
    assert min(at) == 0
    assert all(p for p, n in zip(present, at, strict=True) if n > 14)
    early = sum(1 for n in at if n <= 14)
    assert 0.97 * 15 * len(anchors) < early <= 15 * len(anchors)


def treated(made: Exports) -> list[dict[str, Any]]:
    return [s for s in made.truth["subjects"] if s["status"] == "treated"]


def test_the_truth_tells_the_grade_of_each_day(made: Exports, rows: Read) -> None:
    told = {(s["subject"], d["date"]): (d["crs"], d["icans"]) for s in treated(made) for d in s["daily"]}
    found = {
        (r["SUBJID"], str(day(r["CDDAT"]))): (int(r["CRSGR"]), int(r["ICANSGR"])) for r in rows(made, "last", "crsday")
    }
    assert {k: told[k] for k in found} == found


def test_an_episode_is_the_event_of_its_line_in_the_event_log(made: Exports, rows: Read) -> None:
    lines = {(r["SUBJID"], r["FORMSEQ"]): r for r in rows(made, "last", "ae")}
    episodes = rows(made, "last", "episode")
    same = {"EPTYPE": "AESICAT", "EPSTDAT": "AESTDAT", "EPENDAT": "AEENDAT", "EPONGO": "AEONGO"}
    for episode in episodes:
        line = lines[episode["SUBJID"], episode["AENO"]]
        assert {e: episode[e] for e in same} == {e: line[a] for e, a in same.items()}
    listed = sum(r["AESICAT"] in ("CRS", "ICANS") for r in lines.values())
    assert len(episodes) == listed > 15


def test_an_episode_open_at_the_first_cut_is_closed_at_the_last(made: Exports, rows: Read) -> None:
    last = {(r["SUBJID"], r["FORMSEQ"]): r for r in rows(made, "last", "episode")}
    for row in rows(made, "first", "episode"):
        assert (row["EPONGO"] == "1") != bool(row["EPENDAT"])
        if row["EPENDAT"]:
            assert day(row["EPENDAT"]) - day(row["EPSTDAT"]) >= timedelta(days=1)
        assert last[row["SUBJID"], row["FORMSEQ"]]["EPSTDAT"] == row["EPSTDAT"]
