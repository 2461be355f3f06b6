"""A lane for each subject along time: follow-up with what happened, or the grade of each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from datacut.tlf.figures.scene import POINTS, Scene, numbers, rows_of, subject_order
from datacut.tlf.layout import Image
from datacut.tlf.sheet import (
    SHADES,
    area_handle,
    canvas,
    draw_legend,
    level_handles,
    marker_handle,
    save_image,
    style_of,
)

SWIMMER_OPTIONS = ("x_label", "x_at", "kinds", "ongoing", "ongoing_label", "month_days")
TIMELINE_OPTIONS = ("x_label", "x_at", "kinds", "tracks", "grades")
_ASIDE = 6.5
_ROOM = 120.0
"""Points of height that marks of all lanes share; a mark is never larger than 6."""
_MARKS: tuple[tuple[str, str, bool], ...] = (
    ("h", "#5E3C99", True),
    ("d", "#009E73", True),
    ("*", "#B2182B", True),
    ("D", "#000000", False),
    ("P", "#CC79A7", True),
    ("X", "#000000", True),
)
"""Other markers than those of the levels."""


def swimmer(scene: Scene) -> Image | None:
    """Bars of the points (subject, group, x = end of follow-up, ongoing), by level, the longest on top.

    Every layer (subject, x, kind) puts marks on the bars; kinds: those that are drawn, in the order of the legend, with
    their labels. month_days: x of the layers is a study day, that of the points months of so many days. ongoing: the
    value that gives a bar an arrow.
    """
    points = scene.frame(POINTS)
    points = points.assign(x=numbers(points["x"])).dropna(subset=["x"]) if len(points) else points
    if points.empty:
        return None
    rank = {level: i for i, level in enumerate(scene.levels)}
    points = points.assign(rank=points["group"].map(rank).fillna(len(rank)))
    points = points.sort_values(["rank", "x", "subject"], ascending=[True, False, True], kind="stable")
    events = _events(scene)
    styles = _styles(scene)
    width, height = scene.size
    with canvas(scene.size) as figure:
        ax = figure.add_axes((0.95 / width, 0.95 / height, 1 - 1.15 / width, 1 - 1.05 / height))
        lanes: dict[str, int] = {}
        for place, row in enumerate(rows_of(points)):
            lanes[str(row.subject)] = place
            colour = style_of(str(row.group), scene.levels).colour
            ax.barh(place, row.x, height=0.62, color=colour, alpha=0.28, edgecolor=colour, linewidth=0.8)
            if str(row.ongoing) == scene.text("ongoing"):
                ax.annotate(
                    "", (row.x, place), xytext=(14, 0), textcoords="offset points",
                    arrowprops={"arrowstyle": "<|-", "color": colour, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0},
                )  # fmt: skip
        _draw_marks(figure, ax, events, lanes, styles)
        ax.set_ylim(len(lanes) - 0.4, -0.6)
        ax.set_yticks(list(lanes.values()), list(lanes))
        _dress_time(ax, scene, _last(points, events))
        handles: list[Artist] = [
            area_handle(scene.legend_label(level), style_of(level, scene.levels).colour + "48")
            for level in scene.present(points)
        ]
        handles += _mark_handles(events, scene, styles)
        handles.append(marker_handle(scene.text("ongoing_label", "Follow-up ongoing"), ">", "#444444"))
        draw_legend(figure, handles)
        return save_image(figure, scene.size, scene.alt)


def timeline(scene: Scene) -> Image | None:
    """Days of the points (subject, group, track, x = day, value = grade) shaded by grade, a lane for each subject.

    tracks: the strips of a lane from above; grades: values and labels, the first the lightest. Layers as in `swimmer`.
    """
    points = scene.frame(POINTS)
    points = points.assign(x=numbers(points["x"]), value=numbers(points["value"])) if len(points) else points
    points = points.dropna(subset=["x", "value"]) if len(points) else points
    if points.empty:
        return None
    tracks = list(scene.listed("tracks")) or list(dict.fromkeys(points["track"]))
    grades = scene.listed("grades")
    shade = dict(zip(map(float, grades), SHADES, strict=False))
    subjects = subject_order(points, scene.levels)
    group = points.drop_duplicates("subject").set_index("subject")["group"]
    width, height = scene.size
    each = 0.66 / len(tracks)
    styles = _styles(scene)
    with canvas(scene.size) as figure:
        ax = figure.add_axes((0.85 / width, 1.0 / height, 1 - 2.3 / width, 1 - 1.1 / height))
        lanes = {subject: i for i, subject in enumerate(subjects)}
        for row in rows_of(points):
            top = lanes[str(row.subject)] - 0.45 + each * tracks.index(str(row.track))
            ax.barh(
                top + each / 2, 1, left=row.x - 0.5, height=each * 0.92, color=shade.get(float(row.value), "#000000"),
                edgecolor="white", linewidth=0.3,
            )  # fmt: skip
        events = _events(scene)
        _draw_marks(figure, ax, events, lanes, styles, 0.34)
        ax.set_ylim(len(lanes) - 0.4, -0.6)
        ax.set_yticks(list(lanes.values()), list(lanes))
        for subject, lane in lanes.items():
            style = style_of(str(group[subject]), scene.levels)
            ax.annotate(
                str(group[subject]), (1, lane), xycoords=ax.get_yaxis_transform(), xytext=(12, 0),
                textcoords="offset points", va="center", annotation_clip=False,
            )  # fmt: skip
            ax.plot(
                [1.01],
                [lane],
                transform=ax.get_yaxis_transform(),
                marker=style.marker,
                color=style.colour,
                clip_on=False,
            )
        _dress_time(ax, scene, _last(points, events) + 0.5, start=float(points["x"].min()) - 0.5)
        handles: list[Artist] = [area_handle(text, shade[float(v)]) for v, text in grades.items() if float(v) in shade]
        handles += level_handles(scene.present(points), scene.levels, scene.counts)
        handles += _mark_handles(events, scene, styles)
        draw_legend(figure, handles, 5)
        return save_image(figure, scene.size, scene.alt)


def _events(scene: Scene) -> pd.DataFrame:
    """The marks of all layers in one frame: subject, x, kind; a layer without kind is one of its name."""
    parts = [
        f[["subject", "x", "kind"]] if "kind" in f.columns else f[["subject", "x"]].assign(kind=name)
        for name, f in scene.frames.items()
        if name != POINTS and len(f)
    ]
    if not parts:
        return pd.DataFrame({"subject": [], "x": [], "kind": []})
    made = pd.concat(parts, ignore_index=True)
    days = numbers(made["x"])
    month = scene.number("month_days")
    return made.assign(x=days if month is None else (days - 1) / month).dropna(subset=["x"])


def _last(points: pd.DataFrame, events: pd.DataFrame) -> float:
    """The last time at which anything is drawn."""
    return float(pd.concat([points["x"], events["x"]]).astype("float64").max())


def _styles(scene: Scene) -> dict[str, tuple[str, str, bool]]:
    kinds = list(scene.listed("kinds"))
    return {kind: _MARKS[i % len(_MARKS)] for i, kind in enumerate(kinds)}


def _draw_marks(
    figure: Figure,
    ax: Any,
    events: pd.DataFrame,
    lanes: Mapping[str, int],
    styles: Mapping[str, tuple[str, str, bool]],
    down: float = 0.0,
) -> None:
    """Marks of one subject at one place stand side by side, in the order of the kinds; down: below the middle."""
    order = {kind: i for i, kind in enumerate(styles)}
    shown = events[events["kind"].isin(order) & events["subject"].isin(lanes)]
    shown = shown.assign(order=shown["kind"].map(order)).sort_values("order", kind="stable")
    for (subject, x), mine in shown.groupby(["subject", "x"]):
        for i, kind in enumerate(mine["kind"]):
            marker, colour, filled = styles[kind]
            aside = ScaledTranslation((i - (len(mine) - 1) / 2) * _ASIDE / 72, 0, figure.dpi_scale_trans)
            ax.plot(
                [x], [lanes[str(subject)] + down], marker=marker, color=colour, linestyle="none",
                markersize=min(6.0, _ROOM / len(lanes)),
                markerfacecolor=colour if filled else "white", markeredgecolor=colour, zorder=4,
                transform=ax.transData + aside,
            )  # fmt: skip


def _mark_handles(events: pd.DataFrame, scene: Scene, styles: Mapping[str, tuple[str, str, bool]]) -> Sequence[Artist]:
    met = set(events["kind"])
    labels = scene.listed("kinds")
    return [marker_handle(labels[k], m, c, filled=f) for k, (m, c, f) in styles.items() if k in met]


def _dress_time(ax: Any, scene: Scene, last: float, start: float = 0.0) -> None:
    """Time up to the first tick that nothing drawn is beyond."""
    every = scene.ticks("x_at")
    final = min((place for place in every if place >= last), default=last)
    ticks = {place: label for place, label in every.items() if place <= final}
    end = max([*ticks, last])
    ax.set_xlim(start, start + (end - start) * 1.04)
    if ticks:
        ax.set_xticks(list(ticks), list(ticks.values()))
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(scene.text("x_label"), fontsize=9)
