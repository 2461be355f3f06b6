"""What a build keeps to say again."""

import json
from pathlib import Path

from datacut.errors import Finding, Severity
from datacut.pipeline.report import Product, Summary, read_findings, read_summary, write_findings, write_summary


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


def test_what_is_said_of_several_places_is_one_line(tmp_path: Path) -> None:
    def said(where: str, value: str) -> Finding:
        return Finding(Severity.WARNING, "raw.visit", where, "no such visit", value, "Did you mean Day 28?")

    write_findings(
        [said("raw/vs.csv:3", "Day 29"), said("raw/lb.csv:9", "Day 30"), said("raw/lb.csv:4", "Day 29")], tmp_path
    )
    rest = ("no such visit", "Day 29", "Did you mean Day 28?")
    assert read_findings(tmp_path) == [
        ["warning", "raw.visit", "raw/vs.csv:3", "2", *rest],
        ["warning", "raw.visit", "raw/lb.csv:9", "1", rest[0], "Day 30", rest[2]],
    ]
    places = (tmp_path / "findings_places.csv").read_text(encoding="utf-8")
    assert places.splitlines() == ["finding,where", "1,raw/vs.csv:3", "1,raw/lb.csv:4", "2,raw/lb.csv:9"]
