"""Lines of a log: courses of steps, treatment of events, and what happens at the end of participation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from datacut.errors import InputError
from datacut.simulate.events import Event
from datacut.simulate.forms import LogSpec
from datacut.simulate.logs import log_lines


def event(key: str, day: float, grade: int = 2) -> Event:
    return Event(key, key, day, day + 3, grade, "Related", "Not related", "")


CRS, FEVER, LATE = event("crs", 4, 3), event("fever", 6, 1), event("fever", 40, 1)


def lines(entry: dict[str, Any], events: tuple[Event, ...] = (), end: int = 100, **more: Any) -> list[tuple[Any, ...]]:
    """Day, end, row variable `dose` and numbers of events, of the lines of one entry; consent is on day -20."""
    log = LogSpec.model_validate({"since": "consent", "entries": [entry], "joins": {"; ": 1}, **more})
    subject: Any = SimpleNamespace(
        milestones={"consent": -20},
        scope={"stops": "Y"},
        events=events,
        ending=SimpleNamespace(day=end),
        curves={"activity": SimpleNamespace(parameters={"relapse_day": 60.0})},
    )
    numbers = {e: (n, int(e.day) + 5) for n, e in enumerate(events, 1)}
    made = log_lines(log, subject, numbers, np.random.default_rng(1))
    assert all(line.known >= max(line.day, -20) for line in made)
    return [(line.day, line.end, line.variables.get("dose"), line.variables["events"]) for line in made]


def test_a_step_begins_on_the_day_after_the_one_before_it() -> None:
    steps = [{"days": 5, "row": {"dose": 20}}, {"until": 9, "row": {"dose": 7.5}}, {"row": {"dose": "5"}}]
    assert lines({"start": 0, "steps": steps}) == [(0, 4, "20", ""), (5, 9, "7.5", ""), (10, None, "5", "")]


def test_nobody_sees_an_end_after_the_subject_has_left_nor_a_later_line() -> None:
    steps = [{"days": 5, "row": {"dose": 20}}, {"days": 5, "row": {"dose": 10}}, {"days": 5, "row": {"dose": 5}}]
    assert lines({"start": 0, "steps": steps}, end=9) == [(0, 4, "20", ""), (5, 9, "10", "")]
    assert lines({"start": 0, "steps": steps}, end=8) == [(0, 4, "20", ""), (5, None, "10", "")]


def test_treatment_of_an_event_names_it_and_others_near_it() -> None:
    entry = {"event": "crs", "grade": 2, "start": 1, "steps": [{"days": 1}], "beside": ["fever"]}
    assert lines(entry, (CRS, FEVER, LATE)) == [(5, 5, None, "1; 2")]
    assert lines({**entry, "grade": 4}, (CRS, FEVER)) == []
    assert lines({**entry, "event": "fever", "grade": 1, "beside": []}, (CRS, FEVER, LATE), joins={"、": 1}) == [
        (7, 7, None, "2"),
        (41, 41, None, "3"),
    ]


def test_a_line_about_an_event_is_not_entered_before_the_event() -> None:
    log = LogSpec.model_validate({"since": "consent", "entries": [{"event": "crs"}]})
    subject: Any = SimpleNamespace(
        milestones={"consent": -20}, scope={}, events=(CRS,), ending=SimpleNamespace(day=100), curves={}
    )
    (line,) = log_lines(log, subject, {CRS: (1, 30)}, np.random.default_rng(1))
    assert line.day == 4
    assert line.known >= 30


def test_a_course_may_begin_at_the_relapse_of_a_curve_or_hang_on_a_subject_variable() -> None:
    assert lines({"relapse": "activity", "start": 3}) == [(63, None, None, "")]
    assert lines({"when": {"stops": ["Y"]}, "start": 3}) == [(3, None, None, "")]
    assert lines({"when": {"stops": ["N"]}, "start": 3}) == []
    assert lines({"probability": 0, "start": 3}) == []


def test_a_log_begins_at_a_milestone() -> None:
    with pytest.raises(InputError, match="consnt"):
        lines({"start": 0}, since="consnt")
