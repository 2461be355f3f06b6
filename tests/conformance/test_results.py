"""Every rule over results fires on its mutation of a small clean build, and it alone.

Subjects 1, 2, 3 are treated (1 and 2 low, 3 high), 4 is not. Skin: 1 twice, 3 once; Blood: 2 once. Hand-counted.
"""

from dataclasses import replace

import pandas as pd
import pytest

from datacut.conformance.pages import read_bodies
from datacut.conformance.result_rules import RESULT_CHECKS, check_results
from datacut.conformance.results import Listing, Results
from datacut.datasets.ard import concat_ard
from datacut.datasets.records import Cells, ShownColumn, ShownRecords
from datacut.errors import all_rules
from datacut.spec.where import parse_predicate, parse_where

ADSL = pd.DataFrame(
    {"USUBJID": ["1", "2", "3", "4"], "SAFFL": ["Y", "Y", "Y", "N"], "DOSE": ["low", "low", "high", None]}
).astype("str")
ADAE = pd.DataFrame(
    [
        ("1", "Skin", 1, None, 3), ("1", "Skin", 3, "Y", 2), ("2", "Blood", 2, "Y", 1), ("3", "Skin", 2, "Y", None),
        ("4", "Skin", 1, "Y", 9),
    ],
    columns=["USUBJID", "SOC", "ATOXGRN", "WORST", "DAYS"],
).astype({"USUBJID": "str", "SOC": "str", "ATOXGRN": "Int64", "WORST": "str", "DAYS": "Float64"})  # fmt: skip
SAF = 'SAFFL EQ "Y"'
SKIN = 'SOC EQ "Skin"'

ROWS = """
t-1 N       ard_total_n               ADSL 0 low   . n      2       SAF AND DOSE EQ "low"
t-1 N       ard_total_n               ADSL 0 Total . n      3       SAF
t-1 any     ard_count_subjects        ADAE 1 low   . n      2       SAF AND DOSE EQ "low"
t-1 any     ard_count_subjects        ADAE 1 low   . p    100       SAF AND DOSE EQ "low"
t-1 skin    ard_count_subjects        ADAE 2 low   . n      1       SAF AND DOSE EQ "low" AND SKIN
t-1 skin    ard_count_subjects        ADAE 2 low   . p     50       SAF AND DOSE EQ "low" AND SKIN
t-1 skin    ard_count_subjects        ADAE 2 Total . n      2       SAF AND SKIN
t-1 skin    ard_count_subjects        ADAE 2 Total . m      3       SAF AND SKIN
t-1 skin    ard_count_subjects        ADAE 2 Total . p 66.66666666666667 SAF AND SKIN
t-2 terms   ard_hierarchical          ADAE 1 Total SOC n    2       SKIN AND SAF
t-2 terms   ard_hierarchical          ADAE 1 Total SOC events 3     SKIN AND SAF
t-2 terms   ard_hierarchical          ADAE 2 Total ATOXGRN n 0      SAF AND SKIN AND WORST EQ "Y" AND ATOXGRN EQ 1
t-2 grade   ard_summary               ADAE 3 Total DAYS mean 2      SAF AND DAYS NOT MISSING
t-3 grade   ard_summary               ADAE 1 Total DAYS mean 2      SAF AND DAYS NOT MISSING
t-3 km      ard_survival              ADTTE 2 Total AVAL cases 0    SAF
t-3 km      ard_survival              ADTTE 2 Total AVAL pcases 0   SAF
t-3 grade   ard_summary               ADAE 1 Total DAYS n   3       SAF AND DAYS NOT MISSING
"""


def clean():
    """The rows of the build."""
    names = ("output", "analysis", "method", "dataset", "row", "column", "variable", "stat_name", "stat", "predicate")
    rows = []
    for line in ROWS.strip().splitlines():
        row = dict(zip(names, line.split(maxsplit=9), strict=True))
        row["predicate"] = row["predicate"].replace("SAF ", f"{SAF} ").replace("SKIN", SKIN)
        row["predicate"] = SAF if row["predicate"] == "SAF" else row["predicate"].replace("AND SAF", f"AND {SAF}")
        row["predicate"], row["column"] = parse_predicate(row["predicate"]), (row["column"],)
        row["row"] = int(row["row"])
        row["stat"] = None if row["stat"] == "." else float(row["stat"])
        row["variable"] = None if row["variable"] == "." else row["variable"]
        rows.append({**row, "population": "SAF"})
    label = {"output": "t-1", "analysis": "label", "method": "label", "stat_name": "row_label", "column": ("label",)}
    rows += [{**label, "row": n, "formatted": text} for n, text in ((1, "Any, 2 of them"), (3, "Class of 5"))]
    for number, text in ((2, "2"), (3, " (100%)"), (6, "2"), (8, " (66.7%)")):
        rows[number] |= {"formatted": text}
    return rows


