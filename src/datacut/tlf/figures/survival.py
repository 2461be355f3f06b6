"""Curves of the time to an event, with the subjects at risk under the axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.transforms import blended_transform_factory

from datacut.tlf.figures.scene import Scene, numbers
from datacut.tlf.layout import Image
from datacut.tlf.sheet import SMALL, canvas, draw_legend, level_handles, marker_handle, save_image, style_of

OPTIONS = ("x_label", "y_label", "x_at", "rising")


def survival_curve(scene: Scene) -> Image | None:
    """Steps of the frame `curve` (group, x = time, rate in percent, censored) to the last time anybody was followed.

    at_risk: frame of the numbers under the axis (group, level = time, at_risk). Option rising (Y): 100 - rate.
    """
    curve = scene.frame("curve")
    if curve.empty:
        return None
    curve = curve.assign(x=numbers(curve["x"]), rate=numbers(curve["rate"]))
    curve = curve[np.isfinite(curve["rate"])].sort_values("x", kind="stable")
    if scene.is_set("rising"):
        curve["rate"] = 100 - curve["rate"]
    present = scene.present(curve)
    ticks = scene.ticks("x_at")
    width, height = scene.size
    below = 0.95 + 0.16 * len(present)
    with canvas(scene.size) as figure:
        ax = figure.add_axes((1.7 / width, below / height, 1 - 2.0 / width, 1 - (below + 0.15) / height))
        for level in present:
            _draw_steps(
                ax, curve[curve["group"] == level], style_of(level, scene.levels), 0 if scene.is_set("rising") else 100
            )
        ax.set_ylim(-2, 104)
        right = max([*ticks, float(curve["x"].max())])
        ax.set_xlim(-0.01 * right, right * 1.02)
        if ticks:
            ax.set_xticks(list(ticks), list(ticks.values()))
        ax.set_xlabel(scene.text("x_label"), fontsize=9)
        ax.set_ylabel(scene.text("y_label"), fontsize=9)
        _write_at_risk(ax, scene.frame("at_risk"), present)
        censored = [marker_handle("Censored", "|")] if numbers(curve["censored"]).any() else []
        draw_legend(figure, [*level_handles(present, scene.levels, scene.counts), *censored])
        return save_image(figure, scene.size, scene.alt)


def _draw_steps(ax: Any, mine: pd.DataFrame, style: Any, start: float) -> None:
    times = [0.0, *mine["x"]]
    rates = [start, *mine["rate"]]
    ax.step(times, rates, where="post", color=style.colour, linestyle=style.line, linewidth=1.3)
    cut = mine[numbers(mine["censored"]) > 0]
    ax.plot(cut["x"], cut["rate"], linestyle="none", marker="|", markersize=8, color=style.colour, markeredgewidth=1.2)
    had = mine[numbers(mine["cases"]) > 0]
    ax.plot(had["x"], had["rate"], linestyle="none", marker=style.marker, markersize=4, color=style.colour)


def _write_at_risk(ax: Any, at_risk: pd.DataFrame, present: list[str]) -> None:
    """A row for each level under the axis label."""
    if at_risk.empty:
        return
    place = blended_transform_factory(ax.transData, ax.transAxes)
    shared = {"textcoords": "offset points", "fontsize": SMALL, "va": "top", "annotation_clip": False}
    ax.annotate("At risk", (0, 0), xycoords="axes fraction", xytext=(-14, -28), ha="right", weight="bold", **shared)
    for i, level in enumerate(present, 1):
        down = -28 - 11.5 * i
        ax.annotate(level, (0, 0), xycoords="axes fraction", xytext=(-14, down), ha="right", **shared)
        mine = at_risk[at_risk["group"] == level]
        for time, n in zip(numbers(mine["level"]), numbers(mine["at_risk"]), strict=True):
            ax.annotate(f"{n:.0f}", (time, 0), xycoords=place, xytext=(0, down), ha="center", **shared)
