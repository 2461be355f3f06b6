"""A field of the export of the study is edited: whatever is another value then is named by what trace says of it."""

from __future__ import annotations

import os
import shutil
from random import Random

import pytest
from tests.touched import Seen, follow

EDITS = int(os.environ.get("DATACUT_TOUCHED", "0"))
FIELDS = (
    ("ae", "AETOXGR"),
    ("chem", "ALT"),
    ("vs", "SYSBP"),
    ("sv", "VISDAT"),
    ("inf", "BAG1"),
    ("dm", "ICDAT"),
    ("cm", "CMSTDAT"),
    ("sledai", "ARTHRIT"),
    ("hem", "NEUT"),
    ("ae", "AESTDAT"),
    ("pga", "PGADAT"),
    ("ae", "AESER"),
)
"""A grade, results, dates, a dose, consent, an item of a score, a flag."""


@pytest.fixture
def copied_build(small, tmp_path):
    root = tmp_path / "study"
    shutil.copytree(small.root, root, symlinks=True)
    return root


@pytest.mark.skipif(not EDITS, reason="by hand: make edits")
def test_what_an_edit_changes_is_named_by_the_trace_of_the_field(copied_build, small) -> None:
    random, seen = Random(1), Seen()  # noqa: S311
    for number in range(EDITS):
        form, name = FIELDS[number % len(FIELDS)]
        print(follow(copied_build, copied_build / "build", small.cut(2).name, form, name, random, seen), flush=True)
    print(f"changed {dict(seen.changed)}, named {dict(seen.named)}")
    assert seen.changed["sdtm"] >= EDITS / 2
    assert seen.misses == []
