"""Patterns print each number once, rounded half away from zero."""

import pytest

from datacut.ard.pattern import Fill, fill, format_significant


def text(
    template: str, values: dict[str, tuple[float | None, str]], digits: int = 0, instead: str | None = None
) -> str:
    return "".join(f.formatted for f in fill(template, values, digits, instead=instead))


@pytest.mark.parametrize(
    ("n", "m", "shown"),
    [
        (1, 8, "1 (12.5%)"),
        (1, 3, "1 (33.3%)"),
        (4, 4, "4 (100%)"),
        (0, 4, "0"),
        (1, 16, "1 (6.3%)"),
        (1999, 2000, "1999 (100%)"),
    ],
)
def test_count_and_percent(n: int, m: int, shown: str) -> None:
    zero = "{n}" if n == 0 else None
    assert text("{n} ({p:1%})", {"n": (n, ""), "p": (100 * n / m, "")}, instead=zero) == shown


def test_digits_are_added_to_those_collected() -> None:
    values = {"mean": (2.25, ""), "sd": (None, "-")}
    assert text("{mean:+1} ({sd:+2})", values, 0) == "2.3 (-)"
    assert text("{mean:+1} ({sd:+2})", values, 1) == "2.25 (-)"


def test_a_row_without_numbers_prints_its_replacement_alone() -> None:
    assert text("({lower:1}, {upper:1})", {"lower": (None, "NE"), "upper": (None, "NE")}) == "NE"
    assert text("{mean:+1} ({sd:+2})", {"mean": (None, ""), "sd": (None, "")}) == ""


def test_each_statistic_has_its_part_and_pattern() -> None:
    assert fill("{n} ({p:1%}) [{events}]", {"n": (2, ""), "p": (50.0, ""), "events": (3, "")}, 0) == [
        Fill("n", "xx", "2"),
        Fill("p", " (xx.x%", " (50.0%"),
        Fill("events", ") [xx]", ") [3]"),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234.5, "1230"),
        (0.012345, "0.0123"),
        (9.996, "10.0"),
        (1235.0, "1240"),
        (99.95, "100"),
        (5.0, "5.00"),
        (0.0, "0"),
        (-1.255, "-1.26"),
    ],
)
def test_three_significant_digits(value: float, shown: str) -> None:
    assert format_significant(value, 3) == shown


def test_a_pattern_may_only_print_what_the_method_computes() -> None:
    with pytest.raises(KeyError, match="gmean"):
        fill("{gmean:3s}", {"n": (1, "")}, 0)
