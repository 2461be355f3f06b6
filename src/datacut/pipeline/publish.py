"""Atomic publishing: a build is written beside the last one and takes its place in one rename.

`build/<cut>` is a link to `build/.store/<cut>-<digest of the inputs>`. The link is replaced only when the new folder is
complete, so an interrupted build leaves the last one whole.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STORE = ".store"


@contextmanager
def publishing(build: Path, cut: str, digest: str) -> Iterator[Path]:
    """Give a fresh folder to fill; if the block ends well, `build/<cut>` becomes it, else it is removed."""
    store = build / STORE
    store.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{cut}-", dir=store))
    folder.chmod(0o755)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    previous = _target(build / cut)
    names = [f"{cut}-{digest[:16]}", f"{cut}-{digest[:16]}-again"]
    home = next(h for h in (store / n for n in names) if h != previous)
    if home.exists():  # left over from a run that was killed: no link leads there
        shutil.rmtree(home)
    folder.rename(home)
    link = store / f".link-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(STORE) / home.name)
    link.rename(build / cut)
    if previous is not None and previous != home and previous.parent == store:
        shutil.rmtree(previous, ignore_errors=True)


def _target(link: Path) -> Path | None:
    return link.parent / link.readlink() if link.is_symlink() else None
