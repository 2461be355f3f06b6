"""CDISC CORE over the SDTM of a build: an outside opinion, from an environment and a rule cache of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datacut.conformance.engine import Answer, Progress, Request, rule_cache, run_engine
from datacut.conformance.engine_env import ENV_VARIABLE, engine_home, make_engine, require_engine
from datacut.conformance.issues import Judged, check_answer, check_explanations
from datacut.datasets.model import Dataset
from datacut.errors import Finding, InputError, Location, Severity, in_data
from datacut.pipeline.console import console, progress_bar
from datacut.spec.load import Specs


def set_up_core(folder: Path | None) -> None:
    """Make the environment of CDISC CORE and say where it is."""
    home = engine_home(folder)
    with progress_bar("CDISC CORE") as progress:
        make_engine(home, progress)
    named = "" if home == engine_home() else f"; set {ENV_VARIABLE} to it"
    console().print(f"CDISC CORE is ready in {home}{named}")


@dataclass(frozen=True)
class Opinion:
    """Findings on one build, and what was run, in words."""

    findings: tuple[Finding, ...]
    ran: str


class OutsideOpinion:
    """CDISC CORE, ready to be asked about any number of builds of one study.

    Raises InputError where its environment or its rule cache is absent.
    """

    def __init__(self, specs: Specs, cache: Path | None) -> None:
        self._specs = specs
        self._cache = rule_cache(cache, specs.root, specs.study.conformance.core_cache)
        self._python = require_engine(engine_home())
        self._used: frozenset[int] = frozenset()

    def check(self, home: Path, datasets: Mapping[str, Dataset], progress: Progress) -> Opinion:
        """What the rules find in the build at `home`, whose SDTM datasets are given."""
        found: list[Finding] = []
        files: list[Path] = []
        for name, dataset in sorted(datasets.items()):
            path = home / "sdtm" / f"{name.lower()}.xpt"
            if dataset.frame.empty:
                what, remedy = "an empty dataset, which CDISC CORE cannot check", "Leave it out of the submission."
                found.append(Finding(Severity.NOTE, "core.empty", in_data(name), what, "", remedy))
            elif path.is_file():
                files.append(path)
            else:
                what, remedy = "no XPT file, so CDISC CORE has not checked it", "See findings.csv of the build."
                found.append(Finding(Severity.ERROR, "core.refused", in_data(name), what, path.name, remedy))
        if not files:
            raise InputError(f"{home}: no SDTM dataset with records to check.")
        define = home / "sdtm" / "define.xml"
        standards = self._specs.study.standards
        request = Request(files, define if define.is_file() else None, self._cache, standards.sdtmig, standards.ct)
        answer = run_engine(self._python, request, progress)
        judged = check_answer(answer, datasets, self._specs.explained, self._specs.settings, self._place)
        self._used |= judged.used
        return Opinion((*found, *judged.findings), _line(answer, request, judged))

    def check_explanations(self) -> list[Finding]:
        """Explanations that none of the builds needed."""
        return list(check_explanations(self._specs.explained, self._used, self._place))

    def _place(self, number: int) -> Location:
        return self._specs.where("core_explained", ("explained", number))


def _line(answer: Answer, request: Request, judged: Judged) -> str:
    counts = Counter(rule.status for rule in answer.rules)
    explained = {f.rule for f in judged.findings if f.severity is Severity.NOTE}
    parts = [
        f"{len(answer.rules)} rules over {len(request.datasets)} datasets",
        f"{counts['success']} without an issue",
        f"{counts['skipped']} not applicable",
        f"{counts['issue reported']} with issues ({len(explained)} explained)",
        f"{counts['execution error']} not executed",
    ]
    define = "" if request.define else "; no define.xml, its rules were left out"
    return f"CDISC CORE {answer.engine}, {answer.standard}: {', '.join(parts)}{define}"
