"""Every field of a form: read by a spec, or with a reason."""

import pytest

from datacut.pipeline.verbs import make_registry
from datacut.spec.accounting import READ_ELSEWHERE, check_fields, field_uses
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

FORM = """
form: vs
label: Vital signs
fields:
  DAY: {label: Day}
  PULSE: {label: Pulse}
  DONE: {label: Was it done}
  INITIALS: {label: Initials, not_submitted: identifies a person}
  REMARK: {label: Remark}
"""
OTHER = """
form: dm
label: Demography
fields:
  SEX: {label: Sex}
"""
VS = """
dataset: VS
keys: [USUBJID]
records:
  - from: raw.vs
    where: DONE EQ "1"
    set: {VSORRES: assign(PULSE)}
variables:
  USUBJID: assign(SUBJID)
  VSORRES: {label: Result}
  VSPOS: "assign_merged(raw.dm, SEX, by=[SUBJID])"
  VSDY: assign_number(DAY)
"""


@pytest.fixture
def uses(study):
    def of(vs=VS, form=FORM):
        specs = load_specs(study({"crf/vs": form, "crf/dm": OTHER, "sdtm/vs": vs}))
        plans = bind_specs(specs, make_registry(specs.root))
        found = field_uses(specs, (plans.sdtm, plans.adam))
        return {(u.form, u.column): u for u in found}, check_fields(specs, found)

    return of


def test_a_field_tells_the_variables_made_of_it(uses):
    found, _ = uses()
    assert found["vs", "PULSE"].used == ("VS.VSORRES",)
    assert found["vs", "DAY"].used == ("VS.VSDY",)
    assert found["dm", "SEX"].used == ("VS.VSPOS",)


def test_a_field_only_a_condition_reads_is_used(uses):
    assert uses()[0]["vs", "DONE"].used == ("VS: which rows",)


def test_a_field_without_use_and_reason_is_a_finding_at_its_line(uses):
    found, findings = uses()
    assert (found["vs", "REMARK"].status, found["vs", "INITIALS"].status) == ("unread", "not submitted")
    assert [(f.rule, f.value, str(f.where)) for f in findings] == [
        ("spec.field.unread", "REMARK", "specs/crf/vs.yml:8")
    ]


def test_a_reason_beside_a_use_is_a_finding(uses):
    form = FORM.replace("REMARK: {label: Remark}", "REMARK: {label: Remark, not_submitted: never}")
    _, findings = uses(VS.replace("assign_number(DAY)", "assign_number(DAY)\n  VSREM: assign(REMARK)"), form)
    assert [(f.rule, f.value) for f in findings] == [("spec.field.read", "REMARK")]


def test_a_column_of_the_system_need_be_read_on_one_form_only(uses):
    form = FORM.replace("  REMARK: {label: Remark}\n", "")
    found, findings = uses(form=form)
    assert found["dm", "SUBJID"].status == "mapped"
    assert findings == []
    assert READ_ELSEWHERE not in {u.reason for u in found.values() if u.status == "mapped"}
