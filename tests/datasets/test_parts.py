"""Texts that hold the mark between parts are one part still."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.datasets.parts import KEY, PATH, join_parts, split_parts


@pytest.mark.parametrize(
    ("parts", "mark", "text"),
    [
        (("Infections", "Pneumonia"), PATH, "Infections | Pneumonia"),
        (("Pain | left arm", "Grade 3"), PATH, "Pain \\| left arm | Grade 3"),
        (("a\\", "b"), PATH, "a\\\\ | b"),
        (("Escalation", "Drug/Placebo"), KEY, "Escalation/Drug\\/Placebo"),
        (("",), PATH, ""),
    ],
)
def test_parts_are_joined_and_split(parts, mark, text):
    assert join_parts(parts, mark) == text
    assert split_parts(text, mark) == parts


@given(st.lists(st.text(alphabet="ab |/\\"), min_size=1).map(tuple), st.sampled_from([PATH, KEY]))
def test_any_texts_come_back(parts, mark):
    assert split_parts(join_parts(parts, mark), mark) == parts
