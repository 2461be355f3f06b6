"""The build of the CDISC pilot, made once for the tests of its datasets and those of its tables."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ORACLE = HERE.parents[1].parent / "shared" / "oracle" / "cdiscpilot"


@pytest.fixture(scope="session")
def pilot(shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Built by the command; exit code 1, for the published data break four rules (`test_errors_are_what_...`)."""

    def make(folder: Path) -> None:
        command = [sys.executable, "-m", "datacut.cli", "build", "--study", HERE / "cdiscpilot", "--cut", "2014-12-31"]
        done = subprocess.run(
            [*command, "--raw", ORACLE / "sdtm", "--out", folder], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stdout + done.stderr

    return shared("cdiscpilot", make) / "2014-12-31"
