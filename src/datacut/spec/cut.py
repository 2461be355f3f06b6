"""The rules of the cut in study.yml, checked against the domains they are for."""

from __future__ import annotations

from collections.abc import Iterator

from datacut.errors import Finding, Severity, nearest
from datacut.spec.dataset import DatasetSpec
from datacut.spec.load import Specs
from datacut.spec.study import CutRule
from datacut.spec.where import columns_of

BOUNDARIES = ("possible", "certain")


def boundary(specs: Specs) -> str:
    """How a partial date counts at the boundary of a cut: one of `BOUNDARIES`."""
    said = specs.study.cut_boundary
    return str(specs.settings.get(said[1:], said)) if said.startswith("$") else said


def check_cut_rules(specs: Specs) -> Iterator[Finding]:
    """Every domain of subjects has a rule, if there are rules; a rule names what there is, and all it needs."""
    rules = specs.study.cut_rules
    subjects = [n for n, s in specs.sdtm.items() if "USUBJID" in s.variables]
    for name in [n for n in subjects if rules and n not in rules]:
        what = "a domain of subjects without a rule of the cut"
        yield _fault(specs, (), what, name, "Give it one: by start, subject, parent or none.")
    if boundary(specs) not in BOUNDARIES:
        remedy = f"Write one of {', '.join(BOUNDARIES)}, or $ and the name of a setting that is."
        where = specs.where("study", ("cut_boundary",))
        yield Finding(Severity.ERROR, "spec.cut", where, "no such boundary", specs.study.cut_boundary, remedy)
    for name, rule in rules.items():
        spec = specs.sdtm.get(name)
        if spec is None:
            yield _fault(specs, (name,), "no such domain", name, nearest(name, specs.sdtm))
            continue
        yield from _check_rule(specs, name, rule, spec)


def _check_rule(specs: Specs, name: str, rule: CutRule, spec: DatasetSpec) -> Iterator[Finding]:
    made = {*spec.variables, *spec.supplemental}
    made |= {variable for block in spec.records for variable in block.set}
    named = {*filter(None, (rule.date, rule.end))}
    for change in rule.change:
        named |= {change.variable, *(columns_of(change.where) if change.where else ())}
    if rule.death is not None:
        named |= set(columns_of(rule.death.of))
        if rule.death.source not in specs.study.cut_rules:
            remedy = "Name a domain that has one."
            yield _fault(specs, (name,), "a domain of deaths without a rule of the cut", rule.death.source, remedy)
    for variable in sorted(named - made):
        yield _fault(specs, (name,), f"{name} has no variable", variable, nearest(variable, made))
    if rule.by == "start" and rule.date is None:
        yield _fault(specs, (name,), "by start needs a date", name, "Name the variable of the start.")
    if rule.change and rule.end is None:
        yield _fault(specs, (name,), "change needs an end", name, "Name the variable of the end.")
    if rule.by == "parent" and any(block.source.startswith("raw.") for block in spec.records):
        what = "by parent, but its records are made of a form"
        yield _fault(specs, (name,), what, name, "Write by: start with the date of the record.")


def waits(specs: Specs) -> dict[str, tuple[str, ...]]:
    """By domain those whose records must be cut before its own: the subjects, and where deaths are told."""
    out: dict[str, tuple[str, ...]] = {}
    for name, rule in specs.study.cut_rules.items():
        first = {"DM"} if rule.by in ("start", "subject") else set()
        first |= {rule.death.source} if rule.death is not None else set()
        out[name] = tuple(sorted((first & set(specs.sdtm)) - {name}))
    return out


def _fault(specs: Specs, loc: tuple[str, ...], what: str, value: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, "spec.cut", specs.where("study", ("cut_rules", *loc)), what, value, remedy)
