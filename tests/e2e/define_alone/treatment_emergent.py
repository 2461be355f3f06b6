"""ADAE.TRTEMFL from AE and ADSL."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.e2e.define_alone.define import Define, read
from tests.e2e.define_alone.reading import Load, Span, Values, known, moment, span


def derive(load: Load, define: Define) -> Values:
    method = define.method("ADAE", "TRTEMFL")
    window = read(method, r"not later than (\d+) days after \[DAY0\]", int)
    which = read(define.method("ADAE", "ASTDT"), r"an unknown day or month is the (first|last) possible one", str)
    subjects = load("ADSL").set_index("USUBJID")
    found = {}
    for event in load("AE").itertuples():
        about = subjects.loc[event.USUBJID]
        found[event.USUBJID, event.AESEQ] = _flag(event, about, window, which)
    return {"TRTEMFL": found}


def recorded(load: Load) -> Values:
    return {"TRTEMFL": {(r.USUBJID, r.AESEQ): known(r.TRTEMFL) for r in load("ADAE").itertuples()}}


def _flag(event: Any, about: Any, window: int, which: str) -> str | None:
    begun, day0 = known(about.TESDT), known(about.TRTSDT) or known(about.TESDT)
    if begun is None:
        return None
    start = _start(span(event.AESTDTC), span(event.AEENDTC), begun, which)
    if start is None:
        end = _end(span(event.AEENDTC), known(about.FUPEDT))
        return None if end is not None and end < begun else "Y"
    time, reference = moment(event.AESTDTC), known(about.TESDTM)
    before = start == begun and time is not None and reference is not None and time < reference
    return "Y" if begun <= start and (start - day0).days <= window and not before else None


def _start(possible: Span | None, end: Span | None, begun: date, which: str) -> date | None:
    """ASTDT: not before the start of treatment where it can be later, not after the last possible end."""
    if possible is None or possible[0] == possible[1]:
        return possible[0] if possible else None
    first, last = possible
    chosen = max(first if which == "first" else last, min(begun, last))
    return max(min(chosen, end[1]), first) if end else chosen


def _end(possible: Span | None, followed: date | None) -> date | None:
    """AENDT of an event without a start: the last possible day, not after the end of follow-up where it can be."""
    if possible is None:
        return None
    first, last = possible
    return followed if followed is not None and first <= followed < last else last
