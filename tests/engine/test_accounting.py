"""What became of every row: five rows of one form, each in another place."""

import numpy as np
import pandas as pd
import pytest

from datacut.engine.accounting import COLUMN_MISSING, NOTHING_ENTERED, FormAccount, account_forms
from datacut.engine.use import Accounting, RowUse
from datacut.errors import Findings, in_file
from datacut.spec.accounting import FieldUse
from datacut.spec.load import load_specs

FORM = """
form: vs
label: Vital signs
fields:
  DAY: {label: Day}
  PULSE: {label: Pulse}
"""
VS = """
dataset: VS
keys: [USUBJID]
records: [{from: raw.vs}]
variables: {USUBJID: assign(SUBJID)}
"""


def rows(*cells) -> pd.DataFrame:
    frame = pd.DataFrame(cells, columns=["SUBJID", "DAY", "PULSE"], dtype="str")
    lines = pd.Series(range(2, len(frame) + 2), dtype="Int64")
    return frame.assign(_rid=lines, _row=lines, _file="raw/c1/vs.csv")


def used(mapped: list[bool], reason: list[str]) -> Accounting:
    return Accounting(rows={"raw.vs": RowUse(np.array(mapped, dtype=bool), np.array(reason, dtype=object))})


@pytest.fixture
def specs(study):
    return lambda form=FORM: load_specs(study({"crf/vs": form, "sdtm/vs": VS}))


def account(specs, frame, *stages, read=True, findings=None):
    found = Findings() if findings is None else findings
    uses = [FieldUse("vs", "PULSE", ("VS.VSORRES",) if read else (), "")]
    (line,) = account_forms(specs, {"raw.vs": frame}, stages, uses, found)
    return line, [(f.rule, str(f.where)) for f in found]


FIVE = [["101", "1", "60"], ["102", "1", "70"], ["103", "1", "80"], ["104", None, None], ["105", "1", "90"]]


def test_each_row_is_in_one_place(specs):
    first = used([True, False, False, False, False], ["", "withdrew", "late", "", ""])
    line, found = account(specs(), rows(*FIVE), first)
    assert line == FormAccount("vs", 0, 1, 0, {"withdrew": 1, "late": 1, NOTHING_ENTERED: 1}, unaccounted=1)
    assert line.rows == 5
    assert found == [("accounting.row", "raw/c1/vs.csv:6")]


def test_a_row_that_one_stage_leaves_out_and_another_maps_is_mapped(specs):
    left_out = used([False] * 5, ["withdrew"] * 5)
    taken = used([True] * 5, [""] * 5)
    assert account(specs(), rows(*FIVE), left_out, taken) == (FormAccount("vs", 0, 5, 0, {}, 0), [])


def test_a_row_two_stages_map_counts_once(specs):
    every = used([True] * 5, [""] * 5)
    assert account(specs(), rows(*FIVE), every, every)[0].rows == 5


def test_a_form_that_is_only_read_by_key(specs):
    assert account(specs(), rows(*FIVE[:2])) == (FormAccount("vs", 0, 0, 2, {}, 0), [])


def test_a_form_nobody_reads_is_unaccounted_for(specs):
    line, found = account(specs(), rows(*FIVE[:2]), read=False)
    assert (line.unaccounted, [w for _, w in found]) == (2, ["raw/c1/vs.csv:2", "raw/c1/vs.csv:3"])


def test_a_form_that_is_not_submitted_is_excluded_for_its_reason(specs):
    line, found = account(specs(FORM + "not_submitted: for the site only\n"), rows(*FIVE), read=False)
    assert (line.excluded, line.unaccounted, found) == ({"for the site only": 5}, 0, [])


def test_rows_the_reader_refused_count_as_rows_of_the_file(specs):
    findings = Findings()
    for file in ("raw/c1/vs.csv", "raw/c1/ae.csv"):
        findings.error("raw.row.cells", in_file(file, 4), "the row has 2 cells, the header 3", remedy="")
    line, _ = account(specs(), rows(FIVE[0]), used([True], [""]), findings=findings)
    assert (line.refused, line.mapped, line.rows) == (1, 1, 2)


def test_an_empty_form_balances(specs):
    assert account(specs(), rows(), used([], []))[0].rows == 0


def test_of_many_rows_the_first_twenty_are_named_and_the_rest_counted(specs):
    frame = rows(*[["101", "1", "60"]] * 23)
    found = Findings()
    account(specs(), frame, used([False] * 23, [""] * 23), findings=found)
    assert len(found) == 21
    assert list(found)[-1].what == "no record is made of 3 more rows"


def test_rows_lost_for_a_missing_column_are_told_by_the_finding_of_the_column(specs):
    findings = Findings()
    findings.error("raw.column.misspelt", in_file("raw/c1/vs.csv", 1, "PULS"), "the column PULSE is missing", remedy="")
    line, found = account(specs(), rows(*FIVE[:2]), used([True, False], ["", ""]), findings=findings)
    assert (line.excluded, line.unaccounted) == ({COLUMN_MISSING: 1}, 0)
    assert [rule for rule, _ in found] == ["raw.column.misspelt"]
