"""An output with its template of the library filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from pydantic import ValidationError

from datacut.errors import Finding, Location, Severity, SpecError, in_spec, nearest
from datacut.spec.document import Tree
from datacut.spec.output import OutputLibrary, OutputSpec, OutputTemplate, RecordsShown


def resolve_output(spec: OutputSpec, library: OutputLibrary) -> OutputSpec:
    """The output with its template filled in. Raises SpecError for an unknown template, value or key."""
    if spec.template is None:
        return spec
    template = library.templates.get(spec.template)
    if template is None:
        raise _fault(spec, f"no template {spec.template}", nearest(spec.template, library.templates))
    template = _whole_template(spec, template, library)
    known = {*template.parameters, *template.defaults}
    for name in spec.values:
        if name not in known:
            raise _fault(spec, f"template {spec.template} takes no {name}", nearest(name, known))
    values = {**template.defaults, **spec.values}
    values = {name: _text(value, values) for name, value in values.items()}
    if missing := [name for name in template.parameters if name not in values]:
        raise _fault(spec, f"template {spec.template} needs {', '.join(missing)}", "Give it under `with`.")
    tree = {key: _filled(value, values) for key, value in template.output.items()}
    own = {_alias(name): getattr(spec, name) for name in spec.model_fields_set if name not in ("template", "values")}
    joined: dict[str, object] = {
        key: (*_items(tree.get(key)), *_items(own.get(key))) for key in ("analyses", "footnotes")
    }
    family = tree.get("records")
    if spec.records is not None and isinstance(family, dict):
        joined["records"] = _records(family, spec.records)
    try:
        return OutputSpec.model_validate({**tree, **own, **joined})
    except ValidationError as fault:
        findings = []
        for error in fault.errors():
            place = ".".join(map(str, error["loc"]))
            what = f"template {spec.template}: {place}: {error['msg']}"
            findings.append(Finding(Severity.ERROR, "spec.template", _place(spec), what, "", "Mend the template."))
        raise SpecError(findings) from fault


def _whole_template(spec: OutputSpec, template: OutputTemplate, library: OutputLibrary) -> OutputTemplate:
    """A template with those it extends filled in."""
    met = [spec.template]
    while template.extends is not None:
        above = library.templates.get(template.extends)
        if above is None or template.extends in met:
            what = f"template {met[-1]} extends {'itself' if above else 'no template'} {template.extends}"
            raise _fault(spec, what, nearest(template.extends, library.templates))
        met.append(template.extends)
        joined: dict[str, Tree] = {}
        for key in ("analyses", "footnotes"):
            items = [*_items(above.output.get(key)), *_items(template.output.get(key))]
            joined |= {key: cast("Tree", items)} if items else {}
        template = OutputTemplate(
            extends=above.extends,
            parameters=tuple(p for p in (*above.parameters, *template.parameters) if p not in template.defaults),
            defaults=above.defaults | template.defaults,
            text=template.text,
            output={**above.output, **template.output, **joined},
        )
    return template


def _records(family: dict[str, Tree], own: RecordsShown) -> dict[str, object]:
    """The records of a template with those of the output: columns of the template first, every other key replaced."""
    given = {name: getattr(own, name) for name in own.model_fields_set}
    columns = family.get("columns")
    first: dict[str, object] = dict(columns) if isinstance(columns, dict) else {}
    return {**family, **given, "columns": first | dict(own.columns)}


def _alias(name: str) -> str:
    return "with" if name == "values" else name


def _items(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _filled(tree: Tree, values: Mapping[str, str]) -> Tree:
    if isinstance(tree, dict):
        return {_text(key, values): _filled(value, values) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_filled(value, values) for value in tree]
    return _text(tree, values)


def _text(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), m.group(0)), text)


def _place(spec: OutputSpec) -> Location:
    return in_spec(f"specs/tlf/{spec.output}.yml")


def _fault(spec: OutputSpec, what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "spec.template", _place(spec), what, "", remedy)])
