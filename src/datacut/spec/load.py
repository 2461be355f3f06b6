"""Reads `specs/` into one frozen object; every fault is collected with its file and line before anything is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from datacut.errors import Finding, InputError, Location, Severity, SpecError, in_spec, nearest
from datacut.spec.crf import CrfField, CrfForm
from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import Document, Loc, Tree, read_document
from datacut.spec.explained import Explained, Explanation
from datacut.spec.grading import Grading
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.scalars import is_number
from datacut.spec.sentences import printable, with_values
from datacut.spec.settings import never, outside
from datacut.spec.study import Codelists, CodelistSpec, Setting, SettingValue, Study, StudyTable
from datacut.spec.units import Units


@dataclass(frozen=True)
class Specs:
    """All specs of one study, with the documents they came from, as typed, so that a message can name the line."""

    root: Path
    study: Study
    codelists: dict[str, CodelistSpec]
    forms: dict[str, CrfForm]
    units: Units
    grading: Grading
    sdtm: dict[str, DatasetSpec]
    adam: dict[str, DatasetSpec]
    library: OutputLibrary
    outputs: dict[str, OutputSpec]
    explained: tuple[Explanation, ...] = ()
    documents: dict[str, Document] = field(repr=False, default_factory=dict)

    @property
    def settings(self) -> dict[str, SettingValue]:
        return {name: setting.value for name, setting in self.study.settings.items()}

    def where(self, document: str, loc: Loc) -> Location:
        """File and line of a place in a document, by its name (`sdtm/ae`, `study`, ...) in any case."""
        found = self.documents.get(document.lower())
        return found.where(loc) if found else in_spec(document)

    def columns(self, form: CrfForm) -> dict[str, CrfField]:
        """Every column of a form's file: those of its system, then its own."""
        return {**self.study.systems[form.system].columns, **form.fields}


class _Reader:
    def __init__(self, root: Path) -> None:
        self.folder = root / "specs"
        self.findings: list[Finding] = []
        self.documents: dict[str, Document] = {}
        self.terms: dict[str, tuple[str, ...]] = {}
        self.values: Mapping[str, Setting] | None = None
        """What sentences print; None until `study.yml` is read, and where it cannot be."""
        self.tables: Mapping[str, StudyTable] = {}

    def one[M: BaseModel](self, name: str, model: type[M], *, default: M | None = None) -> M | None:
        path = self.folder / f"{name}.yml"
        if not path.exists():
            if default is None:
                self.findings.append(
                    _fault("spec.missing", in_spec(f"specs/{name}.yml"), "the file is missing", "", "Write it.")
                )
            return default
        try:
            document = unroll_topics(read_document(path, f"specs/{name}.yml"), self.terms)
            self.documents[name.lower()] = document
            if self.values is not None:
                document = with_values(document, self.values, self.tables)
            return parse_document(document, model)
        except SpecError as fault:
            self.findings += fault.findings
            return None

    def study(self) -> Study | None:
        """`study.yml`, read once for its settings and once with them in its sentences."""
        first = self.one("study", Study)
        if first is None:
            return None
        self.values, self.tables = printable(first), first.tables
        return self.one("study", Study)

    def many[M: BaseModel](self, folder: str, model: type[M], key: str) -> dict[str, M]:
        out: dict[str, M] = {}
        for path in sorted((self.folder / folder).glob("*.yml")):
            if path.stem.startswith("_"):
                continue
            item = self.one(f"{folder}/{path.stem}", model)
            if item is None:
                continue
            name = str(getattr(item, key))
            if name.lower() != path.stem.lower():
                remedy = f"Name the file {name.lower()}.yml."
                where = in_spec(f"specs/{folder}/{path.name}", 1)
                self.findings.append(_fault("spec.name", where, f"{key} and file name differ", name, remedy))
                continue
            out[name] = item
        return out

    def datasets(self, folder: str, study: Study | None) -> dict[str, DatasetSpec]:
        """The datasets of a stage with the variables whose `when` the settings of the study meet."""
        settings = {n: s.value for n, s in study.settings.items()} if study else {}
        out = self.many(folder, DatasetSpec, "dataset")
        for name, spec in out.items():
            kept = {}
            for variable, v in spec.variables.items():
                unknown = [n for n in v.when if study and n not in settings]
                where = self.documents[f"{folder}/{name}".lower()].where(("variables", variable, "when"))
                for setting in unknown:
                    remedy = nearest(setting, settings)
                    self.findings.append(_fault("spec.name", where, "no such setting", setting, remedy))
                for setting, value in never(v.when, study.settings) if study else ():
                    what = f"a value that {setting} never has"
                    remedy = nearest(value, study.settings[setting].alternatives) if study else ""
                    self.findings.append(_fault("spec.setting", where, what, value, remedy))
                if study and not unknown and v.holds(settings):
                    kept[variable] = v
            out[name] = spec.model_copy(update={"variables": kept})
        return out

    def check_systems(self, study: Study, forms: Iterable[CrfForm]) -> None:
        """Systems that forms name, and how the files of each system are to be read."""
        for form in forms:
            if form.system not in study.systems:
                where = self.documents[f"crf/{form.form}".lower()].where(("system",))
                remedy = nearest(form.system, study.systems)
                self.findings.append(_fault("spec.system", where, "no such system", form.system, remedy))
        encodings: list[tuple[Loc, str | None]] = [(("sdtm",), study.sdtm.encoding)]
        encodings += [(("systems", name), system.encoding) for name, system in study.systems.items()]
        for loc, encoding in encodings:
            if encoding is not None and not _is_encoding(encoding):
                where = self.documents["study"].where((*loc, "encoding"))
                remedy = "Write utf-8, gb18030 or another encoding that Python knows."
                self.findings.append(_fault("spec.system", where, "no such encoding", encoding, remedy))
        for name, system in study.systems.items():
            if len(system.delimiter) != 1:
                where = self.documents["study"].where(("systems", name, "delimiter"))
                what = "a delimiter is one character"
                self.findings.append(_fault("spec.system", where, what, system.delimiter, 'Write "," or ";" or "\\t".'))

    def check_settings(self, study: Study) -> None:
        """Values of settings that are none of their alternatives."""
        for name, setting in study.settings.items():
            where = self.documents["study"].where(("settings", name, "value"))
            for value in outside(setting):
                remedy = f"It may be {', '.join(setting.alternatives)}."
                self.findings.append(_fault("spec.setting", where, f"not an alternative of {name}", value, remedy))
            for value in setting.words:
                if value not in setting.alternatives:
                    where = self.documents["study"].where(("settings", name, "words", value))
                    remedy = nearest(value, setting.alternatives)
                    self.findings.append(_fault("spec.setting", where, f"not an alternative of {name}", value, remedy))

    def check_tables(self, study: Study) -> None:
        """Cells of columns that a table does not have, and those that are not what their column takes."""
        for name, table in study.tables.items():
            for number, row in enumerate(table.rows):
                for column, cell in row.items():
                    where = self.documents["study"].where(("tables", name, "rows", number, column))
                    takes = table.columns.get(column)
                    if takes is None:
                        remedy = nearest(column, table.columns)
                        self.findings.append(_fault("spec.table", where, f"{name} has no column", column, remedy))
                    elif takes == "number" and cell and not is_number(cell):
                        remedy = "Write a number, or leave the cell blank."
                        self.findings.append(_fault("spec.table", where, f"{column} takes a number", cell, remedy))
                    elif isinstance(takes, tuple) and cell and cell not in takes:
                        remedy = f"It may be {', '.join(takes)}."
                        self.findings.append(_fault("spec.table", where, f"{column} does not take it", cell, remedy))


