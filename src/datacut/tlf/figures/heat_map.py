"""Categories of every subject at every visit as coloured cells with their letters."""

from __future__ import annotations

from typing import Any

from datacut.tlf.figures.scene import POINTS, Scene, subject_order
from datacut.tlf.layout import Image
from datacut.tlf.sheet import SHADES, SMALL, area_handle, canvas, draw_legend, level_handles, save_image, style_of

OPTIONS = ("categories", "missing_label", "panels")


def heat_map(scene: Scene) -> Image | None:
    """Cells of the points (subject, group, panel, x = visit, value): a panel for each `panel`, a row for each subject.

    categories: values from the darkest to the lightest; a visit without value is hatched.
    """
    points = scene.frame(POINTS)
    if points.empty:
        return None
    names = scene.listed("panels")
    panels = [p for p in (names or dict.fromkeys(points["panel"])) if (points["panel"] == p).any()]
    visits = [v for v in scene.visits.values() if (points["x"] == v).any()]
    if not panels or not visits:
        return None
    subjects = subject_order(points, scene.levels)
    group = dict(zip(points["subject"], map(str, points["group"]), strict=True))
    categories = scene.listed("categories")
    shade = dict(zip(categories, reversed(SHADES), strict=False))
    many = len(subjects) > FEW
    across = len(panels) if many else min(5, len(panels))
    width, height = scene.size
    with canvas(scene.size) as figure:
        grid = figure.subplots(-(-len(panels) // across), across, sharex=True, sharey=True, squeeze=False)
        figure.subplots_adjust(
            left=0.85 / width,
            right=1 - 0.05 / width,
            top=1 - (0.85 if many else 0.25) / height,
            bottom=(0.85 if many else 0.7) / height,
            wspace=0.06,
            hspace=0.16,
        )
        for i, ax in enumerate(grid.flat):
            if i >= len(panels):
                ax.set_visible(False)
                continue
            mine = points[points["panel"] == panels[i]]
            known = {(s, v): str(c) for s, v, c in zip(mine["subject"], mine["x"], mine["value"], strict=True)}
            _draw_cells(ax, subjects, visits, known, shade)
            title = names.get(panels[i], panels[i])
            if many:
                ax.text(0, 1.01, title, transform=ax.transAxes, rotation=30, fontsize=SMALL, va="bottom")
            else:
                ax.set_title(title, fontsize=SIZE_TITLE, pad=3)
            last = i + across >= len(panels)
            ax.tick_params(length=0, labelbottom=last)
            ax.set_xticks(range(len(visits)), [_short(v) for v in visits], rotation=90 if many else 0)
            ax.set_yticks(range(len(subjects)), subjects)
            if i % across == 0:
                ax.tick_params(axis="y", pad=14)
                for place, subject in enumerate(subjects):
                    style = style_of(group[subject], scene.levels)
                    ax.plot([-1], [place], marker=style.marker, color=style.colour, markersize=5, clip_on=False)
        handles = level_handles(scene.present(points), scene.levels, scene.counts)
        handles += [area_handle(text, shade[c]) for c, text in categories.items() if c in shade]
        handles.append(area_handle(scene.text("missing_label", "Missing"), "#FFFFFF", "////"))
        draw_legend(figure, handles, 5)
        return save_image(figure, scene.size, scene.alt)


SIZE_TITLE = 8.5
FEW = 14
"""Subjects up to which panels stand in two rows; more need the height of one, under slanted titles."""


def _short(visit: str) -> str:
    """The initial of a word and its number: V6 of Visit 6, B of Before."""
    word, _, number = visit.partition(" ")
    return word[:1] + number


def _draw_cells(
    ax: Any, subjects: list[str], visits: list[str], known: dict[tuple[str, str], str], shade: dict[str, str]
) -> None:
    dark = set(list(shade)[:2])
    for row, subject in enumerate(subjects):
        for column, visit in enumerate(visits):
            value = known.get((subject, visit), "")
            colour = shade.get(value, "#FFFFFF")
            ax.bar(
                column, 1, bottom=row - 0.5, width=1, color=colour, edgecolor="#999999", linewidth=0.4,
                hatch="" if value in shade else "////",
            )  # fmt: skip
            if value in shade:
                ax.text(column, row, value, ha="center", va="center", color="white" if value in dark else "black")
    ax.set_xlim(-0.5, len(visits) - 0.5)
    ax.set_ylim(len(subjects) - 0.5, -0.5)
