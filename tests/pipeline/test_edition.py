"""The digest of an output moves with what the output uses, and with nothing else."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from datacut.pipeline.edition import output_digest, run_time
from datacut.raw.audit import latest_entry
from datacut.spec.load import Specs, load_specs
from datacut.tlf.build_frame import Edition

ROOT = Path(__file__).parents[2]
INPUTS = {"ADSL": "1", "ADAE": "2", "ADLB": "3"}
LATE = "t-14-3-1-8-2"


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs(ROOT)


def with_setting(specs: Specs, name: str, value: str) -> Specs:
    study = specs.study
    setting = study.settings[name].model_copy(update={"value": value})
    changed = study.model_copy(update={"settings": study.settings | {name: setting}})
    return replace(specs, study=changed)


def digest(specs: Specs, inputs: dict[str, str] = INPUTS) -> str:
    return output_digest(specs.outputs[LATE], specs, inputs)


def test_a_dataset_it_reads_moves_it_and_another_does_not(specs: Specs) -> None:
    assert digest(specs, INPUTS | {"ADAE": "9"}) != digest(specs)
    assert digest(specs, INPUTS | {"ADSL": "9"}) != digest(specs)
    assert digest(specs, INPUTS | {"ADLB": "9"}) == digest(specs)


def test_a_setting_it_names_moves_it_and_another_does_not(specs: Specs) -> None:
    assert digest(with_setting(specs, "ae_window_days", "90")) != digest(specs)
    assert digest(with_setting(specs, "sri_reduction", "5")) == digest(specs)


def test_its_own_line_moves_it(specs: Specs) -> None:
    other = specs.outputs[LATE].model_copy(update={"title": "Another title"})
    assert output_digest(other, specs, INPUTS) != digest(specs)


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
