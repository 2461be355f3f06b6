import pandas as pd
import pytest

from datacut.datasets.ard import ARD_COLUMNS, ard_of_file, check_ard, concat_ard, empty_ard, file_frame, plain_rows
from datacut.files.parquet import read_frame, write_frame
from datacut.spec.where import parse_predicate, parse_where

ROW = {"output": "t_14_1", "analysis": "age", "method": "ard_summary", "stat_name": "mean", "stat": 1.5}


def ard(**changes):
    row = {k: v for k, v in {**ROW, **changes}.items() if v is not None}
    return concat_ard([pd.DataFrame({k: pd.Series([v]) for k, v in row.items()})])


def test_empty_keeps_the_contract():
    assert list(empty_ard().columns) == list(ARD_COLUMNS)
    assert check_ard(empty_ard()) == []
    assert check_ard(concat_ard([])) == []


def test_concat_fills_orders_and_types():
    both = concat_ard([ard(), empty_ard(), pd.DataFrame([{**ROW, "row": 2}])])
    assert check_ard(both) == []
    assert both["stat"].tolist() == [1.5, 1.5]
    assert both["row"].fillna(0).tolist() == [0, 2]
    with pytest.raises(ValueError, match="Did you mean stat_name"):
        concat_ard([pd.DataFrame({"stat_nam": ["n"]})])


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"analysis": None}, ["ard.required"]),
        ({"stat": None}, ["ard.reason"]),
        ({"stat": None, "reason": "no observations"}, []),
        ({"stat": None, "stat_text": "NE"}, []),
        ({"group1_level": "3.0e8"}, ["ard.group"]),
        ({"group1": "TRT01A", "group1_level": "3.0e8"}, []),
        ({"stat": float("inf")}, ["ard.infinite"]),
    ],
)
def test_rows(changes, rules):
    assert [f.rule for f in check_ard(ard(**changes))] == rules


def test_columns():
    wrong = ard().drop(columns="stat_name").assign(extra=1, stat=["x"])
    assert [(f.rule, str(f.where)) for f in check_ard(wrong)] == [
        ("ard.column", "ARD.extra"),
        ("ard.column", "ARD.stat_name"),
        ("ard.type", "ARD.stat"),
    ]
    assert [f.rule for f in check_ard(ard()[list(ARD_COLUMNS)[::-1]])] == ["ard.order"]


def test_what_is_structured_is_text_in_a_file_and_comes_back(tmp_path):
    told = {
        "column": ("ESC", "Drug/Placebo"),
        "predicate": (*parse_predicate('SAFFL EQ "Y"'), parse_where("A EQ 1 OR B MISSING")),
    }
    label = {"method": "label", "stat": None, "column": ("label",), "path": ("Pain | left", "Grade 3")}
    made = concat_ard([ard(**told), ard(**label)])
    assert check_ard(made) == []
    written = file_frame(made)
    assert list(written["column"]) == ["ESC/Drug\\/Placebo", "label"]
    assert list(written["predicate"].fillna("")) == ['SAFFL EQ "Y" AND (A EQ 1 OR B MISSING)', ""]
    assert list(written["stat_text"].fillna("")) == ["", "Pain \\| left | Grade 3"]
    write_frame(written, tmp_path / "a.parquet")
    back = ard_of_file(read_frame(tmp_path / "a.parquet")[0])
    assert list(plain_rows(back, ARD_COLUMNS)) == list(plain_rows(made, ARD_COLUMNS))
