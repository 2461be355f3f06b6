"""What a build keeps of how it was made, so that its values can be traced without reading specs.

`study_facts`    `lineage/study.json`: settings, analysis sets, forms with their pages and fields, outputs
`dataset_facts`  `lineage/<stage>/<dataset>.json`: its record blocks, and the call of each variable with its words

Both are plain JSON; conditions are texts of the one grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datacut.spec.bound import BoundCall
from datacut.spec.calls import ListValue, MapValue, Word
from datacut.spec.load import Specs
from datacut.spec.plan import Block, Mapped, Plan, Step
from datacut.spec.resolve_output import resolve_output
from datacut.spec.where import Where
from datacut.submission.derivations import Derivations

type Json = dict[str, Any]


def study_facts(specs: Specs, cut: str, exported: str, files: Mapping[str, str]) -> Json:
    """What trace needs of the study. exported: the export as messages name it; files: the place of each form in it."""
    study = specs.study
    return {
        "cut": cut,
        "export": exported,
        "settings": {name: s.value for name, s in study.settings.items()},
        "sets": {name: {"label": s.label, "where": str(s.where)} for name, s in study.analysis_sets.items()},
        "subsets": [
            {"dataset": subset.dataset, "where": str(subset.where)}
            for template in specs.library.columns.values()
            for group in template.groups
            for subset in group.subsets.values()
        ],
        "forms": {
            name: {
                "label": form.label,
                "page": form.page,
                "file": files.get(name, f"{exported}/{form.filename}"),
                "system": form.system,
                "record": study.systems[form.system].record,
                "subject": study.systems[form.system].subject,
                "visit": study.systems[form.system].visit,
                "audit": list(study.systems[form.system].audit),
                "fields": {column: field.label for column, field in specs.columns(form).items()},
                "formats": {
                    column: field.model_dump(mode="json", include={"type", "format"})
                    for column, field in specs.columns(form).items()
                    if field.format
                },
            }
            for name, form in specs.forms.items()
        },
        "systems": {name: s.model_dump(mode="json", exclude={"columns"}) for name, s in study.systems.items()},
        "outputs": {name: _output(specs, name) for name in specs.outputs},
    }


def _output(specs: Specs, name: str) -> Json:
    spec = resolve_output(specs.outputs[name], specs.library)
    return {
        "number": spec.number,
        "title": spec.title,
        "kind": str(spec.kind),
        "draw": spec.figure.draw if spec.figure is not None else None,
        "analyses": {analysis: str(about.call) for analysis, about in spec.identified},
    }


def dataset_facts(specs: Specs, plan: Plan, derivations: Derivations, dataset: str) -> Json:
    """How the records of a dataset are made, block by block, and its variables, call by call, working columns too."""
    found = {**specs.sdtm, **specs.adam}
    spec = next(s for s in found.values() if s.dataset == dataset)
    blocks: list[Json] = []
    columns: dict[str, Json] = {}
    added: dict[str, Json] = {}
    for step in plan.steps:
        if step.dataset != dataset:
            continue
        if step.kind == "records":
            blocks = [_block(block, derivations) for block in step.blocks]
        elif step.kind == "rows":
            added[step.name] = _added(step, derivations)
        elif not step.void:
            columns |= {name: _column(step, name, derivations) for name in step.writes}
    return {
        "dataset": dataset,
        "keys": list(spec.keys),
        "bases": list(dict.fromkeys(r.source for r in spec.records)),
        "blocks": blocks,
        "columns": columns,
        "added": added,
    }


def _block(block: Block, derivations: Derivations) -> Json:
    records = block.records
    return {
        "source": records.source,
        "id": records.id,
        "where": _text(records.where),
        "carried": list(block.carried),
        "call": _call(block.call) if block.call is not None else None,
        "mapped": {m.name: _mapped(m, derivations) for m in block.mapped},
    }


def _mapped(item: Mapped, derivations: Derivations) -> Json:
    said = derivations.wording.sentence(item.call, item.name)
    return _call(item.call) | {"where": _text(item.where), "words": said or ""}


def _column(step: Step, name: str, derivations: Derivations) -> Json:
    about: Json = {"where": _text(step.where), "early": step.early, "words": derivations.of_column(step.dataset, name)}
    if step.predecessor is not None:
        return about | {"predecessor": list(step.predecessor)}
    return about | (_call(step.call) if step.call is not None else {})


def _added(step: Step, derivations: Derivations) -> Json:
    if step.call is None:
        return {}
    said = derivations.wording.sentence(step.call, step.name)
    return _call(step.call) | {"words": said or ""}


def _call(call: BoundCall) -> Json:
    """A call: what it reads of its own record, of which source by which keys, and its conditions."""
    about: Json = {"call": str(call.call), "verb": call.verb.name, "reads": list(call.reads)}
    if call.settings:
        about["settings"] = list(call.settings)
    if keys := list(_names(call, ("Keys",))):
        about["by"] = keys
    elif grouped := list(_names(call, ("Columns",), ("by",))):
        about["by"] = grouped
    if call.source is not None:
        about |= {"source": call.source, "source_reads": list(call.source_reads)}
        about["source_by"] = list(_names(call, ("SourceColumns",), ("source_by",))) or about.get("by", [])
        about["taken"] = _taken(call)
    for name, takes in (("candidates", "Condition"), ("source_where", "SourceCondition")):
        if conditions := [str(given) for given in _of_conditions(call, takes)]:
            about[name] = conditions
    return about


def _of_conditions(call: BoundCall, takes: str) -> Iterator[Where]:
    """Conditions that narrow the records a call looks at: the argument `where`."""
    for parameter in call.verb.parameters:
        if parameter.name == "where" and parameter.takes == takes and parameter.name in call.values:
            yield from call.conditions(takes)


def _taken(call: BoundCall) -> Json:
    """The column of the source that each new column is, as far as the call says it."""
    for parameter in call.verb.parameters:
        given = call.values.get(parameter.name)
        if parameter.takes == "ColumnMap" and isinstance(given, MapValue):
            return {new: str(old) for new, old in given.items}
        if parameter.takes == "ColumnMap" and isinstance(given, ListValue):
            return {str(name): str(name) for name in given.items}
        if parameter.takes == "ColumnMap" and isinstance(given, Word):
            return {given.text: given.text}
    return {}


def _names(call: BoundCall, takes: tuple[str, ...], names: tuple[str, ...] = ()) -> Iterator[str]:
    for parameter in call.verb.parameters:
        if parameter.takes in takes and (not names or parameter.name in names):
            match call.values.get(parameter.name):
                case ListValue(items):
                    yield from (str(i) for i in items)
                case Word(text):
                    yield text


def _text(where: Where | None) -> str | None:
    return None if where is None else str(where)
