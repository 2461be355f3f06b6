"""The checks of a Define-XML file, D01 to D10: it is read as a reviewer gets it, beside the datasets it describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lxml import etree

from datacut.conformance.define_codelists import check_codelists
from datacut.conformance.define_data import check_data
from datacut.conformance.define_document import DefineDocument
from datacut.conformance.define_groups import check_groups, check_standards
from datacut.conformance.define_items import check_items, check_mandatory, check_methods, check_origins
from datacut.conformance.define_schema import check_references, check_root, check_schema
from datacut.conformance.define_values import check_values
from datacut.datasets.model import Dataset
from datacut.errors import Finding, in_file, rule

CHECKS: tuple[Callable[[DefineDocument], Iterator[Finding]], ...] = (
    check_schema,
    check_references,
    check_root,
    check_standards,
    check_groups,
    check_items,
    check_mandatory,
    check_origins,
    check_methods,
    check_values,
    check_codelists,
    check_data,
)


def check_define(path: Path, shown: str, datasets: Mapping[str, Dataset]) -> list[Finding]:
    """Every finding of one define.xml against the datasets of its stage; shown: the file as messages name it."""
    try:
        document = DefineDocument(path, shown, datasets)
    except (OSError, etree.XMLSyntaxError) as fault:
        return [rule("define.schema").finding(in_file(shown), detail=f"it cannot be read: {fault}")]
    return [finding for check in CHECKS for finding in check(document)]
