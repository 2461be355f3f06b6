"""One line per subject, with its id beside the panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from datacut.tlf.figures.scene import is_yes
from datacut.tlf.sheet import SMALL, style_of

_LABEL_STEP = 9.5
NAMED = 15
"""Subjects of a panel who are all named, wherever their lines end."""
_TOGETHER = 3
"""Of more, those who are named though they end at one place."""
_PLACE = 4.0
"""Points across which ends are one place: what a marker covers."""


def draw_subjects(
    ax: Any,
    rows: pd.DataFrame,
    names: tuple[str, str, str, str],
    levels: Sequence[str],
    censored: str | None,
    *,
    thin: bool = False,
) -> None:
    """A line and a marker for each value; thin: smaller, where a summary is drawn over them."""
    x, y, subject, colour_by = names
    for _, mine in rows.groupby(subject, sort=True):
        style = style_of(str(mine[colour_by].iloc[0]), levels)
        ax.plot(mine[x], mine[y], color=style.colour, linestyle=style.line, linewidth=0.6 if thin else 0.9, zorder=2)
        is_open = is_yes(mine[censored]) if censored else pd.Series(False, index=mine.index)
        for part, face in ((mine[~is_open], style.colour), (mine[is_open], "white")):
            ax.plot(
                part[x],
                part[y],
                linestyle="none",
                marker=style.marker,
                markersize=2.5 if thin else 4,
                markerfacecolor=face,
                markeredgecolor=style.colour,
                markeredgewidth=0.9,
                zorder=3,
            )


def label_subjects(figure: Figure, ax: Any, rows: pd.DataFrame, x: str, y: str, subject: str) -> None:
    """Subject ids in the right margin of a panel, moved apart, each joined to its last point.

    Among points of one height the leftmost gets the highest place, so that its leader passes over the others. Where
    many lines of a full panel end at one place, their number stands there (`n = 19`) instead of a fan of leaders.
    """
    box = ax.get_window_extent()
    dots = figure.dpi / 72
    ends = rows.groupby(subject, sort=True).tail(1)
    points = ax.transData.transform(np.column_stack([ends[x], ends[y]]))
    labels = end_labels([str(s) for s in ends[subject]], [(px / dots, py / dots) for px, py in points.tolist()])
    order = sorted(labels, key=lambda i: (points[i][1], -points[i][0], labels[i]))
    places = spread([float(points[i][1]) for i in order], box.y0, box.y1, _LABEL_STEP * dots)
    for i, height in zip(order, places, strict=True):
        ax.annotate(
            labels[i],
            xy=(ends[x].iloc[i], ends[y].iloc[i]),
            xytext=(box.x1 / dots + 5.76, height / dots),
            textcoords="figure points",
            fontsize=SMALL,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": "#999999",
                "linewidth": 0.5,
                "shrinkA": 0,
                "shrinkB": 3,
                "relpos": (0, 0.5),
            },
        )


def end_labels(names: Sequence[str], points: Sequence[tuple[float, float]]) -> dict[int, str]:
    """What stands beside the ends of lines, by the number of the line: its name, or of many at one place their count.

    points: ends in points of 1/72 inch.
    """
    if len(names) <= NAMED:
        return dict(enumerate(names))
    met: dict[tuple[int, int], list[int]] = {}
    for number, (px, py) in enumerate(points):
        met.setdefault((round(px / _PLACE), round(py / _PLACE)), []).append(number)
    labels: dict[int, str] = {}
    for same in met.values():
        if len(same) > _TOGETHER:
            labels[same[0]] = f"n = {len(same)}"
        else:
            labels |= {number: names[number] for number in same}
    return labels


def spread(wanted: list[float], low: float, high: float, step: float) -> list[float]:
    """Heights in the order given, at least `step` apart while there is room."""
    if not wanted:
        return []
    step = min(step, (high - low) / len(wanted))
    made: list[float] = []
    for height in wanted:
        made.append(max(height, made[-1] + step if made else low))
    over = high - step / 2
    for i in range(len(made) - 1, -1, -1):
        made[i] = min(made[i], over)
        over = made[i] - step
    return made
