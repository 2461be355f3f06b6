"""Records of an output in a file, and back."""

from pathlib import Path

import pandas as pd

from datacut.datasets.records import Cells, ShownColumn, ShownRecords
from datacut.files.parquet import read_frame
from datacut.files.record_files import read_records, write_records
from datacut.spec.where import parse_predicate


def shown() -> ShownRecords:
    term = Cells(pd.Series(["Fever", ""], dtype="str"), pd.Series([None, "missing"], dtype="str"))
    count = Cells(
        pd.Series(["3", ""], dtype="str"),
        pd.Series([None, "no record"], dtype="str"),
        pd.Series([3.25, None], dtype="Float64"),
    )
    columns = {
        "term": ShownColumn("Term", "ard_value", "ADAE", "AETERM", term),
        "count": ShownColumn(
            "Count", "ard_number", "ADLB", "AVAL", count, ("USUBJID",), parse_predicate("AVAL GT 0 OR AVAL MISSING")
        ),
    }
    own = tuple(parse_predicate(f'SAFFL EQ "Y" AND USUBJID EQ "{subject}"') for subject in ("1", "2 AND 3"))
    return ShownRecords("ADAE", parse_predicate('SAFFL EQ "Y"'), own, columns, ("USUBJID",))


def test_columns_of_the_file(tmp_path: Path) -> None:
    write_records(shown(), "l-1", "records", tmp_path / "l-1.records.parquet")
    frame, about = read_frame(tmp_path / "l-1.records.parquet")
    assert frame.astype(object).where(frame.notna(), "").to_dict("list") == {
        "record": [1, 2],
        "predicate": ['SAFFL EQ "Y" AND USUBJID EQ "1"', 'SAFFL EQ "Y" AND USUBJID EQ "2 AND 3"'],
        "term.text": ["Fever", ""],
        "term.reason": ["", "missing"],
        "count.text": ["3", ""],
        "count.reason": ["", "no record"],
        "count.value": [3.25, ""],
    }
    assert about["columns"][1] == {
        "key": "count", "label": "Count", "method": "ard_number", "dataset": "ADLB", "variable": "AVAL",
        "match": ["USUBJID"], "where": "AVAL GT 0 OR AVAL MISSING",
    }  # fmt: skip


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    for made in (shown(), shown().emptied()):
        write_records(made, "l-1", "records", tmp_path / "a.parquet")
        output, name, back = read_records(tmp_path / "a.parquet")
        assert (output, name, len(back)) == ("l-1", "records", len(made))
        assert (back.dataset, back.where, back.one_per) == (made.dataset, made.where, made.one_per)
        assert back.predicates == made.predicates
        assert list(back.columns) == list(made.columns)
        for key, column in made.columns.items():
            other = back.columns[key]
            assert (other.label, other.match, other.where) == (column.label, column.match, column.where)
            pd.testing.assert_series_equal(other.cells.texts, column.cells.texts, check_names=False)
            pd.testing.assert_series_equal(other.cells.reasons, column.cells.reasons, check_names=False)
            assert (other.cells.values is None) == (column.cells.values is None)
