"""The accounting of a build against its lineage."""

import pandas as pd

from datacut.pipeline.check import check_accounting
from datacut.pipeline.report import FormLine

LINEAGE = pd.DataFrame({"record": [1, 2, 2, 3], "source": "raw.ae", "source_record": [2, 3, 4, 4]})


def line(**changed) -> FormLine:
    counts = {"rows": 4, "mapped": 3, "by_key": 0, "excluded": 1, "refused": 0, "unaccounted": 0, **changed}
    return FormLine(form="ae", reasons="", **counts)


def faults(*lines):
    return [(f.rule, str(f.where), f.value) for f in check_accounting(lines, [LINEAGE])]


def test_three_rows_mapped_and_one_excluded_balance():
    assert faults(line()) == []


def test_rows_that_are_in_no_place():
    assert faults(line(rows=5)) == [("accounting.balance", "raw.ae", "5 / 4")]


def test_rows_said_to_be_mapped_that_no_record_leads_back_to():
    assert faults(line(mapped=4, excluded=0)) == [("accounting.balance", "raw.ae", "4 / 3")]


def test_rows_unaccounted_for():
    assert faults(line(excluded=0, unaccounted=1)) == [("accounting.balance", "raw.ae", "0 / 1")]
