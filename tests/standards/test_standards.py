import subprocess
import sys

import pytest

from datacut.standards import (
    adam_variable,
    codelist,
    codelist_for,
    codelists_for,
    codelists_of,
    sdtm_dataset,
    sdtm_variable,
    sdtm_variables,
)
from datacut.standards._sdtm import _datasets

DOMAINS = tuple(_datasets())


@pytest.mark.parametrize(
    ("domain", "name", "label", "kind", "role", "core"),
    [
        ("DM", "USUBJID", "Unique Subject Identifier", "Char", "Identifier", "Req"),
        ("AE", "AETERM", "Reported Term for the Adverse Event", "Char", "Topic", "Req"),
        ("AE", "AESTDY", "Study Day of Start of Adverse Event", "Num", "Timing", "Perm"),
        ("LB", "LBLOBXFL", "Last Observation Before Exposure Flag", "Char", "Record Qualifier", "Exp"),
        ("LB", "EPOCH", "Epoch", "Char", "Timing", "Perm"),
        ("SUPPAE", "QNAM", "Qualifier Variable Name", "Char", "Topic", "Req"),
        ("TS", "TSVAL", "Parameter Value", "Char", "Result Qualifier", "Exp"),
    ],
)
def test_a_listed_sdtm_variable(domain, name, label, kind, role, core):
    found = sdtm_variable(domain, name)
    assert (found.label, found.type, found.role, found.core, found.source) == (
        label,
        kind,
        role,
        core,
        "SDTMIG 3.4",
    )


def test_a_class_variable_the_table_leaves_out_comes_from_the_model():
    found = sdtm_variable("VS", "VSELTM")
    assert (found.label, found.type, found.role, found.core) == (
        "Planned Elapsed Time from Time Point Ref",
        "Char",
        "Timing",
        "Perm",
    )
    assert found.source in {"SDTMIG 3.4", "SDTM 2.0"}
    visitdy = sdtm_variable("AE", "VISITNUM")
    assert (visitdy.source, visitdy.label) == ("SDTM 2.0", "Visit Number")
    # Timing by visit comes before the epoch in the model, so behind the last qualifier and before EPOCH here.
    assert sdtm_variable("AE", "AETOXGR").order < visitdy.order < sdtm_variable("AE", "EPOCH").order


def test_the_models_exclusions_hold():
    assert sdtm_variable("LB", "LBSTDY") is None  # not in findings
    assert sdtm_variable("AE", "AEOCCUR") is None  # not in AE
    assert sdtm_variable("VS", "VSMRKSTR") is None  # cell phenotyping only


@pytest.mark.parametrize(("domain", "name"), [("XX", "XXTERM"), ("AE", "AENOPE"), ("DM", "DMSPID"), ("", "")])
def test_unknown_is_none(domain, name):
    assert sdtm_variable(domain, name) is None


def test_required_and_expected_of_is_as_regulatory_md_lists_them():
    needed = {v.name for v in sdtm_variables("VS") if v.core in {"Req", "Exp"}}
    assert {"VSTESTCD", "VSTEST", "VSORRES", "VSLOBXFL", "VISITNUM", "VSDTC"} <= needed
    assert [v.name for v in sdtm_variables("SUPPQUAL")][:3] == ["STUDYID", "RDOMAIN", "USUBJID"]


def test_datasets():
    assert len(DOMAINS) == 63
    ae = sdtm_dataset("AE")
    assert (ae.label, ae.observation_class) == ("Adverse Events", "Events")
    assert ae.structure == "One record per adverse event per subject"
    assert sdtm_dataset("SUPPLB").label == "Supplemental Qualifiers for LB"
    assert sdtm_dataset("SUPP") is None
    assert sdtm_dataset("NONE") is None


