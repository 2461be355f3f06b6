from __future__ import annotations

from tests.sdtm.conftest import listed, told

from datacut.sdtm.assign_keys import assign_part, assign_rewritten, paste


def test_paste_needs_every_part(raw) -> None:
    form = raw("S N\nA 1\n. 1\nA .\n~A~ 2")
    assert listed(paste(form, ["S", "N"])) == ["A-1", None, None, "A-2"]
    assert listed(paste(form, ["N"], prefix="Day ", suffix=" or later"))[:3] == [
        "Day 1 or later",
        "Day 1 or later",
        None,
    ]


def test_assign_part_takes_the_first_group(raw, context) -> None:
    out = assign_part(raw("D\n2026-02-03T09:05\n2026-02\n.\nT9"), "D", "^([^T]+)", context)
    assert listed(out) == ["2026-02-03", "2026-02", None, None]
    assert told(context) == ["error sdtm.pattern raw/form.csv:5:D T9"]


def test_a_patient_number_is_rewritten_only_if_the_whole_value_fits(raw, context) -> None:
    out = assign_rewritten(
        raw("P\n101001\n101-002\n.\n1010012\n~101003"), "P", r"(\d{3})-?(\d{3})", r"ST-\1-\2", context
    )
    assert listed(out) == ["ST-101-001", "ST-101-002", None, None, "ST-101-003"]
    assert told(context) == ["error sdtm.pattern raw/form.csv:5:P 1010012"]
