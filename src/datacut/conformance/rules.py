"""Rules as data: `rules.yml` says what each rule is; a check only finds the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from datacut.errors import Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: id, how much it matters, what is wrong where it is broken, how it is mended, who asks for it."""

    id: str
    severity: Severity
    what: str
    remedy: str
    source: str

    def finding(self, where: str, value: str = "", detail: str = "") -> Finding:
        """The rule broken at a place; detail: more about this case."""
        what = f"{self.what}: {detail}" if detail else self.what
        return Finding(self.severity, self.id, where, what, value, self.remedy)


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by id."""
    text = files(__package__).joinpath("rules.yml").read_text(encoding="utf-8")
    return {
        id_: Rule(id_, Severity(r["severity"]), r["what"], r["remedy"], r["source"])
        for id_, r in yaml.safe_load(text).items()
    }


def rule(id_: str) -> Rule:
    """One rule; KeyError if there is none."""
    return all_rules()[id_]
