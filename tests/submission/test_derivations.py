"""A variable in words: working columns said in turn, record blocks told by their ids, names of sources."""

import pytest

from datacut.errors import Severity
from datacut.pipeline.specs import read_specs
from datacut.submission.derivations import Derivations

SPECS = {
    "crf/ae": """
        form: ae
        label: Events
        page: "20"
        fields: {AETERM: {label: Event}, AEGRADE: {label: Grade}, RANK: {label: Rank}}
    """,
    "sdtm/ae": """
        dataset: AE
        keys: [USUBJID, AETERM]
        records: [{from: raw.ae}]
        variables:
          USUBJID: {derive: assign(SUBJID), origin: Assigned, source: Sponsor, note: Number.}
          AETERM: {derive: assign(AETERM), origin: Collected, source: Investigator}
          AETOXGR: {derive: assign(AEGRADE), origin: Collected, source: Investigator}
          _RANK: assign(RANK)
    """,
    "sdtm/ce": """
        dataset: CE
        keys: [USUBJID, CETERM]
        records: [{from: raw.ae}]
        variables:
          USUBJID: {derive: assign(SUBJID), origin: Assigned, source: Sponsor, note: Number.}
          CETERM: {derive: assign(AETERM), origin: Collected, source: Investigator}
          CESTDTC:
            origin: Derived
            source: Sponsor
            derive: derive_extreme_dtc(source=AE, column=AETERM, mode="first", where='_RANK EQ "1"')
    """,
    "adam/adsl": """
        dataset: ADSL
        label: Subjects
        class: SUBJECT LEVEL ANALYSIS DATASET
        structure: One record per subject
        keys: [USUBJID]
        records: [{from: AE, one_per: [USUBJID]}]
        variables:
          USUBJID: {predecessor: AE.USUBJID}
          GRADE: {label: Grade, type: integer, derive: derive_var_number(source=_TEXT), where: AETERM NE "Rash"}
          _TEXT: derive_var_coalesce(columns=[_LAST, AETOXGR])
          _LAST:
            text: Of the last event.
            derive: >-
              derive_vars_merged(by=[USUBJID], source=AE, new_vars={_LAST: AETOXGR}, order=[AETERM], mode="last")
          SITE: {label: Site, type: text, derive: derive_var_constant(value=$site)}
    """,
    "adam/adx": """
        dataset: ADX
        label: Events
        class: BASIC DATA STRUCTURE
        structure: One record per event
        keys: [USUBJID, PARAMCD, AVALC]
        records:
          - id: first
            from: AE
            where: AETOXGR EQ "1"
            set: {AVALC: derive_var_coalesce(AETERM), _KIND: hardcode("F")}
          - {id: other, from: AE, where: AETOXGR NE "1", set: {AVALC: assign_upper(AETERM), _KIND: hardcode("O")}}
        parameters:
          EV: {param: Event, where: AVALC NOT MISSING}
          NEV: {param: Any first event, derive: "derive_param_exist_flag(by=[USUBJID], criterion='_KIND EQ \\"F\\"')"}
        variables:
          USUBJID: {predecessor: AE.USUBJID}
          PARAMCD: {text: Code.}
          PARAM: {text: Name.}
          AVALC: {text: Event.}
    """,
}


STAGES = ("sdtm", "adam")


@pytest.fixture
def both(study):
    bound = read_specs(study(SPECS))
    assert [f for f in bound.findings if f.severity == Severity.ERROR] == []
    return {stage: Derivations(bound.specs, plan) for stage, plan in vars(bound.plans).items() if stage in STAGES}


@pytest.fixture
def told(both):
    return both["adam"]


def test_a_working_column_of_a_source_carries_its_name_and_is_said(both):
    assert both["sdtm"].of_variable("CE", "CESTDTC") == (
        'The earliest AETERM of the subject in AE where [AE.RANK] = "1", as precise as partial dates leave it certain. '
        "[AE.RANK]: RANK."
    )


def test_working_columns_are_said_once_those_first_that_others_need(told):
    assert told.of_variable("ADSL", "GRADE") == (
        'The number that [TEXT] spells; only where AETERM != "Rash", else missing. '
        "[LAST]: Of the last event: AETOXGR of the last record of AE with the same USUBJID, in order of AETERM. "
        "[TEXT]: the first of [LAST] and AETOXGR that is not missing."
    )


def test_a_setting_is_its_value_and_stands_in_the_expression_too(told):
    assert told.of_variable("ADSL", "SITE") == "101."
    assert told.expression("ADSL", "SITE") == "derive_var_constant(value=101)"
    assert told.expression("ADSL", "GRADE") is None


def test_record_blocks_are_told_by_their_ids(told):
    assert told.records_of("ADX") == 'First (AE where AETOXGR = "1"); other (AE where AETOXGR != "1").'
    assert told.of_variable("ADX", "AVALC") == "AETERM in first; AETERM in upper case in other."
    assert told.parameters_of("ADX") == "EV where AVALC is not missing."
    assert told.of_parameter("ADX", "NEV") == (
        'One record for each USUBJID: AVALC "Y" (AVAL 1) if one meets [KIND] = "F", else "N" (0), missing where a '
        'missing value leaves it open. [KIND]: "F" in first; "O" in other.'
    )
