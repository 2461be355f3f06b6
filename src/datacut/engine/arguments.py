"""The one conversion of a bound call to Python: what a function is given for each of its parameters."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from datacut.engine.filter import Settings
from datacut.spec.bound import BoundCall
from datacut.spec.calls import CasesValue, Given, ListValue, MapValue, Number, Text, Word
from datacut.spec.study import SettingValue
from datacut.spec.where import SettingRef

_MAPS = ("ColumnMap", "CodeMap", "SourceCodeMap", "NewCodeMap")
_LISTS = ("Columns", "NewColumns", "Keys", "SourceColumns", "Codes", "NewCodes")


def arguments(
    bound: BoundCall,
    settings: Settings,
    frame: Callable[[str], pd.DataFrame],
    function: Callable[[str], Callable[..., object]],
) -> dict[str, object]:
    """Values by parameter, for those that the call gives.

    A number is a float for whom takes `float`, a setting is what its parameter takes, one value of a list a list of it.
    frame, function: a source or table, and a registered function, by name.
    """

    def value_of(takes: str, value: Given) -> object:
        match value:
            case SettingRef(name):
                return _setting(takes, settings[name])
            case Word(text) if takes in ("Source", "Table"):
                return frame(text if takes == "Source" else f"study.{text}")
            case Word(text) if takes == "Function":
                return function(text)
            case Word(text) if takes == "bool":
                return text == "true"
            case Word(text) | Text(text):
                return _shaped(takes, text)
            case Number(number):
                return _shaped(takes, float(number) if _item(takes) == "float" else number)
            case ListValue(items):
                inner = [value_of(_item(takes), i) for i in items]
                return {str(i): str(i) for i in inner} if takes in _MAPS else inner
            case MapValue(pairs):
                return {k: value_of(_item(takes), v) for k, v in pairs}
            case CasesValue(cases):
                return [(when, value_of("str | float", then)) for when, then in cases]
            case condition:
                return condition

    given = ((p.name, p.takes) for p in bound.verb.parameters if p.name in bound.values)
    return {name: value_of(takes, bound.values[name]) for name, takes in given}


def _item(takes: str) -> str:
    """What an item of a list or map is, or the value itself."""
    if takes in ("float", "list[float]", "dict[str, float]"):
        return "float"
    return takes if takes in ("int", "str | float") else "str"


def _shaped(takes: str, value: object) -> object:
    """One value, as a list or map of it where that is taken."""
    if takes in _MAPS:
        return {value: value}
    return [value] if takes in _LISTS or takes.startswith("list") else value


def _setting(takes: str, setting: SettingValue) -> object:
    """A setting as what takes it; of several values a list, also where one is taken and it has them."""
    if takes.startswith("list"):
        return [_one(_item(takes), v) for v in (setting if isinstance(setting, tuple) else (setting,))]
    return setting if isinstance(setting, tuple) else _one(_item(takes), setting)


def _one(item: str, value: str | float) -> str | float:
    return float(value) if item == "float" else str(value) if item == "str" else value
