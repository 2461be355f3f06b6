"""Every check of the specs that needs no data: calls, names, sources, codelists, circles."""

from __future__ import annotations

from dataclasses import dataclass

from datacut.errors import Finding, Severity, nearest
from datacut.spec.document import Loc
from datacut.spec.load import Specs
from datacut.spec.order import plan_stage
from datacut.spec.plan import Catalogue, Locate, Plan
from datacut.spec.registry import Registry
from datacut.spec.resolve import ResolvedDataset, resolve_dataset

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
    findings = [*sdtm.findings, *adam.findings, *_codelists(specs)]
    return Plans(sdtm, adam, datasets, tuple(findings))


def _locator(specs: Specs, folder: str, name: str) -> Locate:
    def where(loc: Loc) -> str:
        return specs.where(f"{folder}/{name.lower()}", loc)

    return where


def _catalogues(specs: Specs) -> tuple[Catalogue, Catalogue]:
    raw = {f"raw.{name}": tuple(specs.columns(form)) for name, form in specs.forms.items()}
    study = {"study": (*STUDY_COLUMNS, *specs.study.settings), "study.visits": VISIT_COLUMNS}
    sdtm = {n: (*s.variables, *s.supplemental) for n, s in specs.sdtm.items()}
    supp = {f"SUPP{n}": tuple(s.supplemental) for n, s in specs.sdtm.items() if s.supplemental}
    adam = {n: tuple(s.variables) for n, s in specs.adam.items()}
    single = frozenset(
        n
        for n, s in {**specs.sdtm, **specs.adam}.items()
        if set(s.keys) <= {"STUDYID", "USUBJID"} and "USUBJID" in s.keys
    )
    settings = tuple(specs.study.settings)
    kept = {n: tuple(c for c in s.variables if not c.startswith("_")) for n, s in specs.sdtm.items()}
    return (
        Catalogue({**raw, **study, **sdtm}, settings, single),
        Catalogue({**raw, **study, **kept, **supp, **adam}, settings, single),
    )


def _codelists(specs: Specs) -> list[Finding]:
    """Codelists that forms and datasets name and codelists.yml does not have."""
    wanted: list[tuple[str, str]] = []
    for name, form in specs.forms.items():
        for column, crf_field in form.fields.items():
            if crf_field.codelist:
                wanted.append((crf_field.codelist, specs.where(f"crf/{name}", ("fields", column))))
    for folder, datasets in (("sdtm", specs.sdtm), ("adam", specs.adam)):
        for name, spec in datasets.items():
            for column, variable in spec.variables.items():
                if variable.codelist:
                    wanted.append((variable.codelist, specs.where(f"{folder}/{name.lower()}", ("variables", column))))
    return [
        Finding(
            Severity.ERROR, "spec.codelist", where, "no such codelist", codelist, nearest(codelist, specs.codelists)
        )
        for codelist, where in wanted
        if codelist not in specs.codelists
    ]
