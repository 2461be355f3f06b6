"""The study's own domain specs: complete by the standard, ready for Define-XML and for a transport file."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacut.pipeline.verbs import make_registry
from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import read_document
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs, parse_document, unroll_topics
from datacut.spec.study import Codelists
from datacut.spec.units import Units
from datacut.standards import codelist, sdtm_dataset, sdtm_variable, sdtm_variables
from datacut.submission.derivations import Derivations

SPECS = Path(__file__).parents[2] / "specs"
CODELISTS = parse_document(read_document(SPECS / "codelists.yml", "codelists.yml"), Codelists).codelists
TERMS = {name: tuple(t.value for t in spec.terms) for name, spec in CODELISTS.items()}


def read(name: str) -> DatasetSpec:
    path = SPECS / "sdtm" / f"{name}.yml"
    return parse_document(unroll_topics(read_document(path, path.name), TERMS), DatasetSpec)


DOMAINS = {p.stem.upper(): read(p.stem) for p in sorted((SPECS / "sdtm").glob("*.yml"))}
TS_DEMANDED = """
ADDON AGEMAX AGEMIN LENGTH PLANSUB RANDOM SEXPOP STOPRULE TBLIND TCNTRL TITLE TPHASE TTYPE OBJPRIM SPONSOR REGID
OUTMSPRI FCNTRY ADAPT DCUTDTC DCUTDESC NARMS STYPE SSTDTC SENDTC ACTSUB HLTSUBJI INTMODEL INTTYPE TRT PCLAS TDIGRP INDIC
"""


def kept(spec: DatasetSpec) -> dict[str, object]:
    return {n: v for n, v in spec.variables.items() if not n.startswith("_")}


def test_every_domain_of_this_release_is_there() -> None:
    wanted = "AE CE CM CP DD DM DS DV EC EG EX FA FT IE IS LB MH PC PP PR QS RELREC RS SE SV TA TE TI TS TV VS"
    assert " ".join(sorted(DOMAINS)) == wanted
    assert all(spec.dataset == name and sdtm_dataset(name) for name, spec in DOMAINS.items())


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_required_and_expected_variables_are_there_in_the_order_of_the_standard(name: str) -> None:
    variables = kept(DOMAINS[name])
    wanted = [v.name for v in sdtm_variables(name) if v.core in ("Req", "Exp")]
    assert [v for v in wanted if v not in variables] == []
    known = [sdtm_variable(name, v) for v in variables]
    assert [v for v, found in zip(variables, known, strict=True) if found is None] == []
    order = [found.order for found in known if found is not None]
    assert order == sorted(order)


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_every_variable_says_where_it_comes_from(name: str) -> None:
    for variable, item in DOMAINS[name].variables.items():
        if variable.startswith("_"):
            continue
        assert item.origin in ("Collected", "Derived", "Assigned", "Protocol"), variable
        assert item.source in ("Investigator", "Sponsor", "Vendor", "Subject"), variable
    if "USUBJID" in DOMAINS[name].variables:
        assert DOMAINS[name].keys[:2] == ("STUDYID", "USUBJID")


def test_every_derived_variable_says_how() -> None:
    specs = load_specs(SPECS.parent)
    told = Derivations(specs, bind_specs(specs, make_registry(SPECS.parent)).sdtm)
    silent = [
        f"{name}.{variable}"
        for name, spec in specs.sdtm.items()
        for variable, item in spec.variables.items()
        if not variable.startswith("_")
        and item.origin == "Derived"
        and not (item.text or told.of_variable(name, variable))
    ]
    assert silent == []


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_supplemental_qualifiers_have_legal_names_and_labels(name: str) -> None:
    for qnam, item in DOMAINS[name].supplemental.items():
        assert qnam.isalnum(), qnam
        assert qnam.upper() == qnam, qnam
        assert len(qnam) <= 8, qnam
        assert len(item.label) <= 40, item.label
        assert sdtm_variable(name, qnam) is None, f"{qnam} is a variable of the standard"


@pytest.mark.parametrize(("name", "variable", "codelists"), [
    ("LB", "LBTESTCD", ["LBTESTCD"]),
    ("VS", "VSTESTCD", ["VSTESTCD"]),
    ("EG", "EGTESTCD", ["EGTESTCD"]),
    ("CP", "CPTESTCD", ["CPTESTCD"]),
    ("RS", "RSTESTCD", ["RSTESTCD"]),
    ("FT", "FTTESTCD", ["ICETESTCD"]),
    ("QS", "QSTESTCD", ["HAQTESTCD"]),
    ("FA", "FATESTCD", ["FATESTCD"]),
    ("TI", "IETESTCD", ["IETESTCD"]),
    ("TA", "ARMCD", ["ARM"]),
    ("TE", "ETCD", ["ELEMENT"]),
])  # fmt: skip
def test_every_term_of_a_codelist_has_its_records(name: str, variable: str, codelists: list[str]) -> None:
    made = {str(b.set[variable].derive).split('"')[1] for b in DOMAINS[name].records}
    assert made == {t.value for c in codelists for t in CODELISTS[c].terms}


def test_trial_summary_parameters_and_their_codes_are_those_of_the_terminology() -> None:
    known = codelist("TSPARMCD")
    assert known is not None
    blocks = [b.topic for b in DOMAINS["TS"].records]
    made = {str(b.set["TSPARMCD"].derive).split('"')[1] for b in DOMAINS["TS"].records}
    assert [parameter for parameter in made if parameter not in known] == []
    assert set(TS_DEMANDED.split()) <= made
    codes = {t["value"]: t["code"] for t in blocks if "code" in t}
    assert codes["Y"] == "C49488"
    assert codes["10^6 Therapeutic Cells"] == "C187973"


def test_every_numeric_test_has_a_standard_unit() -> None:
    units = parse_document(read_document(SPECS / "units.yml", "units.yml"), Units)
    tests = [t.value for c in ("VSTESTCD", "PCTESTCD", "PKPARMCD") for t in CODELISTS[c].terms]
    for block in (*DOMAINS["LB"].records, *DOMAINS["EG"].records, *DOMAINS["CP"].records):
        if any("codelist" in str(block.set[v].derive) for v in ("LBORRES", "EGORRES") if v in block.set):
            continue  # results in words
        name = block.topic.get("test")
        if name is not None:
            tests.append(f"{name}-URINE" if block.topic.get("spec") == "URINE" else name)
    assert len(tests) > 70
    assert [t for t in tests if t not in units.tests] == []
    legal = {t.value for c in ("UNIT", "VSRESU", "PKUNIT") for t in CODELISTS[c].terms}
    assert [u.standard for u in units.tests.values() if u.standard and u.standard not in legal] == []
