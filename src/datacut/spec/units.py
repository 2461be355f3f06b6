"""`units.yml`: the standard unit of each test and how collected units become it."""

from __future__ import annotations

from pydantic import Field

from datacut.spec.model import Model


class TestUnits(Model):
    """Units of one test: `standard` is what --STRESU holds; factors: collected unit -> multiplier to the standard.

    digits: decimals of the standard result; source: where the factors come from.
    """

    standard: str
    factors: dict[str, float] = Field(default_factory=dict)
    digits: int | None = None
    source: str = ""


class Units(Model):
    """The whole of `units.yml`.

    spellings: as collected -> submission unit; tests: by test code; texts: results in words that stand as they are
    (`BLQ`).
    """

    texts: tuple[str, ...] = ()
    spellings: dict[str, str] = Field(default_factory=dict)
    tests: dict[str, TestUnits] = Field(default_factory=dict)
