"""A build of some outputs keeps the others and says which of them are stale."""

from pathlib import Path

import pytest

from datacut.errors import InputError
from datacut.pipeline.report import Product, Summary, write_summary
from datacut.pipeline.selected import AS_BEFORE, NEVER, STALE, keep_outputs, kept_product, kept_results, outputs_asked
from datacut.pipeline.store import freeze
from datacut.spec.load import load_specs

SPECS = load_specs(Path(__file__).parents[2])


def test_names_are_outputs_or_selections() -> None:
    assert outputs_asked(SPECS, ()) is None
    assert outputs_asked(SPECS, ("t-14-1-1-1", "f-14-1-1")) == {"t-14-1-1-1", "f-14-1-1"}
    package = SPECS.library.selections["src"].outputs
    assert outputs_asked(SPECS, ("src",)) == set(package)
    with pytest.raises(InputError, match=r"t-14-1-1-9: no such output or selection\. Did you mean t-14-1-1"):
        outputs_asked(SPECS, ("t-14-1-1-9",))


def test_every_selection_names_outputs_once() -> None:
    for name, selection in SPECS.library.selections.items():
        assert set(selection.outputs) <= set(SPECS.outputs), name
        assert len(set(selection.outputs)) == len(selection.outputs), name


def test_what_is_not_made_again_stays_and_is_told(tmp_path: Path) -> None:
    before, folder = tmp_path / "before", tmp_path / "new"
    (before / "tlf" / "combined").mkdir(parents=True)
    folder.mkdir()
    for name in ("tlf/t-1.pdf", "tlf/combined/all-sections.pdf", "ard.csv"):
        (before / name).write_text(name)
    products = (
        Product("table", "t-1", "One", 3, "pages", digest="a"),
        Product("table", "t-2", "Two", 2, "pages", digest="b"),
        Product("table", "t-3", "Three", 1, "pages", STALE, digest="c"),
        Product("table", "t-4", "Four", 0, "pages", NEVER),
    )
    write_summary(Summary("2026-03-02", "d", products, 0, 0, 0, ""), before / "summary.json")
    keep_outputs(before, folder, frozenset({"t-9"}))
    assert (folder / "tlf" / "t-1.pdf").read_text() == "tlf/t-1.pdf"
    kept = kept_product(folder)

    def told(name: str, digest: str) -> tuple[int, str]:
        product = kept(Product("table", name, "T", 0, "pages"), digest)
        return product.amount, product.lacking

    assert told("t-1", "a") == (3, "")
    assert told("t-2", "other") == (2, STALE)
    assert told("t-3", "c") == (1, ""), "made of the same again"
    assert told("t-4", "d") == (0, NEVER)
    assert told("t-5", "e") == (0, NEVER)
    assert [(p.name, p.lacking) for p in kept_results(folder)] == [
        ("ard.csv", AS_BEFORE),
        ("all-sections.pdf", AS_BEFORE),
    ]


def test_a_build_of_all_takes_nothing_over(tmp_path: Path) -> None:
    before, folder = tmp_path / "before", tmp_path / "new"
    (before / "tlf").mkdir(parents=True)
    folder.mkdir()
    keep_outputs(before, folder, None)
    assert list(folder.iterdir()) == []


def test_what_is_taken_over_from_a_frozen_build_can_be_written_again(tmp_path: Path) -> None:
    before, folder = tmp_path / "before", tmp_path / "folder"
    (before / "tlf" / "combined").mkdir(parents=True)
    folder.mkdir()
    for name in ("tlf/t-1.html", "tlf/combined/all.pdf", "ard.csv", "summary.json"):
        (before / name).write_text("x")
    freeze(before, frozen=True)
    keep_outputs(before, folder, frozenset({"t-1"}))
    taken = [*folder.rglob("*")]
    assert sorted(p.name for p in taken) == ["all.pdf", "ard.csv", "combined", "summary.json", "t-1.html", "tlf"]
    assert all(p.stat().st_mode & 0o200 for p in taken)
