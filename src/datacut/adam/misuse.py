"""A call that fits its signature but not its meaning (an unknown statistic, crossing windows): told once, here."""

from __future__ import annotations

from datacut.errors import Finding, Location, Severity, SpecError


def misuse(place: Location, what: str, value: str, remedy: str) -> SpecError:
    """The exception for a call that cannot be carried out; place is `DATASET.VARIABLE`."""
    return SpecError([Finding(Severity.ERROR, "adam.call", place, what, value, remedy)])
