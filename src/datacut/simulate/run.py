"""The whole simulation: from specs to export folders and a truth file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datacut.errors import InputError, WriteError, nearest
from datacut.simulate.clock import iso, parse_iso
from datacut.simulate.corrections import Applied, apply_corrections, plan_corrections
from datacut.simulate.differences import Difference, differences
from datacut.simulate.mess import Told, mess_kinds, spoil
from datacut.simulate.model import Simulation
from datacut.simulate.process import run_process
from datacut.simulate.tables import Study, Table, build_study, cut_tables
from datacut.simulate.truth import Json, Reports, reported_depletion, review_truths, subject_truths
from datacut.simulate.workbook import tables_workbook
from datacut.spec.crf import sheet_name, workbook_name
from datacut.spec.document import Document, Tree, read_document
from datacut.spec.load import Specs, parse_document
from datacut.spec.study import SettingValue

TRUTH = "truth.json"
FORMATS = ("csv", "xlsx")


@dataclass(frozen=True)
class Simulated:
    """What was written: folder of each cut, truth file, numbers for a message to the user."""

    folders: tuple[Path, ...]
    truth: Path
    subjects: int
    treated: int
    rows: int
    problems: int


@dataclass(frozen=True)
class Exports:
    """Files of every cut by name, as bytes, their number of rows, and the truth; nothing is on disk yet."""

    files: dict[str, dict[str, bytes]]
    rows: int
    truth: dict[str, Json]


def read_simulation(specs: Specs) -> Simulation:
    """`specs/simulate.yml` with `$settings` filled in. Raises SpecError with every fault, InputError without a file."""
    path = specs.root / "specs" / "simulate.yml"
    if not path.exists():
        raise InputError(f"{path}: no such file. Write it, or simulate in a study that has one.")
    document = read_document(path, "specs/simulate.yml")
    data = _with_settings(document.data, specs.settings)
    return parse_document(Document(document.path, data, document.lines), Simulation)


def _with_settings(tree: Tree, settings: Mapping[str, SettingValue]) -> Tree:
    if isinstance(tree, dict):
        return {k: _with_settings(v, settings) for k, v in tree.items()}
    if isinstance(tree, list):
        return [_with_settings(v, settings) for v in tree]
    if not tree.startswith("$"):
        return tree
    name = tree[1:]
    if name not in settings:
        raise InputError(f"specs/simulate.yml: {tree} is no setting of study.yml. {nearest(name, settings)}")
    value = settings[name]
    return [str(v) for v in value] if isinstance(value, tuple) else str(value)


def simulate(
    specs: Specs,
    out: Path,
    *,
    subjects: int = 12,
    cuts: int = 2,
    seed: int = 1,
    mess: Sequence[str] = (),
    form: str = "csv",
) -> Simulated:
    """Simulate `subjects` treated subjects; write `out/<cut>/` for the first `cuts` cuts and `out/truth.json`.

    form: `csv`, a file a form, or `xlsx`, a workbook a system with a sheet a form.

    The same arguments give the same bytes; more subjects or cuts leave the earlier ones as they were. mess: kinds of
    problems to inject (`all`, `none` or names). Raises InputError for what cannot be simulated, WriteError if a folder
    holds files that no simulation wrote.
    """
    made = build_exports(specs, subjects=subjects, cuts=cuts, seed=seed, mess=mess, form=form)
    folders = tuple(out / cut for cut in made.files)
    _clear(out, folders)
    for folder, files in zip(folders, made.files.values(), strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    truth = out / TRUTH
    truth.write_text(json.dumps(made.truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    people, problems = made.truth["subjects"], made.truth["problems"]
    counted = len(people) if isinstance(people, list) else 0
    found = len(problems) if isinstance(problems, list) else 0
    return Simulated(folders, truth, counted, subjects, made.rows, found)


def build_exports(
    specs: Specs, *, subjects: int = 12, cuts: int = 2, seed: int = 1, mess: Sequence[str] = (), form: str = "csv"
) -> Exports:
    """The same as `simulate`, in memory."""
    if form not in FORMATS:
        raise InputError(f"{form}: no such format of an export. {nearest(form, FORMATS)}")
    spec = read_simulation(specs)
    kinds = mess_kinds(mess, spec.mess)
    dates = _cut_days(specs, cuts)
    course = run_process(spec, specs.study.visits, subjects, seed)
    study = build_study(specs, spec, course, seed)
    exports = [cut_tables(specs, study, cut) for cut in dates]
    planned = plan_corrections(spec.corrections, exports, dates, specs)
    problems: list[Told] = []
    reports: Reports = {}
    files: dict[str, dict[str, bytes]] = {}
    rows = 0
    told: dict[str, list[Difference]] = {}
    for number, (cut, tables) in enumerate(list(zip(dates, exports, strict=True))[:cuts], 1):
        before = exports[number - 2] if number > 1 else None
        apply_corrections(tables, planned, cut, study, specs)
        reports[cut] = reported_depletion(tables, study, spec)
        if form == "xlsx":
            _as_sheets(tables.values())
        problems += spoil(tables, kinds, spec.mess, specs, seed, (number, cut), before)
        if before is not None:
            told[iso(cut)] = differences(before, tables, (dates[number - 2], cut), study, specs)
        rows += sum(len(t.cells) for t in tables.values())
        files[iso(cut)] = _packed(specs, tables.values()) if form == "xlsx" else _files(tables.values())
    truth = _truth(study, spec, reports, planned, problems, {c: list(f) for c, f in files.items()})
    changes: Json = {later: [d.told() for d in found] for later, found in told.items()}
    truth = {"seed": seed, "study": specs.study.study, **truth, "differences": changes}
    return Exports(files, rows, truth)


def _files(tables: Iterable[Table]) -> dict[str, bytes]:
    return {t.filename: _bytes(t) for t in tables}


def _as_sheets(tables: Iterable[Table]) -> None:
    """Make the tables sheets of a workbook of their system."""
    for table in tables:
        table.filename, table.sheet = workbook_name(table.form.system), sheet_name(table.form)


def _packed(specs: Specs, tables: Iterable[Table]) -> dict[str, bytes]:
    books: dict[str, list[Table]] = {}
    for table in tables:
        books.setdefault(table.filename, []).append(table)
    columns = {n: specs.columns(f) for n, f in specs.forms.items()}
    return {name: tables_workbook(book, columns) for name, book in books.items()}


def _cut_days(specs: Specs, cuts: int) -> list[int]:
    """Ordinals of all cuts of the study in order: also those not asked for, since a correction may concern them."""
    known = specs.study.cuts
    if not 1 <= cuts <= len(known):
        raise InputError(
            f"{cuts} cuts cannot be simulated: specs/study.yml has {len(known)}. Ask for fewer, or add one."
        )
    try:
        days = [parse_iso(cut.date) for cut in known.values()]
    except ValueError as fault:
        raise InputError(
            f"specs/study.yml: the date of a cut is not ISO 8601 ({fault}). Write it as 2026-03-01."
        ) from fault
    if days != sorted(days):
        raise InputError("specs/study.yml: the cuts are not in order of their dates. Put the earliest first.")
    return days


def _truth(
    study: Study,
    spec: Simulation,
    reports: Reports,
    planned: Sequence[Applied],
    problems: Sequence[Told],
    files: Mapping[str, Sequence[str]],
) -> dict[str, Json]:
    return {
        "cuts": [iso(c) for c in reports],
        "files": dict(files),
        "reviews": review_truths(study),
        "corrections": [p.told() for p in planned if p.cut in reports],
        "problems": list(problems),
        "subjects": subject_truths(study, spec, reports),
    }


def _bytes(table: Table) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(table.header)
    writer.writerows(table.cells)
    try:
        return text.getvalue().encode(table.encoding)
    except (UnicodeEncodeError, LookupError) as fault:
        raise InputError(
            f"specs/study.yml: {table.filename} cannot be written as {table.encoding} ({fault}). Correct `encoding`."
        ) from fault


def _clear(out: Path, folders: Sequence[Path]) -> None:
    """Remove what an earlier simulation wrote into the folders; refuse if anything else is there."""
    written = _written(out / TRUTH)
    for folder in folders:
        if not folder.is_dir():
            continue
        present = sorted(p for p in folder.iterdir())
        foreign = [p for p in present if p.name not in written.get(folder.name, ())]
        if foreign:
            raise WriteError(
                f"{foreign[0]}: not written by the simulator, so {folder} is left alone. "
                "Move it away, or simulate into another folder."
            )
    for folder in folders:
        for name in written.get(folder.name, ()):
            (folder / name).unlink(missing_ok=True)


def _written(truth: Path) -> dict[str, list[str]]:
    if not truth.exists():
        return {}
    try:
        told = json.loads(truth.read_text(encoding="utf-8"))
        return {str(k): [str(n) for n in v] for k, v in told["files"].items()}
    except (ValueError, KeyError, AttributeError) as fault:
        raise WriteError(f"{truth}: not a truth file of the simulator. Move it away.") from fault
