"""Which variables have value-level metadata, and for which values: tests, qualifiers, trial parameters, PARAMCD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from datacut.datasets.model import Dataset, value_text
from datacut.submission.whereclauses import Check, Clause

RESULTS = ("ORRES", "ORRESU", "STRESC", "STRESN", "STRESU")
ALWAYS = ("QVAL", "TSVAL", "ORRES", "STRESC", "STRESN", "AVAL")
SPLITS = ("CAT", "SPEC")
"""Qualifiers that tell apart what one test code measures."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What identifies the records of one value list entry: topic variable, its value, their positions and clause."""

    variable: str
    value: str
    label: str
    clause: Clause
    records: np.ndarray


def topics_of(dataset: Dataset) -> tuple[str | None, str, tuple[str, ...]]:
    """Topic variable of a dataset, the variable that names it, and the variables described by it."""
    name, columns = dataset.name, set(dataset.frame.columns)
    described: tuple[str, ...]
    if name.startswith("SUPP"):
        topic, label, described = "QNAM", "QLABEL", ("QVAL",)
    elif "PARAMCD" in columns:
        topic, label, described = "PARAMCD", "PARAM", ("AVAL", "AVALC")
    elif name == "TS":
        topic, label, described = "TSPARMCD", "TSPARM", ("TSVAL",)
    else:
        topic, label, described = f"{name}TESTCD", f"{name}TEST", tuple(f"{name}{r}" for r in RESULTS)
    kept = tuple(d for d in described if d in columns)
    return (topic, label, kept) if topic in columns and kept else (None, "", ())


def described_always(dataset: Dataset) -> tuple[str, ...]:
    """Variables whose values mean nothing without what they are of: they are described for each of them."""
    return tuple(n for n in topics_of(dataset)[2] if n.endswith(ALWAYS))


def entries(dataset: Dataset) -> Iterator[Topic]:
    """Every topic value of a dataset, in alphabetical order; split by category and specimen where they differ."""
    topic, label, _ = topics_of(dataset)
    if topic is None or dataset.frame.empty:
        return
    splits = [s for s in (f"{dataset.name}{s}" for s in SPLITS) if s in dataset.frame.columns]
    named = label in dataset.frame.columns
    columns = [topic, *splits, *([label] if named else [])]
    frame = dataset.frame[columns].set_axis(np.arange(len(dataset.frame)))
    for value, part in frame.groupby(topic, sort=True):
        by = [s for s in splits if part[s].nunique(dropna=False) > 1 and part[s].notna().all()]
        for names, records in part.groupby(by, sort=True) if by else [((), part)]:
            clause = (
                Check(topic, "EQ", (str(value),)),
                *(Check(s, "EQ", (str(n),)) for s, n in zip(by, names, strict=True)),
            )
            text = value_text(records[label].iloc[0]) if named else ""
            yield Topic(topic, str(value), text or str(value), clause, records.index.to_numpy())
