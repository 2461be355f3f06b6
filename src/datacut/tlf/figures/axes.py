"""Scales, ticks, limit lines and labels of axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator, NullFormatter

from datacut.tlf.figures.scene import is_yes, numbers
from datacut.tlf.sheet import GREY, LIMIT_LINE, Mark

_TICK_CHAR = 0.066


@dataclass(frozen=True, slots=True)
class Axis:
    """Labels and ticks of a figure.

    x_ticks: position to label; x_root: square-root scale from 0, which spreads the first days; y_log: log10 scale;
    line: a dashed line, named in the legend.
    """

    x_label: str
    y_label: str
    x_ticks: Mapping[float, str] | None = None
    x_root: bool = False
    y_log: bool = False
    line: float | None = None
    line_label: str = ""


def drawable(data: pd.DataFrame, x: str, y: str, axis: Axis) -> pd.DataFrame:
    """Rows with both values, in order of x; on a log scale only those above zero."""
    across, up = numbers(data[x]), numbers(data[y])
    keep = np.isfinite(across) & np.isfinite(up)
    if axis.y_log:
        keep &= np.where(np.isfinite(up), up, 0.0) > 0
    made = data[keep].assign(**{x: across[keep], y: up[keep]})
    return made.sort_values(x, kind="stable")


def marks(shown: pd.DataFrame, axis: Axis, censored: str | None) -> dict[str, Mark]:
    """What else the legend explains: the limit line and open symbols, where they are drawn."""
    below = censored is not None and bool(is_yes(shown[censored]).any())
    line: dict[str, Mark] = {axis.line_label: "line"} if axis.line is not None else {}
    return line | ({"Below the limit": "open"} if below else {})


def with_room(axis: Axis, width: float) -> Axis:
    """The axis with its tick labels on two lines where they do not fit beside each other in `width` inches."""
    ticks = axis.x_ticks or {}
    if sum(len(label) + 2 for label in ticks.values()) * _TICK_CHAR <= width:
        return axis
    return replace(axis, x_ticks={place: label.replace(" ", "\n", 1) for place, label in ticks.items()})


def tick_lines(axis: Axis) -> int:
    return max((label.count("\n") + 1 for label in (axis.x_ticks or {}).values()), default=1)


def dress(ax: Any, axis: Axis, *, first: bool) -> None:
    """Scale, ticks, labels and the limit line."""
    if axis.y_log:
        ax.set_yscale("log", base=10)
        ax.yaxis.set_major_locator(LogLocator(base=10, numticks=12))
        ax.yaxis.set_minor_formatter(NullFormatter())
    if axis.x_root:
        ax.set_xscale("function", functions=(root, square))
        ax.update_datalim([(0.0, 1.0)], updatey=False)
    if axis.x_ticks:
        ax.set_xticks(list(axis.x_ticks), list(axis.x_ticks.values()))
    if first:
        ax.set_ylabel(axis.y_label, fontsize=9)
    if axis.line is not None:
        ax.axhline(axis.line, color=GREY, linewidth=0.8, linestyle=LIMIT_LINE, zorder=1)


def root(values: Any) -> Any:
    """Square root, mirrored below zero so that the margin left of day 0 is drawn."""
    return np.sign(values) * np.sqrt(np.abs(values))


def square(values: Any) -> Any:
    return np.sign(values) * np.square(values)
