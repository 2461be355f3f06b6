"""RELREC: which records of two domains belong together, from numbers that a site typed (SDTMIG 3.4 section 8.2)."""

from __future__ import annotations

import re
from collections.abc import Hashable

import pandas as pd

from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import Severity
from datacut.sdtm.collected import clean_text, typed_list
from datacut.spec.registry import Column, Source, SourceColumn, verb

_COLUMNS = ("STUDYID", "USUBJID", "RDOMAIN", "IDVAR", "IDVARVAL", "RELID")


@verb(
    "records",
    reads=("STUDYID", "USUBJID", "DOMAIN"),
    writes=_COLUMNS,
    says=("one relation for each record of the domain and the records of {source} whose {by} it names in {named}"),
)
def relate(
    dataset: pd.DataFrame,
    record: Column,
    named: Column,
    source: Source,
    other: SourceColumn,
    by: SourceColumn,
    context: Context,
) -> NewRecords:
    """One relation for each record that names records of `source`: the record and those it names share RELID.

    named: column that holds the numbers as typed (`1; 3`, `1,3`, `1、3`); by: column of `source` that holds the number;
    record, other: --SEQ of the two domains, for IDVAR and IDVARVAL. What is no number, and a number that no record of
    the subject has, is a warning finding.
    """
    numbered: dict[tuple[str, int | None], list[dict[Hashable, object]]] = {}
    for item in source.dropna(subset=["USUBJID", by, other]).to_dict("records"):
        number = _number(str(item[by]))
        if number is not None:
            numbered.setdefault((str(item["USUBJID"]), number), []).append(item)
    rows: list[tuple[str, ...]] = []
    parents: list[tuple[int, object, object]] = []
    texts = clean_text(dataset[named])
    for index, own in zip(dataset.index, dataset.to_dict("records"), strict=True):
        parts = " ".join(typed_list(texts[index])).split() if pd.notna(texts[index]) else []
        found = {p: numbered.get((str(own["USUBJID"]), _number(p))) for p in parts}
        _report_missed(dataset, index, named, [p for p, records in found.items() if not records], source, context)
        related = [r for records in found.values() for r in records or ()]
        for item in (own, *related) if related else ():
            column = other if item is not own else record
            relation = f"{related[0]['DOMAIN']}{own['DOMAIN']}{own[record]}"
            if item is not own:
                parents.append((len(rows), item[RID], item["DOMAIN"]))
            parents.append((len(rows), own[RID], pd.NA))
            subject = (str(own["STUDYID"]), str(own["USUBJID"]))
            rows.append((*subject, str(item["DOMAIN"]), column, str(item[column]), relation))
    made = pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")
    edges = pd.DataFrame(parents, columns=["position", "parent", "source"])
    return NewRecords(made, edges.astype({"position": "int64", "parent": "Int64", "source": "str"}))


def _number(text: str) -> int | None:
    """The number a text is; None agrees with no record."""
    return int(text) if re.fullmatch(r"[0-9]+", text) else None


def _report_missed(
    dataset: pd.DataFrame, index: int, named: str, missed: list[str], source: pd.DataFrame, context: Context
) -> None:
    if not missed:
        return
    domain = source["DOMAIN"].iloc[0] if len(source) else "such"
    context.report(
        dataset,
        [index],
        named,
        "sdtm.relate",
        f"names {', '.join(missed)}, which no {domain} record of the subject has as its number",
        remedy="Query the site; the relation is left out.",
        severity=Severity.WARNING,
    )