@pytest.mark.parametrize(
    ("adam_class", "name", "generic", "label"),
    [
        ("ADSL", "TRT01P", "TRTxxP", "Planned Treatment for Period 01"),
        ("ADSL", "TRTSDT", "TRTSDT", "Date of First Exposure to Treatment"),
        ("ADSL", "AGEGR1N", "AGEGRyN", "Pooled Age Group 1 (N)"),
        ("BDS", "ANL02FL", "ANLzzFL", "Analysis Flag 02"),
        ("BDS", "PARCAT1", "PARCATy", "Parameter Category 1"),
        ("BDS", "A1LO", "AyLO", "Analysis Range 1 Lower Limit"),
        ("BDS", "LSTDTF", "*DTF", "{Date Imputation Flag}"),
        ("BDS", "TRTSDTF", "*SDTF", "{Start Date Imputation Flag}"),
        ("ADSL", "INFSDT", "*SDT", "{Start Date}"),
        ("TTE", "CNSR", "CNSR", "Censor"),
        ("TTE", "PARAMN", "PARAMN", "Parameter (N)"),
        ("AE", "AESEQ", "--SEQ", "Sequence Number"),
        ("AE", "TRTEMFL", "TRTEMFL", "Treatment Emergent Analysis Flag"),
        ("OCCURRENCE DATA STRUCTURE", "CMSTDTC", "--STDTC", "Start Date/Time of Observation"),
    ],
)
def test_adam_variable(adam_class, name, generic, label):
    found = adam_variable(adam_class, name)
    assert (found.generic, found.label, found.name) == (generic, label, name)


def test_adam_placeholders_are_bounded():
    assert adam_variable("ADSL", "TRT00P") is None
    assert adam_variable("ADSL", "TRT1P") is None
    assert adam_variable("BDS", "PARCAT0") is None
    assert adam_variable("BDS", "ANLzzFL") is None
    assert adam_variable("MADE UP", "STUDYID") is None


def test_adam_core_differs_by_class():
    assert adam_variable("AE", "AETERM").core == "Req"
    assert adam_variable("AE", "TRTEMFL").core == "Req"
    assert adam_variable("OCCDS", "TRTEMFL").core == "Cond"
    assert adam_variable("BDS", "ABLFL").values == ("Y",)
    assert adam_variable("BDS", "LSTDTF").label_is_open
    assert not adam_variable("BDS", "AVAL").label_is_open


def test_codelists():
    ny = codelist("C66742")
    assert (ny.value, ny.extensible, ny.package) == ("NY", False, "SDTM CT 2022-09-30")
    assert {t.value: (t.code, t.decode) for t in ny.terms}["Y"] == ("C49488", "Yes")
    assert codelist("NY") is ny
    assert codelist("C1") is None
    assert codelist("") is None
    assert codelist("DATEFL").by_value.keys() == {"D", "M", "Y"}
    assert codelist("C106667").by_value["HAQ0101"].decode.startswith("HAQ01-")


def test_a_code_list_decodes_to_its_name_list():
    assert codelist_for("LB", "LBTESTCD").by_value["ALT"].decode == "Alanine Aminotransferase"
    assert codelist_for("VS", "VSTESTCD").by_value["SYSBP"].decode == "Systolic Blood Pressure"


def test_a_variable_with_several_codelists_gets_their_union():
    parts = codelists_for("DS", "DSDECOD")
    assert [p.code for p in parts] == ["C66727", "C114118", "C150811"]
    union = codelist_for("DS", "DSDECOD")
    assert "COMPLETED" in union
    assert "INFORMED CONSENT OBTAINED" in union
    assert union.extensible


def test_codelists_of_adam_and_of_nothing():
    assert [c.value for c in codelists_of(adam_variable("BDS", "DTYPE"))] == ["DTYPE"]
    assert codelist_for("AE", "AETERM") is None
    assert codelist_for("AE", "AENOPE") is None


def test_a_model_variable_takes_the_codelist_all_domains_agree_on():
    assert sdtm_variable("VS", "VSDRVFL").codelist == "C66742"


def test_every_referenced_codelist_is_packaged():
    for domain in DOMAINS:
        for variable in sdtm_variables(domain):
            assert all(codelist(code) for code in variable.codelists), (domain, variable.name)


def test_standards_do_not_import_pandas():
    code = (
        "import sys, datacut.standards as s; s.codelist('C66742'); s.sdtm_variable('AE','AETERM');"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
