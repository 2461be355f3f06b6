"""Each drawing: the same bytes each time, no image without data, no fault with one subject or a missing part."""

from collections.abc import Mapping

import pandas as pd
import pytest

from datacut.tlf.figures import DRAWINGS
from datacut.tlf.figures.scene import Scene

LEVELS = ("Low", "High")
COUNTS = {"Low": 2, "High": 1}
VISITS = {0.0: "Baseline", 1.0: "Month 1"}


def table(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


COUNTED = "group x heading label n"
POINTS = table("subject group x y", ("1", "Low", 1.0, 100.0), ("1", "Low", 28.0, 10.0), ("2", "High", 1.0, 40.0))
PANELS = POINTS.assign(panel="A")
SCENES: dict[str, tuple[dict[str, pd.DataFrame], dict[str, str]]] = {
    "profiles_panels": ({"points": POINTS}, {"line": "20", "line_label": "Limit"}),
    "profiles_and_mean": (
        {"points": POINTS, "mean": table("group x mean se n", ("Low", 1.0, 70.0, 3.0, 2.0))},
        {},
    ),
    "trends": (
        {
            "points": PANELS,
            "median": table("group panel x median n", (None, "A", "1", 70.0, 2.0), (None, "A", "28", 10.0, 2.0)),
            "band": table("panel low high", ("A", 5.0, 80.0)),
            "marks": table("subject x kind", ("1", 10.0, "Given")),
        },
        {"panels": "A=First", "limits": "A 20=Low", "x_root": "Y"},
    ),
    "geometric_means": (
        {
            "mean": table(
                "group x gmean glow ghigh n above",
                ("Low", "Baseline", 10.0, 5.0, 20.0, 2.0, 2.0),
                ("Low", "Month 1", 4.0, None, None, 1.0, 0.0),
            )
        },
        {"log": "Y", "line": "5", "line_label": "Limit"},
    ),
    "profiles_and_shares": (
        {
            "points": POINTS.assign(censored=["", "Y", ""]),
            "shares": table(
                "group panel x mean n",
                (None, "P", "Baseline", 60.0, 2.0), (None, "Q", "Baseline", 40.0, 2.0),
                (None, "P", "Month 1", 50.0, 1.0),
            ),
        },
        {"parts": "P=Naive; Q=Memory", "log": "Y"},
    ),
    "small_multiples": ({"points": POINTS, "logged": POINTS, "linear": POINTS}, {"x_root": "Y"}),
    "survival_curve": (
        {
            "curve": table(
                "group x rate cases censored", ("Low", "28", 50.0, 1.0, 0.0), ("Low", "60", 50.0, 0.0, 1.0),
                ("High", "30", None, 0.0, 1.0),
            ),
            "at_risk": table("group level at_risk", ("Low", "0", 2.0), ("Low", "28", 2.0)),
        },
        {"x_at": "0 28=1", "rising": "Y"},
    ),
    "forest": (
        {
            "rates": table(
                "group label n m p lower upper", ("Low", "SRI-4", 0.0, 2.0, 0.0, 0.0, 84.2),
                (None, "SRI-4", 1.0, 3.0, 33.3, 0.8, 90.6),
            )
        },
        {},
    ),
    "dose_probability": (
        {"points": table("group estimate lower upper rate n events", ("Low", 0.1, 0.0, 0.4, 0.0, 3.0, 0.0))},
        {"line": "0.3", "line_label": "Target"},
    ),
    "stacked_bars": (
        {
            "status": table(
                "group x label n m", ("Low", "Month 1", "Y", 1.0, 2.0), (None, "Month 1", "Missing", 1.0, 2.0)
            )
        },
        {"categories": "Y; N; Missing"},
    ),
    "grade_bars": (
        {"grades": table("group heading label n", (None, ("Fever",), "G1", 2.0), ("Low", ("Fever",), "G1", 2.0))},
        {"categories": "G1; G2"},
    ),
    "heat_map": (
        {
            "points": table(
                "subject group panel x value", ("1", "Low", "R", "Baseline", "A"), ("2", "High", "R", "Month 1", "E")
            )
        },
        {"categories": "A; B; C; D; E"},
    ),
    "swimmer": (
        {
            "points": table("subject group x ongoing", ("1", "Low", 3.5, "ONGOING"), ("2", "High", 1.0, "DONE")),
            "seen": table("subject x kind", ("1", 31.0, "R"), ("1", 31.0, "S")),
            "deaths": table("subject x", ("2", 31.0)),
        },
        {"kinds": "R; S; deaths=Death", "month_days": "30", "ongoing": "ONGOING"},
    ),
    "timeline": (
        {
            "points": table(
                "subject group track x value", ("1", "Low", "CRS", 1.0, 0.0), ("1", "Low", "ICANS", 2.0, 3.0)
            )
        },
        {"grades": "0=None; 1; 2; 3", "tracks": "CRS; ICANS"},
    ),
    "dose_path": (
        {
            "points": table(
                "subject group x y event evaluable sentinel", ("1", "Low", "04AUG2025", 3.0, "", "Y", None),
                ("2", "High", "20AUG2025", 6.0, "Y", "", 16.0),
            ),
            "reviews": table("x y decision", ("05AUG2025", 3.0, "E")),
        },
        {},
    ),
    "edish": (
        {
            "points": table(
                "subject group x y", ("1", "Low", "ALT", 1.5), ("1", "Low", "BILI", 0.5), ("2", "High", "ALT", 9.0)
            )
        },
        {"across": "ALT; AST", "up": "BILI", "x_line": "3", "y_line": "2"},
    ),
    "flow_diagram": (
        {
            "top": table(COUNTED, (None, None, (), "Screened", 3.0), (None, None, (), "Infused", 2.0)),
            "lost_1": table(COUNTED, (None, None, (), "Failed", 1.0), (None, None, ("Failed",), "Age", 1.0)),
            "arms": table(COUNTED, ("Low", "ESC", ("Escalation",), "Infused", 2.0)),
            "ends": table(COUNTED, ("Low", "ESC", ("Escalation",), "Ongoing", 2.0)),
        },
        {"stages": "ESC=Escalation"},
    ),
}  # fmt: skip


def scene(name: str, frames: Mapping[str, pd.DataFrame] | None = None) -> Scene:
    own, options = SCENES[name]
    of_visits = name in ("geometric_means", "profiles_and_shares", "stacked_bars", "heat_map")
    return Scene(own if frames is None else frames, LEVELS, COUNTS, options, VISITS if of_visits else {}, alt=name)


def test_every_drawing_is_tested() -> None:
    assert set(SCENES) == set(DRAWINGS)


@pytest.mark.parametrize("name", SCENES)
def test_the_same_bytes_each_time_and_nothing_without_data(name: str) -> None:
    draw = DRAWINGS[name].draw
    first, second = draw(scene(name)), draw(scene(name))
    assert first is not None
    assert first == second
    assert first.png[:8] == b"\x89PNG\r\n\x1a\n"
    assert first.pdf[:5] == b"%PDF-"
    assert int.from_bytes(first.png[16:20]) == 2700
    assert draw(scene(name, {})) is None
    assert draw(scene(name, {key: frame.iloc[:0] for key, frame in SCENES[name][0].items()})) is None


def test_a_median_of_one_subject_is_not_drawn() -> None:
    frames = dict(SCENES["trends"][0])
    alone = table("group panel x median n", (None, "A", "60", 90.0, 1.0))
    more = frames | {"median": pd.concat([frames["median"], alone])}
    assert DRAWINGS["trends"].draw(scene("trends", more)) == DRAWINGS["trends"].draw(scene("trends", frames))


@pytest.mark.parametrize("name", SCENES)
def test_one_record_is_enough(name: str) -> None:
    frames = {key: frame.iloc[:1] for key, frame in SCENES[name][0].items()}
    image = DRAWINGS[name].draw(scene(name, frames))
    assert (image is None) == (name == "edish")  # one parameter alone has no point


@pytest.mark.parametrize("name", SCENES)
def test_the_first_frame_alone_is_enough(name: str) -> None:
    needed = next(iter(SCENES[name][0]))
    if name != "profiles_and_mean":
        assert DRAWINGS[name].draw(scene(name, {needed: SCENES[name][0][needed]})) is not None
