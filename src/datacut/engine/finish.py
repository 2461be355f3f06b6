"""The end of a stage: frames in flight become datasets with lineage to record numbers and study-wide text lengths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from datacut.datasets.conform import conform
from datacut.datasets.lineage import (
    COLUMNS,
    MAKERS,
    RID,
    VALUES,
    combine,
    edges_from,
    resolve,
    resolve_told,
)
from datacut.datasets.model import DTYPES, Dataset, Variable
from datacut.engine.context import FILE, ROW
from datacut.engine.work import Work
from datacut.errors import Findings
from datacut.spec.resolve import ResolvedDataset


def finish(
    works: Mapping[str, Work], resolved: Mapping[str, ResolvedDataset], findings: Findings
) -> dict[str, Dataset]:
    """Conform every dataset of a stage; lineage to datasets of the same stage is given in their record numbers.

    Records of a dataset with parameters that belong to none of them are left out here.
    """
    built: dict[str, Dataset] = {}
    numbers: dict[str, pd.Series] = {}
    for name, work in works.items():
        about = resolved[name]
        frame = work.frame
        if about.spec.parameters:
            frame = frame[frame["PARAMCD"].notna()]
        itself = edges_from(frame[RID], name, frame[RID])
        dataset, faults = conform(frame, name, about.label, variables_of(about), about.spec.keys, itself)
        findings.extend(faults)
        order = dataset.lineage
        numbers[name] = work.numbers = order.set_index("source_record")["record"]
        rids = order.sort_values("record")["source_record"]
        built[name] = replace(
            dataset,
            lineage=resolve(combine(work.edges), rids),
            values=resolve_told(work.values, VALUES, rids),
            makers=resolve_told(work.makers, MAKERS, rids),
            working=_working(frame, rids),
        )
    return {
        name: replace(
            d,
            lineage=_renumbered(d.lineage, numbers, COLUMNS),
            # a record that belongs to no parameter is left out, and no value can be followed to it
            values=_renumbered(d.values, numbers, VALUES).dropna(subset=["source_record"]).reset_index(drop=True),
        )
        for name, d in built.items()
    }


def _working(frame: pd.DataFrame, rids: pd.Series) -> pd.DataFrame:
    """The working columns that can be stored, in the order of the records."""
    names = [c for c in frame.columns if str(c).startswith("_") and c not in (RID, FILE, ROW)]
    kept = [c for c in names if str(frame[c].dtype) in DTYPES.values()]
    return frame.set_index(RID)[kept].reindex(rids).reset_index(drop=True)


def variables_of(about: ResolvedDataset) -> tuple[Variable, ...]:
    """What the writers need of each kept variable."""
    keys = {name: place for place, name in enumerate(about.spec.keys, start=1)}
    return tuple(Variable(v.name, v.label, v.type, v.length, v.format, keys.get(v.name)) for v in about.variables)


def equal_lengths(datasets: Mapping[str, Dataset], declared: Mapping[str, ResolvedDataset]) -> dict[str, Dataset]:
    """Give a text variable one length in all datasets: the longest (FDA study data technical conformance guide).

    Lengths a spec declares stay; each SUPP-- is measured on its own.
    """
    longest: dict[tuple[str, str], int] = {}
    for name, dataset in datasets.items():
        for variable in dataset.variables:
            key = (_apart(name), variable.name)
            longest[key] = max(longest.get(key, 1), variable.length or 1)
    out: dict[str, Dataset] = {}
    for name, dataset in datasets.items():
        fixed = {v.name for v in declared[name].variables if v.length} if name in declared else set()
        variables = tuple(
            v if v.type != "text" or v.name in fixed else replace(v, length=longest[(_apart(name), v.name)])
            for v in dataset.variables
        )
        out[name] = replace(dataset, variables=variables)
    return out


def _apart(name: str) -> str:
    """A SUPP-- by its name; all other datasets are one."""
    return name if name.startswith("SUPP") else ""


def _renumbered(lineage: pd.DataFrame, numbers: Mapping[str, pd.Series], columns: Mapping[str, str]) -> pd.DataFrame:
    parts = []
    for source, part in lineage.groupby("source", sort=False):
        known = numbers.get(str(source))
        if known is not None:
            part = part.assign(source_record=part["source_record"].map(known).astype("Int64"))
        parts.append(part)
    if not parts:
        return lineage
    whole = pd.concat(parts, ignore_index=True).astype(dict(columns))
    return whole.sort_values(list(columns), kind="stable", ignore_index=True)
