"""What a build tells: findings and accounting as CSV, and the summary that the closing table prints."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datacut.errors import Finding, Location
from datacut.files.csv_cells import read_cell, safe_cell

if TYPE_CHECKING:  # a build that is up to date must not wait for pandas
    from datacut.engine.accounting import FormAccount
    from datacut.engine.use import BlockCount, CutLine
    from datacut.sdtm.accounting import ValueCount
    from datacut.spec.accounting import FieldUse


@dataclass(frozen=True)
class Product:
    """One dataset or output of a build: kind (`SDTM`, `ADaM`, `table`, ...), name, what it is, its records or pages.

    lacking: what could not be made of it, told in the closing table. digest: of an output, of all it was made of.
    """

    kind: str
    name: str
    label: str
    amount: int
    unit: str
    lacking: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Summary:
    """What a build made; kept in its folder, so that a build that is up to date can say it again.

    profile: how many of the rules of its agency are checked.
    """

    cut: str
    digest: str
    products: tuple[Product, ...]
    errors: int
    warnings: int
    notes: int
    profile: str


@dataclass(frozen=True)
class Account:
    """What became of everything an export holds: rows by form and by record block, fields, values of coded fields."""

    forms: Sequence[FormAccount]
    blocks: Sequence[BlockCount]
    fields: Sequence[FieldUse]
    values: Sequence[ValueCount]
    cut: Sequence[CutLine] = ()


@dataclass(frozen=True)
class FormLine:
    """One line of the accounting of rows, as kept in a build."""

    form: str
    rows: int
    mapped: int
    by_key: int
    excluded: int
    reasons: str
    refused: int
    unaccounted: int


def write_summary(summary: Summary, path: Path) -> None:
    path.write_text(json.dumps(asdict(summary), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_summary(path: Path) -> Summary | None:
    """The summary in a build's folder; None if there is none, or another version of this package wrote it."""
    if not path.is_file():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    known = {f.name for f in fields(Product)}
    if data.keys() != {f.name for f in fields(Summary)} or any(p.keys() != known for p in data["products"]):
        return None
    products = tuple(Product(**p) for p in data.pop("products"))
    return Summary(products=products, **data)


FOUND = ("severity", "rule", "where", "places", "what", "value", "remedy")
"""Columns of findings.csv: one line a cause, with its first place and how many there are."""


PLACES = ("finding", "where", *(f.name for f in fields(Location)))
"""Columns of findings_places.csv: number of the line of findings.csv, the place as text, and its parts."""


def fold_findings(findings: Iterable[Finding]) -> list[tuple[Finding, list[Location]]]:
    """Findings by cause, in the order of the stages: the first of each, and every place where the same is said."""
    places: dict[tuple[str, ...], list[Location]] = {}
    first: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        cause = (finding.severity, finding.rule, finding.what, finding.value, finding.remedy)
        first.setdefault(cause, finding)
        places.setdefault(cause, []).append(finding.where)
    return [(finding, places[cause]) for cause, finding in first.items()]


def found_lines(findings: Iterable[Finding]) -> list[list[str]]:
    """Findings as lines of findings.csv."""
    return [
        [f.severity, f.rule, str(f.where), str(len(places)), f.what, f.value, f.remedy]
        for f, places in fold_findings(findings)
    ]


def write_findings(findings: Sequence[Finding], folder: Path) -> None:
    """`findings.csv`, a line a cause, and `findings_places.csv`, where each line (1 is the first) was found."""
    _write(folder / "findings.csv", FOUND, found_lines(findings))
    places = [(n, place) for n, (_, found) in enumerate(fold_findings(findings), 1) for place in found]
    _write(folder / "findings_places.csv", PLACES, ((n, str(p), *_parts(p)) for n, p in places))


def _parts(place: Location) -> Iterator[str]:
    yield from (str(part) if part else "" for part in astuple(place))


def read_findings(folder: Path) -> list[list[str]]:
    """The lines of `findings.csv` of a build, without the header."""
    with (folder / "findings.csv").open(encoding="utf-8", newline="") as file:
        return [[read_cell(cell) for cell in line] for line in list(csv.reader(file))[1:]]


def read_places(folder: Path) -> list[tuple[Location, list[str]]]:
    """Every place of every finding of a build, with the line of `findings.csv` that tells of it."""
    lines = read_findings(folder)
    found = []
    with (folder / "findings_places.csv").open(encoding="utf-8", newline="") as file:
        for told in csv.DictReader(file):
            parts: dict[str, Any] = {f.name: read_cell(told[f.name]) for f in fields(Location)}
            parts["row"] = int(parts["row"] or 0)
            found.append((Location(**parts), lines[int(told["finding"]) - 1]))
    return found


def write_accounting(account: Account, folder: Path) -> None:
    """`forms.csv`, `blocks.csv`, `fields.csv`, `values.csv`, `cut.csv`: what became of every row, field and value."""
    folder.mkdir()
    _write(
        folder / "forms.csv",
        ("form", "rows", "mapped", "by_key", "excluded", "reasons", "refused", "unaccounted"),
        (
            (f.form, f.rows, f.mapped, f.by_key, sum(f.excluded.values()), _shown(f.excluded), f.refused, f.unaccounted)
            for f in account.forms
        ),
    )
    _write(
        folder / "blocks.csv",
        ("dataset", "source", "block", "rows", "taken", "excluded", "reasons", "not_selected"),
        (
            (
                b.dataset,
                b.source,
                b.block,
                b.rows,
                b.taken,
                sum(b.excluded.values()),
                _shown(b.excluded),
                b.not_selected,
            )
            for b in account.blocks
        ),
    )
    _write(
        folder / "fields.csv",
        ("form", "field", "status", "used", "reason"),
        ((f.form, f.column, f.status, "; ".join(f.used), f.reason) for f in account.fields),
    )
    _write(
        folder / "values.csv",
        ("form", "field", "codelist", "collected", "submitted", "rows"),
        ((v.form, v.column, v.codelist, v.collected, v.submitted, v.rows) for v in account.values),
    )
    _write(
        folder / "cut.csv",
        ("dataset", "place", "what", "variable", "old", "new"),
        ((c.dataset, str(c.place), c.what, c.variable, c.old, c.new) for c in account.cut),
    )


def _shown(excluded: Mapping[str, int]) -> str:
    return "; ".join(f"{reason}: {n}" for reason, n in excluded.items())


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


def read_forms(folder: Path) -> list[FormLine]:
    """The lines of `forms.csv` in a build's accounting folder."""
    with (folder / "forms.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    counts = ("rows", "mapped", "by_key", "excluded", "refused", "unaccounted")
    return [FormLine(form=x["form"], reasons=x["reasons"], **{c: int(x[c]) for c in counts}) for x in lines]
