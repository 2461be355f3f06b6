"""A code is a name: renamed everywhere nothing changes but the name, renamed in one place the check says so."""

from __future__ import annotations

import os
import re
from collections import Counter

import pandas as pd
import pytest
from tests.e2e.conftest import CUTS, ROOT
from tests.e2e.renames import Place, places, renamed

from datacut.adam.build import build_adam
from datacut.engine.sources import study_frames
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.raw.read import read_export
from datacut.sdtm.build import build_sdtm
from datacut.simulate import simulate
from datacut.spec.check_codes import uses
from datacut.spec.lint import bind_specs
from datacut.spec.load import Specs, load_specs

EVERY = "DATACUT_RENAMES" in os.environ
ROUNDS = 2
"""As many places of each code are tried one by one in every run of the tests; `make renames` tries them all."""


@pytest.fixture(scope="module")
def study():
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    plans = bind_specs(specs, registry)
    return specs, registry, places(specs, plans)


@pytest.fixture(scope="module")
def free(study):
    """Parameters that no condition and no call names, and qualifiers nobody reads: they are free to have any name."""
    specs, registry, found = study
    codes = bind_specs(specs, registry).codes
    named = {(u.dataset, u.text) for u in uses(specs, codes) if u.column == "PARAMCD" and not u.made}
    named |= {(n, p.made_by) for n, s in specs.adam.items() for p in s.parameters.values() if p.made_by}
    read = {c for p in found if not p.key for c in p.codes}
    unread = {p for p in found if p.key and p.loc[0] == "supplemental" and not p.codes <= read}
    return unread | {p for p in found if p.key and p.document.startswith("adam/") and not p.codes <= _of(p, named)}


def _of(place: Place, named: set[tuple[str, str]]) -> set[str]:
    return {code for dataset, code in named if place.document == f"adam/{dataset}"}


def new_names(found: list[Place]) -> dict[str, str]:
    """New codes in the order of the old ones, so that records are sorted as before."""
    codes = sorted({c for p in found for c in p.codes})
    return {code: f"Q{number:05d}" for number, code in enumerate(codes)}


def test_the_study_names_its_codes_in_many_places(study):
    _, _, found = study
    assert len(found) > 500
    assert {"SLED01", "PGA", "SYSBP", "CMAX", "SRI4", "ANTICYT", "AEDLT", "EXVIAB"} <= set(new_names(found))


def test_a_code_renamed_everywhere_is_known_everywhere(study):
    specs, registry, found = study
    names = new_names(found)
    told = bind_specs(renamed(specs, [(p, names) for p in found]), registry).findings
    assert [str(f) for f in told if f.rule.startswith("spec.")] == []


def one_place_each(found: list[Place], free: set[Place], number: int) -> list[tuple[Place, dict[str, str]]]:
    """Of each code its place of this number, as far as it has so many, each renamed there and nowhere else."""
    names = new_names(found)
    by_code: dict[str, list[Place]] = {}
    for place in found:
        for code in place.codes:
            by_code.setdefault(code, []).append(place)
    chosen: dict[Place, dict[str, str]] = {}
    for code, its in by_code.items():
        if number < len(its) and its[number] not in free:
            chosen.setdefault(its[number], {})[code] = names[code]
    return list(chosen.items())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_code_renamed_in_one_place_is_an_error(study, free, number):
    assert silent(study, free, number) == []


@pytest.mark.skipif(not EVERY, reason="make renames: some binds for each place that a code has")
def test_a_code_renamed_in_any_place_is_an_error(study, free):
    _, _, found = study
    most = max(Counter(code for place in found for code in place.codes).values())
    assert [told for number in range(ROUNDS, most) for told in silent(study, free, number)] == []


def silent(study, free, number: int) -> list[str]:
    """Codes that are renamed in their place of this number, and of which no error tells."""
    specs, registry, found = study
    chosen = one_place_each(found, free, number)
    # a call goes with its parameter, and with a qualifier that is not there whatever is made of it
    qualifiers = {q for spec in specs.sdtm.values() for q in spec.supplemental}
    kind_of = {place: (place.key, place.codes <= qualifiers) for place, _ in chosen}
    kinds = ([c for c in chosen if kind_of[c[0]] == kind] for kind in set(kind_of.values()))
    batch = [c for kind in kinds for c in untold(specs, registry, kind)]
    # what a code of the batch has lost is asked nothing more: so once more alone
    alone = [(place, {code: names[code]}) for place, names in batch for code in names]
    return [f"{c[0]}: {next(iter(c[1]))}" for c in alone if untold(specs, registry, [c])]


def untold(specs, registry, chosen) -> list[tuple[Place, dict[str, str]]]:
    """Of renamed codes, those of which no error tells."""
    told = [f for f in bind_specs(renamed(specs, chosen), registry).findings if f.severity == "error"]
    at = {str(f.where) for f in told}  # of several faults of one call the first is told
    said = " ".join(f"{f.value} {f.what} {f.remedy}" for f in told)
    silent_ = (
        (place, {c: new for c, new in names.items() if not re.search(rf"\b({re.escape(c)}|{new})\b", said)})
        for place, names in chosen
        if str(specs.where(place.document, place.loc)) not in at
    )
    return [(place, names) for place, names in silent_ if names]


def built(specs: Specs, registry, raw, cut: str) -> dict[str, pd.DataFrame]:
    plans = bind_specs(specs, registry)
    findings = Findings()
    sources = dict(read_export(raw, specs, findings, "raw")) | study_frames(specs, cut)
    sdtm, _ = build_sdtm(specs, plans, registry, sources, findings)
    adam, _ = build_adam(specs, plans, registry, sdtm, sources, findings)
    return {name: d.frame for name, d in {**sdtm, **adam}.items()}


@pytest.mark.skipif(not EVERY, reason="make renames: two builds")
def test_a_consistent_rename_changes_nothing_but_the_name(study, tmp_path):
    specs, registry, found = study
    simulate(specs, tmp_path, subjects=6, cuts=2, seed=1)
    names = new_names(found)
    old = {new: code for code, new in names.items()}
    before = built(specs, registry, tmp_path / CUTS[1], CUTS[1])
    after = built(renamed(specs, [(p, names) for p in found]), registry, tmp_path / CUTS[1], CUTS[1])

    def back(value: object) -> object:
        return re.sub(r"\bQ\d{5}\b", lambda m: old.get(m[0], m[0]), value) if isinstance(value, str) else value

    assert before.keys() == after.keys()
    for name, frame in after.items():
        pd.testing.assert_frame_equal(
            before[name].astype(object), frame.astype(object).map(back), check_dtype=False, obj=name
        )
