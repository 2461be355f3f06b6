"""What a setting of `study.yml` may be: one of its alternatives, and what the calls that take it need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from datacut.spec.scalars import is_number
from datacut.spec.study import Setting, SettingValue

_TAKES = {
    "int": "a whole number",
    "float": "a number",
    "str": "one value",
    "str | float": "one value",
    "list[float]": "numbers",
}


def outside(setting: Setting) -> Iterator[str]:
    """The values of a setting that are none of its alternatives; numbers are compared as numbers (0.80 is 0.8)."""
    if setting.alternatives:
        values = setting.value if isinstance(setting.value, tuple) else (setting.value,)
        yield from (str(v) for v in values if not any(is_value(v, a) for a in setting.alternatives))


def never(when: Mapping[str, tuple[str, ...]], settings: Mapping[str, Setting]) -> Iterator[tuple[str, str]]:
    """Settings and values that a `when:` asks for and that are none of their alternatives."""
    for name, values in when.items():
        known = settings[name].alternatives if name in settings else ()
        yield from ((name, v) for v in values if known and not any(is_value(_typed(v), a) for a in known))


def _typed(text: str) -> str | float:
    return float(text) if is_number(text) else text


def is_value(value: str | int | float, written: str) -> bool:
    """Whether a value of a setting is the one written elsewhere, as a number if it is one."""
    if isinstance(value, str):
        return value == written
    return is_number(written) and float(written) == value


def unfit(value: SettingValue, takes: str) -> str | None:
    """What a parameter that `takes` it needs and the value of a setting is not; None if it fits."""
    values = value if isinstance(value, tuple) else (value,)
    match takes:
        case "int":
            fits = isinstance(value, int)
        case "float":
            fits = isinstance(value, int | float)
        case "str" | "str | float":
            fits = not isinstance(value, tuple)
        case "list[float]":
            fits = all(isinstance(v, int | float) for v in values)
        case _:
            fits = True
    return None if fits else _TAKES[takes]


def named_in(text: str) -> list[str]:
    """The settings that a text names as `$name`."""
    return re.findall(r"\$([^\W\d]\w*)", text)
