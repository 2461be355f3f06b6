"""Rules as data: the `*rules*.yml` beside this say what each rule is; a check only finds the places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from datacut.errors import Finding, Location, Severity

FILES = ("rules.yml", "rules_files.yml", "rules_sdtm.yml", "rules_adam.yml", "rules_outputs.yml")
ATTRIBUTES = ("severity", "what", "remedy", "source", "check", "check_results", "told_by", "winner")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: id, how much it matters, what is wrong where it is broken, how it is mended, who asks for it.

    check, check_results: the check of finished datasets, or of results, that finds the places, none if another part of
    datacut does; winner: which of facts that contradict each other the analyses take; told_by: rules that tell the same
    of the data, with the raw row; data: what the check is applied to.
    """

    id: str
    severity: Severity
    what: str
    remedy: str
    source: str
    check: str | None = None
    check_results: str | None = None
    told_by: tuple[str, ...] = ()
    winner: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def finding(self, where: Location, value: str = "", detail: str = "") -> Finding:
        """The rule broken at a place; detail: more about this case."""
        what = f"{self.what}: {detail}" if detail else self.what
        return Finding(self.severity, self.id, where, what, value, f"{self.remedy} {self.winner}".strip())


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by id, in the order of the files."""
    found: dict[str, Rule] = {}
    for name in FILES:
        text = files(__package__).joinpath(name).read_text(encoding="utf-8")
        for id_, told in yaml.load(text, Loader=yaml.CSafeLoader).items():
            data = {key: value for key, value in told.items() if key not in ATTRIBUTES}
            found[id_] = Rule(
                id_,
                Severity(told["severity"]),
                told["what"],
                told["remedy"],
                told["source"],
                told.get("check"),
                told.get("check_results"),
                tuple(told.get("told_by", ())),
                told.get("winner", ""),
                data,
            )
    return found


def rule(id_: str) -> Rule:
    """One rule; KeyError if there is none."""
    return all_rules()[id_]


def not_told(findings: Iterable[Finding], told: Collection[str]) -> list[Finding]:
    """The findings that no rule in `told` has told already, at a place nearer to the source."""
    return [f for f in findings if not set(rule(f.rule).told_by) & set(told)]
