"""What a build keeps for `datacut trace` beside the lineage of its datasets: raw identities, forms, settings, calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from datacut.datasets.lineage import RID
from datacut.engine.context import FILE
from datacut.files.parquet import write_frame
from datacut.history.told import study_facts
from datacut.pipeline.specs import Bound
from datacut.raw.identity import identify


def write_origins(bound: Bound, sources: Mapping[str, pd.DataFrame], exported: str, folder: Path) -> None:
    """Write `lineage/study.json`, and `lineage/raw/<form>.parquet`: the identity of the row on each line of a form."""
    place = folder / "lineage" / "raw"
    place.mkdir(parents=True)
    files = {}
    for name, form in bound.specs.forms.items():
        frame = sources[f"raw.{name}"]
        if len(frame):
            files[name] = str(frame[FILE].iloc[0])
            known = identify(frame, form, bound.specs.study.systems[form.system])
            write_frame(known.assign(line=frame[RID]), place / f"{name}.parquet")
    write_facts(study_facts(bound.specs, exported, files), folder / "lineage", "study")


def write_facts(facts: dict[str, Any], folder: Path, name: str) -> None:
    """Write what is kept of a dataset, or of the study."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    (folder / f"{name.lower()}.json").write_text(text, encoding="utf-8")
