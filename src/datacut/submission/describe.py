"""What is known of a dataset before its values are looked at: from its spec, or for SUPP-- from the standard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from datacut.datasets.model import Dataset, value_text
from datacut.spec.dataset import DatasetSpec
from datacut.spec.resolve import Resolved, ResolvedDataset
from datacut.standards import codelist, codelists_for, sdtm_dataset, sdtm_variables
from datacut.submission.codelists import CodelistBook
from datacut.submission.origins import Provenance, other_origins, provenance_of
from datacut.submission.trace import Trace

RESULTS = ("ORRES", "STRESC")
"""Endings of variables that hold results."""


@dataclass(frozen=True, slots=True)
class KnownVariable:
    """One variable: what the spec and the standard say of it.

    codelist: of the study; standard: C-codes of controlled terminology; dictionary: one kept elsewhere.
    """

    provenance: Provenance
    role: str | None = None
    core: str | None = None
    iso8601: bool = False
    significant: int | None = None
    codelist: str | None = None
    standard: tuple[str, ...] = ()
    dictionary: str | None = None
    other_origins: tuple[Provenance, ...] = ()

    def codelist_for(self, name: str, values: pd.Series, book: CodelistBook, type_: str) -> str | None:
        """OID of the codelist of the variable; of several standard ones, the first that holds all values.

        Measured results have none: the terms of a standard list of results are those of tests answered in words.
        """
        used = [value_text(v) for v in values.dropna().unique()]
        collected = self.provenance.origin == "Collected"
        if self.codelist:
            has_terms = used or (collected and book.collects(self.codelist))
            return book.use(self.codelist, used, type_, collected=collected) if has_terms else None
        if self.dictionary:
            return book.external(self.dictionary, type_)
        code = None if self.has_several(values) else book.fitting(self.standard, used)
        if code and name.endswith(RESULTS) and not book.holds(code, used):
            return None
        return book.use(code, used, type_) if code and used else None

    def has_several(self, values: pd.Series) -> bool:
        """Whether the values come from several standard codelists, of which none holds them all (DSDECOD)."""
        lists = [found for code in self.standard if (found := codelist(code))]
        used = {value_text(v) for v in values.dropna().unique()}
        return not self.codelist and len(lists) > 1 and not any(used <= found.by_value.keys() for found in lists)


@dataclass(frozen=True, slots=True)
class Described:
    """One dataset: class in Define-XML's words, structure, comment, variables; spec: None for SUPP--."""

    name: str
    dataset_class: str
    structure: str
    is_standard: bool
    note: str | None
    variables: Mapping[str, KnownVariable]
    spec: DatasetSpec | None
    adam: bool = False


def describe_domain(
    about: ResolvedDataset,
    trace: Trace,
    datasets: Mapping[str, ResolvedDataset],
    dictionaries: Collection[str],
    *,
    adam: bool,
) -> Described:
    """A dataset with a spec; a copied variable without a codelist of its own has that of its predecessor."""
    variables = {v.name: _known(about, v, trace, datasets, dictionaries, adam=adam) for v in about.variables}
    class_ = about.dataset_class.upper().replace("-", " ") if not adam else about.dataset_class
    is_standard = adam or sdtm_dataset(about.name) is not None
    note = about.spec.note
    if adam and (records := trace.derivations.records_of(about.name)):
        note = " ".join(t for t in (note, f"Records: {records}") if t)
    return Described(about.name, class_, about.structure, is_standard, note, variables, about.spec, adam)


def _known(
    about: ResolvedDataset,
    variable: Resolved,
    trace: Trace,
    datasets: Mapping[str, ResolvedDataset],
    dictionaries: Collection[str],
    *,
    adam: bool,
) -> KnownVariable:
    first = _origin_of(variable, datasets)
    domain = variable.value_domain or first.value_domain
    standard: tuple[str, ...] = (variable.standard_codelist,) if variable.standard_codelist else ()
    if not adam:
        standard = tuple(c.code for c in codelists_for(about.name, variable.name))
    return KnownVariable(
        provenance_of(trace, about.spec, variable.name, adam=adam),
        None if adam else variable.role,
        variable.core,
        (domain or "").startswith("ISO 8601"),
        variable.spec.significant,
        variable.codelist or first.codelist,
        standard,
        domain if domain in dictionaries else None,
        other_origins(trace, about.spec, variable.name, adam=adam),
    )


def _origin_of(variable: Resolved, datasets: Mapping[str, ResolvedDataset]) -> Resolved:
    """The variable at the start of a chain of copies."""
    dataset, _, name = (variable.spec.predecessor or "").partition(".")
    before = next((v for v in datasets[dataset].variables if v.name == name), None) if dataset in datasets else None
    return _origin_of(before, datasets) if before is not None and variable.codelist is None else variable


_QUALIFIERS = {
    "STUDYID": Provenance("Protocol", "Sponsor"),
    "USUBJID": Provenance("Derived", "Sponsor", method="USUBJID of the record of the parent domain."),
    "QVAL": Provenance(None, None),
    "IDVARVAL": Provenance("Derived", "Sponsor", method="Value of IDVAR in the record of the parent domain."),
}
_ASSIGNED = Provenance("Assigned", "Sponsor")


def describe_qualifiers(dataset: Dataset) -> Described:
    """A SUPP-- dataset: all of it is the standard's but the values, which their qualifiers describe."""
    standard = sdtm_dataset(dataset.name)
    if standard is None:
        raise KeyError(f"{dataset.name}: neither a spec nor a SUPP-- dataset")
    variables = {
        v.name: KnownVariable(
            _QUALIFIERS.get(v.name, _ASSIGNED),
            v.role,
            v.core,
            standard=tuple(v.codelists),
        )
        for v in sdtm_variables(dataset.name)
    }
    class_ = standard.observation_class.upper()
    return Described(dataset.name, class_, standard.structure, True, None, variables, None)
