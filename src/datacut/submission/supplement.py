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
    "`and`, `or` and `not` follow three-valued logic. A value is given where its condition is true.",
    "Conditions after `where` or in brackets after a dataset are on the records of that dataset; `with the same "
    "USUBJID` compares its records with the record that is derived. Where nothing else is said, a variable without "
    "such a record is missing, and a list of cases is read in order: the first that holds counts.",
    "`[X]` is a working value. It is not kept in the dataset; the method says behind the rule what it is, value by "
    "value, and `[AE.X]` is one of the records of AE.",
    "A record where PARAMCD is missing is one that the dataset has from its sources (comment of the dataset) before "
    "the records of derived parameters are added; it is not kept.",
    "Missing values are sorted last, texts by their characters; of equal records the order of the dataset decides.",
    "A partial ISO 8601 date can mean every day that agrees with what is known of it: `2026-03` is 2026-03-01 to "
    "2026-03-31. The smallest or largest of several is as precise as it is certain. Days between dates do not look "
    "at times of day. Sums, differences and ratios are those of the decimal numbers: 2.3 - 2.0 is 0.3.",
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
        "Where grade 1, 2, 3 and 4 begin. The value must lie beyond a limit, or reach it where >= or <= stands before "
        "it; blank: there is no such grade. A rule with a unit is for values in that unit.",
        "Limits (abnormal baseline) hold where the baseline lies beyond the normal range, limits (anticoagulation) for "
        "a participant on anticoagulation.",
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
