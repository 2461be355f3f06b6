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
from datacut.submission.define_page import render_define
from datacut.submission.items import ACRF
from datacut.submission.supplement import NAME, write_supplement
from datacut.submission.texts import SUPPLEMENT
from datacut.submission.xml import Element, make, make_text, to_bytes

VERSION = "2.1.0"
STYLESHEET = "define2-1.xsl"


def build_define(specs: Specs, plans: Plans, datasets: Mapping[str, Dataset], cut: str, *, adam: bool) -> Element:
    """The `ODM` element of a stage; cut: its date (ISO 8601)."""
    writer = DatasetWriter(specs, plans, adam=adam)
    groups = [writer.group(d) for d in _in_order(datasets)]
    books = writer.books
    crf = make("def:DocumentRef", {"leafID": ACRF})
    supplement = make("def:DocumentRef", {"leafID": SUPPLEMENT})
    leafs = [_leaf(ACRF, "acrf.pdf", "Annotated CRF")] if books.cites_crf else []
    leafs.append(_leaf(SUPPLEMENT, NAME, "Tables of methods, and how methods are read"))
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
        make("def:AnnotatedCRF", None, crf) if books.cites_crf else None,
        make("def:SupplementalDoc", None, supplement),
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
    """Write `define.xml`, its stylesheet, `define.html` and the supplement beside the datasets; returns the first."""
    path = folder / "define.xml"
    root = build_define(specs, plans, datasets, cut, adam=adam)
    path.write_bytes(to_bytes(root, STYLESHEET))
    (folder / "define.html").write_bytes(render_define(root))
    style = files("defineutils").joinpath("definehtml", STYLESHEET)
    (folder / STYLESHEET).write_bytes(style.read_bytes())
    title = f"Study {specs.study.study}, {'ADaM' if adam else 'SDTM'}: tables of methods"
    (folder / NAME).write_bytes(write_supplement(specs, title, cut))
    return path


def _in_order(datasets: Mapping[str, Dataset]) -> list[Dataset]:
    """Alphabetical, SUPP-- behind all others; ADSL first."""
    return [datasets[n] for n in sorted(datasets, key=lambda n: (n != "ADSL", n.startswith("SUPP"), n))]


def _leaf(id_: str, file: str, title: str) -> Element:
    return make("def:leaf", {"ID": id_, "xlink:href": file}, make_text("def:title", title))
