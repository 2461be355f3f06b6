"""One export folder to text frames; every misfit is a finding with its place."""

import gzip

import pandas as pd
import pytest

from datacut.errors import Findings, InputError
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
            columns:
              SUBJID: {label: Subject, required: true}
          lab:
            label: Laboratory
            delimiter: ";"
            missing: ["-", n/a]
            columns:
              PATNO: {label: Patient}
        """,
    "crf/ae": """
        form: ae
        label: Adverse events
        keys: [SUBJID, AESPID]
        fields:
          AESPID: {label: Number}
          AETERM: {label: Event, required: true}
        """,
    "crf/lab": """
        form: lab
        label: Laboratory
        system: lab
        optional: true
        fields:
          RESULT: {label: Result}
        """,
}


@pytest.fixture
def read(study, tmp_path):
    specs = load_specs(study(SPECS))

    def of(**files):
        """Frames of an export with these files (`ae=` is ae.csv), and the findings as (rule, where, value)."""
        folder = tmp_path / "export"
        folder.mkdir()
        for name, data in files.items():
            (folder / f"{name}.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
        findings = Findings()
        frames = read_export(folder, specs, findings, "raw/c1")
        return frames, [(f.rule, str(f.where), f.value) for f in findings]

    return of


def rows(frame):
    columns = [c for c in frame.columns if c != "_file"]
    return frame[columns].astype("object").where(frame[columns].notna(), None).values.tolist()


def test_a_form_is_text_with_the_lines_of_its_rows(read):
    frames, found = read(ae="SUBJID,AESPID,AETERM\n101,007,NA\n102,1e3, Fever\n")
    assert found == []
    ae = frames["raw.ae"]
    assert rows(ae) == [["101", "007", "NA", 2, 2], ["102", "1e3", " Fever", 3, 3]]
    assert ae["_file"].tolist() == ["raw/c1/ae.csv"] * 2
    assert ae.dtypes.astype(str).tolist() == ["str", "str", "str", "Int64", "Int64", "str"]


def test_there_is_no_export(study, tmp_path):
    with pytest.raises(InputError, match="no such export"):
        read_export(tmp_path / "nowhere", load_specs(study(SPECS)), Findings(), "raw/c1")


def test_a_missing_form_is_an_error_and_an_optional_one_is_not(read):
    frames, found = read()
    assert found == [("raw.form.missing", "raw/c1/ae.csv", "ae.csv")]
    assert frames["raw.ae"].columns.tolist() == ["SUBJID", "AESPID", "AETERM", "_rid", "_row", "_file"]
    assert [len(f) for f in frames.values()] == [0, 0]


def test_a_header_alone_is_a_form_without_rows_and_is_told(read):
    frames, found = read(ae="SUBJID,AESPID,AETERM\n", lab="PATNO;RESULT\n")
    assert found == [("raw.form.empty", "raw/c1/ae.csv", "ae.csv")]
    assert frames["raw.ae"].dtypes.astype(str).tolist() == ["str", "str", "str", "Int64", "Int64", "str"]


@pytest.mark.parametrize("data", ["", "\n\n"])
def test_a_file_without_a_header_is_one_finding(read, data):
    _, found = read(ae=data)
    assert found == [("raw.empty", "raw/c1/ae.csv", "")]


def test_a_file_no_form_describes(read):
    _, found = read(ae="SUBJID,AESPID,AETERM\n101,1,Fever\n", aes="A\n")
    assert found == [("raw.form.unknown", "raw/c1/aes.csv", "aes.csv")]


def test_columns_in_another_order(read):
    frames, found = read(ae="AETERM,SUBJID,AESPID\nFever,101,1\n")
    assert (rows(frames["raw.ae"]), found) == ([["101", "1", "Fever", 2, 2]], [])


def test_a_missing_column_is_told_once_and_not_for_every_row(read):
    frames, found = read(ae="SUBJID,AETERM\n101,Fever\n101,Cough\n")
    assert found == [("raw.column.missing", "raw/c1/ae.csv:1:AESPID", "AESPID")]
    assert rows(frames["raw.ae"]) == [["101", None, "Fever", 2, 2], ["101", None, "Cough", 3, 3]]


def test_a_missing_column_that_is_required_is_told_once(read):
    _, found = read(ae="SUBJID,AESPID\n101,1\n101,2\n")
    assert found == [("raw.column.missing", "raw/c1/ae.csv:1:AETERM", "AETERM")]


def test_a_misspelt_column_is_one_finding_that_names_the_right_one(study, tmp_path):
    (tmp_path / "ae.csv").write_text("SUBJID,AESPID,AETRM\n101,1,Fever\n")
    findings = Findings()
    read_export(tmp_path, load_specs(study(SPECS)), findings, "raw/c1")
    told = [(f.rule, str(f.where), f.value, f.remedy.partition("?")[0]) for f in findings]
    assert told == [("raw.column.misspelt", "raw/c1/ae.csv:1:AETRM", "AETRM", "Did you mean AETERM")]


def test_a_column_twice(read):
    frames, found = read(ae="SUBJID,AESPID,AETERM,AETERM\n101,1,Fever,Cough\n")
    assert found == [("raw.column.twice", "raw/c1/ae.csv:1:AETERM", "AETERM")]
    assert rows(frames["raw.ae"]) == [["101", "1", "Fever", 2, 2]]


def test_a_ragged_row_is_left_out_and_told(read):
    frames, found = read(ae="SUBJID,AESPID,AETERM\n101,1,Fever,x\n\n101,2,Cough\n101\n")
    assert found == [
        ("raw.row.cells", "raw/c1/ae.csv:2", "101,1,Fever,x"),
        ("raw.row.cells", "raw/c1/ae.csv:5", "101"),
    ]
    assert rows(frames["raw.ae"]) == [["101", "2", "Cough", 4, 4]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_break_in_quotes_does_not_move_the_lines(read, end):
    frames, found = read(ae=end.join(["SUBJID,AESPID,AETERM", '101,1,"Fever', 'and ""chills"""', "101,2,", ""]))
    assert rows(frames["raw.ae"]) == [["101", "1", f'Fever{end}and "chills"', 2, 2], ["101", "2", None, 4, 4]]
    assert found == [("raw.required", "raw/c1/ae.csv:4:AETERM", "")]


