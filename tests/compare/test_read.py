"""Sides from files: what each format says, special missings, and files that are not what they say."""

import base64
import json
import struct
import zlib
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from datacut.compare.columns import Kind
from datacut.compare.datasets import compare_sides
from datacut.compare.read import pair_files, read_sides
from datacut.compare.shown import shown
from datacut.datasets.model import Dataset, Variable
from datacut.errors import InputError
from datacut.files.dataset_json import FileOrigin, write_dataset_json
from datacut.files.parquet import write_parquet
from datacut.files.xpt import write_xpt

VARIABLES = (
    Variable("USUBJID", "Unique Subject Identifier", "text", 8),
    Variable("AVAL", "Analysis Value", "float"),
    Variable("ADT", "Analysis Date", "date", format="DATE9."),
    Variable("ADTM", "Analysis Datetime", "datetime"),
)


def dataset(aval=1.5):
    frame = pd.DataFrame(
        {
            "USUBJID": pd.Series(["S1-01", "S1-02", "é"], dtype="str"),
            "AVAL": pd.Series([aval, -0.1, None], dtype="Float64"),
            "ADT": pd.Series(["2022-01-01", None, "1959-12-31"], dtype="datetime64[s]"),
            "ADTM": pd.Series(["2022-01-01T01:02:03", None, None], dtype="datetime64[s]"),
        }
    )
    return Dataset("ADX", "A Dataset", VARIABLES, frame, ("USUBJID",))


def written(home, made):
    home.mkdir()
    write_xpt(made, home / "adx.xpt", encoding="utf-8")
    write_parquet(made, home / "adx.parquet")
    write_dataset_json(made, home / "adx.json", FileOrigin("S", "M", "2026-01-01T00:00:00"))
    (home / "adx.csv").write_text(
        "USUBJID,AVAL,ADT,ADTM\nS1-01,1.50,2022-01-01,2022-01-01T01:02:03\nS1-02,-0.1,,\né,,1959-12-31,\n",
        encoding="utf-8",
    )
    return home


ENDINGS = ("xpt", "parquet", "json", "csv")


@pytest.mark.parametrize("left", ENDINGS)
@pytest.mark.parametrize("right", ENDINGS)
def test_one_dataset_in_every_two_formats_is_equal(tmp_path, left, right):
    """The values, and attributes as far as both formats have them."""
    home = written(tmp_path / "a", dataset())
    ((one, other),) = read_sides(home / f"adx.{left}", home / f"adx.{right}")
    found = compare_sides(one, other, ["USUBJID"])
    assert (found.unequal, found.conflicts, found.pairs.amount) == (0, {}, 3)
    assert found.equal


@pytest.mark.parametrize("left", ENDINGS)
@pytest.mark.parametrize("right", ENDINGS[:3])
def test_one_altered_value_is_found_in_every_two_formats(tmp_path, left, right):
    one = written(tmp_path / "a", dataset()) / f"adx.{left}"
    other = written(tmp_path / "b", dataset(1.25)) / f"adx.{right}"
    ((ours, theirs),) = read_sides(one, other)
    found = compare_sides(ours, theirs, ["USUBJID"])
    assert [(d.key, d.variable, d.theirs) for d in found.differences(9)] == [("S1-01", "AVAL", "1.25")]


def test_our_transport_file_says_every_attribute(tmp_path):
    home = written(tmp_path / "a", dataset())
    ((side, _),) = read_sides(home / "adx.xpt", home / "adx.xpt")
    assert (side.name, side.label, side.records) == ("ADX", "A Dataset", 3)
    told = [(v.name, v.label, v.kind, v.length, v.format, v.order) for v in side.variables.values()]
    assert told == [
        ("USUBJID", "Unique Subject Identifier", Kind.TEXT, 8, "", 1),
        ("AVAL", "Analysis Value", Kind.NUMBER, 8, "", 2),
        ("ADT", "Analysis Date", Kind.DATE, 8, "DATE9.", 3),
        ("ADTM", "Analysis Datetime", Kind.DATETIME, 8, "DATETIME20.", 4),
    ]
    assert shown(side.column("ADT")) == ["2022-01-01", ".", "1959-12-31"]
    assert shown(side.column("ADTM")) == ["2022-01-01T01:02:03", ".", "."]


