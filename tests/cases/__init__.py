"""Partial data, one row a case: what is known, the question, the answer worked by hand from the definition, and why."""

import csv
from pathlib import Path

COLUMNS = ["id", "item", "input", "question", "answer", "reasoning"]


def read_cases(area: str) -> list[dict[str, str]]:
    """The rows of `<area>.csv` beside this file, in order."""
    with Path(__file__).with_name(f"{area}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert rows, f"{area}.csv has no case"
    assert list(rows[0]) == COLUMNS, f"{area}.csv has the columns {list(rows[0])}"
    assert len({row["id"] for row in rows}) == len(rows), f"{area}.csv names a case twice"
    return rows
