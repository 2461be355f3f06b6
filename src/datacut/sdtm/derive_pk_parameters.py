"""Records of PP: kinetic parameters of each profile of PC, with the reason where one cannot be had."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from datacut.compute.dates import date_part, datetime_part
from datacut.compute.nca import CODES, NcaProfile, nca_profile
from datacut.compute.result_text import read_result
from datacut.compute.rounding import decimal_text
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import Finding, Severity, SpecError, in_data, nearest
from datacut.spec.registry import NewCodeMap, verb

_PROFILE: Final = ("USUBJID", "PCGRPID", "PCTEST", "PCSPEC", "PCSTRESU", "PCTPTREF", "PCRFTDTC")
_READS: Final = (*_PROFILE, "PCSTRESN", "PCSTRESC", "PCLLOQ", "PCDTC")
_WRITES: Final = (
    "USUBJID",
    "PPGRPID",
    "PPTESTCD",
    "PPCAT",
    "PPORRES",
    "PPORRESU",
    "PPREASND",
    "PPSPEC",
    "PPTPTREF",
    "PPRFTDTC",
    "PPSTINT",
    "PPENINT",
    "_NOTE",
)
_PARTS: Final = {code.lower(): code for code in CODES}
_AREA: Final = "aucint"
_TIMES: Final = frozenset({"TMAX", "TFIRST", "TLST", "PERSIST", "LAMZHL"})
_LEVELS: Final = frozenset({"CMAX", "CLST"})
DIGITS: Final = 12
"""Significant digits of a parameter: more than any assay knows, and what other software reads back as it is written."""
_SECONDS_A_DAY: Final = 86400


@verb(
    "records",
    reads=_READS,
    writes=_WRITES,
    says=(
        "non-compartmental analysis of the records of each subject, PCGRPID and PCRFTDTC: time in days "
        "from PCRFTDTC to PCDTC; results below the limit ({lloq} where PCLLOQ is missing) are below; "
        "areas linear where rising, logarithmic where falling, to days {intervals}; terminal slope by "
        "regression of the logs of the last points, at least {lambda_min_points}, with the best adjusted "
        "r-squared (from {lambda_min_r2} on not flagged){extrapolate?Y=; an area goes on with the "
        "terminal slope|}"
    ),
)
def derive_pk_parameters(
    dataset: pd.DataFrame,
    lloq: float,
    intervals: list[float],
    codes: NewCodeMap,
    lambda_min_points: int = 3,
    lambda_min_r2: float = 0.8,
    extrapolate: str = "N",
    *,
    context: Context,
) -> NewRecords:
    """One record for each kinetic parameter of each profile of PC: one subject, analyte (PCGRPID), reference time.

    Times are days from PCRFTDTC to PCDTC, by the clock as written where both have a time of day, else from date to
    date. A result is below the limit where it is a number below PCLLOQ (without it `lloq`), a bound `<`, or words that
    specs/units.yml counts as below; a bound `>` is above the upper limit. Other words, and no result, are no sample.
    codes: PPTESTCD of each parameter that is wanted, `{cmax: CMAX, ...}`, in the order of the records. intervals: ends
    in days of the areas `aucint` from 0; lambda_min_points, lambda_min_r2, extrapolate (Y or N): as
    `nca_profile` has them. A value that is only a bound reads `>=`. Values have 12 significant digits; units are day,
    that of the concentration, their product and /day. PPREASND tells why a value is missing, `_NOTE` what to beware of.
    Parents are the samples of the profile. A sample with a result and no complete date is left out, with a finding. A
    profile that contradicts itself (two samples at one time, a quantifiable 0) is an error finding without values.
    """
    samples = _samples(dataset, lloq, context)
    numbers = dataset.groupby(list(_PROFILE), dropna=False, sort=False).ngroup()
    for part in codes:
        if part not in _PARTS:
            remedy = nearest(part, _PARTS)
            where = in_data(context.dataset, "PPTESTCD")
            raise SpecError([Finding(Severity.ERROR, "spec.value", where, "no such parameter", part, remedy)])
    wanted = [(part, None) for part in codes if part != _AREA] + [(_AREA, end) for end in intervals if _AREA in codes]
    rows: list[tuple[str | None, ...]] = []
    parents: list[tuple[int, int]] = []
    for _, own in dataset.groupby(numbers, sort=False):
        taken = samples.loc[own.index]
        kept = taken.loc[~taken["undated"] & ~taken["unread"]]
        found: dict[float, NcaProfile] = {}
        fault = None
        try:
            for end in intervals:
                found[end] = nca_profile(
                    _floats(kept["time"]),
                    _floats(kept["level"]),
                    kept["below"].tolist(),
                    end,
                    above=kept["above"].tolist(),
                    lambda_min_points=lambda_min_points,
                    lambda_min_r2=lambda_min_r2,
                    auc_extrapolate=extrapolate == "Y",
                )
        except ValueError as problem:
            fault = str(problem)
            remedy = "Query the laboratory; the parameters are missing."
            context.report(own, own.index[:1], "PCDTC", "sdtm.kinetics", fault, remedy=remedy)
        subject, group, analyte, specimen, unit, event, reference = (_text(own.iloc[0][c]) for c in _PROFILE)
        lost = _lost(taken)
        for part, horizon in wanted:
            code = _PARTS[part]
            profile = found.get(horizon if horizon is not None else intervals[0])
            value = profile.values[code] if profile else math.nan
            interval = ("P0D", f"P{horizon:g}D") if horizon is not None else (None, None)
            missing = math.isnan(value)
            reason = (profile.reasons.get(code) if profile else fault) if missing else None
            sign = ">=" if profile and code in profile.bounds else ""
            shown = None if missing else sign + decimal_text(float(f"{value:.{DIGITS}g}"))
            notes = [profile.flags.get(code) if profile else None, lost]
            note = "; ".join(n for n in notes if n) or None
            parents += [(len(rows), int(rid)) for rid in own[RID]]
            unit_shown = None if missing else _unit(code, unit)
            about = (specimen, event, reference, *interval, note)
            rows.append((subject, group, codes[part], analyte, shown, unit_shown, reason, *about))
    made = pd.DataFrame(rows, columns=list(_WRITES), dtype="str")
    return NewRecords(made, pd.DataFrame(parents, columns=["position", "parent"]))


def _samples(dataset: pd.DataFrame, lloq: float, context: Context) -> pd.DataFrame:
    """Time and level of every record, on which side of the limits it lies, and why it is of no use.

    Columns time, level (a bound above the limit is its limit), below, above, undated (a result without a complete
    date, told) and unread (a result in words that do not say below the limit, told where it was standardised).
    """
    number, text = dataset["PCSTRESN"].astype("Float64"), dataset["PCSTRESC"].astype("str")
    read = {t: read_result(t) for t in text.dropna().unique()}
    sign = text.map({t: r.sign for t, r in read.items()}).astype("str")
    bound = text.map({t: float(r.number) for t, r in read.items() if r.sign}).astype("Float64")
    above = number.isna() & sign.isin([">", ">="])
    under = (number < dataset["PCLLOQ"].astype("Float64").fillna(lloq)).fillna(False).astype(bool)
    below = under | (number.isna() & (sign.isin(["<", "<="]) | text.isin(context.units.below)))
    time = _days(dataset["PCRFTDTC"], dataset["PCDTC"])
    undated = time.isna() & text.notna()
    context.report(
        dataset,
        undated,
        "PCDTC",
        "sdtm.kinetics",
        "a result without a complete date of the sample or of the infusion; the sample is left out of its profile",
        remedy="Query the date.",
    )
    return pd.DataFrame(
        {
            "time": time,
            "level": number.mask(above, bound),
            "below": below,
            "above": above,
            "undated": undated,
            "unread": number.isna() & text.notna() & ~below & ~above,
        },
        index=dataset.index,
    )


def _lost(taken: pd.DataFrame) -> str | None:
    """How many samples of a profile are left out, and why."""
    parts = [
        (taken["undated"], "no complete date"),
        (taken["unread"] & ~taken["undated"], "no result that can be read"),
    ]
    return ", ".join(f"left out for {why}: {int(rows.sum())}" for rows, why in parts if rows.any()) or None


def _days(start: pd.Series, end: pd.Series) -> pd.Series:
    """Days from one ISO 8601 text to another, local time as written; missing where one is no complete date."""
    moments = datetime_part(end) - datetime_part(start)
    seconds = moments.fillna(date_part(end) - date_part(start)).dt.total_seconds()
    return (seconds / _SECONDS_A_DAY).astype("Float64")


def _floats(values: pd.Series) -> list[float]:
    return list(values.to_numpy(dtype=np.float64, na_value=np.nan))


def _text(value: object) -> str | None:
    return None if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _unit(code: str, concentration: str | None) -> str | None:
    if code in _TIMES:
        return "day"
    if code in _LEVELS:
        return concentration
    if code in ("AUCLST", "AUCINT"):
        return f"day*{concentration}"
    return "/day" if code == "LAMZ" else None
