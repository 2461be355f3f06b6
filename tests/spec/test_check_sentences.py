"""A sentence that says a setting for itself is found; a visit of the same number is not a setting."""

from __future__ import annotations

import pytest

from datacut.spec.check_sentences import Copies, of_own_calls
from datacut.spec.document import Document, Loc
from datacut.spec.study import Setting

SETTINGS = {
    name: Setting.model_validate({"value": value, "source": "a", "text": "b", **more})
    for name, value, more in [
        ("window_days", "28", {"unit": "days"}),
        ("other_days", "28", {"unit": "days"}),
        ("ae_days", "180", {"unit": "days"}),
        ("gap_days", "1", {"unit": "days"}),
        ("least_mg", "7.5", {"unit": "mg/day"}),
        ("pga", "1.0", {"unit": "points"}),
        ("sri", "4.0", {"unit": "points"}),
        ("level", "0.95", {"unit": "part"}),
        ("off_percent", "20", {"unit": "%"}),
        ("people", "12", {"unit": "participants"}),
        ("unitless", "6", {}),
        ("rule", "half", {"alternatives": ["half", "zero"]}),
        ("terms", ["Fever", "Nausea"], {}),
    ]
}
BOTH = ["window_days", "other_days"]


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Within 180 days after it", {"180 days": ["ae_days"]}),
        ("A 180-day window", {"180-day": ["ae_days"]}),
        ("After day 180", {"day 180": ["ae_days"]}),
        ("Days 0-180", {"Days 0-180": ["ae_days"]}),
        ("Days 29 to 180 and later", {"Days 29 to 180": ["ae_days"]}),
        ("To day 28 and Day 28", {}),
        ("Within 28 days", {"28 days": BOTH}),
        ("From day 28-90", {"day 28": BOTH}),
        ("Day 28 and Month 28", {}),
        ("The visit at Day 28", {}),
        ("1800 days, day 1801, 2.180 days", {}),
        ("The 180 records", {}),
        ("Within 1 day, day 1", {}),
        ("At most 7.5 mg/day", {"7.5 mg/day": ["least_mg"]}),
        ("A fall of 4 points", {"4 points": ["sri"]}),
        ("95% CI", {"95%": ["level"]}),
        ("A level of 0.95", {"0.95": ["level"]}),
        ("20% or 20 % of 120%", {"20%": ["off_percent"], "20 %": ["off_percent"]}),
        ("12 participants", {"12 participants": ["people"]}),
        ("6 of them", {}),
        ("By the rule 'half'", {"'half'": ["rule"]}),
        ("By half of it", {}),
        ('Terms "Fever"', {}),
        ("Within window_days of it", {"window_days": ["window_days"]}),
        ("The rule", {}),
    ],
)
def test_copies_of_settings_are_found(sentence: str, told: dict[str, list[str]]) -> None:
    assert Copies.of(SETTINGS, {"Day 28"}).found(sentence) == told


@pytest.mark.parametrize(
    ("text", "call", "told"),
    [
        ("Above 450 ms.", "flag(criterion='AVAL GT 450')", ["450 ms"]),
        ("Above {=criterion} ms.", "flag(criterion='AVAL GT 450')", []),
        ("Above 4500 ms, 1.450 ms.", "flag(criterion='AVAL GT 450')", []),
        ("Phase 450 of it.", "flag(criterion='AVAL GT 450')", []),
        ("1 day.", "flag(criterion='AVAL GT 1')", []),
        ("4 g/L of it.", "case(cases={'PARAMCD EQ \"IGG\"': 4})", ["4 g/L"]),
        ('In the windows "standard".', 'window(windows="standard")', ['"standard"']),
        ("In standard windows.", 'window(windows="standard")', []),
        ("As it says.", """flag(criterion='AVAL GT 450', text="Above 450 ms")""", ["450 ms"]),
        ("As it says.", """flag(criterion='AVAL GT 450', text="Above {=criterion} ms")""", []),
        ("3 or more.", "flag([3], where='A GE 2')", ["3 or more"]),
    ],
)
def test_copies_of_arguments_of_the_own_call_are_found(text: str, call: str, told: list[str]) -> None:
    lines: dict[Loc, int] = {(): 1, ("X",): 2, ("X", "text"): 3, ("X", "derive"): 4}
    document = Document("adlb.yml", {"X": {"text": text, "derive": call}, "Y": {"text": "450 ms"}}, lines)
    found = list(of_own_calls(document, {"g/L"}))
    assert [f.value for f in found] == told
    assert all(f.rule == "spec.sentence" and str(f.where) in ("adlb.yml:3", "adlb.yml:2") for f in found)
