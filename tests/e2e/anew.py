"""A study built once, and anew for other values of its settings: only the steps that these reach are run again.

A step whose settings, sources and columns are as they were makes what it made; what is run again and gives the same
reaches nothing further. That a step reads no setting but those of its calls is asked of every step that is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from datacut.engine.cut import Cut
from datacut.engine.execute import Stage
from datacut.engine.finish import finish
from datacut.engine.sources import study_frames
from datacut.engine.stage import as_source, new_stage
from datacut.engine.work import Work
from datacut.errors import Findings
from datacut.raw.read import read_export
from datacut.sdtm.supplemental import make_supp, move_long_text
from datacut.spec.cut import boundary
from datacut.spec.dataset import DatasetSpec
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.spec.plan import Place, Plan, Step
from datacut.spec.registry import Registry
from datacut.spec.study import SettingValue
from datacut.spec.where import settings_of

type Frames = dict[str, pd.DataFrame]
type Values = Mapping[str, SettingValue]


def read_by(step: Step, specs: Specs) -> set[str]:
    """The settings a step reads; with its records come the parameters that a condition makes of them."""
    found = {c for d, c in step.reads if d == "study"}
    conditions = [step.where, *(m.where for b in step.blocks for m in b.mapped)]
    conditions += [w for b in step.blocks for w in (b.records.where, *(e.where for e in b.records.exclude))]
    spec = specs.sdtm.get(step.dataset) or specs.adam[step.dataset]
    conditions += [p.where for p in spec.parameters.values() if step.kind == "records"]
    calls = [step.call, *(c for b in step.blocks for c in (b.call, *(m.call for m in b.mapped)))]
    found |= {s for w in conditions if w is not None for s in settings_of(w)}
    return found | {s for c in calls if c is not None for s in c.settings}


def moved(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """The columns with another value in at least one record; `*` and all of them if there are more records or fewer."""
    if len(before) != len(after):
        return {"*", *map(str, before.columns), *map(str, after.columns)}
    return {str(c) for c in after.columns if c not in before.columns or not before[c].equals(after[c])}


def with_values(specs: Specs, values: Values) -> Specs:
    settings = {n: s.model_copy(update={"value": values.get(n, s.value)}) for n, s in specs.study.settings.items()}
    return replace(specs, study=specs.study.model_copy(update={"settings": settings}))


class Asked(dict[str, SettingValue]):
    """Settings that know which of them were asked for."""

    def __init__(self, values: Values) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> SettingValue:
        self.names.add(name)
        return super().__getitem__(name)


@dataclass(frozen=True)
class Stood:
    """One step, the settings it asks for, and its dataset once it had been run."""

    step: Step
    asks: set[str]
    work: Work


@dataclass
class Standing:
    """A study as it stands: the work of each stage after each step of its plan, and what came of it."""

    specs: Specs
    plans: Plans
    registry: Registry
    raw: Path
    frames: Frames = field(init=False)
    sdtm_stood: list[Stood] = field(init=False)
    adam_stood: list[Stood] = field(init=False)

    def __post_init__(self) -> None:
        self.export = dict(read_export(self.raw, self.specs, Findings(), "raw"))
        self.cut = Cut(self.raw.name, boundary(self.specs), self.specs.study.cut_rules)
        sdtm = self._stage(self.specs, self.specs.sdtm, {})
        sdtm.after_records = self.cut.apply
        self.sdtm_stood = self._first(sdtm, self.plans.sdtm)
        self.sdtm = self._sdtm(sdtm, set(self.specs.sdtm))
        adam = self._stage(self.specs, self.specs.adam, self.sdtm)
        self.adam_stood = self._first(adam, self.plans.adam)
        self.adam = _adam(adam, set(self.specs.adam))
        self.frames = self.sdtm | self.adam

    def anew(self, values: Values) -> Frames:
        """Every dataset as it is at other values of some settings."""
        sdtm, again = self._again_sdtm(with_values(self.specs, values), values)
        made, changed = self._sources(sdtm, again)
        adam = self._stage(with_values(self.specs, values), self.specs.adam, made)
        again = self._again(adam, self.adam_stood, self.plans.adam, values, changed)
        return made | self.adam | _adam(adam, again)

    def holding(self, values: Values, wanted: set[Place]) -> Frames:
        """The datasets of these variables once they have been made, at other values of some settings."""
        specs, names = with_values(self.specs, values), {d for d, _ in wanted}
        sdtm, again = self._again_sdtm(specs, values)
        made, changed = self._sources(sdtm, again)
        if names <= made.keys():
            return {n: made[n] for n in names}
        adam = self._stage(specs, specs.adam, made)
        steps = self.plans.adam.steps
        last = max(
            i
            for i, s in enumerate(steps)
            if (s.kind != "column" and s.dataset in names) or {(s.dataset, w) for w in s.writes} & wanted
        )
        self._again(adam, self.adam_stood[: last + 1], self.plans.adam, values, changed)
        return {n: made[n] for n in names & made.keys()} | _adam(adam, names - made.keys())

    def _again_sdtm(self, specs: Specs, values: Values) -> tuple[Stage, set[str]]:
        sdtm = self._stage(specs, specs.sdtm, {})
        cut = replace(self.cut, partial=boundary(specs))
        sdtm.after_records = cut.apply
        rows = {(n, "*") for n in specs.sdtm} if cut.partial != self.cut.partial else set()
        return sdtm, self._again(sdtm, self.sdtm_stood, self.plans.sdtm, values, rows)

    def _sources(self, sdtm: Stage, again: set[str]) -> tuple[Frames, set[Place]]:
        """SDTM with the domains that are not as they were, and what of it is not."""
        supp = {f"SUPP{n}" for n in again}
        made = {n: f for n, f in self.sdtm.items() if n not in supp} | self._sdtm(sdtm, again)
        changed = {(n, c) for n in made.keys() & (again | supp) for c in moved(self.sdtm.get(n, NOBODY), made[n])}
        return made, changed | {(n, "*") for n in self.sdtm.keys() - made.keys()}

    def _stage(self, specs: Specs, datasets: Mapping[str, DatasetSpec], given: Frames) -> Stage:
        sources = self.export | study_frames(specs, self.raw.name) | given
        resolved = {n: self.plans.datasets[n] for n in datasets}
        stage = new_stage(specs, datasets, resolved, self.registry, sources, Findings())
        self.asked = Asked(specs.settings)
        stage.contexts = {n: replace(c, settings=self.asked) for n, c in stage.contexts.items()}
        return stage

    def _first(self, stage: Stage, plan: Plan) -> list[Stood]:
        early: dict[str, set[str]] = {}
        stood = []
        for step in plan.steps:
            asks = read_by(step, self.specs)
            if step.early:
                early.setdefault(step.dataset, set()).update(asks)
            if step.kind == "rows":  # rows it adds get the columns that come before rows
                asks |= early.get(step.dataset, set())
            self._run(stage, plan, step, asks)
            stood.append(Stood(step, asks, _copy(stage.works[step.dataset])))
        return stood

    def _again(self, stage: Stage, stood_so: list[Stood], plan: Plan, values: Values, changed: set[Place]) -> set[str]:
        """Run what the settings and other sources reach; the datasets that are not as they were."""
        for stood in stood_so:
            step, was = stood.step, stood.work
            if stood.asks & values.keys() or is_reached(step, changed):
                self._run(stage, plan, step, stood.asks)
                now = stage.works[step.dataset].frame
                made = set(step.writes) if step.kind == "column" else {"*", *map(str, (*was.frame, *now))}
                changed = {p for p in changed if p[0] != step.dataset or p[1] not in made}
                changed |= {(step.dataset, c) for c in moved(was.frame, now) & made}
            elif any(d == step.dataset for d, _ in changed):
                work = stage.works[step.dataset]
                work.frame = work.frame.assign(**{w: was.frame[w] for w in step.writes})
                work.early += [step] if step.early else []
            else:
                stage.works[step.dataset] = _copy(was)
        return {d for d, _ in changed if d in stage.works}

    def _run(self, stage: Stage, plan: Plan, step: Step, asks: set[str]) -> None:
        self.asked.names.clear()
        stage.run(replace(plan, steps=(step,)))
        beyond = self.asked.names - asks
        assert not beyond, f"{step.dataset}.{step.name} reads {beyond}"

    def _sdtm(self, stage: Stage, names: set[str]) -> Frames:
        """The finished domains and their SUPP--, as sources of the next stage."""
        resolved = {n: self.plans.datasets[n] for n in names}
        works = {n: _copy(stage.works[n]) for n in names}
        qualifiers = {
            n: move_long_text(self.specs.sdtm[n], resolved[n], w, stage.contexts[n]) for n, w in works.items()
        }
        built = finish(works, resolved, Findings())
        for n, work in works.items():
            supp = make_supp(self.specs.study.study, self.specs.sdtm[n], qualifiers[n], work, Findings())
            built |= {supp.name: supp} if supp is not None else {}
        return {n: as_source(d) for n, d in built.items()}


NOBODY = pd.DataFrame()


def _copy(work: Work) -> Work:
    lists = {name: list(getattr(work, name)) for name in ("edges", "values", "makers", "early")}
    return replace(work, **lists)


def _adam(stage: Stage, names: set[str]) -> Frames:
    """The frames of a stage, without records that belong to no parameter."""
    frames = {n: stage.works[n].frame for n in names}
    return {n: f[f["PARAMCD"].notna()] if stage.specs[n].parameters else f for n, f in frames.items()}


def is_reached(step: Step, changed: set[Place]) -> bool:
    """Whether what a step is shown is other than it was; a verb of records sees every column of its sources."""
    sources = {step.dataset, *(d for d, _ in step.reads)}
    whole = {d for d, c in changed if c == "*"} & sources if step.kind == "column" else sources
    if step.predecessor is not None:
        whole = {*whole, step.predecessor[0]}
    return any(place in step.reads or place[0] in whole for place in changed)
