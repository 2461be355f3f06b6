"""Figures from frames of results, drawn the same on every machine.

The helpers know no study: they are told the columns, the treatment levels in study order and the counts for
the legend. A level keeps its colour, marker and line whatever else is drawn. Nothing is computed from the
data: values below the limit of quantification, means and limits come from the results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.transforms import blended_transform_factory

from datacut.tlf.figures.axes import Axis, drawable, dress, marks, tick_lines, with_room
from datacut.tlf.figures.scene import POINTS, Scene, numbers
from datacut.tlf.figures.subjects import draw_subjects, label_subjects
from datacut.tlf.layout import Image
from datacut.tlf.sheet import SMALL, canvas, id_room, margins, save_image, style_of, write_legend

SIZE = (9.0, 4.8)
AXIS_OPTIONS = ("x_label", "y_label", "x_at", "x_root", "log", "line", "line_label")


def profiles_panels(scene: Scene) -> Image | None:
    """`draw_profiles_panels` of the points (subject, group, x, y, censored), a panel for each group.

    Options: one_panel (Y): all in one; origin: the visit at which every line starts with 0.
    """
    points = placed(scene, POINTS)
    if points.empty:
        return None
    one = scene.is_set("one_panel")
    if start := scene.text("origin"):
        points = _from_origin(points, next(p for p, label in scene.visits.items() if label == start))
    return draw_profiles_panels(
        points.assign(panel="" if one else points["group"]),
        x="x",
        y="y",
        subject="subject",
        panel="panel",
        colour_by="group",
        levels=scene.levels,
        counts=scene.counts,
        axis=axis_of(scene),
        alt=scene.alt,
        censored="censored" if "censored" in points.columns else None,
        size=scene.size,
    )


def _from_origin(points: pd.DataFrame, place: float) -> pd.DataFrame:
    first = points.drop_duplicates("subject").assign(x=place, y=0.0)
    return pd.concat([first, points], ignore_index=True)


def profiles_and_mean(scene: Scene) -> Image | None:
    """`draw_profiles_and_mean` of the points beside the frame `mean` (group, x, mean, se, n)."""
    points, mean = placed(scene, POINTS), placed(scene, "mean")
    if points.empty:
        return None
    return draw_profiles_and_mean(
        points,
        mean,
        x="x",
        y="y",
        subject="subject",
        group="group",
        levels=scene.levels,
        counts=scene.counts,
        axis=axis_of(scene),
        alt=scene.alt,
        censored="censored" if "censored" in points.columns else None,
        size=scene.size,
    )


def placed(scene: Scene, name: str) -> pd.DataFrame:
    """A frame with x as a number: the place of the visit if the scene has visits."""
    frame = scene.frame(name)
    if frame.empty:
        return frame
    if not scene.visits:
        return frame.assign(x=numbers(frame["x"]))
    places = {label: place for place, label in scene.visits.items()}
    return frame.assign(x=frame["x"].map(places))


def axis_of(scene: Scene) -> Axis:
    """The axis by the options `AXIS_OPTIONS`, and the visits of the scene as ticks."""
    return Axis(
        scene.text("x_label"),
        scene.text("y_label"),
        x_ticks=dict(scene.visits) or scene.ticks("x_at") or None,
        x_root=scene.is_set("x_root"),
        y_log=scene.is_set("log"),
        line=scene.number("line"),
        line_label=scene.text("line_label"),
    )


def draw_profiles_panels(
    data: pd.DataFrame,
    *,
    x: str,
    y: str,
    subject: str,
    panel: str,
    colour_by: str,
    levels: Sequence[str],
    counts: Mapping[str, int],
    axis: Axis,
    alt: str,
    censored: str | None = None,
    size: tuple[float, float] = SIZE,
) -> Image | None:
    """One line per subject, one panel per value of `panel`; None where nothing can be drawn.

    Panels stand in the order of the frame. censored: column that is `Y` or true for values drawn open, such as
    those below the limit of quantification.
    """
    shown = drawable(data, x, y, axis)
    if shown.empty:
        return None
    panels = [name for name in dict.fromkeys(data[panel]) if (shown[panel] == name).any()]
    across = len(panels) if len(panels) <= 3 else -(-len(panels) // 2)
    with canvas(size) as figure:
        grid = figure.subplots(-(-len(panels) // across), across, sharex=True, sharey=True, squeeze=False)
        room = id_room(shown[subject])
        figure.subplots_adjust(**margins(size, across, room + 0.15, room, 0.84), hspace=0.28)
        for ax in list(grid.flat)[len(panels) :]:
            ax.set_visible(False)
        for i, (ax, name) in enumerate(zip(grid.flat, panels, strict=False)):
            dress(ax, axis, first=i % across == 0)
            ax.set_title(str(name), fontsize=9, loc="left")
            draw_subjects(ax, shown[shown[panel] == name], (x, y, subject, colour_by), levels, censored)
        figure.supxlabel(axis.x_label, fontsize=9, y=0.42 / size[1])
        figure.draw_without_rendering()
        for ax, name in zip(grid.flat, panels, strict=False):
            label_subjects(figure, ax, shown[shown[panel] == name], x, y, subject)
        present = [level for level in levels if (shown[colour_by] == level).any()]
        write_legend(figure, present, levels, counts, marks(shown, axis, censored))
        return save_image(figure, size, alt)


def draw_profiles_and_mean(
    data: pd.DataFrame,
    summary: pd.DataFrame,
    *,
    x: str,
    y: str,
    subject: str,
    group: str,
    levels: Sequence[str],
    counts: Mapping[str, int],
    axis: Axis,
    alt: str,
    mean: str = "mean",
    error: str | tuple[str, str] = "se",
    n: str = "n",
    titles: tuple[str, str] = ("Individual", "Mean (SE)"),
    censored: str | None = None,
    size: tuple[float, float] = SIZE,
) -> Image | None:
    """Individual profiles beside the mean of each group with error bars and n under the axis.

    summary: one row per `group` and `x`. A mean and its bar are drawn from n = 2 on. error: column of a
    standard error, or two columns of limits.
    """
    shown = drawable(data, x, y, axis)
    if shown.empty:
        return None
    present = [level for level in levels if (shown[group] == level).any()]
    with canvas(size) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        gap = max(id_room(shown[subject]) + 0.5, 0.2 + 0.075 * max(map(len, present)))
        axis = with_room(axis, (size[0] - 0.95 - gap) / 2)
        extra = 0.13 * (tick_lines(axis) - 1)
        figure.subplots_adjust(**margins(size, 2, gap, 0.2, 0.84 + extra + 0.16 * len(present)))
        for i, (ax, title) in enumerate(zip((left, right), titles, strict=True)):
            dress(ax, axis, first=i == 0)
            ax.tick_params(labelleft=True)
            ax.set_title(title, fontsize=9, loc="left")
            ax.set_xlabel(axis.x_label, fontsize=9)
        draw_subjects(left, shown, (x, y, subject, group), levels, censored)
        _draw_means(right, summary, (x, group, mean, error, n), levels, present)
        right.set_xlim(left.get_xlim())
        figure.draw_without_rendering()
        label_subjects(figure, left, shown, x, y, subject)
        _write_counts(right, summary, (x, group, n), levels, present, 33 + 72 * extra)
        write_legend(figure, present, levels, counts, marks(shown, axis, censored))
        return save_image(figure, size, alt)


def _draw_means(
    ax: Any,
    summary: pd.DataFrame,
    names: tuple[str, str, str, str | tuple[str, str], str],
    levels: Sequence[str],
    present: Sequence[str],
) -> None:
    x, group, mean, error, n = names
    spots = np.unique(numbers(summary[x]))
    apart = float(np.min(np.diff(spots))) if len(spots) > 1 else 1.0
    for at, level in enumerate(present):
        mine = summary[(summary[group] == level) & (numbers(summary[n]) >= 2)].sort_values(x)
        style = style_of(level, levels)
        middle = numbers(mine[mean])
        if isinstance(error, str):
            below = above = numbers(mine[error])
        else:
            below, above = middle - numbers(mine[error[0]]), numbers(mine[error[1]]) - middle
        ax.errorbar(
            numbers(mine[x]) + (at - (len(present) - 1) / 2) * apart * 0.12,
            middle,
            yerr=np.vstack([below, above]),
            color=style.colour,
            linestyle=style.line,
            marker=style.marker,
            markersize=5,
            linewidth=1.2,
            elinewidth=0.9,
            capsize=2.5,
            zorder=2 + at,
        )


def _write_counts(
    ax: Any,
    summary: pd.DataFrame,
    names: tuple[str, str, str],
    levels: Sequence[str],
    present: Sequence[str],
    below: float,
) -> None:
    """A row of n per group under the axis, `below` points under it: under tick labels and axis label."""
    x, group, n = names
    place = blended_transform_factory(ax.transData, ax.transAxes)
    for at, level in enumerate(present):
        down = -(below + 11.5 * at)
        colour = style_of(level, levels).colour
        write: Callable[..., Any] = ax.annotate
        shared = {"textcoords": "offset points", "fontsize": SMALL, "va": "top", "annotation_clip": False}
        write(
            f"n {level}",
            (0, 0),
            xycoords="axes fraction",
            xytext=(-12, down),
            ha="right",
            color=colour if colour != "#E69F00" else "#8A5F00",
            **shared,
        )
        mine = summary[summary[group] == level]
        for spot, count in zip(numbers(mine[x]), numbers(mine[n]), strict=True):
            if np.isfinite(count):
                write(f"{count:.0f}", (spot, 0), xycoords=place, xytext=(0, down), ha="center", **shared)
