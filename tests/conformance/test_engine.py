"""CDISC CORE as a process: what is said where its environment, its Python or its rule cache is absent."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from datacut.conformance import engine_env
from datacut.conformance.engine import CACHE_VARIABLE, Request, rule_cache, run_engine
from datacut.conformance.engine_env import ENV_VARIABLE, engine_home, make_engine, require_engine, requirements
from datacut.errors import InputError


def silent(what: str, done: int, total: int) -> None: ...


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (ENV_VARIABLE, CACHE_VARIABLE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


def cache(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "rules.pkl").write_bytes(b"")
    return folder


def environment(folder: Path, pins: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "datacut-requirements.txt").write_text(pins, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("no_variables")
def test_the_cache_is_looked_for_in_the_option_the_variable_and_the_spec(tmp_path, monkeypatch):
    option, variable, spec = (cache(tmp_path / name) for name in ("option", "variable", "spec"))
    assert rule_cache(None, tmp_path, "spec") == spec
    monkeypatch.setenv(CACHE_VARIABLE, str(variable))
    assert rule_cache(None, tmp_path, "spec") == variable
    assert rule_cache(option, tmp_path, "spec") == option


@pytest.mark.usefixtures("no_variables")
def test_no_cache_named_says_how_to_name_one(tmp_path):
    with pytest.raises(
        InputError, match=r"--core-cache, the variable DATACUT_CORE_CACHE, or `conformance: \{core_cache"
    ):
        rule_cache(None, tmp_path, None)


@pytest.mark.usefixtures("no_variables")
def test_a_folder_without_rules_is_no_cache(tmp_path):
    with pytest.raises(InputError, match=r"no rule cache of CDISC CORE there \(rules.pkl\)"):
        rule_cache(tmp_path, tmp_path, None)


@pytest.mark.usefixtures("no_variables")
def test_the_environment_is_in_the_users_cache_unless_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert engine_home() == tmp_path / ".cache" / "datacut" / "core"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert engine_home() == tmp_path / "caches" / "datacut" / "core"
    monkeypatch.setenv(ENV_VARIABLE, str(tmp_path / "named"))
    assert engine_home() == tmp_path / "named"
    assert engine_home(tmp_path / "option") == tmp_path / "option"


def test_no_environment_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match=r"no environment of CDISC CORE. Run `datacut core setup`"):
        require_engine(tmp_path / "core")


def test_an_environment_whose_making_was_interrupted_is_not_used(tmp_path):
    with pytest.raises(InputError, match="not a complete environment"):
        require_engine(tmp_path)


def test_an_environment_of_other_pins_is_not_used(tmp_path):
    with pytest.raises(InputError, match="made for another datacut"):
        require_engine(environment(tmp_path / "core", "cdisc-rules-engine==0.16.0\n"))


def test_an_environment_of_these_pins_is_used_and_not_made_again(tmp_path):
    home = environment(tmp_path / "core", requirements())
    make_engine(home, silent)
    assert require_engine(home).parent.parent == home


def test_a_folder_with_other_things_in_it_is_not_cleared(tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(InputError, match=r"not a Python environment. Name another folder with --dir"):
        make_engine(tmp_path, silent)
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def test_another_python_without_the_one_needed_is_a_message(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_env, "PYTHON", (3, 11))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"CDISC CORE needs Python 3.11; this is 3.\d+. Put python3.11 on the PATH"):
        make_engine(tmp_path / "core", silent)


def test_every_package_is_pinned_with_its_hashes():
    entries = [e for e in requirements().replace("\\\n", " ").splitlines() if e and not e.startswith("#")]
    assert [e.split("==")[0] for e in entries].count("cdisc-rules-engine") == 1
    assert [e for e in entries if "==" not in e or "--hash=sha256:" not in e] == []


def program(tmp_path: Path, text: str) -> Path:
    """A stand-in for CORE's Python: run as `program -I driver request answer`."""
    path = tmp_path / "python"
    path.write_text(f"#!{sys.executable}\nimport sys\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def asked(tmp_path: Path) -> Request:
    return Request([tmp_path / "ae.xpt"], None, tmp_path, "3.4", "sdtmct-2022-09-30")


def test_the_last_word_of_an_engine_that_stops_is_the_message(tmp_path):
    python = program(tmp_path, 'sys.stderr.write("warning\\n/c: no rules.pkl in the rule cache\\n"); sys.exit(2)')
    with pytest.raises(InputError, match=r"CDISC CORE could not run: /c: no rules.pkl in the rule cache"):
        run_engine(python, asked(tmp_path), silent)


def test_an_engine_that_ends_without_an_answer_has_not_run(tmp_path):
    with pytest.raises(InputError, match="CDISC CORE could not run: exit code 0"):
        run_engine(program(tmp_path, "pass"), asked(tmp_path), silent)


def test_progress_follows_the_lines_of_the_engine(tmp_path):
    text = """
print("1 2", flush=True); print("noise", flush=True); print("2 2", flush=True)
open(sys.argv[4], "w").write('{"engine": "0", "standard": "-", "rules": []}')
"""
    told: list[tuple[str, int, int]] = []
    answer = run_engine(program(tmp_path, text), asked(tmp_path), lambda *step: told.append(step))
    assert told == [("CDISC CORE rules", 1, 2), ("CDISC CORE rules", 2, 2)]
    assert answer.rules == []
