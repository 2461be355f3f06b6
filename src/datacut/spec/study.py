"""`study.yml` and `codelists.yml`: identifiers, settings, visits, doses, analysis sets, codelists."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import AliasChoices, Field, field_validator

from datacut.spec.crf import System
from datacut.spec.model import Model
from datacut.spec.scalars import is_number
from datacut.spec.where import Where, parse_where

UNSCHEDULED = re.compile(r"unscheduled\s+(\d+\.\d+)", re.IGNORECASE)
"""Name of a visit that is not planned, with its number."""

type SettingValue = str | int | float | tuple[str | int | float, ...]


class Setting(Model):
    """A choice the registry entry or protocol leaves open, named so that it can be changed in one place.

    value: the default in force; alternatives: what else it may be; moves: what another value must move, variables as
    `ADEFF.AVALC` or outputs; source: who says so; text: what it decides; words: what a sentence says of a value, by it;
    unit: of a number, as sentences write it, so that a copy of the value in a sentence is found.
    """

    value: SettingValue
    alternatives: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    source: str
    text: str
    words: dict[str, str] = Field(default_factory=dict)
    unit: str = ""

    @field_validator("value", mode="before")
    @classmethod
    def _typed(cls, value: object) -> object:
        if isinstance(value, list):
            return tuple(_number_or_text(v) for v in value)
        return _number_or_text(value)


class StudyTable(Model):
    """A choice of several parts, one a row: what holds for each drug, each response, ...

    source: who says so; text: what it decides; columns: `text`, `number` or the texts that a cell may be, by name; a
    cell left out or blank is missing; codes: columns that hold codes (PARAMCD, --TESTCD), and of which dataset; words:
    what a sentence says of a cell, by it.
    """

    source: str
    text: str
    columns: dict[str, Literal["text", "number"] | tuple[str, ...]]
    codes: dict[str, str] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)
    rows: tuple[dict[str, str], ...]


def _number_or_text(value: object) -> object:
    """A number that is written as one; `007` is a code."""
    text = str(value)
    if not is_number(text) or re.match(r"[-+]?0\d", text):
        return text
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)


class Visit(Model):
    """A planned visit. target, low, high: days after the first infusion (day 0), blank where not planned by day."""

    visit: str
    visitnum: float
    target: int | None = None
    low: int | None = None
    high: int | None = None
    epoch: str | None = None


class Window(Model):
    """An analysis window: records whose study day lies in low..high (CDISC days, no day 0) get this visit."""

    avisit: str
    avisitn: float
    target: int | None = None
    low: int | None = None
    high: int | None = None


class AnalysisSet(Model):
    """A subset of ADSL subjects with a printed label (ARS AnalysisSet)."""

    label: str
    where: Where

    @field_validator("where", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_where(value) if isinstance(value, str) else value


class Level(Model):
    """One level of a grouping: the value in the data and the label printed."""

    value: str
    label: str


class Grouping(Model):
    """A way to split subjects into columns (ARS GroupingFactor); levels in printing order.

    codelist: the levels are the decodes of its terms, none missing, in order of its `numbers` where it has them.
    """

    variable: str
    order: str | None = None
    label: str
    codelist: str | None = None
    levels: tuple[Level, ...] = ()


class Dictionary(Model):
    """A dictionary kept outside the study: its name and version as Define-XML gives them."""

    name: str
    version: str


class Standards(Model):
    """Versions of the standards in force.

    dictionaries: what is used for a dictionary that a standard or a codelist names (`MedDRA`, `ISO 3166`).
    """

    sdtmig: str
    adamig: str
    ct: str
    adam_ct: str = ""
    meddra: str = ""
    ctcae: str = ""
    dictionaries: dict[str, Dictionary] = Field(default_factory=dict)


class Cut(Model):
    """A data cut: its date (ISO 8601) and what it is for.

    dictionaries: versions of dictionaries by name, where they are not those of `standards`.
    """

    date: str
    label: str
    dictionaries: dict[str, str] = Field(default_factory=dict)


class CutChange(Model):
    """A value as it was at the cut: `variable` becomes `to` (blank: missing) on the records `where` names."""

    variable: str
    to: str
    where: Where | None = None

    @field_validator("where", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_where(value) if isinstance(value, str) else value


class CutDeath(Model):
    """Records (`of`) that change when a record of `source` that says a subject died (`where`) lies after the cut."""

    source: str = Field(validation_alias=AliasChoices("from", "source"))
    where: Where
    of: Where

    @field_validator("where", "of", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return parse_where(value) if isinstance(value, str) else value


class CutRule(Model):
    """What a cut does with the records of one domain.

    by: `start` leaves out those whose `date` lies after the cut; `subject` those of subjects who are not in the cut (in
    DM, those whose `date` lies after it); `parent` follows the domains its records are made of; `none` leaves all in.
    With `start` too the records of a subject who is not in the cut go. change: values taken back where `end` lies after
    the cut, or by `death`.
    """

    by: Literal["start", "subject", "parent", "none"]
    date: str | None = None
    end: str | None = None
    change: tuple[CutChange, ...] = ()
    death: CutDeath | None = None


class Conformance(Model):
    """Whose limits hold, and where validators that are no part of the package find what they need.

    agency: fda or nmpa; visit_reach_days: most days between a record and its visit, not judged without it; paths are
    relative to the study folder.
    """

    agency: Literal["fda", "nmpa"] = "fda"
    visit_reach_days: int | None = None
    core_cache: str | None = None


class TransferLimits(Model):
    """From where on a change from one transfer to the next is told as more than a change; source: who says so.

    gone_percent: records of a form that are gone, in percent of those it had, above which this is an error and not a
    warning; missing_points: rise of the share of blanks of a required field, in percentage points, from which it is
    told.
    """

    gone_percent: float = Field(ge=0, le=100)
    missing_points: float = Field(gt=0, le=100)
    source: str


class ReceivedDataset(Model):
    """One finished SDTM dataset: its keys, the variables that are read, the QNAMs of its SUPP-- that are read."""

    keys: tuple[str, ...]
    variables: tuple[str, ...]
    supplemental: tuple[str, ...] = ()


class ReceivedSdtm(Model):
    """SDTM that the study starts from: `<dataset>.xpt` in the folder of the export, in this encoding."""

    encoding: str = "utf-8"
    datasets: dict[str, ReceivedDataset] = Field(default_factory=dict)

    def files(self) -> dict[str, str]:
        """File by dataset, SUPP-- included."""
        names = [n for d, r in self.datasets.items() for n in (d, *([f"SUPP{d}"] if r.supplemental else []))]
        return {n: f"{n.lower()}.xpt" for n in names}


class Study(Model):
    """The whole of `study.yml`.

    status: what is printed of the outputs, `FINAL` once they are. cut_boundary: which partial dates are on or before a
    cut, those of which one `possible` day is or those that are `certain` to be; `$name` takes it from a setting.
    transfer: without it no share of records gone or blank is judged.
    """

    study: str
    title: str
    protocol: str
    sponsor: str = ""
    status: Literal["DRAFT", "FINAL"] = "DRAFT"
    standards: Standards
    settings: dict[str, Setting] = Field(default_factory=dict)
    tables: dict[str, StudyTable] = Field(default_factory=dict)
    systems: dict[str, System] = Field(default_factory=dict)
    sdtm: ReceivedSdtm = ReceivedSdtm()
    cuts: dict[str, Cut] = Field(default_factory=dict)
    cut_boundary: str = "possible"
    cut_rules: dict[str, CutRule] = Field(default_factory=dict)
    visits: dict[str, Visit] = Field(default_factory=dict)
    windows: dict[str, tuple[Window, ...]] = Field(default_factory=dict)
    analysis_sets: dict[str, AnalysisSet] = Field(default_factory=dict)
    groupings: dict[str, Grouping] = Field(default_factory=dict)
    conformance: Conformance = Conformance()
    transfer: TransferLimits | None = None

    def dictionary_version(self, name: str, cut: Cut) -> str:
        """The version of a dictionary at a cut; that of `standards` unless the cut names another."""
        known = self.standards.dictionaries.get(name)
        return cut.dictionaries.get(name, known.version if known else "")


class Term(Model):
    """One term: submission value, decode, C-code, and every spelling in which it is collected."""

    value: str
    decode: str = ""
    code: str = ""
    collected: tuple[str, ...] = ()
    extended: bool = False
    order: float | None = None


class CodelistSpec(Model):
    """A codelist of the study: `code` is the CDISC C-code, blank if sponsor-defined.

    dictionary: one of `standards.dictionaries`, if the terms are part of a list that is kept elsewhere. numbers: a
    setting with one number a term (the planned dose of level 1, 2, ...). joins: two codelists, of which this one
    collects every pair of terms, joined by a hyphen.
    """

    name: str
    code: str = ""
    dictionary: str = ""
    extensible: bool = False
    numbers: str | None = None
    joins: tuple[str, str] | None = None
    terms: tuple[Term, ...]


class Codelists(Model):
    """The whole of `codelists.yml`."""

    codelists: dict[str, CodelistSpec]