def load_specs(root: Path) -> Specs:
    """Read and check every spec under `root/specs`.

    Raises SpecError with all findings, InputError if there is no folder.
    """
    if not (root / "specs" / "study.yml").exists():
        raise InputError(f"{root}: no specs/study.yml here. Run datacut in a study folder or give --study DIR.")
    reader = _Reader(root)
    study = reader.study()
    codelists = reader.one("codelists", Codelists, default=Codelists(codelists={}))
    if codelists is not None:
        reader.terms = {n: tuple(t.value for t in c.terms) for n, c in codelists.codelists.items()}
    units = reader.one("units", Units, default=Units())
    grading = reader.one("grading", Grading, default=Grading())
    forms = reader.many("crf", CrfForm, "form")
    sdtm = reader.datasets("sdtm", study)
    adam = reader.datasets("adam", study)
    library = reader.one("tlf/_library", OutputLibrary, default=OutputLibrary())
    outputs = reader.many("tlf", OutputSpec, "output")
    explained = reader.one("core_explained", Explained, default=Explained())
    if study is not None:
        reader.check_systems(study, forms.values())
        reader.check_settings(study)
        reader.check_tables(study)
    if reader.findings or not (study and codelists and units and grading and library and explained):
        raise SpecError(reader.findings)
    return Specs(
        root,
        study,
        codelists.codelists,
        forms,
        units,
        grading,
        sdtm,
        adam,
        library,
        outputs,
        explained.explained,
        reader.documents,
    )


def _is_encoding(name: str) -> bool:
    try:
        "x".encode(name)
    except LookupError:
        return False
    return True


def _fault(rule: str, where: Location, what: str, value: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, rule, where, what, value, remedy)


def parse_document[M: BaseModel](document: Document, model: type[M]) -> M:
    """A document as a model; raises SpecError with one finding, file and line, for each fault."""
    try:
        return model.model_validate(document.data)
    except ValidationError as fault:
        errors = [e for e in fault.errors() if not any(_is_tail(step) for step in e["loc"])]
        raise SpecError([_finding(document, model, e) for e in errors or fault.errors()]) from fault


def _is_tail(step: str | int) -> bool:
    """Whether a key is the rest of a call that was cut at an unquoted comma, whose head has its own finding."""
    return isinstance(step, str) and step.count(")") > step.count("(")


