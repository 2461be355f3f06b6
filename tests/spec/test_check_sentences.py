"""A sentence that says a setting for itself is found; a visit of the same number is not a setting."""

from __future__ import annotations

import pytest

from datacut.spec.check_sentences import copies
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
        ("To day 28", {"day 28": BOTH}),
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
    assert copies(sentence, SETTINGS, {"Day 28"}) == told
