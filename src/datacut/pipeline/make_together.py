"""What is made of all outputs of a build together: their results as one file, the reporting event, the rules over
results, and the documents that combine them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import pandas as pd

from datacut.cache.entries import Members
from datacut.conformance.result_rules import check_results
from datacut.conformance.results import results_of
from datacut.datasets.ard import ard_of_file, empty_ard, file_frame
from datacut.datasets.model import Dataset
from datacut.errors import Findings, in_file, unplaced
from datacut.files.ard_files import ard_columns, ard_variables, write_ard_csv
from datacut.files.dataset_json import FileOrigin, write_dataset_json
from datacut.files.parquet import write_frames
from datacut.pipeline.make_output import EVENT, FILES, PAGES, RENDERERS, Made, Renderer, harmless, rendered
from datacut.spec.load import Specs
from datacut.spec.output import OutputSpec
from datacut.submission.ars import ReportedOutput, analysed, displayed, write_reporting_event, written
from datacut.tlf.book import Book, Chapter, bind, number_parts
from datacut.tlf.render_docx import bind_docx
from datacut.tlf.render_pdf import bind_pdf
from datacut.tlf.render_rtf import bind_rtf

BINDERS: Mapping[str, Renderer[Book]] = {"rtf": bind_rtf, "docx": bind_docx, "pdf": bind_pdf}
COMBINED = f"{PAGES}/combined"
ARS = "ars.json"


@dataclass(frozen=True)
class Bundle:
    """A combined document to be: name of its file, title, lines of its title page, and headings with their outputs."""

    name: str
    title: str
    lines: tuple[str, ...]
    chapters: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def outputs(self) -> list[str]:
        return [output for _, outputs in self.chapters for output in outputs]


def make_ard(made: Sequence[Made], origin: FileOrigin, home: Path) -> dict[str, bytes]:
    """The results of all outputs, output by output, as Parquet, Dataset-JSON and CSV. home: the folder of the build, in
    which files lie while they are written."""
    told = [part for one in made if (part := one.results) is not None and len(part)]
    shape = file_frame(empty_ard())
    whole = pd.concat([shape, *told], ignore_index=True) if told else shape
    variables = ard_variables([whole])
    ard = Dataset("ARD", "Analysis Results", variables, ard_columns(whole, variables))

    def write(folder: Path) -> None:
        write_frames(shape, told, folder / "ard.parquet")
        write_dataset_json(ard, folder / "ard.json", origin)
        write_ard_csv([ard.frame], variables, folder / "ard.csv")

    return _files(write, home)


def make_analyses(
    specs: Specs,
    columns: Mapping[str, tuple[str, ...]],
    made: Sequence[Made],
    shown: Mapping[str, OutputSpec],
    findings: Findings,
) -> dict[str, bytes]:
    """The analyses of the reporting event. columns: those of each dataset; shown: outputs, templates filled in."""
    with harmless(in_file(ARS), findings):
        numbered = _numbered(made, shown)
        told = [_results(one) for one in numbered]
        whole, ends = ard_of_file(pd.concat(told, ignore_index=True)), accumulate(map(len, told))
        parts = (whole.iloc[end - len(part) : end] for part, end in zip(told, ends, strict=True))
        outputs = ((shown[one.name], part) for one, part in zip(numbered, parts, strict=True))
        event = analysed(specs.study, specs.library.reporting, columns, outputs)
        return {f"{EVENT}/{key}": text.encode() for key, text in written(event).items()}
    return {}


def make_event(
    specs: Specs,
    made: Sequence[Made],
    shown: Mapping[str, OutputSpec],
    cut: str,
    analyses: Members,
    home: Path,
    findings: Findings,
) -> dict[str, bytes]:
    """The reporting event. analyses: as `make_analyses` made them; home: the folder of the build, as for `make_ard`."""
    with harmless(in_file(ARS), findings):
        told = {one.name: one.about for one in _numbered(made, shown)}
        outputs = [ReportedOutput(shown[name], a.titles, a.footnotes) for name, a in told.items() if a is not None]
        event = written(displayed(specs.study, specs.library.reporting, outputs, tuple(RENDERERS), cut))
        kept = f"{EVENT}/"
        event |= {n.removeprefix(kept): data.decode() for n, data in analyses.items() if n.startswith(kept)}
        return _files(lambda folder: write_reporting_event(event, folder / ARS), home)
    return {}


def _numbered(made: Sequence[Made], shown: Mapping[str, OutputSpec]) -> list[Made]:
    return sorted(made, key=lambda one: number_parts(shown[one.name].number))


def _results(made: Made) -> pd.DataFrame:
    results = made.results
    if results is None:
        raise ValueError(f"{made.name} has no results")
    return results


def make_check(
    specs: Specs, frames: Mapping[str, pd.DataFrame], made: Sequence[Made], findings: Findings
) -> dict[str, bytes]:
    """What the rules over results find, and nothing else."""
    with harmless(unplaced("rules over results"), findings):
        told = [part for one in made if (part := one.results) is not None]
        results = ard_of_file(pd.concat(told, ignore_index=True)) if told else empty_ard()
        records = {one.name: one.records for one in made}
        pages = {one.name: one.body for one in made if one.about is not None}
        findings.extend(check_results(results_of(specs, frames, results, records, pages)))
    return {}


def make_document(bundle: Bundle, made: Mapping[str, Made], extension: str, findings: Findings) -> dict[str, bytes]:
    """One combined document in one format."""
    path = f"{COMBINED}/{bundle.name}.{extension}"
    with harmless(in_file(path.rpartition("/")[2]), findings):
        chapters = [Chapter(heading, tuple(made[o].layout for o in outputs)) for heading, outputs in bundle.chapters]
        book = bind(bundle.title, bundle.lines, chapters)
        return rendered(book, path, BINDERS[extension], findings)
    return {}


def without_texts(specs: Specs, shown: Mapping[str, OutputSpec]) -> Specs:
    """The specs as the rules over results read them: of an output what it is about, not what is printed around it."""
    told = {name: spec.model_copy(update={"title": "", "footnotes": ()}) for name, spec in shown.items()}
    return replace(specs, outputs=told)


def _files(write: Callable[[Path], None], home: Path) -> dict[str, bytes]:
    """The files that are written to a folder, as members; the folder is below `home`, where a killed run is swept."""
    with tempfile.TemporaryDirectory(prefix=".task-", dir=home) as folder:
        write(Path(folder))
        return {f"{FILES}{path.name}": path.read_bytes() for path in sorted(Path(folder).iterdir())}
