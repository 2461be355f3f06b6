"""Every collected value of a coded field, and what its codelist makes of it."""

import pandas as pd
import pytest

from datacut.errors import Findings
from datacut.sdtm.accounting import account_values
from datacut.spec.load import load_specs

FORM = """
form: ae
label: Adverse events
fields:
  AESER: {label: Serious, codelist: NY}
  AEOUT: {label: Outcome, codelist: NY, not_submitted: kept at the site}
  AETERM: {label: Term}
  VISITNAME: {label: Visit, codelist: VISIT}
"""
AE = """
dataset: AE
keys: [USUBJID]
records: [{from: raw.ae}]
variables: {USUBJID: assign(SUBJID)}
"""
CODELISTS = """
codelists:
  NY: {name: No Yes, terms: [{value: Y, collected: [Yes]}, {value: N, collected: [No]}]}
  VISIT: {name: Visit, terms: [{value: Day 1, collected: [D1]}]}
"""


@pytest.fixture
def counted(study):
    def of(serious, visits=()):
        size = max(len(serious), len(visits))
        fill = lambda values: [*values, *[None] * (size - len(values))]  # noqa: E731
        frame = pd.DataFrame({"AESER": fill(serious), "VISITNAME": fill(visits)}, dtype="str")
        frame = frame.assign(AEOUT="maybe", AETERM="Fever", SUBJID="101", _file="raw/c1/ae.csv")
        frame["_row"] = frame["_rid"] = pd.Series(range(2, size + 2), dtype="Int64")
        specs = load_specs(study({"crf/ae": FORM, "sdtm/ae": AE, "codelists": CODELISTS}))
        findings = Findings()
        counts = account_values(specs, {"raw.ae": frame}, findings)
        return [(c.column, c.collected, c.submitted, c.rows) for c in counts], [
            (str(f.where), f.value) for f in findings
        ]

    return of


def test_values_are_counted_by_spelling(counted):
    assert counted(["Yes", "Yes", "Y", "no", None]) == (
        [("AESER", "Y", "Y", 1), ("AESER", "Yes", "Y", 2), ("AESER", "no", "N", 1)],
        [],
    )


def test_a_value_no_codelist_knows_is_a_finding_at_its_cell(counted):
    counts, found = counted(["Yes", "Perhaps"])
    assert ("AESER", "Perhaps", "", 1) in counts
    assert found == [("raw/c1/ae.csv:3:AESER", "Perhaps")]


def test_a_field_that_is_not_submitted_and_one_without_codelist_are_not_asked_for(counted):
    assert {c[0] for c in counted(["Yes"])[0]} == {"AESER"}


def test_the_name_of_an_unscheduled_visit_needs_no_term(counted):
    counts, found = counted([], ["D1", "Unscheduled 5.01", "Day X"])
    assert [c[1] for c in counts] == ["D1", "Day X"]
    assert found == [("raw/c1/ae.csv:4:VISITNAME", "Day X")]
