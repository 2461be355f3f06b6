"""What is wrong with one spec, each fault once, with the places of what is not made for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from datacut.errors import Finding, Location, Severity, nearest
from datacut.spec.document import Loc
from datacut.spec.plan import Locate


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that was bound and could not be made of the data at hand: where it stands, and what went wrong in it."""

    dataset: str
    loc: Loc
    what: str
    value: str
    remedy: str


@dataclass
class Faults:
    """Findings on one spec and, of each, the places that suffer; `where` gives file:line of a place."""

    where: Locate
    found: dict[Finding, tuple[Loc, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, where: Locate, failures: Iterable[Failure]) -> Faults:
        """Faults with those of calls that a build could not make, each as if it had not been bound."""
        faults = cls(where)
        for failure in failures:
            faults.add("spec.call.failed", failure.loc, ("derive",), failure.what, failure.value, failure.remedy)
        return faults

    @property
    def places(self) -> set[Loc]:
        return {loc for locs in self.found.values() for loc in locs}

    def named(self, loc: Loc, at: Loc, what: str, names: Iterable[str], known: Collection[str]) -> None:
        """A fault for each of `names` that is not known."""
        for name in names:
            if name not in known:
                self.unknown(loc, at, what, name, known)

    def unknown(self, loc: Loc, at: Loc, what: str, value: str, known: Iterable[str]) -> None:
        """A name that is not known; the remedy is the nearest that is."""
        self.add("spec.name", loc, at, what, value, nearest(value, known))

    def add(self, rule: str, loc: Loc, at: Loc, what: str, value: str, remedy: str, also: tuple[Loc, ...] = ()) -> None:
        """One finding for what stands at `at` under `loc`; the same fault met again, as in other blocks, is one.

        also: places that suffer from it too.
        """
        self.add_at(self.where((*loc, *at)), rule, loc, what, value, remedy, also)

    def add_at(
        self, place: Location, rule: str, loc: Loc, what: str, value: str, remedy: str, also: tuple[Loc, ...] = ()
    ) -> None:
        """One finding for what stands at `place`, in whatever file, and what stands at `loc` suffers from."""
        finding = Finding(Severity.ERROR, rule, place, what, value, remedy)
        self.found[finding] = tuple(dict.fromkeys((*self.found.get(finding, ()), loc, *also)))
