"""Figures are the same bytes each time, and absent where there is nothing to draw."""

from dataclasses import replace

import matplotlib as mpl
import pandas as pd
import pytest

from datacut.tlf.figures.axes import Axis, marks, with_room
from datacut.tlf.figures.profiles import draw_profiles_and_mean, draw_profiles_panels
from datacut.tlf.figures.subjects import end_labels, spread
from datacut.tlf.layout import Image
from datacut.tlf.sheet import STYLES, style_of

LEVELS = ("Low", "High")
COUNTS = {"Low": 2, "High": 1}
DATA = pd.DataFrame(
    {
        "id": ["1", "1", "2", "2", "3"],
        "dose": ["Low", "Low", "Low", "Low", "High"],
        "day": [1, 28, 1, 28, 1],
        "copies": [1000.0, 25.0, 400.0, 80.0, None],
        "blq": [None, "Y", None, None, None],
    }
).astype({"day": "Int64", "copies": "Float64"})
AXIS = Axis("Day", "Copies/µg", y_log=True, line=50, line_label="LLOQ (50)")


def panels(data: pd.DataFrame, axis: Axis = AXIS) -> Image | None:
    return draw_profiles_panels(
        data, x="day", y="copies", subject="id", panel="dose", colour_by="dose",
        levels=LEVELS, counts=COUNTS, axis=axis, alt="Copies", censored="blq",
    )  # fmt: skip


def test_the_same_data_give_the_same_bytes_whatever_the_caller_has_set() -> None:
    first = panels(DATA)
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 5}):
        second = panels(DATA)
    assert first is not None
    assert first == second
    assert first.png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(first.png[16:20]) == 2700
    assert b"Software" not in first.png


def test_nothing_to_draw_gives_no_image() -> None:
    assert panels(DATA.assign(copies=pd.array([pd.NA] * 5, dtype="Float64"))) is None
    assert panels(DATA.assign(copies=0.0)) is None


def test_means_with_one_subject_are_left_out_without_a_fault() -> None:
    summary = pd.DataFrame(
        {
            "dose": ["Low", "Low", "High"],
            "day": [1, 28, 1],
            "mean": [700.0, 52.5, 9.0],
            "se": [300.0, 27.5, None],
            "n": [2, 2, 1],
        }
    ).astype({"se": "Float64", "n": "Int64"})
    image = draw_profiles_and_mean(
        DATA, summary, x="day", y="copies", subject="id", group="dose",
        levels=LEVELS, counts=COUNTS, axis=Axis("Day", "Copies", {1: "D1", 28: "D28"}), alt="Mean",
    )  # fmt: skip
    assert image is not None


def test_the_legend_explains_the_limit_and_open_symbols_that_are_drawn() -> None:
    assert marks(DATA, AXIS, "blq") == {"LLOQ (50)": "line", "Below the limit": "open"}
    assert marks(DATA.iloc[[0]], AXIS, "blq") == {"LLOQ (50)": "line"}
    assert marks(DATA, Axis("Day", "Copies"), None) == {}


def test_crowded_tick_labels_stand_on_two_lines() -> None:
    axis = Axis("Visit", "Score", {0.0: "Baseline", 1.0: "Month 1"})
    assert with_room(axis, 3.0) == axis
    assert with_room(axis, 1.0).x_ticks == {0.0: "Baseline", 1.0: "Month\n1"}


def test_days_on_a_square_root_scale_begin_at_0() -> None:
    rooted = replace(AXIS, x_root=True, x_ticks={0.0: "0", 28.0: "28"})
    assert panels(DATA, rooted) != panels(DATA)


def test_a_level_keeps_its_style() -> None:
    assert style_of("High", LEVELS) == STYLES[1]
    assert len({(s.colour, s.marker) for s in STYLES}) == len(STYLES)


@pytest.mark.parametrize(
    ("wanted", "made"),
    [([5.0, 5.0, 50.0], [5.0, 15.0, 50.0]), ([99.0, 99.0], [85.0, 95.0]), ([], [])],
)
def test_labels_are_moved_apart(wanted: list[float], made: list[float]) -> None:
    assert spread(wanted, 0, 100, 10) == made


def test_few_subjects_are_all_named_and_many_ends_at_one_place_are_counted() -> None:
    names = [f"S{n:02d}" for n in range(20)]
    # four end at one place, three at another, the rest apart
    points = [(10.0, 10.0)] * 4 + [(10.0, 50.0)] * 3 + [(10.0, 100.0 + 10 * n) for n in range(13)]
    assert end_labels(names[:15], points[:15]) == dict(enumerate(names[:15]))
    assert end_labels(names, points) == {0: "n = 4"} | {n: names[n] for n in range(4, 20)}
