"""The files of one dataset: Parquet, lineage, Dataset-JSON and transport, made once for each content."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from datacut.cache.content import digest_of
from datacut.cache.frames import digest_column, digest_frame
from datacut.cache.tasks import Tasks
from datacut.datasets.model import Dataset
from datacut.errors import Finding
from datacut.files.dataset_json import FileOrigin, write_dataset_json
from datacut.files.parquet import write_lineage, write_parquet
from datacut.files.xpt import XptRefusedError, write_xpt
from datacut.pipeline.remember import make_files


def write_dataset(tasks: Tasks, dataset: Dataset, folder: Path, place: str, origin: FileOrigin) -> list[Finding]:
    """Write `data/`, `lineage/` and, where there are records, `json/` and the transport file of a dataset.

    place: `sdtm` or `adam`. Returns what the writers tell; where it has errors there is no transport file.
    """
    stem = dataset.name.lower()

    def write(home: Path) -> list[Finding]:
        for kind in ("data", "lineage", "json"):
            (home / kind / place).mkdir(parents=True)
        (home / place).mkdir()
        write_parquet(dataset, home / "data" / place / f"{stem}.parquet")
        write_lineage(dataset, home / "lineage" / place)
        if dataset.frame.empty:
            return []
        write_dataset_json(dataset, home / "json" / place / f"{stem}.json", origin)
        try:
            return write_xpt(dataset, home / place / f"{stem}.xpt")
        except XptRefusedError as refused:
            return refused.findings

    parts = {f"{dataset.name}.{c}": digest_column(dataset.frame[c]) for c in dataset.frame.columns}
    kept = (dataset.lineage, dataset.values, dataset.makers, dataset.working)
    parts["lineage"] = digest_of([digest_frame(frame) for frame in kept])
    parts["variables"] = digest_of(dataset.name, dataset.label, dataset.keys, [astuple(v) for v in dataset.variables])
    parts["origin"] = repr(origin)
    parts["code"] = tasks.code.of(__name__)
    return make_files(tasks, f"files of {dataset.name}", parts, folder, write)
