"""ADSL.DLTEVLFL from DM, EX, DS, SV, AE and VS, and from ADPC, ADAE and ADSL.CKFL, which the method names."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
from tests.e2e.define_alone.define import Define, part, quoted, read
from tests.e2e.define_alone.reading import (
    Load,
    Span,
    Truth,
    Values,
    all_of,
    any_of,
    days_after,
    exact,
    known,
    least,
    missing,
    negated,
    span,
    to_yn,
)


@dataclass(frozen=True)
class _Rule:
    """The numbers and words of the method."""

    window: int
    observed: int
    fraction: Fraction
    product: str
    kinetics: str
    fold: float
    fold_open: float
    related_grade: float
    pending_grade: float
    lost: list[str]
    stage: str
    early: bool
    doses: list[Fraction]
    factor: Fraction


def derive(load: Load, define: Define) -> Values:
    rule = _rule(define)
    flags = {r.USUBJID: known(r.CKFL) for r in load("ADSL").itertuples()}
    names = ("EX", "DS", "SV", "AE", "VS", "ADPC", "ADAE")
    found = {}
    for about in load("DM").itertuples():
        own = {n: load(n).loc[load(n)["USUBJID"] == about.USUBJID] for n in names}
        found[about.USUBJID,] = to_yn(_evaluable(about, own, flags[about.USUBJID], rule))
    return {"DLTEVLFL": found}


def recorded(load: Load) -> Values:
    return {"DLTEVLFL": {(r.USUBJID,): known(r.DLTEVLFL) for r in load("ADSL").itertuples()}}


def _rule(define: Define) -> _Rule:
    method = define.method("ADSL", "DLTEVLFL")
    return _Rule(
        window=read(part(method, "EOSAFT"), r"at least (\d+) days after", int),
        observed=read(define.method("ADSL", "DLTOBSFL"), r"at least (\d+) days after", int),
        fraction=read(method, r"DOSE01A is at least (\d+(?:\.\d+)?) of DOSE01P", Fraction),
        product=read(part(method, "TRTSDC"), r'EXTRT = "([^"]+)"', str),
        kinetics=read(part(method, "EXPSEEN"), r'PARAMCD = "([^"]+)"', str),
        fold=read(part(method, "EXPSEEN"), r"FOLDLLOQ >= (\d+(?:\.\d+)?)", float),
        fold_open=read(part(method, "EXPOPEN"), r"FOLDLLOQ >= (\d+(?:\.\d+)?)", float),
        related_grade=read(part(method, "RELHIGH"), r"ATOXGRN >= (\d+)", float),
        pending_grade=read(part(method, "PENDHIGH"), r"ATOXGRN >= (\d+)", float),
        lost=quoted(read(part(method, "LOST"), r"\[EOS\] in \(([^)]*)\)", str)),
        stage=read(part(method, "NEVER"), r'COHORT != "([^"]+)"', str),
        early="or early completion:" in part(method, "EVALFL"),
        doses=_numbers(read(define.method("ADSL", "DOSE01P"), r"Rule: Of (.*?), the one at place", str)),
        factor=read(define.method("ADSL", "DOSE01A"), r"\[CELLS\] times (\d+(?:\.\d+)?)", Fraction),
    )


def _numbers(text: str) -> list[Fraction]:
    return [Fraction(n) for n in text.replace(" and ", ", ").split(", ")]


def _evaluable(about: Any, own: dict[str, pd.DataFrame], sampled: str | None, rule: _Rule) -> Truth:
    bags = own["EX"].loc[own["EX"]["EXTRT"] == rule.product]
    infused = bags.loc[(bags["EXDOSE"] > 0) | bags["EXDOSE"].isna()]
    stage, _, level = (known(about.ARMCD) or "").partition("-DL")
    if infused.empty or stage != rule.stage:
        return False
    start = least([span(t) for t in infused["EXSTDTC"]])
    enough = _enough([exact(d) for d in bags["EXDOSE"]], level, rule)
    events = own["ADAE"]
    # A condition over records: true where one has it, unknown where one may, else false, also without records.
    toxic = any_of(*(_is_y(f) for f in events["AEDLTFL"]))
    seen = any_of(*(days_after(span(t), start, rule.observed) for t in _contacts(own)))
    end, end_date = _end_of_study(own["DS"])
    died = known(about.DTHFL) == "Y"
    whole = any_of(toxic, all_of(enough, seen))
    if rule.early:
        left = any_of(
            all_of(end is not None, negated(days_after(end_date, start, rule.window))),
            all_of(died, negated(days_after(span(about.DTHDTC), start, rule.window))),
        )
        lost = end in rule.lost or (end is None and died)
        related, pending = (events.loc[events["TRTEMFL"].eq("Y") & events[f].eq("Y")] for f in ("RELFL", "PENDFL"))
        no_related = negated(any_of(*(_reaches(g, rule.related_grade) for g in related["ATOXGRN"])))
        none_pending = negated(any_of(*(_reaches(g, rule.pending_grade) for g in pending["ATOXGRN"])))
        whole = any_of(whole, all_of(left, not lost, _flat(own["ADPC"], sampled, rule), no_related, none_pending))
    # Not yet known: on study, not observed to the end of the window, the dose not surely below its part.
    waits = end is None and not died and seen is False and enough is not False and whole is not True
    return None if waits else whole


def _enough(cells: list[Fraction | None], level: str, rule: _Rule) -> Truth:
    if None in cells or not level.isdigit():
        return None
    given = rule.factor * sum((c for c in cells if c is not None), Fraction(0))
    return given >= rule.fraction * rule.doses[int(level) - 1]


def _contacts(own: dict[str, pd.DataFrame]) -> list[Any]:
    visits = own["SV"].loc[own["SV"]["SVOCCUR"].ne("N")]
    signs = own["VS"].loc[own["VS"]["VSSTRESC"].notna()]
    columns = [visits["SVSTDTC"], visits["SVENDTC"], own["AE"]["AESTDTC"], own["AE"]["AEENDTC"], signs["VSDTC"]]
    return [t for c in columns for t in c if not missing(t)]


def _end_of_study(disposition: pd.DataFrame) -> tuple[str | None, Span | None]:
    """[EOS] and [EOSDTC]: how and when participation ended, by the last such record of DS."""
    own = disposition.loc[
        disposition["DSCAT"].eq("DISPOSITION EVENT") & disposition["DSSCAT"].eq("STUDY PARTICIPATION")
    ]
    if own.empty:
        return None, None
    last = own.sort_values(["DSSTDTC", "DSSEQ"], kind="stable", na_position="last").iloc[-1]
    return known(last["DSDECOD"]), span(last["DSSTDTC"])


def _flat(kinetics: pd.DataFrame, sampled: str | None, rule: _Rule) -> Truth:
    """[FLAT]: the cells did not expand; known where sampled and no sample leaves it open."""
    own = kinetics.loc[kinetics["PARAMCD"] == rule.kinetics]
    after = own["ARELTM"] > 0
    if (after & own["BLQFL"].isna() & (own["FOLDLLOQ"] >= rule.fold)).any():
        return False
    undated = own["ARELTM"].isna()
    doubt = own["AVALRSN"].notna() | own["ALQFL"].eq("Y") | (undated & (own["FOLDLLOQ"] >= rule.fold_open))
    return True if sampled == "Y" and not ((after | undated) & doubt).any() else None


def _is_y(flag: Any) -> Truth:
    return None if missing(flag) else flag == "Y"


def _reaches(grade: Any, least_grade: float) -> Truth:
    return None if missing(grade) else bool(grade >= least_grade)
