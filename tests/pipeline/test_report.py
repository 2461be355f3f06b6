"""What a build keeps to say again."""

import json
from pathlib import Path

from datacut.pipeline.report import Product, Summary, read_summary, write_summary


def test_a_summary_reads_back_and_one_of_another_version_is_none(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    assert read_summary(path) is None
    written = Summary("2026-03-02", "d", (Product("table", "t-1", "One", 3, "pages"),), 0, 1, 2, "all rules checked")
    write_summary(written, path)
    assert read_summary(path) == written
    older = json.loads(path.read_text(encoding="utf-8"))
    older["products"] = [{"kind": "table", "name": "t-1", "label": "One", "size": "3 pages"}]
    path.write_text(json.dumps(older), encoding="utf-8")
    assert read_summary(path) is None
