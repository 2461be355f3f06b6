"""Every output of a build: results, then a display, then pages, then files; and the documents that combine them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pandas as pd

from datacut.ard.build import build_ard
from datacut.conformance.pages import read_bodies
from datacut.conformance.result_rules import check_results
from datacut.conformance.results import results_of
from datacut.datasets.ard import check_ard, concat_ard, empty_ard, file_frame
from datacut.datasets.model import Dataset
from datacut.datasets.parts import PATH, join_parts
from datacut.datasets.records import ShownRecords
from datacut.errors import Findings, Location, SpecError, in_file, in_output, unplaced
from datacut.files.ard_files import ard_columns, ard_variables, write_ard_csv
from datacut.files.csv_cells import safe_cell
from datacut.files.dataset_json import write_json_parts
from datacut.files.manifest import sha256_of
from datacut.files.parquet import write_frames
from datacut.files.record_files import write_records
from datacut.pipeline.edition import output_digest
from datacut.pipeline.origin import file_origin
from datacut.pipeline.report import Product
from datacut.pipeline.selected import RECORDS, kept_product, kept_results
from datacut.pipeline.specs import Bound
from datacut.pipeline.workers import Task, in_processes
from datacut.spec.documents import Documents
from datacut.spec.load import Specs
from datacut.spec.output import OutputSpec
from datacut.submission.ars import ReportedOutput, reporting_event, write_reporting_event
from datacut.submission.define import is_dated
from datacut.tlf.book import Book, Chapter, bind, number_key, number_parts
from datacut.tlf.build import build_output
from datacut.tlf.build_frame import UNKNOWN_EDITION, Edition, shown_date
from datacut.tlf.fonts import characters, unprintable
from datacut.tlf.layout import Layout
from datacut.tlf.paginate import paginate
from datacut.tlf.render_docx import bind_docx, render_docx
from datacut.tlf.render_html import render_html
from datacut.tlf.render_pdf import bind_pdf, render_pdf
from datacut.tlf.render_rtf import bind_rtf, render_rtf

type Renderer[T] = Callable[[T], str | bytes]

RENDERERS: Mapping[str, Renderer[Layout]] = {
    "rtf": render_rtf,
    "docx": render_docx,
    "pdf": render_pdf,
    "html": render_html,
}
BINDERS: Mapping[str, Renderer[Book]] = {"rtf": bind_rtf, "docx": bind_docx, "pdf": bind_pdf}


@dataclass
class _Made:
    """What has come of one output so far; where a later step fails, what the earlier ones gave stays."""

    product: Product
    findings: Findings = field(default_factory=Findings)
    results: pd.DataFrame | None = None
    records: Mapping[str, ShownRecords] = field(default_factory=dict)
    reported: ReportedOutput | None = None
    layout: Layout | None = None


def write_outputs(
    bound: Bound,
    adam: Mapping[str, Dataset],
    cut: str,
    folder: Path,
    findings: Findings,
    workers: int,
    edition: Edition = UNKNOWN_EDITION,
    only: frozenset[str] | None = None,
) -> list[Product]:
    """Write `tlf/<id>.<format>`, `tlf/combined/<document>.<format>`, `records/`, `ard.*` and `ars.json`, in so many
    processes.

    edition: that of the whole build; each output prints a digest of its own. An output, or one format of it, that
    cannot be made is a finding; all others are made. only: the outputs to be made, all if None; the files of others,
    and those that hold all results, stay as they lie in `folder`, and are told as stale where they would be others now.
    """
    specs = bound.specs
    frames = {name: dataset.frame for name, dataset in adam.items()}
    place = folder / "tlf"
    every = [spec for spec in specs.outputs.values() if spec.holds(specs.settings)]
    asked = [spec for spec in every if only is None or spec.output in only]
    if asked:
        place.mkdir(exist_ok=True)
        (folder / RECORDS).mkdir(exist_ok=True)
    inputs = {name: _digest_of(folder, name) for name in adam}
    made = list(
        in_processes([partial(_make, bound, spec, frames, cut, place, edition, inputs) for spec in asked], workers)
    )
    for one in made:
        findings.extend(one.findings)
    rest: list[Task[Findings]] = []
    results = [m.results for m in made if m.results is not None]
    if only is not None:
        kept = kept_product(folder)
    elif results:
        for part in results:
            findings.extend(check_ard(part))
        reported = [m.reported for m in made if m.reported]
        records = {m.product.name: m.records for m in made}
        rest += [
            partial(_check, specs, frames, results, records, place),
            partial(_write_event, specs, frames, reported, cut, folder / "ars.json"),
            partial(_write_ard, specs, results, cut, folder),
        ]
    rest += _documents(
        bound, cut, edition, [m.layout for m in made if m.layout], place / "combined", findings, whole=only is None
    )
    for found in in_processes(rest, workers):
        findings.extend(found)
    if only is None:
        return [m.product for m in made]
    own = {m.product.name: m.product for m in made}
    planned = [Product(str(spec.kind), spec.output, spec.title, 0, "pages") for spec in every]
    digests = {spec.output: output_digest(spec, specs, inputs) for spec in every if spec.output not in own}
    products = [own[p.name] if p.name in own else kept(p, digests[p.name]) for p in planned]
    return [*products, *kept_results(folder)]


@contextmanager
def _harmless(where: Location, findings: Findings) -> Iterator[None]:
    """Keep the fault of one output, format or document from taking the others down: it becomes a finding.

    A SpecError tells what to mend. Anything else, whatever its type, is a fault of this package: only here is it known
    which output is lost, and that no other depends on it.
    """
    try:
        yield
    except SpecError as fault:
        findings.extend(fault.findings)
    except Exception as fault:  # noqa: BLE001
        findings.error(
            "tlf.failed",
            where,
            "could not be made; everything else was",
            value=f"{type(fault).__name__}: {fault}",
            remedy="Report this with the spec of the output; leave it out with `when` until it is mended.",
        )


def _digest_of(folder: Path, dataset: str) -> str:
    """Digest of an ADaM dataset as it was written."""
    return sha256_of(folder / "data" / "adam" / f"{dataset.lower()}.parquet")


def _make(
    bound: Bound,
    spec: OutputSpec,
    frames: Mapping[str, pd.DataFrame],
    cut: str,
    place: Path,
    edition: Edition,
    inputs: Mapping[str, str],
) -> _Made:
    made = _Made(Product(str(spec.kind), spec.output, spec.title, 0, "pages", "not made, see findings"))
    if spec.output not in bound.faulty_outputs:
        with _harmless(in_output(spec.output), made.findings):
            own = replace(edition, digest=output_digest(spec, bound.specs, inputs))
            _write_output(bound, spec, frames, cut, place, own, made)
    return made


def _write_output(
    bound: Bound,
    spec: OutputSpec,
    frames: Mapping[str, pd.DataFrame],
    cut: str,
    place: Path,
    edition: Edition,
    made: _Made,
) -> None:
    specs = bound.specs
    results = build_ard(spec, specs.library, specs.study, frames, bound.registry, specs.codelists)
    made.findings.extend(results.findings)
    made.results, made.records = results.ard, results.records
    _write_records(spec.output, results.records, place.parent / RECORDS)
    taken = next((c for c in specs.study.cuts.values() if c.date == cut), None)
    built = build_output(results.spec, specs.library, specs.study, results.ard, results.records, taken, edition)
    shown = built.display
    titles = (shown.number, shown.title, shown.population)
    made.reported = ReportedOutput(results.spec, results.ard, titles, shown.footnotes)
    made.layout, faults = paginate(shown)
    made.findings.extend(faults)
    _report_characters(made.layout, made.findings)
    for extension, render in RENDERERS.items():
        made.findings.extend(_write_format(made.layout, place / f"{built.id}.{extension}", render))
    for part, drawn in built.drawn.items():
        if "heading" in drawn.columns:
            drawn = drawn.assign(heading=[join_parts(heading, PATH) for heading in drawn["heading"]])
        texts = drawn.select_dtypes(include=["object", "string"]).columns
        shown_safe = drawn.assign(**{c: drawn[c].map(safe_cell, na_action="ignore") for c in texts})
        shown_safe.to_csv(place / f"{built.id}-{part}.csv", index=False, lineterminator="\n")
    made.product = Product(
        str(results.spec.kind), built.id, results.spec.title, len(made.layout.pages), "pages", digest=edition.digest
    )


def _write_records(output: str, records: Mapping[str, ShownRecords], place: Path) -> None:
    """Write what an output shows of records, in place of what an earlier build of it showed."""
    for path in place.glob(f"{output}.*"):
        path.unlink()
    for name, shown in records.items():
        write_records(shown, output, name, place / f"{output}.{name}.parquet")


def _write_format[T](printed: T, path: Path, render: Renderer[T]) -> Findings:
    findings = Findings()
    with _harmless(in_file(path.name), findings):
        data = render(printed)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return findings


def _report_characters(layout: Layout, findings: Findings) -> None:
    if lost := unprintable(characters(layout)):
        findings.warning(
            "tlf.glyph",
            in_output(layout.id),
            "the packaged faces have no picture of these characters; the PDF shows boxes",
            value=ascii(lost),
            remedy="Replace them in the text.",
        )


# --------------------------------------------------------------------------------------------- all outputs together


def _check(
    specs: Specs,
    frames: Mapping[str, pd.DataFrame],
    results: Sequence[pd.DataFrame],
    records: Mapping[str, Mapping[str, ShownRecords]],
    place: Path,
) -> Findings:
    findings = Findings()
    with _harmless(unplaced("rules over results"), findings):
        told = results_of(specs, frames, concat_ard(results), records, read_bodies(place))
        findings.extend(check_results(told))
    return findings


def _write_ard(specs: Specs, results: Sequence[pd.DataFrame], cut: str, folder: Path) -> Findings:
    """Write the results of all outputs, output by output: no file is put together in memory."""
    told = [part for part in results if len(part)]
    shape = file_frame(empty_ard())
    write_frames(shape, map(file_frame, told), folder / "ard.parquet")
    variables = ard_variables(map(file_frame, told))
    about = Dataset("ARD", "Analysis Results", variables, ard_columns(shape, variables))

    def parts() -> Iterator[pd.DataFrame]:
        return (ard_columns(file_frame(part), variables) for part in told)

    origin = file_origin(specs.study, cut, "ARD")
    write_json_parts(about, parts(), sum(map(len, told)), folder / "ard.json", origin)
    write_ard_csv(parts(), variables, folder / "ard.csv")
    return Findings()


def _write_event(
    specs: Specs, frames: Mapping[str, pd.DataFrame], reported: Sequence[ReportedOutput], cut: str, path: Path
) -> Findings:
    findings = Findings()
    with _harmless(in_file(path.name), findings):
        columns = {name: tuple(frame.columns) for name, frame in frames.items()}
        ordered = sorted(reported, key=lambda o: number_parts(o.spec.number))
        event = reporting_event(specs.study, specs.library.reporting, columns, ordered, tuple(RENDERERS), cut)
        write_reporting_event(event, path)
    return findings


def _documents(
    bound: Bound,
    cut: str,
    edition: Edition,
    layouts: Sequence[Layout],
    place: Path,
    findings: Findings,
    *,
    whole: bool,
) -> list[Task[Findings]]:
    """To be written, the longest first: a document of all sections, one for each section that has an output, and one
    for each selection of which every output is there; without `whole`, those of selections alone.
    """
    library, study = bound.specs.library, bound.specs.study
    if library.documents is None or not layouts:
        return []
    place.mkdir(exist_ok=True)
    dated = any(c.date == cut for c in study.cuts.values())
    cut_off = f"Data cut-off {shown_date(cut)}" if dated else ""
    lines = (study.title, f"Protocol: {study.protocol}", study.sponsor, cut_off, edition.told(study.status))
    books = _books(library.documents, layouts, findings) if whole else {}
    bound_books = [(name, bind(title, lines, parts)) for name, (title, parts) in books.items() if parts]
    by_id = {layout.id: layout for layout in layouts}
    for name, selection in library.selections.items():
        if all(i in by_id for i in selection.outputs):
            part = Chapter(selection.title, tuple(by_id[i] for i in selection.outputs))
            said = (*lines, selection.text, _later(cut, edition.exported))
            bound_books.append((name, bind(selection.title, said, [part])))
    return [
        partial(_write_format, book, place / f"{name}.{extension}", render)
        for name, book in bound_books
        for extension, render in BINDERS.items()
    ]


def _later(cut: str, exported: str) -> str:
    """Whether the export holds what was entered after the day of the cut."""
    if not exported or not is_dated(cut):
        return "Whether the export is later than the day of the cut is not known."
    day = shown_date(exported)
    if exported[:10] <= cut:
        return f"The export reaches to {day}, not beyond the day of the cut."
    return f"The export is later: it reaches to {day} and holds what was entered or changed after the day of the cut."


def _books(documents: Documents, layouts: Sequence[Layout], findings: Findings) -> dict[str, tuple[str, list[Chapter]]]:
    """Title and chapters of the document of all sections and of each, by the name of its file."""
    filled: dict[str, list[Layout]] = {number: [] for number in documents.sections}
    for layout in sorted(layouts, key=number_key):
        home = documents.section_of(number_parts(layout.number))
        if home is None:
            findings.warning(
                "tlf.section",
                in_output(layout.id),
                "stands in no combined document: no section begins its number",
                value=layout.number,
                remedy="Add the section to documents in specs/tlf/_library.yml.",
            )
        else:
            filled[home].append(layout)
    chapters = {n: Chapter(f"{n} {documents.sections[n]}", tuple(inside)) for n, inside in filled.items() if inside}
    books = {"all-sections": (documents.title, list(chapters.values()))}
    return books | {f"section-{n.replace('.', '-')}": (c.heading, [c]) for n, c in chapters.items()}
