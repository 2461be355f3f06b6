"""A Define-XML document from a small study; what it must say is worked out by hand from the specs and the records."""

from dataclasses import replace

import odmlib.define_loader
import odmlib.loader
import pandas as pd
import pytest
from lxml import etree
from odmlib.oid_generator import create_oid_checker

from datacut.conformance.define import check_define
from datacut.datasets.conform import conform
from datacut.datasets.model import Variable
from datacut.engine.finish import variables_of
from datacut.errors import Severity
from datacut.pipeline.specs import read_specs
from datacut.submission.define import write_define

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
CUT = "2026-03-02"

SPECS = {
    "codelists": """
        codelists:
          NY:
            name: No Yes Response
            code: C66742
            terms:
              - {value: Y, decode: Yes, collected: [Yes]}
              - {value: N, decode: No, collected: [No]}
          VSTEST:
            name: Tests
            code: C66741
            extensible: true
            terms:
              - {value: SYSBP, decode: Systolic Blood Pressure}
              - {value: HEIGHT, decode: Height}
              - {value: GRIP, decode: Grip Strength, extended: true}
          UNIT:
            name: Unit
            code: C71620
            terms: [{value: mmHg}, {value: cm}, {value: kg}]
    """,
    "crf/ae": """
        form: ae
        label: Adverse events
        page: "20"
        fields:
          AETERM: {label: Event}
          AESER: {label: Serious, type: choice, codelist: NY}
          AEADJ: {label: Adjudicated, type: choice, codelist: NY}
    """,
    "crf/vs": """
        form: vs
        label: Vital signs
        page: "6, 14"
        fields: {SYSBP: {label: Systolic}, GRIP: {label: Grip}}
    """,
    "crf/body": """
        form: body
        label: Body
        page: "7"
        fields: {HEIGHT: {label: Height}}
    """,
    "sdtm/ae": """
        dataset: AE
        keys: [USUBJID, AESEQ]
        records: [{from: raw.ae}]
        variables:
          USUBJID: {derive: assign(SUBJID), origin: Assigned, source: Sponsor, note: As the subject number.}
          AESEQ: {derive: "derive_seq(by=[AETERM])", origin: Derived, source: Sponsor, text: Order of AETERM.}
          AETERM: {derive: assign(AETERM), origin: Collected, source: Investigator}
          AESER: {derive: derive_var_coalesce(_SER), codelist: NY, origin: Collected, source: Investigator}
          AESDTH: {derive: "assign_missing()", origin: Assigned, source: Sponsor, note: As the subject number.}
          _SER: assign(AESER, codelist=NY)
        supplemental:
          AEADJ: {label: Adjudicated, derive: assign(AEADJ), codelist: NY}
    """,
    "sdtm/vs": """
        dataset: VS
        keys: [USUBJID, VSTESTCD]
        records:
          - from: raw.vs
            topics: [{test: SYSBP, unit: mmHg}, {test: GRIP, unit: kg}]
            set: {VSTESTCD: 'hardcode("{test}")', VSORRES: "assign({test})", VSORRESU: 'hardcode("{unit}")'}
          - from: raw.body
            set:
              VSTESTCD: hardcode("HEIGHT")
              VSORRES: {derive: assign(HEIGHT), note: Without shoes.}
              VSORRESU: hardcode("cm")
        variables:
          USUBJID: {derive: assign(SUBJID), origin: Assigned, source: Sponsor, note: As the subject number.}
          VSTESTCD: {codelist: VSTEST, origin: Assigned, source: Sponsor}
          VSTEST: {derive: derive_var_decode(VSTESTCD), origin: Assigned, source: Sponsor}
          VSORRES: {origin: Collected, source: Investigator}
          VSORRESU: {codelist: UNIT, origin: Assigned, source: Sponsor}
    """,
    "adam/advs": """
        dataset: ADVS
        label: Vital Signs Analysis
        class: BASIC DATA STRUCTURE
        structure: One record per subject and parameter
        keys: [USUBJID, PARAMCD]
        records: [{from: VS}]
        parameters:
          SYSBP: {param: Systolic (mmHg), where: VSTESTCD EQ "SYSBP"}
          HEIGHT: {param: Height (cm), where: VSTESTCD EQ "HEIGHT"}
        variables:
          USUBJID: {predecessor: VS.USUBJID}
          PARAMCD: {text: Code of the parameter.}
          PARAM: {text: Name of the parameter.}
          AVAL:
            text: VSORRES as a number.
            derive: derive_var_number(source=VSORRES)
          ADT: {type: date, text: None yet., derive: derive_vars_dt(dtc=VSORRES)}
    """,
}

