"""What every test of the suite shares."""

from __future__ import annotations

from hypothesis import settings

# a property must hold however slow the machine is; time is measured in bench/, never in tests
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
