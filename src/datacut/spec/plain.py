"""Values of calls that name no column: texts, numbers, and lists and maps of them."""

from __future__ import annotations

from datacut.spec.calls import Number, Text, Value, Word
from datacut.spec.where import SettingRef

PLAIN = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "str | float": "a text or a number",
    "bool": "true or false",
    "list[str]": "a list of texts",
    "list[float]": "a list of numbers",
    "dict[str, str]": "a map of texts",
    "dict[str, float]": "a map of numbers",
}
"""Annotations of values that name no column, in words."""


def is_plain(takes: str, value: Value) -> bool:
    """Whether a single value is what `takes` says; a setting is, whatever it holds."""
    match value:
        case SettingRef():
            return True
        case Text():
            return takes in ("str", "str | float")
        case Word(text):
            return takes in ("str", "str | float") or (takes == "bool" and text in ("true", "false"))
        case Number(number):
            return takes in ("float", "str | float") or (takes == "int" and isinstance(number, int))
        case _:
            return False
