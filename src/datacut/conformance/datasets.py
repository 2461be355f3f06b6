"""Our own rules over finished SDTM and ADaM datasets. They find, and change nothing."""

from __future__ import annotations

import datacut.conformance.adam_dates
import datacut.conformance.adam_structure
import datacut.conformance.adam_values
import datacut.conformance.patterns
import datacut.conformance.sdtm_facts
import datacut.conformance.sdtm_relations
import datacut.conformance.sdtm_structure
import datacut.conformance.sdtm_timing
import datacut.conformance.sdtm_trial
import datacut.conformance.terminology
import datacut.conformance.transport  # noqa: F401
from datacut.conformance.package import CHECKS, Package
from datacut.errors import Finding, all_rules


def check_datasets(package: Package) -> list[Finding]:
    """Every finding of every rule that has a check."""
    found: list[Finding] = []
    for rule in all_rules().values():
        if rule.check is not None:
            found += CHECKS[rule.check](package, rule)
    return found
