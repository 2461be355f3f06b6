"""What an output, a form and a field resolve to."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacut.errors import InputError
from datacut.pipeline.explain import explain

ROOT = Path(__file__).parents[2]


def test_an_output_with_what_its_template_gives_and_its_footnotes_with_settings_as_values() -> None:
    told = explain(ROOT, "t-14-3-1-8-2").replace("{$cut_date}", "")
    lines = told.splitlines()
    assert lines[0].startswith("Table 14.3.1.8.2: ") and "{$" not in told
    assert "specs/tlf/t-14-3-1-8-2.yml:1" in lines[1]
    assert any("on ADAE where" in line and "FUPFL" in line for line in lines)
    assert any(line.startswith("  F-LATE: ") and "180 days" in line for line in lines)


def test_a_field_says_what_is_made_of_it() -> None:
    told = explain(ROOT, "raw.ae.AETERM")
    assert told.startswith("raw.ae: ")
    assert "AE.AETERM" in told and "AESTDAT" not in told


def test_a_form_has_all_its_fields() -> None:
    told = explain(ROOT, "raw.ae")
    assert "AETERM" in told and "AESTDAT" in told and "audit column" in told


def test_a_rule_of_every_room_is_known() -> None:
    assert explain(ROOT, "raw.key.duplicate").startswith(
        "raw.key.duplicate (error): a row whose key stands on an earlier"
    )
    assert "SDTMIG 3.4, 4.4.1" in explain(ROOT, "sdtm.order")
    assert "CDISC CORE" in explain(ROOT, "CORE-000701")
    assert all(f"{id_} (" in explain(ROOT, "rules") for id_ in ("spec.yaml", "ard.units", "tlf.wide", "file.size"))


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("raw.aee", "rule raw.aee. Did you mean raw.ae?"),
        ("raw.key.duplicat", "Did you mean raw.key.duplicate?"),
        ("define.codelist.decod", "Did you mean define.codelist.decode?"),
        ("raw.ae.AETERMM", "raw.ae has no field AETERMM. Did you mean AETERM?"),
        ("t-14-3-1-8-22", "Did you mean t-14-3-1-8-2?"),
    ],
)
def test_what_is_not_there_is_said_with_the_nearest_name(name: str, remedy: str) -> None:
    with pytest.raises(InputError) as told:
        explain(ROOT, name)
    assert remedy in str(told.value)
