"""Findings as bytes, and back: what a task tells is kept with what it makes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple

from datacut.cache.content import json_bytes
from datacut.errors import Finding, Location, Severity


def findings_bytes(findings: Iterable[Finding]) -> bytes:
    """Findings in their order, as JSON; ValueError of JSON for a text that is none."""
    return json_bytes([[*_told(f)] for f in findings])


def findings_from(data: bytes) -> list[Finding]:
    """The findings of `findings_bytes`."""
    return [
        Finding(Severity(severity), rule, Location(*where), what, value, remedy)
        for severity, rule, where, what, value, remedy in json.loads(data)
    ]


def _told(finding: Finding) -> tuple[object, ...]:
    where = astuple(finding.where)
    return (str(finding.severity), finding.rule, where, finding.what, finding.value, finding.remedy)
