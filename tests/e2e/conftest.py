"""The study itself, simulated and built through the command, once for all workers.

Nobody changes a folder that is shared: a test that must, copies it (`copied`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from datacut.adam.build import build_adam
from datacut.conformance.datasets import check_datasets
from datacut.conformance.package import package_of
from datacut.conformance.rules import not_told
from datacut.datasets.model import Dataset
from datacut.engine.sources import study_frames
from datacut.errors import Findings, Location
from datacut.files.parquet import read_lineage, read_parquet, write_lineage, write_parquet
from datacut.pipeline.report import read_places, write_findings
from datacut.pipeline.specs import read_specs
from datacut.raw.read import read_export
from datacut.sdtm.build import build_sdtm
from datacut.simulate import simulate
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]
PARTS = ("specs", "sdtm", "adam", "tlf")
CUTS = ("2026-03-02", "2026-09-01")
OTHERS = int(os.environ.get("DATACUT_TRUTH_SUBJECTS", "24"))


@dataclass(frozen=True)
class Run:
    """What one command did."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Finding:
    severity: str
    rule: str
    where: Location
    what: str
    value: str
    remedy: str


@dataclass(frozen=True)
class Cut:
    """One published build and the export it was made from."""

    study: Path
    name: str

    @property
    def home(self) -> Path:
        return self.study / "build" / self.name

    @cached_property
    def sdtm(self) -> dict[str, Dataset]:
        return self._stage("sdtm")

    @cached_property
    def adam(self) -> dict[str, Dataset]:
        return self._stage("adam")

    @cached_property
    def lineage(self) -> dict[str, pd.DataFrame]:
        files = sorted((self.home / "lineage").rglob("*.parquet"))
        return {p.stem.upper(): read_lineage(p) for p in files if "." not in p.stem and p.parent.name != "raw"}

    @property
    def findings(self) -> list[Finding]:
        """Every finding at every place."""
        return [Finding(s, rule, where, *rest) for where, (s, rule, _, _, *rest) in read_places(self.home)]

    def frame(self, name: str) -> pd.DataFrame:
        return {**self.sdtm, **self.adam}[name].frame

    def raw(self, filename: str, separator: str = ",") -> pd.DataFrame:
        """A file of the export as text, indexed by line of the file (simulated cells have no line breaks)."""
        path = self.study / "raw" / self.name / filename
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, sep=separator, encoding="utf-8")
        return frame.set_axis(range(2, len(frame) + 2))

    def _stage(self, stage: str) -> dict[str, Dataset]:
        found = (read_parquet(p) for p in sorted((self.home / "data" / stage).glob("*.parquet")))
        return {d.name: d for d in found}


@dataclass(frozen=True)
class Study:
    """A study folder with what was simulated and built in it."""

    root: Path

    @cached_property
    def truth(self) -> dict[str, Any]:
        return json.loads((self.root / "raw" / "truth.json").read_text(encoding="utf-8"))

    def subjects(self, status: str = "treated") -> list[dict[str, Any]]:
        return [s for s in self.truth["subjects"] if s["status"] == status]

    def cut(self, number: int) -> Cut:
        return _cut(self.root, CUTS[number - 1])

    def run(self, command: str) -> Run:
        """What the command said when the study was made."""
        return Run(**json.loads((self.root / f"{command}.json").read_text(encoding="utf-8")))


_KNOWN: dict[tuple[Path, str], Cut] = {}


def _cut(root: Path, name: str) -> Cut:
    return _KNOWN.setdefault((root, name), Cut(root, name))


