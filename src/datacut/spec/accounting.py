"""Every collected field is read by some spec, or says why it is not submitted."""

from __future__ import annotations

from collections.abc import Iterator

from datacut.errors import Finding, Severity
from datacut.spec.load import Specs
from datacut.spec.plan import Plan, Step


def check_fields(specs: Specs, plans: tuple[Plan, ...]) -> list[Finding]:
    """Fields that no spec reads and that have no reason, and fields with a reason that a spec reads all the same."""
    read = {pair for plan in plans for step in plan.steps for pair in _read(step)}
    found: list[Finding] = []
    for name, form in specs.forms.items():
        for column, field in form.fields.items():
            where = specs.where(f"crf/{name}", ("fields", column))
            used = (f"raw.{name}", column) in read
            reason = field.not_submitted or form.not_submitted
            if not used and not reason:
                what, remedy = "a collected field that no spec reads", "Map it, or give not_submitted: with the reason."
                found.append(Finding(Severity.WARNING, "spec.field.unread", where, what, column, remedy))
            elif used and field.not_submitted:
                what, remedy = "a field marked as not submitted that a spec reads", "Take not_submitted: away."
                found.append(Finding(Severity.WARNING, "spec.field.read", where, what, column, remedy))
    return found


def _read(step: Step) -> Iterator[tuple[str, str]]:
    """Source and column of everything a step reads from forms."""
    for block in step.blocks:
        yield from ((block.records.source, c) for c in block.reads)
    yield from (pair for pair in step.reads if pair[0].startswith("raw."))
