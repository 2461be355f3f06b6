"""`units.yml`: the standard unit of each test, how collected units become it, and results in words."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from datacut.compute.result_text import fold_result
from datacut.compute.units import normalise_unit, unit_factor, unit_offset
from datacut.spec.model import Model
from datacut.spec.study import Term

type ResultWord = Annotated[Term, BeforeValidator(lambda v: {"value": v} if isinstance(v, str) else v)]

_AGREES = 0.005


class TestUnits(Model):
    """Units of one test: `standard` is what --STRESU holds.

    units: other units its results may have, whose factor follows from the units alone or with `molar_mass` (g/mol), or
    that are temperatures like the standard; factors: collected unit -> multiplier to the standard, where it does not;
    no factor makes one temperature scale of another. Other units are findings. digits: decimals of the standard
    result; texts: results in words of this test, before those of all tests; source: where the factors or the molar mass
    come from.
    """

    standard: str
    units: tuple[str, ...] = ()
    factors: dict[str, float] = Field(default_factory=dict)
    molar_mass: Decimal | None = None
    digits: int | None = None
    texts: tuple[ResultWord, ...] = ()
    source: str = ""

    @model_validator(mode="after")
    def _factors_follow(self) -> TestUnits:
        for unit in self.units:
            if self.computed(unit) is None and self.offset(unit) is None:
                raise ValueError(f"no factor from {unit} to {self.standard} follows from the units; give it in factors")
        for unit, factor in self.factors.items():
            found = self.computed(unit)
            if self.offset(unit) is not None and normalise_unit(unit) != normalise_unit(self.standard):
                what = f"{unit} and {self.standard} have different zeros, so no factor converts a reading"
                raise ValueError(f"{what}; name {unit} in units")
            if factor <= 0:
                raise ValueError(f"the factor of {unit} must be above 0")
            if found is not None and abs(factor / found - 1) > _AGREES:
                raise ValueError(f"the factor of {unit} to {self.standard} is given as {factor:g}, but is {found:g}")
        return self

    def computed(self, unit: str) -> float | None:
        """The factor that follows from the units and the molar mass."""
        return unit_factor(normalise_unit(unit), normalise_unit(self.standard), self.molar_mass)

    def offset(self, unit: str) -> tuple[float, float] | None:
        """Factor and what is added after it, between temperatures."""
        return unit_offset(normalise_unit(unit), normalise_unit(self.standard))

    @cached_property
    def conversions(self) -> dict[str, tuple[float, float]]:
        """Factor to the standard unit and what is added after it, by normalised unit."""
        scales = {normalise_unit(u): found for u in self.units if (found := self.offset(u)) is not None}
        return {unit: (factor, 0.0) for unit, factor in self.multipliers.items()} | scales

    @cached_property
    def multipliers(self) -> dict[str, float]:
        """Multiplier to the standard unit by normalised unit; the standard unit itself has 1. No temperatures."""
        computed = {normalise_unit(u): found for u in self.units if (found := self.computed(u)) is not None}
        given = {normalise_unit(u): factor for u, factor in self.factors.items()}
        return {**computed, **given, normalise_unit(self.standard): 1.0}


class Units(Model):
    """The whole of `units.yml`.

    texts: results in words that may stand, as a codelist: standard result and the spellings in which it is collected (a
    plain text is both); below: those that say below the limit of quantification; spellings: unit as collected -> unit
    as a test knows it; tests: by test code.
    """

    texts: tuple[ResultWord, ...] = ()
    below: tuple[str, ...] = ()
    spellings: dict[str, str] = Field(default_factory=dict)
    tests: dict[str, TestUnits] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_meaning(self) -> Units:
        for words in (self.texts, *(t.texts for t in self.tests.values())):
            meant: dict[str, str] = {}
            for word in words:
                for spelling in (word.value, *word.collected):
                    if meant.setdefault(fold_result(spelling), word.value) != word.value:
                        raise ValueError(f"{spelling} stands for two results in texts")
        known = {word.value for words in (self.texts, *(t.texts for t in self.tests.values())) for word in words}
        for text in self.below:
            if text not in known:
                raise ValueError(f"{text} in below is none of the results in texts")
        return self

    def words(self, test: str) -> dict[str, str]:
        """Every spelling of a result in words (as `fold_result` writes it) to the standard result, for one test."""
        own = self.tests[test].texts if test in self.tests else ()
        return {fold_result(s): w.value for w in (*self.texts, *own) for s in (w.value, *w.collected)}

    def conversion(self, test: str, unit: str) -> tuple[float, float] | None:
        """Factor from a unit in any spelling to the standard unit of a test, and what is added after it; None where it
        has no such unit."""
        item = self.tests.get(test)
        return item.conversions.get(normalise_unit(self.spellings.get(unit, unit))) if item is not None else None
