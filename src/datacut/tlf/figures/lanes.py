"""A lane for each subject along time: follow-up with what happened, or the grade of each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.artist import Artist

from datacut.tlf.figures.scene import POINTS, Scene, numbers, subject_order
from datacut.tlf.layout import Image
from datacut.tlf.sheet import (
    SHADES,
    area_handle,
    canvas,
    draw_legend,
    marker_handle,
    save_image,
    style_of,
)

SWIMMER_OPTIONS = ("x_label", "x_at", "kinds", "ongoing", "ongoing_label", "month_days")
TIMELINE_OPTIONS = ("x_label", "x_at", "kinds", "tracks", "grades")
_MARKS: tuple[tuple[str, str, bool], ...] = (
    ("o", "#0072B2", True),
    ("s", "#009E73", True),
    ("^", "#D55E00", True),
    ("D", "#000000", False),
    ("P", "#CC79A7", True),
    ("X", "#000000", True),
)


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
        for place, row in enumerate(points.itertuples()):
            lanes[str(row.subject)] = place
            colour = style_of(str(row.group), scene.levels).colour
            ax.barh(place, row.x, height=0.62, color=colour, alpha=0.28, edgecolor=colour, linewidth=0.8)
            if str(row.ongoing) == scene.text("ongoing"):
                ax.annotate(
                    "", (row.x, place), xytext=(14, 0), textcoords="offset points",
                    arrowprops={"arrowstyle": "<|-", "color": colour, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0},
                )  # fmt: skip
        _draw_marks(ax, events, lanes, styles)
        ax.set_ylim(len(lanes) - 0.4, -0.6)
        ax.set_yticks(list(lanes.values()), list(lanes))
        _dress_time(ax, scene, float(points["x"].max()))
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

    tracks: the tracks of a lane from above; grades: values and labels, the first the lightest. Layers as in `swimmer`.
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
    each = 0.8 / len(tracks)
    styles = _styles(scene)
    with canvas(scene.size) as figure:
        ax = figure.add_axes((1.35 / width, 0.95 / height, 1 - 2.85 / width, 1 - 1.05 / height))
        lanes = {subject: i for i, subject in enumerate(subjects)}
        for row in points.itertuples():
            top = lanes[str(row.subject)] - 0.4 + each * tracks.index(str(row.track))
            ax.barh(
                top + each / 2, 1, left=row.x - 0.5, height=each * 0.92, color=shade.get(float(row.value), "#000000"),
                edgecolor="white", linewidth=0.3,
            )  # fmt: skip
            if row.value > 0:
                dark = float(row.value) >= 2
                ax.text(row.x, top + each / 2, f"{row.value:.0f}", ha="center", va="center_baseline",
                        color="white" if dark else "black", fontsize=8)  # fmt: skip
        events = _events(scene)
        _draw_marks(ax, events, lanes, styles)
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
        names = scene.listed("tracks")
        for i, track in enumerate(tracks):
            ax.annotate(
                names.get(track, track), (0, -0.4 + each * (i + 0.5)), xycoords=ax.get_yaxis_transform(),
                xytext=(-52, 0), textcoords="offset points", ha="right", va="center", annotation_clip=False,
            )  # fmt: skip
        _dress_time(ax, scene, float(points["x"].max()) + 0.5, start=float(points["x"].min()) - 0.5)
        handles: list[Artist] = [area_handle(text, shade[float(v)]) for v, text in grades.items() if float(v) in shade]
        handles += _mark_handles(events, scene, styles)
        draw_legend(figure, handles, 8)
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


def _styles(scene: Scene) -> dict[str, tuple[str, str, bool]]:
    kinds = list(scene.listed("kinds"))
    return {kind: _MARKS[i % len(_MARKS)] for i, kind in enumerate(kinds)}


def _draw_marks(
    ax: Any, events: pd.DataFrame, lanes: Mapping[str, int], styles: Mapping[str, tuple[str, str, bool]]
) -> None:
    """A kind has its own height in the lane, so that marks of one day do not cover each other."""
    kinds = list(styles)
    step = 0.6 / max(len(kinds), 1)
    for row in events.itertuples():
        kind, subject = str(row.kind), str(row.subject)
        if kind not in styles or subject not in lanes:
            continue
        marker, colour, filled = styles[kind]
        up = step * (kinds.index(kind) - (len(kinds) - 1) / 2)
        ax.plot(
            [row.x], [lanes[subject] + up], marker=marker, color=colour, linestyle="none", markersize=5,
            markerfacecolor=colour if filled else "white", markeredgecolor=colour, zorder=4,
        )  # fmt: skip


def _mark_handles(events: pd.DataFrame, scene: Scene, styles: Mapping[str, tuple[str, str, bool]]) -> Sequence[Artist]:
    met = set(events["kind"])
    labels = scene.listed("kinds")
    return [marker_handle(labels[k], m, c, filled=f) for k, (m, c, f) in styles.items() if k in met]


def _dress_time(ax: Any, scene: Scene, last: float, start: float = 0.0) -> None:
    ticks = scene.ticks("x_at")
    end = max([*ticks, last])
    ax.set_xlim(start, start + (end - start) * 1.04)
    if ticks:
        ax.set_xticks(list(ticks), list(ticks.values()))
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(scene.text("x_label"), fontsize=9)
