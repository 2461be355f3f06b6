"""The digest of an output moves with what the output uses, and with nothing else."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from datacut.pipeline.edition import Datasets, Reads, reads_of, run_time
from datacut.pipeline.verbs import make_registry
from datacut.raw.audit import latest_entry
from datacut.spec.load import Specs, load_specs
from datacut.spec.registry import Registry
from datacut.tlf.build_frame import Edition

ROOT = Path(__file__).parents[2]
LATE = "t-14-3-1-8-2"
ADSL = pd.DataFrame({"USUBJID": ["1"], "SAFFL": ["Y"], "INVNAM": ["A"]})
ADAE = pd.DataFrame({"USUBJID": ["1"], "AEDECOD": ["X"], "AESPID": ["1"]})
ADLB = pd.DataFrame({"USUBJID": ["1"], "PARAMCD": ["ALT"]})
FRAMES = {"ADSL": ADSL, "ADAE": ADAE, "ADLB": ADLB}


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(ROOT)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry(ROOT)


def with_setting(specs: Specs, name: str, value: str) -> Specs:
    study = specs.study
    setting = study.settings[name].model_copy(update={"value": value})
    changed = study.model_copy(update={"settings": study.settings | {name: setting}})
    return replace(specs, study=changed)


def reads(specs: Specs, registry: Registry, output: str = LATE, cut: str = "", **frames: pd.DataFrame) -> Reads:
    return reads_of(specs.outputs[output], specs, registry, cut, Datasets(FRAMES | frames))


def test_a_column_it_reads_moves_it_and_another_does_not(specs: Specs, registry: Registry) -> None:
    digest = reads(specs, registry).digest
    assert reads(specs, registry, ADAE=ADAE.assign(AEDECOD="Y")).digest != digest
    assert reads(specs, registry, ADSL=ADSL.assign(SAFFL="N")).digest != digest
    assert reads(specs, registry, ADAE=ADAE.assign(AESPID="2")).digest == digest
    assert reads(specs, registry, ADSL=ADSL.assign(INVNAM="B")).digest == digest
    assert reads(specs, registry, ADLB=ADLB.assign(PARAMCD="AST")).digest == digest


def test_it_is_given_no_column_that_is_not_in_its_digest(specs: Specs, registry: Registry) -> None:
    mine = reads(specs, registry)
    given = mine.frames(Datasets(FRAMES))
    assert {f"{name}.{column}" for name, frame in given.items() for column in frame} <= mine.parts.keys()
    assert set(given) == {"ADSL", "ADAE"}
    assert "INVNAM" not in given["ADSL"] and "AESPID" not in given["ADAE"]


def test_a_setting_it_names_moves_it_and_another_does_not(specs: Specs, registry: Registry) -> None:
    digest = reads(specs, registry).digest
    assert reads(with_setting(specs, "ae_window_days", "90"), registry).digest != digest
    assert reads(with_setting(specs, "sri_reduction", "5"), registry).digest == digest
    assert "sri_reduction" not in reads(specs, registry).study.settings


def test_its_own_line_moves_it(specs: Specs, registry: Registry) -> None:
    other = specs.outputs[LATE].model_copy(update={"title": "Another title"})
    changed = replace(specs, outputs=specs.outputs | {LATE: other})
    assert reads(changed, registry).digest != reads(specs, registry).digest


def test_a_pattern_that_a_method_takes_of_itself_moves_it(specs: Specs, registry: Registry) -> None:
    patterns = dict(specs.library.patterns)
    name = next(
        p.default
        for call in reads(specs, registry).calls
        for p in call.verb.parameters
        if p.name == "pattern" and p.name not in call.values
    )
    patterns[str(name)] = patterns[str(name)].model_copy(update={"text": "said otherwise"})
    changed = replace(specs, library=specs.library.model_copy(update={"patterns": patterns}))
    assert reads(changed, registry).digest != reads(specs, registry).digest


def test_the_run_is_said_only_where_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert run_time() == ""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert run_time() == "1970-01-02T00:00:00Z"


def test_an_edition_says_what_is_known() -> None:
    whole = Edition("0123456789abcdef", "2026-08-31T10:00:00", "1970-01-02T00:00:00Z")
    assert whole.told("FINAL") == (
        "FINAL; digest 0123456789ab; export up to 2026-08-31T10:00:00; run 1970-01-02T00:00:00Z"
    )
    assert Edition().told("DRAFT") == "DRAFT"


def test_the_latest_entry_of_all_systems(specs: Specs) -> None:
    dm = pd.DataFrame({"CREATED": ["2026-03-01 08:00:00", None], "UPDATED": ["2026-02-01 09:00:00", "no time"]})
    flow = pd.DataFrame({"RUNDATE": ["2026-03-02", "2026-02-28"]})
    assert latest_entry({"raw.dm": dm}, specs) == "2026-03-01T08:00:00"
    assert latest_entry({"raw.dm": dm, "raw.flow": flow}, specs) == "2026-03-02"
    assert latest_entry({"raw.dm": dm.drop(columns=["CREATED", "UPDATED"])}, specs) == ""
