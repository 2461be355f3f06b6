"""Atomic publishing: a build is written beside the last one and takes its place in one rename.

The folder gets its name in the store when it is complete, its record before that, and `build/<cut>` leads there last:
a run that is killed at any moment leaves the last build whole, and at most what the next run sweeps away.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import datacut
from datacut.files.manifest import file_entries, write_manifest
from datacut.pipeline.inputs import Inputs
from datacut.pipeline.intact import states_of
from datacut.pipeline.store import MANIFEST, STORE, Build, point, remove, write_record


@contextmanager
def publishing(build: Path, cut: str, inputs: Inputs) -> Iterator[Path]:
    """Give a fresh folder to fill; if the block ends well, `build/<cut>` becomes it, else it is removed.

    Beside what the block writes it holds the specs and the study's code (`study/`) and the manifest. Raises InputError
    where an input has changed since its hash was taken.
    """
    store = build / STORE
    store.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=store))
    folder.chmod(0o755)
    try:
        yield folder
        _copy_study(inputs, folder / "study")
        inputs.require_unchanged()
        engine = {"version": datacut.__version__, "sha256": inputs.engine}
        outputs = dict(file_entries(folder))
        write_manifest(folder / MANIFEST, {"inputs": inputs.hashes, "outputs": outputs, "datacut": engine})
        home = _free(store / f"{cut}-{inputs.digest[:16]}")
        states = states_of(folder, {name: entry["sha256"] for name, entry in outputs.items()})
        write_record(home, cut, inputs.digest, _now(), states)
    except BaseException:
        remove(folder)
        raise
    folder.rename(home)
    point(build, cut, home)


def publish_again(build: Path, earlier: Build) -> None:
    """Make an earlier build the newest of its cut."""
    write_record(earlier.folder, earlier.cut, earlier.digest, _now(), earlier.files)
    point(build, earlier.cut, earlier.folder)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _free(home: Path) -> Path:
    """The place for a build; another beside it where a build of the same inputs was altered by hand, or kept."""
    if not home.exists():
        return home
    again = (home.with_name(f"{home.name}-{n}") for n in count(2))
    return next(place for place in again if not place.exists())


def _copy_study(inputs: Inputs, folder: Path) -> None:
    """What the build was made by, so that it can be explained when the study has gone on."""
    for name, path in inputs.study.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, folder / name)
        except FileNotFoundError:
            inputs.require_unchanged()
            raise
