"""Who received which dose when, who had an event, and what was decided."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from datacut.tlf.figures.scene import POINTS, Scene, is_yes, numbers, rows_of
from datacut.tlf.layout import Image
from datacut.tlf.sheet import GREY, canvas, draw_legend, level_handles, line_handle, marker_handle, save_image, style_of

OPTIONS = ("x_label", "y_label", "event_label", "none_label", "unknown_label", "sentinel_label", "decision_label")


def dose_path(scene: Scene) -> Image | None:
    """Points (subject, group, x = date, y = dose, event, evaluable, sentinel) joined by the step of the current dose.

    Filled: with the event; open: without; grey: not evaluable. sentinel: days to the next infusion, written between the
    two. Layer reviews (x = date, y = dose, decision): the letter of each decision.
    """
    points = scene.frame(POINTS)
    if points.empty:
        return None
    points = points.assign(x=_dates(points["x"]), y=numbers(points["y"])).dropna(subset=["x", "y"])
    points = points.sort_values(["x", "subject"], kind="stable").reset_index(drop=True)
    if points.empty:
        return None
    reviews = scene.frame("reviews")
    width, height = scene.size
    doses = sorted(set(points["y"]))
    unit = min((b - a for a, b in pairwise(doses)), default=1.0)
    with canvas(scene.size) as figure:
        ax = figure.add_axes((0.8 / width, 1.1 / height, 1 - 1.0 / width, 1 - 1.25 / height))
        order = range(1, len(points) + 1)
        ax.step(order, points["y"], where="post", color=GREY, linewidth=1, zorder=1)
        for place, row in zip(order, rows_of(points), strict=True):
            style = style_of(str(row.group), scene.levels)
            event, known = (bool(is_yes(pd.Series([v])).iloc[0]) for v in (row.event, row.evaluable))
            face = "#BBBBBB" if not known else style.colour if event else "white"
            ax.plot([place], [row.y], marker=style.marker, markersize=10, color=style.colour if known else "#777777",
                    markerfacecolor=face, markeredgewidth=1.6, linestyle="none", zorder=3)  # fmt: skip
            ax.annotate(
                str(row.subject), (place, row.y), xytext=(0, -12), textcoords="offset points", ha="center", va="top"
            )
        gaps = list(numbers(points["sentinel"])) if "sentinel" in points.columns else []
        for place, (gap, y) in enumerate(zip(gaps, points["y"], strict=False), 1):
            if gap == gap:
                ax.annotate(f"{gap:.0f} d", (place - 0.5, y), xytext=(0, 5), textcoords="offset points", ha="center")
                ax.plot(
                    [place - 1 + 0.2, place - 0.2],
                    [y, y],
                    color="black",
                    linewidth=2.6,
                    zorder=2,
                    solid_capstyle="butt",
                )
        for row in rows_of(reviews.assign(x=_dates(reviews["x"]))) if len(reviews) else ():
            after = float((points["x"] <= row.x).sum()) + 0.5
            ax.axvline(after, color="#BBBBBB", linewidth=0.8, linestyle=":", zorder=0)
            ax.annotate(
                str(row.decision), (after, 1), xycoords=ax.get_xaxis_transform(), ha="center", va="top", weight="bold",
                fontsize=10,
                bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": GREY, "linewidth": 0.8},
            )  # fmt: skip
        ax.set_ylim(doses[0] - 0.6 * unit, doses[-1] + 0.9 * unit)
        ax.set_yticks(doses, [f"{d:g}" for d in doses])
        ax.set_xlim(0.4, len(points) + 0.9)
        ax.set_xticks(list(order))
        ax.set_xlabel(scene.text("x_label"), fontsize=9)
        ax.set_ylabel(scene.text("y_label"), fontsize=9)
        handles = level_handles(scene.present(points), scene.levels, scene.counts)
        handles += [
            marker_handle(scene.text("event_label", "With event"), "o"),
            marker_handle(scene.text("none_label", "Without event"), "o", filled=False),
        ]
        if not is_yes(points["evaluable"]).all():
            handles.append(marker_handle(scene.text("unknown_label", "Not evaluable"), "o", "#BBBBBB"))
        if any(g == g for g in gaps):
            handles.append(line_handle(scene.text("sentinel_label", "Sentinel gap"), "black", "-", 2.6))
        draw_legend(figure, handles, 4)
        return save_image(figure, scene.size, scene.alt)


def _dates(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts.astype("str"), format="%d%b%Y", errors="coerce")
