"""Every output of a build, each a task of its own; and the tasks of what is made of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from datacut.cache.content import digest_of
from datacut.cache.entries import Entries
from datacut.cache.tasks import Done, Tasks
from datacut.datasets.model import Dataset
from datacut.errors import Finding, Findings, SpecError, in_output
from datacut.pipeline.edition import Datasets, Reads, lines_of, reads_of
from datacut.pipeline.make_output import (
    ABOUT,
    BODY,
    EVENT,
    FILES,
    PAGES,
    RECORDS,
    RENDERERS,
    RESULTS,
    About,
    Made,
    made_of,
    make_kept,
    make_output,
)
from datacut.pipeline.make_together import (
    BINDERS,
    COMBINED,
    Bundle,
    make_analyses,
    make_ard,
    make_check,
    make_document,
    make_event,
    without_texts,
)
from datacut.pipeline.origin import file_origin
from datacut.pipeline.report import Product
from datacut.pipeline.selected import kept_product, kept_results
from datacut.pipeline.specs import Bound
from datacut.pipeline.workers import Task, in_processes
from datacut.spec.documents import Documents
from datacut.spec.output import OutputSpec
from datacut.submission.define import is_dated
from datacut.tlf.book import number_key, number_parts
from datacut.tlf.build_frame import UNKNOWN_EDITION, Edition, shown_date
from datacut.tlf.stored import LAYOUT

_ONE = ("datacut.pipeline.make_output", "datacut.tlf", "datacut.errors")
_TOGETHER = ("datacut.pipeline.make_together", "datacut.tlf", "datacut.errors", "datacut.submission")
"""The code that makes one output, and what all make together: modules, and the packages whose files they read."""

type _Work = Callable[[Findings], dict[str, bytes]]


def write_outputs(
    bound: Bound,
    adam: Mapping[str, Dataset],
    cut: str,
    folder: Path,
    findings: Findings,
    workers: int,
    edition: Edition = UNKNOWN_EDITION,
    only: frozenset[str] | None = None,
    *,
    tasks: Tasks,
) -> list[Product]:
    """Write `tlf/<id>.<format>`, `tlf/combined/<document>.<format>`, `records/`, `ard.*` and `ars.json`, in so many
    processes; what was made of the same before is taken from the entries of `tasks`.

    edition: the export and the run; each output prints a digest of its own, each document one of those of its outputs.
    An output, or one format of it, that cannot be made is a finding; all others are made. only: the outputs to be made,
    all if None; the files of others, and those that hold all results, stay as they lie in `folder`, and are told as
    stale where they would be others now.
    """
    specs = bound.specs
    every = [spec for spec in specs.outputs.values() if spec.holds(specs.settings)]
    asked = [spec for spec in every if only is None or spec.output in only]
    datasets = Datasets({name: dataset.frame for name, dataset in adam.items()})
    run = _Run(bound, datasets, cut, edition, folder, tasks, findings, workers)
    for spec in every:
        run.find(spec)
    run.make([spec.output for spec in asked if spec.output in run.reads])
    run.make_together(whole=only is None)
    products = {spec.output: run.product(spec) for spec in asked}
    if only is None:
        return list(products.values())
    kept = kept_product(folder)
    planned = [Product(str(spec.kind), spec.output, spec.title, 0, "pages") for spec in every]
    return [*(products.get(p.name) or kept(p, run.digest(p.name)) for p in planned), *kept_results(folder)]


@dataclass(frozen=True)
class _Came:
    """What comes back from a task: its files are written."""

    made: Made
    findings: list[Finding]
    done: list[Done]
    spoilt: list[str]


@dataclass
class _Run:
    """The outputs of one build on their way. reads: what each is made of; made: what has come of it; both by id."""

    bound: Bound
    datasets: Datasets
    cut: str
    edition: Edition
    folder: Path
    tasks: Tasks
    findings: Findings
    workers: int
    reads: dict[str, Reads] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)

    def find(self, spec: OutputSpec) -> None:
        """What an output is made of, if it can be made."""
        if spec.output in self.bound.faulty_outputs:
            return
        try:
            self.reads[spec.output] = reads_of(spec, self.bound.specs, self.bound.registry, self.cut, self.datasets)
        except SpecError as fault:
            self.findings.extend(fault.findings)

    def digest(self, output: str) -> str:
        return self.reads[output].digest if output in self.reads else ""

    def product(self, spec: OutputSpec) -> Product:
        about = self._about(spec.output)
        if about is None:
            return Product(str(spec.kind), spec.output, spec.title, 0, "pages", "not made, see findings")
        return Product(about.kind, about.output, about.title, about.pages, "pages", digest=self.digest(spec.output))

    def make(self, outputs: Sequence[str]) -> None:
        """Make outputs, and write their files in place of those of an earlier build."""
        for folder in (PAGES, RECORDS):
            (self.folder / folder).mkdir(exist_ok=True)
        told = {"export": self.edition.exported, "run": self.edition.run}
        work: list[Task[_Came]] = []
        for output in outputs:
            reads = self.reads[output]
            for path in (self.folder / RECORDS).glob(f"{output}.*"):
                path.unlink()
            verbs = sorted({call.verb.function.__module__ for call in reads.calls})
            parts = {**reads.parts, **told, "code": self.tasks.code.of(*_ONE, *verbs)}
            make = partial(make_output, reads, self.datasets, self.bound.registry, self.edition)
            work.append(partial(self._kept, output, parts, make))
        for output, came in zip(outputs, self._taken(work), strict=True):
            self.made[output] = came

    def make_together(self, *, whole: bool) -> None:
        """Make what several outputs are in: without `whole`, the documents of selections alone."""
        work: list[Task[_Came]] = []
        if whole and any(RESULTS in one.digests for one in self.made.values()):
            code = {"code": self.tasks.code.of(*_TOGETHER)}
            work += [
                partial(self._kept, name, {**code, **parts}, make) for name, parts, make in (self._check(), self._ard())
            ]
            work.insert(1, self._event)
        work += self._documents(whole=whole)
        for _ in self._taken(work):
            pass

    def _taken(self, work: Sequence[Task[_Came]]) -> Iterator[Made]:
        """What tasks have made, in their order whoever made it."""
        for came in in_processes(work, self.workers):
            self.tasks.done.extend(came.done)
            self.tasks.entries.spoilt.extend(came.spoilt)
            self.findings.extend(came.findings)
            yield came.made

    def _kept(self, name: str, parts: Mapping[str, str], work: _Work) -> _Came:
        """Make a task, and write its files."""
        tasks = Tasks(Entries(self.tasks.entries.folder), self.tasks.code)
        members = make_kept(tasks, name, {"task": name, **parts}, work)
        for member, data in members.items():
            if member.startswith(FILES):
                (self.folder / member.removeprefix(FILES)).write_bytes(data)
        made = made_of(name, members)
        return _Came(made, made.findings, tasks.done, tasks.entries.spoilt)

    def _about(self, output: str) -> About | None:
        return self.made[output].about if output in self.made else None

    def _digests(self, *kinds: str) -> dict[str, str]:
        """Digests of what the outputs have of some kinds, by name."""
        return {f"{n} {k}": one.digests[k] for n, one in self.made.items() for k in kinds if k in one.digests}

    # ---------------------------------------------------------------------------------------- all outputs together

    def _check(self) -> tuple[str, dict[str, str], _Work]:
        shown = {name: reads.spec for name, reads in self.reads.items()}
        specs = without_texts(self.bound.specs, shown)
        frames = self.datasets.frames
        parts = {
            "sets": digest_of(lines_of(specs.study.analysis_sets)),
            "settings": digest_of(lines_of(specs.settings)),
            **{f"lines of {name}": digest_of(lines_of(spec)) for name, spec in specs.outputs.items()},
            **{f"{d}.{c}": self.datasets.digest(d, None, c) for d, frame in frames.items() for c in frame.columns},
            **self._digests(RESULTS, RECORDS, BODY),
        }
        return "rules over results", parts, partial(make_check, specs, frames, list(self.made.values()))

    def _event(self) -> _Came:
        """The reporting event, from its analyses: what is printed around a table does not change these."""
        specs = self.bound.specs
        columns = {name: tuple(map(str, frame.columns)) for name, frame in self.datasets.frames.items()}
        made = [one for one in self.made.values() if one.about is not None]
        shown = {one.name: self.reads[one.name].spec for one in made}
        analysed = {name: spec.model_copy(update={"footnotes": ()}) for name, spec in shown.items()}
        parts = {
            "study": digest_of(lines_of(specs.study)),
            "reporting": digest_of(lines_of(specs.library.reporting), [*RENDERERS]),
            "code": self.tasks.code.of(*_TOGETHER),
        }
        first = self._kept(
            "analyses of the reporting event",
            {
                **parts,
                "columns": digest_of(columns),
                **{f"lines of {name}": digest_of(lines_of(spec)) for name, spec in analysed.items()},
                **self._digests(RESULTS),
            },
            partial(make_analyses, specs, columns, made, analysed),
        )
        if EVENT not in first.made.digests:
            return first
        event = self._kept(
            "reporting event",
            {
                **parts,
                "cut": self.cut,
                "analyses": first.made.digests[EVENT],
                **{f"lines of {name}": digest_of(lines_of(spec)) for name, spec in shown.items()},
                **self._digests(ABOUT),
            },
            partial(make_event, specs, made, shown, self.cut, first.made.members, self.folder),
        )
        return _Came(
            event.made,
            [*first.findings, *event.findings],
            [*first.done, *event.done],
            [*first.spoilt, *event.spoilt],
        )

    def _ard(self) -> tuple[str, dict[str, str], _Work]:
        origin = file_origin(self.bound.specs.study, self.cut, "ARD")
        parts = {"origin": digest_of(repr(origin)), **self._digests(RESULTS)}
        made = list(self.made.values())
        return "results of all outputs", parts, lambda _: make_ard(made, origin, self.folder)

    def _documents(self, *, whole: bool) -> list[Task[_Came]]:
        """The longest first: a document of all sections, one for each section that has an output, and one for each
        selection of which every output is there.
        """
        library = self.bound.specs.library
        bound = [about for output in self.made if (about := self._about(output)) is not None]
        if library.documents is None or not bound:
            return []
        (self.folder / COMBINED).mkdir(exist_ok=True)
        bundles = self._sections(library.documents, bound) if whole else []
        known = {about.output for about in bound}
        for name, selection in library.selections.items():
            if known.issuperset(selection.outputs):
                lines = (selection.text, _later(self.cut, self.edition.exported))
                bundles.append(self._bundle(name, selection.title, {selection.title: selection.outputs}, lines))
        return [self._document(bundle, extension) for bundle in bundles for extension in BINDERS]

    def _document(self, bundle: Bundle, extension: str) -> Task[_Came]:
        made = {output: self.made[output] for output in bundle.outputs}
        parts = {
            "front matter": digest_of(bundle.title, bundle.lines, bundle.chapters),
            **{output: one.digests[LAYOUT] for output, one in made.items()},
            "code": self.tasks.code.of(*_TOGETHER),
        }
        name = f"document {bundle.name}.{extension}"
        return partial(self._kept, name, parts, partial(make_document, bundle, made, extension))

    def _bundle(
        self, name: str, title: str, chapters: Mapping[str, Sequence[str]], more: tuple[str, ...] = ()
    ) -> Bundle:
        """A document of outputs; its edition is of all that is in it."""
        study = self.bound.specs.study
        dated = any(c.date == self.cut for c in study.cuts.values())
        cut_off = f"Data cut-off {shown_date(self.cut)}" if dated else ""
        inside = [output for outputs in chapters.values() for output in outputs]
        edition = replace(self.edition, digest=digest_of([(output, self.digest(output)) for output in inside]))
        about = (study.title, f"Protocol: {study.protocol}", study.sponsor, cut_off, edition.told(study.status))
        return Bundle(name, title, (*about, *more), tuple((h, tuple(outputs)) for h, outputs in chapters.items()))

    def _sections(self, documents: Documents, bound: Sequence[About]) -> list[Bundle]:
        """The document of all sections, and that of each."""
        filled: dict[str, list[str]] = {number: [] for number in documents.sections}
        for about in sorted(bound, key=lambda a: number_key(a.output, a.number, a.layout_kind)):
            home = documents.section_of(number_parts(about.number))
            if home is None:
                self.findings.warning(
                    "tlf.section",
                    in_output(about.output),
                    "stands in no combined document: no section begins its number",
                    value=about.number,
                    remedy="Add the section to documents in specs/tlf/_library.yml.",
                )
            else:
                filled[home].append(about.output)
        chapters = {n: (f"{n} {documents.sections[n]}", inside) for n, inside in filled.items() if inside}
        if not chapters:
            return []
        every = self._bundle("all-sections", documents.title, dict(chapters.values()))
        return [
            every,
            *(self._bundle(f"section-{n.replace('.', '-')}", h, {h: inside}) for n, (h, inside) in chapters.items()),
        ]


def _later(cut: str, exported: str) -> str:
    """Whether the export holds what was entered after the day of the cut."""
    if not exported or not is_dated(cut):
        return "Whether the export is later than the day of the cut is not known."
    day = shown_date(exported)
    if exported[:10] <= cut:
        return f"The export reaches to {day}, not beyond the day of the cut."
    return f"The export is later: it reaches to {day} and holds what was entered or changed after the day of the cut."
