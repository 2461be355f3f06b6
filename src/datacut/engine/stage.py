"""Sets a stage up from specs: contexts, codelists and kinds by dataset."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.cache.tasks import Tasks
from datacut.datasets.lineage import RID
from datacut.datasets.model import Dataset
from datacut.engine.context import Context
from datacut.engine.execute import Stage
from datacut.engine.origins import Origins
from datacut.errors import Findings
from datacut.spec.dataset import DatasetSpec
from datacut.spec.load import Specs
from datacut.spec.registry import Registry
from datacut.spec.resolve import ResolvedDataset


def new_stage(
    specs: Specs,
    datasets: Mapping[str, DatasetSpec],
    resolved: Mapping[str, ResolvedDataset],
    registry: Registry,
    sources: Mapping[str, pd.DataFrame],
    findings: Findings,
    tasks: Tasks | None = None,
) -> Stage:
    """A stage ready to run: `sources` are the frames from outside it; tasks: where what its calls make is kept."""
    codelists: dict[str, dict[str, str]] = {}
    contexts: dict[str, Context] = {}
    for name, spec in datasets.items():
        codelists[name] = {n: v.codelist for n, v in spec.variables.items() if v.codelist}
        codelists[name] |= {n: q.codelist for n, q in spec.supplemental.items() if q.codelist}
        contexts[name] = Context(
            dataset=name,
            variable="",
            findings=findings,
            settings=specs.settings,
            codelists=specs.codelists,
            codelist_of=codelists[name],
            keys=spec.keys,
            windows=specs.study.windows,
            visits=specs.study.visits,
            units=specs.units,
            grading=specs.grading,
            origins=Origins(),
        )
    return Stage(
        specs=datasets,
        registry=registry,
        sources=sources,
        contexts=contexts,
        forms={f"raw.{n}": {"fields": specs.columns(f), "form_visits": f.visits} for n, f in specs.forms.items()},
        codelists=codelists,
        kinds={n: {v.name: v.type for v in r.variables} for n, r in resolved.items() if n in datasets},
        tasks=tasks,
        subjects={f"raw.{n}": s for n, f in specs.forms.items() if (s := specs.study.systems[f.system].subject)},
    )


def as_source(dataset: Dataset) -> pd.DataFrame:
    """A finished dataset as a source of the next stage: its frame with record numbers."""
    frame = dataset.frame.copy(deep=False)
    frame[RID] = pd.Series(range(1, len(frame) + 1), index=frame.index, dtype="Int64")
    return frame
