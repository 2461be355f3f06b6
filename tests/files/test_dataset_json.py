"""Dataset-JSON 1.1: the file as text, and as odmlib reads it."""

import json
from pathlib import Path

import pandas as pd
import pytest
from odmlib.dataset_json_1_1.model import DatasetJSON

from datacut.datasets.model import Dataset, Variable
from datacut.files.dataset_json import FileOrigin, write_dataset_json

FRAME = pd.DataFrame(
    {
        "USUBJID": pd.Series(["S1", "S2", None], dtype="str"),
        "SEQ": pd.Series([1, None, 2**53], dtype="Int64"),
        "AVAL": pd.Series([0.1, None, -1e-70], dtype="Float64"),
        "ADT": pd.Series(["1959-12-31", None, "2024-02-29"], dtype="datetime64[s]"),
        "ADTM": pd.Series(["2024-02-29T23:59:59", None, "2024-01-01T00:00:00"], dtype="datetime64[s]"),
        "ATM": pd.Series([0, None, 86399], dtype="Int64"),
        "TERM": pd.Series(['"quoted" \\ back', None, "发热"], dtype="str"),
    }
)
MADE = Dataset(
    "ADX",
    "Any Dataset",
    (
        Variable("USUBJID", "Subject", "text", 8, key=1),
        Variable("SEQ", "Number", "integer", key=2),
        Variable("AVAL", "Value", "float", format="8.3"),
        Variable("ADT", "Date", "date"),
        Variable("ADTM", "Datetime", "datetime"),
        Variable("ATM", "Time", "time"),
        Variable("TERM", "Term", "text", 40),
    ),
    FRAME,
    ("USUBJID", "SEQ"),
)
ORIGIN = FileOrigin("STUDY1", "MDV.STUDY1.ADAM", "2026-03-02T00:00:00", "Sponsor", ("datacut", "0.1.0"))


@pytest.fixture
def written(tmp_path):
    def of(dataset=MADE) -> Path:
        path = tmp_path / "adx.json"
        write_dataset_json(dataset, path, ORIGIN)
        return path

    return of


def test_rows_hold_iso_dates_null_for_missing_numbers_and_blank_for_missing_text(written):
    assert json.loads(written().read_text(encoding="utf-8"))["rows"] == [
        ["S1", 1, 0.1, "1959-12-31", "2024-02-29T23:59:59", "00:00:00", '"quoted" \\ back'],
        ["S2", None, None, None, None, None, ""],
        ["", 9007199254740992, -1e-70, "2024-02-29", "2024-01-01T00:00:00", "23:59:59", "发热"],
    ]


def test_columns_say_type_target_format_length_and_key(written):
    columns = {c["name"]: c for c in json.loads(written().read_text(encoding="utf-8"))["columns"]}
    assert columns["USUBJID"] == {
        "itemOID": "IT.ADX.USUBJID",
        "name": "USUBJID",
        "label": "Subject",
        "dataType": "string",
        "length": 8,
        "keySequence": 1,
    }
    assert {n: (c["dataType"], c.get("targetDataType"), c.get("displayFormat")) for n, c in columns.items()} == {
        "USUBJID": ("string", None, None),
        "SEQ": ("integer", None, None),
        "AVAL": ("float", None, "8.3"),
        "ADT": ("date", "integer", "DATE9."),
        "ADTM": ("datetime", "integer", "DATETIME20."),
        "ATM": ("time", "integer", "TIME8."),
        "TERM": ("string", None, None),
    }


def test_odmlib_reads_the_file(written):
    read = DatasetJSON.read_json(str(written()))
    assert (read.name, read.records, read.itemGroupOID) == ("ADX", 3, "IG.ADX")
    assert [c.name for c in read.columns] == [v.name for v in MADE.variables]
    assert read.rows[1] == ["S2", None, None, None, None, None, ""]


def test_equal_data_give_equal_bytes(written):
    first = written().read_bytes()
    other = FRAME.copy().set_axis([9, 8, 7])
    assert written(Dataset("ADX", "Any Dataset", MADE.variables, other, MADE.keys)).read_bytes() == first


def test_a_dataset_without_records(written):
    data = json.loads(written(Dataset("ADX", "Any", MADE.variables, FRAME.iloc[:0])).read_text(encoding="utf-8"))
    assert (data["records"], data["rows"]) == (0, [])
