"""Each setting names what it must move (`moves` in study.yml): by the specs it can, and a small export shows it.

A setting is tried at every alternative; a number without alternatives at the half and the double of its value, a list
without its last entry and without its first. Settings that reach none of what others name are tried together, one
build for all; nothing moves that none of them reaches.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import pytest
from tests.e2e.conftest import CUTS, ROOT

from datacut.adam.build import build_adam
from datacut.datasets.sources import study_frames
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.raw.read import read_export
from datacut.sdtm.build import build_sdtm
from datacut.simulate import simulate
from datacut.spec.lint import Plans, bind_specs
from datacut.spec.load import Specs, load_specs
from datacut.spec.plan import Place, Step
from datacut.spec.study import Setting, SettingValue
from datacut.spec.where import settings_of

SIMULATED = {"escalation_max", "expansion_max"}
"""Settings that say how many participants are simulated, and nothing of those that there are."""

EVERY = "DATACUT_SETTINGS" in os.environ


@pytest.fixture(scope="module")
def study():
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    return specs, registry, bind_specs(specs, registry)


def read_by(step: Step) -> set[str]:
    """The settings a step reads."""
    found = {c for d, c in step.reads if d == "study"}
    conditions = [step.where, *(m.where for b in step.blocks for m in b.mapped)]
    conditions += [w for b in step.blocks for w in (b.records.where, *(e.where for e in b.records.exclude))]
    calls = [step.call, *(c for b in step.blocks for c in (b.call, *(m.call for m in b.mapped)))]
    found |= {s for w in conditions if w is not None for s in settings_of(w)}
    return found | {s for c in calls if c is not None for s in c.settings}


def made_by(step: Step) -> set[Place]:
    """What a step makes; records and rows make every column of their rows."""
    rows = {(step.dataset, "*")} if step.kind != "column" else set()
    return {(step.dataset, w) for w in step.writes} | rows


def reached(setting: str, plans: Plans) -> set[Place]:
    """Every column that a setting can move, directly or through others; `*` stands for the rows of a dataset."""
    steps = [*plans.sdtm.steps, *plans.adam.steps]
    found: set[Place] = set()
    for step in steps:
        if setting in read_by(step):
            found |= made_by(step)
    if not found:  # of no call: a rule of the cut, before any step
        found = {(step.dataset, "*") for step in steps}
    while True:
        more = set(found)
        for step in steps:
            whole = {d for d, c in more if c == "*"}
            if step.reads & more or any(d in whole for d, _ in step.reads) or step.dataset in whole:
                more |= made_by(step)
        if more == found:
            return found
        found = more


def others(setting: Setting) -> list[SettingValue]:
    """What a setting is tried at."""
    typed = [Setting(value=a, source="", text="").value for a in setting.alternatives]
    if typed:
        return [v for v in typed if v != setting.value]
    match setting.value:
        case int(number):
            return [max(number // 2, 1) if number > 1 else 0, number * 2]
        case float(number):
            return [round(number / 2, 4), round((1 + number) / 2 if number < 1 else number * 2, 4)]
        case tuple(items):
            return [items[:-1] or ("NONE OF THESE",), items[1:] or ("NONE OF THESE",)]
        case _:
            return []


def test_every_setting_says_what_it_moves(study):
    specs, _, _ = study
    assert {n for n, s in specs.study.settings.items() if not s.moves} == SIMULATED


def test_what_a_setting_moves_it_can_reach(study):
    specs, _, plans = study
    read = {s for step in (*plans.sdtm.steps, *plans.adam.steps) for s in read_by(step)}
    missing = []
    for name, setting in specs.study.settings.items():
        named = [m.split(".") for m in setting.moves if "." in m and name in read]
        places = reached(name, plans) if named else set()
        missing += [f"{name}: {d}.{c}" for d, c in named if not {(d, c), (d, "*")} & places]
    assert missing == []


def with_values(specs: Specs, values: dict[str, SettingValue]) -> Specs:
    settings = {n: s.model_copy(update={"value": values.get(n, s.value)}) for n, s in specs.study.settings.items()}
    return replace(specs, study=specs.study.model_copy(update={"settings": settings}))


def built(specs: Specs, registry, raw) -> dict[str, pd.DataFrame]:
    plans = bind_specs(specs, registry)
    findings = Findings()
    sources = dict(read_export(raw, specs, findings, "raw")) | study_frames(specs, CUTS[1])
    sdtm, _ = build_sdtm(specs, plans, registry, sources, findings)
    adam, _ = build_adam(specs, plans, registry, sdtm, sources, findings)
    return {name: d.frame.astype(object) for name, d in {**sdtm, **adam}.items()}


def together(specs: Specs, plans: Plans) -> Iterable[dict[str, SettingValue]]:
    """Values of several settings for one build: none reaches what another must move."""
    open_ = {n: others(s) for n, s in specs.study.settings.items() if any("." in m for m in s.moves) and others(s)}
    reach = {n: reached(n, plans) for n in open_}
    named = {n: {tuple(m.split(".")) for m in specs.study.settings[n].moves if "." in m} for n in open_}

    def touches(one: str, other: str) -> bool:
        return any((d, c) in reach[one] or (d, "*") in reach[one] for d, c in named[other])

    while any(open_.values()):
        chosen: dict[str, SettingValue] = {}
        for name, left in open_.items():
            if left and not any(touches(name, o) or touches(o, name) for o in chosen):
                chosen[name] = left.pop(0)
        yield chosen


@pytest.mark.skipif(not EVERY, reason="make settings: a build for each group of settings")
def test_a_small_export_holds_a_subject_that_each_setting_moves(study, tmp_path):
    specs, registry, plans = study
    simulate(specs, tmp_path, subjects=12, cuts=2, seed=1)
    before = built(specs, registry, tmp_path / CUTS[1])
    still: list[str] = []
    beyond: list[str] = []
    for chosen in together(specs, plans):
        after = built(with_values(specs, chosen), registry, tmp_path / CUTS[1])
        moved = {
            (name, str(column))
            for name, frame in before.items()
            for column in frame
            if column not in after[name] or not frame[column].equals(after[name][column])
        }
        within = {p for n in chosen for p in reached(n, plans)}
        rows = {d.removeprefix("SUPP") for d, c in within if c == "*"}
        beyond += [f"{d}.{c} by {sorted(chosen)}" for d, c in moved - within if d.removeprefix("SUPP") not in rows]
        for name, value in chosen.items():
            named = {tuple(m.split(".")) for m in specs.study.settings[name].moves if "." in m}
            still += [f"{name} = {value}: {d}.{c}" for d, c in sorted(named - moved)]
    assert (still, beyond) == ([], [])
