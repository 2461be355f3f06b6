"""The forms as collected, and the systems that export them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, field_validator, model_validator

from datacut.compute.date_text import check_format
from datacut.spec.model import Model
from datacut.spec.scalars import is_day, is_number


class FieldType(StrEnum):
    """How a field is collected; raw values stay text whatever the type."""

    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    TICK = "tick"


class Range(Model):
    """What a value of a field can be, ends included; no range of normal. low, high: a number or an ISO 8601 date.

    source: why nothing else can be true.
    """

    low: str | None = None
    high: str | None = None
    source: str


class CrfField(Model):
    """One field of a form, exported as one column.

    label: short description; type: see FieldType; codelist: id in `codelists.yml` whose collected values it holds;
    unit: unit printed on the form; format: date or time tokens as collected (`d-mmm-y`, `H:M`); required: blank is a
    finding; range: what it can hold, where its type is a number or a date; not_submitted: why the field reaches no SDTM
    variable.
    """

    label: str
    type: FieldType = FieldType.TEXT
    codelist: str | None = None
    unit: str | None = None
    format: str | None = None
    required: bool = False
    range: Range | None = None
    not_submitted: str | None = None

    @field_validator("format")
    @classmethod
    def _format_is_one(cls, text: str | None) -> str | None:
        if text is not None:
            check_format(text)
        return text

    @model_validator(mode="after")
    def _range_fits(self) -> CrfField:
        ends = [e for e in (self.range.low, self.range.high) if e is not None] if self.range else []
        if self.range is not None and not ends:
            raise ValueError("a range has a low or a high end")
        if ends and self.type in (FieldType.NUMBER, FieldType.INTEGER):
            good = all(map(is_number, ends)) and float(ends[0]) <= float(ends[-1])
        else:
            good = not ends or (self.type is FieldType.DATE and all(map(is_day, ends)) and ends == sorted(ends))
        if not good:
            raise ValueError("a range goes from a number, or a date as 2026-01-31, to one that is not below it")
        return self


class Repeats(StrEnum):
    """How often a form is filled: once a subject, once a visit, as a log, or by the study team about the study."""

    ONCE = "once"
    VISIT = "visit"
    LOG = "log"
    STUDY = "study"


class Coding(Model):
    """Columns of a form that a dictionary codes: the reported `term`, its `preferred` term and their `class`.

    dictionary: one of `standards.dictionaries` of study.yml.
    """

    term: str
    preferred: str
    class_: str | None = Field(default=None, alias="class")
    dictionary: str


class CrfForm(Model):
    """One form: one file of the export.

    form: its id, `raw.<form>` in SDTM specs; page: annotated CRF page; system: a name under `systems` of study.yml;
    visits: visit ids at which it is planned; keys: columns that make a row unique; file: file name if not
    `<form>.csv`; coded: its columns that a dictionary codes; optional: it may be missing from an export, or have no
    rows.
    """

    form: str
    label: str
    page: str = ""
    system: str = "edc"
    repeats: Repeats = Repeats.LOG
    visits: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    file: str | None = None
    optional: bool = False
    coded: Coding | None = None
    not_submitted: str | None = None
    fields: dict[str, CrfField]

    @property
    def filename(self) -> str:
        return self.file or f"{self.form}.csv"


class System(Model):
    """A system that exports forms: its own key columns stand on each of its files, before the form's fields.

    study: the column that holds the code of a study, and the code of this one; rows with another do not enter.
    subject, site, visit, record: which of those columns identify the subject, site, visit and row; audit: columns that
    never count as data. encoding: declared encoding, blank = detected (BOM, strict UTF-8, strict GB18030).
    """

    label: str
    study: dict[str, str] = Field(default_factory=dict)
    encoding: str | None = None
    delimiter: str = ","
    missing: tuple[str, ...] = ()
    columns: dict[str, CrfField] = Field(default_factory=dict)
    subject: str | None = None
    site: str | None = None
    visit: str | None = None
    record: str | None = None
    audit: tuple[str, ...] = ()


SHEET_NAME = 31
"""Characters of a sheet's name, all that a workbook allows."""
_NOT_IN_SHEETS = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def workbook_name(system: str) -> str:
    """The workbook in which a system exports all of its forms, if it does not export one file a form."""
    return f"{system}.xlsx"


def sheet_name(form: CrfForm) -> str:
    """The sheet of a form in that workbook: its label without characters a sheet may not have, cut at 31."""
    return form.label.translate(_NOT_IN_SHEETS)[:SHEET_NAME].strip()
