"""A level that is added in one place and forgotten in another is told by `check`, with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from datacut.spec.levels import check_levels
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]
TERM = "{value: 3, decode: 6.0 x 10^8 cells, collected: [3, DL3]}"
ADDED = "{value: 4, decode: 5.2 x 10^8 cells, collected: [4, DL4]}"
ARMS = [
    "      - {value: ESC-DL4, decode: Escalation 5.2 x 10^8 cells, collected: [ESC-4]}\n",
    "      - {value: EXP-DL4, decode: Expansion 5.2 x 10^8 cells, collected: [EXP-4]}\n",
]
ARM = "      - {value: EXP-DL3, decode: Expansion 6.0 x 10^8 cells, collected: [EXP-3]}\n"
COLUMN = "      - {value: 6.0 x 10^8 cells, label: 6.0 × 10⁸ cells}\n"
NEW_COLUMN = "      - {value: 5.2 x 10^8 cells, label: 5.2 × 10⁸ cells}\n"
PLACES = {
    "doses": ("study.yml", "value: [3.0, 4.5, 6.0]", "value: [3.0, 4.5, 6.0, 5.2]"),
    "codelist": ("codelists.yml", TERM, f"{TERM}\n      - {ADDED}"),
    "arms": ("codelists.yml", ARM, ARM + "".join(ARMS)),
    "columns": ("study.yml", COLUMN, NEW_COLUMN + COLUMN),
}


def study_with_a_level(folder: Path, places: dict[str, tuple[str, str, str]]) -> Path:
    """The study with level 4, 5.2 between 4.5 and 6.0, added in these places."""
    shutil.copytree(ROOT / "specs", folder / "specs")
    for name in ("sdtm", "adam", "tlf"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name)
    for file, old, new in places.values():
        path = folder / "specs" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_a_level_is_added_in_four_places(tmp_path: Path) -> None:
    specs = load_specs(study_with_a_level(tmp_path, PLACES))
    assert list(check_levels(specs)) == []
    assert [b.topic for b in specs.adam["ADDLVL"].records] == [{"level": str(n)} for n in range(1, 5)]
    assert {b.topic["arm"] for b in specs.sdtm["TA"].records} >= {"ESC-DL4", "EXP-DL4"}


@pytest.mark.parametrize(
    ("forgotten", "value", "file"),
    [
        ("doses", "1, 2, 3, 4", "codelists.yml"),
        ("codelist", "1, 2, 3", "codelists.yml"),
        ("arms", "ESC-4", "codelists.yml"),
        ("columns", "5.2 x 10^8 cells", "study.yml"),
    ],
)
def test_a_place_that_is_forgotten_is_told(tmp_path: Path, forgotten: str, value: str, file: str) -> None:
    places = {name: place for name, place in PLACES.items() if name != forgotten}
    found = list(check_levels(load_specs(study_with_a_level(tmp_path, places))))
    assert value in [f.value for f in found]
    assert all(str(f.where).startswith(f"specs/{file}:") for f in found if f.value == value)


def test_columns_stand_in_order_of_the_dose(tmp_path: Path) -> None:
    places = PLACES | {"columns": ("study.yml", COLUMN, COLUMN + NEW_COLUMN)}
    found = next(check_levels(load_specs(study_with_a_level(tmp_path, places))))
    assert "order" in found.what
    assert found.remedy.startswith("Order them: 3.0 x 10^8 cells; 4.5 x 10^8 cells; 5.2 x 10^8 cells; 6.0")