FRAMES = {
    "AE": {
        "USUBJID": ["1", "1", "2"],
        "AESEQ": [1, 2, 1],
        "AETERM": ["Fever", "Headache", "Rash"],
        "AESER": ["N", "N", "N"],
        "AESDTH": pd.Series([pd.NA] * 3, dtype="str"),
    },
    "VS": {
        "USUBJID": ["1", "1", "1", "2"],
        "VSTESTCD": ["GRIP", "HEIGHT", "SYSBP", "SYSBP"],
        "VSTEST": ["Grip Strength", "Height", "Systolic Blood Pressure", "Systolic Blood Pressure"],
        "VSORRES": ["strong", "171.25", "120", "98"],
        "VSORRESU": ["kg", "cm", "mmHg", "mmHg"],
    },
    "ADVS": {
        "USUBJID": ["1", "1", "2"],
        "PARAMCD": ["HEIGHT", "SYSBP", "SYSBP"],
        "PARAM": ["Height (cm)", "Systolic (mmHg)", "Systolic (mmHg)"],
        "AVAL": [171.25, 120.0, 98.0],
        "ADT": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]).astype("datetime64[s]"),
    },
}
SUPPAE = {
    "STUDYID": ["S1"],
    "RDOMAIN": ["AE"],
    "USUBJID": ["1"],
    "IDVAR": ["AESEQ"],
    "IDVARVAL": ["2"],
    "QNAM": ["AEADJ"],
    "QLABEL": ["Adjudicated"],
    "QVAL": ["N"],
    "QORIG": ["CRF"],
    "QEVAL": pd.Series([pd.NA], dtype="str"),
}


@pytest.fixture
def written(study, tmp_path):
    """Build the documents of both stages beside each other; gives their roots, datasets and folder."""
    bound = read_specs(study(SPECS))
    assert [f for f in bound.findings if f.severity == Severity.ERROR] == []
    stages = {"sdtm": {}, "adam": {}}
    for name, columns in FRAMES.items():
        about = bound.plans.datasets[name]
        dataset, faults = conform(pd.DataFrame(columns), name, about.label, variables_of(about), about.spec.keys)
        assert faults == []
        stages["adam" if name == "ADVS" else "sdtm"][name] = dataset
    labels = {"QVAL": "Data Value"}
    variables = [Variable(n, labels.get(n, n.title()), "text") for n in SUPPAE]
    keys = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")
    stages["sdtm"]["SUPPAE"], _ = conform(pd.DataFrame(SUPPAE), "SUPPAE", "Qualifiers of AE", variables, keys)
    roots = {}
    for stage, datasets in stages.items():
        folder = tmp_path / stage
        folder.mkdir()
        path = write_define(bound.specs, bound.plans, datasets, CUT, folder, adam=stage == "adam")
        roots[stage] = etree.parse(path).getroot()
    return roots, stages, tmp_path


@pytest.fixture
def sdtm(written):
    return written[0]["sdtm"]


@pytest.fixture
def adam(written):
    return written[0]["adam"]


def item(root, oid):
    return next(e for e in root.iter(f"{ODM}ItemDef") if e.get("OID") == oid)


