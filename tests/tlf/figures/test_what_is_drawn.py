"""Where the marks stand: positions read from the drawing, expected ones worked by hand."""

import importlib
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from tests.tlf.figures.test_drawings import COUNTS, LEVELS, VISITS, table

from datacut.tlf.figures import DRAWINGS
from datacut.tlf.figures.scene import Scene

type Drawn = Callable[..., Figure]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """The figure of a drawing just before it is saved."""

    def draw(name: str, frames: dict[str, pd.DataFrame], options: dict[str, str], visits: bool = False) -> Figure:
        kept: list[Figure] = []
        module = importlib.import_module(DRAWINGS[name].draw.__module__)
        monkeypatch.setattr(module, "save_image", lambda figure, *_: kept.append(figure))
        DRAWINGS[name].draw(Scene(frames, LEVELS, COUNTS, options, VISITS if visits else {}))
        return kept[0]

    return draw


def texts(ax: Any) -> list[str]:
    return [t.get_text() for t in ax.texts]


def test_a_curve_stops_at_the_last_subject_and_rises_as_one_minus_survival(drawn: Drawn) -> None:
    curve = table("group x rate cases censored", ("Low", "28", 60.0, 2.0, 0.0), ("Low", "9", 80.0, 1.0, 0.0))
    figure = drawn("survival_curve", {"curve": curve}, {"rising": "Y", "x_at": "0 28 360"})
    line = figure.axes[0].lines[0]
    assert list(line.get_xdata()) == [0, 9, 28]
    assert list(line.get_ydata()) == [0, 20, 40]
    figure = drawn("survival_curve", {"curve": curve.assign(censored=[1.0, 0.0])}, {})
    line, ticks, _ = figure.axes[0].lines
    assert list(line.get_ydata()) == [100, 80, 60]
    assert (list(ticks.get_xdata()), list(ticks.get_ydata())) == ([28], [60])


def test_bars_of_a_visit_add_up_to_100_with_the_number_above(drawn: Drawn) -> None:
    status = table(
        "group x label n m",
        ("Low", "Month 1", "Y", 1.0, 4.0),
        ("Low", "Month 1", "N", 2.0, 4.0),
        ("Low", "Month 1", "Missing", 1.0, 4.0),
    )
    ax = drawn("stacked_bars", {"status": status}, {"categories": "Y; N; Missing"}, visits=True).axes[0]
    assert [bar.get_height() for bar in ax.patches] == [25, 50, 25]
    assert [bar.get_y() for bar in ax.patches] == [0, 25, 75]
    assert texts(ax) == ["4"]
    assert ax.get_title() == "Low (N=2)"


def test_shares_stand_at_their_visits_and_nothing_between(drawn: Drawn) -> None:
    points = table("subject group x y", ("1", "Low", 1.0, 100.0))
    shares = table(
        "group panel x mean n",
        (None, "P", "Baseline", 60.0, 2.0), (None, "Q", "Baseline", 30.0, 2.0),
        (None, "P", "Month 1", 50.0, 1.0),
    )  # fmt: skip
    right = drawn("profiles_and_shares", {"points": points, "shares": shares}, {"parts": "P; Q"}, visits=True).axes[1]
    assert [(bar.get_height(), bar.get_y()) for bar in right.patches] == [(60, 0), (30, 60)]
    assert [t.get_text() for t in right.get_xticklabels()] == ["Baseline (n=2)"]  # Q is not known at Month 1
    assert not right.collections


def test_nobody_of_n_is_a_point_at_0_with_its_interval(drawn: Drawn) -> None:
    rates = table("group label n m p lower upper", ("High", "SRI-4", 0.0, 3.0, 0.0, 0.0, 70.8))
    ax = drawn("forest", {"rates": rates}, {}).axes[0]
    interval, point = ax.lines
    assert list(interval.get_xdata()) == [0, 70.8]
    assert list(point.get_xdata()) == [0]
    assert {"0/3", "0.0", "(0.0, 70.8)"} <= set(texts(ax))


