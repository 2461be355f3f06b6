"""D10: the data are as the document says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from datacut.conformance.define_document import DEF, ODM, DefineDocument, Element, Use, description, terms_of
from datacut.datasets.model import Dataset, record_key
from datacut.errors import Finding, in_file, rule

SHOWN = 5
PATTERNS = {
    "integer": re.compile(r"-?\d+"),
    "float": re.compile(r"-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"),
    "time": re.compile(r"\d\d:\d\d:\d\d"),
    "partialDate": re.compile(r"\d{4}(-\d\d(-\d\d)?)?"),
    "partialDatetime": re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?"),
    "incompleteDatetime": re.compile(
        r"(\d{4}|-)(-(\d\d|-)(-(\d\d|-)(T(\d\d|-)(:(\d\d|-)(:(\d\d(\.\d+)?|-))?)?([+-]\d\d:\d\d|Z)?)?)?)?"
    ),
    "durationDatetime": re.compile(r"[-+]?P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?"),
}
"""What a value of a type looks like; text may be anything."""
NUMERIC = ("integer", "float")
DATE_FORMATS = ("DATE", "TIME")
"""What the display format of a number begins with that is a date or time in the data."""


def check_data(document: DefineDocument) -> Iterator[Finding]:
    """D10: datasets, variables and order, labels, types, lengths, terms, keys."""
    for name in sorted(document.datasets.keys() - document.groups.keys()):
        yield rule("define.data.dataset").finding(in_file(document.shown, key=name), name, "built and not defined")
    for name, group in document.groups.items():
        dataset = document.datasets.get(name)
        if dataset is None:
            yield document.broken("define.data.dataset", group, name, "defined and not built")
            continue
        if description(group) and description(group) != dataset.label:
            yield document.broken("define.data.label", group, description(group), dataset.label)
        yield from _variables(document, group, dataset)
        yield from _keys(document, group, dataset)
    for use in document.uses:
        if use.dataset in document.datasets:
            yield from _values(document, use)


def _variables(document: DefineDocument, group: Element, dataset: Dataset) -> Iterator[Finding]:
    refs = document.variables[dataset.name]
    ordered = sorted(refs, key=lambda pair: int(pair[0].get("OrderNumber", "0")))
    stated = [item.get("Name", "") for _, item in ordered]
    built = [v.name for v in dataset.variables]
    if stated != built:
        first = next((s or b for s, b in zip(stated, built, strict=False) if s != b), "")
        differ = sorted(set(stated) ^ set(built))
        detail = f"only in one: {', '.join(differ[:SHOWN])}" if differ else "another order"
        yield document.broken("define.data.variables", group, first or ", ".join(differ[:SHOWN]), detail)
    labels = {v.name: v.label for v in dataset.variables}
    for _, item in refs:
        name, label = item.get("Name", ""), description(item)
        if label and name in labels and label != labels[name]:
            yield document.broken("define.data.label", item, label, labels[name])


def _values(document: DefineDocument, use: Use) -> Iterator[Finding]:
    item = use.item
    variable = next((v for v in document.datasets[use.dataset].variables if v.name == item.get("Name")), None)
    if variable is None:
        return
    values = sorted(use.values)
    type_ = item.get("DataType", "")
    dated = variable.type in ("date", "datetime", "time")
    if dated:
        shown = item.get(f"{DEF}DisplayFormat", "")
        if type_ not in NUMERIC or not shown.startswith(DATE_FORMATS):
            yield document.broken("define.data.type", item, f"{type_} {shown}".strip(), "a date without a date format")
        return
    pattern = PATTERNS.get(type_)
    if wrong := [v for v in values if pattern is not None and not pattern.fullmatch(v)]:
        yield document.broken("define.data.type", item, ", ".join(wrong[:SHOWN]), type_)
    length = item.get("Length", "")
    longest = max(values, key=_size, default="")
    if length.isdigit() and type_ == "text" and _size(longest) > int(length):
        yield document.broken("define.data.length", item, longest, f"{_size(longest)} > {length}")
    if (
        length.isdigit()
        and type_ in NUMERIC
        and (whole := max([len(_whole(v)) for v in values], default=0)) > int(length)
    ):
        yield document.broken("define.data.length", item, longest, f"{whole} > {length}")
    codelist = document.codelist_of(item)
    if codelist is not None and codelist.find(f"{ODM}ExternalCodeList") is None:
        known = {t.get("CodedValue") for t in terms_of(codelist)}
        if outside := [v for v in values if v not in known]:
            yield document.broken("define.data.terms", item, ", ".join(outside[:SHOWN]), codelist.get("OID", ""))


def _keys(document: DefineDocument, group: Element, dataset: Dataset) -> Iterator[Finding]:
    keyed = [(int(r.get("KeySequence", "0")), i.get("Name", "")) for r, i in document.variables[dataset.name]]
    keys = [name for place, name in sorted(keyed) if place and name in dataset.frame.columns]
    twice: pd.Series = dataset.frame.duplicated(keys) if keys else pd.Series(dtype=bool)
    if twice.any():
        rows = dataset.frame[twice]
        yield document.broken("define.data.keys", group, record_key(rows, tuple(keys), 0), f"{len(rows)} records")


def _size(value: str) -> int:
    return len(value.encode())


def _whole(number: str) -> str:
    """The part of a number before the decimal point, sign included: what no rounding can take away."""
    return "" if "e" in number else number.partition(".")[0]
