"""What a spec says of where a variable comes from: origin, source, pages, predecessor, method and comment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from datacut.spec.bind import LABELS
from datacut.spec.dataset import DatasetSpec, Supplemental, VariableSpec
from datacut.spec.plan import Block
from datacut.submission.trace import Trace

QUALIFIER_ORIGINS = {
    "CRF": ("Collected", "Investigator"),
    "COLLECTED": ("Collected", "Investigator"),
    "EDT": ("Collected", "Vendor"),
    "ASSIGNED": ("Assigned", "Sponsor"),
    "DERIVED": ("Derived", "Sponsor"),
    "PROTOCOL": ("Protocol", "Sponsor"),
}
"""QORIG of a supplemental qualifier (upper case) to origin type and source of its value."""

ON_CRF = ("Investigator", "Subject")
"""Sources whose collected values stand on the annotated CRF."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Origin of one item. predecessor: `DM.AGE`; method: the derivation in words; expression: its call, if any."""

    origin: str | None
    source: str | None
    pages: tuple[str, ...] = ()
    predecessor: str | None = None
    method: str | None = None
    expression: str | None = None
    comment: str | None = None


def provenance_of(
    trace: Trace, spec: DatasetSpec, name: str, *, adam: bool, blocks: tuple[Block, ...] | None = None
) -> Provenance:
    """Provenance of a variable, or with `blocks` of those of its values that these record blocks make.

    Left out in an ADaM spec, the origin follows from how the variable is made: copied is Predecessor, what the
    parameters of a dataset fill is Assigned, anything else is Derived, by the sponsor.
    """
    variable = _of_blocks(spec.variables[name], name, blocks or ())
    if adam and name == "PARAMCD" and (selected := trace.derivations.parameters_of(spec.dataset)):
        variable = variable.model_copy(update={"note": _joined(variable.note, selected)})
    origin, source = variable.origin, variable.source
    if adam:
        labelled = bool(spec.parameters) and name in LABELS
        origin = origin or ("Predecessor" if variable.predecessor else "Assigned" if labelled else "Derived")
        source = source or (None if origin == "Collected" else "Sponsor")
    found = Provenance(origin, source, comment=variable.note)
    if origin == "Predecessor":
        return replace(found, predecessor=variable.predecessor, comment=_joined(variable.text, variable.note))
    if origin == "Derived":
        told, made = trace.derivations, (spec.dataset, name, blocks)
        return replace(found, method=_method(variable.text, told.of_variable(*made)), expression=told.expression(*made))
    if origin == "Collected" and source in ON_CRF:
        given = tuple(variable.pages.replace(",", " ").split()) if variable.pages else None
        pages = given or trace.pages(trace.forms(spec.dataset, name, blocks))
        found = replace(found, pages=pages)
    return replace(found, comment=_joined(variable.text, variable.note))


def other_origins(trace: Trace, spec: DatasetSpec, name: str, *, adam: bool) -> tuple[Provenance, ...]:
    """What record blocks say of the origin of a variable that is not what its spec says for the whole."""
    whole = provenance_of(trace, spec, name, adam=adam)
    found: dict[tuple[str | None, str | None], Provenance] = {}
    for block in trace.every_block(spec.dataset):
        if name in block.records.set:
            here = provenance_of(trace, spec, name, adam=adam, blocks=(block,))
            found.setdefault((here.origin, here.source), here)
    return tuple(p for key, p in found.items() if key != (whole.origin, whole.source))


def provenance_of_qualifier(trace: Trace, spec: DatasetSpec, qnam: str) -> Provenance:
    """Provenance of the values of one supplemental qualifier, by its QORIG."""
    whole = spec.continues(qnam)
    if whole is not None and whole not in spec.supplemental:
        return provenance_of(trace, spec, whole, adam=False)
    item = spec.supplemental[whole or qnam]
    origin, source = QUALIFIER_ORIGINS.get(item.origin.upper(), (None, None))
    if origin == "Derived":
        told, place = trace.derivations, (spec.dataset, whole or qnam)
        method = _method(item.text, told.of_variable(*place))
        return Provenance(origin, source, method=method, expression=told.expression(*place))
    pages: tuple[str, ...] = ()
    if origin == "Collected" and source in ON_CRF:
        pages = _given_pages(item) or trace.pages(trace.forms(spec.dataset, whole or qnam))
    return Provenance(origin, source, pages, comment=item.text)


def provenance_of_parameter(trace: Trace, spec: DatasetSpec, name: str, variable: Provenance) -> Provenance:
    """Provenance of the analysis values of one parameter: its own method, else what holds for the whole variable."""
    parameter = spec.parameters.get(name)
    if parameter is None:
        return variable
    if parameter.derive is None and parameter.made_by is None:
        return variable if not parameter.text else replace(variable, comment=parameter.text)
    told = trace.derivations
    method = _method(parameter.text, told.of_parameter(spec.dataset, name))
    expression = told.expression_of_parameter(spec.dataset, name)
    return Provenance("Derived", "Sponsor", method=method, expression=expression)


def _of_blocks(variable: VariableSpec, name: str, blocks: Iterable[Block]) -> VariableSpec:
    """The variable with what its record blocks say instead; blocks that disagree say nothing."""
    said = [b.records.set[name] for b in blocks if name in b.records.set]
    changes: dict[str, object] = {}
    for key in ("origin", "source", "pages", "text", "note", "derive"):
        values = {getattr(s, key) for s in said}
        if len(values) == 1 and (value := values.pop()) is not None:
            changes[key] = value
    return variable.model_copy(update=changes)


def _method(text: str | None, rule: str) -> str | None:
    """What a spec says of a derivation, then what its calls do."""
    if text and rule:
        return f"{text} Rule: {rule}"
    return text or rule or None


def _given_pages(item: Supplemental) -> tuple[str, ...]:
    return tuple(item.pages.replace(",", " ").split()) if item.pages else ()


def _joined(*texts: str | None) -> str | None:
    return " ".join(t for t in texts if t) or None
