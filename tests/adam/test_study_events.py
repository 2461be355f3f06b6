"""ADAE of the study: lymphodepletion from 27 January, infusion on 1 February 2026 at 10:00, day 180 is 31 July."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.adam.test_study_occurrences import shown
from tests.adam.test_study_specs import build, infused

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]


def event(
    seq: int, start: str | None, end: str | None = None, term: str = "Fever", grade: str = "1"
) -> dict[str, object]:
    return {
        "AESEQ": seq,
        "AEDECOD": term,
        "AEBODSYS": "General",
        "AESTDTC": start,
        "AEENDTC": end,
        "AETOXGR": grade,
        "AEREL": "NOT RELATED",
    }


EVENTS = [
    event(1, "2026-01-26", "2026-01-30"),
    event(2, "2026-01-27", "2026-02-03"),
    event(3, "2026-02-01T09:59", "2026-02-01"),
    event(4, "2026-02-01T10:00", "2026-02-02"),
    event(5, "2026-03-01"),
    event(6, "2026-03-02"),
    event(7, "2026-05-02"),
    event(8, "2026-05-03"),
    event(9, "2026-07-31"),
    event(10, "2026-08-01"),
    # the start is the infusion, since the end allows it; the end of one before it does not
    event(11, "2026-02", "2026-02", term="Tired", grade="2"),
    event(12, "2026-01", "2026-01-20", term="Tired"),
    event(13, "2026-02-06", term="Cytokine release reaction", grade="2"),
    event(14, "2026-02-08", term="Urinary infection", grade="3"),
    event(15, "2026-02-08", term="Infection of the lung", grade="3"),
    event(16, "2026-02-06", term="Joint pain", grade="3"),
    event(17, "2026-02-09", term="Fever", grade="2"),
]
EPISODE = {"CESEQ": 1, "CECAT": "CRS", "CESTDTC": "2026-02-01", "CEENDTC": "2026-02-08"}
CATEGORY = [{"IDVAR": "AESEQ", "IDVARVAL": "16", "QNAM": "AEAESI", "QVAL": "CYTOPENIA"}]


@pytest.fixture(scope="module")
def adae() -> pd.DataFrame:
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    people = {"ONE": infused(AE=EVENTS, CE=[EPISODE], SUPPAE=CATEGORY)}
    return build((specs, registry, bind_specs(specs, registry)), people)["ADAE"]


def test_periods(adae) -> None:
    periods = {seq: number for seq, (number,) in shown(adae, "AESEQ", ["APHASEN"]).items()}
    assert [periods[n] for n in range(1, 11)] == [1, 2, 2, 3, 3, 4, 4, 5, 5, 6]
    names = shown(adae, "APHASEN", ["APHASE"])
    assert names == {
        1: ("Before lymphodepletion",), 2: ("Lymphodepletion to infusion",), 3: ("Day 0-28",), 4: ("Day 29-90",),
        5: ("Day 91-180",), 6: ("After day 180",),
    }  # fmt: skip


def test_emergent_and_on_treatment(adae) -> None:
    flags = shown(adae, "AESEQ", ["TRTEMFL", "ONTRTFL", "PREFL", "FUPFL"])
    assert flags[1] == (None, None, "Y", None)
    assert flags[2] == (None, "Y", "Y", None), "present on the day of the infusion"
    assert flags[3] == (None, "Y", "Y", None), "a minute before the infusion"
    assert flags[4] == ("Y", "Y", None, None)
    assert flags[9] == ("Y", "Y", None, None)
    assert flags[10] == (None, None, None, "Y")


def test_start_and_end_imputed_together(adae) -> None:
    dates = shown(adae, "AESEQ", ["ASTDT", "ASTDTF", "AENDT", "AENDTF", "ADURN", "TRTEMFL"])
    assert dates[11] == ("2026-02-01", "D", "2026-02-28", "D", 28, "Y")
    assert dates[12] == ("2026-01-01", "D", "2026-01-20", None, 20, None)


def test_events_of_special_interest(adae) -> None:
    queries = shown(adae, "AESEQ", ["CQ01NAM", "CQ03NAM", "CQ04NAM", "INFTYPE"])
    assert queries[13] == ("Cytokine release syndrome", None, None, None)
    assert queries[14] == (None, None, "Infection", "BACTERIAL")
    assert queries[15] == (None, None, "Infection", "UNSPECIFIED")
    assert queries[16] == (None, "Cytopenia", None, None), "by the collected category"
    assert queries[17] == (None, None, None, None)
    assert "CQ09NAM" not in adae.columns, "graft-versus-host disease belongs to donor cells"


def test_symptoms_within_an_episode(adae) -> None:
    flags = {seq: value for seq, (value,) in shown(adae, "AESEQ", ["CRSSYMFL"]).items()}
    assert flags[4] == "Y"
    assert flags[17] is None, "the day after the episode"
    assert flags[16] is None, "no symptom of it"
    assert flags[2] is None, "before it"


def test_first_and_worst_occurrence(adae) -> None:
    def flagged(name: str) -> list[int]:
        return adae.loc[adae[name] == "Y", "AESEQ"].tolist()

    assert flagged("AOCCFL") == [4]
    assert flagged("AOCCIFL") == [16], "the first of grade 3"
    # Fever: grade 2 on 9 February; of the others their only emergent event
    assert flagged("AOCCPIFL") == [11, 13, 14, 15, 16, 17]
    assert flagged("AOCC01FL") == [13]
    # the class of 14 is bacterial, that of 15 is not known; 3, 4 and 17 are fever, 17 after the episode
    assert flagged("AOCC07FL") == [14, 15]
    assert flagged("AOCC05FL") == [11], "of the symptoms in the episode, fever is of grade 1 and tiredness of grade 2"
    assert flagged("AOCC06FL") == [3, 11]