def datacut(folder: Path, *arguments: str, **environment: str) -> Run:
    """Run the command in `folder`, as a shell would."""
    done = subprocess.run(
        [sys.executable, "-m", "datacut.cli", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def copy_study(root: Path) -> Path:
    """The specs and the study's own code, as a clone has them."""
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def keep_outputs(root: Path, *kept: str) -> None:
    """Leave only some outputs in a study, where a test is about something else: most of a build's time goes there."""
    for path in (root / "specs" / "tlf").glob("[tlf]-*.yml"):
        if path.stem not in kept:
            path.unlink()
    study = root / "specs" / "study.yml"
    text = study.read_text(encoding="utf-8")
    study.write_text(re.sub(r"(?<=moves: \[).*?(?=\])", lambda m: _kept(m[0], root), text), encoding="utf-8")


def _kept(names: str, root: Path) -> str:
    """Of what a setting moves, all but outputs that were taken out."""
    outputs = root / "specs" / "tlf"
    known = [n.strip() for n in names.split(",")]
    return ", ".join(n for n in known if not re.match("[tlf]-", n) or (outputs / f"{n}.yml").exists())


def keep_one_of_each(root: Path) -> None:
    """Leave the first output of each drawing, template and verb of results: what one build proves of one of a kind."""
    known: set[str] = set()
    kept = []
    for path in sorted((root / "specs" / "tlf").glob("[tlf]-*.yml")):
        kinds = set(re.findall(r"(?:draw|template): \w+|\bard_\w+(?=\()", path.read_text(encoding="utf-8")))
        if not kinds <= known:
            known |= kinds
            kept.append(path.stem)
    keep_outputs(root, *kept)


def keep(folder: Path, command: str, run: Run) -> None:
    (folder / f"{command}.json").write_text(json.dumps(run.__dict__), encoding="utf-8")


@pytest.fixture(scope="session")
def base(shared: Any) -> Study:
    """`make demo` in a folder of its own: 12 subjects, 2 cuts, seed 1, all built."""

    def make(folder: Path) -> None:
        copy_study(folder)
        keep(folder, "simulate", datacut(folder, "simulate", "--subjects", "12", "--cuts", "2", "--seed", "1"))
        keep(folder, "build", datacut(folder, "build"))

    return Study(shared("base", make))


def make_small(folder: Path, *arguments: str, **environment: str) -> None:
    """6 subjects, 2 cuts, seed 1, the second built with one output of each kind; arguments are more of the build's."""
    keep_one_of_each(copy_study(folder))
    size = ("--subjects", "6", "--cuts", "2", "--seed", "1")
    keep(folder, "simulate", datacut(folder, "simulate", *size, **environment))
    keep(folder, "build", datacut(folder, "build", "--cut", CUTS[1], *arguments, **environment))


@pytest.fixture(scope="session")
def small(shared: Any) -> Study:
    """What is not about any one subject or output: all that is asked of every one of them is asked of `base`."""
    return Study(shared("small", make_small))


@pytest.fixture(scope="session")
def small_in() -> Callable[..., None]:
    """`small_in(folder, *arguments, **environment)` makes the same anew."""
    return make_small


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A study folder without exports, to be changed by the test."""
    return copy_study(tmp_path / "study")


@pytest.fixture(scope="session")
def command() -> Callable[..., Run]:
    """`command(folder, *arguments, **environment)` runs datacut."""
    return datacut


@pytest.fixture(scope="session")
def few_outputs() -> Callable[[Path], None]:
    """`few_outputs(root)` leaves a table, a listing and a figure in a copied study."""
    return lambda root: keep_outputs(root, "t-14-3-1-3-1", "l-16-2-7-1", "f-14-2-2")


@pytest.fixture(scope="session")
def only_outputs() -> Callable[..., None]:
    """`only_outputs(root, *names)` leaves these in a copied study."""
    return keep_outputs


@pytest.fixture(scope="session")
def one_of_each() -> Callable[[Path], None]:
    """`one_of_each(root)` leaves one output of each kind in a copied study."""
    return keep_one_of_each


@pytest.fixture(scope="session")
def copy() -> Callable[[Path], Path]:
    """`copy(folder)` puts the specs and the study's code into a new folder."""
    return copy_study


def build_datasets(
    root: Path, raw: Path, name: str, shown: str
) -> tuple[dict[str, Dataset], dict[str, Dataset], Findings]:
    """SDTM and ADaM of one export, without outputs and files."""
    bound = read_specs(root)
    findings = Findings(bound.findings)
    sources = dict(read_export(raw, bound.specs, findings, shown)) | study_frames(bound.specs, name)
    sdtm, _ = build_sdtm(bound.specs, bound.plans, bound.registry, sources, findings)
    adam, _ = build_adam(bound.specs, bound.plans, bound.registry, sdtm, sources, findings)
    checked = check_datasets(package_of(bound.specs, bound.plans, sdtm, adam, name, {}))
    findings.extend(not_told(checked, {f.rule for f in findings}))
    return sdtm, adam, findings


@pytest.fixture(scope="session")
def datasets_of() -> Callable[[Path, Path, str, str], tuple[dict[str, Dataset], dict[str, Dataset], Findings]]:
    """`datasets_of(study, export, cut, shown_as)`: SDTM, ADaM and findings."""
    return build_datasets


def make_datasets(folder: Path, mess: Sequence[str]) -> None:
    """As many subjects of another seed as are asked for, with kinds of mess; SDTM and ADaM of the second cut."""
    copy_study(folder)
    simulate(load_specs(folder), folder / "raw", subjects=OTHERS, cuts=2, seed=7, mess=mess)
    sdtm, adam, findings = build_datasets(folder, folder / "raw" / CUTS[1], CUTS[1], f"raw/{CUTS[1]}")
    home = folder / "build" / CUTS[1]
    for stage, datasets in (("sdtm", sdtm), ("adam", adam)):
        for kind in ("data", "lineage"):
            (home / kind / stage).mkdir(parents=True)
        for dataset in datasets.values():
            write_parquet(dataset, home / "data" / stage / f"{dataset.name.lower()}.parquet")
            write_lineage(dataset, home / "lineage" / stage)
    write_findings(list(findings), home)


@pytest.fixture(scope="session")
def other(shared: Any) -> Study:
    """Subjects of another seed, 24 or as many as `make truth` asks for; the second cut built without outputs."""

    def make(folder: Path) -> None:
        make_datasets(folder, ())

    return Study(shared("other", make))


class _Studies:
    """`as_study(folder)`: what lies in a folder; `as_study.keep(folder, command, run)` keeps what a command said."""

    keep = staticmethod(keep)

    def __call__(self, root: Path) -> Study:
        return Study(root)


@pytest.fixture(scope="session")
def as_study() -> _Studies:
    return _Studies()


# kinds of mess that change an endpoint without spoiling what else is compared
ENDPOINTS = (
    "death_day_unknown",
    "item_not_done",
    "order_breach",
    "over_limit",
    "repeated_course",
    "rescue_burst",
    "salt_of_a_steroid",
    "split_assessment",
    "spoiled_sample",
)


@pytest.fixture(scope="session")
def spoiled(shared: Any) -> Study:
    """The subjects of `other` with mess that changes an endpoint; the second cut built without outputs."""

    def make(folder: Path) -> None:
        make_datasets(folder, ENDPOINTS)

    return Study(shared("spoiled", make))
