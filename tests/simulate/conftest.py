"""The study's own specs, those a simulation reads, loaded once."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from datacut.simulate import Exports, build_exports
from datacut.spec.load import Specs, load_specs

REPOSITORY = Path(__file__).parents[2]

type Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study folder with nothing but what the simulator needs."""
    root = tmp_path_factory.mktemp("study")
    (root / "specs").mkdir()
    for name in ("study.yml", "codelists.yml", "simulate.yml"):
        shutil.copy(REPOSITORY / "specs" / name, root / "specs" / name)
    shutil.copytree(REPOSITORY / "specs" / "crf", root / "specs" / "crf")
    return root


@pytest.fixture(scope="session")
def specs(root: Path) -> Specs:
    return load_specs(root)


@pytest.fixture(scope="session")
def clean(specs: Specs) -> Exports:
    """Twelve treated subjects, two cuts, no mess."""
    return build_exports(specs, subjects=12, cuts=2, seed=1)


@pytest.fixture(scope="session")
def rows(specs: Specs) -> Callable[[Exports, str, str], Rows]:
    """Reads one form of one cut (`first` or `last`) of an export as a list of maps."""

    def read(made: Exports, cut: str, form: str) -> Rows:
        date = list(made.files)[0 if cut == "first" else -1]
        crf = specs.forms[form]
        text = made.files[date][crf.filename].decode("utf-8")
        delimiter = specs.study.systems[crf.system].delimiter
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))

    return read
