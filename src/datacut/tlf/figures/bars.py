"""Bars made of the counts of ordered categories."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from datacut.datasets.parts import PATH
from datacut.tlf.figures.scene import Scene, numbers
from datacut.tlf.layout import Image
from datacut.tlf.sheet import SHADES, area_handle, canvas, draw_legend, save_image

STACK_OPTIONS = ("categories", "x_label", "y_label", "total")
GRADE_OPTIONS = ("categories", "x_label", "least")
_HATCHES = {"#FFFFFF": "////"}


def stacked_bars(scene: Scene) -> Image | None:
    """Percentages of the frame `status` (group, x = visit, label = category, n, m), a panel for each group and a total.

    categories: labels of the categories from below; the last but one is white, the last hatched (missing). m stands
    over each bar.
    """
    status = scene.frame("status")
    status = status[numbers(status["m"]) > 0] if len(status) else status
    if status.empty:
        return None
    total = scene.text("total", "Total")
    status = status.assign(name=status["group"].where(status["group"].notna(), total))
    panels = [*scene.present(status), *([total] if status["group"].isna().any() else [])]
    visits = [v for v in scene.visits.values() if (status["x"] == v).any()]
    colours = _shades(scene)
    width, height = scene.size
    with canvas(scene.size) as figure:
        grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        figure.subplots_adjust(
            left=0.7 / width, right=1 - 0.1 / width, top=1 - 0.45 / height, bottom=1.2 / height, wspace=0.12
        )
        for ax, panel in zip(grid, panels, strict=True):
            mine = status[status["name"] == panel]
            for place, visit in enumerate(visits):
                bar = mine[mine["x"] == visit]
                below = 0.0
                for category, colour in colours.items():
                    share = 100 * bar.loc[bar["label"] == category, "n"].sum() / bar["m"].max() if len(bar) else 0.0
                    ax.bar(
                        place, share, bottom=below, width=0.8, color=colour, edgecolor="#444444", linewidth=0.5,
                        hatch=_HATCHES.get(colour, ""),
                    )  # fmt: skip
                    below += share
                if len(bar):
                    ax.text(place, 101.5, f"{bar['m'].max():.0f}", ha="center", va="bottom")
            ax.set_title(panel if panel == total else scene.legend_label(panel), fontsize=9, pad=14)
            ax.set_xticks(range(len(visits)), visits, rotation=60, ha="right", rotation_mode="anchor")
            ax.set_ylim(0, 101)
        grid[0].set_ylabel(scene.text("y_label"), fontsize=9)
        names = scene.listed("categories")
        draw_legend(figure, [area_handle(names[c], colour, _HATCHES.get(colour, "")) for c, colour in colours.items()])
        return save_image(figure, scene.size, scene.alt)


def _shades(scene: Scene) -> dict[str, str]:
    """Dark for the first category, light for the last but one, white and hatched for the last."""
    names = list(scene.listed("categories"))
    dark = list(reversed(SHADES))[: len(names) - 2]
    return dict(zip(names, [*dark, SHADES[0], "#FFFFFF"], strict=True))


def grade_bars(scene: Scene) -> Image | None:
    """Subjects of the total of the frame `grades` (heading = term, label = grade, n) lying, the most frequent on top.

    least: terms of fewer subjects are left out. Terms of one count stand in the order of their names.
    """
    grades = scene.frame("grades")
    grades = grades[grades["group"].isna()] if len(grades) else grades
    if grades.empty:
        return None
    terms = grades["heading"].map(PATH.join)
    wide = grades.assign(heading=terms).pivot_table(
        index="heading", columns="label", values="n", aggfunc="sum", fill_value=0
    )
    whole = wide.sum(axis="columns")
    shown = sorted((t for t in wide.index if whole[t] >= (scene.number("least") or 1)), key=lambda t: (-whole[t], t))
    if not shown:
        return None
    names = scene.listed("categories")
    width, height = scene.size
    room = 0.35 + 0.073 * max(len(str(t)) for t in shown)
    with canvas(scene.size) as figure:
        ax = figure.add_axes((room / width, 0.9 / height, 1 - (room + 0.3) / width, 1 - 1.0 / height))
        left = np.zeros(len(shown))
        for (category, _), colour in zip(names.items(), SHADES, strict=False):
            counts = numbers(wide[category].reindex(shown)) if category in wide.columns else np.zeros(len(shown))
            ax.barh(range(len(shown)), counts, left=left, color=colour, edgecolor="#444444", linewidth=0.5, height=0.72)
            for place, (n, start) in enumerate(zip(counts, left, strict=True)):
                if n > 0:
                    white = colour in SHADES[3:]
                    ax.text(
                        start + n / 2, place, f"{n:.0f}", ha="center", va="center", color="white" if white else "black"
                    )
            left += counts
        ax.set_yticks(range(len(shown)), [str(t) for t in shown])
        ax.set_ylim(len(shown) - 0.4, -0.6)
        ax.set_xlim(0, max(left) * 1.03)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(f"{scene.text('x_label')} (N={sum(scene.counts.values())})", fontsize=9)
        met = [c for c in names if c in wide.columns and wide.loc[shown, c].sum() > 0]
        draw_legend(figure, [area_handle(names[c], s) for c, s in zip(names, SHADES, strict=False) if c in met])
        return save_image(figure, scene.size, scene.alt)
