"""Which records are meant: by a key that a user writes, or by the key and the condition of a call."""

from __future__ import annotations

from typing import Any

import numpy as np

from datacut.datasets.model import value_text
from datacut.errors import DatacutError, InputError, nearest
from datacut.history.stored import MISSING, RAW, SUBJECT, SUBJECTS, Stored
from datacut.spec.where import parse_where

type Json = dict[str, Any]


def find_record(stored: Stored, dataset: str, wanted: str) -> list[int]:
    """The records of a dataset that a key means: a number `#12`, or parts separated by `|`, each a value of the record.

    A part is a value of a key variable, or the end of one after `-`, so that `101-005` is a participant. InputError
    where there is none, with the nearest key.
    """
    stored.require(dataset)
    frame = stored.frame(dataset)
    if wanted.startswith("#") and wanted[1:].isdigit():
        if not 1 <= int(wanted[1:]) <= len(frame):
            raise InputError(f"{dataset} has no record {wanted}: it has {len(frame)}.")
        return [int(wanted[1:])]
    about = stored.how(dataset)
    keys = [k for k in (about["keys"] if about else ("USUBJID", "IDVARVAL", "QNAM")) if k in frame.columns]
    extra = [c for c in ("SUBJID", "PARAMCD", "AVISIT", "DTYPE") if c in frame.columns and c not in keys]
    texts = {name: frame[name].map(value_text).astype(str) for name in (*keys, *extra)}
    rows = np.ones(len(frame), dtype=bool)
    for part in wanted.split("|"):
        met = np.zeros(len(frame), dtype=bool)
        for name, values in texts.items():
            met |= values.eq(part).to_numpy(dtype=bool)
            if name == SUBJECT:
                met |= values.str.endswith(f"-{part}").to_numpy(dtype=bool)
        rows &= met
    found: list[int] = [int(n) for n in np.flatnonzero(rows) + 1]
    if not found:
        names = [stored.key(dataset, n) for n in range(1, len(frame) + 1)]
        people = stored.frame(SUBJECTS)["SUBJID"] if SUBJECTS in stored.datasets else ()
        raise InputError(f"{dataset} has no record with the key {wanted}. {nearest(wanted, [*names, *people])}")
    return found


def require_variable(stored: Stored, dataset: str, variable: str) -> None:
    """Raise InputError where a dataset has no such variable."""
    stored.require(dataset)
    about = stored.how(dataset)
    known = [*stored.frame(dataset).columns, *(about["columns"] if about else ())]
    if variable not in known:
        raise InputError(f"{dataset} has no variable {variable}. {nearest(variable, known)}")


def matching(stored: Stored, about: Json, source: str, dataset: str, record: int) -> tuple[list[int], list[str]]:
    """The numbers of the source records that have the key of a record and satisfy the condition, and what is said
    of them. A condition on columns that are not kept is left out, and so said.
    """
    frame = stored.frame(source)
    ours, theirs = about.get("by", []), about.get("source_by", [])
    if not ours and SUBJECT in frame.columns:
        ours = theirs = [SUBJECT]
    rows = np.ones(len(frame), dtype=bool)
    said = []
    for own, other in zip(ours, theirs, strict=True):
        if other not in frame.columns:
            continue
        if own not in stored.frame(dataset).columns:
            continue
        at = stored.place(dataset, record)
        wanted = stored.texts(dataset, own)[at]
        rows &= stored.texts(source, other) == wanted
        said.append(f"{other} = {wanted or MISSING}")
    for condition in about.get("source_where", ()):
        try:
            rows &= stored.inside(source, parse_where(condition))
            said.append(condition)
        except DatacutError:
            said.append(f"{condition} (not judged: a column of it is not kept)")
    labels = frame.index[rows] if source.startswith(RAW) else np.flatnonzero(rows) + 1
    return [int(n) for n in labels], said
