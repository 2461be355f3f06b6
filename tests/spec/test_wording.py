"""Sentences of calls: hand-written templates and calls, and what a reader must find in their sentences."""

from types import ModuleType

import pytest

from datacut.spec.calls import parse_call
from datacut.spec.registry import (
    Column,
    Columns,
    Condition,
    Function,
    Keys,
    NewColumn,
    Registry,
    Source,
    SourceCondition,
    verb,
)
from datacut.spec.study import Setting
from datacut.spec.where import parse_where
from datacut.spec.wording import Wording

SETTINGS = {
    "window": Setting(value="28", source="", text=""),
    "terms": Setting(value=["Fever", "Chill"], source="", text=""),
    "levels": Setting(value=["3.0", "4.5"], source="", text=""),
}
WORDING = Wording(SETTINGS)


def derive_found(
    dataset,
    by: Keys,
    source: Source,
    new: NewColumn,
    where: SourceCondition | None = None,
    mode: str = "first",
    days: float = 0,
    no: str | None = None,
): ...


def derive_judged(dataset, inputs: Columns, value: Function, options: dict[str, str], new: NewColumn): ...


def derive_two(dataset, when: Condition, at: Column, new: NewColumn, flag: NewColumn | None = None): ...


def enough(columns): ...


def registry():
    late = "{days?0=|, {days} days late}"
    found = "{mode?first=the first|last=the last} of {source} by {by}[ where {where}]" + late + "[, else {no}]"
    made = Registry()
    module = ModuleType("made")
    for function, kind, says in (
        (derive_found, "column", found),
        (derive_judged, "column", "{value}"),
        (derive_two, "column", {"new": "{at} where {when}", "flag": "whether it was"}),
        (enough, "function", "{1} is at least {least}"),
    ):
        marked = verb(kind, says=says)(function)
        marked.__module__ = "made"
        setattr(module, function.__name__, marked)
    made.add_module(module)
    return made


def said(source, new="X"):
    return WORDING.sentence(registry().bind(parse_call(source), ("column",), new), new)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("derive_found(by=[USUBJID, PARAMCD], source=ADLB)", "the first of ADLB by USUBJID and PARAMCD"),
        ('derive_found(by=[USUBJID], source=AE, mode="last", no="N")', 'the last of AE by USUBJID, else "N"'),
        ("derive_found(by=[USUBJID], source=AE, days=$window)", "the first of AE by USUBJID, 28 days late"),
        (
            "derive_found(by=[USUBJID], source=AE, where='AEDECOD IN ($terms) AND _DAY LE $window')",
            'the first of AE by USUBJID where AEDECOD in ("Fever", "Chill") and [AE.DAY] <= 28',
        ),
        ("derive_found(by=[SUBJID], source=raw.chem)", "the first of the form chem by SUBJID"),
        ("derive_judged(inputs=[_A, B], value=enough, options={least: $window})", "[A] is at least 28"),
    ],
)
def test_a_call_is_said_with_its_values(call, sentence):
    assert said(call) == sentence


def test_each_column_of_a_call_has_its_own_words():
    call = "derive_two(when='A NE 1 OR A MISSING', at=B, new=X, flag=XF)"
    assert said(call) == "B where A != 1 or A is missing"
    assert said(call, "XF") == "whether it was"


def test_a_condition_says_what_it_joins_and_what_a_setting_is():
    where = parse_where('NOT (A EQ "x" AND (B GT $window OR _C NOT MISSING))')
    assert WORDING.condition(where) == 'not (A = "x" and (B > 28 or [C] is not missing))'


def test_a_formal_expression_has_values_and_is_left_out_where_a_reader_cannot_see_a_name():
    def expression(source, where=None):
        return WORDING.expression(registry().bind(parse_call(source), ("column",), "X"), where and parse_where(where))

    given = "derive_found(by=[USUBJID], source=AE, where='AEDAY LE $window')"
    resolved = 'derive_found(by=[USUBJID], source=AE, where="AEDAY LE 28") where A EQ 28'
    assert expression(given, "A EQ $window").replace("'", '"') == resolved
    assert expression(given, "_A EQ 1") is None
    assert expression("derive_judged(inputs=[_A], value=enough, options={least: $window})") is None
