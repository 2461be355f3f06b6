"""Sentences print settings: by value, in words, and never an unknown one."""

from __future__ import annotations

import pytest

from datacut.errors import SpecError
from datacut.spec.document import Document
from datacut.spec.sentences import with_values
from datacut.spec.study import Setting, StudyTable

VALUES = {
    name: Setting.model_validate({"value": value, "source": "a", "text": "b", **more})
    for name, value, more in [
        ("days", "28", {}),
        ("part", "0.8", {}),
        ("limits", ["0.1", "0.25"], {}),
        ("classes", ["A", "B", "C"], {}),
        ("one", ["A"], {}),
        ("rule", "half", {"alternatives": ["half", "zero"], "words": {"half": "half the limit", "zero": "0"}}),
    ]
}
HOW = "Write {$name}, or {$name:...} with % or +1 of a number, list, or, or words of a setting that has them."


def said(text: str) -> object:
    document = with_values(Document("specs/tlf/t.yml", {"title": text}, {("title",): 3}), VALUES)
    assert isinstance(document.data, dict)
    return document.data["title"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Within {$days} days", "Within 28 days"),
        ("At least {$part} or {$part:%}", "At least 0.8 or 80%"),
        ("Between {$limits:%}", "Between 10%, 25%"),
        ("Any of {$classes:list}", "Any of A, B and C"),
        ("Any of {$one:list}", "Any of A"),
        ("From day {$days:+1}, to day {$days:-2}, of {=28} days", "From day 29, to day 26, of 28 days"),
        ("{$classes:or} by {$rule}: {$rule:words}", "A, B or C by half: half the limit"),
        ("{dataset} of {$cut_date}", "{dataset} of {$cut_date}"),
        ("derive_x(A, days=$days)", "derive_x(A, days=$days)"),
    ],
)
def test_a_setting_is_its_value(text: str, shown: str) -> None:
    assert said(text) == shown


@pytest.mark.parametrize(
    ("text", "what", "value", "remedy"),
    [
        ("{$dais}", "a sentence prints an unknown setting", "dais", "Did you mean days?"),
        ("{$rule:%}", "rule cannot be printed so", "{$rule:%}", HOW),
        ("{$days:words}", "days cannot be printed so", "{$days:words}", HOW),
        ("{$days:x}", "days cannot be printed so", "{$days:x}", HOW),
        ("{$limits:+1}", "limits cannot be printed so", "{$limits:+1}", HOW),
    ],
)
def test_what_cannot_be_printed_is_refused_with_its_line(text: str, what: str, value: str, remedy: str) -> None:
    with pytest.raises(SpecError) as refused:
        said(text)
    assert [(str(f.where), f.what, f.value, f.remedy) for f in refused.value.findings] == [
        ("specs/tlf/t.yml:3", what, value, remedy)
    ]


TABLE = StudyTable.model_validate(
    {
        "source": "a",
        "text": "b",
        "columns": {"response": "text", "event": "text", "rule": "text", "other": "text"},
        "words": {"DIED": "death", "SRI4": "SRI-4"},
        "rows": [
            {"response": "SRI4", "event": "DIED", "rule": "none", "other": "keep"},
            {"response": "SRI4", "event": "LEFT", "rule": "none"},
            {"response": "SRI4", "event": "DRUG", "rule": "none"},
            {"response": "FREE", "event": "DIED", "rule": "none", "other": "none"},
            {"response": "FREE", "event": "LEFT", "rule": "keep"},
            {"response": "FREE", "event": "DRUG", "rule": "keep"},
            {"response": "PART", "event": "DRUG", "rule": "none"},
        ],
    }
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # of LEFT one row of two, of DRUG two rows of three
        ("No response after {@events.event: rule=none}.", "No response after death; LEFT, DRUG (not of FREE)."),
        ("Kept: {@events.event: rule=keep}.", "Kept: LEFT (not of SRI-4); DRUG (of FREE alone)."),
        # rows without a cell in the column say nothing
        ("{@events.event: other=keep}", "death (not of FREE)"),
    ],
)
def test_a_sentence_prints_rows_of_a_table(text: str, shown: str) -> None:
    document = with_values(Document("specs/tlf/t.yml", {"title": text}, {}), {}, {"events": TABLE})
    assert document.data == {"title": shown}


@pytest.mark.parametrize(
    "text", ["{@event.event: rule=none}", "{@events.what: rule=none}", "{@events.event: rule=nothing}"]
)
def test_rows_that_a_table_does_not_have_are_a_fault(text: str) -> None:
    with pytest.raises(SpecError, match="a table has no such rows") as fault:
        with_values(Document("specs/tlf/t.yml", {"title": text}, {("title",): 3}), {}, {"events": TABLE})
    assert [(str(f.where), f.value) for f in fault.value.findings] == [("specs/tlf/t.yml:3", text)]


def entry(**texts: str) -> dict[str, object]:
    lines = {(key,): number for number, key in enumerate(texts, start=1)}
    document = with_values(Document("specs/adam/adeg.yml", dict(texts), lines), VALUES)
    assert isinstance(document.data, dict)
    return dict(document.data)


def test_a_sentence_prints_what_an_argument_of_its_call_holds() -> None:
    made = entry(
        text="Above {=criterion} ms, {=7} days, {=where:2}.",
        derive="""flag(criterion='AVAL GT 450', text="Above {=criterion} ms", where='A EQ "x" AND B IN (2, 3)')""",
    )
    assert made["text"] == "Above 450 ms, 7 days, 2."
    assert made["derive"] == """flag(criterion='AVAL GT 450', text="Above 450 ms", where='A EQ "x" AND B IN (2, 3)')"""
    assert entry(text="{=cases:2} g/L", derive="""case(cases={'P EQ "IGG"': 4})""")["text"] == "4 g/L"


@pytest.mark.parametrize("text", ["{=limit}", "{=where}", "{=where:4}", "{=days}"])
def test_an_argument_that_is_not_there_or_holds_several_is_refused(text: str) -> None:
    with pytest.raises(SpecError) as fault:
        entry(text=f"More than {text}.", derive="""flag(where='A EQ "x" AND B IN (2, 3)', days=$days)""")
    (found,) = fault.value.findings
    assert (found.rule, str(found.where), found.value) == ("spec.sentence", "specs/adam/adeg.yml:1", text)