def test_terms_by_number_then_name_and_from_the_least_number_on(drawn: Drawn) -> None:
    grades = table(
        "group heading label n",
        (None, ("B",), "G1", 2.0), (None, ("A",), "G2", 2.0), (None, ("C",), "G1", 1.0), (None, ("D",), "G1", 1.0),
        (None, ("D",), "G2", 2.0),
    )  # fmt: skip
    ax = drawn("grade_bars", {"grades": grades}, {"categories": "G1; G2", "least": "2"}).axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["D", "A", "B"]
    assert ax.get_xlabel().endswith("(N=3)")  # two subjects of Low and one of High
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(0, 1), (0, 0), (0, 2), (1, 2), (0, 2), (2, 0)]


def test_marks_of_a_swimmer_in_months_and_an_arrow_while_it_goes_on(drawn: Drawn) -> None:
    points = table(
        "subject group x ongoing", ("1", "Low", 1.0, "DONE"), ("2", "Low", 3.0, "ONGOING"), ("3", "High", 9.0, "DONE")
    )
    seen = table("subject x kind", ("2", 31.0, "R"), ("2", 61.0, "not drawn"))
    options = {"kinds": "R", "month_days": "30", "ongoing": "ONGOING"}
    ax = drawn("swimmer", {"points": points, "seen": seen}, options).axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["2", "1", "3"]
    assert [(list(m.get_xdata()), list(m.get_ydata())) for m in ax.lines] == [([1.0], [0.0])]
    assert [t.xy for t in ax.texts] == [(3.0, 0)]


def test_who_had_the_event_is_filled_who_cannot_be_judged_grey(drawn: Drawn) -> None:
    points = table(
        "subject group x y event evaluable sentinel",
        ("2", "Low", "20AUG2025", 3.0, "Y", "Y", 16.0),
        ("1", "Low", "04AUG2025", 3.0, "", "Y", None),
        ("3", "High", "01OCT2025", 4.5, "", "", None),
    )
    reviews = table("x y decision", ("26SEP2025", 3.0, "E"))
    ax = drawn("dose_path", {"points": points, "reviews": reviews}, {}).axes[0]
    marks = {
        float(m.get_xdata()[0]): to_hex(m.get_markerfacecolor())
        for m in ax.lines
        if m.get_marker() not in ("None", None, "")
    }
    assert marks == {1.0: "#ffffff", 2.0: "#0072b2", 3.0: "#bbbbbb"}
    assert texts(ax) == ["1", "2", "3", "16 d", "E"]
    assert ax.texts[-1].xy == (2.5, 1)


def test_cells_hold_their_letters_and_a_missing_one_is_hatched(drawn: Drawn) -> None:
    points = table("subject group panel x value", ("1", "Low", "R", "Baseline", "A"), ("1", "Low", "S", "Month 1", "C"))
    first, second = drawn("heat_map", {"points": points}, {"categories": "A; B; C"}, visits=True).axes
    assert [(t.get_text(), t.get_position()) for t in first.texts] == [("A", (0, 0))]
    assert [bool(c.get_hatch()) for c in first.patches] == [False, True]
    assert texts(second) == ["C"]


def test_peaks_of_who_has_both(drawn: Drawn) -> None:
    points = table("subject group x y", ("1", "Low", "ALT", 1.5), ("1", "Low", "BILI", 0.5), ("2", "Low", "ALT", 9.0))
    ax = drawn("edish", {"points": points}, {"across": "ALT; AST", "up": "BILI", "x_line": "3"}).axes[0]
    assert [list(m.get_xdata()) for m in ax.lines] == [[1.5], [3.0, 3.0]]
    assert texts(ax) == ["1"]


def test_a_geometric_mean_with_most_values_below_the_limit_is_open(drawn: Drawn) -> None:
    mean = table(
        "group x gmean glow ghigh n above",
        ("Low", "Baseline", 10.0, 5.0, 20.0, 3.0, 1.0),
        ("Low", "Month 1", 10.0, 5.0, 20.0, 2.0, 1.0),
    )
    ax = drawn("geometric_means", {"mean": mean}, {"log": "Y"}, visits=True).axes[0]
    faces = [to_hex(m.get_markerfacecolor()) for m in ax.lines if m.get_marker() == "o"]
    assert faces == ["#ffffff", "#0072b2"]
    assert texts(ax) == ["n Low", "3", "2"]