PAGES = {"t-1": ("Any, 2 of them", "2 (100 %)", " 2 (66.7%)  ", "Skin", "Class of 5 (continued)"), "t-9": ("-",)}


def records(*own, where=f"{SAF} AND {SKIN}", joined="", texts=None, reasons=None, one_per=(), **about):
    """Records of the listing: subject and grade of each."""
    predicates = [
        f'{where} AND USUBJID EQ "{subject}"' + ("" if grade is None else f" AND ATOXGRN EQ {grade}")
        for subject, grade in own
    ]
    cells = Cells(
        pd.Series(texts or ["Skin"] * len(own), dtype="str"), pd.Series(reasons or [None] * len(own), dtype="str")
    )
    column = ShownColumn("Class", "ard_value", "ADAE", "SOC", cells, where=parse_predicate(joined), **about)
    shown = ShownRecords(
        "ADAE", parse_predicate(where), tuple(map(parse_predicate, predicates)), {"term": column}, one_per
    )
    return {"l-1": {"records": shown}}


LISTED = records(("1", 1), ("1", 3), ("3", 2))


def listed(*own, **changes):
    """The clean build with other records in its listing."""
    return results(clean(), shown=records(*own, **changes))


def results(rows, pages=PAGES, shown=LISTED):
    listing = Listing("ADAE", parse_where(SKIN), parse_where(SAF))
    frames = {"ADSL": ADSL, "ADAE": ADAE}
    return Results(
        concat_ard([pd.DataFrame(rows)]), frames, {}, {"SAF": parse_where(SAF)}, shown, {"l-1": listing}, pages
    )


def stat(number, value):
    """The clean build with another value in one row of ROWS, counted from 0."""

    def mutate():
        rows = clean()
        rows[number] |= {"stat": value}
        return rows

    return mutate


def shown(number, text):
    """The clean build with another printed text in the ARD."""

    def mutate():
        rows = clean()
        rows[number] |= {"formatted": text}
        return rows

    return mutate


def of_one_subject():
    """1 of 1 where N is 2, and nothing on the page says of what."""
    rows = clean()
    rows[5] |= {"stat": 100.0, "formatted": " (100%)"}
    return rows


MUTATIONS = {
    "tlf.header": stat(0, 3.0),
    "tlf.counted": stat(10, 4.0),
    "tlf.valued": stat(16, 2.0),
    "tlf.same": stat(13, 2.5),
    "tlf.percent": stat(8, 66.7),
    "tlf.denominator": of_one_subject,
    "tlf.listed": lambda: listed(("1", 1), ("1", 3), where=f'{SAF} AND {SKIN} AND USUBJID NE "3"'),
    "tlf.record": lambda: listed(("1", 1), ("1", 9), ("3", 2)),
    "tlf.printed": shown(8, " (66.6%)"),
}


def fired(rows):
    return {f.rule for f in check_results(rows if isinstance(rows, Results) else results(rows))}


def test_the_rules_are_silent_on_a_clean_build():
    assert [str(f) for f in check_results(results(clean()))] == []


@pytest.mark.parametrize("rule", MUTATIONS)
def test_a_rule_fires_on_its_mutation_and_it_alone(rule):
    assert fired(MUTATIONS[rule]()) == {rule}


def test_every_rule_over_results_has_a_mutation():
    told = {id_: about.check_results for id_, about in all_rules().items() if about.check_results is not None}
    assert set(MUTATIONS) == set(told)
    assert set(told.values()) == set(RESULT_CHECKS)


def test_a_row_that_differs_from_another_output_is_told_with_both_places():
    rows = stat(9, 1.0)()
    found = {f.rule: f for f in check_results(results(rows))}
    assert set(found) == {"tlf.counted", "tlf.same"}
    assert str(found["tlf.same"].where) == "t-2/terms:row 1, column Total, n"
    assert "t-1/skin:row 2, column Total, n has 2" in found["tlf.same"].what


def test_a_row_of_a_worst_grade_is_held_against_the_records_flagged():
    """Grade 1 is the worst grade of nobody treated, though 1 has a record of it."""
    rows = stat(11, 1.0)()
    assert [str(f.where) for f in check_results(results(rows)) if f.rule == "tlf.counted"] == [
        "t-2/terms:row 2, column Total, n"
    ]


@pytest.mark.parametrize(
    ("number", "value", "fires"),
    [
        (3, 99.0, True),  # 2 is no 99 % of a whole number
        (3, 66.66666666666667, False),  # 2 of 3 subjects of the set
        (3, 50.0, True),  # 2 of 4, and the set has 3
        (5, 100.0, False),  # 1 of 1: a narrower denominator
        (15, 1.0, True),  # nobody is no percent
    ],
)
def test_a_percentage_is_of_a_whole_number_within_the_set(number, value, fires):
    assert ("tlf.percent" in fired(stat(number, value)())) == fires


