"""Who a raw row is from one transfer to the next: form, record id of the system, occurrence."""

from __future__ import annotations

import hashlib

import pandas as pd

from datacut.spec.crf import CrfForm, System

RECORD = "record"
"""Column of an identity: the record id, or the keys where there is none."""
OCCURRENCE = "occurrence"
"""Column of an identity: 1 for the first row of a record id in its file, 2 for the next."""


def identify(frame: pd.DataFrame, form: CrfForm, system: System) -> pd.DataFrame:
    """Identity of the rows of one form, in which no two are equal: `record` (text), `occurrence` (Int64).

    frame: the form as read, columns in text, in the order of its file; read: the column that its system declares as
    `record`, and the form's `keys`. Index as `frame`. Blanks at the ends of an id do not count. A row whose id is
    blank, or whose system has none, is known by its keys (`SUBJID=101-001|FORMSEQ=3`), and by nothing where these are
    blank too: `record` is then blank. Rows of one record are numbered in the order of the file, so that an occurrence
    above 1 is as stable as this order.
    """
    record = pd.Series("", index=frame.index, dtype="str")
    if system.record is not None:
        record = _plain(frame[system.record])
    nameless = record.eq("")
    if form.keys and nameless.any():
        keys = pd.Series("", index=frame.index, dtype="str")
        for number, key in enumerate(form.keys):
            keys += ("|" if number else "") + f"{key}=" + _plain(frame[key])
        record = record.mask(nameless & ~frame[list(form.keys)].isna().all(axis=1), keys)
    occurrence = (record.groupby(record, sort=False).cumcount() + 1).astype("Int64")
    return pd.DataFrame({RECORD: record, OCCURRENCE: occurrence})


def digest_fields(frame: pd.DataFrame) -> pd.DataFrame:
    """A number for each value of each column (Int64), equal for equal texts and missing where there is none.

    So that two exports can be compared when the earlier one is no longer there. Blanks at the ends do not count. It is
    31 bits of SHA-256: of two thousand million different values one is taken for the same.
    """

    def number(text: str) -> int:
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1

    columns = {}
    for name in frame.columns:
        plain = _plain(frame[name])
        known = {text: number(text) for text in plain.unique() if text}
        columns[name] = plain.map(known).astype("Int64")
    return pd.DataFrame(columns, index=frame.index)


def unsure(frame: pd.DataFrame, identity: pd.DataFrame, system: System) -> pd.Series:
    """Rows whose record id does not tell them from others: it is blank, or stands on another row of the file.

    Where the system has no record id, those whose keys do not. A mask with the index of `frame`.
    """
    record = identity[RECORD]
    blank = record.eq("") if system.record is None else _plain(frame[system.record]).eq("")
    return blank | record.duplicated(keep=False)


def _plain(values: pd.Series) -> pd.Series:
    return values.fillna("").str.strip()
