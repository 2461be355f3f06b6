"""What a verb is given beside its frame, and how it says where a fault is."""

import pandas as pd
import pytest

from datacut.engine.context import Context
from datacut.errors import Findings, Severity
from datacut.spec.where import parse_where


@pytest.fixture
def context():
    return Context("AE", "AETERM", findings=Findings(), settings={"cut": 2}, keys=("USUBJID", "AESEQ"))


RAW = pd.DataFrame(
    {
        "AETERM": pd.Series(["Fever", None, "Rash"], dtype="str"),
        "_row": pd.Series([2, 3, 4], dtype="Int64"),
        "_file": pd.Series(["raw/c1/ae.csv"] * 3, dtype="str"),
    }
)
BUILT = pd.DataFrame(
    {
        "USUBJID": pd.Series(["101", "102"], dtype="str"),
        "AESEQ": pd.Series([1, None], dtype="Int64"),
        "AETERM": pd.Series(["Fever", "Rash"], dtype="str"),
    }
).set_axis([7, 9])


def told(context):
    return [(str(f.severity), f.rule, str(f.where), f.what, f.value, f.remedy) for f in context.findings]


def test_a_raw_record_is_named_by_file_line_and_column(context):
    context.report(RAW, RAW["AETERM"].isna(), "AETERM", "sdtm.term", "blank", remedy="Query.")
    context.report(RAW, [2], "AETERM", "sdtm.term", "odd", remedy="Query.", severity=Severity.WARNING)
    assert told(context) == [
        ("error", "sdtm.term", "raw/c1/ae.csv:3:AETERM", "blank", "", "Query."),
        ("warning", "sdtm.term", "raw/c1/ae.csv:4:AETERM", "odd", "Rash", "Query."),
    ]


def test_a_built_record_is_named_by_its_key(context):
    context.report(
        BUILT, pd.Series([True, True], index=BUILT.index), "AETERM", "sdtm.term", "odd", remedy="", value="shown"
    )
    assert [t[2] for t in told(context)] == ["AE.AETERM:101|1", "AE.AETERM:102|"]
    assert [t[4] for t in told(context)] == ["shown", "shown"]


def test_what_is_not_known_is_not_reported(context):
    context.report(RAW, pd.Series([pd.NA, False, True], dtype="boolean"), "AETERM", "sdtm.term", "odd", remedy="")
    assert [t[2] for t in told(context)] == ["raw/c1/ae.csv:4:AETERM"]


def test_a_mask_knows_the_settings(context):
    assert context.mask(BUILT, parse_where("AESEQ LT $cut")).to_dict() == {7: True, 9: False}
    assert context.mask(BUILT, None).to_dict() == {7: True, 9: True}