def text(element):
    return "" if element is None else "".join(element.itertext()).strip()


def pages(element):
    return [p.get("PageRefs") for p in element.iter(f"{DEF}PDFPageRef")]


def shape(element):
    return tuple(element.get(a) for a in ("DataType", "Length", "SignificantDigits", f"{DEF}DisplayFormat"))


def terms(root, oid):
    codelist = next(e for e in root.iter(f"{ODM}CodeList") if e.get("OID") == oid)
    return [e.get("CodedValue") for e in codelist if e.get("CodedValue")]


def comment(root, element):
    oid = element.get(f"{DEF}CommentOID")
    return next((text(c) for c in root.iter(f"{DEF}CommentDef") if c.get("OID") == oid), "")


def method(root, oid):
    ref = next(r for r in root.iter(f"{ODM}ItemRef") if r.get("ItemOID") == oid)
    found = next(m for m in root.iter(f"{ODM}MethodDef") if m.get("OID") == ref.get("MethodOID"))
    expression = found.find(f"{ODM}FormalExpression")
    return text(found.find(f"{ODM}Description")), expression.get("Context"), expression.text


def test_both_documents_obey_every_rule(written):
    roots, stages, folder = written
    for stage in roots:
        assert check_define(folder / stage / "define.xml", "define.xml", stages[stage]) == []


def test_odmlib_finds_no_dangling_and_no_unused_definition(written):
    for stage in written[0]:
        loader = odmlib.loader.ODMLoader(
            odmlib.define_loader.XMLDefineLoader(model_package="define_2_1", ns_uri="http://www.cdisc.org/ns/def/v2.1")
        )
        loader.open_odm_document(str(written[2] / stage / "define.xml"))
        root, checker = loader.load_odm(), create_oid_checker("define_2_1")
        assert root.verify_oids(checker) is True
        assert root.unreferenced_oids(checker) == {}


def test_the_date_is_that_of_the_cut_and_nothing_else_changes_it(sdtm, written):
    assert sdtm.get("CreationDateTime") == "2026-03-02T00:00:00"
    assert sdtm.get(f"{DEF}Context") == "Submission"
    assert sdtm.getprevious().get("href") == "define2-1.xsl"
    assert (written[2] / "sdtm" / "define2-1.xsl").exists()


def test_pages_are_those_of_the_form_a_call_reads_also_through_a_working_variable(sdtm):
    assert pages(item(sdtm, "IT.AE.AETERM")) == ["20"]
    assert pages(item(sdtm, "IT.AE.AESER")) == ["20"]
    assert pages(item(sdtm, "IT.SUPPAE.QVAL.AEADJ")) == ["20"]


def test_pages_of_a_result_are_those_of_its_own_block(sdtm):
    assert pages(item(sdtm, "IT.VS.VSORRES")) == ["6 7 14"]
    assert pages(item(sdtm, "IT.VS.VSORRES.SYSBP")) == ["6 14"]
    assert pages(item(sdtm, "IT.VS.VSORRES.HEIGHT")) == ["7"]
    assert comment(sdtm, item(sdtm, "IT.VS.VSORRES.HEIGHT")) == "Without shoes."
    assert comment(sdtm, item(sdtm, "IT.VS.VSORRES.SYSBP")) == ""


def test_type_length_and_digits_are_those_of_the_values(sdtm, adam):
    assert shape(item(sdtm, "IT.AE.AETERM")) == ("text", "8", None, None)
    assert shape(item(sdtm, "IT.VS.VSORRES.SYSBP")) == ("integer", "3", None, None)
    assert shape(item(sdtm, "IT.VS.VSORRES.HEIGHT")) == ("float", "6", "2", "6.2")
    assert shape(item(sdtm, "IT.VS.VSORRES.GRIP")) == ("text", "6", None, None)
    assert shape(item(adam, "IT.ADVS.AVAL")) == ("float", "6", "2", "6.2")
    assert shape(item(adam, "IT.ADVS.ADT")) == ("integer", "5", None, "DATE9.")


