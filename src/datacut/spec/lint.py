"""Every check of the specs that needs no data: calls, names, sources, codelists, visits, keys, circles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from datacut.errors import Finding, Location, Severity, nearest
from datacut.spec.check_codes import check_codes
from datacut.spec.codes import Codes
from datacut.spec.comparison import Holds, mismatches
from datacut.spec.crf import FieldType
from datacut.spec.cut import check_cut_rules, waits
from datacut.spec.dataset import Kind
from datacut.spec.document import Loc
from datacut.spec.faults import Failure
from datacut.spec.levels import check_levels
from datacut.spec.load import Specs
from datacut.spec.order import StageSpecs, plan_stages
from datacut.spec.plan import Catalogue, Locate, Plan
from datacut.spec.registry import Registry
from datacut.spec.resolve import ResolvedDataset, resolve_dataset
from datacut.spec.where import columns_of, settings_of
from datacut.standards import sdtm_variable, sdtm_variables

STUDY_COLUMNS = ("STUDYID", "TITLE", "PROTOCOL", "SPONSOR", "CUTDTC", "CUTDESC", "SDTMIG", "CT")
VISIT_COLUMNS = ("ID", "VISIT", "VISITNUM", "TARGET", "LOW", "HIGH", "EPOCH")


@dataclass(frozen=True)
class Plans:
    """The specs bound and ordered: one plan a stage, resolved datasets, what columns hold, their texts, findings."""

    sdtm: Plan
    adam: Plan
    datasets: dict[str, ResolvedDataset]
    held: Mapping[str, Mapping[str, Holds]]
    codes: Codes
    findings: tuple[Finding, ...]


def bind_specs(specs: Specs, registry: Registry, failures: Collection[Failure] = ()) -> Plans:
    """Bind every call of every dataset against the registry and order each stage.

    failures: calls that a build could not make, left out with what rests on them.
    """
    sdtm_datasets = {n: resolve_dataset(s, adam=False) for n, s in specs.sdtm.items()}
    adam_datasets = {n: resolve_dataset(s, adam=True, numeric=registry.numeric) for n, s in specs.adam.items()}
    held = _held_by(specs, adam_datasets, registry.numeric)
    catalogues = _catalogues(specs, held)
    stages = [
        StageSpecs(stage, catalogue, {n: _locator(specs, folder, n) for n in stage})
        for folder, stage, catalogue in zip(("sdtm", "adam"), (specs.sdtm, specs.adam), catalogues, strict=True)
    ]
    sdtm, adam = plan_stages(stages, registry, failures)
    findings = [
        *_received(specs),
        *check_cut_rules(specs),
        *_names_of_forms(specs),
        *sdtm.findings,
        *adam.findings,
        *_names_of_datasets(specs),
        *_codelists(specs),
        *_sets(specs, held.get("ADSL", {})),
        *_codes_of_tables(specs),
        *check_levels(specs),
        *_moved(specs),
    ]
    codes = Codes(specs, (*sdtm.steps, *adam.steps))
    findings += check_codes(specs, codes)
    return Plans(sdtm, adam, sdtm_datasets | adam_datasets, held, codes, tuple(findings))


def _locator(specs: Specs, folder: str, name: str) -> Locate:
    def where(loc: Loc) -> Location:
        return specs.where(f"{folder}/{name}", loc)

    return where


def _catalogues(specs: Specs, holds: Mapping[str, Mapping[str, Holds]]) -> tuple[Catalogue, Catalogue]:
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
    tables = tuple(specs.study.tables)

    def at(setting: str) -> Location:
        return specs.where("study", ("settings", setting, "value"))

    kept = {n: tuple(c for c in s.variables if not c.startswith("_")) for n, s in specs.sdtm.items()}
    return (
        Catalogue({**raw, **study, **sdtm}, specs.settings, single, tables, holds, at, waits(specs)),
        Catalogue({**raw, **study, **received, **kept, **supp, **adam}, specs.settings, single, tables, holds, at),
    )


def _held_by(
    specs: Specs, adam: Mapping[str, ResolvedDataset], numeric: Collection[str]
) -> dict[str, dict[str, Holds]]:
    """What the columns of forms and datasets hold, by source; working variables are not declared.

    numeric: verbs that make numbers.
    """
    held = {
        f"raw.{n}": {c: _COLLECTED.get(f.type, Holds.TEXT) for c, f in specs.columns(form).items()}
        for n, form in specs.forms.items()
    }
    sdtm = {n: resolve_dataset(s, adam=False, numeric=numeric) for n, s in specs.sdtm.items()}
    for name, made in (*sdtm.items(), *adam.items()):
        held[name] = {v.name: _iso(v.name) or _HELD.get(v.type, Holds.NUMBER) for v in made.variables}
        held[name] |= dict.fromkeys(made.spec.supplemental, Holds.TEXT)
    for name, received in specs.study.sdtm.datasets.items():
        known = {n: v for n in received.variables if (v := sdtm_variable(name, n)) is not None}
        held[name] = {n: _iso(n) or _standard(v.type) for n, v in known.items()}
    return held


_COLLECTED = {
    FieldType.INTEGER: Holds.COLLECTED,
    FieldType.NUMBER: Holds.COLLECTED,
    FieldType.DATE: Holds.TYPED_DATE,
    FieldType.TIME: Holds.TYPED_DATE,
}
_HELD = {Kind.TEXT: Holds.TEXT, Kind.DATE: Holds.DATE, Kind.DATETIME: Holds.DATE}


def _iso(name: str) -> Holds | None:
    return Holds.ISO if name.endswith("DTC") else None


def _standard(kind: str) -> Holds:
    return Holds.TEXT if kind.casefold().startswith("char") else Holds.NUMBER


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
        given: dict[str, tuple[str, ...]] = {k: (c,) for k, c in single.items() if c is not None}
        given |= {"audit": system.audit, "study": tuple(system.study)}
        for key, columns in given.items():
            yield from _unknown(specs.where("study", (*loc, key)), "the system has no column", columns, system.columns)
    for name, form in specs.forms.items():
        document = f"crf/{name}"
        keys, visits = specs.where(document, ("keys",)), specs.where(document, ("visits",))
        yield from _unknown(keys, "the form has no column", form.keys, specs.columns(form))
        yield from _unknown(visits, "no such visit", form.visits, specs.study.visits)
        if form.coded is not None:
            coded, named = specs.where(document, ("coded",)), form.coded
            parts = [c for c in (named.term, named.preferred, named.class_) if c is not None]
            yield from _unknown(coded, "the form has no column", parts, specs.columns(form))
            yield from _unknown(coded, "no such dictionary", (named.dictionary,), specs.study.standards.dictionaries)


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


def _moved(specs: Specs) -> Iterator[Finding]:
    """What settings say they move and the study does not have."""
    known = {f"{n}.{v}" for n, s in {**specs.sdtm, **specs.adam}.items() for v in (*s.variables, *s.supplemental)}
    for name, setting in specs.study.settings.items():
        where = specs.where("study", ("settings", name, "moves"))
        yield from _unknown(where, "no such variable or output", setting.moves, known | set(specs.outputs))


def _codes_of_tables(specs: Specs) -> Iterator[Finding]:
    """Columns of codes that a table does not have, and datasets that the study does not."""
    for name, table in specs.study.tables.items():
        where = specs.where("study", ("tables", name, "codes"))
        yield from _unknown(where, "the table has no column", table.codes, table.columns)
        yield from _unknown(where, "no such dataset", table.codes.values(), {**specs.sdtm, **specs.adam})


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


def _sets(specs: Specs, held: Mapping[str, Holds]) -> Iterator[Finding]:
    """Analysis sets: columns and settings that are not there, and comparisons that cannot be made."""
    adsl = specs.adam.get("ADSL")
    for name, chosen in specs.study.analysis_sets.items() if adsl is not None else ():
        where = specs.where("study", ("analysis_sets", name, "where"))
        yield from _unknown(where, "ADSL has no variable", columns_of(chosen.where), adsl.variables if adsl else ())
        yield from _unknown(where, "no such setting", settings_of(chosen.where), specs.settings)
        for found in mismatches(chosen.where, held, specs.settings):
            yield Finding(Severity.ERROR, "spec.condition", where, found.what, found.value, found.remedy)


def _unknown(
    where: Location, what: str, names: Iterable[str], known: Collection[str], rule: str = "spec.name"
) -> Iterator[Finding]:
    for name in names:
        if name not in known:
            yield Finding(Severity.ERROR, rule, where, what, name, nearest(name, known))
