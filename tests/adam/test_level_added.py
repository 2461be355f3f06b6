"""A level of 5.2 added between 4.5 and 6.0: level 4 by number, third by dose; who has another level is unchanged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.adam.test_study_specs import DAY0, LYMPHODEPLETED, Rows, build, infused
from tests.spec.test_levels import PLACES, study_with_a_level

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]


def at_level(level: int, cells: float) -> dict[str, Rows]:
    """A participant assigned to a level and given these cells (10^6)."""
    given = {"EXSEQ": 2, "EXTRT": "CT1195E", "EXDOSE": cells, "EXSTDTC": DAY0, "EXENDTC": DAY0}
    records = infused(only_EX=[*LYMPHODEPLETED, given])
    arm = f"ESC-DL{level}"
    return records | {"DM": [records["DM"][0] | {"ARMCD": arm, "ACTARMCD": arm}]}


OTHERS = {f"L{level}-{n}": at_level(level, dose) for level, dose in ((1, 300), (2, 450), (3, 600)) for n in range(3)}
ADDED = {f"L4-{n}": at_level(4, 520) for n in range(3)}


def bound(folder: Path):
    specs, registry = load_specs(folder), make_registry(folder)
    return specs, registry, bind_specs(specs, registry)


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    after = study_with_a_level(tmp_path_factory.mktemp("level"), PLACES)
    return build(bound(ROOT), OTHERS), build(bound(after), OTHERS | ADDED)


def test_participants_of_other_levels_are_unchanged(frames) -> None:
    before, after = (f["ADSL"].set_index("USUBJID").drop(columns="_rid", errors="ignore") for f in frames)
    pd.testing.assert_frame_equal(after.loc[before.index], before)


def test_the_new_level_stands_between_its_neighbours(frames) -> None:
    """0 of 3 at each: E below 6.0, S there; the estimates do not fall from dose to dose."""
    levels = frames[1]["ADDLVL"].sort_values("DOSEP")
    assert levels["DOSEP"].tolist() == [3.0, 4.5, 5.2, 6.0]
    assert levels["DOSELEVN"].tolist() == [1, 2, 4, 3]
    assert levels["TRT"].tolist()[2] == "5.2 x 10^8 cells"
    assert levels["NEVAL"].tolist() == [3, 3, 3, 3]
    assert levels["BOINREG"].tolist() == ["E", "E", "E", "S"]
    assert levels["ISOEST"].is_monotonic_increasing
    assert set(frames[1]["ADSL"].set_index("USUBJID").loc[list(ADDED), "TRT01A"]) == {"5.2 x 10^8 cells"}
