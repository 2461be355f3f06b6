"""CDISC CORE as an outside process: files in, one JSON answer out. Nothing of it is imported here."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from datacut.errors import InputError

CACHE_VARIABLE = "DATACUT_CORE_CACHE"
PROCESSES = 2

type Progress = Callable[[str, int, int], None]


class Fault(BaseModel):
    """One issue (`row` is 1-based) or one execution error (`error`, `message`) of a rule."""

    model_config = ConfigDict(extra="ignore")

    value: dict[str, object] = Field(default_factory=dict)
    row: Annotated[int | None, BeforeValidator(lambda row: None if row == "" else row)] = None
    subject: str | None = Field(default=None, alias="USUBJID")
    error: str = ""
    message: str = ""


class Result(BaseModel):
    """What a rule found in one dataset, or in the `study`; told where there are issues or an execution error."""

    status: str = Field(alias="executionStatus")
    dataset: Annotated[str, BeforeValidator(lambda name: name or "study")]
    variables: list[str] | None = None
    message: str | None = None
    errors: list[Fault]


class Rule(BaseModel):
    """One rule as it ran: `status` over all datasets, `ran` the datasets it could be applied to."""

    id: str
    source: str | None = None
    message: str | None = None
    status: str
    results: list[Result]
    ran: list[str] = Field(default_factory=list)


class Answer(BaseModel):
    """Everything the engine said about one build."""

    engine: str
    standard: str
    rules: list[Rule]


@dataclass(frozen=True)
class Request:
    """What the engine is asked: XPT files with records, define.xml if there is one, rule cache, SDTMIG, CT package."""

    datasets: Sequence[Path]
    define: Path | None
    cache: Path
    version: str
    ct: str


def rule_cache(option: Path | None, root: Path, named: str | None) -> Path:
    """The rule cache: option, variable DATACUT_CORE_CACHE, or `core_cache` of study.yml; else InputError."""
    variable = os.environ.get(CACHE_VARIABLE)
    if option is not None:
        found = option
    elif variable:
        found = Path(variable)
    elif named:
        found = root / named
    else:
        raise InputError(
            f"CDISC CORE needs a rule cache. Name its folder with --core-cache, the variable {CACHE_VARIABLE}, or "
            "`conformance: {core_cache: DIR}` in specs/study.yml."
        )
    if not (found / "rules.pkl").is_file():
        raise InputError(f"{found}: no rule cache of CDISC CORE there (rules.pkl). Name the folder that holds it.")
    return found.resolve()


def run_engine(python: Path, request: Request, progress: Progress) -> Answer:
    """Run every rule, telling progress(what, done, total); InputError with the engine's own words if it cannot."""
    with tempfile.TemporaryDirectory() as folder, as_file(files("datacut.conformance") / "engine_driver.py") as driver:
        asked, told, log = (Path(folder) / name for name in ("request.json", "answer.json", "log.txt"))
        asked.write_text(json.dumps(_asked(request)), encoding="utf-8")
        command = [str(python), "-I", str(driver), str(asked), str(told)]
        with (
            log.open("w", encoding="utf-8") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder) as engine,  # noqa: S603
        ):
            for line in engine.stdout or ():
                done, _, total = line.strip().partition(" ")
                if done.isdigit() and total.isdigit():
                    progress("CDISC CORE rules", int(done), int(total))
        if engine.returncode or not told.is_file():
            words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise InputError(f"CDISC CORE could not run: {words[-1] if words else f'exit code {engine.returncode}'}")
        return Answer.model_validate_json(told.read_text(encoding="utf-8"))


def _asked(request: Request) -> dict[str, object]:
    return {
        "datasets": [str(p.resolve()) for p in request.datasets],
        "define": str(request.define.resolve()) if request.define else None,
        "cache": str(request.cache),
        "standard": "sdtmig",
        "version": request.version,
        "ct": request.ct,
        "processes": PROCESSES,
    }
