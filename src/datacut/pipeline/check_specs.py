"""The check of the specs alone: what was found of them before is said again as long as nothing it rests on changed.

Nothing here waits for pandas: only where there is something to check anew are the specs read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from datacut.cache.content import digest_of, json_bytes, json_from
from datacut.cache.entries import Entries
from datacut.cache.findings import findings_bytes, findings_from
from datacut.errors import Finding, InputError, Severity
from datacut.pipeline.console import console, print_findings
from datacut.pipeline.inputs import read_inputs
from datacut.pipeline.report import found_lines
from datacut.pipeline.store import STORE, TASKS

SHOWN = 100


def run_check_specs(root: Path, build: Path) -> int:
    """Print every finding of the specs; returns how many of them are errors."""
    checked, found = check_specs(root, build)
    return tell(checked, found)


def check_specs(root: Path, build: Path) -> tuple[str, list[Finding]]:
    """What was checked, and every finding of the specs, of the study's code and of what binds them.

    Kept below `build` by every byte of the specs, the study's code and the package, and by what is installed; not kept
    where one of them changed meanwhile, nor where nothing can be written. Raises SpecError where they cannot be read.
    """
    inputs = read_inputs(root, None)
    entries = Entries(build / STORE / TASKS)
    key = digest_of("check of the specs", inputs.digest)
    kept = entries.read(key)
    if kept is None:
        from datacut.pipeline.specs import read_specs

        bound = read_specs(root)
        specs = bound.specs
        about = f"{len(specs.forms)} forms, {len(specs.sdtm) + len(specs.adam)} datasets, {len(specs.outputs)} outputs"
        kept = {"about": json_bytes(f"specs: {about}"), "findings": findings_bytes(bound.findings)}
        with suppress(InputError, OSError):
            inputs.require_unchanged()
            entries.write(key, kept)
    return json_from(kept["about"]), findings_from(kept["findings"])


def tell(checked: str, found: Sequence[Finding]) -> int:
    """Print the findings of one part and what was checked; returns the number of errors."""
    print_findings(found_lines(found), limit=SHOWN)
    errors = sum(f.severity is Severity.ERROR for f in found)
    console().print(f"{checked}: {errors} errors, {len(found) - errors} other findings")
    return errors
