"""Estimates with their intervals: one row each with the numbers beside, or one place for each dose."""

from __future__ import annotations

import pandas as pd

from datacut.tlf.figures.scene import POINTS, Scene, numbers, rows_of
from datacut.tlf.layout import Image
from datacut.tlf.sheet import (
    GREY,
    LIMIT_LINE,
    canvas,
    draw_legend,
    level_handles,
    line_handle,
    marker_handle,
    save_image,
    style_of,
)

FOREST_OPTIONS = ("x_label", "total")
DOSE_OPTIONS = ("x_label", "y_label", "line", "line_label", "estimate_label", "raw_label")
_TOTAL = "#333333"
_PLOT = 3.6
_COLUMNS = (1 + 0.55 / _PLOT, 1 + 1.15 / _PLOT, 1 + 2.45 / _PLOT)
"""Inches of the plot, and where the columns of numbers beside it end, in parts of it."""


def forest(scene: Scene) -> Image | None:
    """Rows of the frame `rates` (label = endpoint, group, n, m, p, lower, upper in percent), numbers as text beside.

    A row without group is the total, named by the option total.
    """
    rates = scene.frame("rates")
    if rates.empty:
        return None
    width, height = scene.size
    total = scene.text("total", "Total")
    rows = rates.assign(name=rates["group"].where(rates["group"].notna(), total))
    present = scene.present(rates)
    with canvas(scene.size) as figure:
        ax = figure.add_axes((2.5 / width, 0.7 / height, _PLOT / width, 1 - 0.75 / height))
        places: list[float] = []
        endpoints: dict[float, str] = {}
        for label, mine in rows.groupby("label", sort=False):
            start = places[-1] + 1.4 if places else 0.0
            endpoints[start] = str(label)
            places += [start + i for i in range(len(mine))]
        lines = {name: style_of(name, scene.levels) for name in present}
        ax.set_ylim(places[-1] + 0.7, -1.4)
        for place, row in zip(places, rows_of(rows), strict=True):
            style = lines.get(str(row.name))
            colour = style.colour if style else _TOTAL
            ax.plot([row.lower, row.upper], [place, place], color=colour, linewidth=1.2, marker="|", markersize=5)
            ax.plot(
                [row.p], [place], marker=style.marker if style else "d", color=colour, markersize=5.5 if style else 7
            )
            at = ax.get_yaxis_transform()
            ax.text(-0.03, place, str(row.name), transform=at, ha="right", va="center", clip_on=False)
            ax.text(_COLUMNS[0], place, f"{row.n:.0f}/{row.m:.0f}", transform=at, ha="right", va="center")
            ax.text(_COLUMNS[1], place, f"{row.p:.1f}", transform=at, ha="right", va="center")
            ax.text(_COLUMNS[2], place, f"({row.lower:.1f}, {row.upper:.1f})", transform=at, ha="right", va="center")
        for place, label in endpoints.items():
            ax.text(-2.4 / _PLOT, place, label, transform=ax.get_yaxis_transform(), va="center", weight="bold")
        for x, head in zip(_COLUMNS, ("n/m", "%", "95% CI"), strict=True):
            ax.text(x, -1.0, head, transform=ax.get_yaxis_transform(), ha="right", va="center", weight="bold")
        ax.set_xlim(-2, 102)
        ax.set_xticks([0, 25, 50, 75, 100])
        ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
        ax.set_axisbelow(True)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(scene.text("x_label"), fontsize=9)
        handles = level_handles(present, scene.levels, scene.counts)
        if rates["group"].isna().any():
            handles.append(marker_handle(total, "d", _TOTAL))
        draw_legend(figure, handles)
        return save_image(figure, scene.size, scene.alt)


def dose_probability(scene: Scene) -> Image | None:
    """Points by group: estimate, lower, upper, rate (proportions), n and events, a place for each; line: target."""
    points = scene.frame(POINTS)
    points = points[pd.Series(numbers(points["estimate"]), index=points.index).notna()] if len(points) else points
    if points.empty:
        return None
    width, height = scene.size
    with canvas(scene.size) as figure:
        ax = figure.add_axes((0.75 / width, 1.15 / height, 1 - 1.0 / width, 1 - 1.3 / height))
        line = scene.number("line")
        if line is not None:
            ax.axhline(100 * line, color=GREY, linewidth=1, linestyle=LIMIT_LINE, zorder=1)
        for place, row in enumerate(rows_of(points)):
            style = style_of(str(row.group), scene.levels)
            middle, low, high = (100 * float(v) for v in (row.estimate, row.lower, row.upper))
            ax.errorbar(
                [place], [middle], yerr=[[middle - low], [high - middle]], color=style.colour, marker=style.marker,
                markersize=8, linewidth=1.5, capsize=5, zorder=3,
            )  # fmt: skip
            if pd.notna(row.rate):
                ax.plot(
                    [place + 0.12], [100 * float(row.rate)], marker="x", color="black", markersize=7, linestyle="none"
                )
            ax.annotate(f"{middle:.1f}%", (place, middle), xytext=(-9, 4), textcoords="offset points", ha="right")
        labels = [f"{r.group}\n{r.events:.0f} DLT of {r.n:.0f}" for r in rows_of(points)]
        ax.set_xticks(range(len(labels)), labels)
        ax.set_xlim(-0.6, len(labels) - 0.4)
        ax.set_ylim(-3, 103)
        ax.set_xlabel(scene.text("x_label"), fontsize=9)
        ax.set_ylabel(scene.text("y_label"), fontsize=9)
        handles = level_handles(scene.present(points), scene.levels, scene.counts)
        handles.append(marker_handle(scene.text("raw_label", "Observed rate"), "x", "black"))
        if line is not None:
            handles.append(line_handle(scene.text("line_label")))
        draw_legend(figure, handles)
        return save_image(figure, scene.size, scene.alt)
