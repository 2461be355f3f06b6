"""Executes the SDTM specs: domains and their supplemental qualifiers from one export."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from datacut.cache.tasks import Tasks
from datacut.datasets.model import Dataset, value_text
from datacut.engine.cut import Cut
from datacut.engine.finish import equal_lengths, finish
from datacut.engine.stage import new_stage
from datacut.engine.use import Accounting
from datacut.errors import Findings
from datacut.sdtm.check import check_records
from datacut.sdtm.supplemental import make_supp, move_long_text
from datacut.spec.cut import boundary
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.spec.registry import Registry


def build_sdtm(
    specs: Specs,
    plans: Plans,
    registry: Registry,
    sources: Mapping[str, pd.DataFrame],
    findings: Findings,
    tasks: Tasks | None = None,
) -> tuple[dict[str, Dataset], Accounting]:
    """Build every SDTM dataset, SUPP-- included, and account for the rows they were made from.

    sources: `raw.<form>`, `study`, `study.visits`, each with `_rid`; tasks: where what calls make is kept.
    """
    resolved = {n: plans.datasets[n] for n in specs.sdtm}
    stage = new_stage(specs, specs.sdtm, resolved, registry, sources, findings, tasks)
    cut = _cut(specs, sources)
    stage.after_records = cut.apply
    stage.run(plans.sdtm)
    cut.account(stage.accounting, stage.works, sources)
    check_records(specs, stage, findings)
    qualifiers = {
        n: move_long_text(spec, resolved[n], stage.works[n], stage.contexts[n]) for n, spec in specs.sdtm.items()
    }
    faults = Findings()
    datasets = finish(stage.works, resolved, faults)
    # a second record with one key is told by check_records, with its raw row
    findings.extend(f for f in faults if f.rule != "dataset.key.duplicate")
    for name, spec in specs.sdtm.items():
        supplemental = make_supp(specs.study.study, spec, qualifiers[name], stage.works[name], findings)
        if supplemental is not None:
            datasets[supplemental.name] = supplemental
    return equal_lengths(datasets, resolved), stage.accounting


def _cut(specs: Specs, sources: Mapping[str, pd.DataFrame]) -> Cut:
    """The rules of study.yml for the cut at hand; none where the cut has no date."""
    day = value_text(sources["study"]["CUTDTC"].iloc[0]) if "study" in sources else ""
    dated = re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) is not None
    return Cut(day, boundary(specs), specs.study.cut_rules if dated else {})
