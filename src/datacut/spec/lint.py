"""Every check of the specs that needs no data: calls, names, sources, codelists, visits, keys, circles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from datacut.errors import Finding, Severity, nearest
from datacut.spec.document import Loc
from datacut.spec.load import Specs
from datacut.spec.order import plan_stage
from datacut.spec.plan import Catalogue, Locate, Plan
from datacut.spec.registry import Registry
from datacut.spec.resolve import ResolvedDataset, resolve_dataset
from datacut.spec.where import columns_of
from datacut.standards import sdtm_variables

STUDY_COLUMNS = ("STUDYID", "TITLE", "PROTOCOL", "SPONSOR", "CUTDTC", "CUTDESC", "SDTMIG", "CT")
VISIT_COLUMNS = ("ID", "VISIT", "VISITNUM", "TARGET", "LOW", "HIGH", "EPOCH")


@dataclass(frozen=True)
class Plans:
    """The specs bound and ordered: one plan a stage, the resolved datasets, and every finding."""

    sdtm: Plan
    adam: Plan
    datasets: dict[str, ResolvedDataset]
    findings: tuple[Finding, ...]


def bind_specs(specs: Specs, registry: Registry) -> Plans:
    """Bind every call of every dataset against the registry and order each stage."""
    sdtm_catalogue, adam_catalogue = _catalogues(specs)
    sdtm = plan_stage(specs.sdtm, registry, sdtm_catalogue, {n: _locator(specs, "sdtm", n) for n in specs.sdtm})
    adam = plan_stage(specs.adam, registry, adam_catalogue, {n: _locator(specs, "adam", n) for n in specs.adam})
    datasets = {n: resolve_dataset(s, adam=False) for n, s in specs.sdtm.items()}
    datasets |= {n: resolve_dataset(s, adam=True) for n, s in specs.adam.items()}
    findings = [
        *_received(specs),
        *_names_of_forms(specs),
        *sdtm.findings,
        *adam.findings,
        *_names_of_datasets(specs),
        *_codelists(specs),
    ]
    return Plans(sdtm, adam, datasets, tuple(findings))


def _locator(specs: Specs, folder: str, name: str) -> Locate:
    def where(loc: Loc) -> str:
        return specs.where(f"{folder}/{name}", loc)

    return where


def _catalogues(specs: Specs) -> tuple[Catalogue, Catalogue]:
    raw = {f"raw.{name}": tuple(specs.columns(form)) for name, form in specs.forms.items()}
    study = {"study": (*STUDY_COLUMNS, *specs.study.settings), "study.visits": VISIT_COLUMNS}
    sdtm = {n: (*s.variables, *s.supplemental) for n, s in specs.sdtm.items()}
    supp = {f"SUPP{n}": tuple(s.supplemental) for n, s in specs.sdtm.items() if s.supplemental}
    given = specs.study.sdtm.datasets
    received = {n: r.variables for n, r in given.items()}
    columns = tuple(v.name for v in sdtm_variables("SUPPQUAL"))
    received |= {f"SUPP{n}": (*r.supplemental, *columns) for n, r in given.items() if r.supplemental}
    adam = {n: tuple(s.variables) for n, s in specs.adam.items()}
    keys = {n: r.keys for n, r in given.items()} | {n: s.keys for n, s in {**specs.sdtm, **specs.adam}.items()}
    single = frozenset(n for n, k in keys.items() if set(k) <= {"STUDYID", "USUBJID"} and "USUBJID" in k)
    settings, tables = tuple(specs.study.settings), tuple(specs.study.tables)
    kept = {n: tuple(c for c in s.variables if not c.startswith("_")) for n, s in specs.sdtm.items()}
    return (
        Catalogue({**raw, **study, **sdtm}, settings, single, tables),
        Catalogue({**raw, **study, **received, **kept, **supp, **adam}, settings, single, tables),
    )


def _received(specs: Specs) -> Iterator[Finding]:
    """Datasets that are received and made as well, and keys that are not read."""
    for name, received in specs.study.sdtm.datasets.items():
        loc: Loc = ("sdtm", "datasets", name)
        yield from _unknown(
            specs.where("study", (*loc, "keys")), f"{name} has no variable", received.keys, received.variables
        )
        if name in specs.sdtm:
            remedy = f"Take it out of study.yml, or take specs/sdtm/{name.lower()}.yml away."
            where = specs.where("study", loc)
            yield Finding(Severity.ERROR, "spec.received", where, "a dataset that is received and made", name, remedy)


def _names_of_forms(specs: Specs) -> Iterator[Finding]:
    """Columns and visits that forms and systems name and do not have."""
    for name, system in specs.study.systems.items():
        loc: Loc = ("systems", name)
        single = {"subject": system.subject, "visit": system.visit, "record": system.record}
        given = {k: (c,) for k, c in single.items() if c is not None} | {"audit": system.audit}
        for key, columns in given.items():
            yield from _unknown(specs.where("study", (*loc, key)), "the system has no column", columns, system.columns)
    for name, form in specs.forms.items():
        document = f"crf/{name}"
        keys, visits = specs.where(document, ("keys",)), specs.where(document, ("visits",))
        yield from _unknown(keys, "the form has no column", form.keys, specs.columns(form))
        yield from _unknown(visits, "no such visit", form.visits, specs.study.visits)


def _names_of_datasets(specs: Specs) -> Iterator[Finding]:
    """Variables that keys and value-level metadata name and the dataset does not have."""
    for folder, datasets in (("sdtm", specs.sdtm), ("adam", specs.adam)):
        for name, spec in datasets.items():
            document, what = f"{folder}/{name}", f"{name} has no variable"
            known = {**spec.variables, **spec.supplemental}
            yield from _unknown(specs.where(document, ("keys",)), what, spec.keys, spec.variables)
            for number, value in enumerate(spec.values):
                where = specs.where(document, ("values", number))
                yield from _unknown(where, what, dict.fromkeys((value.variable, *columns_of(value.where))), known)


def _codelists(specs: Specs) -> Iterator[Finding]:
    """Codelists that forms and datasets name and codelists.yml does not have."""
    wanted: list[tuple[str | None, str, Loc]] = []
    for name, system in specs.study.systems.items():
        wanted += [(c.codelist, "study", ("systems", name, "columns", n)) for n, c in system.columns.items()]
    for name, form in specs.forms.items():
        wanted += [(c.codelist, f"crf/{name}", ("fields", n)) for n, c in form.fields.items()]
    for folder, datasets in (("sdtm", specs.sdtm), ("adam", specs.adam)):
        for name, spec in datasets.items():
            document = f"{folder}/{name}"
            wanted += [(v.codelist, document, ("variables", n)) for n, v in spec.variables.items()]
            wanted += [(q.codelist, document, ("supplemental", n)) for n, q in spec.supplemental.items()]
            wanted += [(v.codelist, document, ("values", i)) for i, v in enumerate(spec.values)]
    for codelist, document, loc in wanted:
        if codelist is not None:
            where = specs.where(document, (*loc, "codelist"))
            yield from _unknown(where, "no such codelist", [codelist], specs.codelists, "spec.codelist")


def _unknown(
    where: str, what: str, names: Iterable[str], known: Collection[str], rule: str = "spec.name"
) -> Iterator[Finding]:
    for name in names:
        if name not in known:
            yield Finding(Severity.ERROR, rule, where, what, name, nearest(name, known))
