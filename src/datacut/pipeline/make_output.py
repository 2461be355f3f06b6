"""One output: results, then a display, then pages, then files. All it makes is bytes, as they are kept and written."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import BinaryIO, NamedTuple

import pandas as pd

from datacut.ard.build import build_ard
from datacut.cache.content import json_bytes
from datacut.cache.entries import Members
from datacut.cache.findings import findings_bytes, findings_from
from datacut.cache.tasks import Tasks
from datacut.conformance.pages import read_body
from datacut.datasets.ard import check_ard, file_frame
from datacut.datasets.parts import PATH, join_parts
from datacut.datasets.records import ShownRecords
from datacut.errors import Finding, Findings, Location, SpecError, in_file, in_output
from datacut.files.csv_cells import safe_cell
from datacut.files.parquet import read_frame, write_frame
from datacut.files.record_files import read_records, write_records
from datacut.pipeline.edition import Datasets, Reads
from datacut.spec.registry import Registry
from datacut.tlf.build import build_output
from datacut.tlf.build_frame import Edition
from datacut.tlf.fonts import characters, unprintable
from datacut.tlf.layout import Kind, Layout
from datacut.tlf.paginate import paginate
from datacut.tlf.render_docx import render_docx
from datacut.tlf.render_html import render_html
from datacut.tlf.render_pdf import render_pdf
from datacut.tlf.render_rtf import render_rtf
from datacut.tlf.stored import LAYOUT, layout_from, layout_members

type Renderer[T] = Callable[[T], str | bytes]

RENDERERS: Mapping[str, Renderer[Layout]] = {
    "rtf": render_rtf,
    "docx": render_docx,
    "pdf": render_pdf,
    "html": render_html,
}
FILES = "files/"
"""What the names of members that are files of the build begin with; their paths in it follow."""
PAGES, RECORDS = "tlf", "records"
"""Folders of the build: of the printed outputs, and of the records that they show."""
FINDINGS, ABOUT, RESULTS, BODY, EVENT = "findings", "about", "results", "body", "event"
"""Other members: what was found, what is said of the output, its results, the texts of its body, parts of the reporting
event."""
KINDS = (ABOUT, RESULTS, BODY, LAYOUT, RECORDS, EVENT)
"""Kinds of members that others are made from."""
FAILED = "tlf.failed"


class About(NamedTuple):
    """What others say of an output that has pages. shown: how it looks, a listing also where it is a table of records.

    heading: the title as it is printed; titles, footnotes: those of its display.
    """

    output: str
    kind: str
    shown: str
    number: str
    title: str
    heading: str
    pages: int
    titles: tuple[str, ...]
    footnotes: tuple[str, ...]

    @property
    def layout_kind(self) -> Kind:
        return Kind(self.shown)


@dataclass(frozen=True)
class Made:
    """What has come of one task, as its entry holds it; where a later step failed, what the earlier ones gave stays.

    members: all but the files (those of records are there), decoded when asked for; digests: of the members of each of
    KINDS that there are.
    """

    name: str
    members: Members
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        return findings_from(self.members[FINDINGS])

    @cached_property
    def about(self) -> About | None:
        """What is said of the output; None where it has no pages."""
        if ABOUT not in self.members:
            return None
        told = About(**json.loads(self.members[ABOUT]))
        return told._replace(titles=tuple(told.titles), footnotes=tuple(told.footnotes))

    @property
    def results(self) -> pd.DataFrame | None:
        """The results as files have them; None where there are none."""
        return read_frame(io.BytesIO(self.members[RESULTS]))[0] if RESULTS in self.members else None

    @property
    def layout(self) -> Layout:
        return layout_from(self.members)

    @property
    def records(self) -> dict[str, ShownRecords]:
        """The records shown, by name."""
        shown = [read_records(io.BytesIO(data)) for name, data in self.members.items() if _kind(name) == RECORDS]
        return {name: records for _, name, records in shown}

    @property
    def body(self) -> tuple[str, ...]:
        return tuple(json.loads(self.members.get(BODY, b"[]")))


def made_of(name: str, members: Members) -> Made:
    """What has come of a task, of all its members."""
    kept = f"{FILES}{RECORDS}/"
    inner = {n: data for n, data in members.items() if not n.startswith(FILES) or n.startswith(kept)}
    totals = {kind: hashlib.sha256() for kind in KINDS if any(_kind(n) == kind for n in inner)}
    for member, data in sorted(inner.items()):
        if (kind := _kind(member)) in totals:
            totals[kind].update(member.encode() + b"\0" + hashlib.sha256(data).digest())
    return Made(name, inner, {kind: total.hexdigest() for kind, total in totals.items()})


def _kind(name: str) -> str:
    return name.removeprefix(FILES).partition("/")[0]


class _FailedError(Exception):
    """Something failed that cannot fail: what was made all the same is used, and not kept."""

    def __init__(self, members: Members) -> None:
        super().__init__()
        self.members = members


def make_kept(
    tasks: Tasks, name: str, parts: Mapping[str, str], work: Callable[[Findings], dict[str, bytes]]
) -> Members:
    """What a task makes, and its findings; after a failure that is not of the specs it is made again next time."""

    def made() -> tuple[Members, tuple[str, ...]]:
        findings = Findings()
        members = work(findings)
        members[FINDINGS] = findings_bytes(findings)
        if any(f.rule == FAILED for f in findings):
            raise _FailedError(members)
        return members, ()

    try:
        return tasks.make(name, parts, made)
    except _FailedError as fault:
        return fault.members


@contextmanager
def harmless(where: Location, findings: Findings) -> Iterator[None]:
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
            FAILED,
            where,
            "could not be made; everything else was",
            value=f"{type(fault).__name__}: {fault}",
            remedy="Report this with the spec of the output; leave it out with `when` until it is mended.",
        )


def make_output(
    reads: Reads, datasets: Datasets, registry: Registry, edition: Edition, findings: Findings
) -> dict[str, bytes]:
    """Everything one output makes, by name: its files, and what is asked of it later."""
    members: dict[str, bytes] = {}
    with harmless(in_output(reads.spec.output), findings):
        _make(reads, datasets, registry, replace(edition, digest=reads.digest), members, findings)
    return members


def rendered[T](printed: T, path: str, render: Renderer[T], findings: Findings) -> dict[str, bytes]:
    """The file of one format; nothing where it cannot be made."""
    with harmless(in_file(path.rpartition("/")[2]), findings):
        data = render(printed)
        return {f"{FILES}{path}": data.encode() if isinstance(data, str) else data}
    return {}


def _make(
    reads: Reads,
    datasets: Datasets,
    registry: Registry,
    edition: Edition,
    members: dict[str, bytes],
    findings: Findings,
) -> None:
    results = build_ard(reads.spec, reads.library, reads.study, reads.frames(datasets), registry, reads.codelists)
    output = results.spec.output
    findings.extend(results.findings)
    findings.extend(check_ard(results.ard))
    members[RESULTS] = _written(partial(write_frame, file_frame(results.ard)))
    for name, records in results.records.items():
        members[f"{FILES}{RECORDS}/{output}.{name}.parquet"] = _written(partial(write_records, records, output, name))
    built = build_output(results.spec, reads.library, reads.study, results.ard, results.records, reads.cut, edition)
    shown = built.display
    layout, faults = paginate(shown)
    findings.extend(faults)
    _report_characters(layout, findings)
    members |= layout_members(layout)
    about = About(
        output=output,
        kind=str(results.spec.kind),
        shown=str(layout.kind),
        number=layout.number,
        title=results.spec.title,
        heading=layout.title,
        pages=len(layout.pages),
        titles=(shown.number, shown.title, shown.population),
        footnotes=shown.footnotes,
    )
    members[ABOUT] = json_bytes(about._asdict())
    for extension, render in RENDERERS.items():
        members |= rendered(layout, f"{PAGES}/{output}.{extension}", render, findings)
    members[BODY] = json_bytes(read_body(members.get(f"{FILES}{PAGES}/{output}.html", b"")))
    for part, drawn in built.drawn.items():
        members[f"{FILES}{PAGES}/{output}-{part}.csv"] = _csv(drawn)


def _written(write: Callable[[BinaryIO], None]) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def _csv(drawn: pd.DataFrame) -> bytes:
    if "heading" in drawn.columns:
        drawn = drawn.assign(heading=[join_parts(heading, PATH) for heading in drawn["heading"]])
    texts = drawn.select_dtypes(include=["object", "string"]).columns
    safe = drawn.assign(**{c: drawn[c].map(safe_cell, na_action="ignore") for c in texts})
    return str(safe.to_csv(index=False, lineterminator="\n")).encode()


def _report_characters(layout: Layout, findings: Findings) -> None:
    if lost := unprintable(characters(layout)):
        findings.warning(
            "tlf.glyph",
            in_output(layout.id),
            "the packaged faces have no picture of these characters; the PDF shows boxes",
            value=ascii(lost),
            remedy="Replace them in the text.",
        )