def test_a_quote_that_is_never_closed_is_told_where_it_opens(read):
    frames, found = read(ae='SUBJID,AESPID,AETERM\n101,1,Fever\n101,2,"Cough\n101,3,Rash\n')
    assert found == [("raw.csv", "raw/c1/ae.csv:3", "")]
    assert len(frames["raw.ae"]) == 1


def test_blanks_and_marks_of_missing_are_missing(read):
    frames, found = read(ae='SUBJID,AESPID,AETERM\n101,-,""\n101,,"  "\n', lab="PATNO;RESULT\n1;-\n2; n/a \n-;0\n")
    assert rows(frames["raw.ae"]) == [["101", "-", None, 2, 2], ["101", None, None, 3, 3]]
    assert rows(frames["raw.lab"]) == [["1", None, 2, 2], ["2", None, 3, 3], [None, "0", 4, 4]]
    assert [f[:2] for f in found] == [
        ("raw.required", "raw/c1/ae.csv:2:AETERM"),
        ("raw.required", "raw/c1/ae.csv:3:AETERM"),
    ]


def test_a_key_twice_is_told_with_the_first_line_and_both_are_kept(study, tmp_path):
    (tmp_path / "ae.csv").write_text("SUBJID,AESPID,AETERM\n101,,A\n101,1,B\n101,1,C\n101,,D\n102,1,E\n101,1,F\n")
    findings = Findings()
    frames = read_export(tmp_path, load_specs(study(SPECS)), findings, "raw/c1")
    assert [(str(f.where), f.value, f.what) for f in findings] == [
        ("raw/c1/ae.csv:4:AESPID", "101|1", "the key SUBJID, AESPID stands on line 3 already"),
        ("raw/c1/ae.csv:5:AESPID", "101|", "the key SUBJID, AESPID stands on line 2 already"),
        ("raw/c1/ae.csv:7:AESPID", "101|1", "the key SUBJID, AESPID stands on line 3 already"),
    ]
    assert len(frames["raw.ae"]) == 6


def test_another_encoding_than_declared(read):
    frames, found = read(ae="SUBJID,AESPID,AETERM\n101,1,发热\n".encode("gb18030"))
    assert found == [("raw.encoding", "raw/c1/ae.csv:2:byte 7", "0xB7")]
    assert rows(frames["raw.ae"]) == [["101", "1", "发热", 2, 2]]


def test_no_encoding_fits(read):
    frames, found = read(ae=b"SUBJID,AESPID,AETERM\n101,1,\xff\xff\n")
    assert found == [("raw.encoding", "raw/c1/ae.csv:2:byte 7", "0xFF")]
    assert len(frames["raw.ae"]) == 0


def test_packed_files(study, tmp_path):
    specs = load_specs(study({**SPECS, "crf/ae": SPECS["crf/ae"].replace("keys:", "file: ae.csv.gz\n        keys:")}))
    (tmp_path / "ae.csv.gz").write_bytes(gzip.compress(b"SUBJID,AESPID,AETERM\n101,1,Fever\n"))
    findings = Findings()
    frames = read_export(tmp_path, specs, findings, "raw/c1")
    assert (list(findings), len(frames["raw.ae"])) == ([], 1)
    for broken in (b"SUBJID,AESPID,AETERM\n", gzip.compress(b"SUBJID\n")[:-6]):
        (tmp_path / "ae.csv.gz").write_bytes(broken)
        findings = Findings()
        frames = read_export(tmp_path, specs, findings, "raw/c1")
        assert [f.rule for f in findings] == ["raw.gzip"]
        assert isinstance(frames["raw.ae"], pd.DataFrame)
