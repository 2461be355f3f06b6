"""The specs of a study read, bound and checked: what every command starts from."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from datacut.ard.check import Known, check_output
from datacut.cache.content import digest_of
from datacut.conformance.terminology import check_codelists
from datacut.errors import Finding, Location
from datacut.pipeline.verbs import make_registry
from datacut.spec.accounting import FieldUse, check_fields, check_settings_read, field_uses
from datacut.spec.check_sentences import check_sentences
from datacut.spec.document import Loc
from datacut.spec.faults import Failure
from datacut.spec.lint import Plans, bind_specs
from datacut.spec.load import Specs, load_specs
from datacut.spec.registry import Registry
from datacut.submission.lint import check_described


@dataclass(frozen=True)
class Bound:
    """Specs, their verbs and plans, every finding that needs no data, outputs that cannot be made, uses of fields.

    failures: calls that could not be made of the data at hand and that the plans leave out.
    """

    specs: Specs
    registry: Registry
    plans: Plans
    findings: tuple[Finding, ...]
    faulty_outputs: frozenset[str]
    fields: tuple[FieldUse, ...]
    failures: tuple[Failure, ...] = ()

    @cached_property
    def said_of_data(self) -> dict[str, str]:
        """Digests of what the specs say of datasets, part by part; of no output. Taken once, as several tasks ask."""
        parts = ("study", "codelists", "forms", "units", "grading", "sdtm", "adam", "explained")
        return {name: digest_of(getattr(self.specs, name)) for name in parts}

    def without(self, failures: Iterable[Failure]) -> tuple[Bound, list[Finding]]:
        """The same without calls that failed, and what there is to say of it."""
        left_out = (*self.failures, *failures)
        plans = bind_specs(self.specs, self.registry, left_out)
        told = [f for f in plans.findings if f not in self.plans.findings]
        faulty = faults_of_outputs(self.specs, self.registry, plans)
        told += [f for faults in faulty.values() for f in faults if f not in self.findings]
        return replace(self, plans=plans, faulty_outputs=frozenset(faulty), failures=left_out), told


def read_specs(root: Path) -> Bound:
    """Read the specs of `root` and check all that needs no data. Raises SpecError where they cannot be read at all."""
    with _without_collector():
        return _read(root)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for circles of garbage: specs stay to the end, and to look through them again and again takes long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(root: Path) -> Bound:
    specs = load_specs(root)
    registry = make_registry(root)
    plans = bind_specs(specs, registry)
    fields = tuple(field_uses(specs, (plans.sdtm, plans.adam)))
    findings = [*registry.unloaded, *plans.findings, *check_fields(specs, fields)]
    wrong = {f.where for f in plans.findings}  # a call with a fault says nothing of its variable: one fault, one line
    findings += [f for f in check_described(specs, plans) if f.where not in wrong]
    findings += check_settings_read(specs, (plans.sdtm, plans.adam))
    findings += check_sentences(specs)
    findings += check_codelists(specs)
    faulty = faults_of_outputs(specs, registry, plans)
    findings += [f for faults in faulty.values() for f in faults]
    return Bound(specs, registry, plans, tuple(findings), frozenset(faulty), fields)


def faults_of_outputs(specs: Specs, registry: Registry, plans: Plans) -> dict[str, list[Finding]]:
    """The outputs that cannot be made, with what is wrong with them or missing for them."""
    columns = {name: tuple(s.variables) for name, s in specs.adam.items()}

    def setting_at(name: str) -> Location:
        return specs.where("study", ("settings", name, "value"))

    codelists = tuple(specs.codelists)
    texts, lost = plans.codes.texts, plans.adam.lost
    known = Known(specs.library, specs.study, registry, columns, codelists, plans.held, setting_at, texts, lost)
    found = {}
    for name, output in specs.outputs.items():

        def locate(loc: Loc, name: str = name) -> Location:
            return specs.where(f"tlf/{name}", loc)

        found[name] = check_output(output, known, locate)
    return {name: faults for name, faults in found.items() if faults}
