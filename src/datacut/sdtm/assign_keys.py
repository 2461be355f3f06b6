"""Mapping verbs for identifiers: values joined, taken apart or written in another shape."""

from __future__ import annotations

import re

import pandas as pd

from datacut.engine.context import Context
from datacut.sdtm.collected import clean_text, to_submission
from datacut.spec.registry import Column, Columns, verb


@verb(
    "mapping",
    says="{prefix:plain}{parts} joined by {sep}{suffix:plain}",
)
def paste(raw: pd.DataFrame, parts: Columns, prefix: str = "", sep: str = "-", suffix: str = "") -> pd.Series:
    """`prefix`, the values of the columns joined by `sep`, and `suffix`; missing if any of the values is missing."""
    out = clean_text(raw[parts[0]])
    for name in parts[1:]:
        out = out + sep + clean_text(raw[name])
    return (prefix + out + suffix).astype("str")


@verb(
    "mapping",
    says="the part of {column} that matches {pattern}",
)
def assign_part(raw: pd.DataFrame, column: Column, pattern: str, context: Context) -> pd.Series:
    r"""The first group of the regular expression `pattern` in the collected value; no match is an error finding."""
    found = clean_text(raw[column]).str.extract(pattern, expand=False).astype("str")
    _report_missed(raw, column, found, pattern, context)
    return to_submission(raw, column, found, context)


@verb(
    "mapping",
    says="{column} written as {template}",
)
def assign_rewritten(raw: pd.DataFrame, column: Column, pattern: str, template: str, context: Context) -> pd.Series:
    r"""The collected value in another shape: `template` with the groups of the regular expression `pattern`.

    `pattern="(\d{3})(\d{3})"`, `template="\1-\2"` makes 101-001 of 101001. A value that the pattern does not fit as a
    whole is an error finding and becomes missing.
    """
    shape = re.compile(pattern)
    texts = clean_text(raw[column])
    known = {t: m.expand(template) for t in texts.dropna().unique() if (m := shape.fullmatch(t))}
    found = texts.map(known).astype("str")
    _report_missed(raw, column, found, pattern, context)
    return found


def _report_missed(raw: pd.DataFrame, column: str, found: pd.Series, pattern: str, context: Context) -> None:
    missed = clean_text(raw[column]).notna() & found.isna()
    context.report(
        raw, missed, column, "sdtm.pattern", f"the value does not look like {pattern}", remedy="Query the source."
    )
