"""A field of the export is shown as it stands there, whatever kind of file it is in."""

import gzip
import hashlib
import json
from datetime import date

import pandas as pd
import pyreadstat
import pytest
from openpyxl import Workbook

from datacut.history.stored import Stored
from datacut.history.values import Values

FORM = {
    "label": "Adverse events", "page": "12", "system": "edc", "record": None, "subject": "SUBJID",
    "fields": {"SUBJID": "Subject", "AETERM": "Event", "AESTDAT": "Start"},
    "formats": {"AESTDAT": {"type": "date", "format": "d-mmm-y"}},
}  # fmt: skip
SYSTEM = {"label": "Data capture", "encoding": "utf-8", "missing": ["UNK"], "subject": "SUBJID"}


@pytest.fixture
def stored(tmp_path):
    """A build of an export with one form, in the file of this name; other: what the manifest knows of it instead."""

    def made(place, other=None):
        build = tmp_path / "build" / "c"
        (build / "lineage").mkdir(parents=True)
        study = {"settings": {}, "systems": {"edc": SYSTEM}, "forms": {"ae": {**FORM, "file": f"raw/c/{place}"}}}
        (build / "lineage" / "study.json").write_text(json.dumps(study), encoding="utf-8")
        name = place.partition("/")[0]
        path = tmp_path / "raw" / "c" / name
        sha = other or (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        (build / "manifest.json").write_text(json.dumps({"inputs": {f"raw/{name}": sha}}), encoding="utf-8")
        return Stored(build, tmp_path)

    (tmp_path / "raw" / "c").mkdir(parents=True)
    return made


def write(folder, kind):
    """Two events of two subjects; returns the place of the form, and the number of the first row there."""
    rows = [("101-001", "Rash", date(2025, 3, 7)), ("101-002", "UNK", None)]
    if kind == "xlsx":
        book = Workbook()
        book.active.title = "Adverse events"
        for row in (("SUBJID", "AETERM", "AESTDAT"), *rows):
            book.active.append(row)
        book.save(folder / "edc.xlsx")
        return "edc.xlsx/Adverse events", 2
    if kind == "xpt":
        frame = pd.DataFrame(rows, columns=["SUBJID", "AETERM", "AESTDAT"])
        pyreadstat.write_xport(frame, str(folder / "ae.xpt"), table_name="AE", file_format_version=5)
        return "ae.xpt", 1
    text = "SUBJID,AETERM,AESTDAT\n101-001,Rash,07-MAR-2025\n101-002,UNK,\n"
    if kind == "csv":
        (folder / "ae.csv").write_text(text, encoding="utf-8")
        return "ae.csv", 2
    (folder / "ae.csv.gz").write_bytes(gzip.compress(text.encode()))
    return "ae.csv.gz", 2


@pytest.mark.parametrize("kind", ["csv", "gz", "xlsx", "xpt"])
def test_a_field_is_shown_from_every_kind_of_file(stored, tmp_path, kind):
    place, first = write(tmp_path / "raw" / "c", kind)
    values = Values(stored(place))

    def shown(line, field):
        return values.field("ae", line, field).facts["value"]

    assert shown(first, "AETERM") == "Rash"
    assert shown(first, "AESTDAT").upper().lstrip("0") == "7-MAR-2025"
    assert [shown(first + 1, name) for name in ("SUBJID", "AETERM", "AESTDAT")] == ["101-002", "(missing)", "(missing)"]


def test_a_file_that_is_gone_shows_nothing(stored):
    assert stored("ae.csv").raw("ae") == (None, "the export is not there any more")


def test_a_file_that_was_changed_shows_nothing(stored, tmp_path):
    place, _ = write(tmp_path / "raw" / "c", "xlsx")
    assert stored(place, "0" * 64).raw("ae") == (None, "the file has changed since the build")
