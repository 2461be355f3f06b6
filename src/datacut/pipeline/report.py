"""What a build tells: findings and accounting as CSV, and the summary that the closing table prints."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from datacut.errors import Finding

if TYPE_CHECKING:  # a build that is up to date must not wait for pandas
    from datacut.datasets.execute import BlockCount


@dataclass(frozen=True)
class Product:
    """One dataset or output of a build: kind (`SDTM`, `ADaM`, `table`, ...), name, what it is, its size in words."""

    kind: str
    name: str
    label: str
    size: str


@dataclass(frozen=True)
class Summary:
    """What a build made; kept in its folder, so that a build that is up to date can say it again."""

    cut: str
    digest: str
    products: tuple[Product, ...]
    errors: int
    warnings: int
    notes: int


def write_summary(summary: Summary, path: Path) -> None:
    path.write_text(json.dumps(asdict(summary), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_summary(path: Path) -> Summary | None:
    """The summary in a build's folder; None if there is none."""
    if not path.is_file():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    products = tuple(Product(**p) for p in data.pop("products"))
    return Summary(products=products, **data)


def write_findings(findings: Iterable[Finding], path: Path) -> None:
    """One line a finding, in the order of the stages."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["severity", "rule", "where", "what", "value", "remedy"])
        for f in findings:
            writer.writerow([f.severity, f.rule, f.where, f.what, f.value, f.remedy])


def read_findings(path: Path) -> list[list[str]]:
    """The lines of a findings file, without the header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def write_accounting(counts: Iterable[BlockCount], path: Path) -> None:
    """One line a record block: rows of its source, taken, left out by reason, not selected."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["dataset", "source", "block", "rows", "taken", "excluded", "reason", "not_selected"])
        for c in counts:
            reasons = "; ".join(f"{reason}: {n}" for reason, n in c.excluded.items())
            excluded = sum(c.excluded.values())
            writer.writerow([c.dataset, c.source, c.block, c.rows, c.taken, excluded, reasons, c.not_selected])
