"""Workbooks and SAS files are read like CSV: the same text, rows named by sheet row or record."""

from datetime import date

import pandas as pd
import pyreadstat
import pytest
from openpyxl import Workbook

from datacut.errors import Findings
from datacut.raw.read import read_export
from datacut.spec.load import load_specs

SPECS = {
    "study": """
        study: S1
        title: A study
        protocol: S1
        standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
        systems:
          edc:
            label: Data capture
            encoding: utf-8
            subject: SUBJID
            site: SITEID
            columns:
              SUBJID: {label: Subject, required: true}
              SITEID: {label: Site}
        """,
    "crf/ae": """
        form: ae
        label: Adverse events of any severity and cause
        keys: [SUBJID, AETERM]
        fields:
          AETERM: {label: Event, required: true}
          AESTDAT: {label: Start, type: date, format: d-mmm-y}
          AETOXGR: {label: Grade, type: integer}
        """,
}
SHEET = "Adverse events of any severity"
"""The label cut at 31 characters, the blank at its end gone."""
HEADER = ["SUBJID", "SITEID", "AETERM", "AESTDAT", "AETOXGR"]
LABELS = ["Subject", "Site", "Event", "Start", "Grade"]


@pytest.fixture
def read(study, tmp_path):
    specs = load_specs(study(SPECS))
    folder = tmp_path / "export"
    folder.mkdir()

    def of(rows=None, sheet=SHEET, **others):
        """The form and the findings as (rule, where, value) of a workbook with these rows."""
        if rows is not None:
            book = Workbook()
            book.active.title = sheet
            for row in rows:
                book.active.append(row)
            for name in others.get("more", ()):
                book.create_sheet(name)
            book.save(folder / "edc.xlsx")
        for name, data in others.get("files", {}).items():
            folder.joinpath(name).write_bytes(data)
        findings = Findings()
        frame = read_export(folder, specs, findings, "raw/c1")["raw.ae"]
        return frame, [(f.rule, str(f.where), f.value) for f in findings]

    return of, folder


def texts(frame):
    columns = [*HEADER, "_row"]
    return frame[columns].astype("object").where(frame[columns].notna(), None).values.tolist()


def test_a_sheet_holds_dates_numbers_and_text(read):
    of, _ = read
    frame, found = of(
        [
            HEADER,
            LABELS,
            ["001", "101", "NA", date(2026, 2, 5), 2],
            ["001", "101", "Fever", "UN-FEB-2026", "2"],
            ["002", "101", "Cough", None, 3.0],
        ]
    )
    assert found == []
    assert texts(frame) == [
        ["001", "101", "NA", "05-FEB-2026", "2", 3],
        ["001", "101", "Fever", "UN-FEB-2026", "2", 4],
        ["002", "101", "Cough", None, "3", 5],
    ]
    assert set(frame["_file"]) == {f"raw/c1/edc.xlsx/{SHEET}"}


def test_a_second_row_of_data_is_no_row_of_labels_and_an_empty_row_is_none(read):
    of, _ = read
    frame, found = of([HEADER, ["001", "101", "Event", None, 1], [None] * 5, ["002", "101", "Cough", None, 1]])
    assert (found, [r[-1] for r in texts(frame)]) == ([], [2, 4])


def test_a_number_for_a_subject_is_the_number(read):
    of, _ = read
    frame, _ = of([HEADER, LABELS, [1, 101, "Fever", None, 1]])
    assert texts(frame) == [["1", "101", "Fever", None, "1", 3]]


def test_a_formula_without_a_value_is_told(read):
    of, _ = read
    frame, found = of([HEADER, LABELS, ["001", "101", "Fever", None, "=1+1"]])
    assert found == [("raw.formula", f"raw/c1/edc.xlsx/{SHEET}:3:AETOXGR", "=1+1")]
    assert texts(frame) == [["001", "101", "Fever", None, None, 3]]


def test_places_in_a_sheet(read):
    of, _ = read
    rows = [["SUBJID", "SITEID", "AETRM", "AESTDAT", "AETOXGR"], LABELS, [None, "101", "A", None, 1]]
    assert of(rows)[1] == [
        ("raw.column.misspelt", f"raw/c1/edc.xlsx/{SHEET}:1:AETRM", "AETRM"),
        ("raw.required", f"raw/c1/edc.xlsx/{SHEET}:3:SUBJID", ""),
    ]


def test_a_sheet_that_no_form_describes_and_a_form_without_a_sheet(read):
    of, _ = read
    assert of([HEADER], sheet="Adverse event")[1] == [
        ("raw.form.missing", f"raw/c1/edc.xlsx/{SHEET}", "ae.csv"),
        ("raw.form.unknown", "raw/c1/edc.xlsx/Adverse event", "edc.xlsx/Adverse event"),
    ]


def test_a_form_in_two_files_is_told_and_its_own_file_is_used(read):
    of, _ = read
    csv = b"SUBJID,SITEID,AETERM,AESTDAT,AETOXGR\n001,101,Rash,,1\n"
    frame, found = of([HEADER, LABELS, ["001", "101", "Fever", None, 1]], files={"ae.csv": csv})
    assert found == [("raw.form.twice", f"raw/c1/edc.xlsx/{SHEET}", f"edc.xlsx/{SHEET}")]
    assert texts(frame) == [["001", "101", "Rash", None, "1", 2]]


def test_what_is_no_workbook(read):
    of, _ = read
    found = of(files={"edc.xlsx": b"SUBJID,AETERM"})[1]
    assert [f[:2] for f in found] == [("raw.xlsx", "raw/c1/edc.xlsx"), ("raw.form.missing", "raw/c1/ae.csv")]


def test_a_transport_file(read):
    of, folder = read
    frame = pd.DataFrame(
        {
            "SUBJID": ["001", "002"],
            "SITEID": ["101", "101"],
            "AETERM": ["Fever", "发热"],
            "AESTDAT": [date(2026, 2, 5), None],
            "AETOXGR": [2.0, None],
        }
    )
    pyreadstat.write_xport(frame, str(folder / "ae.xpt"), table_name="AE", file_format_version=5)
    made, found = of()
    assert found == []
    assert texts(made) == [
        ["001", "101", "Fever", "05-FEB-2026", "2", 1],
        ["002", "101", "发热", None, None, 2],
    ]
    assert set(made["_file"]) == {"raw/c1/ae.xpt"}


@pytest.mark.parametrize("name", ["ae.xpt", "ae.sas7bdat"])
def test_what_is_no_sas_file(read, name):
    of, _ = read
    frame, found = of(files={name: b"SUBJID,AETERM"})
    assert [f[:2] for f in found] == [("raw.sas", f"raw/c1/{name}")]
    assert len(frame) == 0


def test_a_row_at_another_site_than_the_subject_is_told(read):
    of, _ = read
    rows = [["001", "101", "A", None, 1], ["001", "102", "B", None, 1], ["001", "101", "C", None, 1]]
    found = of([HEADER, LABELS, *rows, ["002", "102", "D", None, 1]])[1]
    assert found == [("raw.site", f"raw/c1/edc.xlsx/{SHEET}:4:SITEID", "102")]
