"""`define-supplement.html`: tables that methods of Define-XML point to, and how their sentences are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from datacut.datasets.model import value_text
from datacut.spec.load import Specs

NAME: Final = "define-supplement.html"
"""A text of Define-XML that names it refers to it."""
READING: Final = (
    "A condition that compares a missing value is neither true nor false: only `is missing` holds for it, and "
    "`and`, `or` and `not` follow three-valued logic. A value is given where its condition is true: a flag of which "
    'only "Y" is told is missing on all other records, and "N" only where the method says so.',
    "What lies between a least and a most (a score with items not done, a dose, a partial date) meets a condition "
    "where all that it can be does, fails it where none does, and else leaves it unknown; `surely` says the same. A "
    "result is missing where what is missing decides, and given where every value in its place gives the same.",
    "Conditions after `where` or in brackets after a dataset are on the records of that dataset; `with the same "
    "USUBJID` compares its records with the record that is derived. Where nothing else is said, a variable without "
    "such a record is missing, and a list of cases is read in order: the first that holds counts. That a record of X "
    "has something is not true where X has no such record; that none has is true then.",
    "`[X]` is a working value. It is not kept in the dataset; the method says behind the rule what it is, value by "
    "value, and `[AE.X]` is one of the records of AE.",
    "A record where PARAMCD is missing is one that the dataset has from its sources (comment of the dataset) before "
    "the records of derived parameters are added; it is not kept. A parameter without a record at this cut has no "
    "value-level method, though other methods may name it.",
    "Missing values are sorted last, texts by their characters; of equal records the order of the dataset decides.",
    "A partial ISO 8601 date can mean every day that agrees with what is known of it: `2026-03` is 2026-03-01 to "
    "2026-03-31. The smallest or largest of several is as precise as it is certain. Days between dates do not look "
    "at times of day. `By`, `to`, `at most`, `at least` and `not later than` include the day or number itself; the N "
    "days before a date end the day before it, the N days that end on a date include it.",
    "Sums, differences and ratios are those of the decimal numbers: 2.3 - 2.0 is 0.3. An item of a score is named as "
    "the list of its codes in the method names it.",
)


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what is said under it, and a table."""

    id: str
    title: str
    texts: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def write_supplement(specs: Specs, title: str, cut: str) -> bytes:
    """The document; the same for the same specs. cut: date of the data cut."""
    environment = Environment(
        loader=PackageLoader("datacut.submission"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    page = environment.get_template("supplement.html.j2")
    return page.render(title=title, sections=list(_sections(specs, cut))).encode()


def _sections(specs: Specs, cut: str) -> Iterator[Section]:
    study = specs.study
    yield Section("reading", "How methods are read", READING)
    facts = (("STUDYID", study.study), ("CUTDTC", cut))
    yield Section("facts", "The facts of the study", (), ("Name", "Value"), facts)
    for name, table in study.tables.items():
        rows = tuple(tuple(row.get(c, "") for c in table.columns) for row in table.rows)
        said = (f"{table.text}.", f"Source: {table.source}.")
        yield Section(f"table-{name}", f"Table {name}", said, tuple(table.columns), rows)
    for name, windows in study.windows.items():
        texts = ("Study days (the first infusion is day 1, there is no day 0), ends included; a blank end is open.",)
        rows = tuple((w.avisit, *map(_cell, (w.avisitn, w.target, w.low, w.high))) for w in windows)
        yield Section(f"windows-{name}", f"Windows {name}", texts, ("AVISIT", "AVISITN", "Target", "From", "To"), rows)
    if specs.units.tests:
        yield from _units(specs)
    if specs.grading.rules:
        yield _grading(specs)
    texts = ("What the protocol leaves open, with the values in force; methods have these values.",)
    rows = tuple((n, _cell(s.value), s.text, s.source) for n, s in study.settings.items())
    yield Section("choices", "Choices of the study", texts, ("Name", "Value", "What it decides", "Source"), rows)


def _units(specs: Specs) -> Iterator[Section]:
    rows = [
        (
            test,
            about.standard,
            unit,
            value_text(factor),
            value_text(added) if added else "",
            _cell(about.digits),
        )
        for test, about in specs.units.tests.items()
        for unit, (factor, added) in about.conversions.items()
    ]
    texts = (
        "The standard result is the collected number times the factor, plus what is added. Blanks in a unit, the sign "
        "of a power of ten and that of micro do not matter; upper and lower case do.",
    )
    columns = ("Test", "Standard unit", "Collected unit", "Factor", "Added", "Digits")
    yield Section("units", "Section units", texts, columns, tuple(rows))
    if specs.units.spellings:
        spelt = tuple(specs.units.spellings.items())
        yield Section("spellings", "Section units: spellings", (), ("Unit as collected", "Collected unit"), spelt)
    of_all = [("every test", w.value, ", ".join(w.collected)) for w in specs.units.texts]
    own = [(t, w.value, ", ".join(w.collected)) for t, about in specs.units.tests.items() for w in about.texts]
    below = f"Below the limit of quantification: {', '.join(specs.units.below)}."
    yield Section(
        "results-in-words",
        "Section units: results in words",
        (below,),
        ("Test", "Result", "Collected as"),
        (*of_all, *own),
    )


def _grading(specs: Specs) -> Section:
    texts = (
        "Where grade 1, 2, 3 and 4 begin; the grade is the highest whose limit is passed. The value must lie beyond a "
        "limit (above it for direction H, below it for L), or reach it where >= or <= stands before it; of limits with "
        "`or` one suffices; a multiple comes before what is added to it; blank: there is no such grade. A rule with a "
        "unit is for values in that unit, one without for any; a value in a unit that no rule of its test is for is "
        "not graded. A range whose lower limit lies above the upper one is missing.",
        "A rule with limits (abnormal baseline) has these and no others where the baseline lies beyond the normal "
        "range on the side of its direction, one with limits (anticoagulation) these and no others for a participant "
        "on anticoagulation. Judged by range and fixed limits alone, a record has the limits for a normal baseline "
        "without those that are multiples of BASE, whether on anticoagulation or not.",
        "A missing baseline may have been normal or abnormal: the grade is given where both give the same. As an "
        "abnormal one lies beyond the range, a multiple of BASE is then at least that multiple of ULN (of LLN: at "
        "most), of the baseline record or, where it has none, of the record: a value that does not pass the one does "
        "not pass the other. So a value within its range has grade 0 by such a rule whatever the baseline was, where "
        "its limits for a normal baseline are multiples of the range.",
    )
    columns = (
        "Test",
        "Direction",
        "Toxicity",
        "Unit",
        "Grade",
        "Limit",
        "Abnormal baseline",
        "Anticoagulation",
        "Source",
    )
    rows = [
        (rule.test, rule.direction, rule.term, rule.unit, str(place + 1), limit, *others, rule.source)
        for rule in specs.grading.rules
        for place, limit in enumerate(rule.limits)
        if (others := tuple(part[place] if part else "" for part in (rule.abnormal_baseline, rule.anticoagulated)))
        and any((limit, *others))
    ]
    return Section("grading", "Section grading", texts, columns, tuple(rows))


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_cell(v) for v in value)
    return "" if value is None else value_text(value)
