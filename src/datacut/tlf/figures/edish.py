"""Peak of one enzyme against the peak of bilirubin, in multiples of the upper limit of normal."""

from __future__ import annotations

from datacut.tlf.figures.scene import POINTS, Scene, numbers
from datacut.tlf.figures.subjects import NAMED, label_subjects
from datacut.tlf.layout import Image
from datacut.tlf.sheet import GREY, LIMIT_LINE, canvas, draw_legend, level_handles, line_handle, save_image, style_of

OPTIONS = ("across", "up", "x_label", "y_label", "x_line", "y_line", "line_label")


def edish(scene: Scene) -> Image | None:
    """Points (subject, group, x = parameter, y = its peak): a panel for each parameter of `across`.

    up: the parameter on the vertical axis; x_line, y_line: multiples of the limits drawn. Both axes are logarithmic. Of
    more subjects than a panel can name, those at or beyond a limit are named.
    """
    peak = scene.frame(POINTS)
    if peak.empty:
        return None
    peak = peak.assign(y=numbers(peak["y"]))
    peak = peak[peak["y"] > 0]
    wide = peak.pivot_table(index=["group", "subject"], columns="x", values="y", observed=True).reset_index()
    up = scene.text("up")
    across = {p: t for p, t in scene.listed("across").items() if p in wide.columns}
    if up not in wide.columns or not across:
        return None
    width, height = scene.size
    with canvas(scene.size) as figure:
        grid = figure.subplots(1, len(across), sharey=True, squeeze=False)[0]
        figure.subplots_adjust(
            left=0.75 / width, right=1 - 0.85 / width, top=1 - 0.3 / height, bottom=0.95 / height, wspace=0.32
        )
        for ax, (parameter, title) in zip(grid, across.items(), strict=True):
            ax.set_xscale("log")
            ax.set_yscale("log")
            drawn = wide.dropna(subset=[parameter, up])
            for row in drawn.to_dict("records"):
                style = style_of(str(row["group"]), scene.levels)
                ax.plot(
                    [row[parameter]], [row[up]], marker=style.marker, color=style.colour, markersize=6, linestyle="none"
                )
            for value, line in ((scene.number("x_line"), ax.axvline), (scene.number("y_line"), ax.axhline)):
                if value is not None:
                    line(value, color=GREY, linewidth=0.9, linestyle=LIMIT_LINE, zorder=1)
            ax.set_xlim(0.1, max(20.0, 1.5 * float(drawn[parameter].max()) if len(drawn) else 20.0))
            ax.set_ylim(0.1, max(10.0, 1.5 * float(drawn[up].max()) if len(drawn) else 10.0))
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter(lambda v, _: f"{v:g}")
                axis.set_minor_formatter(lambda _v, _: "")
            ax.set_title(title, fontsize=9, loc="left")
            ax.set_xlabel(scene.text("x_label"), fontsize=9)
        grid[0].set_ylabel(scene.text("y_label"), fontsize=9)
        figure.draw_without_rendering()
        for ax, parameter in zip(grid, across, strict=True):
            drawn = wide.dropna(subset=[parameter, up])
            beyond = (drawn[parameter] >= (scene.number("x_line") or 0)) | (drawn[up] >= (scene.number("y_line") or 0))
            named = drawn if len(drawn) <= NAMED else drawn[beyond]
            label_subjects(figure, ax, named, parameter, up, "subject")
        draw_legend(
            figure,
            [*level_handles(scene.present(peak), scene.levels, scene.counts), line_handle(scene.text("line_label"))],
        )
        return save_image(figure, scene.size, scene.alt)
