"""Boxes of how many subjects came how far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.patches import FancyBboxPatch

from datacut.tlf.figures.scene import Scene
from datacut.tlf.layout import Image
from datacut.tlf.sheet import canvas, save_image, style_of

OPTIONS = ("stages",)
_LINE = 0.155


def flow(scene: Scene) -> Image | None:
    """Frames of counts (group, x = stage, heading, label, n): `top` and `lost` one above the other, then a box for each
    level and stage with the rows of `arms`, and one with those of `ends` under it.

    top: a box for each row without heading; lost: beside it, the rows under the heading of the same place; stages:
    values and labels of x.
    """
    top = scene.frame("top")
    top = top[top["group"].isna()] if len(top) else top
    if top.empty:
        return None
    lost = scene.frame("lost")
    lost = lost[lost["group"].isna()] if len(lost) else lost
    arms, ends = scene.frame("arms"), scene.frame("ends")
    stages = scene.listed("stages")
    keys = [
        (stage, level)
        for stage in (stages or {"": ""})
        for level in scene.present(arms)
        if len(_of(arms, stage, level))
    ]  # fmt: skip
    width, height = scene.size
    with canvas(scene.size) as figure:
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_xlim(0, width)
        ax.set_ylim(0, height)
        ax.axis("off")
        y = height - 0.1
        middle = width * 0.38
        side_height = (len(lost) + 0.0) * _LINE + 0.16 if len(lost) else 0.0
        for i, row in enumerate(top.itertuples()):
            bottom = _box(ax, (middle, y), 2.5, [f"{row.label} (n={row.n:.0f})"], bold=True)
            if i == 0 and len(lost):
                gap = max(0.28, side_height - 0.1)
                turn = bottom - gap / 2
                rows = [f"{'' if r.heading == '' else '   '}{r.label} (n={r.n:.0f})" for r in lost.itertuples()]
                _box(ax, (width * 0.76, turn + side_height / 2), 3.4, rows, bold=False, left=True)
                _arrow(ax, (middle, turn), (width * 0.76 - 1.7, turn))
            else:
                gap = 0.28
            if i < len(top) - 1:
                _arrow(ax, (middle, bottom), (middle, bottom - gap))
                y = bottom - gap
            else:
                y = bottom
        if not keys:
            return save_image(figure, scene.size, scene.alt)
        each = (width - 0.2) / len(keys)
        bar = y - 0.14
        centres = [0.1 + each * (i + 0.5) for i in range(len(keys))]
        ax.plot([middle, middle], [y, bar], color="black", linewidth=0.9)
        ax.plot([min(*centres, middle), max(*centres, middle)], [bar, bar], color="black", linewidth=0.9)
        for centre, (stage, level) in zip(centres, keys, strict=True):
            colour = style_of(level, scene.levels).colour
            _arrow(ax, (centre, bar), (centre, bar - 0.18))
            head = [*([stages[stage]] if stage else []), level]
            rows = [f"{r.label} (n={r.n:.0f})" for r in _of(arms, stage, level).itertuples()]
            bottom = _box(
                ax, (centre, bar - 0.18), each - 0.16, [*head, *rows], bold=False, colour=colour, strong=len(head)
            )
            mine = _of(ends, stage, level)
            if len(mine):
                _arrow(ax, (centre, bottom), (centre, bottom - 0.2))
                rows = [f"{'' if r.heading == '' else '   '}{r.label} (n={r.n:.0f})" for r in mine.itertuples()]
                _box(ax, (centre, bottom - 0.2), each - 0.16, rows, bold=False, left=True, colour=colour)
        return save_image(figure, scene.size, scene.alt)


def _of(frame: pd.DataFrame, stage: str, level: str) -> pd.DataFrame:
    if frame.empty:
        return frame
    mine = frame[frame["group"] == level]
    return mine[mine["x"] == stage] if stage else mine


def _box(
    ax: Any,
    top: tuple[float, float],
    width: float,
    rows: Sequence[str],
    *,
    bold: bool,
    left: bool = False,
    colour: str = "black",
    strong: int = 0,
) -> float:
    """A box with its top middle at `top`; returns its lower edge."""
    x, y = top
    height = len(rows) * _LINE + 0.1
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.04",
            facecolor="white",
            edgecolor=colour,
            linewidth=1.1,
        )  # fmt: skip
    )
    for i, text in enumerate(rows):
        weight = "bold" if bold or i < strong else "normal"
        place = x - width / 2 + 0.08 if left else x
        ax.text(place, y - 0.05 - _LINE * (i + 0.5), text, ha="left" if left else "center", va="center", weight=weight)
    return y - height


def _arrow(ax: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate(
        "",
        end,
        xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
    )
