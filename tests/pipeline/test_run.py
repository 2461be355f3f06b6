"""What a run builds, what it says is up to date, and what it finds altered."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from datacut.cache.installed import environment
from datacut.errors import DatacutError, InputError
from datacut.pipeline.store import newest


def later(path):
    """Give a file another time, as any editor does."""
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 10**9))


def test_what_has_not_changed_is_up_to_date(faked, capsys):
    assert (faked.run(), faked.run()) == (0, 0)
    assert faked.built == ["c1"]
    assert "c1: up to date" in capsys.readouterr().out


def test_another_version_of_the_package_is_another_build(faked, monkeypatch):
    faked.run()
    monkeypatch.setattr("datacut.__version__", "0.0.0")
    faked.run()
    assert faked.built == ["c1", "c1"]


def test_another_version_of_a_distribution_is_another_build(faked, monkeypatch, tmp_path):
    known = environment.__wrapped__  # it is found once a run
    monkeypatch.setattr("datacut.pipeline.inputs.environment", known)
    monkeypatch.syspath_prepend(str(tmp_path / "installed"))
    faked.run()
    (tmp_path / "installed" / "new-1.0.dist-info").mkdir(parents=True)
    faked.run()
    faked.run()
    assert faked.built == ["c1", "c1"]
    (tmp_path / "installed" / "new-1.0.dist-info").rename(tmp_path / "installed" / "new-1.1.dist-info")
    faked.run()
    assert faked.built == ["c1", "c1", "c1"]


def test_another_byte_of_the_package_is_another_build(faked):
    faked.run()
    faked.engine.write_text("x = 2\n")
    faked.run()
    assert faked.built == ["c1", "c1"]


def altered(path):
    path.write_bytes(path.read_bytes() + b"x")


def altered_in_one_byte(path):
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    later(path)


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        ("data/ae.csv", altered, "altered"),
        ("data/ae.csv", altered_in_one_byte, "altered"),
        ("data/ae.csv", lambda path: path.unlink(), "deleted"),
        ("summary.json", lambda path: path.unlink(), "deleted"),
        ("data/new.csv", lambda path: path.write_text("x"), "added"),
        ("manifest.json", altered, "altered"),
        ("study/specs/study.yml", altered, "altered"),
    ],
)
def test_a_published_file_changed_by_hand_is_told_and_built_again(faked, capsys, name, change, what):
    faked.run()
    change(faked.file(name))
    capsys.readouterr()
    assert faked.run() == 0
    said = capsys.readouterr().out
    assert f"c1/{name}" in said
    assert f"{what} by hand" in said
    assert faked.built == ["c1", "c1"]
    assert faked.file("data/ae.csv").read_text() == "A\n"
    capsys.readouterr()
    assert faked.run() == 0
    assert "by hand" not in capsys.readouterr().out
    assert faked.built == ["c1", "c1"]


def test_a_hash_finds_what_size_and_time_hide_when_it_is_asked(faked, capsys):
    faked.run()
    path = faked.file("data/ae.csv")
    state = path.stat()
    path.write_text("B\n")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_ino == state.st_ino
    faked.run()
    assert faked.built == ["c1"]
    faked.run(verify=True)
    assert faked.built == ["c1", "c1"]
    assert "c1/data/ae.csv" in capsys.readouterr().out


def test_what_programs_leave_where_they_look_is_no_change(faked):
    faked.run()
    faked.file("study/adam/__pycache__").mkdir()
    for name in ("data/.DS_Store", "data/~$ae.docx", "data/Thumbs.db", "study/adam/__pycache__/own.pyc"):
        faked.file(name).write_text("x")
    faked.run()
    assert faked.built == ["c1"]


def test_a_copy_of_the_folder_is_up_to_date_and_looked_at_quickly_from_then_on(faked, monkeypatch):
    faked.run()
    before = faked.root.rename(faked.root.with_name("before"))
    shutil.copytree(before, faked.root, symlinks=True)
    later(faked.file("data/ae.csv"))
    faked.run()
    monkeypatch.setattr("datacut.pipeline.intact.sha256_of", lambda path: pytest.fail(f"{path} hashed"))
    faked.run()
    assert faked.built == ["c1"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cut": "c1"}', '{"cut": "c1", "files": {"x": {"size": 1}}}'])
def test_a_record_that_cannot_be_read_is_none(faked, text):
    faked.run()
    record = next((faked.build / ".store").glob("*.json"))
    record.write_text(text)
    assert newest(faked.build, "c1") is None
    assert faked.run() == 0
    assert faked.built == ["c1", "c1"]


def test_inputs_of_before_take_the_build_of_before(faked):
    faked.run()
    before = newest(faked.build, "c1").folder
    faked.write("raw/c1/ae.csv", "B\n")
    faked.run()
    assert faked.file("data/ae.csv").read_text() == "B\n"
    faked.write("raw/c1/ae.csv", "A\n")
    assert faked.run() == 0
    assert faked.built == ["c1", "c1"]
    assert newest(faked.build, "c1").folder == before
    assert faked.file("data/ae.csv").read_text() == "A\n"


def test_an_earlier_build_that_was_altered_is_not_taken(faked, capsys):
    faked.run()
    altered(faked.file("data/ae.csv"))
    faked.write("raw/c1/ae.csv", "B\n")
    faked.run()
    faked.write("raw/c1/ae.csv", "A\n")
    faked.run()
    assert faked.built == ["c1", "c1", "c1"]
    assert faked.file("data/ae.csv").read_text() == "A\n"
    assert "altered by hand" in capsys.readouterr().out


def test_some_outputs_are_made_on_the_build_before_and_never_taken_from_the_store(faked):
    for only in ((), ("l",), (), ("l",)):
        faked.run(only=only)
    assert faked.built == ["c1", "c1", "c1"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda study: study.write("raw/c1/ae.csv", "B\n"), "raw/ae.csv"),
        (lambda study: study.write("raw/c1/lb.csv", "B\n"), "raw/lb.csv"),
        (lambda study: (study.root / "adam/own.py").unlink(), "adam/own.py"),
        (lambda study: later(study.root / "specs/study.yml"), "specs/study.yml"),
    ],
)
def test_an_input_that_changes_while_the_build_runs_is_told_and_nothing_is_published(faked, change, name):
    """Written again with the same bytes counts: between its two writings it may have been read otherwise."""
    faked.run()
    before, content = newest(faked.build, "c1"), (faked.build / "c1" / "manifest.json").read_bytes()
    faked.write("specs/new.yml", "x: 1\n")
    faked.meanwhile = lambda: change(faked)
    with pytest.raises(InputError, match=rf"^{name}: changed while the build ran"):
        faked.run()
    assert newest(faked.build, "c1") == before
    assert faked.file("manifest.json").read_bytes() == content
    assert faked.folders == {before.folder.name}
    faked.meanwhile = lambda: None
    assert faked.run() == 0


def test_the_manifest_says_the_inputs_as_they_were_at_the_beginning_and_the_engine(faked):
    faked.run()
    manifest = json.loads(faked.file("manifest.json").read_text())
    # sha256sum of "A\n"
    assert manifest["inputs"]["raw/ae.csv"] == "06f961b802bc46ee168555f066d28f4f0e9afdf3f88174c1ee6f9de004fc30a0"
    assert sorted(manifest["inputs"]) == ["adam/own.py", "raw/ae.csv", "specs/study.yml"]
    assert sorted(manifest["outputs"]) == [
        *(f"accounting/{n}.csv" for n in ("blocks", "cut", "fields", "forms", "values")),
        "data/ae.csv",
        "findings.csv",
        "findings_places.csv",
        "study/adam/own.py",
        "study/specs/study.yml",
        "summary.json",
    ]
    assert sorted(manifest["datacut"]) == ["sha256", "version"]


@pytest.mark.parametrize(
    "name",
    ["a/b", "a\\b", "..", ".hidden", "", " a", "a.", "<b>", "[red]", "a\nb", "a\x1b[31m", "a:b", "run.jsonl", "x" * 65],
)
def test_a_name_that_is_none_of_a_cut_is_refused(faked, name):
    with pytest.raises(InputError, match="not a name of a cut") as told:
        faked.run(name)
    assert str(told.value).isprintable()
    assert not faked.build.exists()


def test_a_folder_of_an_export_is_refused_by_its_name_and_a_hidden_one_is_none(faked):
    faked.write("raw/.ipynb_checkpoints/ae.csv", "A\n")
    assert faked.run(None) == 0
    assert faked.built == ["c1"]
    faked.write("raw/<i>/ae.csv", "A\n")
    with pytest.raises(InputError, match="'<i>': not a name of a cut"):
        faked.run(None)


@pytest.mark.parametrize("name", ["2026-03-02", "interim 1", "v1.2+b", "期中"])
def test_other_names_are_names(faked, name):
    faked.write(f"raw/{name}/ae.csv", "A\n")
    assert faked.run(name) == 0
    assert faked.file("data/ae.csv", name).is_file()


def test_what_stands_in_the_place_of_a_build_is_not_overwritten(faked):
    (faked.build / "c1").mkdir(parents=True)
    with pytest.raises(InputError, match="not a link to a build"):
        faked.run()


def test_a_file_system_without_links_is_told_before_anything_is_built(faked, monkeypatch):
    def refused(*_, **__):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("pathlib.Path.symlink_to", refused)
    with pytest.raises(DatacutError, match=r"builds cannot be published here.*Operation not supported.*--out"):
        faked.run()
    assert faked.built == []


def test_an_input_that_cannot_be_read_is_told(faked, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("datacut.pipeline.inputs.hashlib.file_digest", refused)
    with pytest.raises(InputError, match=r"own\.py: cannot be read \(Permission denied\)"):
        faked.run()
