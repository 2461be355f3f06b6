"""The output specs of the study: no fault without data, and complete empty pages where no record is there."""

import importlib
import pkgutil
from pathlib import Path

import pandas as pd
import pytest

import datacut.ard
from datacut.ard.build import build_ard
from datacut.ard.check import Known, check_output
from datacut.datasets.ard import check_ard
from datacut.datasets.model import DTYPES
from datacut.errors import Location
from datacut.spec.document import Loc
from datacut.spec.load import Specs, load_specs
from datacut.spec.registry import Registry
from datacut.spec.resolve import resolve_dataset
from datacut.tlf.build import build_output
from datacut.tlf.paginate import paginate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(ROOT)


@pytest.fixture(scope="module")
def registry() -> Registry:
    made = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        made.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    return made


def test_no_output_has_a_fault(specs: Specs, registry: Registry) -> None:
    columns = {n: [v.name for v in resolve_dataset(s, adam=True).variables] for n, s in specs.adam.items()}
    known = Known(specs.library, specs.study, registry, columns, tuple(specs.codelists))
    found = []
    for name, spec in specs.outputs.items():

        def locate(loc: Loc, name: str = name) -> Location:
            return specs.where(f"tlf/{name}", loc)

        found += check_output(spec, known, locate)
    assert [str(f) for f in found] == []


def test_outputs_without_any_data_are_complete_empty_pages(specs: Specs, registry: Registry) -> None:
    frames = {
        name: pd.DataFrame(
            {v.name: pd.Series(dtype=DTYPES[v.type]) for v in resolve_dataset(spec, adam=True).variables}
        )
        for name, spec in specs.adam.items()
    }
    assert len(specs.outputs) >= 14
    for spec in specs.outputs.values():
        results = build_ard(spec, specs.library, specs.study, frames, registry, specs.codelists)
        assert results.empty
        assert check_ard(results.ard) == []
        made = (results.ard, results.records)
        output = build_output(results.spec, specs.library, specs.study, *made, specs.study.cuts["cut1"])
        layout, findings = paginate(output.display)
        assert findings == []
        for page in layout.pages:
            assert page.message == ("No data to report",)
            assert page.footnotes
