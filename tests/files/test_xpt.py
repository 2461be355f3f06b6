import struct

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from datacut.datasets.model import Dataset, Variable
from datacut.errors import WriteError
from datacut.files.xpt import XptRefusedError, write_xpt


def dataset(columns, variables, name="AE", label="Adverse Events", keys=()):
    frame = pd.DataFrame({n: pd.Series(values, dtype=dtype) for n, (values, dtype) in columns.items()})
    return Dataset(name, label, tuple(variables), frame, keys)


def text(values, name="AETERM", length=None, label="Reported Term"):
    return dataset({name: (values, "str")}, [Variable(name, label, "text", length)])


def numbers(values, kind="float", dtype="Float64"):
    return dataset({"AESEQ": (values, dtype)}, [Variable("AESEQ", "Sequence Number", kind)])


def namestrs(path):
    """type, length, name, label, format name, width, decimals, position of each variable."""
    data = path.read_bytes()
    count = int(data[80 * 7 + 54 : 80 * 7 + 58])
    found = []
    for i in range(count):
        fields = struct.unpack(">hhhh8s40s8shhh2s8shhl52s", data[640 + 140 * i : 640 + 140 * (i + 1)])
        kind, _, length, _, name, label, form, width, decimals, *_, position, _ = fields
        found.append((kind, length, name.decode(), label.decode(), form.decode(), width, decimals, position))
    return found


def refused(made, tmp_path, path=None, **options):
    with pytest.raises(XptRefusedError) as caught:
        write_xpt(made, path or tmp_path / f"{made.name.lower()}.xpt", **options)
    assert isinstance(caught.value, WriteError)
    assert not list(tmp_path.iterdir())
    return caught.value.findings


