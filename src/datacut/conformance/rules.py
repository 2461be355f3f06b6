"""Rules that a part nearer to the source has told already are not told again."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from datacut.errors import Finding, rule


def not_told(findings: Iterable[Finding], told: Collection[str]) -> list[Finding]:
    """The findings that no rule in `told` has told already, at a place nearer to the source."""
    return [f for f in findings if not set(rule(f.rule).told_by) & set(told)]
