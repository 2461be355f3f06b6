"""The query workbook: one row a cell and rule, answers kept from cut to cut, nothing that a spreadsheet evaluates."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from datacut.errors import Finding, InputError, Location, Severity, in_data, in_file, in_spec
from datacut.pipeline.queries import HEADER, read_queries, update_queries
from datacut.pipeline.report import write_findings

STUDY = """
study: S1
title: A study
protocol: S1
standards: {sdtmig: "3.4", adamig: "1.3", ct: sdtmct-2022-09-30}
systems:
  edc:
    label: Data capture
    encoding: utf-8
    columns:
      SUBJID: {label: Subject, required: true}
      VISIT: {label: Visit}
      RECID: {label: Record number}
    subject: SUBJID
    visit: VISIT
    record: RECID
"""
FORM = """
form: vs
label: Vital signs
fields:
  TEMP: {label: Temperature, type: number}
"""


CELL = in_file("raw/2026-03-02/vs.csv", 2, "TEMP")


def finding(where: Location, value: str = "", rule: str = "raw.number") -> Finding:
    return Finding(Severity.WARNING, rule, where, "not a number", value, "Ask for the number.")


@pytest.fixture
def root(study) -> Path:
    return study({"study": STUDY, "crf/vs": FORM})


@pytest.fixture
def ask(root, tmp_path):
    def of(cut: str, rows: list[str], findings: list[Finding]) -> tuple[int, int, int]:
        """Queries of a cut with these rows of the form and these findings of its build."""
        raw, home = root / "raw" / cut, root / "build" / cut
        for folder in (raw, home):
            folder.mkdir(parents=True)
        (raw / "vs.csv").write_text("\n".join(["SUBJID,VISIT,RECID,TEMP", *rows, ""]), encoding="utf-8")
        write_findings(findings, home)
        return update_queries(root, cut, root / "build", tmp_path / "queries.xlsx")

    return of


def told(path: Path, *columns: str) -> list[tuple[object, ...]]:
    header, *rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [tuple(row[header.index(c)] for c in columns) for row in rows]


def test_a_finding_in_a_cell_is_a_query_of_its_subject_and_record(ask, tmp_path) -> None:
    rows = ["101,Day 1,7,36.5", "102,Day 1,8,warm", "103,Day 1,9,"]
    elsewhere = [in_data("ADVS", "AVAL", "S1|102"), in_spec("specs/crf/vs.yml", 4)]
    elsewhere += [in_file("raw/2026-03-02/vs.csv", 99, "TEMP"), in_file("raw/2026-03-02/vs.csv", 3)]
    asked = ask(
        "2026-03-02", rows, [finding(in_file("raw/2026-03-02/vs.csv", 3, "TEMP"), "warm"), *map(finding, elsewhere)]
    )
    assert asked == (1, 1, 0)
    columns = ("SUBJECT", "VISIT", "FORM", "FIELD", "RECORD", "VALUE", "QUESTION", "STATUS", "FOUND")
    assert told(tmp_path / "queries.xlsx", *columns) == [
        ("102", "Day 1", "Vital signs", "Temperature", "8", "warm", "Not a number. Ask for the number.", "OPEN", "Y")
    ]


def test_answers_stay_when_the_record_has_moved_and_what_is_gone_is_marked(ask, tmp_path) -> None:
    path = tmp_path / "queries.xlsx"
    first = [finding(in_file("raw/2026-03-02/vs.csv", n, "TEMP"), "warm") for n in (2, 3)]
    ask("2026-03-02", ["101,Day 1,7,warm", "102,Day 1,8,warm"], first)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet.cell(2, HEADER.index("STATUS") + 1).value = "ANSWERED"
    sheet.cell(2, HEADER.index("COMMENT") + 1).value = "No thermometer"
    sheet.cell(3, HEADER.index("STATUS") + 1).value = "CLOSED"
    book.save(path)
    rows = ["100,Day 1,6,hot", "101,Day 1,7,warm", "102,Day 1,8,36.6"]
    second = [finding(in_file("raw/2026-09-01/vs.csv", n, "TEMP"), v) for n, v in ((2, "hot"), (3, "warm"))]
    assert ask("2026-09-01", rows, second) == (2, 1, 1)
    columns = ("SUBJECT", "FOUND", "FIRST CUT", "LAST CUT", "STATUS", "COMMENT", "PLACE")
    assert told(path, *columns) == [
        ("100", "Y", "2026-09-01", "2026-09-01", "OPEN", None, "raw/2026-09-01/vs.csv:2:TEMP"),
        ("101", "Y", "2026-03-02", "2026-09-01", "ANSWERED", "No thermometer", "raw/2026-09-01/vs.csv:3:TEMP"),
        ("102", "N", "2026-03-02", "2026-03-02", "CLOSED", None, "raw/2026-03-02/vs.csv:3:TEMP"),
    ]


def test_two_findings_of_one_rule_at_one_cell_are_one_query_and_of_two_rules_two(ask) -> None:
    found = [finding(CELL, "warm"), finding(CELL, "warm"), finding(CELL, "warm", "raw.range")]
    assert ask("2026-03-02", ["101,Day 1,7,warm"], found) == (2, 2, 0)


def test_no_cell_is_a_formula(ask, tmp_path) -> None:
    ask("2026-03-02", ["101,Day 1,7,=1+1"], [finding(CELL, "=1+1")])
    sheet = load_workbook(tmp_path / "queries.xlsx").worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert "=1+1" in {cell.value for cell in cells}


def test_the_same_findings_give_the_same_bytes(ask, root, tmp_path) -> None:
    ask("2026-03-02", ["101,Day 1,7,warm"], [finding(CELL, "warm")])
    path = tmp_path / "queries.xlsx"
    once = path.read_bytes()
    assert update_queries(root, "2026-03-02", root / "build", path) == (1, 0, 0)
    assert path.read_bytes() == once


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: path.write_text("no workbook", encoding="utf-8"), "not a workbook that can be read"),
        (lambda path: Workbook().save(path), "no sheet Queries"),
    ],
)
def test_a_file_that_is_no_query_workbook_is_refused(tmp_path, make, what) -> None:
    path = tmp_path / "queries.xlsx"
    make(path)
    with pytest.raises(InputError, match=what):
        read_queries(path)


def test_a_column_that_was_taken_away_is_named(ask, tmp_path) -> None:
    ask("2026-03-02", ["101,Day 1,7,warm"], [finding(CELL, "warm")])
    path = tmp_path / "queries.xlsx"
    book = load_workbook(path)
    book.worksheets[0].delete_cols(HEADER.index("STATUS") + 1)
    book.save(path)
    with pytest.raises(InputError, match="has no column STATUS"):
        read_queries(path)


def test_without_a_build_there_is_nothing_to_ask(root, tmp_path) -> None:
    with pytest.raises(InputError, match="no build of this cut"):
        update_queries(root, "2026-03-02", root / "build", tmp_path / "queries.xlsx")
