"""Tasks: work that is a function of what it reads, done once for each content of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from datacut.cache.code import Code
from datacut.cache.content import digest_of, json_bytes, json_from
from datacut.cache.entries import Entries, Members
from datacut.cache.installed import environment

ENVIRONMENT = "Python and distributions"
"""The part of every key that is no part of a study or of this package."""
type Now = Callable[[str], str]
"""What a thing that a task was given is now, as a digest, by the name under which it was read."""


@dataclass(frozen=True)
class Done:
    """One task of a run: its name, what its key is over, part by part, the key, and whether an entry was taken.

    base: the key without what the task was given on the way.
    """

    name: str
    parts: Mapping[str, str]
    key: str
    base: str
    reused: bool


@dataclass
class Tasks:
    """The tasks of one run, in their order, and the entries they are kept in.

    code: digests of the code that tasks run; done: filled by the run, and so is copies: columns that are taken over as
    they are, by name, with what they are copies of.
    """

    entries: Entries
    code: Code
    done: list[Done] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)

    def make(
        self,
        name: str,
        parts: Mapping[str, str],
        work: Callable[[], tuple[Members, Iterable[str]]],
        now: Now = str,
    ) -> Members:
        """What the task makes: from its entry, if there is one for these parts and all it was given, else by work.

        parts: what it is known to read, by name, as digests, to which what it runs on is added; work: returns what it
        made, and names of what it was given on the way, which `now` turns into digests. Whichever way it comes, it is
        what an entry holds.
        """
        parts = {**parts, ENVIRONMENT: environment()}
        base = digest_of(parts)
        for reads in self._reads(base):
            given = {read: now(read) for read in reads}
            key = digest_of(base, given)
            made = self.entries.read(key)
            if made is not None:
                self.done.append(Done(name, {**parts, **given}, key, base, reused=True))
                return made
        made, found = work()
        given = {read: now(read) for read in sorted(set(found))}
        key = digest_of(base, given)
        self.entries.write(key, made)
        self._add_reads(base, sorted(given))
        self.done.append(Done(name, {**parts, **given}, key, base, reused=False))
        return made

    def _reads(self, base: str) -> list[list[str]]:
        """What earlier runs of a task with these parts were given, the latest first."""
        members = self.entries.read(base)
        known: list[list[str]] = [] if members is None else json_from(members["reads"])
        return known

    def _add_reads(self, base: str, reads: list[str]) -> None:
        known = self._reads(base)
        if reads not in known:
            self.entries.write(base, {"reads": json_bytes([reads, *known])})

    def apart(self) -> Tasks:
        """The same entries with tasks of its own done: for a worker, which gives these back with what it made."""
        return Tasks(self.entries, self.code)

    def forget(self) -> None:
        """Remove what this run has kept: it was made while an input changed, and nobody can tell of which."""
        for done in self.done:
            if not done.reused:
                self.entries.remove(done.key)
