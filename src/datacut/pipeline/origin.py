"""What the files of a build say of where they come from."""

from __future__ import annotations

import datacut
from datacut.files.dataset_json import FileOrigin
from datacut.spec.study import Study


def file_origin(study: Study, cut: str, part: str) -> FileOrigin:
    """The origin of the files of one part of a build (SDTM, ADaM, ARD); made, as it counts, on the day of the cut."""
    return FileOrigin(
        f"STUDY.{study.study}",
        f"MDV.{study.study}.{part}",
        f"{cut}T00:00:00",
        study.sponsor,
        ("datacut", datacut.__version__),
    )
