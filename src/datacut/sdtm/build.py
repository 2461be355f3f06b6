"""Executes the SDTM specs: domains and their supplemental qualifiers from one export."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.datasets.conform import conform
from datacut.datasets.execute import Accounting, Work
from datacut.datasets.finish import equal_lengths, finish
from datacut.datasets.lineage import RID, edges_from
from datacut.datasets.model import Dataset, Variable
from datacut.datasets.stage import new_stage
from datacut.errors import Findings
from datacut.sdtm.check import check_records
from datacut.spec.dataset import DatasetSpec
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.spec.registry import Registry
from datacut.standards import sdtm_variables

_SUPP = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")


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
    faults = Findings()
    datasets = finish(stage.works, resolved, faults)
    # a second record with one key is told by check_records, with its raw row
    findings.extend(f for f in faults if f.rule != "duplicate-key")
    for name, spec in specs.sdtm.items():
        supplemental = _supplemental(specs, spec, stage.works[name], findings)
        if supplemental is not None:
            datasets[supplemental.name] = supplemental
    return equal_lengths(datasets, resolved), stage.accounting


def _supplemental(specs: Specs, spec: DatasetSpec, work: Work, findings: Findings) -> Dataset | None:
    """SUPP--: one record for each supplemental value that is not missing; None where there is no value at all."""
    frame = work.frame
    if not spec.supplemental or frame[list(spec.supplemental)].isna().all(axis=None):
        return None
    sequence = f"{spec.dataset}SEQ"
    by_record = sequence in frame.columns
    parts = []
    for qnam, item in spec.supplemental.items():
        rows = frame[frame[qnam].notna()]
        parts.append(
            pd.DataFrame(
                {
                    "STUDYID": pd.Series(specs.study.study, index=rows.index, dtype="str"),
                    "RDOMAIN": pd.Series(spec.dataset, index=rows.index, dtype="str"),
                    "USUBJID": rows["USUBJID"],
                    "IDVAR": pd.Series(sequence if by_record else pd.NA, index=rows.index, dtype="str"),
                    "IDVARVAL": rows[sequence].astype("str")
                    if by_record
                    else pd.Series(pd.NA, index=rows.index, dtype="str"),
                    "QNAM": pd.Series(qnam, index=rows.index, dtype="str"),
                    "QLABEL": pd.Series(item.label, index=rows.index, dtype="str"),
                    "QVAL": rows[qnam].astype("str"),
                    "QORIG": pd.Series(item.origin, index=rows.index, dtype="str"),
                    "QEVAL": pd.Series(item.evaluator or pd.NA, index=rows.index, dtype="str"),
                    "_parent": rows[RID],
                }
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    whole[RID] = pd.Series(range(1, len(whole) + 1), dtype="Int64")
    labels = {v.name: v.label for v in sdtm_variables("SUPPQUAL")}
    variables = [Variable(n, labels[n], "text") for n in _SUPP]
    numbers = work.numbers if work.numbers is not None else pd.Series(dtype="Int64")
    edges = edges_from(whole[RID], spec.dataset, whole["_parent"].map(numbers))
    name, label = f"SUPP{spec.dataset}", f"Supplemental Qualifiers for {spec.dataset}"
    keys = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")
    dataset, faults = conform(whole, name, label, variables, keys, edges)
    findings.extend(faults)
    return dataset