def test_a_derived_variable_has_its_method_in_words_and_as_the_call(sdtm, adam):
    ordered = "The number 1, 2, ... of the record within USUBJID, sorted by AETERM (missing first)."
    assert method(sdtm, "IT.AE.AESEQ") == (f"Order of AETERM. Rule: {ordered}", "datacut", "derive_seq(by=[AETERM])")
    spelt = "VSORRES as a number. Rule: The number that VSORRES spells."
    assert method(adam, "IT.ADVS.AVAL") == (spelt, "datacut", "derive_var_number(source=VSORRES)")


def test_records_and_parameters_are_told_by_their_conditions(adam):
    group = next(g for g in adam.iter(f"{ODM}ItemGroupDef"))
    assert comment(adam, group) == "Records: VS."
    parts = 'SYSBP where VSTESTCD = "SYSBP"; HEIGHT where VSTESTCD = "HEIGHT".'
    assert comment(adam, item(adam, "IT.ADVS.PARAMCD")) == f"Code of the parameter. {parts}"


def test_codes_beside_names_are_codelists_with_decodes(adam):
    codelist = next(e for e in adam.iter(f"{ODM}CodeList") if e.get("OID") == "CL.ADVS.PARAMCD")
    assert [(t.get("CodedValue"), text(t)) for t in codelist] == [
        ("HEIGHT", "Height (cm)"),
        ("SYSBP", "Systolic (mmHg)"),
    ]
    assert item(adam, "IT.ADVS.PARAMCD").find(f"{ODM}CodeListRef").get("CodeListOID") == "CL.ADVS.PARAMCD"


def test_mandatory_in_adam_is_what_is_required_and_never_missing(adam, sdtm):
    def mandatory(root):
        return {r.get("ItemOID"): r.get("Mandatory") for r in root.iter(f"{ODM}ItemRef")}

    # USUBJID, PARAM and PARAMCD are required in ADaMIG, and full here; AVAL is conditional
    assert [mandatory(adam)[f"IT.ADVS.{n}"] for n in ("USUBJID", "PARAMCD", "AVAL")] == ["Yes", "Yes", "No"]
    assert mandatory(sdtm)["IT.AE.AETERM"] == "Yes"


def test_the_same_stands_beside_it_as_a_page_with_the_supplement(written, adam):
    folder = written[2] / "adam"
    page = etree.fromstring((folder / "define.html").read_bytes(), etree.HTMLParser())
    cells = [[" ".join(td.itertext()).strip() for td in tr] for tr in page.iter("tr")]
    rows = {row[0]: row for row in cells if not row[1]}  # those of whole variables
    assert rows["AVAL"][4:6] == ["float 6 6.2", "No"] and "The number that VSORRES spells." in rows["AVAL"][8]
    assert [a.get("href") for a in page.iter("a") if a.get("href", "").endswith(".xpt")] == ["advs.xpt"]
    leafs = {e.get("ID"): e.get("{http://www.w3.org/1999/xlink}href") for e in adam.iter(f"{DEF}leaf")}
    assert leafs["LF.supplement"] == "define-supplement.html"
    supplement = (folder / "define-supplement.html").read_text(encoding="utf-8")
    assert "<td>CUTDTC</td><td>2026-03-02</td>" in supplement and "three-valued logic" in supplement


def test_a_comment_said_twice_is_defined_once(sdtm):
    assert item(sdtm, "IT.AE.USUBJID").get(f"{DEF}CommentOID") == item(sdtm, "IT.VS.USUBJID").get(f"{DEF}CommentOID")