@pytest.mark.parametrize("version", [5, 8])
def test_transport_files_of_another_writer(tmp_path, version):
    path = tmp_path / "ae.xpt"
    long = "A_VARIABLE_OF_A_LONG_NAME" if version == 8 else "AVAL"
    frame = pd.DataFrame({"USUBJID": ["01", "02"], long: [1.5, np.nan], "ADT": [22646.0, 22647.0]})
    labels = [
        "Subject",
        "A label of more than forty letters, which version 8 keeps"[: 40 if version == 5 else None],
        "Date",
    ]
    pyreadstat.write_xport(
        frame,
        path,
        table_name="AE",
        file_label="Events",
        column_labels=labels,
        file_format_version=version,
        variable_format={"ADT": "YYMMDD10."},
    )
    ((side, _),) = read_sides(path, path)
    assert (side.name, side.label, side.records) == ("AE", "Events", 2)
    assert [v.label for v in side.variables.values()] == labels
    assert [v.format for v in side.variables.values()][2] == "YYMMDD10."
    assert shown(side.column(long)) == ["1.5", "."]
    assert shown(side.column("ADT")) == ["2022-01-01", "2022-01-02"]


def patched(path, number, bits):
    """The file with the last `number` bytes of its records replaced: one numeric variable of 8 bytes, in one record."""
    data = bytearray(path.read_bytes())
    at = data.index(b"HEADER RECORD*******OBS ") + 80 + number * 8
    data[at : at + 8] = bits
    path.write_bytes(data)


def test_special_missings_of_a_transport_file(tmp_path):
    frame = pd.DataFrame({"A": pd.Series([1, 2, 3, 4], dtype="Float64")})
    made = Dataset("AX", "", (Variable("A", "A", "float"),), frame)
    path = tmp_path / "ax.xpt"
    write_xpt(made, path)
    for number, letter in enumerate(b".AZ_"):
        patched(path, number, bytes([letter]) + b"\0" * 7)
    ((side, _),) = read_sides(path, path)
    assert shown(side.column("A")) == [".", ".A", ".Z", "._"]
    assert compare_sides(side, side).equal


def test_numbers_as_ibm_writes_them(tmp_path):
    """Published: 118.625 is -0x42 76A0.. for the negative one; 1 is 0x41 10.., 0.1 0x40 1999...9A."""
    frame = pd.DataFrame({"A": pd.Series([0, 0, 0, 0], dtype="Float64")})
    path = tmp_path / "ax.xpt"
    write_xpt(Dataset("AX", "", (Variable("A", "A", "float"),), frame), path)
    bits = ("C276A00000000000", "4110000000000000", "401999999999999A", "0000000000000000")
    for number, digits in enumerate(bits):
        patched(path, number, bytes.fromhex(digits))
    ((side, _),) = read_sides(path, path)
    assert side.column("A").values.tolist() == [-118.625, 1.0, 0.1, 0.0]


def test_a_number_stored_in_fewer_bytes(tmp_path):
    """Three bytes of a number, as SAS writes LENGTH 3: 1.5 is 0x41 1800."""
    path = tmp_path / "ax.xpt"
    frame = pd.DataFrame({"A": pd.Series([0], dtype="Float64")})
    write_xpt(Dataset("AX", "", (Variable("A", "A", "float"),), frame), path)
    data = bytearray(path.read_bytes())
    data[640 + 4 : 640 + 6] = struct.pack(">h", 3)
    at = data.index(b"HEADER RECORD*******OBS ") + 80
    data[at:] = b"\x41\x18\x00".ljust(80)
    path.write_bytes(data)
    ((side, _),) = read_sides(path, path)
    assert (side.records, side.column("A").values.tolist()) == (1, [1.5])


