"""Define-XML 2.1 of one stage, from its specs and built datasets.

Every definition is made when something first refers to it, so that none is unused and none is missing. The document is
the same for the same specs and data: its date is that of the data cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

import datacut
from datacut.datasets.model import Dataset
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.submission.datasets import DatasetWriter
from datacut.submission.items import ACRF
from datacut.submission.xml import Element, make, make_text, to_bytes

VERSION = "2.1.0"
STYLESHEET = "define2-1.xsl"


def build_define(specs: Specs, plans: Plans, datasets: Mapping[str, Dataset], cut: str, *, adam: bool) -> Element:
    """The `ODM` element of a stage; cut: its date (ISO 8601)."""
    writer = DatasetWriter(specs, plans, adam=adam)
    groups = [writer.group(d) for d in _in_order(datasets)]
    books = writer.books
    leafs = [_acrf()] if books.cites_crf else []
    codelists = books.codelists.elements()
    study, title = specs.study, "ADaM" if adam else "SDTM"
    version = make(
        "MetaDataVersion",
        {
            "OID": f"MDV.{study.study}.{title}",
            "Name": f"Study {study.study}, {title}",
            "Description": f"{title} data definitions of study {study.study}, data cut {cut}",
            "def:DefineVersion": VERSION,
        },
        books.standards.element(),
        make("def:AnnotatedCRF", None, make("def:DocumentRef", {"leafID": ACRF})) if leafs else None,
        *books.value_lists,
        *books.where_clauses.elements(),
        *groups,
        *books.items,
        *codelists,
        *books.methods.elements(),
        *books.comments.elements(),
        *leafs,
    )
    names = make(
        "GlobalVariables",
        None,
        make_text("StudyName", study.study),
        make_text("StudyDescription", study.title),
        make_text("ProtocolName", study.protocol),
    )
    attributes = {
        "FileType": "Snapshot",
        "FileOID": f"{study.study}.{title}.{cut}",
        "ODMVersion": "1.3.2",
        "CreationDateTime": f"{cut}T00:00:00",
        "Originator": study.sponsor or None,
        "SourceSystem": "datacut",
        "SourceSystemVersion": datacut.__version__,
        "def:Context": "Submission",
    }
    return make("ODM", attributes, make("Study", {"OID": f"STUDY.{study.study}"}, names, version))


def is_dated(cut: str) -> bool:
    """Whether a cut is named by its date; a document of another cut would have none."""
    try:
        return date.fromisoformat(cut).isoformat() == cut
    except ValueError:
        return False


def write_define(
    specs: Specs, plans: Plans, datasets: Mapping[str, Dataset], cut: str, folder: Path, *, adam: bool
) -> Path:
    """Write `define.xml` and its stylesheet into the folder of the datasets; returns the file."""
    path = folder / "define.xml"
    path.write_bytes(to_bytes(build_define(specs, plans, datasets, cut, adam=adam), STYLESHEET))
    style = files("defineutils").joinpath("definehtml", STYLESHEET)
    (folder / STYLESHEET).write_bytes(style.read_bytes())
    return path


def _in_order(datasets: Mapping[str, Dataset]) -> list[Dataset]:
    """Alphabetical, SUPP-- behind all others; ADSL first."""
    return [datasets[n] for n in sorted(datasets, key=lambda n: (n != "ADSL", n.startswith("SUPP"), n))]


def _acrf() -> Element:
    return make("def:leaf", {"ID": ACRF, "xlink:href": "acrf.pdf"}, make_text("def:title", "Annotated CRF"))
