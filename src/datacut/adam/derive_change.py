"""Change from baseline, reference range, shift, criteria and decimal arithmetic. ADaMIG 1.3 section 3.3.4 to 3.3.6."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import flag, text
from datacut.compute.boundaries import above, below, difference
from datacut.compute.rounding import decimal_of
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Condition, NewColumn, verb
from datacut.spec.where import Compound


@verb(
    "column",
    reads=("AVAL", "BASE"),
    number=True,
    says="AVAL minus BASE; missing if either is",
)
def derive_var_chg(dataset: pd.DataFrame, new: NewColumn) -> pd.DataFrame:
    """AVAL minus BASE, Float64; missing if either is.

    The difference is that of the two numbers as written in decimal: 2.3 - 2.0 is 0.3, so that a limit of 0.3 is met.
    """
    return dataset.assign(**{new: difference(dataset["AVAL"], dataset["BASE"])})


@verb(
    "column",
    reads=("AVAL", "BASE"),
    number=True,
    says=("100 times (AVAL minus BASE) over the absolute value of BASE; missing if either is, or BASE is 0"),
)
def derive_var_pchg(dataset: pd.DataFrame, new: NewColumn) -> pd.DataFrame:
    """100 times (AVAL minus BASE) over the absolute BASE, Float64; missing if either is, or if BASE is 0."""
    base = dataset["BASE"].astype("Float64")
    change = difference(dataset["AVAL"], dataset["BASE"])
    return dataset.assign(**{new: 100 * change / base.abs().where(base != 0)})


@verb(
    "column",
    reads=("AVAL", "ANRLO", "ANRHI"),
    gives={"new": ('"LOW"', '"NORMAL"', '"HIGH"')},
    says=('"LOW" where AVAL is below ANRLO, "HIGH" above ANRHI, else "NORMAL"; missing if AVAL is or both limits are'),
)
def derive_var_anrind(dataset: pd.DataFrame, new: NewColumn, *, context: Context) -> pd.DataFrame:
    """`LOW` below ANRLO, `HIGH` above ANRHI, else `NORMAL`; the limits themselves are normal.

    Missing if AVAL is, or if both limits are. With one limit the other side counts as normal. A lower limit above the
    upper one is an error finding, and missing.
    """
    value, low, high = (dataset[c].astype("Float64") for c in ("AVAL", "ANRLO", "ANRHI"))
    crossed = above(low, high).fillna(False).astype(bool)
    context.report(
        dataset,
        crossed,
        "ANRLO",
        "adam.range",
        "the lower limit of normal lies above the upper one",
        remedy="Mend the range at its source.",
    )
    under = below(value, low).fillna(False).astype(bool)
    over = above(value, high).fillna(False).astype(bool)
    known = value.notna() & (low.notna() | high.notna()) & ~crossed
    out = flag(known, "NORMAL").mask(under, "LOW").mask(over, "HIGH").where(known)
    return dataset.assign(**{new: out})


@verb(
    "column",
    says="{start} to {end}, as text[; a missing part reads {missing}]",
)
def derive_var_shift(
    dataset: pd.DataFrame, start: Column, end: Column, new: NewColumn, missing: str | None = None
) -> pd.DataFrame:
    """`start to end`, as `NORMAL to HIGH`.

    A missing part reads `missing`, or makes the shift missing if that is left out.
    """
    parts = [dataset[c].astype(object) for c in (start, end)]
    if missing is not None:
        parts = [p.where(p.notna(), missing) for p in parts]
    known = parts[0].notna() & parts[1].notna()
    joined = [f"{a} to {b}" if k else None for a, b, k in zip(*parts, known, strict=True)]
    return dataset.assign(**{new: text(joined, dataset.index)})


@verb(
    "column",
    gives={"new": ('"Y"', "no"), "new_text": ("text",)},
    says={
        "new": '"Y" where {criterion}, {no} where not, missing where a missing value leaves it open',
        "new_text": "{text}, where {criterion} holds or not, missing where a missing value leaves it open",
    },
)
def derive_var_crit_flag(
    dataset: pd.DataFrame,
    new: NewColumn,
    criterion: Condition,
    no: str | None = "N",
    text: str | None = None,
    new_text: NewColumn | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` where the criterion holds, `no` where it does not, missing where a missing value leaves it open.

    new_text receives `text`, the criterion in words (CRITy), wherever the flag is not missing.
    """
    holds = context.mask(dataset, criterion)
    fails = context.mask(dataset, Compound("NOT", (criterion,)))
    out = flag(holds).where(~fails, no if no is not None else np.nan)
    result = {new: out.astype("str")}
    if new_text is not None:
        result[new_text] = flag(holds | fails, text or "", None)
    return dataset.assign(**result)


@verb(
    "column",
    number=True,
    says="{value} divided by {to}; missing if either is, or {to} is 0",
)
def derive_var_ratio(
    dataset: pd.DataFrame, value: Column, to: Column, new: NewColumn, *, context: Context
) -> pd.DataFrame:
    """`value` divided by `to`: ALT as times its upper limit, cells infused as part of the planned dose.

    Float64, divided in decimal: 2.4 / 3.0 is 0.8. Missing if either is, or if `to` is 0, which is a warning.
    """
    zero = (dataset[to] == 0).fillna(False).astype(bool)
    context.report(
        dataset,
        zero,
        to,
        "adam.ratio",
        "division by zero; the ratio is missing",
        remedy="Mend the value at its source.",
        severity=Severity.WARNING,
    )
    out = _decimal(dataset[value], dataset[to].mask(zero), lambda a, b: a / b)
    return dataset.assign(**{new: out})


@verb(
    "column",
    number=True,
    says="{source} times {factor}",
)
def derive_var_scaled(dataset: pd.DataFrame, source: Column, new: NewColumn, factor: float) -> pd.DataFrame:
    """`source` times `factor` (a change of unit, half a limit); Float64, in decimal; missing if `source` is."""
    factors = pd.Series(float(factor), index=dataset.index)
    return dataset.assign(**{new: _decimal(dataset[source], factors, lambda a, b: a * b)})


@verb(
    "column",
    says="of {values}, the one at place {place}",
)
def derive_var_nth(
    dataset: pd.DataFrame, place: Column, new: NewColumn, values: list[float], *, context: Context
) -> pd.DataFrame:
    """The value at a place (1, 2, ...) of a list, as the planned dose of a level; Float64, missing if `place` is.

    A place the list does not have is an error finding, and missing.
    """
    known = dict(enumerate(values, start=1))
    found = [None if pd.isna(p) else known.get(int(p)) for p in dataset[place]]
    out = pd.Series(found, index=dataset.index, dtype="Float64")
    context.report(
        dataset,
        dataset[place].notna() & out.isna(),
        place,
        "adam.place",
        f"the list has {len(values)} values",
        remedy="Mend the number, or the list.",
    )
    return dataset.assign(**{new: out})


def _decimal(
    left: pd.Series[Any], right: pd.Series[Any], operation: Callable[[Decimal, Decimal], Decimal]
) -> pd.Series[Any]:
    whole = (left.notna() & right.notna()).to_numpy(dtype=bool)
    pairs = zip(left[whole].tolist(), right[whole].tolist(), strict=True)
    out = pd.Series(pd.NA, index=left.index, dtype="Float64")
    out[whole] = [float(operation(decimal_of(a), decimal_of(b))) for a, b in pairs]
    return out
