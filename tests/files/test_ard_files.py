"""The ARD as a dataset for files: names, lengths, and long texts that are whole again when joined."""

import csv
import json

import pandas as pd
import pytest

from datacut.datasets.ard import FILE_COLUMNS, concat_ard, file_frame
from datacut.datasets.model import MAX_LABEL, MAX_TEXT, VARIABLE_NAME, Dataset
from datacut.files.ard_files import NAMES, ard_columns, ard_variables, split_text, write_ard_csv
from datacut.files.dataset_json import FileOrigin, write_dataset_json, write_json_parts
from datacut.files.xpt import write_xpt
from datacut.spec.where import parse_predicate

LONG = "USUBJID IN (" + ", ".join(f'"S-{i:03d}"' for i in range(60)) + ")"
ROW = {"output": "t-1", "analysis": "a", "method": "m", "stat_name": "p", "stat": 100 / 3, "formatted": " (33.3%)"}


@pytest.fixture
def ard():
    sex = parse_predicate('SEX EQ "F"')
    second = {**ROW, "stat": None, "reason": "no value", "formatted": "≥ × 10⁸", "predicate": sex, "row": 1}
    first = {**ROW, "predicate": parse_predicate(LONG), "row": 1, "column": ("ESC", "Drug/Placebo")}
    return file_frame(concat_ard([pd.DataFrame([first, second])]))


def dataset_of(*parts):
    """Parts of an ARD as one dataset."""
    variables = ard_variables(parts)
    frame = pd.concat([ard_columns(part, variables) for part in parts], ignore_index=True)
    return Dataset("ARD", "Analysis Results", variables, frame)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("abcd", ["abcd"]),
        ("abcd efgh", ["abcd", " efgh"]),
        ("ab cd efgh", ["ab cd", " efgh"]),
        ("abcdefgh", ["abcde", "fgh"]),
        ("ab   cdef", ["ab", "   cd", "ef"]),
        ("ééé", ["éé", "é"]),
    ],
)
def test_texts_are_split_before_a_blank(text, parts):
    assert split_text(text, 5) == parts
    assert "".join(parts) == text


def test_every_column_has_a_name_a_transport_file_allows(ard):
    assert list(NAMES) == list(FILE_COLUMNS)
    dataset = dataset_of(ard)
    assert all(VARIABLE_NAME.fullmatch(v.name) and len(v.label) <= MAX_LABEL for v in dataset.variables)
    assert len({v.name for v in dataset.variables}) == len(dataset.variables)
    texts = [t for v in dataset.variables if v.type == "text" for t in dataset.frame[v.name].dropna()]
    assert max(len(t.encode()) for t in texts) <= MAX_TEXT


def test_a_long_text_is_whole_again(ard):
    frame = dataset_of(ard).frame
    parts = [c for c in frame.columns if c.startswith("PRED")]
    assert parts == ["PRED", "PRED1", "PRED2"]
    assert "".join(frame.loc[0, parts]) == LONG
    assert list(frame.loc[1, parts].isna()) == [False, True, True]


def test_an_ard_without_rows_has_its_columns():
    assert list(dataset_of(file_frame(concat_ard([]))).frame.columns) == [name for name, _ in NAMES.values()]


def test_parts_are_written_as_the_whole_is(ard, tmp_path):
    """The long text is in the first part alone, and the second has the columns it needs all the same."""
    parts = [ard.iloc[[0]], ard.iloc[[1]]]
    whole = dataset_of(ard)
    assert dataset_of(*parts).variables == whole.variables
    origin = FileOrigin("S", "M", "2026-01-01T00:00:00")
    write_dataset_json(whole, tmp_path / "whole.json", origin)
    apart = [ard_columns(part, whole.variables) for part in parts]
    write_json_parts(whole, apart, 2, tmp_path / "parts.json", origin)
    assert (tmp_path / "parts.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    write_ard_csv([whole.frame], whole.variables, tmp_path / "whole.csv")
    write_ard_csv(apart, whole.variables, tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_csv_keeps_full_precision(ard, tmp_path):
    dataset = dataset_of(ard)
    write_ard_csv([dataset.frame], dataset.variables, tmp_path / "ard.csv")
    with (tmp_path / "ard.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert float(first["STATN"]) == 100 / 3
    assert first["COLKEY"] == "ESC/Drug\\/Placebo"
    assert (second["STATN"], second["FMTVAL"], second["ROWN"]) == ("", "≥ × 10⁸", "1")


def test_the_dataset_can_be_written_as_json_and_transport_file(ard, tmp_path):
    dataset = dataset_of(ard)
    write_dataset_json(dataset, tmp_path / "ard.json", FileOrigin("S", "M", "2026-01-01T00:00:00"))
    told = json.loads((tmp_path / "ard.json").read_text(encoding="utf-8"))
    assert (told["records"], told["rows"][0][[c["name"] for c in told["columns"]].index("STATN")]) == (2, 100 / 3)
    assert [f for f in write_xpt(dataset, tmp_path / "ard.xpt", encoding="utf-8") if str(f.severity) == "error"] == []
