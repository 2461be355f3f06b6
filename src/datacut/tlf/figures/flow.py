"""Boxes of how many subjects came how far."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import pandas as pd
from matplotlib.patches import FancyBboxPatch

from datacut.tlf.figures.scene import Scene, rows_of
from datacut.tlf.layout import Image
from datacut.tlf.sheet import canvas, save_image, style_of

OPTIONS = ("stages",)
_LINE = 0.17
_LETTER, _BOLD = 0.064, 0.07
"""Inches that a letter takes on average."""


def flow(scene: Scene) -> Image | None:
    """Frames of counts (group, x = stage, heading, label, n): boxes of `top` one above the other, then a box for each
    level and stage with the rows of `arms`, and one with those of `ends` under it.

    lost_1, lost_2: beside the arrows below the first and the second box; stages: values and labels of x.
    """
    top = _total(scene.frame("top"))
    if top.empty:
        return None
    arms, ends = scene.frame("arms"), scene.frame("ends")
    stages = scene.listed("stages")
    keys = [
        (stage, level)
        for stage in (stages or {"": ""})
        for level in scene.present(arms)
        if len(_of(arms, stage, level))
    ]
    width, height = scene.size
    with canvas(scene.size) as figure:
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_xlim(0, width)
        ax.set_ylim(0, height)
        ax.axis("off")
        y = height - 0.1
        middle, side = width * 0.38, width * 0.76
        for i, row in enumerate(rows_of(top), 1):
            bottom = _box(ax, (middle, y), 2.5, [f"{row.label} (n={row.n:.0f})"], strong=1)
            lost = _total(scene.frame(f"lost_{i}"))
            room = len(lost) * _LINE + 0.1
            gap = max(0.3, room) if len(lost) else 0.3
            if len(lost):
                turn = bottom - gap / 2
                _box(ax, (side, turn + room / 2), 3.4, _rows(lost), left=True)
                _arrow(ax, (middle, turn), (side - 1.7, turn))
            if i < len(top):
                _arrow(ax, (middle, bottom), (middle, bottom - gap))
            y = bottom - gap if i < len(top) else bottom
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
            rows = _rows(_of(arms, stage, level))
            bottom = _box(ax, (centre, bar - 0.18), each - 0.16, [*head, *rows], colour=colour, strong=len(head))
            mine = _of(ends, stage, level)
            if len(mine):
                _arrow(ax, (centre, bottom), (centre, bottom - 0.2))
                rows = _rows(mine)
                _box(ax, (centre, bottom - 0.2), each - 0.16, rows, left=True, colour=colour)
        return save_image(figure, scene.size, scene.alt)


def _total(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["group"].isna()] if len(frame) else frame


def _rows(frame: pd.DataFrame) -> list[str]:
    """The rows as text, indented below the heading they stand under."""
    depth = frame["heading"].map(len)
    return [
        f"{'   ' * int(d - depth.min())}{r.label} (n={r.n:.0f})" for d, r in zip(depth, rows_of(frame), strict=True)
    ]


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
    left: bool = False,
    colour: str = "black",
    strong: int = 0,
) -> float:
    """A box with its top middle at `top`, its texts within it; returns its lower edge."""
    x, y = top
    lines = [
        (line, "bold" if i < strong else "normal")
        for i, text in enumerate(rows)
        for line in _wrapped(text, int((width - 0.12) / (_BOLD if i < strong else _LETTER)))
    ]
    height = len(lines) * _LINE + 0.1
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.04",
            facecolor="white",
            edgecolor=colour,
            linewidth=1.1,
        )
    )
    for i, (text, weight) in enumerate(lines):
        place = x - width / 2 + 0.08 if left else x
        ax.text(place, y - 0.05 - _LINE * (i + 0.5), text, ha="left" if left else "center", va="center", weight=weight)
    return y - height


def _wrapped(text: str, letters: int) -> list[str]:
    """The text in lines of at most so many letters, broken at blanks, its indent before each."""
    indent = " " * (len(text) - len(text.lstrip()))
    return wrap(text.strip(), letters, initial_indent=indent, subsequent_indent=indent, break_long_words=False) or [
        text
    ]


def _arrow(ax: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate(
        "",
        end,
        xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
    )
