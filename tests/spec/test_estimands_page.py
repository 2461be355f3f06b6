"""The page on estimands prints the table of the study."""

from __future__ import annotations

from pathlib import Path

from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]


def test_the_page_prints_the_table() -> None:
    table = load_specs(ROOT).study.tables["estimands"]
    rows = ["| " + " | ".join(row.get(column, "") for column in table.columns) + " |" for row in table.rows]
    page = (ROOT / "docs" / "how-to" / "estimands.md").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 54
    assert [line for line in page if line.startswith("| ")][2:] == rows
