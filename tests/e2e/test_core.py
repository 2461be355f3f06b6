"""`datacut check --core`: what is said where CDISC CORE is absent, and CORE itself over the builds where it is there.

The second half needs CORE's environment (DATACUT_CORE_ENV, or where `datacut core setup` puts it) and the rule cache
beside the project; without them it is skipped with the reason.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from datacut.conformance.engine_env import engine_home, require_engine
from datacut.errors import InputError
from datacut.files.parquet import write_parquet
from datacut.files.xpt import write_xpt
from datacut.spec.load import load_specs

CACHE = Path(__file__).parents[2].parent / "shared" / "core-cache"


def missing() -> str:
    """Why CORE cannot run here; empty if it can."""
    if not (CACHE / "rules.pkl").is_file():
        return f"no rule cache of CDISC CORE at {CACHE}"
    try:
        require_engine(engine_home())
    except InputError as absent:
        return str(absent)
    return ""


WHY_NOT = missing()


def test_without_a_rule_cache_the_check_cannot_run(copied, command):
    run = command(copied, "check", "--core", DATACUT_CORE_CACHE="", DATACUT_CORE_ENV=str(copied))
    assert run.code == 2
    assert run.err.startswith("datacut: CDISC CORE needs a rule cache. Name its folder with --core-cache")
    assert "Traceback" not in run.err


def test_without_an_environment_the_check_cannot_run(copied, command):
    cache = copied / "cache"
    cache.mkdir()
    (cache / "rules.pkl").write_bytes(b"")
    run = command(copied, "check", "--core", "--core-cache", "cache", DATACUT_CORE_ENV=str(copied / "absent"))
    assert run.code == 2
    assert "absent: no environment of CDISC CORE. Run `datacut core setup`, or name one with" in run.err
    assert "Traceback" not in run.err


@pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
def test_core_finds_nothing_that_is_not_explained(base, command):
    run = command(base.root, "check", "--core", "--core-cache", str(CACHE))
    assert run.code == 0, run.out + run.err
    told = " ".join(run.out.split())
    counts = re.findall(r"(\d+) rules over (\d+) datasets", told)
    assert len(counts) == 2
    assert all(int(rules) == 430 and int(datasets) >= 30 for rules, datasets in counts), "with define.xml"
    assert len(re.findall(r"\b0 not executed", told)) == 2
    assert "explanations of CDISC CORE issues: 0 errors, 0 other findings" in told
    assert len({e.rule for e in load_specs(base.root).explained}) <= 5


@pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
def test_core_sees_a_fault_of_the_data(base, command, tmp_path):
    """Five datasets of a build, one adverse event made to end before it began: CORE names the date."""
    cut = base.cut(1)
    home = tmp_path / "build" / cut.name
    for folder in ("data/sdtm", "sdtm", "data/adam"):
        (home / folder).mkdir(parents=True)
    for folder in ("accounting", "lineage"):
        shutil.copytree(cut.home / folder, home / folder)
    for name in ("DM", "DS", "SE", "TS", "AE"):
        dataset = cut.sdtm[name]
        if name == "AE":
            frame = dataset.frame.copy()
            frame.loc[frame.index[0], "AEENDTC"] = "1999-01-01"
            dataset = replace(dataset, frame=frame)
        write_parquet(dataset, home / "data" / "sdtm" / f"{name.lower()}.parquet")
        write_xpt(dataset, home / "sdtm" / f"{name.lower()}.xpt")
    run = command(base.root, "check", "--core", "--core-cache", str(CACHE), "--out", str(tmp_path / "build"))
    assert run.code == 1
    assert "=1999-01-01" in run.out
    assert "428 rules over 5 datasets" in run.out
    assert "no define.xml, its rules were left out" in run.out.replace("\n", " ")
