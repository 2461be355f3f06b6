"""Findings come back from bytes as they were."""

from datacut.cache.findings import findings_bytes, findings_from
from datacut.errors import Finding, Severity, in_data, in_file, in_output


def test_findings_come_back_in_their_order() -> None:
    told = [
        Finding(Severity.WARNING, "tlf.glyph", in_output("t-1", "a", "°"), "what", "5 µg", "Mend it."),
        Finding(Severity.ERROR, "CORE-000001", in_file("ae.csv", 14, "AETERM"), "what", "", ""),
        Finding(Severity.NOTE, "study.own", in_data("ADSL", "AGE", "101"), 'a "quoted"\nword', "x", "y"),
    ]
    assert findings_from(findings_bytes(told)) == told
    assert findings_from(findings_bytes([])) == []


def test_the_same_findings_are_the_same_bytes() -> None:
    one = Finding(Severity.NOTE, "study.own", in_data("ADSL"), "a", "b", "c")
    assert findings_bytes(iter([one, one])) == findings_bytes([one, one])
    assert findings_bytes([one]) != findings_bytes([one, one])
