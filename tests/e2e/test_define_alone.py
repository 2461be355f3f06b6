"""Variables derived once more from `define.xml`, its supplement and the transport files alone, with pandas.

What derives them (`define_alone`) knows nothing of the engine: every number, code, drug class, limit, window, strategy
and description is read from the Define when it runs, and a sentence that it cannot read is an error.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
from pathlib import Path

import pytest
from tests.e2e.conftest import CUTS, ENDPOINTS, copy_study, datacut, keep_outputs
from tests.e2e.define_alone import dlt_evaluable, grades, responses, times, treatment_emergent
from tests.e2e.define_alone.define import Define
from tests.e2e.define_alone.reading import Values, loader
from tests.spec.test_settings_told import with_values

# Of each module, records that both cuts of 12 subjects have at least.
DERIVED = {
    treatment_emergent: 60,
    dlt_evaluable: 12,
    grades: 8000,
    responses: 600,
    times: 120,
}
ALLOWED = {"lxml", "pandas", "pyreadstat", "tests"}

CHANGED = {"ae_window_days": "90", "dlt_window_days": "300", "lldas_pred_mg": "2"}
MOVED = {treatment_emergent: "TRTEMFL", dlt_evaluable: "DLTEVLFL", responses: "AVALC"}
"""What each of these settings moves."""


def derived(module, home: Path) -> Values:
    return module.derive(loader(home), Define(home / "adam" / "define.xml"))


def different(module, home: Path, share: int = 1) -> list[str]:
    """Records that are not the same, or on one side only, and what is there too little of (a share of the least)."""
    made, there = derived(module, home), module.recorded(loader(home))
    wrong = [f"{len(v)} records of {name}" for name, v in there.items() if len(v) < DERIVED[module] // share]
    for name, values in there.items():
        for key in sorted(values.keys() | made[name].keys(), key=str):
            one, other = (side.get(key, "no record") for side in (made[name], values))
            if one != other:
                wrong.append(f"{name} of {key}: {one} by the Define, {other} in the dataset")
    return wrong


def test_what_derives_them_imports_nothing_of_the_engine():
    files = sorted((Path(__file__).parent / "define_alone").glob("*.py"))
    assert len(files) >= len(DERIVED)
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in ALLOWED | sys.stdlib_module_names, (file.name, name)
                assert not name.startswith("tests") or name.startswith("tests.e2e.define_alone"), (file.name, name)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("module", DERIVED, ids=lambda m: m.__name__.rpartition(".")[2])
def test_every_record_is_what_the_define_says(base, module, cut):
    assert different(module, base.root / "build" / cut) == []


@pytest.mark.skipif("DATACUT_TOLD" not in os.environ, reason="make told: two builds more")
def test_every_record_is_what_the_define_says_of_other_settings(base, tmp_path):
    root = copy_study(tmp_path / "study")
    keep_outputs(root, "t-14-3-1-3-1")
    with_values(root, CHANGED)
    shutil.copytree(base.root / "raw", root / "raw")
    done = datacut(root, "build")
    assert done.code < 2, done.out + done.err
    for cut in CUTS:
        home = root / "build" / cut
        assert {m.__name__: wrong for m in DERIVED if (wrong := different(m, home))} == {}
    before, after = base.root / "build" / CUTS[1], root / "build" / CUTS[1]
    for module, name in MOVED.items():
        assert derived(module, before)[name] != derived(module, after)[name], name


@pytest.mark.skipif("DATACUT_TOLD" not in os.environ, reason="make told: a build more")
def test_every_record_is_what_the_define_says_under_mess(tmp_path):
    """More glucocorticoid, partial dates, items not done and split assessments, which the clean export has few of."""
    root = copy_study(tmp_path / "study")
    keep_outputs(root, "t-14-3-1-3-1")
    with_values(root, CHANGED)
    size = ("--subjects", "12", "--cuts", "2", "--seed", "7", "--mess", ",".join(ENDPOINTS))
    assert datacut(root, "simulate", *size).code == 0
    done = datacut(root, "build", "--cut", CUTS[1])
    assert done.code < 2, done.out + done.err
    home = root / "build" / CUTS[1]
    assert {m.__name__: wrong for m in DERIVED if (wrong := different(m, home, share=2))} == {}
    there = responses.recorded(loader(home))
    assert {"Y", "N"} <= set(there["MOREGCFL"].values())
    assert {"Y", None} <= set(there["MAINTFL"].values())
