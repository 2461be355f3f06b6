"""Whole studies written inline: what is not given is the smallest study that can be read. Folders made once a run."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import settings

# a property must hold however slow the machine is; time is measured in bench/, never in tests
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

type WriteStudy = Callable[[Mapping[str, str]], Path]

STUDY = """
study: S1
title: A study
protocol: S1
standards: {sdtmig: "3.4", adamig: "1.3", ct: sdtmct-2022-09-30}
settings:
  site: {value: "101", source: assumption, text: Site}
  levels: {value: [3, 4.5], source: assumption, text: Doses}
systems:
  edc:
    label: Data capture
    encoding: utf-8
    subject: SUBJID
    columns:
      SUBJID: {label: Subject, required: true}
"""


@pytest.fixture
def study(tmp_path: Path) -> WriteStudy:
    """Write a study: `{"sdtm/ae": "...", "crf/ae": "..."}` as specs, indented as it stands in the test."""

    def write(specs: Mapping[str, str]) -> Path:
        root = tmp_path / "study"
        for name, text in {"study": STUDY, **specs}.items():
            path = root / "specs" / f"{name}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return root

    return write


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """`shared(name, make)`: a folder that `make` fills once a run, whichever worker comes first; the others wait, then
    read it. For what costs seconds to make."""
    home = tmp_path_factory.getbasetemp()
    home = home.parent if "PYTEST_XDIST_WORKER" in os.environ else home

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        made = home / f"made-{name}"
        with _locked(home / f"made-{name}.lock"):
            if not made.exists():
                part = home / f"made-{name}.part"
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir()
                make(part)
                part.rename(made)
        return made

    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
