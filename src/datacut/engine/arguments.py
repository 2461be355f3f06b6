"""What a verb is given for the values of a call: frames, settings, lists, numbers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from datacut.engine.context import Context
from datacut.spec.calls import ListValue, MapValue, Number, Text, Value, Word
from datacut.spec.registry import Registry
from datacut.spec.where import SettingRef, Where

_MAPS = ("ColumnMap", "CodeMap", "SourceCodeMap", "NewCodeMap")
_LISTS = ("Columns", "Keys", "SourceColumns", "Codes", "NewCodes", "list[str]")


def argument(
    takes: str, value: Value | Where, context: Context, registry: Registry, frame: Callable[[str], pd.DataFrame]
) -> object:
    """The Python value of a parameter that `takes` it; `frame` gives a source by name."""
    match value:
        case SettingRef(name):
            setting = context.settings[name]
            if takes.startswith("list"):
                return list(setting) if isinstance(setting, tuple) else [setting]
            return str(setting) if takes == "str" else float(str(setting)) if takes == "float" else setting
        case Word(text):
            if takes == "Source":
                return frame(text)
            if takes == "Table":
                return frame(f"study.{text}")
            if takes == "Function":
                return registry.verbs[text].function
            if takes == "bool":
                return text == "true"
            if takes in _MAPS:
                return {text: text}
            return [text] if takes in _LISTS else text
        case Text(text):
            if takes in _MAPS:
                return {text: text}
            return [text] if takes in _LISTS else text
        case Number(number):
            return [float(number)] if takes == "list[float]" else number
        case ListValue(items):
            inner = [argument(_item(takes), i, context, registry, frame) for i in items]
            return {str(i): str(i) for i in inner} if takes in _MAPS else inner
        case MapValue(items):
            return {k: argument(_item(takes), v, context, registry, frame) for k, v in items}
        case _:
            return value


def _item(takes: str) -> str:
    return "float" if takes in ("list[float]", "dict[str, float]") else "str"