def test_the_file_as_it_stands_on_disk(tmp_path):
    path = tmp_path / "ae.xpt"
    made = dataset(
        {"AETERM": (["Rash", None], "str"), "AESEQ": ([1, 2], "Int64")},
        [Variable("AETERM", "Reported Term", "text", 5), Variable("AESEQ", "Sequence Number", "integer")],
    )
    assert write_xpt(made, path) == []
    data = path.read_bytes()
    records = [data[i : i + 80] for i in range(0, len(data), 80)]
    assert len(data) % 80 == 0
    assert records[0] == b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 30 + b"  "
    assert records[1] == b"SAS     SAS     SASLIB  9.4     " + b" " * 32 + b"01JAN60:00:00:00"
    assert records[3].startswith(b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140")
    assert records[5].startswith(b"SAS     AE      SASDATA 9.4 ")
    assert records[6] == b"01JAN60:00:00:00" + b" " * 16 + b"Adverse Events".ljust(40) + b" " * 8
    assert records[7].startswith(b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!0000000002")
    assert namestrs(path) == [
        (2, 5, "AETERM  ", "Reported Term".ljust(40), " " * 8, 0, 0, 0),
        (1, 8, "AESEQ   ", "Sequence Number".ljust(40), " " * 8, 0, 0, 5),
    ]
    assert records[12].startswith(b"HEADER RECORD*******OBS     HEADER RECORD")
    one, two = b"\x41\x10\0\0\0\0\0\0", b"\x41\x20\0\0\0\0\0\0"
    assert records[13] == (b"Rash " + one + b"     " + two).ljust(80)


def test_300k_doubles_come_back_exactly(tmp_path):
    random = np.random.default_rng(1)
    values = random.standard_normal(300_000) * 10.0 ** random.integers(-70, 70, 300_000)
    values[:6] = [0.0, 1.0, -1.0, 0.1, 2**53, -(2.0**-200)]
    made = numbers(values)
    write_xpt(made, tmp_path / "ae.xpt")
    read, meta = pyreadstat.read_xport(tmp_path / "ae.xpt", encoding="ascii")
    assert np.array_equal(read["AESEQ"].to_numpy(), values)
    assert meta.variable_storage_width == {"AESEQ": 8}


@pytest.mark.parametrize(
    ("value", "bits"),
    [
        (0.0, "0000000000000000"),
        (-0.0, "0000000000000000"),
        (1.0, "4110000000000000"),
        (-1.0, "c110000000000000"),
        (0.1, "401999999999999a"),
        (118.625, "4276a00000000000"),
        (None, "2e00000000000000"),
    ],
)
def test_ibm_bits(tmp_path, value, bits):
    made = dataset(
        {"A": ([value], "Float64"), "B": (["x"], "str")},
        [Variable("A", "Number", "float"), Variable("B", "Text", "text")],
    )
    write_xpt(made, tmp_path / "ae.xpt")
    assert (tmp_path / "ae.xpt").read_bytes()[-80:-72].hex() == bits


def test_the_ends_of_the_ibm_range(tmp_path):
    largest, smallest = (1 - 2.0**-53) * 16.0**63, 16.0**-65
    write_xpt(numbers([largest, -largest, smallest]), tmp_path / "ae.xpt")
    read, _ = pyreadstat.read_xport(tmp_path / "ae.xpt", encoding="ascii")
    assert read["AESEQ"].tolist() == [largest, -largest, smallest]
    (tmp_path / "ae.xpt").unlink()
    for value in (16.0**63, np.nextafter(smallest, 0), 1e300, 1e-100):
        assert [f.rule for f in refused(numbers([1.0, value]), tmp_path)] == ["file.number"]


def test_infinite_and_nan_as_values(tmp_path):
    frame = pd.DataFrame({"AESEQ": pd.arrays.FloatingArray(np.array([np.inf, 1]), np.array([False, False]))})
    made = Dataset("AE", "Adverse Events", (Variable("AESEQ", "Sequence Number", "float"),), frame)
    assert [f.rule for f in refused(made, tmp_path)] == ["file.number"]


def test_an_integer_a_double_cannot_hold(tmp_path):
    assert [f.rule for f in refused(numbers([2**53 + 1], "integer", "Int64"), tmp_path)] == ["file.number"]
    write_xpt(numbers([2**53], "integer", "Int64"), tmp_path / "ae.xpt")


def test_dates_times_and_formats(tmp_path):
    made = dataset(
        {
            "ADT": (["1960-01-01", "2024-02-29", None], "datetime64[s]"),
            "ADTM": (["1959-12-31T23:59:59", None, "2024-02-29T12:30:00"], "datetime64[s]"),
            "ATM": ([0, 45000, None], "Int64"),
            "AVAL": ([1.5, None, 2.25], "Float64"),
        },
        [
            Variable("ADT", "Analysis Date", "date"),
            Variable("ADTM", "Analysis Datetime", "datetime"),
            Variable("ATM", "Analysis Time", "time"),
            Variable("AVAL", "Analysis Value", "float", format="8.2"),
        ],
        name="ADLB",
    )
    write_xpt(made, tmp_path / "adlb.xpt")
    read, meta = pyreadstat.read_xport(tmp_path / "adlb.xpt", encoding="ascii", disable_datetime_conversion=True)
    assert read["ADT"].tolist()[:2] == [0, 23435]
    assert read["ADTM"].tolist()[::2] == [-1, 23435 * 86400 + 45000]
    assert read["ATM"].tolist()[:2] == [0, 45000]
    assert read.isna().sum().tolist() == [1, 1, 1, 1]
    assert meta.original_variable_types == {"ADT": "DATE9", "ADTM": "DATETIME20", "ATM": "TIME8", "AVAL": "8.2"}
    assert [n[4:7] for n in namestrs(tmp_path / "adlb.xpt")] == [
        ("DATE    ", 9, 0),
        ("DATETIME", 20, 0),
        ("TIME    ", 8, 0),
        (" " * 8, 8, 2),
    ]


def test_text_is_padded_and_missing_is_blank(tmp_path):
    made = text(["a", None, "x" * 200], length=200)
    made = Dataset(
        "AE",
        "Adverse Events",
        (*made.variables, Variable("AESEQ", "Sequence Number", "integer")),
        made.frame.assign(AESEQ=pd.array([1, 2, 3], dtype="Int64")),
    )
    write_xpt(made, tmp_path / "ae.xpt")
    read, meta = pyreadstat.read_xport(tmp_path / "ae.xpt", encoding="ascii")
    assert read["AETERM"].tolist() == ["a", "", "x" * 200]
    assert meta.variable_storage_width == {"AETERM": 200, "AESEQ": 8}
    assert meta.column_labels == ["Reported Term", "Sequence Number"]
    assert (meta.table_name, meta.file_label) == ("AE", "Adverse Events")


def test_text_in_a_declared_encoding(tmp_path):
    made = text(["发热", "µg/mL"], label="不良事件")
    assert [f.rule for f in refused(made, tmp_path)] == ["file.label.ascii"]
    for encoding, size in (("utf-8", 6), ("gb18030", 8)):
        write_xpt(made, tmp_path / "ae.xpt", encoding=encoding)
        read, meta = pyreadstat.read_xport(tmp_path / "ae.xpt", encoding=encoding)
        assert read["AETERM"].tolist() == ["发热", "µg/mL"]
        assert meta.column_labels == ["不良事件"]
        assert meta.variable_storage_width == {"AETERM": size}


def test_13_chinese_characters_fill_a_label_and_14_are_refused(tmp_path):
    write_xpt(text(["a"], label="文" * 13), tmp_path / "ae.xpt", encoding="utf-8")
    (tmp_path / "ae.xpt").unlink()
    assert [f.rule for f in refused(text(["a"], label="文" * 14), tmp_path, encoding="utf-8")] == ["file.label.length"]


def test_what_is_refused(tmp_path):
    def rules(made, **options):
        return [f.rule for f in refused(made, tmp_path, **options)]

    assert rules(text(["x" * 201])) == ["file.text.length"]
    assert rules(text(["abc"], length=2)) == ["file.text.declared"]
    assert rules(text(["abc"], length=201)) == ["file.text.length"]
    assert rules(text(["µ"])) == ["file.text.ascii"]
    assert rules(text(["a\0"])) == ["file.text.nul"]
    assert rules(text(["a"], name="aeterm")) == ["file.variable.name"]
    assert rules(text(["a"], name="1AE")) == ["file.variable.name"]
    assert rules(text(["a"], name="AETERMLONG")) == ["file.variable.name"]
    assert rules(text(["a"], label="x" * 41)) == ["file.label.length"]
    assert rules(text(["a", None, "b"])) == ["file.record.empty"]
    assert rules(numbers([1.0, None])) == ["file.record.empty"]
    assert rules(text(["a", "  "])) == ["file.text.blank", "file.record.empty"]
    assert rules(dataset({}, [])) == ["file.empty"]
    assert rules(text(["a"]), encoding="utf-16") == ["file.encoding"]
    assert rules(text(["a"]), encoding="nonesuch") == ["file.encoding"]
    assert rules(text(["a"]), path=tmp_path / "dm.xpt") == ["file.name"]
    assert rules(text(["a"]), created="today") == ["file.made"]
    assert rules(dataset({"A": ([1], "int64")}, [Variable("A", "A", "integer")])) == ["file.variable.type"]
    assert rules(dataset({"A": ([1.0], "Float64")}, [Variable("A", "A", "float", format="8")])) == ["file.format"]
    timed = dataset({"ADT": (["2024-01-01T00:00:01"], "datetime64[s]")}, [Variable("ADT", "Date", "date")])
    assert rules(timed) == ["file.date.time"]
    other = dataset({"B": (["x"], "str")}, [Variable("A", "A", "text")])
    assert "file.columns" in rules(other)


def test_a_finding_says_where_and_what(tmp_path):
    made = dataset(
        {"USUBJID": (["01", "02"], "str"), "AETERM": (["ok", "µ"], "str")},
        [Variable("USUBJID", "Subject", "text"), Variable("AETERM", "Term", "text")],
        keys=("USUBJID",),
    )
    (finding,) = refused(made, tmp_path)
    assert (str(finding.where), finding.value) == ("AE.AETERM:02", "µ")


def test_many_faults_are_counted_not_listed(tmp_path):
    found = refused(text(["µ"] * 100), tmp_path)
    assert len(found) == 6
    assert "95 more records" in found[-1].what


def test_warnings_do_not_stop_the_file(tmp_path):
    found = write_xpt(text(["two\nlines", "end "]), tmp_path / "ae.xpt")
    assert [(f.rule, str(f.severity)) for f in found] == [
        ("file.text.ascii", "warning"),
        ("file.text.blank", "warning"),
    ]


def test_no_rows(tmp_path):
    made = dataset(
        {"AETERM": ([], "str"), "AESEQ": ([], "Int64"), "ADT": ([], "datetime64[s]")},
        [
            Variable("AETERM", "Term", "text"),
            Variable("AESEQ", "Sequence Number", "integer"),
            Variable("ADT", "Date", "date"),
        ],
    )
    write_xpt(made, tmp_path / "ae.xpt")
    read, meta = pyreadstat.read_xport(tmp_path / "ae.xpt", encoding="ascii")
    assert (len(read), meta.column_names) == (0, ["AETERM", "AESEQ", "ADT"])
    assert meta.variable_storage_width["AETERM"] == 1


@pytest.mark.parametrize("rows", [1, 2, 9, 10, 79, 80, 81])
def test_short_records_keep_their_number(tmp_path, rows):
    write_xpt(text(["x"] * rows), tmp_path / "ae.xpt")
    read, _ = pyreadstat.read_xport(tmp_path / "ae.xpt", encoding="ascii")
    assert len(read) == rows


def test_equal_data_give_equal_bytes(tmp_path):
    (tmp_path / "again").mkdir()
    write_xpt(text(["b", "a", "b"]), tmp_path / "ae.xpt")
    write_xpt(text(["b", "a", "b"]), tmp_path / "again" / "ae.xpt")
    assert (tmp_path / "ae.xpt").read_bytes() == (tmp_path / "again" / "ae.xpt").read_bytes()
