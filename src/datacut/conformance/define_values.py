"""D08: value-level metadata covers the values, and no record meets two of its conditions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datacut.conformance.define_document import DefineDocument
from datacut.datasets.model import Dataset, record_key
from datacut.errors import Finding

RESULTS = ("ORRES", "STRESC", "STRESN")


def check_values(document: DefineDocument) -> Iterator[Finding]:
    """D08: ranges for QVAL, results of findings, TSVAL, AVAL; conditions that exclude each other."""
    for name, dataset in document.datasets.items():
        wanted = _described(dataset)
        for _, item in document.variables.get(name, ()):
            column = item.get("Name", "")
            if column not in dataset.frame.columns:
                continue
            filled = dataset.frame[column].notna().to_numpy()
            met = [chosen for _, chosen in document.records_of(dataset, item)]
            times = np.sum([m.astype("int64") for m in met], axis=0) if met else np.zeros(len(filled), dtype="int64")
            if column in wanted and (missed := filled & (times == 0)).any():
                yield document.broken("define.values.lacking", item, _first(dataset, missed))
            if (twice := times > 1).any():
                yield document.broken("define.values.ambiguous", item, _first(dataset, twice))


def _described(dataset: Dataset) -> tuple[str, ...]:
    """The variables of a dataset that need value-level metadata."""
    name, columns = dataset.name, set(dataset.frame.columns)
    if name.startswith("SUPP"):
        return ("QVAL",)
    if name == "TS":
        return ("TSVAL",)
    if "PARAMCD" in columns:
        return ("AVAL",)
    return tuple(f"{name}{r}" for r in RESULTS) if f"{name}TESTCD" in columns else ()


def _first(dataset: Dataset, wrong: np.ndarray) -> str:
    rows = dataset.frame[wrong]
    return f"{record_key(rows, dataset.keys, 0)}; {len(rows)} records"
