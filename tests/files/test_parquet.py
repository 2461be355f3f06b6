import pandas as pd
import pytest

from datacut.datasets.model import Dataset, Variable
from datacut.errors import InputError, WriteError
from datacut.files.parquet import read_frame, read_parquet, write_frame, write_parquet

FRAME = pd.DataFrame(
    {
        "T": pd.Series(["a", None, "发热"], dtype="str"),
        "I": pd.Series([1, None, 2**62], dtype="Int64"),
        "F": pd.Series([0.1, None, -1e300], dtype="Float64"),
        "D": pd.Series(["1899-12-31", None, "2024-02-29T23:59:59"], dtype="datetime64[s]"),
    }
)
MADE = Dataset(
    "ADLB",
    "Laboratory",
    (
        Variable("T", "Text", "text", 6, key=1),
        Variable("I", "Integer", "integer"),
        Variable("F", "Float", "float", format="8.3"),
        Variable("D", "Datetime", "datetime"),
    ),
    FRAME,
    ("T",),
)


def test_round_trip_of_a_dataset(tmp_path):
    write_parquet(MADE, tmp_path / "adlb.parquet")
    read = read_parquet(tmp_path / "adlb.parquet")
    pd.testing.assert_frame_equal(read.frame, FRAME)
    assert (read.name, read.label, read.variables, read.keys) == ("ADLB", "Laboratory", MADE.variables, ("T",))
    assert len(read.lineage) == 0


def test_round_trip_without_rows_and_without_columns(tmp_path):
    write_frame(FRAME.iloc[:0], tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "a.parquet")[0], FRAME.iloc[:0])
    write_frame(pd.DataFrame(), tmp_path / "b.parquet")
    assert read_frame(tmp_path / "b.parquet")[0].shape == (0, 0)


def test_equal_bytes_whatever_the_frame_was_made_from(tmp_path):
    write_parquet(MADE, tmp_path / "a.parquet")
    other = FRAME.iloc[::-1].iloc[::-1]
    other.index = [7, 8, 9]
    write_parquet(Dataset("ADLB", "Laboratory", MADE.variables, other, ("T",)), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert b"pandas" not in (tmp_path / "a.parquet").read_bytes()


def test_what_is_refused(tmp_path):
    with pytest.raises(WriteError, match="column A has dtype float64"):
        write_frame(pd.DataFrame({"A": [1.0]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_frame(tmp_path / "none.parquet")
    write_frame(FRAME, tmp_path / "plain.parquet")
    with pytest.raises(InputError, match="not a dataset"):
        read_parquet(tmp_path / "plain.parquet")
