"""The supplement holds what methods point to, as it stands in the specs."""

from lxml import etree

from datacut.spec.load import load_specs
from datacut.submission.supplement import write_supplement

UNITS = """
texts: [{value: NEGATIVE, collected: [Neg]}]
spellings: {gm/dL: g/dL}
tests:
  HGB: {standard: g/L, units: [g/dL], digits: 1, source: SI}
"""
GRADING = """
rules:
  - test: HGB
    direction: L
    term: Anemia
    unit: g/L
    limits: [1 x LLN, "100", "80", ""]
    anticoagulated: ["", "90", "", ""]
"""
STUDY = """
study: S1
title: A study
protocol: S1
standards: {sdtmig: "3.4", adamig: "1.3", ct: sdtmct-2022-09-30}
settings:
  late: {value: 28, source: assumption, text: Last day}
tables:
  doses:
    source: label
    text: Most of a drug
    columns: {DRUG: text, MG: number}
    rows: [{DRUG: <A>, MG: "5"}, {DRUG: B}]
windows:
  standard: [{avisit: Baseline, avisitn: 0, high: -1}, {avisit: Day 1, avisitn: 1, target: 1, low: 1, high: 3}]
"""


def sections(root):
    """The rows of the table under each heading."""
    found = etree.fromstring(write_supplement(load_specs(root), "T", "2026-03-02"), etree.HTMLParser())
    return {
        h.get("id"): [[(td.text or "") for td in tr] for tr in h.xpath("following-sibling::table[1]/tbody/tr")]
        for h in found.iter("h2")
        if h.xpath("following-sibling::*[self::table or self::h2][1][self::table]")
    }


def test_tables_windows_units_grades_and_choices_stand_there_as_they_are(study):
    told = sections(study({"study": STUDY, "units": UNITS, "grading": GRADING}))
    assert told["facts"] == [["STUDYID", "S1"], ["CUTDTC", "2026-03-02"]]
    assert told["table-doses"] == [["<A>", "5"], ["B", ""]]
    assert told["windows-standard"] == [["Baseline", "0", "", "", "-1"], ["Day 1", "1", "1", "1", "3"]]
    # 1 g/dL is 10 g/L
    assert told["units"] == [["HGB", "g/L", "g/dL", "10", "", "1"], ["HGB", "g/L", "g/L", "1", "", "1"]]
    assert told["spellings"] == [["gm/dL", "g/dL"]]
    assert told["results-in-words"] == [["every test", "NEGATIVE", "Neg"]]
    assert [row[4:8] for row in told["grading"]] == [
        ["1", "1 x LLN", "", ""],
        ["2", "100", "", "90"],
        ["3", "80", "", ""],
    ]
    assert told["choices"] == [["late", "28", "Last day", "assumption"]]
