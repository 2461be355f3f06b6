"""What tells one making of an output from another: all that it is made of, and the run if it is given.

An output is made of what stands here and of nothing else: what is not found here is not there for those who make it, so
that two outputs of equal parts are equal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pandas as pd

from datacut.ard.build import UNITS
from datacut.ard.columns import SUBJECT
from datacut.ard.source import SUBJECTS
from datacut.cache.content import digest_of
from datacut.cache.frames import digest_column
from datacut.engine.filter import mask
from datacut.spec.bound import BoundCall
from datacut.spec.calls import Call, Text, Word
from datacut.spec.load import Specs
from datacut.spec.model import Model
from datacut.spec.output import OutputLibrary, OutputSpec, RecordsShown
from datacut.spec.registry import Registry
from datacut.spec.resolve_output import resolve_output
from datacut.spec.study import CodelistSpec, Cut, Setting, Study
from datacut.spec.tokens import GrammarError
from datacut.spec.where import Comparison, Literal, Where, and_, predicate_of
from datacut.tlf.build_frame import footnote_ids

PARAMETER = "PARAMCD"
_ALWAYS = (SUBJECT, *UNITS)
"""Columns that are read of every dataset that has them."""
_NAME = re.compile(r"\w[\w.-]*")


@dataclass
class Datasets:
    """ADaM datasets by name, and the digests of their columns, each taken once."""

    frames: Mapping[str, pd.DataFrame]
    _rows: dict[tuple[str, Where | None], pd.DataFrame] = field(default_factory=dict)
    _digests: dict[tuple[str, Where | None, str], str] = field(default_factory=dict)

    def rows(self, dataset: str, where: Where | None) -> pd.DataFrame:
        """The records that satisfy a condition without settings."""
        if (dataset, where) not in self._rows:
            frame = self.frames[dataset]
            self._rows[dataset, where] = frame if where is None else frame.loc[mask(frame, where, {}).to_numpy()]
        return self._rows[dataset, where]

    def digest(self, dataset: str, where: Where | None, column: str) -> str:
        """Digest of what a column holds in these records."""
        key = (dataset, where, column)
        if key not in self._digests:
            self._digests[key] = digest_column(self.rows(dataset, where)[column])
        return self._digests[key]


@dataclass(frozen=True)
class Reads:
    """All that an output is made of but code: what it is given has no more in it.

    spec: with its template filled in; columns: read of each dataset, of the records that satisfy its condition in rows;
    calls: of its methods; parts: digest of every part, by name.
    """

    spec: OutputSpec
    library: OutputLibrary
    study: Study
    codelists: Mapping[str, CodelistSpec]
    cut: Cut | None
    columns: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, Where]
    calls: tuple[BoundCall, ...]
    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The one digest of the output: of its resolved lines, what they name, and the columns and records it reads."""
        return digest_of(self.parts)

    def frames(self, datasets: Datasets) -> dict[str, pd.DataFrame]:
        """The datasets as the output may read them."""
        return {name: datasets.rows(name, self.rows.get(name))[[*own]] for name, own in self.columns.items()}


def reads_of(spec: OutputSpec, specs: Specs, registry: Registry, cut: str, datasets: Datasets) -> Reads:
    """What an output is made of at a cut. Raises SpecError where its template cannot be filled in.

    A line of another output, and a setting, footnote or column that no line names, are not in it.
    """
    library, study = specs.library, specs.study
    spec = resolve_output(spec, library)
    lines = lines_of(spec)
    calls = tuple(_bound(spec, registry))
    notes = footnote_ids(spec, library)
    footnotes = {name: library.footnotes[name] for name in notes if name in library.footnotes}
    words = {*_words(lines), *(word for call in calls for word in (*call.reads, *_defaults(call)))}

    def named[T: Model](known: Mapping[str, T]) -> dict[str, T]:
        own = {name: part for name, part in known.items() if name in words}
        words.update(_words(lines_of(own)))
        return own

    columns, sets = named(library.columns), named(study.analysis_sets)
    patterns, groupings = named(library.patterns), named(study.groupings)
    windows = {name: own for name, own in study.windows.items() if name in words}
    settings = {n: Setting(value=s.value, source="", text="") for n, s in study.settings.items() if n in words}
    wanted = {text for call in calls for text in _given(call, "codelist")}
    codelists = {name: own for name, own in specs.codelists.items() if name in wanted}
    taken = next((c for c in study.cuts.values() if c.date == cut), None)
    read = [name for name in datasets.frames if name in words or name == SUBJECTS]
    held = {name: tuple(c for c in datasets.frames[name] if c in words or c in _ALWAYS) for name in read}
    rows = {name: where for name in read if (where := _rows(name, spec, columns, datasets.frames[name])) is not None}
    own = OutputLibrary(
        abbreviations=library.abbreviations,
        footnotes=footnotes,
        first=tuple(n for n in library.first if n in notes),
        last=library.last,
        patterns=patterns,
        columns=columns,
    )
    about = Study.model_construct(
        protocol=study.protocol,
        sponsor=study.sponsor,
        status=study.status,
        settings=settings,
        windows=windows,
        analysis_sets=sets,
        groupings=groupings,
    )
    shared: dict[str, Mapping[str, object]] = {
        "set": sets,
        "columns": columns,
        "pattern": patterns,
        "grouping": groupings,
        "windows": windows,
        "setting": {name: setting.value for name, setting in settings.items()},
        "codelist": codelists,
        "footnote": footnotes,
    }
    parts = {
        "lines": digest_of(lines),
        "order of footnotes": digest_of(notes, own.last),
        "abbreviations": digest_of(library.abbreviations),
        "protocol, sponsor, status": digest_of(study.protocol, study.sponsor, study.status),
        "cut": "" if taken is None else taken.date,
        **{
            f"{kind} {name}": digest_of(lines_of(part))
            for kind, known in shared.items()
            for name, part in known.items()
        },
        **{f"records of {name}": str(where) for name, where in rows.items()},
        **{f"{name}.{c}": datasets.digest(name, rows.get(name), c) for name, mine in held.items() for c in mine},
    }
    return Reads(spec, own, about, codelists, taken, held, rows, calls, parts)