SAS7BDAT = """
eNrtmb9v00AUx9/FaeIUQxPJQ4UKWKUDDFg2DlGYiJGDKDKoklPUjbYQCRhYSEQ3YEMIVYgJ/gN2NiRQxcIISAgxIMHMAhO/ifGP
O2w/miaoisSP94ni8/v63U/fWe9sgIRHb68u3lMrTx7ckqH02LwxuatcsabBsljOZLGLCiCxjG6x3RaoKmgSE+V4tqcdmXWbtrOg
bQQMwLFbtvDbu7r9+uql17ZIf3Eux3+G5IO6UTXM4wfccxe6Kynd0k1DN/aZZs3QTVM3cXEr9dqpWjWxw3rba9134o/9b99/1Uu3
EwiCIAiCIAiCIAjiD+IO37di/AI/yU3AliB5qcTmHinrt8b1SZT/7HicLuSyusz1RSHwDfvzUpxWkX6N6y7S57heR3qZ6w3Unqfy
+vrNAToqnvPmUHi8suNFwzNS7zIefrocjUmomyn9WazDzkDfn373oTTEdc8a7p0IQRAEQfyL9L76EVgv9fE/Cvmh8m+2/o2pQ1Hk
j7P7M9ye4qkU/BhIP62en40ovvF8Ip4pi3gpPOSTICq2GcjIzsRunCSYMHj7Gny0HEBhHHznedxEUvH3mvB7jNdqztnamaXOknax
3QGY9+YPH5t1wOsun2+f7oB90nZtpxV+u2mu10FRvrhrxRHNI6WYHVcxQgUUzxVQ/xlqH7Z95DeG/MbQPGCon9jm023gfPsypN9n
f3Pz/2/jQ0C8orJ8DAjT99zeiq5XjOnMviXfp3xcrljP2wAtVM4JNE/8/+x+jGo/+ruIdZZD9jiyFWRPIFseWU/laM7NRC1SU/Uo
0fnUkDXng5ay4GmSfY7eTV3vOzQRPwDoEPq4
"""
"""ADX as ReadStat writes it, packed: S0 to S3; 0.5, .A, ., 3.5; days 22646, 22647, 22648 and none as DATE9."""


def sas7bdat(path):
    path.write_bytes(zlib.decompress(base64.b64decode(SAS7BDAT)))
    return path


def test_a_sas7bdat(tmp_path):
    path = sas7bdat(tmp_path / "adx.sas7bdat")
    ((side, _),) = read_sides(path, path)
    assert (side.name, side.label, side.records) == ("ADX", "A data set", 4)
    assert shown(side.column("USUBJID")) == ["S0", "S1", "S2", "S3"]
    assert shown(side.column("AVAL")) == ["0.5", ".A", ".", "3.5"]
    assert shown(side.column("ADT")) == ["2022-01-01", "2022-01-02", "2022-01-03", "."]
    told = [(v.label, v.kind, v.length, v.format) for v in side.variables.values()]
    assert told == [("Subject", Kind.TEXT, 8, ""), ("", Kind.NUMBER, 8, ""), ("", Kind.DATE, 8, "DATE9.")]
    assert compare_sides(side, side, ["USUBJID"]).equal


def test_a_sas7bdat_that_is_cut_off_is_said(tmp_path):
    path = sas7bdat(tmp_path / "adx.sas7bdat")
    for size in (0, 100, 4096, 8000):
        cut(path, size)
        with pytest.raises(InputError, match="cannot be read as SAS7BDAT"):
            read_sides(path, path)
        sas7bdat(path)


