"""Results of one output to its `Display`. Every text in it comes from the results or the specs; nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from datacut.datasets.records import ShownRecords
from datacut.spec.output import OutputKind, OutputLibrary, OutputSpec
from datacut.spec.study import Cut, Study
from datacut.tlf.build_frame import UNKNOWN_EDITION, Edition, Frame, abbreviations_line, page_frame
from datacut.tlf.build_listing import RECORDS, listing_columns, listing_sections
from datacut.tlf.build_table import Grid, table_columns, table_sections
from datacut.tlf.layout import Column, Display, Kind, Section, Span
from datacut.tlf.paginate import figure_size


@dataclass(frozen=True)
class BuiltOutput:
    """One output ready to be paged. drawn: of a figure, the frames its drawing was made from, by name."""

    id: str
    display: Display
    drawn: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def build_output(
    spec: OutputSpec,
    library: OutputLibrary,
    study: Study,
    ard: pd.DataFrame,
    records: Mapping[str, ShownRecords],
    cut: Cut | None = None,
    edition: Edition = UNKNOWN_EDITION,
) -> BuiltOutput:
    """The display of one output from its results.

    spec: with its template filled in (`BuiltResults.spec`); ard: all results of the output; records: those it shows, by
    name; cut: the data cut named in footnotes and source line; edition: what the source line says of this making.
    Raises SpecError for an unknown footnote, setting or drawing.
    """
    frame = page_frame(spec, library, study, _datasets(ard, records), cut, edition)
    if spec.kind is OutputKind.FIGURE:
        from datacut.tlf.build_figure import draw_figure  # matplotlib takes long to import, and tables need not wait

        size = figure_size(_display(spec, frame, (), (), (), Kind.FIGURE, library.abbreviations))
        image, drawn = draw_figure(spec, study, ard, records, size)
        drawing = (Section(image=image, byline=spec.byline),) if image is not None else ()
        return BuiltOutput(
            spec.output, _display(spec, frame, (), (), drawing, Kind.FIGURE, library.abbreviations), drawn
        )
    if spec.records is not None:
        columns = listing_columns(spec.records, records[RECORDS])
        sections = listing_sections(spec, spec.records, records[RECORDS])
        kind = Kind.LISTING if spec.kind is OutputKind.LISTING else Kind.TABLE
        return BuiltOutput(spec.output, _display(spec, frame, columns, (), sections, kind, library.abbreviations))
    grid = Grid.of(ard)
    columns, spans = table_columns(spec, library, grid)
    sections = table_sections(spec, columns, grid)
    return BuiltOutput(spec.output, _display(spec, frame, columns, spans, sections, Kind.TABLE, library.abbreviations))


def _datasets(ard: pd.DataFrame, records: Mapping[str, ShownRecords]) -> list[str]:
    """What the output is made of, in the order it is read: counts of the header, records, results."""
    header = ard["row"].eq(0)
    shown = [name for made in records.values() for name in made.datasets]
    return list(dict.fromkeys([*ard["dataset"][header].dropna(), *shown, *ard["dataset"][~header].dropna()]))


def _display(
    spec: OutputSpec,
    frame: Frame,
    columns: tuple[Column, ...],
    spans: tuple[Span, ...],
    sections: tuple[Section, ...],
    kind: Kind,
    meanings: Mapping[str, str],
) -> Display:
    figure = spec.figure.options.values() if spec.figure is not None else ()
    labels = (a.label or "" for a in spec.analyses) if kind is Kind.FIGURE else ()
    rows = {cell for section in sections for row in section.rows for cell in row.cells}
    heads = (*(line for c in columns for line in c.header), *(s.label for s in spans), *(s.byline for s in sections))
    said = abbreviations_line((spec.title, *heads, *rows, *figure, *labels, *frame.footnotes), meanings)
    return Display(
        id=spec.output,
        number=spec.number,
        title=spec.title,
        columns=columns,
        sections=sections,
        population=frame.population,
        header_left=frame.header_left,
        header_right=frame.header_right,
        spans=spans,
        footnotes=(*frame.footnotes, *filter(None, (said,))),
        source=frame.source,
        empty_text=spec.empty_text,
        kind=kind,
    )
