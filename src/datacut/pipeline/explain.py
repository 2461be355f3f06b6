"""`datacut explain`: what specs resolve to: datasets with the order of their steps, outputs, forms, verbs, rules."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from datacut.ard.source import SUBJECTS
from datacut.errors import CORE, InputError, Location, Rule, all_rules, nearest
from datacut.pipeline.verbs import make_registry
from datacut.spec.accounting import field_uses
from datacut.spec.bound import Verb
from datacut.spec.lint import Plans, bind_specs
from datacut.spec.load import Specs, load_specs
from datacut.spec.plan import Block, Step
from datacut.spec.registry import Registry
from datacut.spec.resolve import Resolved, ResolvedDataset
from datacut.spec.resolve_output import resolve_output
from datacut.submission.derivations import Derivations
from datacut.tlf.build_frame import footnote_ids


def explain(root: Path, name: str) -> str:
    """The text for `AE` (the dataset), `AE.AESTDTC` (one variable), `t-14-3-1-2-1` (an output), `raw.ae` (a form),
    `raw.ae.AETERM` (a field), `verbs` (all), a verb, `rules` (all) or a rule.

    InputError if there is nothing of that name.
    """
    if name == "rules":
        return "".join(_rule(r) for r in all_rules().values())
    if name in all_rules():
        return _rule(all_rules()[name])
    if name.startswith(CORE):
        return f"{name}: a rule of CDISC CORE, whose catalogue says what it asks; its message is in each finding\n"
    registry = make_registry(root)
    if name == "verbs":
        return "".join(f"{_signature(v)}\n    {v.summary}\n" for v in _sorted(registry))
    if name in registry.verbs:
        verb = registry.verbs[name]
        return f"{_signature(verb)}\n\n{inspect.getdoc(verb.function) or ''}\n"
    specs = load_specs(root)
    if name in specs.outputs:
        return "\n".join(_output(specs, name)) + "\n"
    plans = bind_specs(specs, registry)
    dataset, _, variable = name.partition(".")
    if dataset == "raw" and variable.partition(".")[0] in specs.forms:
        return "\n".join(_form(specs, plans, *name.split(".", 2)[1:])) + "\n"
    if dataset not in plans.datasets:
        forms = [f"raw.{form}" for form in specs.forms]
        names = [*plans.datasets, *specs.outputs, *forms, *registry.verbs, *all_rules()]
        raise InputError(f"no dataset, output, form, verb or rule {name}. {nearest(name, names)}")
    about = plans.datasets[dataset]
    if variable:
        known = {v.name: v for v in about.variables}
        if variable not in known:
            raise InputError(f"{dataset} has no variable {variable}. {nearest(variable, known)}")
        lines = list(_variable(specs, about, known[variable]))
        plan = plans.sdtm if dataset in specs.sdtm else plans.adam
        said = Derivations(specs, plan).of_variable(dataset, variable)
        lines += ["", "In words", f"  {said}"] if said else []
        lines += ["", "Runs as", *_order_of(plans, dataset, variable)]
    else:
        lines = list(_dataset(specs, about))
        lines += ["", "Order of execution", *_order_of(plans, dataset)]
    return "\n".join(lines) + "\n"


def _output(specs: Specs, name: str) -> Iterator[str]:
    """An output with its template filled in: what it analyses, of whom, and its footnotes."""
    spec = resolve_output(specs.outputs[name], specs.library)
    yield f"{spec.number}: {spec.title}"
    yield f"  of {spec.population}, columns {spec.columns or 'none'}  ({specs.where(f'tlf/{name}', ())})"
    if spec.where is not None:
        yield f"  where {spec.where}"
    yield ""
    yield "Analyses"
    for number, (analysis, about) in enumerate(spec.identified, 1):
        condition = f" where {about.where}" if about.where is not None else ""
        yield f"  {number:>3}. {analysis}: {about.call} on {about.dataset or SUBJECTS}{condition}"
    if spec.records is not None:
        for column, shown in spec.records.columns.items():
            yield f"       {column}: {shown.call}"
    yield ""
    yield "Footnotes"
    for note in footnote_ids(spec, specs.library):
        yield f"  {note}: {specs.library.footnotes.get(note, '')}"


def _form(specs: Specs, plans: Plans, form: str, field: str | None = None) -> Iterator[str]:
    """A form, or one field of it: as it is collected, and what is made of it."""
    about = specs.forms[form]
    columns = specs.columns(about)
    if field is not None and field not in columns:
        raise InputError(f"raw.{form} has no field {field}. {nearest(field, columns)}")
    where = f"page {about.page}; " if about.page else ""
    yield f"raw.{form}: {about.label}  ({where}{specs.where(f'crf/{form}', ())})"
    for use in field_uses(specs, (plans.sdtm, plans.adam)):
        if use.form != form or field not in (None, use.column):
            continue
        collected = columns[use.column]
        codelist = f"codelist {collected.codelist}" if collected.codelist else None
        parts = [collected.type, codelist, collected.format, collected.unit]
        yield f"  {use.column:<10} {collected.label} [{', '.join(str(p) for p in parts if p)}]"
        yield f"             {', '.join(use.used) or use.reason or use.status}"


def _rule(about: Rule) -> str:
    """What a rule says, and its data where it has any."""
    data = "".join(f"    {name}: {value}\n" for name, value in about.data.items())
    remedy = f"{about.remedy} {about.winner}".strip()
    source = f"    {about.source}\n" if about.source else ""
    return f"{about.id} ({about.severity}): {about.what}\n    {remedy}\n{source}{data}"


def _sorted(registry: Registry) -> list[Verb]:
    return sorted(registry.verbs.values(), key=lambda v: (v.kind, v.name))


def _signature(verb: Verb) -> str:
    inner = ", ".join(f"{p.name}: {p.takes}" + (f" = {p.default}" if p.optional else "") for p in verb.parameters)
    return f"{verb.name}({inner})   [{', '.join(verb.kinds)}]"


def _dataset(specs: Specs, about: ResolvedDataset) -> Iterator[str]:
    yield f"{about.name}: {about.label}"
    yield f"  class {about.dataset_class}; {about.structure}"
    yield f"  keys {', '.join(about.spec.keys)}"
    yield f"  from {_place(specs, about, ())}"
    for block in about.spec.records:
        condition = f" where {block.where}" if block.where else ""
        topic = f" [{', '.join(block.topic.values())}]" if block.topic else ""
        made = f" made by {block.derive}" if block.derive else ""
        yield f"  records from {block.source}{topic}{condition}{made}"
        for rule in block.exclude:
            yield f"    left out where {rule.where}: {rule.reason}"
    yield ""
    yield "Variables"
    for variable in about.variables:
        yield from _variable(specs, about, variable)
    for qnam, item in about.spec.supplemental.items():
        yield f"  SUPP{about.name}.{qnam}: {item.label}; {item.derive}"


def _variable(specs: Specs, about: ResolvedDataset, variable: Resolved) -> Iterator[str]:
    length = f"({variable.length})" if variable.length else ""
    given = f"; from the standard: {', '.join(variable.from_standard)}" if variable.from_standard else ""
    yield f"  {variable.name:<8} {variable.label} [{variable.type}{length}]{given}"
    spec = variable.spec
    made = spec.derive or spec.predecessor or (f"made by {spec.made_by}" if spec.made_by else "made by the records")
    condition = f" where {spec.where}" if spec.where else ""
    codelist = f"; codelist {variable.codelist}" if variable.codelist else ""
    yield f"           {made}{condition}{codelist}  ({_place(specs, about, ('variables', variable.name))})"
    if spec.text:
        yield f"           {spec.text}"


def _place(specs: Specs, about: ResolvedDataset, loc: tuple[str, ...]) -> Location:
    folder = "sdtm" if about.name in specs.sdtm else "adam"
    return specs.where(f"{folder}/{about.name.lower()}", loc)


def _order_of(plans: Plans, dataset: str, variable: str | None = None) -> Iterator[str]:
    number = 0
    for step in (*plans.sdtm.steps, *plans.adam.steps):
        if step.dataset != dataset:
            continue
        if variable is not None and variable not in step.writes:
            continue
        number += 1
        yield f"  {number:>3}. {_step(step)}"


def _made_in(block: Block) -> tuple[str, ...]:
    return ((*block.carried,) if block.call else ()) + tuple(m.name for m in block.mapped)


def _step(step: Step) -> str:
    others = sorted({f"{d}.{c}" for d, c in step.reads if d != step.dataset and c != "*"})
    after = f"   # reads {', '.join(others)}" if others and step.kind != "records" else ""
    condition = f" where {step.where}" if step.where else ""
    if step.void and step.early and not (step.call or step.predecessor):
        return f"{step.name} <- blank, until added records fill it"
    if step.void:
        return f"{step.name} <- missing, since it or what it reads has a fault"
    if step.kind == "records":
        names = dict.fromkeys(n for b in step.blocks for n in _made_in(b))
        sources = dict.fromkeys(
            f"{b.records.source} by {b.call.call}" if b.call else b.records.source for b in step.blocks
        )
        return f"records from {', '.join(sources)}: {', '.join(names) or 'no mapping'}"
    if step.predecessor is not None:
        return f"{step.name} <- {'.'.join(step.predecessor)}{condition}"
    kind = "adds records of " if step.kind == "rows" else ""
    return f"{kind}{step.name} <- {step.call.call if step.call else ''}{condition}{after}"
