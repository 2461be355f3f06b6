"""What of an export the specs cannot map, told before anything is built: codes, dates, times and visits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pandas as pd

from datacut.compute.texts import distinct_texts
from datacut.engine.context import FILE, RID, ROW, Context
from datacut.errors import Findings
from datacut.sdtm.assign_datetime import assign_datetime
from datacut.sdtm.collected import to_submission
from datacut.sdtm.visits import assign_visitnum
from datacut.spec.calls import names_in
from datacut.spec.crf import CrfField, CrfForm, FieldType
from datacut.spec.load import Specs
from datacut.spec.study import UNSCHEDULED

type _Read = Callable[[pd.DataFrame, Context], object]

_DAY, _ANY_DAY = "_day", "2000-01-01"
"""A time is read beside a day that is no part of the export."""


def check_unmapped(specs: Specs, sources: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Values outside the codelist of their field, dates and times that cannot be read, and visits nobody knows.

    sources: `raw.<form>` as read. What is told is told as a build tells it, with one difference: a value is held
    against the codelist of its field alone. Fields and forms that are not submitted do not count.
    """
    fields = [
        (form, column, field, read)
        for form in specs.forms.values()
        for column, field in specs.columns(form).items()
        if form.not_submitted is None
        and field.not_submitted is None
        and column != specs.study.systems[form.system].visit
        and (read := _reader(column, field)) is not None
    ]
    alike: dict[tuple[str, ...], list[int]] = {}
    for number, (_, _, field, _) in enumerate(fields):
        alike.setdefault((field.type, field.codelist or "", field.format or ""), []).append(number)
    told: dict[int, list[str]] = {}
    texts = _texts(sources, [(form, column) for form, column, _, _ in fields])
    for numbers in alike.values():
        held = {n: texts[fields[n][0].form, fields[n][1]] for n in numbers}
        form, column, _, read = fields[numbers[0]]
        strange = _strange(held.values(), column, read, _context(specs, form, column, findings))
        told |= {n: [t for t in own if t in strange] for n, own in held.items()}
    for number, (form, column, _, read) in enumerate(fields):
        if told[number]:
            frame = sources[f"raw.{form.form}"]
            read(frame.loc[frame[column].isin(told[number])], _context(specs, form, column, findings))
    for form in specs.forms.values():
        visit = specs.study.systems[form.system].visit
        frame = sources[f"raw.{form.form}"]
        if form.not_submitted is None and visit is not None and not frame.empty:
            assign_visitnum(frame[[visit, RID, ROW, FILE]], visit, _context(specs, form, visit, findings))


def range_columns(specs: Specs) -> dict[str, frozenset[str]]:
    """Columns of each form from which --ORNRLO and --ORNRHI are made, over one working variable at most."""
    found: dict[str, set[str]] = {}
    for spec in specs.sdtm.values():
        names = [*spec.variables, *(n for block in spec.records for n in block.set)]
        limits = {n for n in names if n.endswith(("ORNRLO", "ORNRHI"))}
        made = {n: v.derive for n, v in spec.variables.items() if v.derive is not None}
        limits |= {word for name in limits & made.keys() for word in names_in(made[name])}
        for block in spec.records:
            calls = [v.derive for n, v in block.set.items() if n in limits and v.derive is not None]
            form = specs.forms.get(block.source.removeprefix("raw."))
            if form is not None:
                words = {word for call in calls for word in names_in(call)}
                found.setdefault(form.form, set()).update(words & form.fields.keys())
    return {form: frozenset(columns) for form, columns in found.items()}


def _reader(column: str, field: CrfField) -> _Read | None:
    """How the values of a field are mapped; None where any text will do."""
    if field.codelist is not None:
        return lambda frame, context: to_submission(frame, column, frame[column], context)
    if field.type is FieldType.DATE:
        return lambda frame, context: assign_datetime(frame, column, context)
    if field.type is FieldType.TIME:
        formats = ["y-m-d", field.format or "H:M"]

        def read_time(frame: pd.DataFrame, context: Context) -> object:
            return assign_datetime(frame.assign(**{_DAY: _ANY_DAY}), _DAY, context, time=column, formats=formats)

        return read_time
    return None


def _strange(columns: Iterable[list[str]], column: str, read: _Read, context: Context) -> frozenset[str]:
    """The texts of fields that are mapped alike of which there is something to tell."""
    texts = dict.fromkeys(text for held in columns for text in held)
    heard = Findings()
    if texts:
        read(pd.DataFrame({column: pd.Series([*texts], dtype="str")}), replace(context, findings=heard))
    return frozenset(finding.value for finding in heard)


def _texts(
    sources: Mapping[str, pd.DataFrame], fields: Iterable[tuple[CrfForm, str]]
) -> dict[tuple[str, str], list[str]]:
    """The different texts of each field; the names of unscheduled visits carry their number and need no term."""
    columns: dict[str, list[str]] = {}
    for form, column in fields:
        columns.setdefault(form.form, []).append(column)
    return {
        (form, column): [text for text in held if not UNSCHEDULED.fullmatch(text.strip())]
        for form, names in columns.items()
        for column, held in distinct_texts(sources[f"raw.{form}"], names).items()
    }


def _context(specs: Specs, form: CrfForm, column: str, findings: Findings) -> Context:
    fields = specs.columns(form)
    return Context(
        f"raw.{form.form}",
        column,
        findings=findings,
        codelists=specs.codelists,
        codelist=fields[column].codelist,
        fields=fields,
        form_visits=form.visits,
        visits=specs.study.visits,
    )