def test_a_variable_without_values_says_so(sdtm):
    ref = next(r for r in sdtm.iter(f"{ODM}ItemRef") if r.get("ItemOID") == "IT.AE.AESDTH")
    assert ref.get(f"{DEF}HasNoData") == "Yes"
    assert comment(sdtm, item(sdtm, "IT.AE.AESDTH")) == "As the subject number. No values up to the data cut."


def test_a_dataset_without_records_says_so_and_has_no_file(written):
    bound = read_specs(written[2] / "study")
    dataset = written[1]["adam"]["ADVS"]
    empty = {"ADVS": replace(dataset, frame=dataset.frame.iloc[:0])}
    path = write_define(bound.specs, bound.plans, empty, CUT, written[2] / "adam", adam=True)
    root = etree.parse(path).getroot()
    group = next(root.iter(f"{ODM}ItemGroupDef"))
    assert (group.get(f"{DEF}HasNoData"), group.get(f"{DEF}ArchiveLocationID")) == ("Yes", None)
    assert group.find(f"{DEF}leaf") is None
    assert comment(root, group).endswith("No records up to the data cut.")
    assert check_define(path, "define.xml", empty) == []


def test_a_collected_codelist_has_all_that_can_be_chosen_an_assigned_one_what_is_used(sdtm):
    assert terms(sdtm, "CL.NY") == ["Y", "N"]
    assert terms(sdtm, "CL.UNIT") == ["mmHg", "cm", "kg"]
    assert terms(sdtm, "CL.UNIT.cm") == ["cm"]
    assert terms(sdtm, "CL.VSTEST") == ["SYSBP", "HEIGHT", "GRIP"]


def test_terms_have_c_codes_and_the_extended_one_is_marked(sdtm):
    codelist = next(e for e in sdtm.iter(f"{ODM}CodeList") if e.get("OID") == "CL.VSTEST")
    found = {
        t.get("CodedValue"): (t.get(f"{DEF}ExtendedValue"), [a.get("Name") for a in t.iterfind(f"{ODM}Alias")])
        for t in codelist.iterfind(f"{ODM}CodeListItem")
    }
    # C-codes of CDISC SDTM terminology 2022-09-30
    assert found == {"SYSBP": (None, ["C25298"]), "HEIGHT": (None, ["C25347"]), "GRIP": ("Yes", [])}


def test_copies_name_what_they_are_copied_from(adam):
    origin = item(adam, "IT.ADVS.USUBJID").find(f"{DEF}Origin")
    assert (origin.get("Type"), text(origin)) == ("Predecessor", "VS.USUBJID")


def test_only_sdtm_variables_have_a_role(sdtm, adam):
    roles = {r.get("ItemOID"): r.get("Role") for root in (sdtm, adam) for r in root.iter(f"{ODM}ItemRef")}
    assert roles["IT.VS.USUBJID"] == "Identifier" and roles["IT.VS.VSTESTCD"] == "Topic"
    assert {role for oid, role in roles.items() if oid.startswith("IT.ADVS")} == {None}


def test_class_purpose_and_keys(sdtm, adam):
    groups = {g.get("Name"): g for root in (sdtm, adam) for g in root.iter(f"{ODM}ItemGroupDef")}
    said = {n: (g.get("Purpose"), g.find(f"{DEF}Class").get("Name"), g.get("Repeating")) for n, g in groups.items()}
    assert said == {
        "AE": ("Tabulation", "EVENTS", "Yes"),
        "VS": ("Tabulation", "FINDINGS", "Yes"),
        "SUPPAE": ("Tabulation", "RELATIONSHIP", "Yes"),
        "ADVS": ("Analysis", "BASIC DATA STRUCTURE", "Yes"),
    }
    keys = {r.get("ItemOID"): r.get("KeySequence") for r in groups["VS"].iterfind(f"{ODM}ItemRef")}
    assert keys["IT.VS.USUBJID"] == "1" and keys["IT.VS.VSTESTCD"] == "2" and keys["IT.VS.VSORRES"] is None
