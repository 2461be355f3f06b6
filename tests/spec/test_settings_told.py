"""Every sentence follows the settings: with other values, no sentence of specs or methods holds a value of before."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs
from datacut.spec.scalars import is_number
from datacut.submission.derivations import Derivations

ROOT = Path(__file__).parents[2]
CITED = {
    "ae_window_days", "dlt_window_days", "phase_early_days", "phase_late_days", "sentinel_days", "target_toxicity",
    "confidence", "lldas_pred_mg", "doris_pred_mg", "sri_reduction", "haq_mcid", "auc_end_day", "drug_free_days",
    "hys_law_days", "pga_worse", "lambda_min_points", "assessment_days", "doris_stable_days", "expansion_fold",
}  # fmt: skip
"""Settings of which at least one sentence must speak, so that the comparison says something."""


def texts(part: object, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(part, BaseModel):
        part = part.model_dump()
    if isinstance(part, dict):
        for number, (key, value) in enumerate(part.items()):
            yield (*place, str(number)), str(key)
            yield from texts(value, (*place, str(number)))
    elif isinstance(part, list | tuple):
        for number, value in enumerate(part):
            yield from texts(value, (*place, str(number)))
    elif isinstance(part, str):
        yield place, part


def with_values(root: Path, values: dict[str, str]) -> None:
    """Give settings of a study these values."""
    path = root / "specs" / "study.yml"
    study = path.read_text(encoding="utf-8")
    for name, value in values.items():
        study, count = re.subn(
            rf"(?m)^(  {name}:(?: \{{|\n(?:    .*\n)*?    )value: )\"?[\d.]+\"?", rf'\g<1>"{value}"', study
        )
        assert count == 1, name
    path.write_text(study, encoding="utf-8")


def sentences(root: Path, values: dict[str, str]) -> dict[tuple[str, ...], str]:
    """Every text of the specs of a copy of the study with these settings, and what its methods say, by place."""
    for name in ("specs", "sdtm", "adam", "tlf"):
        shutil.copytree(ROOT / name, root / name)
    with_values(root, values)
    specs, registry = load_specs(root), make_registry(root)
    plans = bind_specs(specs, registry)
    found = {}
    own = specs.study.model_copy(update={"settings": {}})
    for kind, part in [("study", own), ("library", specs.library), ("codelists", specs.codelists)]:
        found |= dict(texts(part, (kind,)))
    for kind, parts in [("sdtm", specs.sdtm), ("adam", specs.adam), ("tlf", specs.outputs), ("crf", specs.forms)]:
        for name, model in parts.items():
            found |= dict(texts(model, (kind, name)))
    for kind, plan, stage in [("sdtm", plans.sdtm, specs.sdtm), ("adam", plans.adam, specs.adam)]:
        said = Derivations(specs, plan)
        for name, spec in stage.items():
            for variable in spec.variables:
                found["method", kind, name, variable] = said.of_variable(name, variable)
    return found


def forms(value: str) -> list[str]:
    """How a sentence may write a number: itself, the next one, the one before, a percentage."""
    number = Decimal(value)
    return [value, f"{number + 1:f}", f"{number - 1:f}"] if number > 1 else [value, f"{(number * 100).normalize():f}%"]


def numeric() -> dict[str, bool]:
    """Numeric settings that may have any value, and whether they are parts of one."""
    settings = load_specs(ROOT).study.settings
    return {
        name: float(str(s.value)) < 1
        for name, s in settings.items()
        if not s.alternatives and not isinstance(s.value, tuple) and is_number(str(s.value))
    }


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, tuple[str, str]], list[dict[tuple[str, ...], str]]]:
    """Two values of each numeric setting, no two alike, and the sentences with the first ones and with the others."""
    values = {
        name: (f"0.{17001 + 10 * n}", f"0.{57001 + 10 * n}") if part else (str(17001 + 10 * n), str(57001 + 10 * n))
        for n, (name, part) in enumerate(numeric().items())
    }
    made = [
        sentences(tmp_path_factory.mktemp("study") / "s", {name: pair[k] for name, pair in values.items()})
        for k in (0, 1)
    ]
    return values, made


def test_no_sentence_keeps_a_value_of_before(both) -> None:
    values, (first, second) = both
    assert first.keys() == second.keys()
    old = {form for pair in values.values() for form in forms(pair[0])}
    kept = {place: text for place, text in second.items() if old & set(re.findall(r"[\d.]+%?", text))}
    assert kept == {}


def test_every_sentence_that_cites_a_setting_has_its_new_value(both) -> None:
    values, (first, second) = both
    cited: dict[str, int] = {}
    for place, text in first.items():
        numbers = set(re.findall(r"[\d.]+%?", text))
        for name, (before, after) in values.items():
            for old, new in zip(forms(before), forms(after), strict=True):
                if old in numbers:
                    assert new in re.findall(r"[\d.]+%?", second[place]), (name, text, second[place])
                    cited[name] = cited.get(name, 0) + 1
    assert cited.keys() >= CITED, CITED - cited.keys()