def test_a_spider_starts_at_0(drawn: Drawn) -> None:
    points = table("subject group x y", ("1", "Low", "Month 1", -5.0))
    options = {"one_panel": "Y", "origin": "Baseline", "line": "-4", "line_label": "Fall of 4"}
    ax = drawn("profiles_panels", {"points": points}, options, visits=True).axes[0]
    line = next(m for m in ax.lines if m.get_linestyle() == "-")
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0, 1], [0, -5])


def test_boxes_of_a_flow(drawn: Drawn) -> None:
    top = table(
        "group x heading label n",
        (None, None, (), "Screened", 3.0),
        ("Low", None, (), "Screened", 2.0),
        (None, None, (), "Infused", 2.0),
    )
    lost = table("group x heading label n", (None, None, (), "Failed", 1.0), (None, None, ("Failed",), "Age", 1.0))
    arms = table("group x heading label n", ("Low", "ESC", ("Escalation",), "Infused", 2.0))
    ax = drawn(
        "flow_diagram", {"top": top, "lost_1": lost, "arms": arms}, {"stages": "ESC=Escalation; EXP=Expansion"}
    ).axes[0]
    shown = [t for t in texts(ax) if t]
    assert shown == [
        "Screened (n=3)",
        "Failed (n=1)",
        "   Age (n=1)",
        "Infused (n=2)",
        "Escalation",
        "Low",
        "Infused (n=2)",
    ]


def test_a_heat_map_of_many_has_one_row_of_panels(drawn: Drawn) -> None:
    def rows_of_panels(subjects: int) -> int:
        cells = [
            {"subject": f"{s:02d}", "group": "Low", "panel": panel, "x": "Baseline", "value": "A"}
            for s in range(subjects)
            for panel in "PQRSTU"
        ]
        figure = drawn("heat_map", {"points": pd.DataFrame(cells)}, {"categories": "A; B"}, visits=True)
        return len({round(ax.get_position().y0, 3) for ax in figure.axes if ax.get_visible()})

    assert (rows_of_panels(14), rows_of_panels(15)) == (2, 1)


def many(panel: str = "P") -> pd.DataFrame:
    """Sixteen subjects, one more than a panel can name, each with one value."""
    return table("subject group panel x y", *((f"S{n:02d}", "Low", panel, 1.0, 1.0 + n) for n in range(16)))


def test_a_panel_of_more_subjects_than_it_can_name_says_how_many(drawn: Drawn) -> None:
    ax = drawn("trends", {"points": many()}, {"panels": "P=Count"}).axes[0]
    assert (ax.get_title(loc="left"), texts(ax)) == ("Count, n = 16", [])
    ax = drawn("trends", {"points": many().head(15)}, {"panels": "P=Count"}).axes[0]
    assert ax.get_title(loc="left") == "Count"
    assert sorted(texts(ax)) == [f"S{n:02d}" for n in range(15)]


def test_of_many_subjects_those_at_or_beyond_a_limit_are_named(drawn: Drawn) -> None:
    peaks = [(f"S{n:02d}", "Low", "ALT", 3.0 if n == 4 else 1.0) for n in range(16)]
    peaks += [(f"S{n:02d}", "Low", "BILI", 2.5 if n == 9 else 0.5) for n in range(16)]
    points = table("subject group x y", *peaks)
    options = {"across": "ALT=ALT", "up": "BILI", "x_line": "3", "y_line": "2", "line_label": "Limits"}
    assert sorted(texts(drawn("edish", {"points": points}, options).axes[0])) == ["S04", "S09"]


def test_many_panels_have_the_mark_of_the_level_for_its_name(drawn: Drawn) -> None:
    few, more = ({"points": many().head(n)} for n in (12, 16))
    assert drawn("small_multiples", few, {}).axes[0].get_title(loc="left").startswith("S00  Low")
    figure = drawn("small_multiples", more, {})
    assert figure.axes[0].get_title(loc="left").strip() == "S00"
    assert figure.legends[0].get_texts()[-1].get_text() == "Low (N=2)"
