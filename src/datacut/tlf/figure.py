"""Figures from frames of results, drawn the same on every machine.

The helpers know no study: they are told the columns, the treatment levels in study order and the counts for
the legend. A level keeps its colour, marker and line whatever else is drawn. Nothing is computed from the
data: values below the limit of quantification, means and limits come from the results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from matplotlib.transforms import blended_transform_factory

from datacut.tlf.layout import Image
from datacut.tlf.sheet import (
    GREY,
    LIMIT_LINE,
    SMALL,
    Mark,
    canvas,
    id_room,
    margins,
    save_image,
    style_of,
    write_legend,
)

SIZE = (9.0, 4.8)
_LABEL_STEP = 9.5
_TICK_CHAR = 0.066


@dataclass(frozen=True, slots=True)
class Axis:
    """Labels and ticks of a figure.

    x_ticks: position to label; x_root: square-root scale from 0, which spreads the first days; y_log: log10 scale;
    lloq: a dashed line, named in the legend.
    """

    x_label: str
    y_label: str
    x_ticks: Mapping[float, str] | None = None
    x_root: bool = False
    y_log: bool = False
    lloq: float | None = None
    lloq_label: str = "LLOQ"


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
    shown = _drawable(data, x, y, axis)
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
            _dress(ax, axis, first=i % across == 0)
            ax.set_title(str(name), fontsize=9, loc="left")
            _draw_subjects(ax, shown[shown[panel] == name], (x, y, subject, colour_by), levels, censored)
        figure.supxlabel(axis.x_label, fontsize=9, y=0.42 / size[1])
        figure.draw_without_rendering()
        for ax, name in zip(grid.flat, panels, strict=False):
            _label_subjects(figure, ax, shown[shown[panel] == name], x, y, subject)
        present = [level for level in levels if (shown[colour_by] == level).any()]
        write_legend(figure, present, levels, counts, _marks(shown, axis, censored))
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
    shown = _drawable(data, x, y, axis)
    if shown.empty:
        return None
    present = [level for level in levels if (shown[group] == level).any()]
    with canvas(size) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        gap = max(id_room(shown[subject]) + 0.5, 0.2 + 0.075 * max(map(len, present)))
        axis = _with_room(axis, (size[0] - 0.95 - gap) / 2)
        extra = 0.13 * (_tick_lines(axis) - 1)
        figure.subplots_adjust(**margins(size, 2, gap, 0.2, 0.84 + extra + 0.16 * len(present)))
        for i, (ax, title) in enumerate(zip((left, right), titles, strict=True)):
            _dress(ax, axis, first=i == 0)
            ax.tick_params(labelleft=True)
            ax.set_title(title, fontsize=9, loc="left")
            ax.set_xlabel(axis.x_label, fontsize=9)
        _draw_subjects(left, shown, (x, y, subject, group), levels, censored)
        _draw_means(right, summary, (x, group, mean, error, n), levels, present)
        right.set_xlim(left.get_xlim())
        figure.draw_without_rendering()
        _label_subjects(figure, left, shown, x, y, subject)
        _write_counts(right, summary, (x, group, n), levels, present, 33 + 72 * extra)
        write_legend(figure, present, levels, counts, _marks(shown, axis, censored))
        return save_image(figure, size, alt)


# -------------------------------------------------------------------------------------------------- one panel


def _drawable(data: pd.DataFrame, x: str, y: str, axis: Axis) -> pd.DataFrame:
    """Rows with both values, in order of x; on a log scale only those above zero."""
    across, up = _numbers(data[x]), _numbers(data[y])
    keep = np.isfinite(across) & np.isfinite(up)
    if axis.y_log:
        keep &= np.where(np.isfinite(up), up, 0.0) > 0
    made = data[keep].assign(**{x: across[keep], y: up[keep]})
    return made.sort_values(x, kind="stable")


def _numbers(values: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return pd.to_numeric(values).to_numpy(dtype="float64", na_value=np.nan)


def _flag(values: pd.Series[Any]) -> pd.Series[bool]:
    return values.isin(["Y", True])


def _marks(shown: pd.DataFrame, axis: Axis, censored: str | None) -> dict[str, Mark]:
    """What else the legend explains: the limit line and open symbols, where they are drawn."""
    below = censored is not None and bool(_flag(shown[censored]).any())
    line: dict[str, Mark] = {axis.lloq_label: "line"} if axis.lloq is not None else {}
    return line | ({"Below the limit": "open"} if below else {})


def _with_room(axis: Axis, width: float) -> Axis:
    """The axis with its tick labels on two lines where they do not fit beside each other in `width` inches."""
    ticks = axis.x_ticks or {}
    if sum(len(label) + 2 for label in ticks.values()) * _TICK_CHAR <= width:
        return axis
    return replace(axis, x_ticks={place: label.replace(" ", "\n", 1) for place, label in ticks.items()})


def _tick_lines(axis: Axis) -> int:
    return max((label.count("\n") + 1 for label in (axis.x_ticks or {}).values()), default=1)


def _dress(ax: Any, axis: Axis, *, first: bool) -> None:
    """Scale, ticks, labels and the limit line."""
    if axis.y_log:
        ax.set_yscale("log", base=10)
        ax.yaxis.set_major_locator(LogLocator(base=10, numticks=12))
        ax.yaxis.set_minor_formatter(NullFormatter())
    if axis.x_root:
        ax.set_xscale("function", functions=(_root, _square))
        ax.update_datalim([(0.0, 1.0)], updatey=False)
    if axis.x_ticks:
        ax.set_xticks(list(axis.x_ticks), list(axis.x_ticks.values()))
    if first:
        ax.set_ylabel(axis.y_label, fontsize=9)
    if axis.lloq is not None:
        ax.axhline(axis.lloq, color=GREY, linewidth=0.8, linestyle=LIMIT_LINE, zorder=1)


def _root(values: Any) -> Any:
    """Square root, mirrored below zero so that the margin left of day 0 is drawn."""
    return np.sign(values) * np.sqrt(np.abs(values))


def _square(values: Any) -> Any:
    return np.sign(values) * np.square(values)


def _draw_subjects(
    ax: Any, rows: pd.DataFrame, names: tuple[str, str, str, str], levels: Sequence[str], censored: str | None
) -> None:
    x, y, subject, colour_by = names
    for _, mine in rows.groupby(subject, sort=True):
        style = style_of(str(mine[colour_by].iloc[0]), levels)
        ax.plot(mine[x], mine[y], color=style.colour, linestyle=style.line, linewidth=0.9, zorder=2)
        is_open = _flag(mine[censored]) if censored else pd.Series(False, index=mine.index)
        for part, face in ((mine[~is_open], style.colour), (mine[is_open], "white")):
            ax.plot(
                part[x],
                part[y],
                linestyle="none",
                marker=style.marker,
                markersize=4,
                markerfacecolor=face,
                markeredgecolor=style.colour,
                markeredgewidth=0.9,
                zorder=3,
            )


def _label_subjects(figure: Figure, ax: Any, rows: pd.DataFrame, x: str, y: str, subject: str) -> None:
    """Subject ids in the right margin of a panel, moved apart, each joined to its last point.

    Among points of one height the leftmost gets the highest place, so that its leader passes over the others.
    """
    box = ax.get_window_extent()
    step = _LABEL_STEP * figure.dpi / 72
    ends = rows.groupby(subject, sort=True).tail(1)
    points = ax.transData.transform(np.column_stack([ends[x], ends[y]]))
    order = sorted(range(len(ends)), key=lambda i: (points[i][1], -points[i][0], str(ends[subject].iloc[i])))
    places = _spread([float(points[i][1]) for i in order], box.y0, box.y1, step)
    for i, height in zip(order, places, strict=True):
        ax.annotate(
            str(ends[subject].iloc[i]),
            xy=(ends[x].iloc[i], ends[y].iloc[i]),
            xytext=(box.x1 * 72 / figure.dpi + 5.76, height * 72 / figure.dpi),
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


def _spread(wanted: list[float], low: float, high: float, step: float) -> list[float]:
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


def _draw_means(
    ax: Any,
    summary: pd.DataFrame,
    names: tuple[str, str, str, str | tuple[str, str], str],
    levels: Sequence[str],
    present: Sequence[str],
) -> None:
    x, group, mean, error, n = names
    spots = np.unique(_numbers(summary[x]))
    apart = float(np.min(np.diff(spots))) if len(spots) > 1 else 1.0
    for at, level in enumerate(present):
        mine = summary[(summary[group] == level) & (_numbers(summary[n]) >= 2)].sort_values(x)
        style = style_of(level, levels)
        middle = _numbers(mine[mean])
        if isinstance(error, str):
            below = above = _numbers(mine[error])
        else:
            below, above = middle - _numbers(mine[error[0]]), _numbers(mine[error[1]]) - middle
        ax.errorbar(
            _numbers(mine[x]) + (at - (len(present) - 1) / 2) * apart * 0.12,
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
        for spot, count in zip(_numbers(mine[x]), _numbers(mine[n]), strict=True):
            if np.isfinite(count):
                write(f"{count:.0f}", (spot, 0), xycoords=place, xytext=(0, down), ha="center", **shared)
