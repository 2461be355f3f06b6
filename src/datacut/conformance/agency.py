"""What each agency asks for: its limits, its rules, and how many of them are checked (`agencies.yml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class AgencyRule:
    """One rule of agencies: what it asks, where that stands, who asks, and what became of it.

    by: rules of ours that check it; written: how files are made so that it cannot be broken; not_applicable, missing: why
    it is not checked. One of the four is filled.
    """

    id: str
    what: str
    source: str
    agencies: tuple[str, ...]
    by: tuple[str, ...] = ()
    written: str = ""
    not_applicable: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """How many rules of an agency are known, checked (or kept by how files are written), and ids of those that are not."""

    agency: str
    known: int
    checked: int
    not_applicable: tuple[str, ...]
    missing: tuple[str, ...]

    def __str__(self) -> str:
        lacking = f"; missing {len(self.missing)}: {', '.join(self.missing)}" if self.missing else ""
        return (
            f"{self.checked} of {self.known} rules of {self.agency} checked, "
            f"{len(self.not_applicable)} not applicable{lacking}"
        )


@cache
def _file() -> dict[str, Any]:
    text = files(__package__).joinpath("agencies.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def limits(agency: str) -> Mapping[str, Any]:
    """The limits of one agency; KeyError if it has none."""
    found: Mapping[str, Any] = _file()["limits"][agency]
    return found


@cache
def agency_rules() -> tuple[AgencyRule, ...]:
    """Every rule of every agency, in the order of the file."""
    tuples = ("agencies", "by")
    return tuple(
        AgencyRule(id_, **{key: tuple(value) if key in tuples else value for key, value in told.items()})
        for id_, told in _file()["rules"].items()
    )


def profile_of(agency: str) -> Profile:
    """What became of the rules of one agency."""
    asked = [r for r in agency_rules() if agency in r.agencies]
    return Profile(
        agency,
        len(asked),
        sum(bool(r.by or r.written) for r in asked),
        tuple(r.id for r in asked if r.not_applicable),
        tuple(r.id for r in asked if r.missing),
    )
