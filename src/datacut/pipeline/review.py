"""What a review of the log of a build asks: merges of many with many, values converted, records made and left out.

All of it is read off what a build made, so that a build that reused work says the same as a fresh one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from datacut.compute.numbers import numbers_in
from datacut.datasets.model import Dataset
from datacut.engine.filter import mask
from datacut.engine.use import BlockCount
from datacut.errors import Finding, SpecError
from datacut.pipeline.report import fold_findings
from datacut.pipeline.runlog import Conversion, Found, Kind, Merge, Records
from datacut.spec.bound import BoundCall
from datacut.spec.calls import ListValue, Word
from datacut.spec.plan import Plan
from datacut.spec.study import SettingValue

_DAY = len("2026-09-01")


def records_made(blocks: Iterable[BlockCount]) -> Iterator[Records]:
    """A line a record block."""
    for b in blocks:
        yield Records(
            dataset=b.dataset,
            block=b.block,
            source=b.source,
            rows=b.rows,
            excluded=dict(b.excluded),
            not_selected=b.not_selected,
            made=b.taken,
        )


def findings_by_rule(findings: Iterable[Finding]) -> Iterator[Found]:
    """A line a rule and severity, by rule."""
    counts: dict[tuple[str, str], list[int]] = {}
    for finding, places in fold_findings(findings):
        counts.setdefault((finding.rule, str(finding.severity)), []).append(len(places))
    for (rule, severity), places_of in sorted(counts.items()):
        yield Found(rule=rule, severity=severity, causes=len(places_of), places=sum(places_of))


def merges(plan: Plan, frames: Mapping[str, pd.DataFrame], settings: Mapping[str, SettingValue]) -> Iterator[Merge]:
    """Calls of a stage with keys that stand several times in their frame and in the source records they look at.

    frames: datasets and raw forms by name, as the stage leaves them; what reads a working variable, which no dataset
    keeps, cannot be judged and is left out.
    """
    for step in plan.steps:
        calls = [(step.dataset, step.name, step.call)] if step.call is not None else []
        calls += [(b.records.source, m.name, m.call) for b in step.blocks for m in b.mapped]
        for frame, name, call in calls:
            if call.source is not None and call.source in frames and frame in frames:
                yield from _merge(f"{step.dataset}.{name}", call, frames[frame], frames[call.source], settings)


def _merge(
    step: str, call: BoundCall, frame: pd.DataFrame, source: pd.DataFrame, settings: Mapping[str, SettingValue]
) -> Iterator[Merge]:
    keys = [c for p in call.verb.parameters if p.takes == "Keys" for c in _words(call, p.name)]
    there = _words(call, "source_by") or keys
    if not keys or len(keys) != len(there) or not {*keys} <= {*frame.columns} or not {*there} <= {*source.columns}:
        return
    if not frame[keys].dropna().duplicated().any():
        return
    try:
        for where in call.conditions("SourceCondition"):
            source = source.loc[mask(source, where, settings)]
    except (SpecError, KeyError):  # a condition on a working variable
        return
    other = _repeated(source, there)
    here = _repeated(frame, keys) if other else {}  # most sources have each key once
    both = here.keys() & other.keys()
    if both:
        yield Merge(
            step=step,
            call=call.verb.name,
            source=str(call.source),
            by=keys,
            source_by=there,
            keys=len(both),
            rows_here=sum(here[k] for k in both),
            rows_there=sum(other[k] for k in both),
        )


def _words(call: BoundCall, parameter: str) -> list[str]:
    match call.values.get(parameter):
        case Word(text):
            return [text]
        case ListValue(items):
            return [i.text for i in items if isinstance(i, Word)]
        case _:
            return []


def _repeated(frame: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], int]:
    """Keys that stand several times, whole ones only, with their rows."""
    whole = frame[keys].dropna()
    rows = whole.loc[whole.duplicated(keep=False)]
    found: dict[tuple[str, ...], int] = {}
    for values in rows.astype(str).itertuples(index=False, name=None):
        found[values] = found.get(values, 0) + 1
    return found


def conversions(datasets: Iterable[Dataset]) -> Iterator[Conversion]:
    """How many records of each variable were converted, by kind; of built datasets, by the names of SDTM and ADaM."""
    for dataset in datasets:
        frame = dataset.frame
        for variable in dataset.variables:
            name = variable.name
            if name.endswith("STRESN"):
                yield from _results(dataset.name, name.removesuffix("STRESN"), frame)
            elif name.endswith("DTC"):
                text = frame[name].dropna()
                yield from _counted(dataset.name, name, name, "partial date", int((text.str.len() < _DAY).sum()))
            elif name.endswith(("DTF", "TMF")):
                for flag, records in sorted(frame[name].dropna().value_counts().items()):
                    if flag:
                        yield from _counted(
                            dataset.name, name.removesuffix("F"), name, "imputed", int(records), str(flag)
                        )


def _results(dataset: str, prefix: str, frame: pd.DataFrame) -> Iterator[Conversion]:
    """Findings whose standard result is none, or another than the collected one."""
    collected, standard = f"{prefix}ORRES", f"{prefix}STRESN"
    if collected in frame:
        typed = numbers_in(frame[collected])
        known = frame[collected].notna() & frame[collected].ne("")
        result = frame[standard].astype("Float64")
        missing = int((known & result.isna()).sum())
        changed = int((typed.notna() & result.notna() & typed.ne(result)).fillna(value=False).sum())
        yield from _counted(dataset, standard, collected, "not a number", missing)
        yield from _counted(dataset, standard, collected, "number changed", changed)
    before, after = f"{prefix}ORRESU", f"{prefix}STRESU"
    if before in frame and after in frame:
        both = frame[before].fillna("").ne("") & frame[after].fillna("").ne("")
        other = int((both & frame[before].ne(frame[after])).sum())
        yield from _counted(dataset, after, before, "unit changed", other)


def _counted(
    dataset: str, variable: str, source: str, kind: Kind, records: int, value: str = ""
) -> Iterator[Conversion]:
    if records:
        yield Conversion(step=f"{dataset}.{variable}", source=source, kind=kind, value=value, records=records)
