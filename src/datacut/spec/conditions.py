"""Conditions and settings of one dataset spec, as far as they can be judged before data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from datacut.errors import nearest
from datacut.spec.bound import BoundCall
from datacut.spec.comparison import Holds, mismatches
from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import Loc
from datacut.spec.faults import Faults
from datacut.spec.plan import Catalogue
from datacut.spec.settings import unfit
from datacut.spec.where import Where, settings_of


@dataclass(frozen=True)
class Conditions:
    """Adds to `faults` what is wrong with settings and with what conditions compare."""

    spec: DatasetSpec
    catalogue: Catalogue
    faults: Faults

    def of_source(self, source: str) -> Mapping[str, Holds]:
        """What the columns of a source hold."""
        return self.catalogue.holds.get(source, {})

    @cached_property
    def of_frame(self) -> dict[str, Holds]:
        """What the columns of the frame hold: those its datasets agree on, then its own variables."""
        bases = [r.source for r in self.spec.records if r.derive is None and not r.source.startswith("raw.")]
        found: dict[str, set[Holds]] = {}
        for source in bases:
            for column, holds in self.of_source(source).items():
                found.setdefault(column, set()).add(holds)
        agreed = {column: next(iter(holds)) for column, holds in found.items() if len(holds) == 1}
        return agreed | dict(self.of_source(self.spec.dataset))

    def check(self, conditions: Iterable[Where | None], held: Mapping[str, Holds], loc: Loc, at: Loc) -> None:
        """Settings that are not there, and comparisons that cannot be made, such as a number with a text."""
        for condition in conditions:
            if condition is None:
                continue
            self.settings(settings_of(condition), loc, at)
            for found in mismatches(condition, held, self.catalogue.settings):
                self.faults.add("spec.condition", loc, at, found.what, found.value, found.remedy)

    def settings(self, names: Iterable[str], loc: Loc, at: Loc) -> None:
        """Settings that are not there."""
        for name in names:
            if name not in self.catalogue.settings:
                remedy = nearest(name, self.catalogue.settings)
                self.faults.add("spec.name", loc, at, "no such setting", f"${name}", remedy)

    def arguments(self, bound: BoundCall, loc: Loc) -> None:
        """Settings that are not there, and those whose value is none that the call takes, told at their own line."""
        self.settings(bound.settings, loc, ("derive",))
        for name, takes in bound.uses:
            needs = unfit(self.catalogue.settings[name], takes) if name in self.catalogue.settings else None
            if needs is not None:
                place, value = self.catalogue.setting_at(name), str(self.catalogue.settings[name])
                what = f"{bound.verb.name} of {self.spec.dataset} takes {needs} for {name}"
                self.faults.add_at(place, "spec.setting", loc, what, value, f"Write {needs}.")
