"""Checks of the specs that need no data and no call."""

import pytest

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

SPECS = {
    "study": """
        study: S1
        title: A study
        protocol: S1
        standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
        systems:
          edc:
            label: Data capture
            subject: SUBJID
            audit: [CREATED]
            columns:
              SUBJID: {label: Subject}
              VISIT: {label: Visit, codelist: VISIT}
              CREATED: {label: Entry}
        visits:
          SCR: {visit: Screening, visitnum: 1}
        """,
    "codelists": """
        codelists:
          NY: {name: No Yes, terms: [{value: Y}, {value: N}]}
          VISIT: {name: Visit, terms: [{value: SCREENING}]}
        """,
    "crf/ae": """
        form: ae
        label: Adverse events
        visits: [SCR]
        keys: [SUBJID, AETERM]
        fields:
          AETERM: {label: Event}
          AESER: {label: Serious, codelist: NY}
        """,
    "sdtm/ae": """
        dataset: AE
        keys: [USUBJID]
        records:
          - from: raw.ae
        variables:
          USUBJID: assign(SUBJID)
          AESER: {codelist: NY, derive: assign(AESER)}
        supplemental:
          AEX: {label: Extra, codelist: NY, derive: assign(AESER)}
        values:
          - {variable: AESER, where: AEX EQ "Y", type: text, codelist: NY}
        """,
}


@pytest.fixture
def findings(study):
    def of(file="study", old="", new=""):
        assert old in SPECS[file]
        root = study({**SPECS, file: SPECS[file].replace(old, new, 1)})
        found = bind_specs(load_specs(root), make_registry(root)).findings
        return [(str(f.where), f.what, f.value, f.remedy) for f in found]

    return of


def test_nothing_to_say(findings):
    assert findings() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "study",
            "codelist: VISIT",
            "codelist: VISITS",
            ("specs/study.yml:12", "no such codelist", "VISITS", "Did you mean VISIT?"),
        ),
        (
            "study",
            "[CREATED]",
            "[CREATD]",
            ("specs/study.yml:9", "the system has no column", "CREATD", "Did you mean CREATED?"),
        ),
        (
            "study",
            "subject: SUBJID",
            "subject: SUBJD",
            ("specs/study.yml:8", "the system has no column", "SUBJD", "Did you mean SUBJID?"),
        ),
        (
            "crf/ae",
            "codelist: NY",
            "codelist: YN",
            ("specs/crf/ae.yml:7", "no such codelist", "YN", "Known: NY, VISIT."),
        ),
        ("crf/ae", "[SCR]", "[SRC]", ("specs/crf/ae.yml:3", "no such visit", "SRC", "Did you mean SCR?")),
        (
            "crf/ae",
            "SUBJID, AETERM",
            "SUBJID, AETRM",
            ("specs/crf/ae.yml:4", "the form has no column", "AETRM", "Did you mean AETERM?"),
        ),
        (
            "sdtm/ae",
            "[USUBJID]",
            "[USUBJD]",
            ("specs/sdtm/ae.yml:2", "AE has no variable", "USUBJD", "Did you mean USUBJID?"),
        ),
        (
            "sdtm/ae",
            "AESER: {codelist: NY",
            "AESER: {codelist: NYY",
            ("specs/sdtm/ae.yml:7", "no such codelist", "NYY", "Did you mean NY?"),
        ),
        (
            "sdtm/ae",
            "Extra, codelist: NY",
            "Extra, codelist: NYY",
            ("specs/sdtm/ae.yml:9", "no such codelist", "NYY", "Did you mean NY?"),
        ),
        (
            "sdtm/ae",
            "type: text, codelist: NY",
            "type: text, codelist: NYY",
            ("specs/sdtm/ae.yml:11", "no such codelist", "NYY", "Did you mean NY?"),
        ),
        (
            "sdtm/ae",
            "where: AEX EQ",
            "where: AEXX EQ",
            ("specs/sdtm/ae.yml:11", "AE has no variable", "AEXX", "Did you mean AEX?"),
        ),
    ],
)
def test_a_name_that_is_not_there_is_one_finding(findings, file, old, new, expected):
    assert findings(file, old, new) == [expected]
