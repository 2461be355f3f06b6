"""What a build keeps to say again."""

import json
from pathlib import Path

from datacut.errors import Finding, Location, Severity, in_data, in_file
from datacut.pipeline.report import (
    Product,
    Summary,
    read_findings,
    read_places,
    read_summary,
    write_findings,
    write_summary,
)


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
    def said(where: Location, value: str) -> Finding:
        return Finding(Severity.WARNING, "sdtm.visit", where, "no such visit", value, "Did you mean Day 28?")

    write_findings(
        [
            said(in_file("raw/vs.csv", 3, "VISIT"), "Day 29"),
            said(in_data("LB", "VISIT", "S1|ALT"), "Day 30"),
            said(in_file("raw/lb.csv"), "Day 29"),
        ],
        tmp_path,
    )
    rest = ("no such visit", "Day 29", "Did you mean Day 28?")
    assert read_findings(tmp_path) == [
        ["warning", "sdtm.visit", "raw/vs.csv:3:VISIT", "2", *rest],
        ["warning", "sdtm.visit", "LB.VISIT:S1|ALT", "1", rest[0], "Day 30", rest[2]],
    ]
    places = (tmp_path / "findings_places.csv").read_text(encoding="utf-8")
    assert places.splitlines() == [
        "finding,where,file,row,column,dataset,variable,output,analysis,form,key",
        "1,raw/vs.csv:3:VISIT,raw/vs.csv,3,VISIT,,,,,,",
        "1,raw/lb.csv,raw/lb.csv,,,,,,,,",
        "2,LB.VISIT:S1|ALT,,,,LB,VISIT,,,,S1|ALT",
    ]
    assert [(place, line[5]) for place, line in read_places(tmp_path)] == [
        (in_file("raw/vs.csv", 3, "VISIT"), "Day 29"),
        (in_file("raw/lb.csv"), "Day 29"),
        (in_data("LB", "VISIT", "S1|ALT"), "Day 30"),
    ]
