"""What Define-XML needs and a spec does not say is told with the line of the spec."""

import pytest

from datacut.pipeline.specs import read_specs
from datacut.submission.define import is_dated

FORM = """
form: ae
label: Adverse events
page: "20"
fields: {AETERM: {label: Event}}
"""
LABORATORY = """
form: lab
label: Laboratory file, without a page
fields: {RESULT: {label: Result}}
"""
DATASET = """
dataset: AE
keys: [AESEQ]
records: [{from: raw.ae}]
variables:
  AESEQ: {derive: "derive_seq(by=[AETERM], group=[AETERM])", origin: Derived, source: Sponsor, text: Order.}
  AETERM: {derive: assign(AETERM), origin: Collected, source: Investigator}
"""


def told(study, specs):
    """Line, fault and value of every finding of the rule."""
    found = read_specs(study(specs)).findings
    return [(str(f.where), f.what, f.value) for f in found if f.rule == "spec.define"]


def test_a_spec_that_says_all_is_silent(study):
    assert told(study, {"crf/ae": FORM, "sdtm/ae": DATASET}) == []


@pytest.mark.parametrize(
    ("was", "becomes", "line", "what", "value"),
    [
        (", origin: Collected, source: Investigator", "", 6, "no origin", "AETERM"),
        (", source: Investigator", "", 6, "no source of its origin", "AETERM"),
        ("origin: Collected", "origin: Predecessor", 6, "a predecessor, without its variable", "AETERM"),
        (
            "assign(AETERM)",
            'hardcode("X")',
            6,
            "collected, but its call reads no field of a form with a page",
            "AETERM",
        ),
    ],
)
def test_what_a_variable_lacks(study, was, becomes, line, what, value):
    specs = {"crf/ae": FORM, "sdtm/ae": DATASET.lstrip("\n").replace(was, becomes)}
    assert told(study, specs) == [(f"specs/sdtm/ae.yml:{line}", what, value)]


def test_a_call_with_a_fault_is_told_once(study):
    specs = {"crf/ae": FORM, "sdtm/ae": DATASET.replace("derive_seq(", "derive_sec(").replace(", text: Order.", "")}
    errors = [f.what for f in read_specs(study(specs)).findings if str(f.where) == "specs/sdtm/ae.yml:5"]
    assert [what.partition(";")[0] for what in errors] == ["derive_sec: no such verb. Did you mean derive_seq?"]
    assert told(study, specs) == []


SHARED = """
dataset: ADSL
label: Subjects
class: SUBJECT LEVEL ANALYSIS DATASET
structure: One record per subject
keys: [USUBJID]
records: [{from: AE}]
variables:
  USUBJID: {predecessor: AE.AETERM}
  LEN: {label: Length, type: integer, derive: "derive_var_computed(inputs=[USUBJID], value=study.length)"}
"""
FUNCTION = """
from datacut.spec.registry import verb

@verb("function"SAYS)
def length(columns):
    return columns.iloc[:, 0].str.len()
"""


@pytest.mark.parametrize(
    ("says", "text", "faults"),
    [
        ("", "", ["study.length"]),
        (', says="letters of {1}"', "", []),
        ("", "text: Letters of USUBJID.", []),
    ],
)
def test_a_function_of_the_study_has_words_of_its_own_or_the_line_a_text(study, says, text, faults):
    line = SHARED.replace('value=study.length)"', f'value=study.length)", {text}')
    root = study({"crf/ae": FORM, "sdtm/ae": DATASET, "adam/adsl": line})
    (root / "adam").mkdir()
    (root / "adam" / "own.py").write_text(FUNCTION.replace("SAYS", says), encoding="utf-8")
    found = [f for f in read_specs(root).findings if f.rule == "spec.define"]
    assert [f.value for f in found if f.what == "made by what has no words"] == faults
    assert {str(f.where) for f in found} <= {"specs/adam/adsl.yml:9"}


def test_an_order_needs_no_text(study):
    assert told(study, {"crf/ae": FORM, "sdtm/ae": DATASET.replace(", text: Order.", "")}) == []


def test_pages_that_are_given_stand(study):
    dataset = DATASET.replace("source: Investigator", 'source: Investigator, pages: "3"')
    assert told(study, {"crf/ae": FORM.replace('page: "20"\n', ""), "sdtm/ae": dataset}) == []


def test_a_vendor_needs_no_page(study):
    dataset = DATASET.replace("source: Investigator", "source: Vendor")
    assert told(study, {"crf/ae": FORM.replace('page: "20"\n', ""), "sdtm/ae": dataset}) == []


def test_a_block_from_a_form_without_a_page_is_told_though_another_has_one(study):
    dataset = DATASET.replace(
        "records: [{from: raw.ae}]", "records:\n  - from: raw.ae\n  - {from: raw.lab, set: {AETERM: assign(RESULT)}}"
    ).lstrip("\n")
    specs = {"crf/ae": FORM, "crf/lab": LABORATORY, "sdtm/ae": dataset}
    what = "collected, but its call reads no field of a form with a page"
    assert told(study, specs) == [("specs/sdtm/ae.yml:5", what, "AETERM")]
    specs["sdtm/ae"] = dataset.replace("AETERM: assign(RESULT)", "AETERM: {derive: assign(RESULT), source: Vendor}")
    assert told(study, specs) == []


def test_a_variable_whose_call_is_faulty_is_told_once_by_its_fault(study):
    specs = {"crf/ae": FORM, "sdtm/ae": DATASET.replace("assign(AETERM)", "assign(AETREM)")}
    assert told(study, specs) == []
    assert [f.value for f in read_specs(study(specs)).findings if f.rule == "spec.name"] == ["AETREM"]


def test_a_qualifier_with_an_origin_nobody_knows(study):
    dataset = DATASET + "supplemental:\n  X: {label: X, derive: assign(AETERM), origin: PAPER}\n"
    ((where, what, value),) = told(study, {"crf/ae": FORM, "sdtm/ae": dataset})
    assert (where.rpartition(":")[0], what, value) == ("specs/sdtm/ae.yml", "no such origin", "PAPER")


def test_a_dictionary_and_a_terminology_package_that_are_not_there(study, tmp_path):
    root = study({"codelists": "codelists: {C: {name: Country, dictionary: ISO 3166, terms: [{value: CHN}]}}\n"})
    path = root / "specs" / "study.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("2022-09-30", "1999-01-01"), encoding="utf-8")
    found = [(f.what, f.value) for f in read_specs(root).findings if f.rule == "spec.define"]
    assert found == [
        ("no such terminology package", "sdtmct-1999-01-01"),
        ("no such dictionary under standards in study.yml", "ISO 3166"),
    ]


@pytest.mark.parametrize(
    ("cut", "dated"), [("2026-03-02", True), ("2026-02-30", False), ("20260302", False), ("raw", False), ("", False)]
)
def test_only_a_cut_named_by_its_date_is_dated(cut, dated):
    assert is_dated(cut) is dated
