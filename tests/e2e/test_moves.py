"""Each setting names what it must move (`moves` in study.yml): by the specs it can, and a small export shows it.

A setting is tried at every alternative; a number without alternatives at two other numbers, a list without its last
entry and without its first. For each value, alone, the study is built anew as far as the variables that it must move;
nothing moves that the plan does not reach, since no step asks for a setting that its calls do not name (`Standing`).
"""

from __future__ import annotations

import os

import pandas as pd
import pytest
from tests.e2e.anew import Standing, Values, moved, read_by, with_values
from tests.e2e.by_hand import hold_a_subject_for_each
from tests.e2e.conftest import CUTS, ROOT

from datacut.adam.build import build_adam
from datacut.ard.build import BuiltResults, build_ard
from datacut.datasets.ard import ARD_COLUMNS, plain_rows
from datacut.engine.finish import finish
from datacut.engine.sources import study_frames
from datacut.engine.work import Work
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.sdtm.build import build_sdtm
from datacut.simulate import simulate
from datacut.spec.lint import Plans, bind_specs
from datacut.spec.load import Specs, load_specs
from datacut.spec.plan import Place, Step
from datacut.spec.study import Setting, SettingValue

SIMULATED = {"escalation_max", "expansion_max"}
"""Settings that say how many participants are simulated, and nothing of those that there are."""

EVERY = "DATACUT_SETTINGS" in os.environ

ALONG: dict[str, Values] = {
    "query_gvhd": {"cell_source": "allogeneic"},
    "dlt_rules": {"cell_source": "allogeneic"},
    # level 2, of which two participants were limited, is nearest to the target, and above the boundary
    "boin_bound_mtd": {"target_toxicity": 0.06, "boin_p1": 0.035, "boin_p2": 0.0625, "boin_cutoff": 0.999},
    # of six participants two: one less is then within the interval
    "equivalence_high": {"equivalence_low": 0.15},
}
"""Settings that count only where others have these values."""

CHOSEN: dict[str, list[SettingValue]] = {
    # BOIN asks for p1 < target < p2
    "target_toxicity": [0.25, 0.35],
    "boin_p1": [0.05, 0.29],
    "boin_p2": [0.36, 0.65],
    # low < high
    "equivalence_low": [0.28, 0.34],
    "equivalence_high": [0.3, 0.6],
    # a dose lasts a day at least
    "rescue_least_days": [2, 14],
    # of eight categories
    "haq_min_categories": [4, 8],
    # of 0 there is no half
    "rescue_least_mg": [5, 50],
    "rescue_least_percent": [30, 150],
    "ae_least_percent": [20, 60],
}
"""Values to try where half and double of the number are none."""


@pytest.fixture(scope="module")
def study():
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    return specs, registry, bind_specs(specs, registry)


def made_by(step: Step) -> set[Place]:
    """What a step makes; records and rows make every column of their rows."""
    rows = {(step.dataset, "*")} if step.kind != "column" else set()
    return {(step.dataset, w) for w in step.writes} | rows


def seen_by(step: Step) -> set[Place]:
    """What a step reads, a qualifier as the column of its domain."""
    if step.predecessor is None:
        return set(step.reads)
    dataset, column = step.predecessor
    return {*step.reads, (dataset.removeprefix("SUPP"), column)}


def reached(setting: str, specs: Specs, plans: Plans) -> set[Place]:
    """Every column that a setting can move, directly or through others; `*` stands for the rows of a dataset."""
    steps = [*plans.sdtm.steps, *plans.adam.steps]
    found: set[Place] = set()
    for step in steps:
        if setting in read_by(step, specs):
            found |= made_by(step)
    if not found and f"${setting}" == specs.study.cut_boundary:
        found = {(name, "*") for name in specs.sdtm}
    while True:
        more = set(found)
        for step in steps:
            whole = {d for d, c in more if c == "*"}
            seen = seen_by(step)
            if seen & more or any(d in whole for d, _ in seen) or step.dataset in whole:
                more |= made_by(step)
        if more == found:
            return found
        found = more


