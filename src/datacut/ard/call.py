"""A bound method call run on a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.pattern import UnknownStatistic
from datacut.ard.results import Result
from datacut.ard.source import fault
from datacut.datasets.records import Cells
from datacut.errors import nearest
from datacut.spec.calls import Call, ListValue, MapValue, Number, Text, Value, Word
from datacut.spec.registry import BoundCall, Registry, VerbKind
from datacut.spec.study import SettingValue
from datacut.spec.tokens import GrammarError
from datacut.spec.where import SettingRef, Where


def bind_method(registry: Registry, call: Call, place: str, kind: VerbKind = "method") -> BoundCall:
    """A call bound to a method, or to a `cell` verb; SpecError where it does not fit."""
    try:
        return registry.bind(call, (kind,))
    except GrammarError as error:
        raise fault(place, str(error), "Mend the call.") from error


def run_method(bound: BoundCall, frame: pd.DataFrame, context: MethodContext) -> list[Result]:
    """The results of one method on `frame`. Raises SpecError for a pattern with a statistic the method has not."""
    return cast("list[Result]", _run(bound, frame, context))


def run_cells(bound: BoundCall, frame: pd.DataFrame, context: MethodContext) -> Cells:
    """What a `cell` verb shows of each record of `frame`."""
    return cast("Cells", _run(bound, frame, context))


def _run(bound: BoundCall, frame: pd.DataFrame, context: MethodContext) -> object:
    values = {
        p.name: _python(p.takes, bound.values[p.name], context.settings)
        for p in bound.verb.parameters
        if p.name in bound.values
    }
    if bound.verb.wants_context:
        values["context"] = context
    try:
        return bound.verb.function(frame, **values)
    except UnknownStatistic as error:
        raise context.fault(str(error.args[0]), nearest(error.name, error.known)) from error


def _python(takes: str, value: Value | Where, settings: Mapping[str, SettingValue]) -> object:
    item = "float" if takes.endswith("float]") else "str"
    match value:
        case SettingRef(name):
            return _setting(takes, settings[name])
        case Word(text):
            if takes == "bool":
                return text == "true"
            return [text] if takes in ("Columns", "list[str]") else text
        case Text(text):
            return [text] if takes == "list[str]" else text
        case Number(number):
            if takes == "float":
                return float(number)
            return [float(number)] if takes == "list[float]" else number
        case ListValue(items):
            return [_python(item, i, settings) for i in items]
        case MapValue(items):
            return {k: _python(item, v, settings) for k, v in items}
        case _:
            return value


def _setting(takes: str, setting: SettingValue) -> object:
    if takes.startswith("list"):
        return list(setting) if isinstance(setting, tuple) else [setting]
    if isinstance(setting, tuple):
        return setting
    if takes == "float":
        return float(setting)
    return str(setting) if takes == "str" else setting
