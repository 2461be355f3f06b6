"""What a page says of each of its cells finds the result, or the record, that is printed there."""

import importlib
import pkgutil

import pandas as pd
import pytest
from lxml import etree

import datacut.ard
from datacut.ard.build import BuiltResults, build_ard
from datacut.datasets.ard import file_frame
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Study
from datacut.tlf.build import build_output
from datacut.tlf.layout import Identity, Layout
from datacut.tlf.paginate import paginate
from datacut.tlf.render_html import render_html

STUDY = Study.model_validate(
    {
        "study": "S1",
        "title": "A study",
        "protocol": "P1",
        "standards": {"sdtmig": "3.4", "adamig": "1.3", "ct": "x"},
        "systems": {},
        "analysis_sets": {"SAF": {"label": "Safety Set", "where": 'SAFFL EQ "Y"'}},
        "groupings": {
            "arm": {
                "variable": "TRT01A",
                "label": "Arm",
                "levels": [{"value": v, "label": v} for v in ("Drug/Placebo", "Drug")],
            }
        },
    }
)
LIBRARY = OutputLibrary.model_validate(
    {
        "patterns": {
            "S-NE": {"cell": "{n} ({p:1%}) [{events}]", "zero": "{n}"},
            "S-NPCT": "{n} ({p:1%})",
            "S-NM": "{n}/{m}",
        },
        "columns": {"ALL": {"groups": [{"by": "arm", "total": "Total"}]}},
    }
)
ADSL = pd.DataFrame(
    {"USUBJID": ["1", "2", "3"], "SAFFL": "Y", "TRT01A": ["Drug", "Drug", "Drug/Placebo"], "AGE": [30, 40, 50]}
)
TERMS = 60
ADAE = pd.DataFrame(
    {
        "USUBJID": ["1", "2", "3"] * TERMS,
        "AESEQ": [i // 3 + 1 for i in range(3 * TERMS)],
        "SOC": ["Skin | hair", "Blood", "Blood"] * TERMS,
        "PT": [f"Term {i // 3 + 1}" for i in range(3 * TERMS)],
        "GRADE": [1, 3, 2] * TERMS,
    }
)
ADLB = pd.DataFrame({"USUBJID": ["1", "1", "3"], "AESEQ": [1, 1, 2], "UNIT": ["10^9/L", "g/L", "3 x 10^8 cells"]})
BASE = {"output": "x-1", "number": "Table 1", "title": "T", "population": "SAF"}
RECORDS = {
    "dataset": "ADAE",
    "sort": ["USUBJID", "AESEQ"],
    "keys": ["subject"],
    "columns": {
        "subject": {"label": "Subject", "call": "ard_value(USUBJID)"},
        "term": {"label": "Term", "call": "ard_value(PT)"},
        "units": {
            "label": "Units (10^9/L)",
            "call": "ard_value(UNIT)",
            "dataset": "ADLB",
            "match": ["USUBJID", "AESEQ"],
        },
    },
}


def results(**keys: object) -> BuiltResults:
    registry = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        registry.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    spec = OutputSpec.model_validate({**BASE, **keys})
    return build_ard(spec, LIBRARY, STUDY, {"ADSL": ADSL, "ADAE": ADAE, "ADLB": ADLB}, registry)


def pages(made: BuiltResults) -> Layout:
    layout, findings = paginate(build_output(made.spec, LIBRARY, STUDY, made.ard, made.records).display)
    assert findings == []
    assert len(layout.pages) > 1
    return layout


def page_cells(made: BuiltResults) -> list[tuple[str, int, str, str]]:
    """Of each cell that is not blank: `row` or `record`, number, column, and its text; read from the HTML alone."""
    page = etree.fromstring(render_html(pages(made)).encode(), etree.HTMLParser(encoding="utf-8"))
    assert [m.get("data-output") for m in page.iter("main")] == ["x-1"]
    out = []
    for row in page.iter("tr"):
        for cell in row.iter("td", "th") if row.get("class") == "row" else ():
            if text := "".join("".join(cell.itertext()).removesuffix(" (continued)").split()):
                kind = "row" if row.get("data-row") else "record"
                out.append((kind, int(row.get(f"data-{kind}")), cell.get("data-column"), text))
    return out


def result_texts(made: BuiltResults) -> dict[tuple[str, int, str], str]:
    """The printed texts of the ARD as its files hold it, by row and column."""
    out: dict[tuple[str, int, str], str] = {}
    ard = file_frame(made.ard)
    for number, column, text in zip(ard["row"], ard["column"], ard["formatted"].fillna(""), strict=True):
        out["row", number, column] = out.get(("row", number, column), "") + "".join(text.split())
    return out


def record_texts(made: BuiltResults) -> dict[tuple[str, int, str], str]:
    columns = made.records["records"].columns
    return {
        ("record", number, key): "".join(text.split())
        for key, column in columns.items()
        for number, text in enumerate(column.cells.texts, 1)
    }


def test_cells_of_a_table_with_subcolumns_and_repeated_headings() -> None:
    call = {"dataset": "ADAE", "call": "ard_hierarchical([SOC, PT])"}
    made = results(
        columns="ALL", subcolumns={"all": "All", "severe": "Grade 3"}, paging="P-SOC",
        analyses=[
            {**call, "column": "all"},
            {**call, "column": "severe", "call": 'ard_hierarchical([SOC, PT], where="GRADE EQ 3")'},
        ],
    )  # fmt: skip
    cells = page_cells(made)
    told = result_texts(made)
    assert [cell for cell in cells if told[cell[:3]] != cell[3]] == []
    columns = {column for _, _, column, _ in cells}
    assert columns >= {"label", "Drug\\/Placebo/all", "Drug/severe", "Total/all"}
    printed = [cell for cell in cells if cell[2] == "label"]
    assert len(printed) > len(set(printed)), "a heading repeated on a page says which row it is"
    assert {cell for cell in told if cell[1] > 0 and told[cell]} == {cell[:3] for cell in cells}
    repeated = {row.shows for page in pages(made).pages for row in page.rows if row.continued}
    assert repeated == {Identity(1, ("Blood",)), Identity(TERMS + 2, ("Skin | hair",))}


@pytest.mark.parametrize("kind", ["listing", "table"])
def test_cells_of_records_and_of_what_is_joined_to_them(kind: str) -> None:
    made = results(kind=kind, records=RECORDS)
    cells = page_cells(made)
    told = record_texts(made)
    assert [cell for cell in cells if told[cell[:3]] != cell[3]] == []
    units = {cell[:2]: cell[3] for cell in cells if cell[2] == "units"}
    assert units == {("record", 1): "10⁹/Lg/L", ("record", 2 * TERMS + 2): "3×10⁸cells"}
    assert made.records["records"].columns["units"].label == "Units (10⁹/L)"
    assert {cell[1] for cell in cells if cell[2] == "term"} == set(range(1, 3 * TERMS + 1))
    # a key is printed where it changes and at each page top, and never under another's number
    assert {cell[3] for cell in cells if cell[2] == "subject"} == {"1", "2", "3"}


def test_rows_of_a_page_by_parameter_say_what_their_byline_is() -> None:
    """Two parameters on the same pages: the by-line is a heading there, and a row of the results too."""
    made = results(
        columns="ALL", pages={"variable": "SOC", "label": "Class: "},
        analyses=[{"dataset": "ADAE", "call": "ard_tabulate_across(GRADE, levels={3: Severe})", "by": ["PT"]}],
        subcolumns={"3": "Severe"},
    )  # fmt: skip
    cells = page_cells(made)
    told = result_texts(made)
    assert [cell for cell in cells if told[cell[:3]] != cell[3]] == []
    assert {cell[3] for cell in cells if cell[3].startswith("Class:")} == {"Class:Blood", "Class:Skin|hair"}
