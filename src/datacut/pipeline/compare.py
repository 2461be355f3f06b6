"""`datacut compare`: what two programmers made of the same, compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from datacut.compare.columns import Side
from datacut.compare.criteria import Criterion, parse_criterion, parse_variable
from datacut.compare.datasets import Compared, compare_sides
from datacut.compare.read import TABLE, pair_files, read_sides
from datacut.compare.table_pairs import NoTableError, TablesCompared, compare_tables
from datacut.errors import InputError
from datacut.pipeline.console import console
from datacut.spec.load import load_specs

EQUAL, DIFFERENT = 0, 1
SHOWN = 20
"""Values, records or attributes of one dataset that the console lists of each kind."""
WRITTEN = 100_000
"""Values of one variable that the JSON lists; it says how many there are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the comparison: keys (none given is the blank tuple), criterion of numbers and of variables."""

    keys: tuple[str, ...]
    criterion: Criterion
    variables: Mapping[str, Criterion]
    encoding: str | None


def run_compare(
    ours: Path,
    theirs: Path,
    root: Path | None,
    *,
    keys: Sequence[str] = (),
    method: str | None = None,
    criterion: float | None = None,
    variables: Sequence[str] = (),
    encoding: str | None = None,
    json_file: Path | None = None,
) -> int:
    """Compare two files or folders, print what differs and return 0 where nothing does, else 1.

    root: the study whose specs name the keys of datasets, None outside one. Raises InputError for what cannot be
    compared.
    """
    single = dict(map(parse_variable, variables))
    wanted = Wanted(
        tuple(k.strip().upper() for text in keys for k in text.split(",") if k.strip()),
        parse_criterion(method, criterion),
        single,
        encoding,
    )
    if keys and not wanted.keys:
        raise InputError("--key: no variable is named.")
    files = pair_files(ours, theirs)
    datasets = any(left.suffix.lower() != TABLE for left, _ in files.both.values())
    known = _keys_of_study(root) if root is not None and datasets and not wanted.keys else {}
    documents: list[dict[str, Any]] = []
    passed_over: list[str] = []
    equal = not (files.only_ours or files.only_theirs)
    unused = set(single)
    for left, right in files.both.values():
        if left.suffix.lower() == TABLE:
            try:
                tables = compare_tables(left, right)
            except NoTableError:
                if len(files.both) == 1:
                    raise
                passed_over.append(left.name)
                continue
            _print_tables(tables)
            documents.append(asdict(tables) | {"equal": tables.equal})
            equal = equal and tables.equal
            continue
        for one, other in read_sides(left, right, encoding):
            found, source = _compare(one, other, wanted, known, alone=len(files.both) == 1)
            unused -= {*found.pairs.unequal}
            _print(found, source)
            documents.append(_document(found, source))
            equal = equal and found.equal
    if unused:
        raise InputError(f"--variable {min(unused)}: no dataset that was compared has it.")
    if passed_over:
        _say(f"not compared, since they are figures: {', '.join(passed_over)}")
    if not documents:
        raise InputError(f"{ours} and {theirs}: only figures are in both, which are not compared.")
    for side, names in (("ours", files.only_ours), ("theirs", files.only_theirs)):
        if names:
            _say(f"only in {side}: {', '.join(names)}")
    _print_end(documents, equal=equal)
    if json_file is not None:
        whole = {
            "ours": str(ours),
            "theirs": str(theirs),
            "equal": equal,
            "only_ours": list(files.only_ours),
            "only_theirs": list(files.only_theirs),
            "not_compared": passed_over,
            "compared": documents,
        }
        _write(json_file, whole)
    return EQUAL if equal else DIFFERENT


def _keys_of_study(root: Path) -> dict[str, tuple[str, ...]]:
    specs = load_specs(root)
    return {name: spec.keys for stage in (specs.sdtm, specs.adam) for name, spec in stage.items()}


def _compare(
    ours: Side, theirs: Side, wanted: Wanted, known: Mapping[str, tuple[str, ...]], *, alone: bool
) -> tuple[Compared, str]:
    """The comparison of two datasets, and where its keys are from."""
    keys, source = wanted.keys, "named with --key"
    if not keys and ours.name in known:
        keys, source = known[ours.name], f"of specs, {ours.name}"
    elif not keys and (ours.keys or theirs.keys):
        side = ours if ours.keys else theirs
        keys, source = side.keys, f"told by {side.place}"
    single = wanted.variables if alone else {n: c for n, c in wanted.variables.items() if n in ours.variables}
    return compare_sides(ours, theirs, keys or None, wanted.criterion, single), source if keys else ""


def _document(found: Compared, source: str) -> dict[str, Any]:
    pairs = found.pairs
    return {
        "dataset": found.ours.name,
        "ours": {"file": found.ours.place, "records": found.ours.records},
        "theirs": {"file": found.theirs.place, "records": found.theirs.records},
        "equal": found.equal,
        "keys": None if found.keys is None else list(found.keys),
        "keys_from": source,
        "criterion": str(found.criterion),
        "notes": list(found.notes),
        "variables_only_ours": list(found.only_ours),
        "variables_only_theirs": list(found.only_theirs),
        "types": {n: [str(k) for k in kinds] for n, kinds in found.conflicts.items()},
        "attributes": [asdict(a) for a in found.attributes],
        "pairs": pairs.amount,
        "records_only_ours": found.key_texts(pairs.only_ours[:WRITTEN], theirs=False),
        "records_only_theirs": found.key_texts(pairs.only_theirs[:WRITTEN], theirs=True),
        "repeated_keys": pairs.repeated,
        "ambiguous_pairs": len(pairs.ambiguous),
        "unproven_pairs": len(pairs.unproven),
        "values_unequal": found.unequal,
        "by_variable": [asdict(v) for v in found.by_variable()],
        "by_subject": [asdict(s) for s in found.by_subject()],
        "differences": [asdict(d) for d in found.differences(WRITTEN)],
    }


def _write(path: Path, whole: Mapping[str, Any]) -> None:
    try:
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as fault:
        raise InputError(f"--json {path}: cannot be written: {fault.strerror}") from None


def _say(text: str) -> None:
    """A line as it is: brackets in data are no markup."""
    console().print(text, markup=False)


def _print(found: Compared, source: str) -> None:
    ours, theirs, pairs = found.ours, found.theirs, found.pairs
    _say(f"{ours.name}: {ours.place} ({ours.records} records), {theirs.place} ({theirs.records} records)")
    if found.keys is None:
        _say("  no keys are known: records are compared in their order")
    else:
        _say(f"  records are paired by {', '.join(found.keys)} ({source})")
    _say(f"  numbers: {found.criterion}; texts: exactly, but for blanks at the end")
    for note in found.notes:
        _say(f"  {note}")
    if found.equal:
        _say(f"  equal: {pairs.amount} records, {len(pairs.unequal)} variables")
        return
    for side, names in (("ours", found.only_ours), ("theirs", found.only_theirs)):
        if names:
            _say(f"  variables only in {side}: {', '.join(names)}")
    for name, kinds in found.conflicts.items():
        _say(f"  {name} is {kinds[0]} in ours and {kinds[1]} in theirs: not compared")
    attributes = [(a.variable or "(dataset)", a.attribute, a.ours, a.theirs) for a in found.attributes]
    _table(("variable", "attribute", "ours", "theirs"), attributes, "attributes")
    _print_records(found)
    lines = [
        (v.variable, v.criterion, str(v.unequal), str(v.missing_one), _number(v.largest))
        for v in found.by_variable()
        if v.unequal
    ]
    _table(
        ("variable", "criterion", "unequal", "missing on one side", "max difference"), lines, "variables that differ"
    )
    subjects = [
        (s.subject, str(s.values), str(s.records), str(s.only_ours), str(s.only_theirs)) for s in found.by_subject()
    ]
    _table(("subject", "values", "records", "only in ours", "only in theirs"), subjects, "subjects that differ")
    values = [
        (d.key, d.variable, d.ours, d.theirs, _number(d.difference), "ambiguous" if d.ambiguous else "")
        for d in found.differences(SHOWN)
    ]
    _table(("record", "variable", "ours", "theirs", "difference", ""), values, "values that differ", found.unequal)


def _print_records(found: Compared) -> None:
    pairs = found.pairs
    for side, rows in (("ours", pairs.only_ours), ("theirs", pairs.only_theirs)):
        if len(rows):
            some = ", ".join(found.key_texts(rows[:SHOWN], theirs=side == "theirs"))
            more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
            _say(f"  {len(rows)} records only in {side}: {some}{more}")
    if pairs.repeated:
        _say(f"  {pairs.repeated} records share their key with others; they are paired so that fewest variables differ")
    if len(pairs.ambiguous):
        _say(f"  {len(pairs.ambiguous)} pairs are ambiguous: another pairing has as few differences")
    if len(pairs.unproven):
        _say(f"  {len(pairs.unproven)} pairs are of keys with so many records that others may differ less")


def _print_tables(found: TablesCompared) -> None:
    _say(f"{Path(found.ours).stem}: {found.ours}, {found.theirs}")
    _say(
        f"  {found.tables} tables, {found.lines} lines; numbers: {found.equal_numbers} equal, {found.different} "
        f"different, {found.unpaired} unpaired; titles and footnotes outside the tables are not compared"
    )
    if found.written_otherwise:
        _say(f"  {found.written_otherwise} equal numbers are written otherwise, as 8.7 and 8.70")
    rows = [(d.row, d.column, d.what, d.ours, d.theirs) for d in found.differences]
    _table(("line", "column", "differs", "ours", "theirs"), rows, "cells, labels and headings that differ")


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], what: str, amount: int | None = None) -> None:
    if not rows:
        return
    total = len(rows) if amount is None else amount
    table = Table(*names, title=f"{total} {what}", title_justify="left", pad_edge=False)
    for row in rows[:SHOWN]:
        table.add_row(*map(Text, row))
    console().print(table)
    if total > SHOWN:
        _say(f"... and {total - SHOWN} more (all of them with --json).")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _print_end(documents: Iterable[Mapping[str, Any]], *, equal: bool) -> None:
    told = [*documents]
    different = [str(d.get("dataset") or Path(d["ours"]).stem) for d in told if not d["equal"]]
    state = "equal" if equal else f"different: {', '.join(different)}" if different else "different"
    _say(f"{len(told)} compared; {state}")
