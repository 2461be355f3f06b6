"""The environment of CDISC CORE: its own Python 3.12 with pinned packages, made once and never mixed with ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from datacut.errors import InputError

ENV_VARIABLE = "DATACUT_CORE_ENV"
PYTHON = (3, 12)
"""The only Python for which the engine's wheel is published."""

SETUP = "Run `datacut core setup`"
REQUIREMENTS = "engine_requirements.txt"
_MARK = "datacut-requirements.txt"
"""Copy of the requirements, written last: an environment without it, or with other pins, is not the one we need."""

type Progress = Callable[[str, int, int], None]


def engine_home(option: Path | None = None) -> Path:
    """Where the environment is: the option, the variable DATACUT_CORE_ENV, or the user's cache folder."""
    if option is not None:
        return option.resolve()
    named = os.environ.get(ENV_VARIABLE)
    if named:
        return Path(named).resolve()
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "datacut" / "core"


def require_engine(home: Path) -> Path:
    """The Python of the environment; InputError if it is not there or was made for other pins."""
    if not home.is_dir():
        raise InputError(f"{home}: no environment of CDISC CORE. {SETUP}, or name one with {ENV_VARIABLE}.")
    mark = home / _MARK
    if not mark.is_file():
        raise InputError(f"{home}: not a complete environment of CDISC CORE. {SETUP} again.")
    if mark.read_text(encoding="utf-8") != requirements():
        raise InputError(f"{home}: the environment of CDISC CORE was made for another datacut. {SETUP} again.")
    return _python(home)


def make_engine(home: Path, progress: Progress) -> None:
    """Make the environment at `home`, anew if there is one; does nothing where it is complete already.

    progress(what, done, total) is told as packages arrive. Raises InputError where Python 3.12 or a package is missing,
    or where `home` holds anything that is not such an environment.
    """
    wanted = requirements()
    if (home / _MARK).is_file() and (home / _MARK).read_text(encoding="utf-8") == wanted:
        return
    if home.exists() and any(home.iterdir()) and not (home / "pyvenv.cfg").is_file():
        raise InputError(f"{home}: holds something that is not a Python environment. Name another folder with --dir.")
    total = wanted.count("==")
    base = _base_python()
    progress("making the environment", 0, total)
    _run([base, "-m", "venv", "--clear", str(home)], f"{home}: Python could not make an environment")
    with as_file(files("datacut.conformance") / REQUIREMENTS) as pins:
        _install(_python(home), pins, progress, total)
    (home / _MARK).write_text(wanted, encoding="utf-8")
    progress("done", total, total)


def requirements() -> str:
    """The pinned packages with their hashes, as pip reads them."""
    return (files("datacut.conformance") / REQUIREMENTS).read_text(encoding="utf-8")


def _base_python() -> str:
    if sys.version_info[:2] == PYTHON:
        return sys.executable
    wanted = ".".join(map(str, PYTHON))
    found = shutil.which(f"python{wanted}")
    if found is None:
        running = ".".join(map(str, sys.version_info[:2]))
        raise InputError(f"CDISC CORE needs Python {wanted}; this is {running}. Put python{wanted} on the PATH.")
    return found


def _python(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _install(python: Path, pins: Path, progress: Progress, total: int) -> None:
    command = [str(python), "-m", "pip", "install", "--require-hashes", "--no-input", "--requirement", str(pins)]
    done = 0
    last: list[str] = []
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            last = [*last[-4:], line.strip()]
            if line.startswith("Collecting "):
                done += 1
                progress(line.split()[1].partition("==")[0], min(done, total), total)
            elif line.startswith("Installing "):
                progress("installing", total, total)
    if pip.returncode:
        told = next((text for text in reversed(last) if text.startswith("ERROR")), " ".join(last))
        raise InputError(
            f"pip could not install CDISC CORE: {told} Check that a package index can be reached (`pip config list`), "
            f"then {SETUP[0].lower()}{SETUP[1:]} again."
        )


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise InputError(f"{failure}: {(done.stderr or done.stdout).strip()[-300:]}")
