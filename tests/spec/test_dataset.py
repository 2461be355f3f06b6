from __future__ import annotations

import pytest

from datacut.spec.dataset import DatasetSpec, continuation

AE = DatasetSpec.model_validate(
    {
        "dataset": "AE",
        "keys": ["USUBJID"],
        "variables": {"AETERM": {}, "AELONGNA": {}},
        "supplemental": {"AENOTE": {"label": "Note", "derive": "assign(NOTE)"}},
    }
)


@pytest.mark.parametrize(
    ("qnam", "whole"),
    [("AETERM1", "AETERM"), ("AETERM12", "AETERM"), ("AENOTE1", "AENOTE"), ("AELONGN1", "AELONGNA"), ("AENOTE", None),
     ("AETERM", None), ("AETERM0", None), ("AEOTHER1", None)],
)  # fmt: skip
def test_a_qnam_tells_whose_long_text_it_continues(qnam: str, whole: str | None) -> None:
    assert AE.continues(qnam) == whole


def test_names_of_further_pieces_have_eight_letters_at_most() -> None:
    assert [continuation("AETERM", 1), continuation("AELONGNA", 1), continuation("AELONGNA", 10)] == [
        "AETERM1", "AELONGN1", "AELONG10",
    ]  # fmt: skip
