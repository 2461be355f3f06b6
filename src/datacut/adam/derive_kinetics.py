"""Kinetic parameters of one profile per group, each with the reason where it cannot be had."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import group_numbers, text
from datacut.adam.misuse import misuse
from datacut.compute.nca import CODES, NcaProfile, nca_profile
from datacut.datasets.context import RID, Context, NewRecords
from datacut.errors import nearest
from datacut.spec.registry import Column, Columns, Condition, NewColumn, verb


@verb("records")
def derive_param_nca(
    dataset: pd.DataFrame,
    by: Columns,
    params: dict[str, str],
    time: Column,
    concentration: Column,
    blq: Column,
    where: Condition | None = None,
    horizon: float = 28,
    reason: NewColumn | None = None,
    note: NewColumn | None = None,
    *,
    context: Context,
) -> NewRecords:
    """Kinetic parameters of each group: one record a group and PARAMCD, AVAL from the profile of the rows of `where`.

    params: `{PARAMCD: code}` with the codes of `compute.nca` (CMAX, TMAX, AUCLST, AUCINT from 0 to `horizon`, ...);
    time: days since the infusion; blq: `Y` where the sample is below the limit; a row with neither value nor `Y` was
    not sampled and does not enter. reason: why AVAL is missing; note: what to beware of. Parents are the rows of the
    profile. A profile that contradicts itself (two samples at one time, a result without time) is an error finding and
    its parameters are missing.
    """
    place = f"{context.dataset}.{context.variable}"
    for code in params.values():
        if code not in CODES:
            raise misuse(place, "no such kinetic parameter", code, nearest(code, CODES))
    kept = dataset.loc[context.mask(dataset, where)]
    groups = group_numbers(kept, by)
    first = kept.loc[~groups.duplicated()]
    profiles: list[NcaProfile | str] = []
    for number, label in enumerate(first.index):
        found = _profile(kept.loc[groups == number], time, concentration, blq, horizon)
        profiles.append(found)
        if isinstance(found, str):
            remedy = "Mend the samples in SDTM; the parameters are missing."
            context.report(kept, [label], time, "adam.kinetics.profile", found, remedy=remedy)
    keys = first[list(by)]
    rows = pd.concat([keys] * len(params), ignore_index=True)
    rows["PARAMCD"] = text([name for name in params for _ in profiles], rows.index)
    wanted = [(p, code) for code in params.values() for p in profiles]
    numbers = [math.nan if isinstance(p, str) else p.values[code] for p, code in wanted]
    value = pd.Series(numbers, index=rows.index, dtype="float64")
    rows["AVAL"] = value.astype("Float64").mask(value.isna())
    if reason is not None:
        rows[reason] = text([p if isinstance(p, str) else p.reasons.get(c) for p, c in wanted], rows.index)
    if note is not None:
        rows[note] = text([None if isinstance(p, str) else p.flags.get(c) for p, c in wanted], rows.index)
    position = np.concatenate([groups.to_numpy(dtype=np.int64) + n * len(profiles) for n in range(len(params))])
    return NewRecords(rows, pd.DataFrame({"position": position, "parent": [*kept[RID]] * len(params)}))


def _profile(rows: pd.DataFrame, time: str, concentration: str, blq: str, horizon: float) -> NcaProfile | str:
    below = (rows[blq] == "Y").fillna(False).to_numpy(dtype=bool)
    try:
        return nca_profile(_floats(rows[time]), _floats(rows[concentration]), below.tolist(), horizon)
    except ValueError as fault:
        return str(fault)


def _floats(values: pd.Series[Any]) -> list[float]:
    return [math.nan if pd.isna(v) else float(v) for v in values]
