"""Rules as data: `rules.yml` says what each rule is; a check only finds the places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from datacut.errors import Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: id, how much it matters, what is wrong where it is broken, how it is mended, who asks for it.

    told_by: rules that tell the same of the data, with the raw row.
    """

    id: str
    severity: Severity
    what: str
    remedy: str
    source: str
    told_by: tuple[str, ...] = ()

    def finding(self, where: str, value: str = "", detail: str = "") -> Finding:
        """The rule broken at a place; detail: more about this case."""
        what = f"{self.what}: {detail}" if detail else self.what
        return Finding(self.severity, self.id, where, what, value, self.remedy)


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by id."""
    text = files(__package__).joinpath("rules.yml").read_text(encoding="utf-8")
    return {
        id_: Rule(id_, Severity(r["severity"]), r["what"], r["remedy"], r["source"], tuple(r.get("told_by", ())))
        for id_, r in yaml.safe_load(text).items()
    }


def rule(id_: str) -> Rule:
    """One rule; KeyError if there is none."""
    return all_rules()[id_]


def not_told(findings: Iterable[Finding], told: Collection[str]) -> list[Finding]:
    """The findings that no rule in `told` has told already, at a place nearer to the source."""
    return [f for f in findings if not set(rule(f.rule).told_by) & set(told)]