def run_time() -> str:
    """The run as SOURCE_DATE_EPOCH gives it (seconds since 1970), ISO 8601 in UTC; blank where it does not."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%dT%H:%M:%SZ}" if epoch.isdecimal() else ""


def lines_of(value: object) -> object:
    """A piece of the specs as JSON has it; calls and conditions as they are written."""
    match value:
        case Model():
            return {name: lines_of(getattr(value, name)) for name in type(value).model_fields}
        case dict():
            return {str(key): lines_of(item) for key, item in value.items()}
        case list() | tuple():
            return [lines_of(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def _words(told: object) -> Iterator[str]:
    """Every word of the keys and texts of the lines, each a name that they may use."""
    match told:
        case dict():
            for key, value in told.items():
                yield from _NAME.findall(key)
                yield from _words(value)
        case list():
            for value in told:
                yield from _words(value)
        case str():
            yield from _NAME.findall(told)


def _bound(spec: OutputSpec, registry: Registry) -> Iterator[BoundCall]:
    """The calls of the lines; one that fits no verb is told by who runs it."""
    calls: list[Call] = [analysis.call for analysis in spec.analyses]
    calls += [column.call for shown in _shown(spec) for column in shown.columns.values()]
    for call in calls:
        with suppress(GrammarError):
            yield registry.bind(call, ("method", "cell"))


def _shown(spec: OutputSpec) -> list[RecordsShown]:
    layers = spec.figure.layers.values() if spec.figure is not None else ()
    return [*([spec.records] if spec.records is not None else []), *layers]


def _defaults(call: BoundCall) -> Iterator[str]:
    """What a method takes where the call does not say, a pattern of the library as a rule."""
    return (p.default for p in call.verb.parameters if p.name not in call.values and isinstance(p.default, str))


def _given(call: BoundCall, parameter: str) -> Iterator[str]:
    value = call.values.get(parameter)
    if isinstance(value, Word | Text):
        yield value.text


def _rows(dataset: str, spec: OutputSpec, columns: Mapping[str, Model], frame: pd.DataFrame) -> Where | None:
    """The condition on the parameter that every use of a dataset makes, so that others need not be read."""
    if PARAMETER not in frame.columns or dataset == SUBJECTS:
        return None
    codes: dict[str, None] = {}
    for where in _conditions(dataset, spec, columns):
        own = [c for c in predicate_of(where) if isinstance(c, Comparison) and c.column == PARAMETER]
        texts = next((t for c in own if c.comparator in ("EQ", "IN") and (t := _texts(c)) is not None), None)
        if texts is None:
            return None
        codes |= dict.fromkeys(texts)
    return Comparison(PARAMETER, "IN", tuple(Literal(code) for code in sorted(codes))) if codes else None


def _texts(where: Comparison) -> list[str] | None:
    found = [o.value for o in where.operands if isinstance(o, Literal) and isinstance(o.value, str)]
    return found if len(found) == len(where.operands) else None


def _conditions(dataset: str, spec: OutputSpec, columns: Mapping[str, Model]) -> Iterator[Where | None]:
    """The condition of each use that an output makes of the records of a dataset."""
    subsets = [s for a in spec.identified for s in (a[1].among,)] + [spec.among]
    subsets += [s for c in columns.values() for group in getattr(c, "groups", ()) for s in group.subsets.values()]
    yield from (s.where for s in subsets if s is not None and s.dataset == dataset)
    yield from (analysis.where for _, analysis in spec.identified if analysis.dataset == dataset)
    for shown in _shown(spec):
        if shown.dataset == dataset:
            yield shown.where
        for column in shown.columns.values():
            if column.dataset is None and column.where is not None and shown.dataset == dataset:
                yield and_(shown.where, column.where)
            elif column.dataset == dataset:
                yield column.where