def others(name: str, setting: Setting) -> list[SettingValue]:
    """What a setting is tried at."""
    if name in CHOSEN:
        return CHOSEN[name]
    typed = [Setting(value=a, source="", text="").value for a in setting.alternatives]
    if typed:
        return [v for v in typed if v != setting.value]
    match setting.value:
        case int(number):
            return [max(number // 2, 1) if number > 1 else 0, number * 2]
        case float(number):
            return [round(number / 2, 4), round((1 + number) / 2 if number < 1 else number * 2, 4)]
        case tuple(items) if len(items) > 1:
            return [items[:-1], items[1:]]
        case tuple():
            return [("NONE OF THESE",)]
        case _:
            return ["ANOTHER"]


def variables_in(setting: Setting) -> set[Place]:
    """The variables that a setting says it moves."""
    return {(d, c) for d, dot, c in (m.partition(".") for m in setting.moves) if dot}


def test_every_setting_says_what_it_moves(study):
    specs, _, _ = study
    assert {n for n, s in specs.study.settings.items() if not s.moves} == SIMULATED


def test_a_number_is_tried_at_two_others(study):
    specs, _, _ = study
    numbers = {n: s for n, s in specs.study.settings.items() if isinstance(s.value, int | float) and s.moves}
    assert [n for n, s in numbers.items() if len({*others(n, s)} - {s.value}) < (1 if s.alternatives else 2)] == []


def test_what_a_setting_moves_it_can_reach(study):
    specs, _, plans = study
    missing = []
    for name, setting in specs.study.settings.items():
        places = reached(name, specs, plans) if variables_in(setting) else set()
        missing += [f"{name}: {d}.{c}" for d, c in variables_in(setting) if not {(d, c), (d, "*")} & places]
    assert missing == []


@pytest.fixture(scope="module")
def standing(study, tmp_path_factory):
    """12 subjects, and what was put by hand into their export."""
    specs, registry, plans = study
    folder = tmp_path_factory.mktemp("moves")
    simulate(specs, folder, subjects=12, cuts=2, seed=1)
    hold_a_subject_for_each(folder / CUTS[1])
    return Standing(specs, plans, registry, folder / CUTS[1])


@pytest.mark.skipif(not EVERY, reason="make settings: one build, and for each value what it reaches")
def test_a_small_export_holds_a_subject_that_each_setting_moves(study, standing):
    specs, _, _ = study
    still: list[str] = []
    for name, setting in specs.study.settings.items():
        wanted = variables_in(setting)
        along = ALONG.get(name, {})
        before = standing.holding(along, wanted) if wanted else {}
        for value in others(name, setting) if wanted else ():
            after = standing.holding({**along, name: value}, wanted)
            found = {(n, c) for n in before for c in moved(before[n], after[n])}
            still += [f"{name} = {value}: {d}.{c}" for d, c in sorted(wanted - found)]
    assert still == []


def shown(made: BuiltResults) -> list[tuple[object, ...]]:
    """Every result of an output, and everything it shows of a record."""
    columns = [c.cells for records in made.records.values() for c in records.columns.values()]
    values = [tuple(part.fillna("")) for c in columns for part in (c.texts, c.reasons)]
    numbers = [tuple(c.values.fillna(-1)) for c in columns if c.values is not None]
    return [*plain_rows(made.ard, ARD_COLUMNS), *values, *numbers]


@pytest.mark.skipif(not EVERY, reason="make settings: one build, and for each value what it reaches")
def test_a_setting_of_outputs_moves_their_results(study, standing):
    specs, registry, _ = study
    still = []
    for name, setting in specs.study.settings.items():
        for output in (m for m in setting.moves if m in specs.outputs):
            for value in others(name, setting):
                made = [
                    build_ard(s.outputs[output], s.library, s.study, frames, registry, s.codelists)
                    for s, frames in (
                        (specs, standing.frames),
                        (with_values(specs, {name: value}), standing.anew({name: value})),
                    )
                ]
                still += [f"{name} = {value}: {output}"] if shown(made[0]) == shown(made[1]) else []
    assert still == []


@pytest.mark.skipif(not EVERY, reason="make settings: one build more")
def test_what_is_built_anew_is_what_is_built(study, standing):
    """Of a setting that reaches both stages, all that is finished anew against a build of the whole."""
    specs, registry, plans = study
    values: Values = {"lloq_copies": 100}
    anew = standing.anew(values)
    specs = with_values(specs, values)
    sources = standing.export | study_frames(specs, CUTS[1])
    sdtm, _ = build_sdtm(specs, plans, registry, sources, Findings())
    adam, _ = build_adam(specs, plans, registry, sdtm, sources, Findings())
    for name, dataset in {**sdtm, **adam}.items():
        keys = list(dataset.frame.columns)
        made = anew[name][keys] if name in sdtm else finished(anew[name], plans, name)[keys]
        pd.testing.assert_frame_equal(dataset.frame, made, obj=name)


def finished(frame: pd.DataFrame, plans: Plans, name: str) -> pd.DataFrame:
    return finish({name: Work(frame)}, {name: plans.datasets[name]}, Findings())[name].frame
