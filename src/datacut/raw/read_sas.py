"""A form that is a SAS file: transport (XPT) or SAS7BDAT."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyreadstat

from datacut.errors import Findings, in_file
from datacut.raw.cells import Cells, cell_text
from datacut.spec.crf import CrfField, System

SAS = (".xpt", ".sas7bdat")


def read_sas_file(
    path: Path, system: System, columns: Mapping[str, CrfField], findings: Findings, place: str
) -> Cells | None:
    """Header and records of a SAS file, as text; the number of a row is that of its record. None if it is unreadable.

    Dates are written in the formats of their CRF fields. The encoding is the declared one of the system, else UTF-8.
    """
    read = pyreadstat.read_xport if path.suffix.lower() == ".xpt" else pyreadstat.read_sas7bdat
    try:
        frame, _ = read(str(path), encoding=system.encoding or "utf-8")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as fault:
        findings.error(
            "raw.sas",
            in_file(place),
            f"the file cannot be read as {path.suffix[1:]} in {system.encoding or 'utf-8'}: {fault}",
            remedy="Correct `encoding` of its system in specs/study.yml, or ask for the export again.",
        )
        return None
    names = [str(c) for c in frame.columns]
    shapes = [columns[n].format if n in columns else None for n in names]
    rows = [
        ["" if pd.isna(value) else cell_text(value, shape) for value, shape in zip(record, shapes, strict=True)]
        for record in frame.astype("object").itertuples(index=False, name=None)
    ]
    return Cells(names, rows, list(range(1, len(rows) + 1)))
