"""Individual values over days with a median, limits and what was given, a panel for each parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist

from datacut.tlf.figures.axes import Axis, drawable, dress
from datacut.tlf.figures.profiles import axis_of
from datacut.tlf.figures.scene import POINTS, Scene, is_yes, numbers, rows_of
from datacut.tlf.figures.subjects import NAMED, draw_subjects, label_subjects
from datacut.tlf.layout import Image
from datacut.tlf.sheet import (
    SMALL,
    area_handle,
    canvas,
    draw_legend,
    id_room,
    level_handles,
    line_handle,
    margins,
    marker_handle,
    save_image,
    style_of,
)

TREND_OPTIONS = (
    "x_label",
    "y_label",
    "x_at",
    "x_root",
    "log",
    "panels",
    "limits",
    "band_label",
    "marks_label",
    "median_label",
)
SHARE_OPTIONS = ("x_label", "y_label", "x_at", "x_root", "log", "line", "line_label", "parts", "titles", "share_label")
MEAN_OPTIONS = ("x_label", "y_label", "log", "line", "line_label", "open_label")
LEAST = 2
"""Subjects of a median that is drawn."""
_BAND = "#E4EDE4"
_PARTS = ("#0072B2", "#56B4E9", "#F0E442", "#E69F00", "#D55E00", "#999999")
_FOOT = 0.045
_GIVEN = ("*", "#B2182B")
"""Marker and colour of what was given, neither of which a level has."""
_HATCHES = ("", "//", "..", "xx", "\\\\", "oo")
"""Of the parts, so that they differ without colour."""
_LINES = ((0, (6, 2)), (0, (1, 1.5)))


def trends(scene: Scene) -> Image | None:
    """Points (subject, group, panel, x = day, y) thin, the total of the frame `median` (panel, x, median, n) thick.

    The median is drawn where n is 2 or more. panels: parameters and titles; limits: `panel value=label` marks lines;
    layers: band (panel, low, high) shades a range, marks (subject, x, kind) are drawn on the axis. A panel of more
    subjects than it can name says how many they are.
    """
    points, axis = scene.frame(POINTS), axis_of(scene)
    shown = drawable(points, "x", "y", axis) if len(points) else points
    titles = scene.listed("panels")
    panels = [p for p in titles if len(shown) and (shown["panel"] == p).any()]
    if not panels:
        return None
    limits = _limits(scene)
    size = scene.size
    with canvas(size) as figure:
        grid = figure.subplots(1, len(panels), squeeze=False)[0]
        lines = {panel: shown[shown["panel"] == panel] for panel in panels}
        many = {panel: mine["subject"].nunique() for panel, mine in lines.items()}
        room = id_room(shown["subject"]) if min(many.values()) <= NAMED else 0.2
        figure.subplots_adjust(**margins(size, len(panels), room + 0.35, room, 0.9))
        for i, (ax, panel) in enumerate(zip(grid, panels, strict=True)):
            dress(ax, axis, first=i == 0)
            count = f", n = {many[panel]}" if many[panel] > NAMED else ""
            ax.set_title(f"{titles[panel]}{count}", fontsize=9, loc="left")
            ax.set_xlabel(axis.x_label, fontsize=9)
            _draw_band(ax, scene.frame("band"), panel)
            for value, line in zip(limits.get(panel, {}).values(), _LINES, strict=False):
                ax.axhline(value, color="#444444", linewidth=0.9, linestyle=line, zorder=1)
            draw_subjects(ax, lines[panel], ("x", "y", "subject", "group"), scene.levels, None, thin=True)
            _draw_median(ax, scene.frame("median"), panel)
            _draw_given(ax, scene.frame("marks"))
        figure.draw_without_rendering()
        for ax, panel in zip(grid, panels, strict=True):
            if many[panel] <= NAMED:
                label_subjects(figure, ax, lines[panel], "x", "y", "subject")
        handles = level_handles(scene.present(shown), scene.levels, scene.counts)
        if len(scene.frame("median")):
            handles.append(line_handle(scene.text("median_label", "Median"), "black", "-", 2.4))
        names = list(dict.fromkeys(label for mine in limits.values() for label in mine))
        handles += [line_handle(n, "#444444", line, 0.9) for n, line in zip(names, _LINES, strict=False)]
        if len(scene.frame("band")):
            handles.append(area_handle(scene.text("band_label"), _BAND))
        if len(scene.frame("marks")):
            handles.append(marker_handle(scene.text("marks_label"), *_GIVEN))
        draw_legend(figure, handles, 4)
        return save_image(figure, size, scene.alt)


def _limits(scene: Scene) -> dict[str, dict[str, float]]:
    made: dict[str, dict[str, float]] = {}
    for where, label in scene.listed("limits").items():
        panel, _, value = where.partition(" ")
        made.setdefault(panel, {})[label] = float(value)
    return made


def _draw_band(ax: Any, band: pd.DataFrame, panel: str) -> None:
    mine = band[band["panel"] == panel] if len(band) else band
    for low, high in zip(numbers(mine["low"]), numbers(mine["high"]), strict=True) if len(mine) else ():
        ax.axhspan(low, high, color=_BAND, zorder=0)


def _draw_median(ax: Any, median: pd.DataFrame, panel: str) -> None:
    if median.empty:
        return
    several = numbers(median["n"]) >= LEAST
    mine = median[(median["panel"] == panel) & median["group"].isna() & several]
    mine = mine.assign(x=numbers(mine["x"])).sort_values("x")
    ax.plot(mine["x"], numbers(mine["median"]), color="black", linewidth=2.4, zorder=4)


def _draw_given(ax: Any, marks: pd.DataFrame) -> None:
    """Marks at the foot of the panel, one above the other, with the subject beside them."""
    if marks.empty:
        return
    low, high = ax.get_ylim()
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])  # the foot is no part of the scale
    ax.set_ylim(low - (0.03 + _FOOT * len(marks)) * (high - low), high)
    at = ax.get_xaxis_transform()
    for i, row in enumerate(rows_of(marks)):
        y = 0.03 + _FOOT * 0.9 * i
        ax.plot([float(row.x)], [y], marker=_GIVEN[0], color=_GIVEN[1], markersize=7, transform=at, zorder=5)
        ax.annotate(str(row.subject), (float(row.x), y), xycoords=at, xytext=(5, 0), textcoords="offset points",
                    ha="left", va="center")  # fmt: skip


def profiles_and_shares(scene: Scene) -> Image | None:
    """Points (subject, group, x = day, y, censored) beside the total of `shares` (panel = part, x = visit, mean).

    parts: the parts from below, with labels; a visit whose parts are not all known is left out.
    """
    points, axis = scene.frame(POINTS), axis_of(scene)
    axis = Axis(
        axis.x_label, axis.y_label, scene.ticks("x_at") or None, axis.x_root, axis.y_log, axis.line, axis.line_label
    )
    shown = drawable(points, "x", "y", axis) if len(points) else points
    if shown.empty:
        return None
    censored = "censored" if "censored" in shown.columns else None
    size = scene.size
    with canvas(size) as figure:
        left, right = figure.subplots(1, 2)
        room = id_room(shown["subject"])
        figure.subplots_adjust(**margins(size, 2, room + 0.75, 0.15, 1.45))
        dress(left, axis, first=True)
        titles = [*scene.listed("titles"), "", ""]
        left.set_title(titles[0], fontsize=9, loc="left")
        right.set_title(titles[1], fontsize=9, loc="left")
        left.set_xlabel(axis.x_label, fontsize=9)
        draw_subjects(left, shown, ("x", "y", "subject", "group"), scene.levels, censored)
        parts = _draw_shares(right, scene)
        right.set_ylabel(scene.text("share_label"), fontsize=9)
        figure.draw_without_rendering()
        label_subjects(figure, left, shown, "x", "y", "subject")
        handles = level_handles(scene.present(shown), scene.levels, scene.counts)
        if axis.line is not None:
            handles.append(line_handle(axis.line_label))
        if censored and is_yes(shown[censored]).any():
            handles.append(marker_handle("Below the limit of quantification", "o", filled=False))
        draw_legend(figure, [*handles, *parts], 4)
        return save_image(figure, size, scene.alt)


def _draw_shares(ax: Any, scene: Scene) -> list[Artist]:
    shares = scene.frame("shares")
    shares = shares[shares["group"].isna()] if len(shares) else shares
    parts = scene.listed("parts")
    if shares.empty:
        ax.text(0.5, 0.5, "No shares to report", ha="center", va="center", transform=ax.transAxes)
        return []
    wide = shares.pivot_table(index="x", columns="panel", values="mean").reindex(columns=list(parts))
    n = shares.groupby("x")["n"].max()
    visits = [v for v in scene.visits.values() if v in wide.index and wide.loc[v].notna().all()]
    # bars and not an area: between two visits, where there are too few cells to gate, nothing is known
    below = np.zeros(len(visits))
    for part, colour, hatch in zip(parts, _PARTS, _HATCHES, strict=False):
        height = numbers(wide.loc[visits, part])
        ax.bar(
            range(len(visits)), height, bottom=below, color=colour, edgecolor="#333333", linewidth=0.5, width=0.75,
            hatch=hatch,
        )  # fmt: skip
        below += height
    ax.set_xticks(
        range(len(visits)), [f"{v} (n={n[v]:.0f})" for v in visits], rotation=50, ha="right", rotation_mode="anchor"
    )
    ax.set_ylim(0, 100)
    return [area_handle(*part) for part in zip(parts.values(), _PARTS, _HATCHES, strict=False)]


def geometric_means(scene: Scene) -> Image | None:
    """The frame `mean` (group, x = visit, gmean, glow, ghigh, n, above): mean and bars, n under the axis.

    A point at which more than half of the values are below the limit is open.
    """
    mean = scene.frame("mean")
    mean = mean[pd.Series(numbers(mean["gmean"]), index=mean.index).notna()] if len(mean) else mean
    if mean.empty:
        return None
    present = scene.present(mean)
    visits = {v: i for i, v in enumerate(x for x in scene.visits.values() if (mean["x"] == x).any())}
    axis = axis_of(scene)
    axis = Axis(
        axis.x_label,
        axis.y_label,
        {float(i): v for v, i in visits.items()},
        False,
        axis.y_log,
        axis.line,
        axis.line_label,
    )
    size = scene.size
    below = 0.95 + 0.16 * len(present)
    some_open = False
    with canvas(size) as figure:
        ax = figure.add_axes((1.75 / size[0], below / size[1], 1 - 1.95 / size[0], 1 - (below + 0.15) / size[1]))
        dress(ax, axis, first=True)
        for at, level in enumerate(present):
            style = style_of(level, scene.levels)
            mine = mean[mean["group"] == level].assign(place=lambda f: f["x"].map(visits)).sort_values("place")
            place = numbers(mine["place"]) + (at - (len(present) - 1) / 2) * 0.14
            middle = numbers(mine["gmean"])
            ax.errorbar(
                place, middle, yerr=[middle - numbers(mine["glow"]), numbers(mine["ghigh"]) - middle],
                color=style.colour,
                linestyle=style.line, linewidth=1.2, elinewidth=0.9, capsize=2.5, zorder=2,
            )  # fmt: skip
            few = 2 * numbers(mine["above"]) < numbers(mine["n"])
            some_open = some_open or bool(few.any())
            for x, y, is_open in zip(place, middle, few, strict=True):
                face = "white" if is_open else style.colour
                ax.plot([x], [y], marker=style.marker, color=style.colour, markerfacecolor=face,
                        markersize=6, linestyle="none", zorder=3)  # fmt: skip
        ax.set_xlim(-0.4, len(visits) - 0.6)
        ax.set_xlabel(axis.x_label, fontsize=9)
        _write_n(ax, mean, present, visits)
        handles = level_handles(present, scene.levels, scene.counts)
        if axis.line is not None:
            handles.append(line_handle(axis.line_label))
        if some_open:
            handles.append(marker_handle(scene.text("open_label"), "o", filled=False))
        draw_legend(figure, handles)
        return save_image(figure, size, scene.alt)


def _write_n(ax: Any, mean: pd.DataFrame, present: list[str], visits: dict[str, int]) -> None:
    at = ax.get_xaxis_transform()
    shared = {"textcoords": "offset points", "fontsize": SMALL, "va": "top", "annotation_clip": False}
    for row, level in enumerate(present):
        down = -30 - 11.5 * row
        ax.annotate(f"n {level}", (0, 0), xycoords="axes fraction", xytext=(-12, down), ha="right", **shared)
        mine = mean[mean["group"] == level]
        for visit, n in zip(mine["x"], numbers(mine["n"]), strict=True):
            if visit in visits:
                ax.annotate(f"{n:.0f}", (visits[visit], 0), xycoords=at, xytext=(0, down), ha="center", **shared)
