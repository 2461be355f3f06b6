"""Executes the SDTM specs: domains and their supplemental qualifiers from one export."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.datasets.execute import Accounting
from datacut.datasets.finish import equal_lengths, finish
from datacut.datasets.model import Dataset
from datacut.datasets.stage import new_stage
from datacut.errors import Findings
from datacut.sdtm.check import check_records
from datacut.sdtm.supplemental import make_supp, move_long_text
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.spec.registry import Registry


def build_sdtm(
    specs: Specs,
    plans: Plans,
    registry: Registry,
    sources: Mapping[str, pd.DataFrame],
    findings: Findings,
) -> tuple[dict[str, Dataset], Accounting]:
    """Build every SDTM dataset, SUPP-- included, and account for the rows they were made from.

    sources: `raw.<form>`, `study`, `study.visits`, each with `_rid`.
    """
    resolved = {n: plans.datasets[n] for n in specs.sdtm}
    stage = new_stage(specs, specs.sdtm, resolved, registry, sources, findings)
    stage.run(plans.sdtm)
    check_records(specs, stage, findings)
    qualifiers = {
        n: move_long_text(spec, resolved[n], stage.works[n], stage.contexts[n]) for n, spec in specs.sdtm.items()
    }
    faults = Findings()
    datasets = finish(stage.works, resolved, faults)
    # a second record with one key is told by check_records, with its raw row
    findings.extend(f for f in faults if f.rule != "duplicate-key")
    for name, spec in specs.sdtm.items():
        supplemental = make_supp(specs.study.study, spec, qualifiers[name], stage.works[name], findings)
        if supplemental is not None:
            datasets[supplemental.name] = supplemental
    return equal_lengths(datasets, resolved), stage.accounting
