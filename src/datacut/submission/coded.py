"""Codelists that no spec gives because the data have them: short codes beside names, numbers beside texts, flags."""

from __future__ import annotations

from typing import Final

import pandas as pd

from datacut.datasets.model import Dataset, Variable, value_text
from datacut.submission.codelists import CodelistBook

MOST_TERMS: Final = 150
"""More values than that are no codes."""
_NAMED: Final = (("PARAMCD", "PARAM"), ("PARAMN", "PARAM"), ("TESTCD", "TEST"))
_NOT_CODED: Final = ("STRESN", "SEQN")
NO_YES: Final = "C66742"


def coded_by_data(dataset: Dataset, variable: Variable, book: CodelistBook, type_: str, *, adam: bool) -> str | None:
    """OID of the codelist of a variable whose values are codes by what stands beside them; None if they are not.

    The name of a test or parameter is the decode of its code, a text `X` that of the number `XN`; a flag of ADaM is of
    the standard list of yes and no.
    """
    name, frame = variable.name, dataset.frame
    if frame[name].isna().all():
        return None
    if adam and name.endswith("FL") and set(frame[name].dropna()) <= {"Y", "N"}:
        return book.use(book.name_of(NO_YES), sorted(frame[name].dropna().unique()))
    decode = _decode_of(name, set(frame.columns))
    if decode is not None:
        terms = _pairs(frame, name, decode)
        return book.own(dataset.name, name, terms, type_) if terms else None
    number = f"{name}N"
    if adam and variable.type == "text" and number in frame.columns and not number.endswith(_NOT_CODED):
        pairs = _pairs(frame, number, name)
        return book.own(dataset.name, name, [(text, "") for _, text in pairs], type_) if pairs else None
    return None


def _decode_of(name: str, columns: set[str]) -> str | None:
    """The variable whose value is what a code means."""
    for code, text in _NAMED:
        if name.endswith(code) and (found := name.removesuffix(code) + text) in columns:
            return found
    is_number = name.endswith("N") and not name.endswith(_NOT_CODED)
    return name[:-1] if is_number and name[:-1] in columns else None


def _pairs(frame: pd.DataFrame, code: str, decode: str) -> list[tuple[str, str]]:
    """Code and decode of each value, in the order of the codes; none where the two are not one to one."""
    found = frame[[code, decode]].dropna().drop_duplicates().sort_values(code)
    single = found[code].is_unique and found[decode].is_unique and frame[code].notna().equals(frame[decode].notna())
    if not single or len(found) > MOST_TERMS:
        return []
    return [(value_text(c), value_text(d)) for c, d in found.itertuples(index=False)]
