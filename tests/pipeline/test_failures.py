"""A call that fails on the data costs its variable and what rests on it; the rest of the study is built and told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.vitals import FILES, VS_FORM, VS_SPEC

from datacut.files.parquet import read_parquet
from datacut.pipeline.build import build_cut
from datacut.pipeline.inputs import read_inputs
from datacut.pipeline.report import read_findings

CODE = '''"""Study functions that fail."""

import pandas as pd

from datacut.errors import Finding, Severity, SpecError, unplaced
from datacut.spec.registry import Column, NewColumn, verb


@verb("column")
def derive_var_lost(dataset, source: Column, new: NewColumn):
    """Fails."""
    return dataset.assign(**{new: dataset["NOT THERE"]})


@verb("mapping")
def assign_lost(raw, column: Column):
    """Fails."""
    return _inner(raw[column])


def _inner(values):
    raise ValueError(f"{len(values)} values")


@verb("column")
def derive_var_short(dataset, source: Column, new: NewColumn):
    """Returns rows it was not given."""
    return dataset.head(1).assign(**{new: "x"})


@verb("column")
def derive_var_told(dataset, source: Column, new: NewColumn):
    """Tells what to mend."""
    raise SpecError([Finding(Severity.ERROR, "adam.call", unplaced(), "no such unit", "kg", "Did you mean g?")])
'''


@pytest.fixture
def build(study, tmp_path):
    def of(specs: str, code: str = CODE) -> tuple[dict[str, Any], list[tuple[str, ...]]]:
        """VS built of the specs: its columns, and the errors of rules on calls and code."""
        root = study(
            {
                "crf/vs": VS_FORM,
                "sdtm/vs": specs,
                "codelists": FILES["specs/codelists.yml"],
                "units": FILES["specs/units.yml"],
            }
        )
        (root / "sdtm").mkdir()
        (root / "sdtm" / "own.py").write_text(code, encoding="utf-8")
        raw = root / "raw" / "2026-03-02"
        raw.mkdir(parents=True)
        (raw / "vs.csv").write_text("SUBJID,SYSBP,PULSE\n101,120,60\n102,150,\n", encoding="utf-8")
        inputs = read_inputs(root, raw, raw.name)
        build_cut(root, raw.name, raw, tmp_path / "build", inputs, lambda what, done, total: None, 1)
        home = tmp_path / "build" / raw.name
        told = read_findings(home)
        errors = [(where, *rest) for _, rule, where, _, *rest in told if rule in {"spec.call.failed", "spec.code"}]
        frame = read_parquet(home / "data" / "sdtm" / "vs.parquet").frame
        return {c: frame[c].astype("object").where(frame[c].notna(), None).tolist() for c in frame.columns}, errors

    return of


def at(text: str, part: str) -> str:
    return f"specs/sdtm/vs.yml:{text.lstrip().split(part)[0].count(chr(10)) + 1}"


def test_a_failing_call_costs_its_variable_and_what_rests_on_it(build):
    specs = (
        VS_SPEC
        + """  VSLOC: study.derive_var_lost(source=VSORRES)
  VSPOS: 'derive_var_recode(source=VSLOC, to={"x": y})'
"""
    )
    made, errors = build(specs)
    assert made["VSORRES"] == ["60", "120", "150"]
    assert made["VSLOC"] == made["VSPOS"] == [None, None, None]
    what = "study.derive_var_lost failed; missing for it: VS.VSLOC, VS.VSPOS"
    assert errors == [(at(specs, "  VSLOC"), what, "KeyError: 'NOT THERE'", "Mend sdtm/own.py:12.")]


def test_what_a_condition_says_of_a_lost_column_is_no_answer(build):
    specs = (
        VS_SPEC
        + """  VSLOC: study.derive_var_lost(source=VSORRES)
  VSPOS: "derive_var_crit_flag(criterion='VSLOC MISSING', no=N)"
  VSDRVFL: "derive_var_crit_flag(criterion='VSORRES MISSING', no=N)"
"""
    )
    made, errors = build(specs)
    assert made["VSPOS"] == [None, None, None]
    assert made["VSDRVFL"] == ["N", "N", "N"]
    assert [what for _, what, _, _ in errors] == ["study.derive_var_lost failed; missing for it: VS.VSLOC, VS.VSPOS"]


def test_calls_that_fail_for_themselves_are_told_each(build):
    specs = (
        VS_SPEC + "  VSLOC: study.derive_var_lost(source=VSORRES)\n  VSPOS: study.derive_var_short(source=VSORRES)\n"
    )
    made, errors = build(specs)
    assert made["VSLOC"] == made["VSPOS"] == [None, None, None]
    assert [(where, value) for where, _, value, _ in errors] == [
        (at(specs, "  VSLOC"), "KeyError: 'NOT THERE'"),
        (at(specs, "  VSPOS"), "TypeError: study.derive_var_short must return its frame with the same rows"),
    ]


def test_a_failing_mapping_costs_its_variable_in_its_blocks(build):
    specs = VS_SPEC.replace("assign({test})", "study.assign_lost({test})")
    made, errors = build(specs)
    assert made["VSTESTCD"] == ["PULSE", "SYSBP", "SYSBP"]
    assert made["VSORRES"] == made["VSSTRESC"] == [None, None, None]
    assert {(value, remedy) for _, _, value, remedy in errors} == {
        ("ValueError: 2 values", "Mend sdtm/own.py:22."),
        ("ValueError: 1 values", "Mend sdtm/own.py:22."),
    }


def test_what_a_call_says_itself_is_said_with_its_line(build):
    specs = VS_SPEC + "  VSLOC: study.derive_var_told(source=VSORRES)\n"
    _, errors = build(specs)
    told = ("no such unit; missing for it: VS.VSLOC", "kg", "Did you mean g?")
    assert errors == [(at(specs, "  VSLOC"), *told)]


@pytest.mark.parametrize(
    ("code", "line", "value"),
    [
        ("import pandas\n\ndef derive(:\n", 3, "SyntaxError: invalid syntax"),
        ("import pandas\nimport not_there_at_all\n", 2, "ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("LIMIT = 1 / 0\n", 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_code_that_cannot_be_loaded_is_told_once_with_its_line(build, code, line, value):
    made, errors = build(VS_SPEC + "  VSLOC: study.derive_var_lost(source=VSORRES)\n", code)
    assert made["VSORRES"] == ["60", "120", "150"]
    assert made["VSLOC"] == [None, None, None]
    remedy = "Mend it; what calls its functions cannot be made."
    assert errors == [(f"sdtm/own.py:{line}", "the study's code cannot be loaded", value, remedy)]
