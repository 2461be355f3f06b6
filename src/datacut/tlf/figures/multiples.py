"""A small panel for each subject, measures of different kinds over one time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator
from matplotlib.transforms import ScaledTranslation

from datacut.tlf.figures.axes import Axis, dress
from datacut.tlf.figures.scene import POINTS, Scene, is_yes, numbers, subject_order
from datacut.tlf.layout import Image
from datacut.tlf.sheet import (
    Style,
    canvas,
    count_handles,
    draw_legend,
    level_marks,
    marker_handle,
    save_image,
    style_of,
)

OPTIONS = (
    "x_label",
    "x_at",
    "x_root",
    "points_label",
    "logged",
    "logged_label",
    "linear",
    "linear_label",
    "y_label",
    "y2_label",
)
_ACROSS, _DOWN = 4, 3
"""Panels that have room for their titles."""
_ROWS = 5
"""Rows of more panels."""
_STYLES = (Style("#5E3C99", "h", "-"), Style("#009E73", "d", "--"), Style("#B2182B", "*", "-."))


def small_multiples(scene: Scene) -> Image | None:
    """Points and the layer `logged` (subject, group, x, y, censored) logged, the layer `linear` on the right axis.

    Subjects stand by level and id; the title of a panel is the id and the level, of many narrow panels the id and the
    mark of the level.
    """
    parts = {
        "points_label": scene.frame(POINTS),
        "logged_label": scene.frame("logged"),
        "linear_label": scene.frame("linear"),
    }
    for name, frame in parts.items():
        if len(frame):
            up = frame.assign(x=numbers(frame["x"]), y=numbers(frame["y"])).dropna(subset=["x", "y"])
            parts[name] = up[(up["y"] > 0) | (name == "linear_label")].sort_values("x", kind="stable")
    if parts["points_label"].empty:
        return None
    subjects = subject_order(pd.concat([f for f in parts.values() if len(f)]), scene.levels)
    group = pd.concat([f for f in parts.values() if len(f)]).drop_duplicates("subject").set_index("subject")["group"]
    few = len(subjects) <= _ACROSS * _DOWN
    across = min(_ACROSS, len(subjects)) if few else -(-len(subjects) // _ROWS)
    down = -(-len(subjects) // across)
    width, height = scene.size
    axis = Axis("", "", scene.ticks("x_at") or None, scene.is_set("x_root"), True)
    logs = [f for f in (parts["points_label"], parts["logged_label"]) if len(f)]
    low, high = min(float(f["y"].min()) for f in logs), max(float(f["y"].max()) for f in logs)
    top = float(parts["linear_label"]["y"].max()) if len(parts["linear_label"]) else 1.0
    start = min(float(f["x"].min()) for f in parts.values() if len(f))
    end = max(float(f["x"].max()) for f in parts.values() if len(f))
    with canvas(scene.size) as figure:
        grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        figure.subplots_adjust(
            left=0.8 / width,
            right=1 - 0.6 / width,
            top=1 - 0.22 / height,
            bottom=0.95 / height,
            wspace=0.12,
            hspace=0.34,
        )
        for i, ax in enumerate(grid.flat):
            if i >= len(subjects):
                ax.set_visible(False)
                continue
            subject = subjects[i]
            dress(ax, axis, first=False)
            ax.set_title(f"{subject}  {group[subject]}" if few else f"   {subject}", fontsize=8, loc="left", pad=3)
            if not few:
                _draw_level(ax, style_of(group[subject], scene.levels))
                ax.yaxis.set_major_locator(LogLocator(numticks=4))
                labels = [label.get_text() for label in ax.get_xticklabels()]
                ax.set_xticks(ax.get_xticks()[::2], labels[::2])
            right = ax.twinx()
            right.spines["right"].set_visible(True)
            right.set_ylim(-0.04 * top, 1.08 * top)
            right.tick_params(labelright=i % across == across - 1 or i == len(subjects) - 1)
            ax.tick_params(labelbottom=i + across >= len(subjects))
            for (_, frame), style, home in zip(parts.items(), _STYLES, (ax, ax, right), strict=True):
                _draw_series(home, frame[frame["subject"] == subject] if len(frame) else frame, style)
            ax.set_ylim(10 ** (np.log10(low) - 0.25), 10 ** (np.log10(high) + 0.25))
            ax.set_xlim(min(start * 1.5, -0.3), end * 1.05)
        figure.supxlabel(scene.text("x_label"), fontsize=9, y=0.46 / height)
        figure.supylabel(scene.text("y_label"), fontsize=9, x=0.12 / width)
        figure.text(1 - 0.14 / width, 0.5, scene.text("y2_label"), rotation=270, ha="center", va="center", fontsize=9)
        handles: list[Artist] = [
            Line2D([], [], color=s.colour, marker=s.marker, linestyle=s.line, label=scene.text(name))
            for (name, frame), s in zip(parts.items(), _STYLES, strict=True)
            if len(frame)
        ]
        if any("censored" in f.columns and is_yes(f["censored"]).any() for f in logs):
            handles.append(marker_handle("Below the limit", "o", filled=False))
        levels = [level for level in scene.levels if level in set(group)]
        handles += count_handles(levels, scene.counts) if few else level_marks(levels, scene.levels, scene.counts)
        draw_legend(figure, handles, 4)
        return save_image(figure, scene.size, scene.alt)


def _draw_level(ax: Any, style: Style) -> None:
    """The mark of a level before the title of a panel."""
    ax.plot(
        [0.03], [1.0], marker=style.marker, color=style.colour, markersize=4, linestyle="none", clip_on=False,
        transform=ax.transAxes + ScaledTranslation(0, 0.075, ax.figure.dpi_scale_trans),
    )  # fmt: skip


def _draw_series(ax: Any, mine: pd.DataFrame, style: Style) -> None:
    if mine.empty:
        return
    ax.plot(mine["x"], mine["y"], color=style.colour, linestyle=style.line, linewidth=0.9)
    is_open = is_yes(mine["censored"]) if "censored" in mine.columns else pd.Series(False, index=mine.index)
    for part, face in ((mine[~is_open], style.colour), (mine[is_open], "white")):
        ax.plot(part["x"], part["y"], linestyle="none", marker=style.marker, markersize=3, color=style.colour,
                markerfacecolor=face, markeredgewidth=0.8)  # fmt: skip
