"""The rules of define.xml on a hand-written one: silent as it stands, one rule at a time when one thing is broken."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree

from datacut.conformance.define import check_define
from datacut.conformance.rules import not_told
from datacut.datasets.model import Dataset, Variable
from datacut.errors import Severity, all_rules

CLEAN = (Path(__file__).parent / "define.xml").read_bytes()
ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
HREF = "{http://www.w3.org/1999/xlink}href"

AE = Dataset(
    "AE",
    "Adverse Events",
    (
        Variable("DOMAIN", "Domain Abbreviation", "text", 2),
        Variable("USUBJID", "Unique Subject Identifier", "text", 3),
        Variable("AESEQ", "Sequence Number", "integer"),
        Variable("AETERM", "Reported Term", "text", 6),
        Variable("AEDECOD", "Dictionary-Derived Term", "text", 6),
        Variable("AECAT", "Category", "text", 1),
        Variable("AESER", "Serious Event", "text", 1),
        Variable("AESCAN", "Involves Cancer", "text", 1),
        Variable("RFSTDTC", "Reference Start", "text", 10),
        Variable("AESTDTC", "Start Date/Time", "text", 10),
    ),
    pd.DataFrame(
        {
            "DOMAIN": ["AE", "AE", "AE"],
            "USUBJID": ["001", "001", "002"],
            "AESEQ": pd.array([1, 10, 1], dtype="Int64"),
            "AETERM": ["Fever", "Rash", "Nausea"],
            "AEDECOD": ["Fever", "Rash", "Nausea"],
            "AECAT": ["A", "B", "A"],
            "AESER": ["N", "N", "N"],
            "AESCAN": pd.Series([pd.NA] * 3, dtype="str"),
            "RFSTDTC": ["2026-01-01", "2026-01-01", pd.NA],
            "AESTDTC": ["2026-01", "2026-01-02", "2026"],
        }
    ),
    ("USUBJID", "AESEQ"),
)
LB = Dataset(
    "LB",
    "Laboratory Test Results",
    (
        Variable("LBTESTCD", "Lab Test Short Name", "text", 4),
        Variable("LBSPEC", "Specimen Type", "text", 5),
        Variable("LBORRES", "Result", "text", 4),
    ),
    pd.DataFrame(
        {
            "LBTESTCD": ["ALB", "GLUC", "GLUC"],
            "LBSPEC": ["SERUM", "SERUM", "URINE"],
            "LBORRES": ["4.25", "5", "NEG"],
        }
    ),
    ("LBTESTCD", "LBSPEC"),
)
SUPPAE = Dataset(
    "SUPPAE",
    "Supplemental Qualifiers for AE",
    (
        Variable("IDVARVAL", "Identifying Variable Value", "text", 1),
        Variable("QNAM", "Qualifier Variable Name", "text", 5),
        Variable("QVAL", "Data Value", "text", 1),
    ),
    pd.DataFrame({"IDVARVAL": ["1"], "QNAM": ["AEDLT"], "QVAL": ["Y"]}),
    ("IDVARVAL", "QNAM"),
)
DATA = {d.name: d for d in (AE, LB, SUPPAE)}


@pytest.fixture
def check(tmp_path):
    """Findings of the document `root`, or of the text as it stands, beside datasets."""

    def run(root=None, data=DATA):
        path = tmp_path / "define.xml"
        path.write_bytes(CLEAN if root is None else etree.tostring(root))
        return check_define(path, "sdtm/define.xml", data)

    return run


def element(root, oid):
    """The definition with an OID, or the leaf with an ID."""
    return next(e for e in root.iter(etree.Element) if oid in (e.get("OID"), e.get("ID")))


def ref(root, oid):
    return next(e for e in root.iter(f"{ODM}ItemRef") if e.get("ItemOID") == oid)


def set_(oid, name, value):
    """Give an attribute another value, or with None take it away."""

    def change(root):
        attributes = element(root, oid).attrib
        attributes.pop(name, None)
        if value is not None:
            attributes[name] = value

    return change


def set_ref(oid, name, value):
    def change(root):
        attributes = ref(root, oid).attrib
        attributes.pop(name, None)
        if value is not None:
            attributes[name] = value

    return change


def drop(oid, path):
    """Take a child of a definition away."""

    def change(root):
        child = element(root, oid).find(path)
        child.getparent().remove(child)

    return change


def gone(oid):
    """Take a definition away."""

    def change(root):
        element(root, oid).getparent().remove(element(root, oid))

    return change


def all_of(*changes):
    def change(root):
        for one in changes:
            one(root)

    return change


def root_attribute(name, value):
    return lambda root: root.set(name, value)


def unused_comment(root):
    comment = etree.fromstring(etree.tostring(element(root, "COM.AECAT")))
    comment.set("OID", "COM.NOBODY")
    element(root, "COM.AECAT").addnext(comment)


def unsplit(root):
    """The compound clause of glucose in urine said as two clauses: each holds alone, so serum meets one of them."""
    clause = element(root, "WC.GLUC.URINE")
    other = etree.fromstring(etree.tostring(clause))
    other.set("OID", "WC.GLUC.URINE.2")
    clause.remove(clause[1])
    other.remove(other[0])
    clause.addnext(other)
    again = etree.SubElement(ref(root, "IT.LBORRES.GLUC.URINE"), f"{DEF}WhereClauseRef")
    again.set("WhereClauseOID", "WC.GLUC.URINE.2")


def extended_in_a_closed_list(root):
    term = etree.fromstring(etree.tostring(element(root, "CL.NY")[1]))
    term.set("CodedValue", "MAYBE")
    term.set(f"{DEF}ExtendedValue", "Yes")
    term.remove(term[1])
    element(root, "CL.NY").insert(2, term)


def spare_term(root):
    etree.SubElement(element(root, "CL.SPEC"), f"{ODM}EnumeratedItem").set("CodedValue", "BLOOD")


def codes_only(root):
    codelist = element(root, "CL.LBTESTCD")
    for item in codelist.findall(f"{ODM}CodeListItem"):
        item.tag = f"{ODM}EnumeratedItem"
        item.remove(item[0])


def value_entry_gone(root):
    entry, item, clause = (ref(root, "IT.LBORRES.ALB"), element(root, "IT.LBORRES.ALB"), element(root, "WC.ALB"))
    for gone in (entry, item, clause):
        gone.getparent().remove(gone)


def said(text):
    """A method with another text."""

    def change(root):
        element(root, "MT.AESEQ").find(f"{ODM}Description/{ODM}TranslatedText").text = text

    return change


def numbers_as_terms(root):
    """The results of albumin as extended terms of the standard list of laboratory results (C102580)."""
    terms = "".join(
        f'<CodeListItem CodedValue="{v}" def:ExtendedValue="Yes"><Decode><TranslatedText xml:lang="en">{v}'
        "</TranslatedText></Decode></CodeListItem>"
        for v in LB.frame.loc[LB.frame["LBTESTCD"] == "ALB", "LBORRES"]
    )
    codelist = etree.fromstring(
        f'<CodeList xmlns="{ODM[1:-1]}" xmlns:def="{DEF[1:-1]}" OID="CL.LBSTRESC" Name="Results" DataType="text" '
        f'def:StandardOID="STD.CT">{terms}<Alias Name="C102580" Context="nci:ExtCodeID"/></CodeList>'
    )
    element(root, "CL.DICT").addprevious(codelist)
    item = element(root, "IT.LBORRES.ALB")
    reference = etree.Element(f"{ODM}CodeListRef")
    reference.set("CodeListOID", "CL.LBSTRESC")
    item[0].addnext(reference)


BREAKS = {
    "define.schema": set_("IG.AE", "Repeating", "Maybe"),
    "define.reference.dangling": set_ref("IT.USUBJID", "MethodOID", "MT.AESEQX"),
    "define.reference.unused": unused_comment,
    "define.document.context": root_attribute(f"{DEF}Context", "Draft"),
    "define.document.version": set_("MDV", f"{DEF}DefineVersion", "2.0.0"),
    "define.standard.listed": set_("STD.CT", "Version", " "),
    "define.standard.dataset": set_("IG.AE", f"{DEF}StandardOID", None),
    "define.standard.codelist": set_("CL.SPEC", f"{DEF}IsNonStandard", None),
    "define.dataset.label": drop("IG.AE", f"{ODM}Description"),
    "define.dataset.class": drop("IG.AE", f"{DEF}Class"),
    "define.dataset.structure": set_("IG.AE", f"{DEF}Structure", ""),
    "define.dataset.purpose": set_("IG.AE", "Purpose", None),
    "define.dataset.repeating": set_("IG.AE", "Repeating", "No"),
    "define.dataset.keys": set_ref("IT.AESEQ", "KeySequence", "3"),
    "define.dataset.leaf": set_("LF.AE", HREF, "adverse.xpt"),
    "define.dataset.nodata": set_ref("IT.AESCAN", f"{DEF}HasNoData", None),
    "define.variable.label": drop("IT.AETERM", f"{ODM}Description"),
    "define.variable.length": set_("IT.AETERM", "Length", None),
    "define.variable.digits": set_("IT.LBORRES.ALB", "SignificantDigits", None),
    "define.variable.origin": drop("IT.LBORRES.ALB", f"{DEF}Origin"),
    "define.variable.source": lambda root: element(root, "IT.AETERM").find(f"{DEF}Origin").attrib.pop("Source"),
    "define.variable.role": set_ref("IT.AETERM", "Role", None),
    "define.variable.mandatory": set_ref("IT.RFSTDTC", "Mandatory", "Yes"),
    "define.origin.words": said("The sequence by the setting order."),
    "define.origin.pages": drop("IT.AETERM", f"{DEF}Origin/{DEF}DocumentRef"),
    "define.origin.method": all_of(set_ref("IT.USUBJID", "MethodOID", None), gone("MT.USUBJID")),
    "define.origin.predecessor": drop("IT.RFSTDTC", f"{DEF}Origin/{ODM}Description"),
    "define.origin.comment": all_of(set_("IT.AECAT", f"{DEF}CommentOID", None), gone("COM.AECAT")),
    "define.values.lacking": value_entry_gone,
    "define.values.ambiguous": unsplit,
    "define.codelist.code": drop("CL.NY", f"{ODM}Alias"),
    "define.codelist.term": lambda root: element(root, "CL.LBTESTCD")[0][1].set("Name", "C105585"),
    "define.codelist.extended": extended_in_a_closed_list,
    "define.codelist.unused": spare_term,
    "define.codelist.decode": codes_only,
    "define.codelist.measured": numbers_as_terms,
    "define.codelist.dictionary": lambda root: element(root, "CL.DICT")[0].set("Version", ""),
    "define.data.dataset": None,
    "define.data.variables": None,
    "define.data.label": None,
    "define.data.type": set_("IT.AESTDTC", "DataType", "date"),
    "define.data.length": set_("IT.AETERM", "Length", "5"),
    "define.data.terms": None,
    "define.data.keys": None,
}
"""What is broken for each rule; None: the data are changed instead, below."""

ALSO = {
    "define.document.context": {"define.schema"},
    "define.document.version": {"define.schema"},
    "define.reference.dangling": {"define.reference.unused"},
}
"""Rules that say the same thing again: the schema knows both values; a method nobody names any more is unused."""


def test_a_clean_document_is_silent(check):
    assert check() == []


@pytest.mark.parametrize("rule", [r for r, change in BREAKS.items() if change is not None])
def test_one_break_is_told_by_its_rule_alone(rule, check):
    root = etree.fromstring(CLEAN)
    BREAKS[rule](root)
    assert {f.rule for f in check(root)} - ALSO.get(rule, set()) == {rule}


def test_a_dataset_without_records_has_no_file(check):
    root = etree.fromstring(CLEAN)
    set_("IG.AE", f"{DEF}HasNoData", "Yes")(root)
    assert {f.rule for f in check(root)} == {"define.dataset.leaf", "define.dataset.nodata"}


def test_every_rule_has_its_break():
    assert set(BREAKS) == {r for r in all_rules() if r.startswith("define.")} - {"define.undated"}


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("define.data.dataset", {"AE": AE, "LB": LB}),
        ("define.data.dataset", {**DATA, "XX": replace(LB, name="XX")}),
        (
            "define.data.variables",
            {**DATA, "LB": replace(LB, variables=(LB.variables[1], LB.variables[0], LB.variables[2]))},
        ),
        ("define.data.label", {**DATA, "LB": replace(LB, label="Laboratory")}),
        (
            "define.data.label",
            {**DATA, "LB": replace(LB, variables=(*LB.variables[:2], Variable("LBORRES", "R", "text", 4)))},
        ),
        ("define.data.terms", {**DATA, "AE": replace(AE, frame=AE.frame.assign(AESER=["N", "N", "U"]))}),
        (
            "define.data.keys",
            {**DATA, "AE": replace(AE, frame=AE.frame.assign(AESEQ=pd.array([1, 1, 1], dtype="Int64")))},
        ),
        ("define.dataset.nodata", {**DATA, "AE": replace(AE, frame=AE.frame.assign(AESCAN=["N", "N", "N"]))}),
        ("define.data.type", {**DATA, "LB": replace(LB, frame=LB.frame.assign(LBORRES=["4.25", "<5", "NEG"]))}),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_data_that_are_not_as_the_document_says(rule, data, check):
    assert {f.rule for f in check(data=data)} == {rule} | (
        {"define.data.length"} if rule == "define.data.type" else set()
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Number of _ORDER within subject.", "_ORDER"),
        ("Days up to $window.", "$window"),
        ("What study.numbered makes.", "study.numbered"),
        ("The first of [ORDER]. [RANK]: the rank.", "[ORDER]"),
        ("The first of [ORDER]. [ORDER]: the rank of [AE.SPID]. [AE.SPID]: AESPID of AE.", None),
        ('"A_B" where X is missing, of the study. US$ 5', None),
    ],
)
def test_a_method_names_only_what_a_reader_can_see(text, told, check):
    root = etree.fromstring(CLEAN)
    said(text)(root)
    assert [(f.rule, f.value) for f in check(root)] == ([("define.origin.words", told)] if told else [])


def test_a_finding_names_the_line_and_the_definition(check):
    root = etree.fromstring(CLEAN)
    element(root, "IT.AETERM").set("Length", "5")
    (finding,) = check(root)
    line = (
        CLEAN.decode().splitlines().index(next(x for x in CLEAN.decode().splitlines() if '"IT.AETERM" Name' in x)) + 1
    )
    # without the XML declaration and the stylesheet instruction, two lines are gone
    assert str(finding.where) == f"sdtm/define.xml:{line - 2}:IT.AETERM"
    assert (finding.severity, finding.value) == (Severity.ERROR, "Nausea")


def test_a_value_that_meets_no_entry_is_counted(check):
    frame = pd.concat([LB.frame, pd.DataFrame({"LBTESTCD": ["ALT"], "LBSPEC": ["SERUM"], "LBORRES": ["7"]})])
    data = {**DATA, "LB": replace(LB, frame=frame.reset_index(drop=True))}
    found = {f.rule: f for f in check(data=data)}
    assert set(found) == {"define.values.lacking", "define.data.terms"}
    assert found["define.values.lacking"].value == "ALT|SERUM; 1 records"


def test_results_metadata_is_read_with_the_schema_that_knows_it(check):
    root = etree.fromstring(CLEAN)
    arm = "http://www.cdisc.org/ns/arm/v1.0"
    displays = etree.fromstring(
        f"""<a:AnalysisResultDisplays xmlns:a="{arm}" xmlns="http://www.cdisc.org/ns/odm/v1.3">
        <a:ResultDisplay OID="RD.1" Name="Table 1">
          <Description><TranslatedText xml:lang="en">Events</TranslatedText></Description>
          <a:AnalysisResult OID="AR.1" AnalysisReason="SPECIFIED IN SAP" AnalysisPurpose="PRIMARY OUTCOME MEASURE">
            <Description><TranslatedText xml:lang="en">Number of events</TranslatedText></Description>
            <a:AnalysisDatasets><a:AnalysisDataset ItemGroupOID="IG.AE">
              <a:AnalysisVariable ItemOID="IT.AETERM"/>
            </a:AnalysisDataset></a:AnalysisDatasets>
          </a:AnalysisResult>
        </a:ResultDisplay></a:AnalysisResultDisplays>"""
    )
    element(root, "LF.acrf").addnext(displays)
    assert check(root) == []
    displays.set("Order", "1")
    assert {f.rule for f in check(root)} == {"define.schema"}


def test_what_the_data_have_told_with_its_row_is_not_told_again(check):
    twice = {**DATA, "AE": replace(AE, frame=AE.frame.assign(AESEQ=pd.array([1, 1, 1], dtype="Int64")))}
    (keys,) = check(data=twice)
    assert not_told([keys], {"sdtm.date"}) == [keys]
    assert not_told([keys], {"sdtm.date", "dataset.key.duplicate"}) == []


def test_what_is_no_xml_is_one_finding(tmp_path):
    path = tmp_path / "define.xml"
    path.write_text("<ODM>", encoding="utf-8")
    (finding,) = check_define(path, "sdtm/define.xml", DATA)
    assert finding.rule == "define.schema" and "cannot be read" in finding.what
    (finding,) = check_define(tmp_path / "absent.xml", "sdtm/define.xml", DATA)
    assert "cannot be read" in finding.what
