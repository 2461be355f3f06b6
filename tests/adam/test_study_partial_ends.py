"""A death and a loss to follow-up of which the month is known: the bounds, and what each analysis makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.adam.test_study_occurrences import shown
from tests.adam.test_study_specs import build, infused, left

from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]


def dm(died: str | None, flag: str | None = "Y") -> list[dict[str, object]]:
    return [
        {
            "SUBJID": "101-009",
            "ARMCD": "ESC-DL1",
            "ACTARMCD": "ESC-DL1",
            "RFICDTC": "2026-01-02",
            "DTHFL": flag,
            "DTHDTC": died,
        }
    ]


def seen(date: str) -> list[dict[str, object]]:
    return [{"AESEQ": 1, "AESTDTC": date, "AETERM": "Rash", "AEDECOD": "Rash", "AETOXGR": "1", "AEREL": "NOT RELATED"}]


# infused on 1 February 2026; the window of 28 days ends on 1 March; cut on 1 September
PEOPLE = {
    "MARCH": infused(only_SV=[], only_DM=dm("2026-03"), AE=seen("2026-03-05")),
    "NO-DATE": infused(only_SV=[], only_DM=dm(None), AE=seen("2026-02-20")),
    "FEBRUARY-MARCH": infused(only_SV=[], only_DM=dm("2026-02-20/2026-03-10"), AE=seen("2026-02-18")),
    "LOST": infused(only_SV=[], AE=seen("2026-02-20"), DS=[left("2026-02", "LOST TO FOLLOW-UP")]),
}


@pytest.fixture(scope="module")
def met() -> Findings:
    return Findings()


@pytest.fixture(scope="module")
def adam(met):
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    return build((specs, registry, bind_specs(specs, registry)), PEOPLE, findings=met)


@pytest.fixture
def of(adam):
    return lambda name, *columns: shown(adam["ADSL"], "USUBJID", list(columns))[name]


def test_the_last_contact_narrows_a_death_and_the_earliest_day_ends_follow_up(of) -> None:
    # 5 March is 32 days after the infusion, 31 March 58: the same period
    assert of("MARCH", "DTHMINDT", "DTHMAXDT", "DTHDT", "DTHDTF") == ("2026-03-05", "2026-03-31", "2026-03-05", "D")
    assert of("MARCH", "LSTALVDT", "FUPEDT", "FUPDAYS", "DTHGR1") == ("2026-03-05", "2026-03-05", 32, "Day 29-180")


def test_a_death_without_a_date_lies_from_the_last_contact_to_the_cut(of) -> None:
    assert of("NO-DATE", "DTHMINDT", "DTHMAXDT", "DTHDT", "DTHDTF") == ("2026-02-20", "2026-09-01", "2026-02-20", "Y")
    assert of("NO-DATE", "FUPEDT", "FUPDAYS", "DTHGR1") == ("2026-02-20", 19, None)


def test_a_period_of_death_that_is_open_is_missing_and_told(of, met) -> None:
    # 20 February is day 19, 10 March day 37
    assert of("FEBRUARY-MARCH", "DTHMINDT", "DTHMAXDT", "DTHGR1") == ("2026-02-20", "2026-03-10", None)
    told = [str(f.where) for f in met if f.what == "the period of death is not the same for every possible day"]
    assert len(told) == 2 and "FEBRUARY-MARCH" in told[1] + told[0]


def test_a_loss_in_february_completes_no_window(of) -> None:
    assert of("LOST", "EOSMINDT", "EOSMAXDT", "EOSDT", "EOSDTF") == ("2026-02-20", "2026-02-28", "2026-02-20", "D")
    assert of("LOST", "FUPEDT", "FUPDAYS") == ("2026-02-20", 19)
    assert of("LOST", "DLTEVLRS") != ("WINDOW COMPLETED",)


def test_a_death_of_which_the_month_is_known_is_an_event_in_time(adam) -> None:
    times = adam["ADTTE"]
    crs = times[(times["PARAMCD"] == "TTCRS")].set_index("USUBJID")
    assert crs.loc["MARCH", ["CNSR", "AVAL", "EVNTDESC"]].tolist() == [2, 33, "Death"]
    # lost on 20 February at the earliest: censored there, not at the cut
    assert crs.loc["LOST", ["CNSR", "AVAL"]].tolist() == [1, 20]
