"""Records of PP: kinetic parameters of each profile of PC, with the reason where one cannot be had."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from datacut.compute.nca import CODES, NcaProfile, nca_profile
from datacut.datasets.context import RID, Context, NewRecords
from datacut.errors import Finding, Severity, SpecError, nearest
from datacut.spec.registry import NewCodeMap, verb

_PROFILE: Final = ("USUBJID", "PCGRPID", "PCTEST", "PCSPEC", "PCSTRESU", "PCRFTDTC")
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
    "PPRFTDTC",
    "PPSTINT",
    "PPENINT",
    "_NOTE",
)
_PARTS: Final = {code.lower(): code for code in CODES}
_AREA: Final = "aucint"
_TIMES: Final = frozenset({"TMAX", "TFIRST", "TLST", "PERSIST", "LAMZHL"})
_LEVELS: Final = frozenset({"CMAX", "CLST"})
_SECONDS_A_DAY: Final = 86400


@verb("records", reads=_READS, writes=_WRITES)
def derive_pk_parameters(
    dataset: pd.DataFrame, lloq: float, intervals: list[float], codes: NewCodeMap, *, context: Context
) -> NewRecords:
    """One record for each kinetic parameter of each profile of PC: one subject, analyte (PCGRPID), reference time.

    Times are days from PCRFTDTC to PCDTC, by the clock where both have a time of day, else from date to date. A result
    below PCLLOQ (without it `lloq`) or in words is below the limit; a record without a result was not sampled.
    codes: PPTESTCD of each parameter that is wanted, `{cmax: CMAX, ...}`, in the order of the records.
    intervals: ends in days of the areas `aucint` from 0. Units are day, that of the concentration, their product and
    /day. PPREASND tells why a value is missing, `_NOTE` what to beware of. Parents are the samples of the profile. A
    profile that contradicts itself (two samples at one time, a result without time) is an error finding without values.
    """
    numbers = dataset.groupby(list(_PROFILE), dropna=False, sort=False).ngroup()
    time = _days(dataset["PCRFTDTC"], dataset["PCDTC"])
    level = dataset["PCSTRESN"].astype("Float64")
    below = (level < dataset["PCLLOQ"].astype("Float64").fillna(lloq)).fillna(False) | (
        level.isna() & dataset["PCSTRESC"].notna()
    )
    for part in codes:
        if part not in _PARTS:
            remedy = nearest(part, _PARTS)
            where = f"{context.dataset}.PPTESTCD"
            raise SpecError([Finding(Severity.ERROR, "spec.value", where, "no such parameter", part, remedy)])
    wanted = [(part, None) for part in codes if part != _AREA] + [(_AREA, end) for end in intervals if _AREA in codes]
    rows: list[tuple[str | None, ...]] = []
    parents: list[tuple[int, int]] = []
    for _, own in dataset.groupby(numbers, sort=False):
        samples = (_floats(time[own.index]), _floats(level[own.index]), below[own.index].tolist())
        found: dict[float, NcaProfile] = {}
        fault = None
        try:
            found = {end: nca_profile(*samples, end) for end in intervals}
        except ValueError as problem:
            fault = str(problem)
            remedy = "Query the laboratory; the parameters are missing."
            context.report(own, own.index[:1], "PCDTC", "sdtm.kinetics", fault, remedy=remedy)
        subject, group, analyte, specimen, unit, reference = (_text(own.iloc[0][c]) for c in _PROFILE)
        for part, end in wanted:
            code = _PARTS[part]
            profile = found.get(end if end is not None else intervals[0])
            value = profile.values[code] if profile else math.nan
            interval = ("P0D", f"P{end:g}D") if end is not None else (None, None)
            missing = math.isnan(value)
            reason = (profile.reasons.get(code) if profile else fault) if missing else None
            shown = None if missing else f"{value:.12g}"
            note = profile.flags.get(code) if profile else None
            parents += [(len(rows), int(rid)) for rid in own[RID]]
            unit_shown = None if missing else _unit(code, unit)
            rows.append(
                (subject, group, codes[part], analyte, shown, unit_shown, reason, specimen, reference, *interval, note)
            )
    made = pd.DataFrame(rows, columns=list(_WRITES), dtype="str")
    return NewRecords(made, pd.DataFrame(parents, columns=["position", "parent"]))


def _days(start: pd.Series, end: pd.Series) -> pd.Series:
    """Days from one ISO 8601 text to another; missing where one is no complete date."""
    clock = (start.str.len() >= 16).fillna(False) & (end.str.len() >= 16).fillna(False)
    moments = []
    for texts in (start, end):
        cut = texts.where(clock, texts.str[:10]).where((texts.str.len() >= 10).fillna(False))
        moments.append(pd.to_datetime(cut, format="ISO8601"))
    seconds = (moments[1] - moments[0]).dt.total_seconds()
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
