"""Every output of a build: results, then a display, then pages, then files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from datacut.ard.build import build_ard
from datacut.datasets.ard import check_ard, concat_ard
from datacut.datasets.model import Dataset
from datacut.datasets.parquet import write_frame
from datacut.errors import Findings, SpecError
from datacut.pipeline.report import Product
from datacut.pipeline.specs import Bound
from datacut.spec.output import OutputSpec
from datacut.tlf.build import build_output
from datacut.tlf.paginate import paginate
from datacut.tlf.render_html import render_html
from datacut.tlf.render_rtf import render_rtf

RENDERERS = {"rtf": render_rtf, "html": render_html}
"""A format is a pure function of the Layout: DOCX and PDF are one more entry each."""


def write_outputs(
    bound: Bound, adam: Mapping[str, Dataset], cut: str, folder: Path, findings: Findings
) -> list[Product]:
    """Write `tlf/<id>.<format>` and `ard.parquet`. An output that cannot be made is a finding; the others are made."""
    specs = bound.specs
    frames = {name: dataset.frame for name, dataset in adam.items()}
    products: list[Product] = []
    results: list[pd.DataFrame] = []
    for name, spec in specs.outputs.items():
        if not spec.holds(specs.settings):
            continue
        not_made = Product(str(spec.kind), name, spec.title, "not made, see findings")
        if name in bound.faulty_outputs:
            products.append(not_made)
            continue
        try:
            products.append(_write_output(bound, spec, frames, cut, folder, findings, results))
        except SpecError as fault:
            findings.extend(fault.findings)
            products.append(not_made)
    if results:
        whole = concat_ard(results)
        findings.extend(check_ard(whole))
        write_frame(whole, folder / "ard.parquet")
    return products


def _write_output(
    bound: Bound,
    spec: OutputSpec,
    frames: Mapping[str, pd.DataFrame],
    cut: str,
    folder: Path,
    findings: Findings,
    results: list[pd.DataFrame],
) -> Product:
    specs = bound.specs
    made = build_ard(spec, specs.library, specs.study, frames, bound.registry, specs.codelists)
    findings.extend(made.findings)
    results.append(made.ard)
    taken = next((c for c in specs.study.cuts.values() if c.date == cut), None)
    built = build_output(made.spec, specs.library, specs.study, made.ard, taken)
    layout, faults = paginate(built.display)
    findings.extend(faults)
    place = folder / "tlf"
    place.mkdir(exist_ok=True)
    for extension, render in RENDERERS.items():
        (place / f"{built.id}.{extension}").write_text(render(layout), encoding="utf-8", newline="\n")
    for part, drawn in built.drawn.items():
        drawn.to_csv(place / f"{built.id}-{part}.csv", index=False, lineterminator="\n")
    pages = len(layout.pages)
    return Product(str(made.spec.kind), built.id, made.spec.title, f"{pages} page{'s' if pages > 1 else ''}")
