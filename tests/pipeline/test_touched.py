"""A field of the export is edited: whatever is another value then is named by what trace says of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import pytest
from tests.edits import Trial
from tests.touched import Seen, follow
from tests.vitals import CUT, FILES

from datacut.pipeline.inputs import package_files


def test_what_an_edit_changes_is_named_by_the_trace_of_the_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datacut.pipeline.inputs.package_files", cache(package_files))
    trial = Trial(tmp_path, FILES, CUT)
    trial.build("build")
    random, seen = Random(1), Seen()  # noqa: S311
    for form, name in (("vs", "SYSBP"), ("vs", "PULSE"), ("dm", "AGE"), ("dm", "SEX"), ("vs", "SYSBP"), ("vs", "NOTE")):
        print(follow(trial.root, tmp_path / "build", CUT, form, name, random, seen))
    print(f"changed {dict(seen.changed)}, named {dict(seen.named)}")
    assert seen.misses == []
    assert min(seen.changed[kind] for kind in ("sdtm", "adam", "results")) >= 5
