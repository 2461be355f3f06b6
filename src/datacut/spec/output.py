"""Tables, listings and figures: what is analysed, in which columns, and how it is printed.

An output is one file in `specs/tlf`; footnotes, patterns, column templates and families of outputs (templates) are
defined once in `specs/tlf/_library.yml`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, field_validator, model_validator

from datacut.errors import nearest
from datacut.spec.conditional import Conditional
from datacut.spec.dataset import CallText, WhereText
from datacut.spec.document import Tree
from datacut.spec.documents import Documents
from datacut.spec.model import Model
from datacut.spec.where import and_


class OutputKind(StrEnum):
    TABLE = "table"
    LISTING = "listing"
    FIGURE = "figure"


class Pattern(Model):
    """How statistics are printed: rows by label, each a text with statistics in braces.

    `{mean:+1}` prints one decimal more than collected, `{p:1%}` one decimal and a percent sign, `{gmean:3s}` three
    significant digits, `{n}` a whole number. A text alone is a pattern of one row without a label. zero: rows printed
    otherwise where the first statistic of the row is 0.
    """

    rows: dict[str, str]
    zero: dict[str, str] = Field(default_factory=dict)
    text: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str):
            return {"rows": {"": value}}
        if isinstance(value, dict) and "cell" in value:
            zero = {"zero": {"": value["zero"]}} if "zero" in value else {}
            return {**{k: v for k, v in value.items() if k != "cell"}, "rows": {"": value["cell"]}, **zero}
        return value


class Subset(Model):
    """Subjects with a record of `dataset` that satisfies `where`; outside: those without one."""

    dataset: str = "ADSL"
    where: WhereText
    outside: bool = False


class ColumnGroup(Conditional):
    """Columns under one span: the levels of grouping `by` and a total, for the subjects of the levels in `within`.

    label: text of the span, the label of the level if `within` names one; panel: groups of one panel share a page;
    subsets: columns by label, each the subjects of a subset, in place of the levels of a grouping.
    """

    within: dict[str, str] = Field(default_factory=dict)
    label: str | None = None
    by: str | None = None
    subsets: dict[str, Subset] = Field(default_factory=dict)
    total: str | None = None
    panel: int = 0


class ColumnTemplate(Model):
    """The columns of a family of tables. empty: what becomes of planned levels without a subject.

    across: what stands side by side, the `groups`; or, the groups being rows, the `statistics` of each sub-column or
    the `subcolumns` alone.
    """

    groups: tuple[ColumnGroup, ...]
    empty: Literal["keep", "drop"] = "drop"
    across: Literal["groups", "statistics", "subcolumns"] = "groups"


class By(Model):
    """Split of an analysis into rows (or pages) by the values of a variable.

    order: companion number that sorts them; text: companion whose value is printed (PARAM of PARAMCD); window: name of
    a windows table of study.yml whose visits are all shown; levels: values shown and their labels; neither: the values
    there are. seen: only those of them that the data have; omit: never these, a list or a text with commas. label:
    printed before the value of a page. subjects: condition on ADSL by value: who can have it at all (at risk in a
    period); they are the denominator.
    """

    variable: str
    order: str | None = None
    text: str | None = None
    window: str | None = None
    levels: dict[str, str] = Field(default_factory=dict)
    omit: tuple[str, ...] = ()
    label: str = ""
    seen: bool = False
    subjects: dict[str, WhereText] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"variable": value} if isinstance(value, str) else value

    @field_validator("omit", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


class Analysis(Conditional):
    """One method call and the rows it fills.

    Rows stand under the headings of `under`, the value of `by`, and the label, which is the row itself if the method
    has no rows of its own. column: key of the sub-column filled; where: records analysed; by: repeated for each value,
    of several variables for each combination; population: analysis set of these rows, if not the one of the output;
    among: the part of it that these rows are about, and their denominator.
    """

    id: str | None = None
    label: str | None = None
    under: tuple[str, ...] = ()
    dataset: str | None = None
    population: str | None = None
    among: Subset | None = None
    where: WhereText | None = None
    by: tuple[By, ...] | None = None
    column: str | None = None
    call: CallText

    @field_validator("under", mode="before")
    @classmethod
    def _one_heading(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("by", mode="before")
    @classmethod
    def _one_split(cls, value: object) -> object:
        return _splits(value)


class RecordColumn(Conditional):
    """One column of a listing: its header and the call that gives its text.

    where, dataset, match: the cell holds the records of `dataset` (that of the listing unless named) that satisfy
    `where` and agree with the printed record in the columns of `match`; several stand below each other.
    """

    label: str
    call: CallText
    where: WhereText | None = None
    dataset: str | None = None
    match: tuple[str, ...] = ()
    width: float | None = None
    align: Literal["left", "centre", "right", "decimal"] = "left"


class RecordsShown(Model):
    """Records printed (or drawn) one by one. keys: columns printed when they change; sort: columns of the data.

    repeat: columns that, as the keys, stand on every page set of a listing too wide for one. one_per: one row for each
    combination of these columns, the first record of it; columns with a `where` or `dataset` then fill in by them.
    """

    dataset: str = ""
    where: WhereText | None = None
    one_per: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    repeat: tuple[str, ...] = ()
    columns: dict[str, RecordColumn]


class FigureSpec(Model):
    """How results become a drawing: draw is a registered drawing, options its settings (`{$name}`: one of study.yml).

    layers: records drawn beside those of the output, each a frame of its name.
    """

    draw: str
    options: dict[str, str] = Field(default_factory=dict)
    layers: dict[str, RecordsShown] = Field(default_factory=dict)
    alt: str = ""


class SameAs(Model):
    """Another output that this one repeats if the analysis set of both holds the same subjects."""

    number: str
    population: str


class OutputSpec(Conditional):
    """The whole of one file in `specs/tlf`.

    population: analysis set of study.yml, among: the part of it the output is about; template with its values (`with`):
    a family of the library whose keys stand here unless given; its analyses, footnotes and columns of records come
    first. where, by: hold for every analysis, which may split its own way. pages: each value opens with a by-line of
    its own, on a new page where its columns do not fit beside those before it. empty_if:
    `records` prints the empty text where no record is eligible, `subjects` only where the analysis set is empty.
    unless_same: the output that is named instead of printed again.
    """

    output: str
    number: str
    title: str
    population: str
    among: Subset | None = None
    unless_same: SameAs | None = None
    kind: OutputKind = OutputKind.TABLE
    template: str | None = None
    values: dict[str, str] = Field(default_factory=dict, alias="with")
    byline: str = ""
    dataset: str = "ADSL"
    columns: str | None = None
    subcolumns: dict[str, str] = Field(default_factory=dict)
    stub: str = ""
    pages: By | None = None
    where: WhereText | None = None
    by: tuple[By, ...] | None = None
    analyses: tuple[Analysis, ...] = ()
    records: RecordsShown | None = None
    figure: FigureSpec | None = None
    footnotes: tuple[str, ...] = ()
    empty_text: str = "No data to report"
    empty_if: Literal["records", "subjects"] = "subjects"
    paging: Literal["P-1", "P-BLK", "P-SOC", "P-LST"] = "P-BLK"
    note: str | None = None

    @field_validator("by", mode="before")
    @classmethod
    def _one_split(cls, value: object) -> object:
        return _splits(value)

    @model_validator(mode="after")
    def _complete(self) -> OutputSpec:
        if self.template is None:
            if not self.analyses and self.records is None:
                raise ValueError("an output needs analyses or records, or a template that has them")
            if self.analyses and self.columns is None:
                raise ValueError("analyses need columns (a template of the library)")
            if self.kind is OutputKind.FIGURE and self.figure is None:
                raise ValueError("a figure needs figure: how it is drawn")
        for number, analysis in enumerate(self.analyses):
            if analysis.column is not None and self.template is None and analysis.column not in self.subcolumns:
                raise ValueError(
                    f"analysis {number + 1}: no sub-column {analysis.column}. "
                    f"{nearest(analysis.column, self.subcolumns)}"
                )
        return self

    @property
    def identified(self) -> tuple[tuple[str, Analysis], ...]:
        """The analyses with their ids, what holds for all filled in; one without an id is named by its place."""
        return tuple((a.id or f"a{i}", self._whole(a)) for i, a in enumerate(self.analyses, 1))

    def _whole(self, analysis: Analysis) -> Analysis:
        return analysis.model_copy(
            update={
                "dataset": analysis.dataset or self.dataset,
                "where": and_(self.where, analysis.where),
                "by": self.by if analysis.by is None else analysis.by,
            }
        )


def _splits(value: object) -> object:
    return (value,) if isinstance(value, str | dict | By) else value


class OutputTemplate(Model):
    """A family of outputs: keys of an output, `{name}` where a value goes; defaults: values that may be left out.

    extends: family whose keys stand here unless given; its analyses and footnotes come first.
    """

    extends: str | None = None
    parameters: tuple[str, ...] = ()
    defaults: dict[str, str] = Field(default_factory=dict)
    text: str = ""
    output: dict[str, Tree]


class Reporting(Model):
    """Why analyses are made: terms of ARS 1.0, or words of the sponsor where none of them is true.

    measures: numbers of outputs, or how they begin (`Table 14.2.1`), that analyse an outcome measure, by purpose;
    measured: the reason of those; other: the reason of all else.
    """

    measured: str = "SPECIFIED IN PROTOCOL"
    other: str = "NOT SPECIFIED IN A DOCUMENT"
    measures: dict[
        Literal["PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE"],
        tuple[str, ...],
    ] = Field(default_factory=dict)


class Selection(Model):
    """Outputs that are made together, and bound into one document in this order. text: who reads it, and when."""

    title: str
    text: str = ""
    outputs: tuple[str, ...]


class OutputLibrary(Model):
    """The whole of `specs/tlf/_library.yml`.

    first: footnotes that lead every table; last: that close every output; abbreviations: what each means, said below
    the outputs that hold it; as words with digits, they stay where a text in capitals prints in sentence case.
    """

    abbreviations: dict[str, str] = Field(default_factory=dict)
    footnotes: dict[str, str] = Field(default_factory=dict)
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    patterns: dict[str, Pattern] = Field(default_factory=dict)
    columns: dict[str, ColumnTemplate] = Field(default_factory=dict)
    templates: dict[str, OutputTemplate] = Field(default_factory=dict)
    documents: Documents | None = None
    reporting: Reporting = Reporting()
    selections: dict[str, Selection] = Field(default_factory=dict)
