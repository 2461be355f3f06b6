"""Frames that come from the specs alone: the study and its planned visits."""

from __future__ import annotations

import pandas as pd

from datacut.datasets.lineage import RID
from datacut.spec.lint import STUDY_COLUMNS, VISIT_COLUMNS
from datacut.spec.load import Specs
from datacut.spec.study import StudyTable


def study_frames(specs: Specs, cut: str) -> dict[str, pd.DataFrame]:
    """`study`: one row with identifiers, the cut and every setting as text; `study.visits`: one row a planned visit.

    `study.<table>`: a table of study.yml, columns of text `str` and of numbers `Float64`, a blank cell missing.
    """
    study = specs.study
    label = next((c.label for c in study.cuts.values() if c.date == cut), "")
    version = study.standards.ct.removeprefix("sdtmct-")
    values = [study.study, study.title, study.protocol, study.sponsor, cut, label, study.standards.sdtmig, version]
    row = dict(zip(STUDY_COLUMNS, values, strict=True))
    row |= {
        n: ", ".join(map(str, s.value)) if isinstance(s.value, tuple) else str(s.value)
        for n, s in study.settings.items()
    }
    visits = [
        [
            i,
            v.visit.upper(),
            f"{v.visitnum:g}",
            *(None if x is None else str(x) for x in (v.target, v.low, v.high)),
            v.epoch,
        ]
        for i, v in study.visits.items()
    ]
    frames = {
        "study": pd.DataFrame([row], dtype="str"),
        "study.visits": pd.DataFrame(visits, columns=list(VISIT_COLUMNS), dtype="str"),
    }
    frames |= {f"study.{name}": _table(table) for name, table in study.tables.items()}
    for frame in frames.values():
        frame[RID] = pd.Series(range(1, len(frame) + 1), dtype="Int64")
    return frames


def _table(table: StudyTable) -> pd.DataFrame:
    """The rows of a table; that a number is one was seen to when the specs were checked."""
    columns = {name: pd.Series([row.get(name) or None for row in table.rows], dtype="str") for name in table.columns}
    return pd.DataFrame({n: c.astype("Float64") if table.columns[n] == "number" else c for n, c in columns.items()})
