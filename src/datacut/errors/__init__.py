"""What can go wrong, and how it is said.

DatacutError            anything a user can mend: printed without a traceback, exit code 2
├── SpecError           specs that cannot be read, bound or ordered; carries every finding, not the first
├── InputError          an export that cannot be read at all
└── WriteError          a file that may not be written as asked (illegal XPT, ...)

A fault of one value, row or column is not an exception but a `Finding`: the build goes on and says so. Every finding
is of a `Rule`, and every rule is in the catalogue: `rules/*.yml` beside this, one file a room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

ROWS_NAMED = 12
"""Rows that a finding folded by its cause names; the rest is counted."""


class Severity(StrEnum):
    """How much a finding matters: an error makes `datacut build` exit 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """Where a fault stands, in the terms of what it stands in; `str` is its text, and nothing is read from that again.

    file: of the export, of the specs or of the build, as shown to the user; row: its line or record, 1-based, 0 where
    the whole file is meant; column: the field in that row. dataset, variable: of SDTM or ADaM. output, analysis: of a
    table, listing or figure. form: of the CRF. key: which one in it, where the others do not say: key of a record, a
    subject, a byte, an element of a document.
    """

    file: str = ""
    row: int = 0
    column: str = ""
    dataset: str = ""
    variable: str = ""
    output: str = ""
    analysis: str = ""
    form: str = ""
    key: str = ""

    def __str__(self) -> str:
        """`file:row:column`, `DATASET.VARIABLE:key`, `output/analysis:key` or `raw.form`, as far as it is known."""
        data = ".".join(part for part in (self.dataset, self.variable) if part)
        result = "/".join(part for part in (self.output, self.analysis) if part)
        form = f"raw.{self.form}" if self.form else ""
        row = str(self.row) if self.row else ""
        return ":".join(part for part in (self.file, row, self.column, data, result, form, self.key) if part)


def in_file(file: str, row: int = 0, column: str = "", key: str = "") -> Location:
    """In a file of the export or of the build: the whole, a row of it, or a field of a row."""
    return Location(file=file, row=row, column=column, key=key)


def in_spec(file: str, line: int = 0) -> Location:
    """In a file of the specs."""
    return Location(file=file, row=line)


def in_data(dataset: str, variable: str = "", key: str = "") -> Location:
    """In a dataset of SDTM or ADaM: the whole, a variable, or the record of a key."""
    return Location(dataset=dataset, variable=variable, key=key)


def in_output(output: str, analysis: str = "", key: str = "") -> Location:
    """In a table, listing or figure: the whole, an analysis of it, or one subject or part."""
    return Location(output=output, analysis=analysis, key=key)


def in_form(form: str) -> Location:
    """In a form of the CRF, whatever file it came in."""
    return Location(form=form)


def unplaced(word: str = "") -> Location:
    """Where it is not known yet: who knows the line tells it. word: what stands for it, as an argument's name."""
    return Location(key=word)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault, told so that the reader can mend it: where it stands, and the value there, as it stands.

    rule: of the catalogue, of CDISC CORE or of the study's own code; ValueError for another.
    """

    severity: Severity
    rule: str
    where: Location
    what: str
    value: str
    remedy: str

    def __post_init__(self) -> None:
        if self.rule not in all_rules() and not self.rule.startswith((CORE, STUDY)):
            raise ValueError(f"no rule {self.rule} in the catalogue. {nearest(self.rule, all_rules())}")

    def __str__(self) -> str:
        shown = f" [{self.value}]" if self.value else ""
        return f"{self.severity}: {self.where}: {self.what}{shown}. {self.remedy}"


CORE = "CORE-"
"""What the rules of CDISC CORE begin with: they are of its catalogue, not of ours."""
STUDY = "study."
"""What the rules of a study's own code begin with: a new study needs no change of the catalogue."""

CATALOGUE = (
    "build.yml",
    "raw.yml",
    "spec.yml",
    "dataset.yml",
    "sdtm.yml",
    "adam.yml",
    "outputs.yml",
    "define.yml",
    "files.yml",
)
"""The files of the catalogue, in the order in which `datacut explain rules` prints them."""

