"""Every output of a build: results, then a display, then pages, then files; and the documents that combine them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from datacut.ard.build import build_ard
from datacut.conformance.pages import read_bodies
from datacut.conformance.results import check_results, results_of
from datacut.datasets.ard import check_ard, concat_ard
from datacut.datasets.ard_files import ard_dataset, write_ard_csv
from datacut.datasets.dataset_json import write_dataset_json
from datacut.datasets.model import Dataset
from datacut.datasets.parquet import write_frame
from datacut.errors import Findings, SpecError
from datacut.pipeline.origin import file_origin
from datacut.pipeline.report import Product
from datacut.pipeline.specs import Bound
from datacut.spec.output import OutputSpec
from datacut.submission.ars import ReportedOutput, reporting_event, write_reporting_event
from datacut.tlf.book import Book, Chapter, bind, number_key, number_parts
from datacut.tlf.build import build_output
from datacut.tlf.build_frame import shown_date
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
    """What the outputs of one build have made so far."""

    folder: Path
    findings: Findings
    results: list[pd.DataFrame] = field(default_factory=list)
    reported: list[ReportedOutput] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)


def write_outputs(
    bound: Bound, adam: Mapping[str, Dataset], cut: str, folder: Path, findings: Findings
) -> list[Product]:
    """Write `tlf/<id>.<format>`, `tlf/combined/<document>.<format>`, `ard.*` and `ars.json`.

    An output, or one format of it, that cannot be made is a finding; all others are made.
    """
    specs = bound.specs
    frames = {name: dataset.frame for name, dataset in adam.items()}
    made = _Made(folder / "tlf", findings)
    products: list[Product] = []
    for name, spec in specs.outputs.items():
        if not spec.holds(specs.settings):
            continue
        product = Product(str(spec.kind), name, spec.title, "not made, see findings")
        if name not in bound.faulty_outputs:
            with _harmless(name, findings):
                product = _write_output(bound, spec, frames, cut, made)
        products.append(product)
    _write_documents(bound, cut, made)
    if made.results:
        whole = concat_ard(made.results)
        findings.extend(check_ard(whole))
        write_frame(whole, folder / "ard.parquet")
        with _harmless("rules over results", findings):
            findings.extend(check_results(results_of(specs, frames, whole, read_bodies(made.folder))))
        dataset = ard_dataset(whole)
        write_dataset_json(dataset, folder / "ard.json", file_origin(specs.study, cut, "ARD"))
        write_ard_csv(dataset, folder / "ard.csv")
        with _harmless("ars.json", findings):
            columns = {name: tuple(frame.columns) for name, frame in frames.items()}
            reported = sorted(made.reported, key=lambda o: number_parts(o.spec.number))
            event = reporting_event(specs.study, specs.library.reporting, columns, reported, tuple(RENDERERS), cut)
            write_reporting_event(event, folder / "ars.json")
    return products


@contextmanager
def _harmless(what: str, findings: Findings) -> Iterator[None]:
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
            what,
            "could not be made; everything else was",
            value=f"{type(fault).__name__}: {fault}",
            remedy="Report this with the spec of the output; leave it out with `when` until it is mended.",
        )


def _write_output(bound: Bound, spec: OutputSpec, frames: Mapping[str, pd.DataFrame], cut: str, made: _Made) -> Product:
    specs = bound.specs
    results = build_ard(spec, specs.library, specs.study, frames, bound.registry, specs.codelists)
    made.findings.extend(results.findings)
    made.results.append(results.ard)
    taken = next((c for c in specs.study.cuts.values() if c.date == cut), None)
    built = build_output(results.spec, specs.library, specs.study, results.ard, taken)
    shown = built.display
    titles = (shown.number, shown.title, shown.population)
    made.reported.append(ReportedOutput(results.spec, results.ard, titles, shown.footnotes))
    layout, faults = paginate(shown)
    made.findings.extend(faults)
    _report_characters(layout, made.findings)
    made.layouts.append(layout)
    _write_formats(layout, built.id, RENDERERS, made.folder, made.findings)
    for part, drawn in built.drawn.items():
        drawn.to_csv(made.folder / f"{built.id}-{part}.csv", index=False, lineterminator="\n")
    pages = len(layout.pages)
    return Product(str(results.spec.kind), built.id, results.spec.title, f"{pages} page{'s' if pages > 1 else ''}")


def _write_formats[T](
    printed: T, name: str, renderers: Mapping[str, Renderer[T]], place: Path, findings: Findings
) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for extension, render in renderers.items():
        with _harmless(f"{name}.{extension}", findings):
            data = render(printed)
            (place / f"{name}.{extension}").write_bytes(data.encode() if isinstance(data, str) else data)


def _report_characters(layout: Layout, findings: Findings) -> None:
    if lost := unprintable(characters(layout)):
        findings.warning(
            "TLF-GLYPH",
            layout.id,
            "the packaged faces have no picture of these characters; the PDF shows boxes",
            value=ascii(lost),
            remedy="Replace them in the text.",
        )


# -------------------------------------------------------------------------------------------------- documents


def _write_documents(bound: Bound, cut: str, made: _Made) -> None:
    """One document for each section that has an output, and one of all sections."""
    documents = bound.specs.library.documents
    if documents is None or not made.layouts:
        return
    study = bound.specs.study
    dated = any(c.date == cut for c in study.cuts.values())
    cut_off = f"Data cut-off {shown_date(cut)}" if dated else ""
    lines = (study.title, f"Protocol: {study.protocol}", study.sponsor, cut_off)
    filled: dict[str, list[Layout]] = {number: [] for number in documents.sections}
    for layout in sorted(made.layouts, key=number_key):
        home = documents.section_of(number_parts(layout.number))
        if home is None:
            made.findings.warning(
                "tlf.section",
                layout.id,
                "stands in no combined document: no section begins its number",
                value=layout.number,
                remedy="Add the section to documents in specs/tlf/_library.yml.",
            )
        else:
            filled[home].append(layout)
    chapters = {n: Chapter(f"{n} {documents.sections[n]}", tuple(layouts)) for n, layouts in filled.items() if layouts}
    books = {f"section-{n.replace('.', '-')}": (c.heading, [c]) for n, c in chapters.items()}
    books["all-sections"] = (documents.title, list(chapters.values()))
    for name, (title, parts) in books.items():
        if parts:
            _write_formats(bind(title, lines, parts), name, BINDERS, made.folder / "combined", made.findings)