def test_parquet_of_another_writer(tmp_path):
    path = tmp_path / "adx.parquet"
    table = pa.table(
        {
            "usubjid": pa.array(["01", None]).dictionary_encode(),
            "aval": pa.array([1, None], pa.int32()),
            "adt": pa.array([date(2022, 1, 1), None]),
            "adtm": pa.array([1640995200, None]).cast(pa.timestamp("s")),
        }
    )
    pq.write_table(table, path)
    ((side, _),) = read_sides(path, path)
    assert [*side.variables] == ["USUBJID", "AVAL", "ADT", "ADTM"]
    assert [shown(side.column(n)) for n in side.variables] == [
        ["01", ""], ["1", "."], ["2022-01-01", "."], ["2022-01-01T00:00:00", "."],
    ]  # fmt: skip


def test_dataset_json_by_lines(tmp_path):
    path = tmp_path / "adx.ndjson"
    head = {"name": "ADX", "records": 2, "columns": [{"name": "A", "label": "", "dataType": "decimal"}]}
    path.write_text("\n".join(map(json.dumps, (head, ["1.5"], [None]))), encoding="utf-8")
    ((side, _),) = read_sides(path, path)
    assert shown(side.column("A")) == ["1.5", "."]


def cut(path, size):
    path.write_bytes(path.read_bytes()[:size])


