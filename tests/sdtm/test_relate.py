"""RELREC from numbers typed on a form: what is related, how it is named, and what is told of a number that is none."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.sdtm.conftest import make_context, told

from datacut.sdtm.relate import relate

AE = """
STUDYID USUBJID DOMAIN AESEQ NO
S1      S1-01   AE     4     1
S1      S1-01   AE     2     2
S1      S1-01   AE     7     3
S1      S1-02   AE     1     1
"""


@pytest.fixture
def related(raw):
    """Relations of one CM record of S1-01 with CMSEQ 5, on line 2 of its form, that names `text`."""

    def of(text, subject="S1-01"):
        ae = raw(AE)
        cm = raw(f"STUDYID USUBJID DOMAIN CMSEQ CMAENO\nS1 {subject} CM 5 .", file="raw/cm.csv")
        cm.loc[0, "CMAENO"] = text
        cm["_rid"] = pd.Series([31], dtype="Int64")
        context = make_context()
        made = relate(cm, record="CMSEQ", named="CMAENO", source=ae, other="AESEQ", by="NO", context=context)
        rows = [tuple(r) for r in made.rows[["RDOMAIN", "IDVAR", "IDVARVAL", "RELID"]].itertuples(index=False)]
        return rows, made.parents, context

    return of


@pytest.mark.parametrize("text", ["1; 3", "1,3", "1、3", "1 3", "１；３", " 1 ;3; ", "1; 3; 1"])
def test_the_record_and_the_events_it_names_share_one_relation(related, text) -> None:
    rows, _, context = related(text)
    assert rows == [
        ("CM", "CMSEQ", "5", "AECM5"),
        ("AE", "AESEQ", "4", "AECM5"),
        ("AE", "AESEQ", "7", "AECM5"),
    ]
    assert told(context) == []


def test_the_number_is_that_of_the_same_subject(related) -> None:
    rows, _, _ = related("1", subject="S1-02")
    assert rows == [("CM", "CMSEQ", "5", "AECM5"), ("AE", "AESEQ", "1", "AECM5")]


@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_record_that_names_nothing_is_related_to_nothing(related, text) -> None:
    rows, parents, context = related(text)
    assert (rows, len(parents), told(context)) == ([], 0, [])


@pytest.mark.parametrize(("text", "missed"), [("9", "9"), ("AE 1x", "AE, 1x"), ("2.5", "2.5"), ("0; -1", "0, -1")])
def test_a_number_that_is_no_event_is_told_with_its_raw_place(related, text, missed) -> None:
    rows, _, context = related(text)
    assert rows == []
    (finding,) = context.findings
    assert (finding.rule, str(finding.where), finding.value) == ("sdtm.relate", "raw/cm.csv:2:CMAENO", text)
    assert finding.what == f"names {missed}, which no AE record of the subject has as its number"


def test_the_other_numbers_of_a_list_still_count(related) -> None:
    rows, _, context = related("2; 8")
    assert rows == [("CM", "CMSEQ", "5", "AECM5"), ("AE", "AESEQ", "2", "AECM5")]
    assert told(context) == ["warning sdtm.relate raw/cm.csv:2:CMAENO 2; 8"]


def test_the_parents_are_the_record_and_the_event(related) -> None:
    _, parents, _ = related("2")
    edges = [(p, r, None if pd.isna(s) else s) for p, r, s in parents.itertuples(index=False)]
    assert sorted(edges, key=str) == [(0, 31, None), (1, 2, "AE"), (1, 31, None)]
