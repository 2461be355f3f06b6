"""Sentences print settings: by value, in words, and never an unknown one."""

from __future__ import annotations

import pytest

from datacut.errors import SpecError
from datacut.spec.document import Document
from datacut.spec.sentences import with_values

VALUES = {"days": 28, "part": 0.8, "limits": (0.1, 0.25), "classes": ("A", "B", "C"), "one": ("A",), "word": "half"}


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
        ("By {$word}, {$classes}", "By half, A, B, C"),
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
        ("{$word:%}", "word cannot be printed so", "{$word:%}", "Write {$name}, {$name:%} of a number, or {$name:list}."),
        ("{$days:x}", "days cannot be printed so", "{$days:x}", "Write {$name}, {$name:%} of a number, or {$name:list}."),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused_with_its_line(text: str, what: str, value: str, remedy: str) -> None:
    with pytest.raises(SpecError) as refused:
        said(text)
    assert [(f.where, f.what, f.value, f.remedy) for f in refused.value.findings] == [
        ("specs/tlf/t.yml:3", what, value, remedy)
    ]
