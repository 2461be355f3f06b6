from __future__ import annotations

from tests.sdtm.conftest import listed, told

from datacut.sdtm.assign_source import assign_count, assign_extreme, assign_merged

ENROL = """
SUBJID STAGE DAT
001    Yes   2026-02-03
002    No    2026-01
002    Yes   .
004    Huh   2026-03-01
"""


def test_a_value_is_found_by_key_and_translated_at_its_own_place(raw, context) -> None:
    form = raw("SUBJID\n001\n~002\n003\n.\n004", file="raw/dm.csv")
    out = assign_merged(form, raw(ENROL, file="raw/enrol.csv"), "STAGE", ["SUBJID"], context, codelist="NY")
    assert listed(out) == ["Y", "N", None, None, "Huh"]
    assert told(context) == [
        "error sdtm.merge raw/enrol.csv:4:STAGE Yes",
        "error sdtm.codelist raw/enrol.csv:5:STAGE Huh",
    ]


def test_a_condition_narrows_the_source_first(raw, context, where) -> None:
    form = raw("SUBJID\n002")
    out = assign_merged(form, raw(ENROL), "STAGE", ["SUBJID"], context, where=where('STAGE EQ "Yes"'))
    assert listed(out) == ["Yes"]
    assert len(context.findings) == 0


def test_extremes_and_counts_stand_on_every_record(raw, context, where) -> None:
    study, enrol = raw("A\n1\n2"), raw(ENROL)
    assert listed(assign_extreme(study, enrol, "DAT", "first", context)) == ["2026-01", "2026-01"]
    assert listed(assign_extreme(study, enrol, "DAT", "last", context)) == ["2026-03-01", "2026-03-01"]
    nobody = where('SUBJID EQ "9"')
    assert listed(assign_extreme(study, enrol, "DAT", "first", context, where=nobody)) == [None, None]
    assert listed(assign_count(study, enrol, context)) == ["4", "4"]
    assert listed(assign_count(study, enrol, context, where=nobody)) == ["0", "0"]