ATTRIBUTES = ("severity", "what", "remedy", "source", "check", "check_results", "told_by", "winner")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: id, how much it matters, what is wrong where it is broken, how it is mended, who asks for it.

    source: a standard or guide; blank where the rule is of datacut itself. check, check_results: the check of finished
    datasets, or of results, that finds the places, none if another part of datacut does; winner: which of facts that
    contradict each other the analyses take; told_by: rules that tell the same of the data, with the raw row; data: what
    the check is applied to. A part that finds the fault itself may tell it as less than `severity`, and in words nearer
    to the case.
    """

    id: str
    severity: Severity
    what: str
    remedy: str
    source: str = ""
    check: str | None = None
    check_results: str | None = None
    told_by: tuple[str, ...] = ()
    winner: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def finding(self, where: Location, value: str = "", detail: str = "") -> Finding:
        """The rule broken at a place; detail: more about this case."""
        what = f"{self.what}: {detail}" if detail else self.what
        return Finding(self.severity, self.id, where, what, value, f"{self.remedy} {self.winner}".strip())


@cache
def all_rules() -> Mapping[str, Rule]:
    """The catalogue: every rule by id, in the order of the files."""
    found: dict[str, Rule] = {}
    for name in CATALOGUE:
        text = files(__package__).joinpath("rules", name).read_text(encoding="utf-8")
        for id_, told in yaml.load(text, Loader=yaml.CSafeLoader).items():
            data = {key: value for key, value in told.items() if key not in ATTRIBUTES}
            found[id_] = Rule(
                id_,
                Severity(told["severity"]),
                told["what"],
                told["remedy"],
                told.get("source", ""),
                told.get("check"),
                told.get("check_results"),
                tuple(told.get("told_by", ())),
                told.get("winner", ""),
                data,
            )
    return found


def rule(id_: str) -> Rule:
    """One rule; KeyError if there is none."""
    return all_rules()[id_]


class Findings:
    """An ordered collection of findings that stages add to while they go on working."""

    def __init__(self, items: Iterable[Finding] = ()) -> None:
        self._items: list[Finding] = []
        self._told: set[tuple[str, Location, str]] = set()
        self._causes: dict[tuple[str, ...], tuple[int, Finding, dict[str, None]]] = {}
        self.extend(items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def error(self, rule: str, where: Location, what: str, *, value: str = "", remedy: str) -> None:
        self._add(Finding(Severity.ERROR, rule, where, what, value, remedy))

    def warning(self, rule: str, where: Location, what: str, *, value: str = "", remedy: str) -> None:
        self._add(Finding(Severity.WARNING, rule, where, what, value, remedy))

    def note(self, rule: str, where: Location, what: str, *, value: str = "", remedy: str) -> None:
        self._add(Finding(Severity.NOTE, rule, where, what, value, remedy))

    def extend(self, items: Iterable[Finding]) -> None:
        for item in items:
            self._add(item)

    def told(self, rule: str, where: Location, value: str) -> bool:
        """Whether a rule has been told of this value at this place already: one raw cell can feed several variables."""
        return (rule, where, value) in self._told

    def folded(self, item: Finding, cause: tuple[str, ...], rows: Iterable[str]) -> None:
        """One finding for all rows of one cause, at the first place it was told; it says how many, and which.

        cause: what makes two findings one, beside the rule (a form and a value); told again, it counts the rows not yet
        counted.
        """
        key = (item.rule, *cause)
        if key not in self._causes:
            self._causes[key] = (len(self._items), item, {})
            self._add(item)
        place, first, known = self._causes[key]
        known |= dict.fromkeys(rows)
        if len(known) > 1:
            some = ", ".join([*known][:ROWS_NAMED])
            more = ", ..." if len(known) > ROWS_NAMED else ""
            self._items[place] = replace(first, what=f"{first.what} ({len(known)} rows: {some}{more})")

    def _add(self, item: Finding) -> None:
        self._items.append(item)
        self._told.add((item.rule, item.where, item.value))

    @property
    def errors(self) -> list[Finding]:
        return [f for f in self._items if f.severity is Severity.ERROR]


class DatacutError(Exception):
    """Base of everything a user can mend."""


class SpecError(DatacutError):
    """Specs that cannot be used; `findings` lists every fault found before giving up."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__("\n".join(str(f) for f in self.findings))

    def __reduce__(self) -> tuple[type[SpecError], tuple[list[Finding]]]:
        return SpecError, (self.findings,)  # its message is not what it is made of


class InputError(DatacutError):
    """An export or a file that cannot be read."""


class WriteError(DatacutError):
    """A file that may not be written as asked."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy naming the closest known word, or the first few known ones."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]}?"
    if not choices:
        return "Nothing of that kind is defined."
    more = ", ..." if len(choices) > 12 else ""
    return f"Known: {', '.join(choices[:12])}{more}."
