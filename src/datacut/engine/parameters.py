"""The parameters of the records of a dataset: which each belongs to, and what goes with the code."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from datacut.engine.context import Context
from datacut.errors import Finding, Severity, SpecError, in_data
from datacut.spec.dataset import DatasetSpec


def assign_parameters(
    spec: DatasetSpec, frame: pd.DataFrame, context: Context, broken: Collection[str]
) -> pd.DataFrame:
    """PARAMCD by the conditions of the parameters, missing where none holds, with what goes with it.

    broken: parameters that are left out. Raises SpecError where a record satisfies two conditions.
    """
    code = pd.Series(pd.NA, index=frame.index, dtype="str")
    for name, parameter in spec.parameters.items():
        if parameter.where is None or name in broken:
            continue
        chosen = context.mask(frame, parameter.where)
        twice = chosen & code.notna()
        if twice.any():
            other = code[twice].iloc[0]
            what = f"a record is both {other} and {name}"
            remedy = "Make the conditions exclusive."
            fault = Finding(Severity.ERROR, "spec.parameter", in_data(spec.dataset), what, "", remedy)
            raise SpecError([fault])
        code = code.mask(chosen, name)
    return label_parameters(spec, frame.assign(PARAMCD=code))


def label_parameters(spec: DatasetSpec, frame: pd.DataFrame) -> pd.DataFrame:
    """PARAM, PARAMN and PARCAT1 of the codes in PARAMCD. Raises TypeError for a code that the spec does not have."""
    code = frame["PARAMCD"]
    known = spec.parameters
    unknown = set(code.dropna()) - set(known)
    if unknown:
        raise TypeError(f"{spec.dataset}: records of parameters the spec does not have: {sorted(unknown)}")
    texts = {"PARAM": {k: p.param for k, p in known.items()}}
    texts["PARCAT1"] = {k: p.parcat1 for k, p in known.items() if p.parcat1}
    frame = frame.assign(**{c: code.map(m).astype("str") for c, m in texts.items()})
    numbers = {k: p.paramn for k, p in known.items() if p.paramn is not None}
    return frame.assign(PARAMN=code.map(numbers).astype("Float64"))
