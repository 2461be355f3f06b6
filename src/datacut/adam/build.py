"""Executes the ADaM specs on finished SDTM datasets."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.cache.tasks import Tasks
from datacut.datasets.model import Dataset
from datacut.engine.filter import mask
from datacut.engine.finish import equal_lengths, finish
from datacut.engine.stage import as_source, new_stage
from datacut.engine.use import Accounting
from datacut.errors import Findings
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.spec.registry import Registry


def build_adam(
    specs: Specs,
    plans: Plans,
    registry: Registry,
    sdtm: Mapping[str, Dataset],
    sources: Mapping[str, pd.DataFrame],
    findings: Findings,
    tasks: Tasks | None = None,
) -> tuple[dict[str, Dataset], Accounting]:
    """Build every ADaM dataset, and account for the rows they were made from.

    sdtm: finished datasets by name, SUPP-- included; sources: `raw.<form>`, `study`, `study.visits`; tasks: where what
    calls make is kept.
    """
    resolved = {n: plans.datasets[n] for n in specs.adam}
    given = {**sources, **{n: as_source(d) for n, d in sdtm.items()}}
    stage = new_stage(specs, specs.adam, resolved, registry, given, findings, tasks)
    stage.run(plans.adam)
    return equal_lengths(finish(stage.works, resolved, findings), resolved), stage.accounting


def subjects_left_out(specs: Specs, sdtm: Mapping[str, Dataset]) -> dict[str, str]:
    """Subjects of DM whom ADSL leaves out by a rule of its spec, with the reason."""
    out: dict[str, str] = {}
    if "ADSL" in specs.adam and "DM" in sdtm:
        subjects = sdtm["DM"].frame
        for rule in (e for r in specs.adam["ADSL"].records if r.source == "DM" for e in r.exclude):
            for subject in subjects.loc[mask(subjects, rule.where, specs.settings), "USUBJID"].dropna():
                out.setdefault(str(subject), rule.reason)
    return out
