"""A figure from its results: the frames that are drawn, and the drawing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.compute.units import with_powers
from datacut.datasets.ard import LABEL, plain_rows
from datacut.datasets.records import ShownRecords
from datacut.errors import Finding, Severity, SpecError, in_spec, nearest
from datacut.spec.output import FigureSpec, OutputSpec
from datacut.spec.study import Study
from datacut.tlf.build_listing import RECORDS
from datacut.tlf.figures import ANY, DRAWINGS
from datacut.tlf.figures.scene import POINTS, Drawing, Scene
from datacut.tlf.layout import Image

SHARED = ("grouping", "window")


def draw_figure(
    spec: OutputSpec,
    study: Study,
    ard: pd.DataFrame,
    records: Mapping[str, ShownRecords],
    size: tuple[float, float],
) -> tuple[Image | None, dict[str, pd.DataFrame]]:
    """The image, None where there is nothing to draw, and the frames it is drawn from, by name.

    Frames: `points` of the records (a column for each of theirs), one of each layer and of each analysis
    (`result_frame`). Options of every figure: grouping (whose levels have the styles), window (whose visits are the
    ticks); others are the drawing's. The frames hold values of the grouping, the drawing its labels, and powers of ten
    as a page has them.
    """
    figure = spec.figure
    if figure is None or figure.draw not in DRAWINGS:
        name = figure.draw if figure else ""
        raise _fault(spec, f"no drawing {name}", nearest(name, DRAWINGS))
    drawing = DRAWINGS[figure.draw]
    options = _options(spec, figure, drawing)
    drawn = {POINTS if name == RECORDS else name: record_frame(records[name]) for name in _record_names(spec)}
    drawn |= {name: result_frame(ard, name) for name in dict.fromkeys(_stem(name) for name, _ in spec.identified)}
    for name in drawn:
        if name not in drawing.frames and ANY not in drawing.frames:
            raise _fault(spec, f"{figure.draw} draws no {name}", nearest(name, drawing.frames))
    labels, counts = _levels(spec, study, options, ard, drawn)
    shown = {name: _printed(frame, labels) for name, frame in drawn.items()}
    told = {name: with_powers(text) for name, text in options.items()}
    scene = Scene(shown, list(labels.values()), counts, told, _visits(spec, study, options), size, figure.alt)
    return drawing.draw(scene), {name: frame for name, frame in drawn.items() if len(frame)}


def _printed(frame: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """A frame as it is drawn: groups by their labels, powers of ten raised."""
    texts = [name for name in frame.columns if frame[name].dtype == "str" and name != "group"]
    made = frame.assign(**{name: frame[name].map(with_powers, na_action="ignore") for name in texts})
    return made.assign(group=made["group"].map(labels)) if "group" in made.columns else made


def record_frame(records: ShownRecords) -> pd.DataFrame:
    """One row per record, one column per record column: its numbers if it has any, else its texts."""
    if not len(records):
        return pd.DataFrame()
    columns = {}
    for key, column in records.columns.items():
        values = column.cells.values
        columns[key] = column.cells.texts if values is None or values.isna().all() else values
    return pd.DataFrame(columns)


def result_frame(ard: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per printed row and column of the analyses `name` and `name.part`, one column per statistic.

    group: level of the column's grouping, missing for a total; panel and x: values of the outer and inner split;
    heading: the headings of the row; label: its text; level: value counted on it. Rows with nothing but n = 0 are left
    out.
    """
    cells = ard.loc[ard["analysis"].map(_stem).eq(name).fillna(False) & ard["method"].ne(LABEL)]
    labels = ard.loc[ard["stat_name"].eq("row_label").fillna(False)]
    paths = dict(plain_rows(labels, ("row", "path")))
    grouped = set(ard.loc[ard["analysis"].eq("N").fillna(False) & ard["group1_level"].notna(), "column"])
    rows: list[dict[str, object]] = []
    for (row, column), mine in cells.groupby(["row", "column"], sort=False):
        stats = dict(zip(mine["stat_name"], mine["stat"], strict=True))
        if all(pd.isna(v) or (k == "n" and v == 0) for k, v in stats.items()):
            continue
        first = mine.iloc[0]
        levels = [first[f"group{i}_level"] for i in (1, 2, 3) if pd.notna(first[f"group{i}"])]
        own = column in grouped
        group, splits = (levels[0], levels[1:]) if own else (None, levels)
        *above, label = paths.get(row, ("",))
        rows.append(
            {
                "group": group,
                "panel": splits[-2] if len(splits) > 1 else None,
                "x": splits[-1] if splits else None,
                "heading": tuple(above),
                "label": label,
                "level": first["variable_level"],
                **{str(k): None if pd.isna(v) else float(v) for k, v in stats.items()},
            }
        )
    return pd.DataFrame(rows)


def _stem(name: str) -> str:
    return name.partition(".")[0]


def _record_names(spec: OutputSpec) -> list[str]:
    layers = list(spec.figure.layers) if spec.figure else []
    return [*([RECORDS] if spec.records is not None else []), *layers]


def _options(spec: OutputSpec, figure: FigureSpec, drawing: Drawing) -> dict[str, str]:
    known = (*SHARED, *drawing.options)
    for name in figure.options:
        if name not in known:
            raise _fault(spec, f"{figure.draw} takes no option {name}", nearest(name, known))
    return dict(figure.options)


def _visits(spec: OutputSpec, study: Study, options: Mapping[str, str]) -> dict[float, str]:
    window = options.get("window")
    if window is None:
        return {}
    if window not in study.windows:
        raise _fault(spec, f"no windows {window}", nearest(window, study.windows))
    return {float(i): w.avisit for i, w in enumerate(study.windows[window])}


def _levels(
    spec: OutputSpec,
    study: Study,
    options: Mapping[str, str],
    ard: pd.DataFrame,
    drawn: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, str], dict[str, int]]:
    """Labels of all levels of the grouping in study order, then of those of the data; N of each label."""
    name = options.get("grouping", "")
    if name not in study.groupings:
        raise _fault(spec, f"no grouping {name}", nearest(name, study.groupings))
    planned = {x.value: x.label for x in study.groupings[name].levels}
    met = [str(v) for f in drawn.values() if "group" in f.columns for v in f["group"].dropna()]
    labels = planned | {v: with_powers(v) for v in met if v and v not in planned}
    header = ard.loc[ard["analysis"].eq("N").fillna(False) & ard["group1_level"].notna()]
    counts = {str(level): int(n) for level, n in zip(header["group1_level"], header["stat"], strict=True)}
    return labels, {label: counts.get(level, 0) for level, label in labels.items()}


def _fault(spec: OutputSpec, what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "tlf.figure", in_spec(f"specs/tlf/{spec.output}.yml"), what, "", remedy)])
