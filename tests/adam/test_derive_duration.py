from __future__ import annotations

import pytest

from datacut.adam.derive_duration import derive_var_days_between, derive_var_elapsed, derive_vars_duration
from datacut.errors import SpecError

DATES = """
STDT       ENDT
2026-02-01 2026-02-01
2026-02-01 2026-03-01
2026-03-01 2026-02-01
.          2026-02-01
"""


def test_days_between(table) -> None:
    out = derive_var_days_between(table(DATES), "STDT", "ENDT", "N")
    assert out["N"].tolist()[:3] == [0, 28, -28]
    assert out["N"].isna().tolist()[3]
    assert derive_var_days_between(table(DATES), "STDT", "ENDT", "N", add=1)["N"].tolist()[:2] == [1, 29]


def test_duration_counts_both_days_and_names_the_unit(table) -> None:
    out = derive_vars_duration(table(DATES), "STDT", "ENDT", "ADURN", new_unit="ADURU")
    assert out["ADURN"].tolist()[:2] == [1, 29]
    assert out["ADURU"].tolist()[:2] == ["DAYS", "DAYS"]
    assert out["ADURU"].isna().tolist()[3]


def test_months_are_not_rounded(table) -> None:
    out = derive_vars_duration(table(DATES), "STDT", "ENDT", "MON", unit="months", add=0)
    assert out["MON"].tolist()[1] == pytest.approx(28 / 30.4375)


def test_days_of_a_unit_can_be_set(table) -> None:
    out = derive_vars_duration(table(DATES), "STDT", "ENDT", "MON", unit="months", add=0, unit_days=28)
    assert out["MON"].tolist()[1] == 1.0


def test_elapsed_counts_parts_of_a_day(table) -> None:
    frame = table(
        """
        STDTM               ENDTM
        2026-02-01T10:00:00 2026-02-08T16:00:00
        2026-02-01T10:00:00 2026-02-01T09:00:00
        2026-02-01T10:00:00 .
        """
    )
    out = derive_var_elapsed(frame, "STDTM", "ENDTM", "ARELTM")
    assert out["ARELTM"].tolist()[:2] == [7.25, -1 / 24]
    assert out["ARELTM"].isna().tolist() == [False, False, True]
    minutes = derive_var_elapsed(frame, "STDTM", "ENDTM", "MIN", unit="minutes")["MIN"]
    assert minutes.tolist()[:2] == [7 * 1440 + 360, -60]


def test_unknown_unit_is_refused(table) -> None:
    with pytest.raises(SpecError, match="fortnights"):
        derive_vars_duration(table(DATES), "STDT", "ENDT", "X", unit="fortnights")
