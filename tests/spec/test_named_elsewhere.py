"""Codes that a table of the study names, and sources of values: what is not there is an error where it is named."""

import pytest

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

STUDY = """
    study: S1
    title: A study
    protocol: S1
    standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
    systems:
      edc: {label: Data capture, columns: {SUBJID: {label: Subject}}}
    tables:
      weights:
        source: protocol
        text: How much each answer counts
        columns: {response: text, weight: number}
        codes: {response: ADX}
        rows:
          - {response: SRI4, weight: "2"}
          - {response: LLDAS, weight: "1"}
          - {weight: "0"}
    """
FORM = """
    form: x
    label: Answers
    keys: [SUBJID]
    fields: {TEST: {label: Test}, DOSE: {label: Dose}, VIAB: {label: Viability}}
    """
EX = """
    dataset: EX
    keys: [USUBJID]
    records: [{from: raw.x}]
    variables:
      USUBJID: assign(SUBJID)
      EXTRT: assign(TEST)
      EXDOSE: assign(DOSE)
    supplemental:
      EXVIAB: {label: Viability, derive: assign(VIAB)}
    """
ADX = """
    dataset: ADX
    keys: [USUBJID, PARAMCD]
    records:
      - {from: EX, set: {SRCDOM: hardcode("EX"), SRCVAR: hardcode("EXDOSE")}}
      - {from: EX, set: {SRCDOM: hardcode("SUPPEX"), SRCVAR: hardcode("EXVIAB")}}
      - {from: EX, set: {SRCDOM: hardcode("ELSEWHERE"), SRCVAR: hardcode("ANY")}}
    parameters:
      SRI4: {param: Response, where: EXTRT EQ "A"}
      LLDAS: {param: Low activity, where: EXTRT EQ "B"}
    variables:
      USUBJID: {predecessor: EX.USUBJID}
      PARAMCD: {label: Parameter Code, type: text}
      SRCDOM: {label: Source Data, type: text}
      SRCVAR: {label: Source Variable, type: text}
    """


@pytest.fixture
def told(study):
    def of(study_yml=STUDY, adx=ADX):
        root = study(
            {"study": study_yml, "codelists": "\n    codelists: {}", "crf/x": FORM, "sdtm/ex": EX, "adam/adx": adx}
        )
        found = bind_specs(load_specs(root), make_registry(root)).findings
        return [(str(f.where), f.what, f.value, f.remedy) for f in found]

    return of


def test_what_is_there_is_no_error(told):
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "response: LLDAS",
            "response: LDAS",
            ("specs/study.yml:15", "no record of ADX can have this PARAMCD", "LDAS", "Did you mean LLDAS?"),
        ),
        (
            "{response: ADX}",
            "{respons: ADX}",
            ("specs/study.yml:12", "the table has no column", "respons", "Did you mean response?"),
        ),
        ("{response: ADX}", "{response: ADXX}", ("specs/study.yml:12", "no such dataset", "ADXX", "Did you mean ADX?")),
    ],
)
def test_a_table_names_codes_that_there_are(told, old, new, expected):
    assert told(STUDY.replace(old, new, 1)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("EXDOSE", "EXDOS", ("specs/adam/adx.yml:4", "EX has no variable", "EXDOS", "Did you mean EXDOSE?")),
        ("EXVIAB", "EXVIA", ("specs/adam/adx.yml:5", "SUPPEX has no variable", "EXVIA", "Did you mean EXVIAB?")),
    ],
)
def test_a_source_of_values_is_a_variable_of_its_dataset(told, old, new, expected):
    assert told(adx=ADX.replace(old, new, 1)) == [expected]
