"""Where numbers come from: trace of the built study, held against the export and the transport files.

Expectations of single values were read from the CSV files of the export (seed 1) by hand. Results are recomputed in
numpy and scipy from the XPT files over the records that trace names, a sample of them here and all by hand
(`make traced`).
"""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import cache
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from datacut.errors import InputError
from datacut.history.backwards import touched_by
from datacut.history.cells import Page
from datacut.history.find import find_record
from datacut.history.stored import Stored
from datacut.history.values import Values
from datacut.pipeline.trace import trace

EACH = int(os.environ.get("DATACUT_TRACED", "1"))
"""Results asked of each method and statistic of an output."""


@pytest.fixture(scope="session")
def stored(base):
    cut = base.cut(2)
    return Stored(cut.home.resolve(), base.root)


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
    ("101-005", "LDSDT"): {
        ("ld.csv", 26, "LDSTDAT", "01-OCT-2025", "7"),
        ("ld.csv", 27, "LDSTDAT", "01-OCT-2025", "7"),
    },
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


def families(base):
    about = json.loads((base.cut(2).home / "lineage" / "study.json").read_text(encoding="utf-8"))["outputs"]
    first: dict[str, str] = {}
    for name, output in about.items():
        if output["draw"]:
            first.setdefault(output["draw"], name)
    return first


def test_a_mark_of_each_family_of_figures_answers(base, stored):
    drawn = families(base)
    assert len(drawn) == 17  # of the drawings in datacut.tlf.figures those that the study uses
    for output in drawn.values():
        page = Page(stored, output)
        marks = next((name for name, shown in page.shown.items() if len(shown)), None)
        if marks is None:
            result = next(r for r in page.results if r.row and r.stat and r.stat_name != "m")
            node = page.cells(str(result.row), "/".join(result.column), None, 2)
        else:
            node = page.record("1" if marks == "records" else f"{marks}:1", None, 2)
        kinds = Counter(n.kind for n in node.walk())
        assert kinds["cell"] >= 1, output
        assert kinds["value"] + kinds["record"] >= 1, output


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


# ---------------------------------------------------------------------------------------------------- recomputed


@cache
def transport(home, dataset):
    return pd.read_sas(home / "adam" / f"{dataset.lower()}.xpt", format="xport", encoding="utf-8")


def quantile(values, share):
    """SAS definition 5: the mean of two neighbours where the place is a whole number."""
    ordered, place = np.sort(values), len(values) * share
    whole = int(np.floor(place + 1e-9))
    if abs(place - whole) < 1e-9:
        return (ordered[whole - 1] + ordered[min(whole, len(ordered) - 1)]) / 2
    return ordered[whole]


OF_VALUES = {
    "n": len,
    "mean": np.mean,
    "sd": lambda x: np.std(x, ddof=1),
    "se": lambda x: np.std(x, ddof=1) / sqrt(len(x)),
    "min": np.min,
    "max": np.max,
    "median": lambda x: quantile(x, 0.5),
    "q1": lambda x: quantile(x, 0.25),
    "q3": lambda x: quantile(x, 0.75),
}
SUBJECTS = ("ard_count_subjects", "ard_total_n", "ard_count_worst", "ard_count_subjects_events", "ard_hierarchical")
RECOMPUTED = {
    *(("ard_summary", name) for name in OF_VALUES),
    *((method, "n") for method in SUBJECTS),
    *((method, "events") for method in ("ard_count_subjects_events", "ard_hierarchical")),
    *(
        (method, "p")
        for method in ("ard_count_subjects", "ard_count_worst", "ard_count_subjects_events", "ard_hierarchical")
    ),
    *(("ard_proportion_exact", name) for name in ("n", "p", "lower", "upper")),
}
"""Method and statistic of the results that this test knows how to make."""


def recomputed(home, result, answer):
    """The statistic from the records of the answer, in the transport file."""
    frame = transport(home, result.dataset).iloc[[n - 1 for n in answer["records"]]]
    people = frame["USUBJID"].nunique()
    if result.method == "ard_summary":
        values = frame[result.variable].dropna().to_numpy(dtype=float)
        return OF_VALUES[result.stat_name](values)
    if result.stat_name == "events":
        return len(frame)
    if result.stat_name == "n":
        return people
    whole = transport(home, answer["of"]["dataset"]).iloc[[n - 1 for n in answer["of"]["records"]]]["USUBJID"].nunique()
    if result.stat_name == "p":
        return 100 * people / whole
    if result.stat_name == "lower":
        return 100 * stats.beta.ppf(0.025, people, whole - people + 1) if people else 0.0
    return 100 * stats.beta.ppf(0.975, people + 1, whole - people) if people < whole else 100.0


def asked_of(page):
    """Results to ask: of each method and statistic so many, zeros at most a tenth of them, or one where all are."""
    groups: dict[tuple[str, str], list] = {}
    for result in page.results:
        if (result.method, result.stat_name) in RECOMPUTED and result.stat is not None:
            groups.setdefault((result.method, result.stat_name), []).append(result)
    for results in groups.values():
        some = [r for r in results if r.stat][:EACH]
        zeros = [r for r in results if not r.stat]
        yield from [*some, *zeros[: max(len(some) // 10, 0 if some else 1)]]


def answer_of(page, result):
    """What trace says of one result: its records, and what a percentage is of."""
    node = page.answer(result)
    of = next((n.facts for n in node.below if n.kind == "denominator" and "records" in n.facts), None)
    return {"records": node.facts["records"], "of": of}


def test_results_are_those_of_the_records_named(base, stored):
    home = base.cut(2).home.resolve()
    met: Counter[tuple[str, str]] = Counter()
    unsaid: Counter[tuple[str, str]] = Counter()
    outputs = [name for name in stored.study["outputs"] if name.startswith("t-")]
    for output in outputs if EACH > 1 else outputs[::4]:
        page = Page(stored, output)
        for result in asked_of(page):
            answer = answer_of(page, result)
            kind = (result.method, result.stat_name)
            if result.stat_name in ("p", "lower", "upper") and answer["of"] is None:
                unsaid[kind] += 1
                continue
            met[kind] += 1
            assert recomputed(home, result, answer) == pytest.approx(result.stat, rel=1e-9, abs=1e-9), (output, result)
    assert {kind for kind in RECOMPUTED if not met[kind]} <= {("ard_summary", "se")} or EACH == 1
    assert sum(unsaid.values()) <= sum(met.values()) / 50, unsaid
    assert len(met) >= 12
