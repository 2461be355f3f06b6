"""What a function is given for each kind of parameter and each way of writing a value."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from datacut.engine.arguments import arguments
from datacut.spec.calls import parse_call
from datacut.spec.registry import (
    Cases,
    CodeMap,
    Columns,
    Function,
    Registry,
    Source,
    SourceColumn,
    Table,
    verb,
)
from datacut.spec.where import parse_where

SETTINGS = {"whole": 3, "part": 0.5, "text": "a", "several": (3, 4.5), "texts": ("a", "b"), "one": ("a",)}


@verb("column")
def take(
    frame: object,
    columns: Columns | None = None,
    codes: CodeMap | None = None,
    number: float | None = None,
    count: int | None = None,
    either: str | float | None = None,
    text: str | None = None,
    yes: bool | None = None,
    numbers: list[float] | None = None,
    words: list[str] | None = None,
    factors: dict[str, float] | None = None,
    names: dict[str, str] | None = None,
    cases: Cases | None = None,
    source: Source | None = None,
    column: SourceColumn = "X",
    table: Table | None = None,
    value: Function | None = None,
) -> None:
    """Takes one of each."""


@verb("function")
def doubled(values: object) -> object:
    """Twice."""
    return values


def given(argument: str) -> object:
    registry = Registry()
    registry.add_module(sys.modules[__name__])
    bound = registry.bind(parse_call(f"take({argument})"), ("column",))
    frames = {name: pd.DataFrame({"N": [name]}) for name in ("AE", "study.doses")}
    made = arguments(bound, SETTINGS, frames.__getitem__, lambda name: registry.verbs[name].function)
    return made[argument.partition("=")[0]]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("columns=A", ["A"]),
        ("columns=[A, B]", ["A", "B"]),
        ("codes=A", {"A": "A"}),
        ("codes=[A, B]", {"A": "A", "B": "B"}),
        ("codes={first: A}", {"first": "A"}),
        ("number=3", 3.0),
        ("number=$whole", 3.0),
        ("count=3", 3),
        ("count=$whole", 3),
        ("either=3", 3),
        ("either=$part", 0.5),
        ("either=$text", "a"),
        ("text=$whole", "3"),
        ('text="a b"', "a b"),
        ("yes=true", True),
        ("yes=false", False),
        ("numbers=3", [3.0]),
        ("numbers=[3, $part]", [3.0, 0.5]),
        ("numbers=$several", [3.0, 4.5]),
        ("numbers=$whole", [3.0]),
        ("words=$texts", ["a", "b"]),
        ("words=$text", ["a"]),
        ("words=$one", ["a"]),
        ('words="a"', ["a"]),
        ("words=$several", ["3", "4.5"]),
        ("factors={a: 3, b: $part}", {"a": 3.0, "b": 0.5}),
        ("names={a: B, c: $whole}", {"a": "B", "c": "3"}),
        ("cases={'A GT 1': 2, 'B MISSING': $part}", [(parse_where("A GT 1"), 2), (parse_where("B MISSING"), 0.5)]),
        ("value=doubled", doubled),
    ],
)
def test_a_value_is_what_its_parameter_takes(argument: str, value: object) -> None:
    made = given(argument)
    assert made == value
    kinds = [type(v) for v in (made if isinstance(made, list) else [made])]
    assert kinds == [type(v) for v in (value if isinstance(value, list) else [value])]


def test_sources_and_tables_are_frames() -> None:
    for argument, name in (("source=AE", "AE"), ("table=doses", "study.doses")):
        made = given(argument)
        assert isinstance(made, pd.DataFrame)
        assert made["N"].tolist() == [name]
