"""A stage as one task: its datasets, the accounting of its rows and what it tells, made once for each content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from datacut.cache.content import digest_of, json_bytes, json_from
from datacut.cache.entries import Members
from datacut.cache.findings import findings_bytes, findings_from
from datacut.cache.frames import digest_frame, frame_bytes, frame_from
from datacut.cache.tasks import Done, Tasks
from datacut.datasets.model import Dataset, Variable
from datacut.engine.use import Accounting, BlockCount, CutLine, RowUse
from datacut.errors import Findings
from datacut.pipeline.remember import said_of_data
from datacut.pipeline.specs import Bound
from datacut.spec.plan import Plan

type Stage = tuple[dict[str, Dataset], Accounting, Findings]
_FRAMES = ("frame", "lineage", "values", "makers", "working")
_BLOCKS, _CUT = TypeAdapter(list[BlockCount]), TypeAdapter(list[CutLine])


def make_stage(
    name: str,
    bound: Bound,
    plan: Plan,
    sources: Mapping[str, pd.DataFrame],
    told: Findings,
    tasks: Tasks,
    make: Callable[[Findings], tuple[dict[str, Dataset], Accounting]],
) -> Stage:
    """The datasets of a stage, the accounting, and the findings so far with its own.

    sources: what it is made of; told: findings of what came before; make: makes it and adds to the findings. name: SDTM
    or ADaM. What a stage makes in parts is kept in parts too, so that a change costs what rests on it; a stage that is
    taken whole brings the keys of its parts with it.
    """
    read = {dataset for step in plan.steps for dataset, _ in step.reads}
    parts = {n: digest_frame(f) for n, f in sources.items() if n in read or not n.startswith("raw.")}
    parts |= said_of_data(bound, tasks, without="adam" if name == "SDTM" else "")
    parts |= {"task": name, "findings": digest_of(findings_bytes(told).decode())}
    parts["code"] = tasks.code.of(__name__, f"datacut.{name.lower()}.build")

    def work() -> tuple[Members, Iterable[str]]:
        begun = len(tasks.done)
        datasets, accounting = make(told)
        inside = [{"name": d.name, "parts": d.parts, "key": d.key, "base": d.base} for d in tasks.done[begun:]]
        kept = {"inside": json_bytes(inside), "copies": json_bytes(tasks.copies)}
        return _encoded(datasets, accounting, told) | kept, ()

    members = tasks.make(name, parts, work)
    if tasks.done[-1].reused:
        tasks.done += [Done(**part, reused=True) for part in json_from(members["inside"])]
        tasks.copies |= json_from(members["copies"])
    return _decoded(members)


def _encoded(datasets: Mapping[str, Dataset], accounting: Accounting, findings: Findings) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    for name, dataset in datasets.items():
        members |= {f"{name}.{part}": frame_bytes(getattr(dataset, part)) for part in _FRAMES}
        about = [dataset.label, [astuple(v) for v in dataset.variables], dataset.keys]
        members[name] = json_bytes(about)
    members["rows"] = json_bytes({n: [u.mapped.tolist(), u.reason.tolist()] for n, u in accounting.rows.items()})
    members["blocks"], members["cut"] = _BLOCKS.dump_json(accounting.blocks), _CUT.dump_json(accounting.cut)
    return {**members, "datasets": json_bytes([*datasets]), "findings": findings_bytes(findings)}


def _decoded(members: Members) -> Stage:
    datasets = {}
    for name in json_from(members["datasets"]):
        label, variables, keys = json_from(members[name])
        frames: dict[str, Any] = {part: frame_from(members[f"{name}.{part}"]) for part in _FRAMES}
        datasets[name] = Dataset(name, label, tuple(Variable(*v) for v in variables), keys=tuple(keys), **frames)
    rows = {
        name: RowUse(np.array(mapped, dtype=bool), np.array(reason, dtype=object))
        for name, (mapped, reason) in json_from(members["rows"]).items()
    }
    blocks, cut = _BLOCKS.validate_json(members["blocks"]), _CUT.validate_json(members["cut"])
    return datasets, Accounting(blocks, cut, rows), Findings(findings_from(members["findings"]))
