"""What a review of a build asks, counted by hand over small tables."""

import pandas as pd
import pytest

from datacut.datasets.model import Dataset, Variable
from datacut.engine.use import BlockCount
from datacut.errors import Finding, Severity, in_spec
from datacut.pipeline.review import conversions, findings_by_rule, merges, records_made
from datacut.pipeline.runlog import Conversion, Found, Records
from datacut.spec.calls import parse_call
from datacut.spec.plan import Plan, Step
from datacut.spec.registry import Registry


@pytest.fixture(scope="module")
def registry():
    import datacut.adam.derive_merged

    found = Registry()
    found.add_module(datacut.adam.derive_merged)
    return found


def merged(registry, call, here, there):
    bound = registry.bind(parse_call(call), ("column",), "X")
    step = Step("ADAE", "column", "X", frozenset(), ("X",), call=bound)
    frames = {"ADAE": pd.DataFrame(here), "EX": pd.DataFrame(there)}
    return list(merges(Plan((step,), (), frozenset(), frozenset()), frames, {"dose": "B"}))


HERE = {"USUBJID": ["1", "1", "2", "3", "3", None, None]}
THERE = {"USUBJID": ["1", "1", "1", "2", "2", "3", None, None], "D": ["A", "B", "B", "A", "A", "A", "A", "A"]}
CALL = "derive_vars_merged(by=USUBJID, source=EX, new_vars={X: D}"


def test_keys_that_stand_several_times_on_both_sides_are_told(registry):
    (found,) = merged(registry, f"{CALL}, mode=first)", HERE, THERE)  # only subject 1: 2 is single here, 3 there
    assert (found.step, found.call, found.source) == ("ADAE.X", "derive_vars_merged", "EX")
    assert (found.by, found.source_by) == (["USUBJID"], ["USUBJID"])
    assert (found.keys, found.rows_here, found.rows_there) == (1, 2, 3)


def test_the_source_is_looked_at_as_the_call_narrows_it(registry):
    (found,) = merged(registry, f"{CALL}, where='D EQ $dose')", HERE, THERE)
    assert found.rows_there == 2
    assert merged(registry, f"{CALL}, where='D EQ \"C\"')", HERE, THERE) == []


def test_keys_of_another_name_in_the_source(registry):
    there = {"SUBJ": THERE["USUBJID"], "D": THERE["D"]}
    (found,) = merged(registry, f"{CALL}, source_by=[SUBJ])", HERE, there)
    assert (found.by, found.source_by, found.keys) == (["USUBJID"], ["SUBJ"], 1)


@pytest.mark.parametrize("there", [{"USUBJID": ["1", "2"], "D": ["A", "A"]}, {"D": ["A"]}], ids=["one to many", "gone"])
def test_one_to_many_and_a_key_that_was_not_kept_are_not_told(registry, there):
    assert merged(registry, f"{CALL})", HERE, there) == []


def dataset(name, columns):
    frame = pd.DataFrame({n: pd.Series(v, dtype="Float64" if n.endswith("N") else "str") for n, v in columns.items()})
    variables = tuple(Variable(n, n, "float" if n.endswith("N") else "text") for n in columns)
    return Dataset(name, name, variables, frame)


def test_results_that_are_no_number_or_another_and_units_that_are_others():
    columns = {
        "LBORRES": ["1.5", "<0.1", None, "", "2", "3.0"],
        "LBORRESU": ["g/L", "g/L", None, "", "mg/L", "g/L"],
        "LBSTRESN": [1.5, None, None, None, 0.002, 3.0],
        "LBSTRESU": ["g/L", "g/L", None, "", "g/L", "g/L"],
    }
    assert list(conversions([dataset("LB", columns)])) == [
        Conversion(step="LB.LBSTRESN", source="LBORRES", kind="not a number", records=1),
        Conversion(step="LB.LBSTRESN", source="LBORRES", kind="number changed", records=1),
        Conversion(step="LB.LBSTRESU", source="LBORRESU", kind="unit changed", records=1),
    ]


def test_partial_dates_and_imputed_ones():
    sdtm = dataset("AE", {"AESTDTC": ["2026", "2026-09", "2026-09-01", "2026-09-01T10:00", None]})
    adam = dataset("ADAE", {"ASTDTF": ["D", "M", "D", None]})
    assert list(conversions([sdtm, adam])) == [
        Conversion(step="AE.AESTDTC", source="AESTDTC", kind="partial date", records=2),
        Conversion(step="ADAE.ASTDT", source="ASTDTF", kind="imputed", value="D", records=2),
        Conversion(step="ADAE.ASTDT", source="ASTDTF", kind="imputed", value="M", records=1),
    ]


def test_records_made_and_left_out():
    block = BlockCount("AE", "raw.ae", "1", rows=5, taken=3, not_selected=1, excluded={"no event": 1})
    assert list(records_made([block])) == [
        Records(dataset="AE", block="1", source="raw.ae", rows=5, excluded={"no event": 1}, not_selected=1, made=3)
    ]


def test_findings_by_rule_count_causes_and_places():
    def finding(rule, line, value):
        return Finding(Severity.NOTE, rule, in_spec("a.yml", line), "what", value, "do")

    found = [
        finding("raw.empty", 1, "x"),
        finding("raw.empty", 2, "x"),
        finding("raw.empty", 3, "y"),
        finding("adam.base", 1, ""),
    ]
    assert list(findings_by_rule(found)) == [
        Found(rule="adam.base", severity="note", causes=1, places=1),
        Found(rule="raw.empty", severity="note", causes=2, places=3),
    ]