def test_a_subject_listed_and_not_counted_is_told():
    found = check_results(listed(("1", 1), ("1", 3), ("3", 2), ("2", 2)))
    found = [f for f in found if f.rule == "tlf.listed"]
    assert [str(f.where) for f in found] == ["l-1:2"]
    assert "listed, not counted" in found[0].what


def test_a_listing_that_was_not_made_holds_nobody_and_an_empty_one_lacks_them():
    assert [f for f in check_results(results(clean(), shown={})) if f.rule == "tlf.listed"] == []
    empty = {name: {key: s.emptied() for key, s in by_name.items()} for name, by_name in LISTED.items()}
    found = [f for f in check_results(results(clean(), shown=empty)) if f.rule == "tlf.listed"]
    assert found and all("counted, not listed" in f.what for f in found)


def test_a_subject_outside_the_set_of_the_listing_need_not_be_listed():
    rows = clean()
    skin = parse_predicate(SKIN)
    rows[6] |= {"stat": 3.0, "predicate": skin}
    rows[7] |= {"predicate": skin}
    rows[8] |= {"predicate": skin, "stat": 100.0}
    assert fired(rows) == set()


def test_a_printed_number_that_is_no_result_is_told_with_its_output():
    found = check_results(results(clean(), {"t-1": (" 7 ", "none")}))
    assert [(f.rule, str(f.where), f.value) for f in found] == [("tlf.printed", "t-1", "7")]


def test_the_texts_of_a_page_are_those_of_its_body(tmp_path):
    head = "<thead><tr><th>(N=3)</th></tr></thead>"
    body = "<tbody><tr><th> A &lt; 1 </th><td>2\n(3)</td></tr></tbody>"
    (tmp_path / "t-1.html").write_text(f"<table>{head}{body}</table><p>9</p>", encoding="utf-8")
    assert read_bodies(tmp_path) == {"t-1": (" A < 1 ", "2\n(3)")}


@pytest.mark.parametrize(
    ("denominator", "label", "stub"),
    [
        ("/1", "Skin", ""),
        ("", "Skin, n (% of those with a sample)", ""),
        ("", "Skin", "Class, n (% of those seen)"),
        ("", "low (N=1)", ""),
    ],
)
def test_a_percentage_of_less_than_n_is_silent_where_the_page_names_it(denominator, label, stub):
    rows = of_one_subject()
    m = rows[5] | {"stat_name": "m", "stat": 1.0, "formatted": denominator}
    named = {
        "output": "t-1",
        "analysis": "label",
        "method": "label",
        "row": 2,
        "stat_name": "row_label",
        "column": ("label",),
    }
    told = results([*rows, m, named | {"formatted": label, "path": (label,)}])
    found = check_results(replace(told, stubs={"t-1": stub}))
    assert [f.rule for f in found] == []


@pytest.mark.parametrize(
    ("own", "changes", "told"),
    [
        ([("1", 1), ("1", 3), ("3", 2)], {}, []),
        ([("1", 1), ("1", 3)], {}, [("", "1 records that satisfy the condition are not shown")]),
        ([("1", 1), ("1", 1), ("3", 2)], {}, [
            (":record 1", "its condition is that of another record shown"),
            (":record 2", "its condition is that of another record shown"),
            ("", "1 records that satisfy the condition are not shown"),
        ]),
        ([("1", None), ("3", None)], {}, [(":record 1", "its condition selects 2 records")]),
        ([("1", None), ("3", None)], {"one_per": ("USUBJID",)}, []),
        ([("1", 1), ("1", 3), ("3", 2)], {"one_per": ("ATOXGRN",)}, []),
        ([("1", 1), ("1", 3)], {"one_per": ("ATOXGRN",)}, [("", "1 records that satisfy the condition are not shown")]),
        ([("1", None)], {"one_per": ("SOC",)}, []),
        ([("1", 1), ("1", 3), ("3", None)], {}, [(":record 3", "its condition is not that of all and its own values")]),
        # filled from the records of Blood, which subject 2 alone has
        ([("1", None), ("3", None)], {"one_per": ("USUBJID",), "texts": ["", "x"], "reasons": ["no record", None]},
         [(":record 2", "its term is not filled from the 0 records that match it")]),
        ([("1", None), ("3", None)], {"one_per": ("USUBJID",), "texts": ["", ""], "reasons": ["no record"] * 2}, []),
    ],
)  # fmt: skip
def test_a_record_shown_is_the_one_its_condition_selects(own, changes, told):
    if "texts" in changes:
        changes = changes | {"match": ("USUBJID",), "joined": 'SOC EQ "Blood"'}
    found = [f for f in check_results(listed(*own, **changes)) if f.rule == "tlf.record"]
    assert [(str(f.where), f.what.rpartition(": ")[2]) for f in found] == [
        (f"l-1/records{at}", what) for at, what in told
    ]
