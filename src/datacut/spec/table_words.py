"""What a sentence says of a table of study.yml: the rows in which a cell has a value, told by another of them."""

from __future__ import annotations

from datacut.spec.study import StudyTable


def rows_said(table: StudyTable, told: str, by: str, value: str) -> str | None:
    """The cells of column `told` in the rows whose cell in column `by` is `value`, in order, each once.

    Cells that other rows have too, whose `by` is another value, name the rows that they are said of, or those they are
    not, by their first column, whichever are fewer; a row without a cell in `by` says nothing. Words of the table stand
    for its cells. None if there is no such column, or no row has the value.
    """
    if told not in table.columns or by not in table.columns:
        return None
    first = next(iter(table.columns))
    answers: dict[str, dict[str, bool]] = {}
    for row in table.rows:
        if row.get(by):
            answers.setdefault(row[told], {})[row[first]] = row[by] == value
    alike: dict[str, list[str]] = {}
    for cell, rows in answers.items():
        if any(rows.values()):
            alike.setdefault(_limits(table, rows), []).append(_word(table, cell))
    return "; ".join(", ".join(cells) + limits for limits, cells in alike.items()) or None


def _limits(table: StudyTable, answers: dict[str, bool]) -> str:
    of = [_word(table, name) for name, holds in answers.items() if holds]
    not_of = [_word(table, name) for name, holds in answers.items() if not holds]
    if not not_of:
        return ""
    return f" (not of {', '.join(not_of)})" if len(not_of) <= len(of) else f" (of {', '.join(of)} alone)"


def _word(table: StudyTable, cell: str) -> str:
    return table.words.get(cell, cell)
