"""The sheet a figure is drawn on: fixed settings, the packaged face, styles of treatment levels, legend, PNG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from datacut.tlf.layout import Image

DPI = 300
SMALL = 8.0
GREY = "#555555"
LIMIT_LINE = (0, (4, 3))
_FACE = "datacut sans"


@dataclass(frozen=True, slots=True)
class Style:
    """How one treatment level is drawn."""

    colour: str
    marker: str
    line: Literal["-", "--", "-.", ":"]


SHADES = ("#F2F2F2", "#C6DBEF", "#6BAED6", "#2171B5", "#08306B")
"""Five steps of one colour from light to dark, for ordered categories such as grades."""

# Okabe and Ito's colours, ordered so that neighbours differ in lightness too.
STYLES = (
    Style("#0072B2", "o", "-"),
    Style("#E69F00", "s", "--"),
    Style("#000000", "^", "-."),
    Style("#56B4E9", "D", ":"),
    Style("#D55E00", "v", "-"),
    Style("#CC79A7", "P", "--"),
    Style("#009E73", "X", "-."),
)


def style_of(level: str, levels: Sequence[str]) -> Style:
    """The style of a level by its place among all levels of the study."""
    return STYLES[levels.index(level) % len(STYLES)]


def margins(size: tuple[float, float], across: int, gap: float, right: float, below: float) -> dict[str, float]:
    """Margins and gaps between panels, given in inches, as matplotlib wants them."""
    left = 0.75
    panel = (size[0] - left - right - gap * (across - 1)) / across
    return {
        "left": left / size[0],
        "right": 1 - right / size[0],
        "top": 1 - 0.28 / size[1],
        "bottom": below / size[1],
        "wspace": gap / panel,
    }


def id_room(ids: pd.Series[Any]) -> float:
    """Inches that subject ids take beside a panel, with their leaders."""
    return 0.2 + 0.075 * int(ids.astype("str").str.len().max())


type Mark = Literal["line", "open"]
"""What stands before a text of the legend: the line of a limit, or an open symbol."""


def write_legend(
    figure: Figure,
    present: Sequence[str],
    levels: Sequence[str],
    counts: Mapping[str, int],
    marks: Mapping[str, Mark],
) -> None:
    """Levels with their N, then what the other marks mean."""
    handles = level_handles(present, levels, counts)
    for text, mark in marks.items():
        handles.append(line_handle(text) if mark == "line" else marker_handle(text, "o", filled=False))
    draw_legend(figure, handles)


def level_handles(present: Sequence[str], levels: Sequence[str], counts: Mapping[str, int]) -> list[Artist]:
    """Levels with their style and N."""
    styles = ((level, style_of(level, levels)) for level in present)
    return [
        Line2D([], [], color=s.colour, marker=s.marker, linestyle=s.line, label=f"{level} (N={counts.get(level, 0)})")
        for level, s in styles
    ]


def line_handle(text: str, colour: str = GREY, line: Any = LIMIT_LINE, width: float = 0.8) -> Artist:
    return Line2D([], [], color=colour, linewidth=width, linestyle=line, label=text)


def marker_handle(text: str, marker: str, colour: str = GREY, *, filled: bool = True) -> Artist:
    face = colour if filled else "white"
    return Line2D([], [], color=colour, marker=marker, markerfacecolor=face, linestyle="none", label=text)


def area_handle(text: str, colour: str, hatch: str = "") -> Artist:
    return Patch(facecolor=colour, edgecolor="#444444", linewidth=0.5, hatch=hatch, label=text)


def count_handles(present: Sequence[str], counts: Mapping[str, int]) -> list[Artist]:
    """Levels with their N where none is drawn in its style."""
    return [Line2D([], [], linestyle="none", label=f"{level} (N={counts.get(level, 0)})") for level in present]


def level_marks(present: Sequence[str], levels: Sequence[str], counts: Mapping[str, int]) -> list[Artist]:
    """Levels with their N where their mark alone is drawn."""
    styles = ((level, style_of(level, levels)) for level in present)
    return [marker_handle(f"{level} (N={counts.get(level, 0)})", s.marker, s.colour) for level, s in styles]


def draw_legend(figure: Figure, handles: Sequence[Artist], across: int = 5) -> None:
    """The legend under the drawing, in rows of at most `across`."""
    figure.legend(
        handles=list(handles),
        loc="lower center",
        ncols=min(len(handles), across),
        fontsize=SMALL,
        frameon=False,
        handlelength=3,
        borderaxespad=0.2,
    )


@contextmanager
def canvas(size: tuple[float, float]) -> Iterator[Figure]:
    """A figure under fixed settings, whatever the machine or the caller has set."""
    if all(entry.name != _FACE for entry in fontManager.ttflist):
        for file, weight in (("DejaVuSans.ttf", 400), ("DejaVuSans-Bold.ttf", 700)):
            path = Path(mpl.get_data_path()) / "fonts" / "ttf" / file
            fontManager.ttflist.append(FontEntry(fname=str(path), name=_FACE, weight=weight))
    ours: dict[Any, Any] = {
        "font.family": [_FACE],
        "font.size": SMALL,
        "mathtext.fontset": "dejavusans",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "axes.unicode_minus": True,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "lines.markersize": 5,
        "path.simplify": False,
        "pdf.fonttype": 42,
    }
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(ours)
        figure = Figure(figsize=size, dpi=DPI)
        FigureCanvasAgg(figure)
        yield figure


def save_image(figure: Figure, size: tuple[float, float], alt: str) -> Image:
    """Both forms of the drawing, without clock or program name."""
    png, pdf = BytesIO(), BytesIO()
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    figure.savefig(pdf, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    return Image(png.getvalue(), size[0], size[1], alt, pdf.getvalue())
