"""A finding about a built record names the raw field, and what stands there."""

import numpy as np
import pandas as pd
import pytest

from datacut.engine.context import Context
from datacut.engine.origins import Origins
from datacut.errors import Findings

RAW = pd.DataFrame(
    {
        "SUBJID": pd.Series(["001", "001", "002"], dtype="str"),
        "ALT": pd.Series(["high", "20", None], dtype="str"),
        "AST": pd.Series(["7", "low", "9"], dtype="str"),
    }
)


@pytest.fixture
def origins():
    """Records 1 and 2 are ALT of lines 2 and 4, records 3 and 4 are AST of lines 2 and 3."""
    made = Origins()
    made.add(1, RAW, np.array([0, 2]), {"LBORRES": "ALT", "USUBJID": "SUBJID"})
    made.add(3, RAW, np.array([0, 1]), {"LBORRES": "AST", "USUBJID": "SUBJID"})
    return made


def test_a_variable_is_found_in_the_field_of_its_block(origins):
    assert origins.find(1, "LBORRES") == ("ALT", "high")
    assert origins.find(2, "LBORRES") == ("ALT", "")
    assert origins.find(4, "LBORRES") == ("AST", "low")
    assert origins.find(4, "USUBJID") == ("SUBJID", "001")


def test_what_was_not_mapped_is_not_found(origins):
    assert origins.find(1, "LBSTRESN") is None
    assert origins.find(5, "LBORRES") is None
    assert origins.find(0, "LBORRES") is None
    assert Origins().find(1, "LBORRES") is None


LB = pd.DataFrame(
    {
        "USUBJID": pd.Series(["S-001", "S-002", "S-001", "S-001"], dtype="str"),
        "LBORRES": pd.Series(["high", None, "7", "low"], dtype="str"),
        "LBSTRESC": pd.Series(["high", None, "7", "low"], dtype="str"),
        "_rid": pd.Series([1, 2, 3, 4], dtype="Int64"),
        "_row": pd.Series([2, 4, 2, 3], dtype="Int64"),
        "_file": pd.Series(["raw/c1/chem.csv"] * 4, dtype="str"),
    }
)


def told(origins, rows, column, rule="sdtm.term"):
    context = Context("LB", "LBSTRESN", findings=Findings(), keys=("USUBJID",), origins=origins)
    context.report(LB, rows, column, rule, "odd", remedy="Query.")
    return [(str(f.where), f.value) for f in context.findings]


def test_the_place_is_the_raw_field_and_the_value_what_stands_there(origins):
    assert told(origins, [0, 3], "LBORRES") == [
        ("raw/c1/chem.csv:2:ALT", "high"),
        ("raw/c1/chem.csv:3:AST", "low"),
    ]


def test_a_raw_field_is_told_once_however_many_records_it_made(origins):
    assert told(origins, [0, 1, 2, 3], "USUBJID") == [
        ("raw/c1/chem.csv:2:SUBJID", "001"),
        ("raw/c1/chem.csv:4:SUBJID", "002"),
        ("raw/c1/chem.csv:3:SUBJID", "001"),
    ]


def test_a_derived_variable_keeps_its_name(origins):
    assert told(origins, [0], "LBSTRESC") == [("raw/c1/chem.csv:2:LBSTRESC", "high")]
    assert told(None, [0], "LBORRES") == [("raw/c1/chem.csv:2:LBORRES", "high")]
