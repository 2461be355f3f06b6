"""A figure from its results: the frames that are drawn, and the drawing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.errors import Finding, Severity, SpecError, nearest
from datacut.spec.output import FigureSpec, OutputSpec
from datacut.spec.study import Study
from datacut.tlf.figure import Axis, draw_profiles_and_mean, draw_profiles_panels
from datacut.tlf.layout import Image

DRAWINGS = ("profiles_panels", "profiles_and_mean")


def draw_figure(
    spec: OutputSpec, study: Study, ard: pd.DataFrame, size: tuple[float, float]
) -> tuple[Image | None, dict[str, pd.DataFrame]]:
    """The image, None where there is nothing to draw, and the frames it is drawn from: `points`, `summary`.

    Records give the points (columns x, y, subject, group and, if censored, `censored`); analyses split by x give the
    summary. Options of the figure: grouping, x_label, y_label, window (x is a visit of it), x_at (ticks, by blanks),
    x_root (Y: square-root scale), log (Y), lloq (a setting). The frames hold values of the grouping, the drawing its
    labels.
    """
    figure = spec.figure
    if figure is None or figure.draw not in DRAWINGS:
        name = figure.draw if figure else ""
        raise _fault(spec, f"no drawing {name}", nearest(name, DRAWINGS))
    points = record_frame(ard)
    summary = summary_frame(ard)
    drawn = {"points": points} | ({"summary": summary} if len(summary) else {})
    if points.empty:
        return None, drawn
    ticks = _ticks(spec, figure, study)
    if ticks:
        places = {label: place for place, label in ticks.items()}
        points = points.assign(x=points["x"].map(places))
        summary = summary.assign(x=summary["x"].map(places)) if len(summary) else summary
    axis = _axis(spec, figure, study, ticks)
    labels, counts = _levels(spec, figure, study, ard, points)
    levels = list(labels.values())
    points = points.assign(group=points["group"].map(labels))
    if len(summary):
        summary = summary.assign(group=summary["group"].map(labels))
    censored = "censored" if "censored" in points.columns else None
    if figure.draw == "profiles_panels":
        image = draw_profiles_panels(
            points,
            x="x",
            y="y",
            subject="subject",
            panel="group",
            colour_by="group",
            levels=levels,
            counts=counts,
            axis=axis,
            alt=figure.alt,
            censored=censored,
            size=size,
        )
    else:
        image = draw_profiles_and_mean(
            points,
            summary,
            x="x",
            y="y",
            subject="subject",
            group="group",
            levels=levels,
            counts=counts,
            axis=axis,
            alt=figure.alt,
            censored=censored,
            size=size,
        )
    return image, drawn


def record_frame(ard: pd.DataFrame) -> pd.DataFrame:
    """One row per record, one column per record column: the number if all of it are, else the text."""
    cells = ard.loc[ard["analysis"].eq("records").fillna(False) & ard["row"].gt(0).fillna(False)]
    columns: dict[str, pd.Series] = {}
    for key, mine in cells.groupby("column", sort=False):
        by_record = mine.set_index("row")
        numeric = by_record["stat_text"].isna().all() and by_record["stat"].notna().any()
        columns[str(key)] = by_record["stat"] if numeric else by_record["formatted"]
    return pd.DataFrame(columns).reset_index(drop=True)


def summary_frame(ard: pd.DataFrame) -> pd.DataFrame:
    """One row per group and value of x, one column per statistic."""
    cells = ard.loc[~ard["analysis"].isin(["records", "label", "N"]) & ard["group2_level"].notna()]
    if cells.empty:
        return pd.DataFrame(columns=["group", "x"])
    wide = cells.pivot_table(
        index=["group1_level", "group2_level"], columns="stat_name", values="stat", sort=False, dropna=False
    )
    kept = wide.loc[wide["n"].notna()] if "n" in wide.columns else wide
    return kept.rename_axis(index=["group", "x"], columns=None).reset_index()


def _ticks(spec: OutputSpec, figure: FigureSpec, study: Study) -> dict[float, str]:
    window = figure.options.get("window")
    if window is None:
        return {}
    if window not in study.windows:
        raise _fault(spec, f"no windows {window}", nearest(window, study.windows))
    return {float(i): w.avisit for i, w in enumerate(study.windows[window])}


def _axis(spec: OutputSpec, figure: FigureSpec, study: Study, ticks: Mapping[float, str]) -> Axis:
    options = figure.options
    limit = None
    setting = options.get("lloq")
    if setting is not None:
        if setting not in study.settings:
            raise _fault(spec, f"no setting {setting}", nearest(setting, study.settings))
        limit = float(str(study.settings[setting].value))
    label = f"LLOQ ({limit:g})" if limit is not None else "LLOQ"
    return Axis(
        options.get("x_label", ""),
        options.get("y_label", ""),
        x_ticks=ticks or {float(day): day for day in options.get("x_at", "").split()} or None,
        x_root=options.get("x_root") == "Y",
        y_log=options.get("log") == "Y",
        lloq=limit,
        lloq_label=label,
    )


def _levels(
    spec: OutputSpec, figure: FigureSpec, study: Study, ard: pd.DataFrame, points: pd.DataFrame
) -> tuple[dict[str, str], dict[str, int]]:
    """Labels of all levels of the grouping in study order, then of those of the data; N of each label."""
    name = figure.options.get("grouping", "")
    if name not in study.groupings:
        raise _fault(spec, f"no grouping {name}", nearest(name, study.groupings))
    planned = {x.value: x.label for x in study.groupings[name].levels}
    labels = planned | {v: v for v in map(str, points["group"].dropna()) if v not in planned}
    header = ard.loc[ard["analysis"].eq("N").fillna(False) & ard["group1_level"].notna()]
    counts = {str(level): int(n) for level, n in zip(header["group1_level"], header["stat"], strict=True)}
    return labels, {label: counts.get(level, 0) for level, label in labels.items()}


def _fault(spec: OutputSpec, what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "tlf.figure", f"specs/tlf/{spec.output}.yml", what, "", remedy)])
