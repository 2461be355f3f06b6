"""Where numbers come from: trace of the built study, held against the export and the transport files.

Expectations of single values were read from the CSV files of the export (seed 1) by hand.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tests.e2e.recompute import EACH, spread

from datacut.datasets.parts import KEY, PATH, join_parts
from datacut.errors import InputError
from datacut.history.backwards import touched_by
from datacut.history.cells import Page
from datacut.history.find import find_record
from datacut.history.stored import Stored
from datacut.history.values import Values
from datacut.pipeline.trace import trace


@pytest.fixture(scope="module")
def stored(base):
    return Stored(base.cut(2).home.resolve(), base.root)


def fields_of(node):
    """File, line, field, value and page of each field of the CRF that an answer ends at."""
    found = [n.facts for n in node.walk() if n.kind == "raw" and "field" in n.facts]
    return {(f["file"].rpartition("/")[2], f["line"], f["field"], f["value"], f["page"]) for f in found}


# read in dm.csv, enrol.csv, ld.csv, inf.csv and vs.csv of 2026-09-01; pages in specs/crf
TEN = {
    ("101-005", "SEX"): {("dm.csv", 6, "SEX", "Female", "2")},
    ("101-005", "AGE"): {("dm.csv", 6, "BRTHDAT", "12-DEC-1990", "2"), ("dm.csv", 6, "ICDAT", "23-SEP-2025", "2")},
    ("101-005", "RFICDT"): {("dm.csv", 6, "ICDAT", "23-SEP-2025", "2")},
    ("101-005", "ENRLDT"): {("enrol.csv", 6, "ENRDAT", "28-SEP-2025", "4")},
    # both drugs began at 10:47 on the first of October: of two equal ones the first of EX is named, cyclophosphamide
    ("101-005", "LDSDT"): {("ld.csv", 27, "LDSTDAT", "01-OCT-2025", "7")},
    ("101-005", "TRTSDT"): {("inf.csv", 6, "INFDAT", "06-OCT-2025", "8")},
    ("101-005", "DOSE01A"): {("inf.csv", 6, "BAG1", "2.26", "8"), ("inf.csv", 6, "BAG2", "2.26", "8")},
    ("101-005", "TRT01P"): {("enrol.csv", 6, "DOSELEV", "2", "4")},
    # the last weight before lymphodepletion began: 53.7 on 30 September, not 52.6 on the first of October
    ("101-005", "WEIGHTBL"): {("vs.csv", 66, "WEIGHT", "53.7", "6")},
    ("101-002", "ENRLDT"): {("enrol.csv", 3, "ENRDAT", "22-JUL-2025", "4")},
}


@pytest.mark.parametrize(("subject", "variable"), TEN)
def test_a_value_of_adsl_leads_to_form_row_and_page(stored, subject, variable):
    (record,) = find_record(stored, "ADSL", subject)
    found = fields_of(Values(stored).value("ADSL", record, variable))
    assert TEN[subject, variable] <= found
    others = {f for f in found if f[0] == "vs.csv" and f[2] == "WEIGHT"}
    assert others <= TEN[subject, variable]  # of all weights the chosen one alone


def test_a_row_is_named_by_its_record_id(stored):
    node = Values(stored).field("inf", 6, "BAG1")
    assert (node.facts["record_id"], node.facts["occurrence"], node.facts["form_label"]) == (
        "50287",
        1,
        "CT1195E infusion",
    )


def test_a_row_of_a_listing_leads_to_its_form(stored):
    page = Page(stored, "l-16-2-7-1")
    (cell,) = page.record("13", None, None).below
    assert {f[0] for f in fields_of(cell)} >= {"ae.csv"}
    shown = {n.facts["column"]: n.facts["printed"] for n in cell.below}
    assert set(shown) == set(page.shown["records"].columns)


DEPTH = 6
"""Calls followed from a cell of a listing: they lead to the CRF, and not over the whole study."""


def outputs_of(stored, kind):
    return [name for name, about in stored.study["outputs"].items() if about["kind"] == kind]


def shown_of(page):
    """Some of the records that an output shows, as a user asks for them."""
    for name, shown in page.shown.items():
        prefix = "" if name == "records" else f"{name}:"
        for number in spread(range(1, len(shown) + 1), EACH):
            yield f"{prefix}{number}", shown


def test_a_row_of_every_listing_answers(stored):
    """Each column of the row is there as it is printed, and one of its values ends at a field of the CRF."""
    answered = 0
    for output in outputs_of(stored, "listing"):
        page = Page(stored, output)
        for row, shown in shown_of(page):
            cells = page.record(row, None, 0).below
            assert cells, (output, row)
            at = int(row.rpartition(":")[2]) - 1
            texts = {key: column.cells.texts.iloc[at] for key, column in shown.columns.items()}
            assert {n.facts["column"]: n.facts["printed"] for n in cells[0].below} == texts
            assert any(fields_of(page.record(row, key, DEPTH)) for key in texts), (output, row)
            answered += 1
    assert answered >= 30


def test_a_mark_of_every_figure_answers(stored):
    """A mark is a record shown, or a result that is drawn; it ends at a record of a dataset or a field of the CRF."""
    drawn = set()
    for output in outputs_of(stored, "figure"):
        page = Page(stored, output)
        nodes = [page.record(row, None, 2) for row, _ in shown_of(page)]
        results = [r for r in page.results if r.row and r.stat and r.stat_name != "m"]
        nodes += [
            page.cells(PATH.join(page.rows[r.row]), join_parts(r.column, KEY), r.stat_name, 2)
            for r in (results if not nodes else spread(results, EACH - 1))[:EACH]
        ]
        for node in nodes:
            kinds = Counter(n.kind for n in node.walk())
            assert kinds["cell"] >= 1, output
            assert kinds["value"] + kinds["record"] >= 1, output
        if nodes:
            drawn.add(stored.study["outputs"][output]["draw"])
    assert len(drawn) == 17  # of the drawings in datacut.tlf.figures those that the study uses


def test_a_zero_says_what_its_condition_was_asked_of(stored):
    page = Page(stored, "t-14-3-1-2-1")
    zero = next(r for r in page.results if r.stat_name == "n" and r.stat == 0 and r.row and len(r.predicate) > 2)
    node = page.cells(str(zero.row), "/".join(zero.column), "n", 1)
    about = next(n.facts for n in node.walk() if n.kind == "condition")
    assert about["records"] == 0
    assert about["candidates"] == len(stored.frame(zero.dataset))
    assert [part["condition"] for part in about["parts"]] == [str(p) for p in zero.predicate]
    assert about["parts"][-1]["left"] == 0 < about["parts"][0]["meet"]


def test_a_flag_names_the_candidates_and_the_one_chosen(stored):
    frame = stored.frame("ADAE")
    flagged = int(np.flatnonzero(frame["AOCCIFL"].eq("Y").fillna(False).to_numpy(dtype=bool))[0]) + 1
    person = frame["USUBJID"].iloc[flagged - 1]
    group = next(n for n in Values(stored, 1).value("ADAE", flagged, "AOCCIFL").walk() if n.kind == "group")
    mine = frame["USUBJID"].eq(person) & frame["TRTEMFL"].eq("Y").fillna(False)
    assert group.facts["candidates"] == (np.flatnonzero(mine.to_numpy(dtype=bool)) + 1).tolist()
    assert [n.facts["record"] for n in group.below] == [flagged] or len(group.facts["candidates"]) == 1


def test_a_field_leads_to_every_cell_that_counts_it(stored):
    """Line 14 of ae.csv is grade 1 of participant 101-002, dose 3.0: all rows of grades of that dose may be others."""
    node = touched_by(stored, "ae.csv", 14, "AETOXGR")
    assert node.facts["value"] == "1"
    datasets = {n.facts["dataset"]: n.facts["variables"] for n in node.below if n.kind == "dataset"}
    assert list(datasets["AE"]) == ["AETOXGR"]
    outputs = {n.facts["output"]: n.facts for n in node.below if n.kind == "output"}
    grades = {(c["row"], c["column"]) for c in outputs["t-14-3-1-2-1"]["cells"]}
    page = Page(stored, "t-14-3-1-2-1")
    graded = {(r.row, "/".join(r.column)) for r in page.results if r.variable == "ATOXGRN" and "3.0" in r.column[-1]}
    assert graded
    assert graded <= grades
    assert not any("4.5" in column for _, column in grades)  # of another dose: not reached


def test_what_does_not_exist_is_answered_with_the_nearest(base):
    build = base.root / "build"

    def said(what, **asked):
        with pytest.raises(InputError) as fault:
            trace(base.root, build, what, **asked)
        return str(fault.value)

    assert "t-14-3-1-2-1" in said("t-14-3-1-2-11", row="1")
    assert "Grade 3" in said("t-14-3-1-2-1", row="Grade 33")
    assert "Total" in said("t-14-3-1-2-1", row="Grade 3", column="Totel")
    assert "DLTEVLFL" in said("ADSL.DLTEVLFX", key="101-005")
    assert "101-005" in said("ADSL.AGE", key="101-0055")
    assert "AETERM" in said("raw/2026-09-01/ae.csv:14:AETERN")
    assert "no row on line 9999" in said("raw/2026-09-01/ae.csv:9999")
    assert "2026-09-01" in said("ADSL.AGE", key="101-005", cut="2026-09-02")
    assert "no build 0000" in said("ADSL.AGE", key="101-005", digest="0000")


def test_lineage_is_at_most_half_of_the_data(base):
    home = base.cut(2).home.resolve()

    def size(part):
        return sum(p.stat().st_size for p in (home / part).rglob("*.parquet"))

    assert size("lineage") <= size("data") / 2
