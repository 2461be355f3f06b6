"""What a drawing is given: frames of results, the levels with their styles, options, and a sheet of one size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from datacut.tlf.layout import Image

POINTS = "points"
"""Name of the frame of the records of the output."""


@dataclass(frozen=True)
class Scene:
    """One figure to be drawn.

    frames: by name, `group` holding labels of levels; levels: all of the grouping, in study order; counts: N by label;
    visits: labels of the visits of `window`, by place.
    """

    frames: Mapping[str, pd.DataFrame]
    levels: Sequence[str]
    counts: Mapping[str, int]
    options: Mapping[str, str]
    visits: Mapping[float, str] = field(default_factory=dict)
    size: tuple[float, float] = (9.0, 4.6)
    alt: str = ""

    def frame(self, name: str) -> pd.DataFrame:
        """The frame of that name; one without rows or columns where the output has no such results."""
        return self.frames.get(name, pd.DataFrame())

    def text(self, name: str, default: str = "") -> str:
        return self.options.get(name, default)

    def is_set(self, name: str) -> bool:
        return self.options.get(name) == "Y"

    def number(self, name: str) -> float | None:
        """An option as a number; None if it is not given."""
        return float(self.options[name]) if name in self.options else None

    def ticks(self, name: str) -> dict[float, str]:
        """`0 7 28`, or `0=Start 28=D28`: place and label."""
        made = {}
        for part in self.options.get(name, "").split():
            place, _, label = part.partition("=")
            made[float(place)] = label or place
        return made

    def listed(self, name: str) -> dict[str, str]:
        """`A=first; B=second`, or `A; B`: value and label."""
        made = {}
        for part in filter(None, (p.strip() for p in self.options.get(name, "").split(";"))):
            value, _, label = part.partition("=")
            made[value.strip()] = label.strip() or value.strip()
        return made

    def present(self, *frames: pd.DataFrame) -> list[str]:
        """The levels that any of the frames holds, in study order."""
        met = {str(g) for f in frames if "group" in f.columns for g in f["group"].dropna()}
        return [level for level in self.levels if level in met]

    def legend_label(self, level: str) -> str:
        return f"{level} (N={self.counts.get(level, 0)})"


type Draw = Callable[[Scene], Image | None]
"""Draws a scene; None where it holds nothing that can be drawn."""


@dataclass(frozen=True)
class Drawing:
    """A registered drawing: the function, the frames it reads and the options it takes."""

    draw: Draw
    frames: tuple[str, ...]
    options: tuple[str, ...]


def numbers(values: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column as floats, missing as NaN; what is no number is missing."""
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows with a column as an attribute."""
    return iter(frame.itertuples())


def is_yes(values: pd.Series[Any]) -> pd.Series[bool]:
    return values.isin(["Y", True])


def subject_order(frame: pd.DataFrame, levels: Sequence[str]) -> list[str]:
    """Subjects by level, then id."""
    rank = {level: i for i, level in enumerate(levels)}
    met = frame.drop_duplicates("subject")
    order = sorted((rank.get(str(g), len(rank)), str(s)) for s, g in zip(met["subject"], met["group"], strict=True))
    return [s for _, s in order]
