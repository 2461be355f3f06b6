"""What is said at the end of a build."""

import pytest

from datacut.pipeline.console import print_summary
from datacut.pipeline.report import FormLine, Product, Summary

PROFILE = "3 of 5 rules of fda checked, 1 not applicable; missing 1: P01"


def test_the_closing_table_counts_what_is_made_and_names_what_is_lacking(capsys: pytest.CaptureFixture[str]) -> None:
    products = (
        Product("SDTM", "AE", "Adverse Events", 1200, "records"),
        Product("SDTM", "DM", "Demographics", 34, "records", "no transport file, see findings"),
        Product("table", "t-1", "One", 3, "pages"),
        Product("table", "t-2", "Two", 0, "pages", "not made, see findings"),
    )
    lines = [FormLine("ae", 7, 5, 1, 1, "", 0, 0)]
    print_summary(Summary("2026-03-02", "d", products, 2, 0, 1, PROFILE), lines, "build/2026-03-02", up_to_date=False)
    said = [" ".join(line.replace("│", " ").split()) for line in capsys.readouterr().out.splitlines()]
    assert said[0] == "Cut 2026-03-02"
    assert "SDTM 2 1,234 records" in said
    assert "DM: no transport file, see findings" in said
    assert "table 2 3 pages" in said
    assert "t-2: not made, see findings" in said
    assert said[-2:] == [
        "build/2026-03-02: built; findings: 2 errors, 0 warnings, 1 notes (findings.csv there)",
        f"build/2026-03-02: {PROFILE}",
    ]


def test_no_error_is_said_of_the_rules_that_are_checked_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(Summary("2026-03-02", "d", (), 0, 1, 0, PROFILE), [], "build/2026-03-02", up_to_date=True)
    *_, found, profile = capsys.readouterr().out.splitlines()
    assert "0 errors" not in found and "no error by the rules checked, 1 warnings" in found
    assert profile.endswith("missing 1: P01")
