"""What the rules over datasets look at, and how they tell of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from datacut.compute.dates import date_part, study_day
from datacut.datasets.model import Dataset, record_key, value_text
from datacut.errors import Finding, Rule, in_data
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.spec.study import CodelistSpec

DAYS = {"DY": "DTC", "STDY": "STDTC", "ENDY": "ENDTC"}
"""Study day and date by their endings."""

SHOWN = 20
"""Records named per rule and variable; the rest is counted."""


@dataclass(frozen=True, eq=False)
class Package:
    """The datasets of a build, and what their specs say that the data alone do not.

    classes: ADaM class by dataset; codelists: the study's codelist by dataset and variable; extended: the sponsor's
    terms by C-code of the list they extend; left_out: subjects whom ADSL leaves out by a rule, with its reason; agency:
    whose limits hold; visit_reach_days: most days between a record and its visit, not judged if None.
    """

    sdtm: Mapping[str, Dataset]
    adam: Mapping[str, Dataset]
    cut: str
    classes: Mapping[str, str] = field(default_factory=dict)
    codelists: Mapping[tuple[str, str], CodelistSpec] = field(default_factory=dict)
    extended: Mapping[str, frozenset[str]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    agency: str = "fda"
    visit_reach_days: int | None = None

    @property
    def all(self) -> Iterator[Dataset]:
        yield from self.sdtm.values()
        yield from self.adam.values()

    @cached_property
    def domains(self) -> dict[str, Dataset]:
        """SDTM datasets that are no supplemental qualifiers."""
        return {n: d for n, d in self.sdtm.items() if not is_supplemental(d)}

    @cached_property
    def subjects(self) -> pd.DataFrame:
        """DM, one record a subject, by USUBJID; without columns if there is none."""
        dm = self.sdtm.get("DM")
        if dm is None:
            return pd.DataFrame(index=pd.Index([], name="USUBJID"))
        return dm.frame.dropna(subset=["USUBJID"]).drop_duplicates("USUBJID").set_index("USUBJID")

    @cached_property
    def days(self) -> list[tuple[Dataset, str, pd.Series]]:
        """Each study day variable of SDTM with the day that its date and RFSTDTC give."""
        found: list[tuple[Dataset, str, pd.Series]] = []
        if "RFSTDTC" not in self.subjects.columns:
            return found
        start = date_part(self.subjects["RFSTDTC"])
        for dataset in self.domains.values():
            if "USUBJID" not in dataset.frame.columns:
                continue
            reference = start.reindex(dataset.frame["USUBJID"]).set_axis(dataset.frame.index)
            for day, date in DAYS.items():
                names = (f"{domain_of(dataset)}{day}", f"{domain_of(dataset)}{date}")
                if set(names) <= set(dataset.frame.columns):
                    found.append((dataset, names[0], study_day(date_part(dataset.frame[names[1]]), reference)))
        return found

    @cached_property
    def analysed(self) -> pd.DataFrame:
        """ADSL, one record a subject, by USUBJID; without columns if there is none."""
        adsl = self.adam.get("ADSL")
        if adsl is None:
            return pd.DataFrame(index=pd.Index([], name="USUBJID"))
        return adsl.frame.dropna(subset=["USUBJID"]).drop_duplicates("USUBJID").set_index("USUBJID")


def package_of(
    specs: Specs,
    plans: Plans,
    sdtm: Mapping[str, Dataset],
    adam: Mapping[str, Dataset],
    cut: str,
    left_out: Mapping[str, str],
) -> Package:
    """The datasets of one cut with what the specs say of them; left_out: see `Package`."""
    codelists = {
        (name, variable): specs.codelists[codelist]
        for name, about in plans.datasets.items()
        for variable, codelist in about.codelists().items()
        if codelist in specs.codelists
    }
    classes = {name: plans.datasets[name].dataset_class for name in specs.adam}
    extended: dict[str, frozenset[str]] = {}
    for about in specs.codelists.values():
        terms = frozenset(t.value for t in about.terms if t.extended)
        extended[about.code] = extended.get(about.code, frozenset()) | terms
    limits = specs.study.conformance
    return Package(sdtm, adam, cut, classes, codelists, extended, left_out, limits.agency, limits.visit_reach_days)


def is_supplemental(dataset: Dataset) -> bool:
    return "QNAM" in dataset.frame.columns


def of_subject(package_table: pd.DataFrame, frame: pd.DataFrame, column: str) -> pd.Series:
    """A column of a table of one record a subject, at each record of a frame; missing where there is no subject."""
    if column not in package_table.columns or "USUBJID" not in frame.columns:
        return pd.Series(pd.NA, index=frame.index, dtype="str")
    return package_table[column].reindex(frame["USUBJID"]).set_axis(frame.index)


def named(template: str, dataset: Dataset) -> str:
    """A variable name of a domain: `--STDTC` of AE is AESTDTC."""
    return template.replace("--", domain_of(dataset))


def domain_of(dataset: Dataset) -> str:
    """The two letters that stand for `--`: DOMAIN where it is told, so that parts of a split domain share them."""
    if "DOMAIN" in dataset.frame.columns and len(dataset.frame) and pd.notna(dataset.frame["DOMAIN"].iloc[0]):
        return str(dataset.frame["DOMAIN"].iloc[0])
    return dataset.name[:2]


def records(rule: Rule, dataset: Dataset, wrong: pd.Series, column: str, detail: str = "") -> Iterator[Finding]:
    """One finding for each wrong record, up to SHOWN, then one for the rest."""
    at = wrong.fillna(False).to_numpy(dtype=bool)
    if not at.any():
        return
    rows = dataset.frame[at]
    for position, value in enumerate(rows[column][:SHOWN]):
        key = record_key(rows, dataset.keys, position)
        yield rule.finding(in_data(dataset.name, column, key), value_text(value), detail)
    if len(rows) > SHOWN:
        more = f"{len(rows) - SHOWN} more records"
        yield rule.finding(in_data(dataset.name, column), "", f"{detail}: {more}" if detail else more)


type Check = Callable[[Package, Rule], Iterator[Finding]]

CHECKS: dict[str, Check] = {}
"""Every check of finished datasets by the name that rules give it."""


def check(function: Check) -> Check:
    """Register a check under its name."""
    CHECKS[function.__name__] = function
    return function
