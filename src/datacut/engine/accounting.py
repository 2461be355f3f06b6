"""What became of every row of every form: mapped, left out by a named rule, or unaccounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from datacut.engine.context import FILE, ROW
from datacut.engine.use import Accounting, RowUse
from datacut.errors import Findings, in_file
from datacut.spec.accounting import FieldUse
from datacut.spec.crf import CrfForm
from datacut.spec.load import Specs

NOTHING_ENTERED = "nothing was entered on the form"
COLUMN_MISSING = "a column of the form is missing from the file, as its finding says"
SHOWN = 20
"""Rows named per form; the rest is counted in one more finding."""


@dataclass(frozen=True)
class FormAccount:
    """The rows of one form, every one of them in exactly one place.

    refused: rows the reader could not take; mapped: rows of which a record was made; by_key: rows of a form that other
    records only take values from; excluded: rows left out, by reason; unaccounted: all others.
    """

    form: str
    refused: int
    mapped: int
    by_key: int
    excluded: Mapping[str, int] = field(default_factory=dict)
    unaccounted: int = 0

    @property
    def rows(self) -> int:
        """Rows in the file."""
        return self.refused + self.mapped + self.by_key + sum(self.excluded.values()) + self.unaccounted


def account_forms(
    specs: Specs,
    sources: Mapping[str, pd.DataFrame],
    stages: Iterable[Accounting],
    fields: Iterable[FieldUse],
    findings: Findings,
) -> list[FormAccount]:
    """One account a form, in the order of the specs; a row that is nowhere is an error finding with its place.

    Two rules are the engine's own: a row on which no field was filled is left out, and so are, where the file lacks a
    column of the form, the rows of which nothing was made for that (the missing column is a finding already).
    sources: `raw.<form>` as read; stages: what each stage did; fields: tells the forms that are only read by key.
    """
    stages = list(stages)
    read = {use.form for use in fields if use.used}
    refused = _counted(findings, ("raw.row.cells",))
    lacking = _counted(findings, ("raw.column.missing", "raw.column.misspelt"))
    accounts = []
    for name, form in specs.forms.items():
        frame = sources[f"raw.{name}"]
        uses = [s.rows[f"raw.{name}"] for s in stages if f"raw.{name}" in s.rows]
        account, left = _account(form, frame, uses, is_read=name in read, refused=refused.get(form.filename, 0))
        if form.filename in lacking and left.any():
            account = replace(
                account, excluded={**account.excluded, COLUMN_MISSING: account.unaccounted}, unaccounted=0
            )
        else:
            _report(frame[left], findings)
        accounts.append(account)
    return accounts


def _account(
    form: CrfForm, frame: pd.DataFrame, uses: list[RowUse], *, is_read: bool, refused: int
) -> tuple[FormAccount, np.ndarray]:
    """The account of a form, and which of its rows are unaccounted for."""
    left = np.ones(len(frame), dtype=bool)
    mapped = sum(_take(left, use.mapped) for use in uses)
    excluded: dict[str, int] = {}
    for reason, rows in _reasons(form, frame, uses):
        taken = _take(left, rows)
        if taken:
            excluded[reason] = excluded.get(reason, 0) + taken
    by_key = _take(left, np.ones(len(frame), dtype=bool)) if is_read and not uses else 0
    return FormAccount(form.form, refused, mapped, by_key, excluded, int(left.sum())), left


def _take(left: np.ndarray, rows: np.ndarray) -> int:
    """How many of the rows still `left` are among `rows`; they are taken off."""
    taken = left & rows
    left &= ~taken
    return int(taken.sum())


def _reasons(form: CrfForm, frame: pd.DataFrame, uses: list[RowUse]) -> Iterator[tuple[str, np.ndarray]]:
    if form.not_submitted and not uses:
        yield form.not_submitted, np.ones(len(frame), dtype=bool)
    for use in uses:
        for reason in dict.fromkeys(r for r in use.reason if r):
            yield reason, use.reason == reason
    filled = [c for c in form.fields if c in frame.columns]
    yield NOTHING_ENTERED, frame[filled].isna().all(axis=1).to_numpy(dtype=bool)


def _report(rows: pd.DataFrame, findings: Findings) -> None:
    remedy = "Map it, or leave it out by an exclude: rule with a reason, in specs/sdtm."
    for file, line in zip(rows[FILE][:SHOWN], rows[ROW][:SHOWN], strict=True):
        findings.error("accounting.row", in_file(file, line), "no record is made of this row", remedy=remedy)
    if len(rows) > SHOWN:
        file, more = rows[FILE].iloc[0], len(rows) - SHOWN
        findings.error("accounting.row", in_file(file), f"no record is made of {more} more rows", remedy=remedy)


def _counted(findings: Findings, rules: tuple[str, ...]) -> dict[str, int]:
    """How many findings of these rules there are, by file name."""
    counts: dict[str, int] = {}
    for finding in findings:
        if finding.rule in rules:
            name = finding.where.file.rpartition("/")[2]
            counts[name] = counts.get(name, 0) + 1
    return counts
