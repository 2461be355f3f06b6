"""What earlier builds of a folder have made, task by task, and may be taken again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path, PurePosixPath

from datacut.cache.code import Code, StudyFile
from datacut.cache.content import digest_of
from datacut.cache.entries import Entries, Members
from datacut.cache.findings import findings_bytes, findings_from
from datacut.cache.frames import digest_frame
from datacut.cache.tasks import Tasks
from datacut.datasets.model import Dataset
from datacut.engine.failures import STUDY_CODE
from datacut.errors import Finding, InputError
from datacut.pipeline.inputs import Inputs
from datacut.pipeline.specs import Bound
from datacut.pipeline.store import STORE, TASKS

_FINDINGS = "findings"


def tasks_of(build: Path, inputs: Inputs) -> Tasks:
    """The tasks of a run that begins with these inputs; entries are in `build/.store/tasks/`."""
    folder = build / STORE / TASKS
    study = {}
    for name, path in inputs.study.items():
        place = PurePosixPath(name)
        if place.suffix == ".py" and len(place.parts) == 2:
            module = f"{STUDY_CODE}{place.parent.name}_{place.stem}"
            study[module] = StudyFile(path, inputs.files[name].sha256)
    return Tasks(Entries(folder), Code(inputs.package, study))


@contextmanager
def forgetting(tasks: Tasks) -> Iterator[None]:
    """Keep nothing of what a run made while one of its inputs changed."""
    try:
        yield
    except InputError:
        tasks.forget()
        raise


def digest_dataset(dataset: Dataset) -> str:
    """Digest of the records of a dataset, and of what is said of its variables."""
    about = (dataset.name, dataset.label, dataset.keys, [astuple(v) for v in dataset.variables])
    return digest_of(about, digest_frame(dataset.frame))


def said_of_data(bound: Bound, tasks: Tasks, *, without: str = "") -> dict[str, str]:
    """Digests of what the specs say of datasets, part by part, and of the code that their calls run; of no output.

    without: a part that does not count.
    """
    called = {
        f"code {v.function.__module__}" for v in bound.registry.of_kind("mapping", "column", "records", "function")
    }
    said = {name: digest for name, digest in bound.said_of_data.items() if name != without}
    said["left out"] = repr(bound.failures)
    return said | {name: tasks.code.of(name.removeprefix("code ")) for name in sorted(called)}


def make_findings(
    tasks: Tasks, name: str, parts: Mapping[str, str], find: Callable[[], Iterable[Finding]]
) -> list[Finding]:
    """What a task finds, anew or as it was found before."""
    members = tasks.make(name, {**parts, "task": name}, lambda: ({_FINDINGS: findings_bytes(find())}, ()))
    return findings_from(members[_FINDINGS])


def make_files(
    tasks: Tasks, name: str, parts: Mapping[str, str], folder: Path, write: Callable[[Path], list[Finding]]
) -> list[Finding]:
    """The files of a task below `folder`, made anew or taken again, and what was told of them.

    write: fills the folder it is given, which is another one.
    """

    def work() -> tuple[Members, tuple[str, ...]]:
        with tempfile.TemporaryDirectory(prefix=".task-", dir=folder) as scratch:
            home = Path(scratch)
            told = write(home)
            files = (p for p in sorted(home.rglob("*")) if p.is_file())
            members = {p.relative_to(home).as_posix(): p.read_bytes() for p in files}
        return {**members, _FINDINGS: findings_bytes(told)}, ()

    members = tasks.make(name, {**parts, "task": name}, work)
    for path, data in members.items():
        if path != _FINDINGS:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    return findings_from(members[_FINDINGS])
