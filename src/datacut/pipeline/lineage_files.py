"""What a build keeps for `datacut trace` and `datacut diff` beside the lineage of its datasets: raw identities, forms,
settings, calls, and what was said to each task."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from datacut.cache.content import digest_of
from datacut.cache.tasks import ENVIRONMENT, Tasks
from datacut.datasets.lineage import RID
from datacut.engine.context import FILE, ROW
from datacut.files.parquet import write_frame
from datacut.history.stored import EXPORT
from datacut.history.told import study_facts
from datacut.pipeline.specs import Bound
from datacut.raw.identity import digest_fields, identify

_DATA = re.compile(rf"(?!study\.)\w+\.\w+(\.\w+)?|study\._rid|records|rows|task|findings|export|run|cut|{ENVIRONMENT}")
"""Parts of keys that are data, or the same in all tasks of a build."""
_DIGEST = 16
_CALL = re.compile(r"\w+\.[\w*]+( #\d+)?")
"""Names of tasks that are calls."""


def write_origins(bound: Bound, sources: Mapping[str, pd.DataFrame], cut: str, exported: str, folder: Path) -> None:
    """Write `lineage/study.json`, the identity of the row on each line of a form (`lineage/raw/`), and its
    values as digests (`export/`).
    """
    place, exports = folder / "lineage" / "raw", folder / EXPORT
    place.mkdir(parents=True)
    exports.mkdir()
    files = {}
    for name, form in bound.specs.forms.items():
        frame = sources[f"raw.{name}"]
        if len(frame):
            files[name] = str(frame[FILE].iloc[0])
            known = identify(frame, form, bound.specs.study.systems[form.system])
            write_frame(known.assign(line=frame[RID]), place / f"{name}.parquet")
            fields = frame.drop(columns=[c for c in (FILE, ROW, RID) if c in frame.columns])
            write_frame(digest_fields(fields), exports / f"{name}.parquet")
    write_facts(study_facts(bound.specs, cut, exported, files), folder / "lineage", "study")


def write_steps(tasks: Tasks, outputs: Container[str], package: Mapping[str, str], folder: Path) -> None:
    """Write `lineage/steps.json`: of each call and output what its key is over beside data, and of the package each
    file's hash. What a task runs on is left out: it differs between machines.
    """
    steps = {
        done.name: {part: _short(value) for part, value in sorted(done.parts.items()) if not _DATA.fullmatch(part)}
        for done in tasks.done
        if _CALL.fullmatch(done.name) or done.name in outputs
    }
    write_facts({"steps": steps, "package": dict(package)}, folder / "lineage", "steps")


def _short(value: str) -> str:
    """A text that is told apart from others of its kind: a digest by how it begins, a long one by its digest."""
    return value[:_DIGEST] if len(value) <= 64 else digest_of(value)[:_DIGEST]


def write_facts(facts: dict[str, Any], folder: Path, name: str) -> None:
    """Write what is kept of a dataset, or of the study."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    (folder / f"{name.lower()}.json").write_text(text, encoding="utf-8")