def swap(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def recoded(path):
    path.write_bytes(path.read_bytes().replace("é".encode(), "é ".encode("latin-1")))


def turned(path, old, new):
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


BAD = {
    "a text called XPT": ("adx.xpt", lambda p: p.write_text("USUBJID,AVAL\n"), "not a SAS transport file"),
    "an empty XPT": ("adx.xpt", lambda p: p.write_bytes(b""), "not a SAS transport file"),
    "a CPORT file": ("adx.xpt", lambda p: p.write_bytes(b"**COMPRESSED** **COMPRESSED**"), "PROC CPORT"),
    "an XPT cut in its headers": ("adx.xpt", lambda p: cut(p, 700), "cut off or damaged"),
    "an XPT cut before its records": ("adx.xpt", lambda p: cut(p, 240), "no dataset"),
    "an XPT cut in its records": ("adx.xpt", lambda p: cut(p, len(p.read_bytes()) - 40), "cut off or damaged"),
    "another encoding in XPT": ("adx.xpt", lambda p: recoded(p), "--encoding"),
    "a text called SAS7BDAT": ("adx.sas7bdat", lambda p: p.write_text("x" * 9999), "cannot be read as SAS7BDAT"),
    "a text called Parquet": ("adx.parquet", lambda p: p.write_text("x"), "cannot be read as Parquet"),
    "a Parquet cut off": ("adx.parquet", lambda p: cut(p, 900), "cannot be read as Parquet"),
    "a Parquet of a damaged head": ("adx.parquet", lambda p: turned(p, b'"variables"', b'"variables]'), "damaged"),
    "a Parquet of no type": ("adx.parquet", lambda p: turned(p, b'"type": "text"', b'"type": "texx"'), "damaged"),
    "a JSON cut off": ("adx.json", lambda p: cut(p, 600), "not JSON, or cut off"),
    "another JSON": ("adx.json", lambda p: p.write_text("[1]"), "not Dataset-JSON"),
    "a JSON without rows": ("adx.json", lambda p: p.write_text('{"columns": []}'), "not Dataset-JSON"),
    "a JSON of fewer rows": ("adx.json", lambda p: swap(p, '"records":3', '"records":4'), "4 records are told and 3"),
    "a JSON of a short row": ("adx.json", lambda p: swap(p, '["S1-02",-0.1,null,null]', '["S1-02"]'), "row 2 does not"),
    "a binary called CSV": ("adx.csv", lambda p: p.write_bytes(b"A,B\n\0,1\n"), "not a text file"),
    "another encoding in CSV": ("adx.csv", lambda p: p.write_bytes("A\né\n".encode("latin-1")), "--encoding"),
    "an empty CSV": ("adx.csv", lambda p: p.write_text(""), "is empty"),
    "a CSV of a short row": ("adx.csv", lambda p: p.write_text("A,B\n1\n"), "record 1 has 1 cells, the header 2"),
    "a CSV cut in quotes": ("adx.csv", lambda p: p.write_text('A,B\n1,"x'), "not a CSV, or cut off"),
    "a name twice": ("adx.csv", lambda p: p.write_text("A,a\n1,2\n"), "A is there twice"),
    "a column without a name": ("adx.csv", lambda p: p.write_text("A,\n1,2\n"), "column 2 has no name"),
    "an unknown kind": ("adx.docx", lambda p: p.write_text(""), "no kind of file that is compared"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_said(tmp_path, name):
    file, spoil, told = BAD[name]
    home = written(tmp_path / "a", dataset())
    spoil(home / file)
    with pytest.raises(InputError, match=told) as caught:
        pair_files(home / file, home / file)
        for one, other in read_sides(home / file, home / file):
            compare_sides(one, other)
    assert "adx" in str(caught.value)


def test_every_cut_of_a_transport_file_of_version_8_is_said(tmp_path):
    """Its header tells the records; what is left out can be whole records."""
    path = tmp_path / "ae.xpt"
    frame = pd.DataFrame({"A": [float(i) for i in range(40)]})
    pyreadstat.write_xport(frame, path, table_name="AE", file_format_version=8)
    cut(path, len(path.read_bytes()) - 80)
    with pytest.raises(InputError, match="cut off"):
        read_sides(path, path)


def test_another_encoding_is_named(tmp_path):
    path = tmp_path / "adx.csv"
    path.write_bytes("A\n中\n".encode("gb18030"))
    ((side, _),) = read_sides(path, path, "gb18030")
    assert shown(side.column("A")) == ["中"]
    with pytest.raises(InputError, match="no such encoding"):
        read_sides(path, path, "martian")


def test_folders_are_paired_by_name(tmp_path):
    ours = written(tmp_path / "a", dataset())
    theirs = tmp_path / "b"
    theirs.mkdir()
    (theirs / "ADX.csv").write_text("A\n1\n")
    (theirs / "adz.csv").write_text("A\n1\n")
    (ours / "ady.csv").write_text("A\n1\n")
    found = pair_files(ours, theirs)
    assert found.both == {"adx": (ours / "adx.csv", theirs / "ADX.csv")}
    assert (found.only_ours, found.only_theirs) == (("ady",), ("adz",))
    assert pair_files(ours, theirs / "ADX.csv").both == found.both
    assert pair_files(ours / "adx.xpt", theirs / "adz.csv").both == {"adx": (ours / "adx.xpt", theirs / "adz.csv")}


def test_folders_without_anything_in_common_are_said(tmp_path):
    ours = written(tmp_path / "a", dataset())
    theirs = tmp_path / "b"
    theirs.mkdir()
    with pytest.raises(InputError, match="no file that is compared"):
        pair_files(ours, theirs)
    (theirs / "ae.csv").write_text("A\n1\n")
    with pytest.raises(InputError, match="nothing in common: adx in the one, ae in the other"):
        pair_files(ours, theirs)
    with pytest.raises(InputError, match="not there"):
        pair_files(ours, tmp_path / "c")
    (theirs / "AE.CSV").write_text("A\n1\n")
    with pytest.raises(InputError, match="which of them is meant"):
        pair_files(theirs, theirs)


def test_whole_numbers_that_a_sas_number_cannot_hold_are_said(tmp_path):
    path = tmp_path / "ae.parquet"
    pq.write_table(pa.table({"A": pa.array([2**53 + 1])}), path)
    ((side, _),) = read_sides(path, path)
    with pytest.raises(InputError, match="beyond 2\\^53"):
        compare_sides(side, side)