def _finding(document: Document, model: type[BaseModel], error: ErrorDetails) -> Finding:
    loc = tuple(error["loc"])
    where = document.where(loc)
    value = error.get("input")
    shown = value if isinstance(value, str) else ""
    if error["type"] == "extra_forbidden":
        key = str(loc[-1])
        return _fault("spec.key", where, "unknown key", key, nearest(key, _known_keys(model, loc[:-1])))
    if error["type"] == "missing":
        return _fault("spec.key", document.where(loc[:-1]), "a key is missing", str(loc[-1]), "Add it.")
    what = error["msg"].removeprefix("Value error, ")
    remedy = f"Mend {'.'.join(map(str, loc)) or 'the file'}."
    if shown.count("(") > shown.count(")"):
        remedy = "Put the call in quotes: inside { } a comma ends a value."
    return _fault("spec.value", where, what, shown, remedy)


def _known_keys(model: type[BaseModel], loc: Loc) -> Iterable[str]:
    """Field names of the model that stands at `loc`, found by walking the annotations."""
    schema: dict[str, Any] = model.model_json_schema()
    node = schema
    for step in loc:
        node = _resolve(node, schema)
        if isinstance(step, int):
            node = node.get("items", node)
        elif step in node.get("properties", {}):
            node = node["properties"][step]
        else:
            extra = node.get("additionalProperties")
            node = extra if isinstance(extra, dict) else node
    return list(_resolve(node, schema).get("properties", {}))


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.get("$defs")
    for _ in range(8):
        reference = node.get("$ref")
        options = node.get("anyOf")
        if isinstance(reference, str) and isinstance(definitions, dict):
            node = definitions[reference.rsplit("/", 1)[1]]
        elif isinstance(options, list):
            node = next((o for o in options if o.get("type") != "null"), options[0])
        else:
            break
    return node


def unroll_topics(document: Document, terms: Mapping[str, tuple[str, ...]]) -> Document:
    """Replace every record block that has `topics` by one block a topic, `{name}` filled in; lines follow.

    topics: a list of maps, or `{name: CODELIST}` for one topic a term of the codelist; terms: values by codelist.
    """
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("records"), list):
        return document
    blocks: list[Tree] = []
    lines = {loc: line for loc, line in document.lines.items() if loc[:1] != ("records",) or len(loc) == 1}
    findings: list[Finding] = []
    for number, block in enumerate(data["records"]):
        below = {loc[2:]: line for loc, line in document.lines.items() if loc[:2] == ("records", number)}
        if not isinstance(block, dict) or "topics" not in block:
            lines |= {("records", len(blocks), *rest): line for rest, line in below.items()}
            blocks.append(block)
            continue
        topics = block["topics"]
        place: dict[int, Loc] = {}
        if isinstance(topics, dict) and len(topics) == 1 and all(isinstance(v, str) for v in topics.values()):
            ((word, codelist),) = topics.items()
            if str(codelist) not in terms:
                where = document.where(("records", number, "topics"))
                remedy = nearest(str(codelist), terms)
                findings.append(_fault("spec.codelist", where, "no such codelist", str(codelist), remedy))
                continue
            topics = [{word: term} for term in terms[str(codelist)]]
            place = dict.fromkeys(range(len(topics)), ("topics",))
        if not isinstance(topics, list) or not topics:
            where = document.where(("records", number, "topics"))
            findings.append(
                _fault(
                    "spec.topic",
                    where,
                    "topics is a list",
                    "",
                    "Write one - {NAME: value, ...} a topic, or {NAME: CODELIST}.",
                )
            )
            continue
        for position, topic in enumerate(topics):
            at = place.get(position, ("topics", position))
            where = document.where(("records", number, *at))
            if not isinstance(topic, dict) or not all(isinstance(v, str) for v in topic.values()):
                findings.append(
                    _fault("spec.topic", where, "a topic is a map of texts", "", "Write {NAME: value, ...}.")
                )
                continue
            words = {k: v for k, v in topic.items() if isinstance(v, str)}
            filled = {k: _fill(v, words, where, findings) for k, v in block.items() if k != "topics"}
            lines |= {("records", len(blocks), *rest): line for rest, line in below.items() if rest[:1] != ("topics",)}
            lines[("records", len(blocks))] = below[at]
            blocks.append({**filled, "topic": dict(words)})
    if findings:
        raise SpecError(dict.fromkeys(findings))
    return Document(document.path, {**data, "records": blocks}, lines)


def _fill(tree: Tree, words: dict[str, str], where: Location, findings: list[Finding]) -> Tree:
    if isinstance(tree, dict):
        return {k: _fill(v, words, where, findings) for k, v in tree.items()}
    if isinstance(tree, list):
        return [_fill(v, words, where, findings) for v in tree]

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in words:
            what = "the topic has no such name"
            findings.append(_fault("spec.topic", where, what, name, nearest(name, words)))
        return words.get(name, "")

    return re.sub(r"\{([^\W\d]\w*)\}", value, tree)
