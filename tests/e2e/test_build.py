"""The whole command on the study: everything is there, and every file says the same."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pandas as pd
import pyreadstat
import pytest
from lxml import etree
from odmlib.dataset_json_1_1.model import DatasetJSON
from pypdf import PdfReader

from datacut.errors import all_rules
from datacut.spec.load import load_specs

SPECS = Path(__file__).parents[2] / "specs"
OUTPUTS = tuple(sorted(p.stem for p in (SPECS / "tlf").glob("[tlf]-*.yml")))
SDTM = {
    "AE",
    "CP",
    "DM",
    "DS",
    "EG",
    "EX",
    "FT",
    "IS",
    "LB",
    "PC",
    "PP",
    "QS",
    "RS",
    "SE",
    "SV",
    "TA",
    "TE",
    "TI",
    "TS",
    "TV",
    "SUPPAE",
    "SUPPDM",
    "SUPPRS",
}
ADAM = {p.stem.upper() for p in (SPECS / "adam").glob("*.yml")}
NUMBER = 2
"""Of the cuts: what both must hold is asked of the second, which has every form and the corrections."""


@pytest.fixture
def cut(base):
    return base.cut(NUMBER)


def test_the_commands_end_well_and_find_nothing(base):
    assert base.run("simulate").code == 0, base.run("simulate").err
    assert (base.run("build").code, base.run("build").err) == (0, "")
    for number in (1, 2):
        assert [f for f in base.cut(number).findings if f.severity == "error"] == []


@pytest.mark.parametrize("number", [1, 2])
def test_our_own_rules_are_silent_on_the_study(base, number):
    """Each rule with a check is proved by a mutation in tests/conformance; none finds more than a note here."""
    checked = {rule.id for rule in all_rules().values() if rule.check is not None}
    assert len(checked) > 100
    told = [f for f in base.cut(number).findings if f.rule in checked and f.severity != "note"]
    assert [(f.rule, str(f.where), f.value) for f in told] == []


def test_the_closing_table_counts_every_dataset_and_output(base):
    said = base.run("build").out
    kinds = {"t": "table", "l": "listing", "f": "figure"}
    for number in (1, 2):
        table = said.partition(f"Cut {base.cut(number).name}")[2].partition("findings:")[0]
        lines = [x.split("│") for x in table.splitlines() if x.startswith("│")]
        counts = {line[1].strip(): int(line[2]) for line in lines if line[1].strip()}
        empty = {line[3].partition(":")[0].strip() for line in lines if "no records, so no file" in line[3]}
        assert empty == {name for name, dataset in base.cut(number).sdtm.items() if dataset.frame.empty}
        home = base.cut(number).home
        built = {stage: {p.stem.upper() for p in (home / stage.lower()).glob("*.xpt")} for stage in ("SDTM", "ADaM")}
        outputs = {kind: sum(o.startswith(f"{letter}-") for o in OUTPUTS) for letter, kind in kinds.items()}
        built["SDTM"] |= empty
        assert counts == {stage: len(names) for stage, names in built.items()} | outputs
        assert (built["SDTM"] >= SDTM, built["ADaM"]) == (True, ADAM)
    assert "no error by the rules checked" in said
    assert "rules of fda checked" in said


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("output", OUTPUTS)
def test_every_output_is_there_in_four_formats(base, output, number):
    rtf = (base.cut(number).home / "tlf" / f"{output}.rtf").read_text(encoding="utf-8")
    html = (base.cut(number).home / "tlf" / f"{output}.html").read_text(encoding="utf-8")
    assert rtf.startswith(r"{\rtf1") and rtf.rstrip().endswith("}")
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert "Page 1 of" in html
    pages = html.count('<section class="page"')
    assert len(PdfReader(base.cut(number).home / "tlf" / f"{output}.pdf").pages) == pages
    document = docx.Document(str(base.cut(number).home / "tlf" / f"{output}.docx"))
    assert len(document.element.body.findall("w:p/w:pPr/w:pageBreakBefore", document.element.nsmap)) == pages - 1


@pytest.mark.parametrize("number", [1, 2])
def test_combined_documents_hold_every_output(base, number):
    home = base.cut(number).home / "tlf"
    combined = {p.name for p in (home / "combined").iterdir()}
    names = ["section-14-1", "section-14-2", "section-14-3", "section-14-4", "section-16-2", "all-sections", "src"]
    assert combined == {f"{name}.{form}" for name in names for form in ("rtf", "docx", "pdf")}
    pages = {bookmark(PdfReader(home / f"{output}.pdf")): output for output in OUTPUTS}
    whole = PdfReader(home / "combined" / "all-sections.pdf")
    marked = list(bookmarks(whole, whole.outline))
    begins = {pages[title]: at for title, at in marked if title in pages}
    assert set(begins) == set(OUTPUTS)
    assert [at for title, at in marked if title in ("Title page", "Table of Contents")] == [0, 1]
    ends = [*sorted(begins.values())[1:], len(whole.pages)]
    for output, end in zip(sorted(begins, key=lambda o: begins[o]), ends, strict=True):
        assert end - begins[output] == len(PdfReader(home / f"{output}.pdf").pages), output


def bookmark(reader: PdfReader) -> str:
    """The only bookmark of the document of one output."""
    ((title, _),) = bookmarks(reader, reader.outline)
    return title


def bookmarks(reader: PdfReader, entries: list[Any]) -> Iterator[tuple[str, int]]:
    """Each bookmark, whatever its level, and the page it leads to, from 0."""
    for entry in entries:
        if isinstance(entry, list):
            yield from bookmarks(reader, entry)
        else:
            yield str(entry.title), reader.get_destination_page_number(entry)


def test_no_other_output_is_there(cut):
    assert {p.name.partition(".")[0] for p in (cut.home / "tlf").glob("*.rtf")} == set(OUTPUTS)


def test_every_dataset_has_a_transport_file_and_a_lineage_file(cut):
    assert {p.stem.upper() for p in (cut.home / "sdtm").glob("*.xpt")} == set(cut.sdtm)
    assert {p.stem.upper() for p in (cut.home / "adam").glob("*.xpt")} == set(cut.adam) == ADAM
    assert set(cut.lineage) == set(cut.sdtm) | set(cut.adam)


def test_a_define_describes_every_dataset_and_its_stylesheet_is_beside_it(cut):
    for stage, datasets in (("sdtm", cut.sdtm), ("adam", cut.adam)):
        root = etree.parse(cut.home / stage / "define.xml").getroot()
        assert {g.get("Name") for g in root.iter("{*}ItemGroupDef")} == set(datasets)
        style = root.getprevious().get("href")
        assert {p.name for p in (cut.home / stage).iterdir() if p.suffix != ".xpt"} == {
            "define.xml",
            "define.html",
            "define-supplement.html",
            style,
        }


def test_pyreadstat_reads_every_transport_file_equal_to_ours(cut):
    for stage, datasets in (("sdtm", cut.sdtm), ("adam", cut.adam)):
        for name, dataset in datasets.items():
            path = cut.home / stage / f"{name.lower()}.xpt"
            read, meta = pyreadstat.read_xport(path, encoding="ascii", disable_datetime_conversion=True)
            assert list(read.columns) == [v.name for v in dataset.variables] == list(dataset.frame.columns), name
            assert (meta.table_name, meta.file_label) == (name, dataset.label)
            assert meta.column_labels == [v.label for v in dataset.variables], name
            widths = {v.name: v.length if v.type == "text" else 8 for v in dataset.variables}
            assert dict(meta.variable_storage_width) == widths, name
            formats = {v.name: (v.format or FORMATS.get(v.type, "")).rstrip(".") for v in dataset.variables}
            shown = {k: "" if f in ("NULL", None) else f for k, f in meta.original_variable_types.items()}
            assert shown == formats, name
            for variable in dataset.variables:
                ours, theirs = expected(dataset.frame[variable.name], variable.type), read[variable.name]
                assert same(ours, theirs), f"{name}.{variable.name}"


def test_dataset_json_as_odmlib_reads_it_is_the_transport_file_as_pyreadstat_reads_it(cut):
    for stage, datasets in (("sdtm", cut.sdtm), ("adam", cut.adam)):
        for name in datasets:
            told = DatasetJSON.read_json(str(cut.home / "json" / stage / f"{name.lower()}.json"))
            read, meta = pyreadstat.read_xport(cut.home / stage / f"{name.lower()}.xpt", encoding="ascii")
            assert (told.name, told.label, told.records) == (meta.table_name, meta.file_label, len(read))
            assert [c.label for c in told.columns] == meta.column_labels, name
            given = pd.DataFrame(told.rows, columns=list(read.columns), dtype="object")
            for column in told.columns:
                ours, theirs = given[column.name], read[column.name]
                if column.dataType == "string":
                    assert ours.tolist() == theirs.tolist(), (name, column.name)
                elif column.targetDataType is not None:
                    shown = 10 if column.dataType == "date" else 19
                    iso = [None if pd.isna(t) else pd.Timestamp(t).isoformat()[:shown] for t in theirs]
                    assert ours.where(ours.notna(), None).tolist() == iso, (name, column.name)
                else:
                    assert np.array_equal(ours.astype("float64"), theirs.astype("float64"), equal_nan=True), (
                        name,
                        column.name,
                    )


FORMATS = {"date": "DATE9.", "datetime": "DATETIME20.", "time": "TIME8."}


def expected(values: pd.Series, kind: str) -> pd.Series:
    """A column as SAS holds it: text with missing as blank, numbers, days or seconds since 1960."""
    if kind == "text":
        return values.fillna("")
    if kind in ("date", "datetime"):
        seconds = (values - pd.Timestamp("1960-01-01")) / pd.Timedelta(seconds=1)
        return seconds / 86400 if kind == "date" else seconds
    return values.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)


def same(ours, theirs) -> bool:
    if getattr(ours, "dtype", None) == "str":
        return ours.tolist() == theirs.tolist()
    return np.array_equal(np.asarray(ours, dtype="float64"), theirs.to_numpy(dtype="float64"), equal_nan=True)


def test_labels_and_types_are_those_of_the_specs_and_the_standard(cut):
    ae = {v.name: v for v in cut.sdtm["AE"].variables}
    assert (ae["AETERM"].label, ae["AETERM"].type) == ("Reported Term for the Adverse Event", "text")
    adsl = {v.name: v for v in cut.adam["ADSL"].variables}
    assert (adsl["DLTEVLFL"].label, adsl["TRTSDT"].type) == ("DLT-Evaluable Population Flag", "date")


def test_text_lengths_are_as_long_as_the_longest_value_of_the_study(cut):
    for datasets in (cut.sdtm, cut.adam):
        lengths: dict[tuple[str, str], set[int]] = {}
        for name, dataset in datasets.items():
            for v in (v for v in dataset.variables if v.type == "text"):
                alone = name if name.startswith("SUPP") else ""  # each SUPP-- is measured on its own
                lengths.setdefault((alone, v.name), set()).add(v.length)
                assert dataset.frame[v.name].fillna("").str.len().max() <= v.length <= 200
        assert {k: v for k, v in lengths.items() if len(v) > 1} == {}


def test_the_manifest_holds_the_hash_of_every_file(base, cut):
    manifest = json.loads((cut.home / "manifest.json").read_text(encoding="utf-8"))
    written = {p.relative_to(cut.home).as_posix(): p for p in cut.home.rglob("*") if p.is_file()}
    del written["manifest.json"]
    assert {k: v["sha256"] for k, v in manifest["outputs"].items()} == {k: sha256(p) for k, p in written.items()}
    assert {k: v["bytes"] for k, v in manifest["outputs"].items()} == {k: p.stat().st_size for k, p in written.items()}
    given = {f"raw/{p.name}": p for p in (base.root / "raw" / cut.name).iterdir()}
    if cut.name != base.cut(1).name:  # the coding of terms is compared with the cut before
        given |= {f"before/{base.cut(1).name}/{p.name}": p for p in (base.root / "raw" / base.cut(1).name).iterdir()}
    for part in ("specs", "sdtm", "adam", "tlf"):
        files = (p for p in (base.root / part).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
        given |= {p.relative_to(base.root).as_posix(): p for p in files}
    assert manifest["inputs"] == {k: sha256(p) for k, p in given.items()}


def sha256(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# -- lineage -----------------------------------------------------------------------------------------------------

SUBJECT = {"edc": "SUBJID", "pcr": "PATNO", "flow": "SUBJECT"}
FILES = {
    "raw.transgene": ("transgene_cumulative.csv", ",", "PATNO"),
    "raw.flow": ("flow_cumulative.csv", ";", "SUBJECT"),
    "raw.cyto": ("cytokines_cumulative.csv", ";", "SUBJECT"),
    "raw.anticar": ("anticar_cumulative.csv", ";", "SUBJECT"),
    "raw.rcl": ("rcl_cumulative.csv", ";", "SUBJECT"),
}


def raw_subjects(cut, source: str) -> pd.Series:
    """Subject number, as DM has it, of every line of a raw file."""
    filename, separator, column = FILES.get(source, (f"{source.removeprefix('raw.')}.csv", ",", "SUBJID"))
    digits = cut.raw(filename, separator)[column].str.replace(r"\D", "", regex=True)
    return digits.str[:3] + "-" + digits.str[3:]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("domain", ["AE", "CP", "DM", "EG", "EX", "IS", "LB", "PC", "QS", "RS", "FT", "VS"])
def test_every_record_comes_from_a_raw_row_of_its_subject(base, domain, number):
    cut = base.cut(number)
    frame, edges = cut.frame(domain), cut.lineage[domain]
    raw = edges[edges["source"].str.startswith("raw.")]
    assert set(raw["record"]) == set(range(1, len(frame) + 1))
    subjects = frame["USUBJID"].str.removeprefix("CT1195E-SLE-101-")
    for source, part in raw.groupby("source"):
        known = raw_subjects(cut, source)
        assert set(part["source_record"]) <= set(known.index)
        assert known.loc[part["source_record"]].tolist() == subjects.iloc[part["record"] - 1].tolist()


def test_a_raw_row_is_where_the_value_stands(cut):
    chem = cut.raw("chem.csv")
    frame, edges = cut.frame("LB"), cut.lineage["LB"]
    part = edges[edges["source"] == "raw.chem"]
    records = frame.iloc[part["record"] - 1].reset_index(drop=True)
    for test, field in (("ALT", "ALT"), ("CREAT", "CREAT")):
        rows = records["LBTESTCD"] == test
        collected = chem.loc[part["source_record"], field].reset_index(drop=True)[rows]
        assert rows.sum() > 100
        assert collected.replace("", None).dropna().tolist() == records.loc[rows, "LBORRES"].dropna().tolist()


def test_every_source_record_exists(cut):
    sizes = {name: len(d.frame) for name, d in {**cut.sdtm, **cut.adam}.items()}
    for name, edges in cut.lineage.items():
        assert edges["record"].between(1, sizes[name]).all(), name
        assert not edges.duplicated().any(), name
        for source, part in edges.groupby("source"):
            if source in sizes:
                assert part["source_record"].between(1, sizes[source]).all(), f"{name} from {source}"


def test_every_analysis_record_comes_from_a_record_of_its_subject(cut):
    for name, dataset in cut.adam.items():
        edges = cut.lineage[name]
        assert set(edges["record"]) == set(range(1, len(dataset.frame) + 1)), name
        if name == "ADDOSE":
            assert set(edges["source"]) == {"raw.dose_review"}
            continue
        if name == "ADDLVL":  # a record for each planned level, from the settings of the study
            assert set(edges["source"]) == {"study"}
            continue
        assert {s for s in edges["source"] if s not in cut.sdtm and s not in cut.adam} == set(), name
        for source, part in edges.groupby("source"):
            theirs = cut.frame(source)["USUBJID"].iloc[part["source_record"] - 1].tolist()
            assert theirs == dataset.frame["USUBJID"].iloc[part["record"] - 1].tolist(), f"{name} from {source}"


def test_supplemental_records_come_from_their_parent(cut):
    ae, supp, edges = cut.frame("AE"), cut.frame("SUPPAE"), cut.lineage["SUPPAE"]
    assert set(edges["source"]) == {"AE"} and len(edges) == len(supp)
    assert ae["AESEQ"].iloc[edges["source_record"] - 1].astype("str").tolist() == supp["IDVARVAL"].tolist()


# -- accounting --------------------------------------------------------------------------------------------------


def accounting(cut, part: str) -> list[dict[str, str]]:
    with (cut.home / "accounting" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("number", [1, 2])
def test_every_row_of_every_file_is_in_one_place(base, number):
    cut, specs = base.cut(number), load_specs(base.root)
    places = ("mapped", "by_key", "excluded", "refused", "unaccounted")
    for line in accounting(cut, "forms"):
        form = specs.forms[line["form"]]
        counted = len(cut.raw(form.filename, specs.study.systems[form.system].delimiter))
        assert (int(line["rows"]), sum(int(line[p]) for p in places)) == (counted, counted), line
        assert line["unaccounted"] == "0", line


@pytest.mark.parametrize("number", [1, 2])
def test_the_rows_mapped_are_those_the_lineage_leads_back_to(base, number):
    cut = base.cut(number)
    edges = pd.concat(cut.lineage.values())
    for line in accounting(cut, "forms"):
        reached = edges.loc[edges["source"] == f"raw.{line['form']}", "source_record"].nunique()
        assert reached == int(line["mapped"]), line


def test_every_field_has_a_use_or_a_reason_and_every_coded_value_a_term(cut):
    assert [f for f in accounting(cut, "fields") if f["status"] == "unread"] == []
    assert [v for v in accounting(cut, "values") if v["submitted"] == ""] == []


@pytest.mark.parametrize("number", [1, 2])
def test_the_blocks_balance(base, number):
    for line in accounting(base.cut(number), "blocks"):
        assert int(line["rows"]) == sum(int(line[c]) for c in ("taken", "excluded", "not_selected")), line


def test_what_is_taken_is_what_was_built(cut):
    taken: dict[str, int] = {}
    for line in accounting(cut, "blocks"):
        taken[line["dataset"]] = taken.get(line["dataset"], 0) + int(line["taken"])
    for domain in ("AE", "DM", "DS", "EX", "LB", "PC", "QS", "RS", "VS", "SV"):
        assert taken[domain] == len(cut.frame(domain)), domain
    assert taken["ADSL"] == len(cut.frame("DM")) == len(cut.frame("ADSL"))
    assert taken["ADAE"] == len(cut.frame("ADAE"))


def test_check_shows_the_accounting_and_finds_it_whole(base, command):
    run = command(base.cut(1).home.parent.parent, "check", "--cut", base.cut(1).name)
    assert run.code == 0, run.out + run.err
    assert "read by key" in run.out
