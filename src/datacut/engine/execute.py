"""Runs the ordered steps of one stage over frames in flight, keeping the edges from every record to its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from datacut.cache.tasks import Tasks
from datacut.datasets.lineage import EVERY, RID, Edges, combine, compose, edges_from
from datacut.engine.calls import Calls, Made, Planned
from datacut.engine.context import FILE, ROW, Context, NewRecords
from datacut.engine.failures import CallFailedError, CallsFailed, blaming
from datacut.engine.filter import left_out
from datacut.engine.parameters import assign_parameters, label_parameters
from datacut.engine.taken_over import empty_column, of_subject, qualifier_of
from datacut.engine.use import Accounting, BlockCount, RowUse
from datacut.engine.work import Work
from datacut.spec.bound import BoundCall
from datacut.spec.calls import Call
from datacut.spec.dataset import DatasetSpec, Kind
from datacut.spec.faults import Failure
from datacut.spec.plan import Block, Mapped, Place, Plan, Step
from datacut.spec.registry import Registry
from datacut.spec.where import Where, columns_of


@dataclass
class Stage:
    """Executes a plan.

    sources: frames from outside the stage by name, each with `_rid`; contexts: one per dataset; subjects: the
    column that holds the subject, by raw form. accounting: filled by the run. after_records: called once the records of
    a dataset are mapped and before anything is derived of them. tasks: where what calls make is kept.
    """

    specs: Mapping[str, DatasetSpec]
    registry: Registry
    sources: Mapping[str, pd.DataFrame]
    contexts: Mapping[str, Context]
    forms: Mapping[str, Mapping[str, Any]]
    codelists: Mapping[str, Mapping[str, str]]
    kinds: Mapping[str, Mapping[str, Kind]]
    subjects: Mapping[str, str] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    accounting: Accounting = field(default_factory=Accounting)
    after_records: Callable[[str, Work, Context], None] | None = None
    tasks: Tasks | None = None
    calls: Calls = field(init=False)
    _broken: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        self.calls = Calls(self.frame, lambda name: self.registry.verbs[name].function, self.tasks)

    def run(self, plan: Plan) -> None:
        """Run every step in order; `works` then holds one frame per dataset.

        Raises CallsFailed, with every call that failed of what the others left it, once no step is left that rests on
        none of them.
        """
        self._broken = plan.broken_parameters
        failures: list[Failure] = []
        lost: set[Place] = set()
        for step in plan.steps:
            needed = {*step.reads, (step.dataset, "*")}
            try:
                if lost.isdisjoint(needed | {(d, "*") for d, _ in needed}):
                    self._run(step)
                    continue
            except CallFailedError as fault:
                failures.append(fault.failure)
            whole = step.kind != "column"
            lost |= {(step.dataset, "*")} if whole else {(step.dataset, w) for w in step.writes}
        if failures:
            raise CallsFailed(failures)

    def _run(self, step: Step) -> None:
        if step.kind == "records":
            self._records(step)
            if self.after_records is not None:
                self.after_records(step.dataset, self.works[step.dataset], self.contexts[step.dataset])
            return
        with blaming(step.dataset, step.loc, step.call):
            if step.kind == "rows":
                self._rows(step)
                return
            work = self.works[step.dataset]
            work.frame = self._column(step, work.frame)
            if step.early:
                work.early.append(step)

    def frame(self, name: str) -> pd.DataFrame:
        """A source by name: a dataset of this stage as far as it is built, or a frame from outside."""
        if name in self.works:
            return self.works[name].frame
        return self.sources[name]

    # -- the three kinds of step -----------------------------------------------------------------------------

    def _records(self, step: Step) -> None:
        work = self.works[step.dataset] = Work(pd.DataFrame())
        chosen = []
        for block in step.blocks:
            with blaming(step.dataset, block.loc, block.call):
                chosen.append(self._choose(step.dataset, block).to_numpy(dtype=bool))
        parts = []
        for name, numbers in _runs(step.blocks):
            source = self.frame(name)
            rows = [np.flatnonzero(chosen[n]) for n in numbers]
            taken = np.concatenate(rows)
            blocks = [step.blocks[n] for n in numbers]
            call = blocks[0].call
            if call is not None:
                with blaming(step.dataset, blocks[0].loc, call):
                    parts.append(self._derived(step.dataset, blocks[0], call, source.iloc[taken]))
                work.makers.append(pd.DataFrame({RID: parts[-1][RID].array}).assign(made_by=str(numbers[0])))
                continue
            columns = dict.fromkeys(c for block in blocks for c in block.carried)
            columns |= dict.fromkeys(c for c in (FILE, ROW) if c in source.columns)
            made: dict[str, pd.Series] = {c: source[c].take(taken).reset_index(drop=True) for c in columns}
            made |= {str(n): c for n, c in self._map_blocks(step.dataset, source, name, blocks, rows).items()}
            records = work.number(len(taken))
            self._keep_origins(step.dataset, name, source, blocks, rows, work.used + 1 - len(taken))
            work.edges.append(edges_from(records, name, source[RID].take(taken)))
            made_by = np.repeat([str(n) for n in numbers], [len(r) for r in rows])
            work.makers.append(pd.DataFrame({RID: records, "made_by": pd.Series(made_by, dtype="str")}))
            parts.append(pd.DataFrame(made).assign(**{RID: records}))
        frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({RID: pd.Series(dtype="Int64")})
        spec = self.specs[step.dataset]
        if not spec.parameters:
            work.frame = frame
            return
        broken = {name for dataset, name in self._broken if dataset == step.dataset}
        work.frame = assign_parameters(spec, frame, self.contexts[step.dataset], broken)

    def _derived(self, dataset: str, block: Block, call: BoundCall, source: pd.DataFrame) -> pd.DataFrame:
        """The records a call makes of the chosen rows of its source, each with the place of its first raw parent."""
        work, name = self.works[dataset], block.records.source
        # what the call tells of is a record of the source, collected where that was
        origins = self.contexts[name].origins if name in self.contexts else None
        context = replace(self._context(dataset, block.records.id or call.verb.name), origins=origins)
        made, own, others = self._new(call, source, context, name)
        absent = [c for c in call.writes if c not in made.columns]
        if absent:
            raise TypeError(f"{call.verb.name} did not write {', '.join(absent)}")
        places = [c for c in (FILE, ROW) if c in source.columns]
        first = own.drop_duplicates("position").set_index("position")["parent"].reindex(made.index)
        found = source.set_index(RID)[places].reindex(first).set_axis(made.index)
        made = pd.concat([made.assign(**{RID: np.arange(len(made))}), found], axis="columns")
        columns = {c: made[c] for c in (*block.carried, *places)}
        columns |= {m.name: self._map(dataset, m, made, name, np.arange(len(made))) for m in block.mapped}
        records = work.number(len(made))
        work.edges += [
            *_edges(records, others),
            edges_from(records.take(own["position"].to_numpy()), name, own["parent"]),
        ]
        return pd.DataFrame(columns, index=made.index).assign(**{RID: records})

    def _new(
        self, call: BoundCall, frame: pd.DataFrame, context: Context, source: str
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """What a records verb makes: rows, their parents in `frame`, and their parents in other datasets."""
        result = self._call(call, frame, context, source, frame)
        if not isinstance(result, NewRecords):
            raise TypeError(f"{call.verb.name} must make records")
        parents = result.parents.astype({"position": "int64"})
        elsewhere = parents["source"].notna() if "source" in parents.columns else pd.Series(False, index=parents.index)
        return result.rows.reset_index(drop=True), parents[~elsewhere], parents[elsewhere]

    def _keep_origins(
        self, dataset: str, name: str, source: pd.DataFrame, blocks: list[Block], rows: list[np.ndarray], first: int
    ) -> None:
        """Note which field every mapped variable was taken from: the subject's if the call reads it, else the first."""
        origins, subject = self.contexts[dataset].origins, self.subjects.get(name)
        if origins is None or FILE not in source.columns:
            return
        for block, taken in zip(blocks, rows, strict=True):
            read = {m.name: m.call.reads for m in block.mapped if m.call.reads}
            origins.add(first, source, taken, {n: subject if subject in r else r[0] for n, r in read.items()})
            first += len(taken)

    def _choose(self, dataset: str, block: Block) -> pd.Series:
        """The rows of the source that are records of this block, or of which its call makes them.

        The others are counted, by reason if there is one.
        """
        records = block.records
        source = self.frame(records.source)
        context = self.contexts[dataset]
        use = RowUse.of(len(source))
        if records.source.startswith("raw."):
            use = self.accounting.rows.setdefault(records.source, use)
        left = pd.Series(True, index=source.index)
        excluded: dict[str, int] = {}
        for reason, out in left_out(source, records, context.settings):
            excluded[reason] = excluded.get(reason, 0) + int(out.sum())
            use.leave_out(out.to_numpy(dtype=bool), reason)
            left &= ~out
        chosen = context.mask(source, records.where) & left
        use.mapped |= chosen.to_numpy(dtype=bool)
        name = records.id or "|".join(records.topic.values()) or records.source
        taken, others = int(chosen.sum()), int((left & ~chosen).sum())
        self.accounting.blocks.append(BlockCount(dataset, records.source, name, len(source), taken, others, excluded))
        return chosen

    def _map_blocks(
        self, dataset: str, source: pd.DataFrame, name: str, blocks: list[Block], rows: list[np.ndarray]
    ) -> pd.DataFrame:
        """Every variable of a run of blocks from one source, as one task."""
        mapped = {(m.name, m.call.call, m.where): m for block in blocks for m in block.mapped}
        planned = [Planned(m.call, self._mapping_context(dataset, m.name, name), m.where) for m in mapped.values()]

        def work() -> pd.DataFrame:
            names = dict.fromkeys(m.name for m in mapped.values())
            made = {n: self._map_run(dataset, n, source, name, blocks, rows) for n in names}
            return pd.DataFrame(made, index=pd.RangeIndex(sum(map(len, rows))))

        if not planned:
            return pd.DataFrame()
        made = self.calls.make_together(planned, source, rows, name, work)
        self._tell(made, source, planned[0].context)
        if isinstance(made.result, NewRecords):
            raise TypeError("mapping calls make no records")
        return made.result

    def _mapping_context(self, dataset: str, variable: str, source: str) -> Context:
        return replace(self._context(dataset, variable), origins=None, **self.forms.get(source, {}))

    def _map_run(
        self, dataset: str, item: str, source: pd.DataFrame, name: str, blocks: list[Block], rows: list[np.ndarray]
    ) -> pd.Series:
        """One variable over a run of blocks from one source.

        A call that blocks share is made once, over every row any of them takes, so that a bad value of a horizontal
        form is found once, not once a test.
        """
        calls = [next((m for m in block.mapped if m.name == item), None) for block in blocks]
        users: dict[tuple[Call, Where | None], list[np.ndarray]] = {}
        for call, taken in zip(calls, rows, strict=True):
            if call is not None:
                users.setdefault((call.call.call, call.where), []).append(taken)
        made: dict[tuple[Call, Where | None], pd.Series] = {}
        parts = []
        for call, taken in zip(calls, rows, strict=True):
            if call is None:
                parts.append(empty_column(self.kinds[dataset].get(item), pd.RangeIndex(len(taken))))
                continue
            key = (call.call.call, call.where)
            if key not in made:
                wanted = users[key][0] if len(users[key]) == 1 else np.unique(np.concatenate(users[key]))
                made[key] = self._map(dataset, call, source, name, wanted)
            series = made[key]
            parts.append(series if len(series) == len(taken) else series.reindex(source.index[taken]))
        return parts[0].reset_index(drop=True) if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def _map(self, dataset: str, item: Mapped, source: pd.DataFrame, name: str, wanted: np.ndarray) -> pd.Series:
        """One mapping call on the rows at the positions `wanted`; rows its condition leaves out are missing."""
        context = self._mapping_context(dataset, item.name, name)
        seen = dict.fromkeys(self._seen(item.call, context, source))
        seen |= dict.fromkeys(columns_of(item.where) if item.where else ())
        taken = source[list(seen)].take(wanted)
        rows = taken if item.where is None else taken[context.mask(taken, item.where)]
        with blaming(dataset, item.loc, item.call):
            made = self._call(item.call, rows, context, name, source, (item.name,))
            if isinstance(made, NewRecords):
                raise TypeError(f"{item.call.verb.name} must make a column")
            series = made[item.name]
        return series if item.where is None else series.reindex(taken.index)

    def _column(self, step: Step, frame: pd.DataFrame) -> pd.DataFrame:
        context = replace(self._context(step.dataset, step.name), chosen=[])
        if step.void:
            return frame.assign(**{w: empty_column(self.kinds[step.dataset].get(w), frame.index) for w in step.writes})
        rows = frame if step.where is None else frame[context.mask(frame, step.where)]
        if step.predecessor is not None:
            if self.tasks is not None:
                self.tasks.copies[f"{step.dataset}.{step.name}"] = ".".join(step.predecessor)
            made = pd.DataFrame({step.name: self._predecessor(step.predecessor, step.dataset, rows)}, index=rows.index)
        elif step.call is not None:
            seen = rows[self._seen(step.call, context, rows)]
            result = self._call(step.call, seen, context, step.dataset, rows, step.writes)
            if isinstance(result, NewRecords):
                raise TypeError(f"{step.call.verb.name} must make columns")
            made = result
            self._keep_chosen(step, context)
        else:
            raise TypeError(f"{step.dataset}.{step.name}: a column step without a call")
        made = made if step.where is None else made.reindex(frame.index)
        return frame.assign(**{str(c): made[c] for c in made.columns})

    def _keep_chosen(self, step: Step, context: Context) -> None:
        """Keep what a call told of the records that it took values from."""
        source = step.call.source if step.call is not None else None
        for told in context.chosen or ():
            for own, part in told.groupby("own", sort=False):
                kept = part.drop(columns="own").assign(source=step.dataset if own else source)
                self.works[step.dataset].values.append(kept)

    def _predecessor(self, predecessor: tuple[str, str], own: str, rows: pd.DataFrame) -> pd.Series:
        dataset, column = predecessor
        bases = {r.source for r in self.specs[own].records}
        by_subject = len(bases) > 1 and dataset in self.specs and self.specs[dataset].of_subjects
        if dataset in bases and (column == "USUBJID" or not by_subject):
            return rows[column]
        if dataset.startswith("SUPP"):
            source = self.sources.get(dataset)  # there may be no such records, and so no dataset
            return (
                empty_column(Kind.TEXT, rows.index) if source is None else qualifier_of(rows, source, dataset, column)
            )
        return of_subject(rows, self.frame(dataset), column)

    def _rows(self, step: Step) -> None:
        if step.call is None:
            raise TypeError(f"{step.dataset}.{step.name}: a rows step without a call")
        work = self.works[step.dataset]
        rows, own, others = self._new(step.call, work.frame, self._context(step.dataset, step.name), step.dataset)
        if "PARAMCD" not in rows.columns:
            rows["PARAMCD"] = pd.Series(step.name, index=rows.index, dtype="str")
        rows = label_parameters(self.specs[step.dataset], rows)
        rows[RID] = work.number(len(rows))
        through = pd.DataFrame(
            {RID: rows[RID].take(own["position"].to_numpy()).to_numpy(), "parent": own["parent"].to_numpy()}
        )
        work.edges += [*_edges(rows[RID], others), compose(through, combine(work.edges))]
        work.makers.append(pd.DataFrame({RID: rows[RID]}).assign(made_by=step.name))
        told = through.rename(columns={"parent": "source_record"})
        work.values.append(told.assign(variable=EVERY, source=step.dataset, source_variable=EVERY))
        for early in work.early:
            # a derived record gets its variables by the same calls, unless the records verb has set them
            if any(w in rows.columns for w in early.writes):
                continue
            needed = {c for d, c in early.reads if d == step.dataset}
            if needed <= set(rows.columns):
                rows = self._column(early, rows)
        work.frame = pd.concat([work.frame, rows], ignore_index=True) if len(rows) else work.frame

    # -- calling ---------------------------------------------------------------------------------------------

    def _seen(self, bound: BoundCall, context: Context, frame: pd.DataFrame) -> list[str]:
        """The columns a verb is shown: those it declares to read, and those that name a record in a message."""
        known = (*context.keys, RID) if bound.verb.wants_context else ()
        wanted = dict.fromkeys((*bound.reads, *known))
        return [c for c in wanted if c in frame.columns]

    def _context(self, dataset: str, variable: str) -> Context:
        return replace(self.contexts[dataset], variable=variable, codelist=self.codelists[dataset].get(variable))

    def _call(
        self,
        bound: BoundCall,
        frame: pd.DataFrame,
        context: Context,
        source: str,
        whole: pd.DataFrame,
        writes: tuple[str, ...] = (),
    ) -> pd.DataFrame | NewRecords:
        """What a call makes of a frame; what it told of the records of the `whole` frame is told with their places."""
        made = self.calls.make(bound, frame, context, source, writes)
        self._tell(made, whole, context)
        return made.result

    def _tell(self, made: Made, whole: pd.DataFrame, context: Context) -> None:
        """The findings of what calls told of records of a frame, with the places of these."""
        context.findings.extend(made.findings)
        if context.chosen is not None and len(made.chosen):
            context.chosen.append(made.chosen)
        if not made.reported:
            return
        places = whole[[c for c in (RID, FILE, ROW) if c in whole.columns]]
        at = dict(zip(whole[RID], range(len(whole)), strict=True)) if RID in whole.columns else {}
        for item in made.reported:
            rows = places.iloc[[at[record] for record in item.records if record in at]]
            if item.cause:
                context.tell_cause(item, rows)
            else:
                context.tell(item, rows.iloc[0].to_dict() if len(rows) else {})


def _runs(blocks: tuple[Block, ...]) -> Iterator[tuple[str, list[int]]]:
    """Neighbouring blocks of one source, by their numbers; one whose records a call makes stands alone."""

    def run(number: int) -> tuple[str, int]:
        block = blocks[number]
        return block.records.source, number if block.call else -1

    for (name, _), group in groupby(range(len(blocks)), key=run):
        yield name, list(group)


def _edges(records: pd.Series, parents: pd.DataFrame) -> Iterator[Edges]:
    """Edges of new records to their parents in other datasets."""
    for name, group in parents.groupby("source") if len(parents) else ():
        yield edges_from(records.take(group["position"].to_numpy()), str(name), group["parent"])
