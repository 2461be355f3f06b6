"""The methods of the engine, for a registry."""

from __future__ import annotations

from datacut.ard import (
    count_subjects,
    count_subjects_events,
    geometric,
    hierarchical,
    proportion_exact,
    summary,
    tabulate,
    total_n,
    values,
)
from datacut.spec.registry import Registry

METHODS = (
    total_n,
    count_subjects,
    count_subjects_events,
    tabulate,
    summary,
    geometric,
    proportion_exact,
    hierarchical,
    values,
)


def add_methods(registry: Registry) -> Registry:
    """`registry` with every `ard_` verb of the engine."""
    for module in METHODS:
        registry.add_module(module)
    return registry
