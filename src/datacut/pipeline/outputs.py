"""Every output of a build: results, then pages, then files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from datacut.datasets.model import Dataset
from datacut.errors import Findings
from datacut.pipeline.report import Product
from datacut.spec.load import Specs
from datacut.spec.registry import Registry


def write_outputs(
    specs: Specs, registry: Registry, adam: Mapping[str, Dataset], cut: str, folder: Path, findings: Findings
) -> list[Product]:
    return []
