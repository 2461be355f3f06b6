"""Builds kept under a name, listed, and removed when nobody keeps them."""

from __future__ import annotations

import json
import stat

import pytest

from datacut.errors import InputError
from datacut.pipeline.keep import collect, drop_name, keep_build, list_builds
from datacut.pipeline.store import newest


@pytest.fixture
def build(faked):
    """`build("A")` makes a build of this export and returns its folder."""

    def of(text: str, cut: str = "c1", **more: object):
        faked.write(f"raw/{cut}/ae.csv", text)
        faked.run(cut, **more)
        return newest(faked.build, cut).folder

    return of


def writable(folder):
    return [p.name for p in (folder, *folder.rglob("*")) if p.stat().st_mode & 0o222]


def test_a_kept_build_is_frozen_and_can_be_explained(faked, build, capsys):
    home = build("A")
    assert keep_build(faked.build, "dsmb 1", None, None) == 0
    assert writable(home) == []
    assert (home / "study" / "specs" / "study.yml").read_text() == "study: S1\n"
    assert (home / "study" / "adam" / "own.py").read_text() == "x = 1\n"
    assert set(json.loads((home / "manifest.json").read_text())["inputs"]) == {
        "adam/own.py",
        "raw/ae.csv",
        "specs/study.yml",
    }
    assert str(home) in capsys.readouterr().out.replace("\n", "")


def test_gc_leaves_the_newest_builds_of_each_cut_and_every_kept_one(faked, build, capsys):
    kept = build("A")
    keep_build(faked.build, "one", "c1", None)
    gone = build("B")
    two = [build("C"), build("D"), build("X", "c2")]
    capsys.readouterr()
    collect(faked.build, 2, dry_run=True)
    assert f"{gone.name}: 0.0 MB" in capsys.readouterr().out
    assert gone.is_dir()
    collect(faked.build, 2, dry_run=False)
    assert "1 builds removed, which frees 0.0 MB" in capsys.readouterr().out
    assert faked.folders == {kept.name, *(p.name for p in two)}
    assert not gone.with_name(f"{gone.name}.json").exists()
    collect(faked.build, 1, dry_run=False)
    assert faked.folders == {kept.name, two[1].name, two[2].name}


def test_gc_leaves_the_build_that_the_cut_leads_to_whatever_its_age(faked, build):
    first, second = build("A"), build("B")
    (faked.build / "c1").unlink()
    (faked.build / "c1").symlink_to(f".store/{first.name}")
    collect(faked.build, 1, dry_run=False)
    assert faked.folders == {first.name, second.name}


def test_a_build_of_before_that_was_taken_again_is_the_newest(faked, build):
    first, second = build("A"), build("B")
    assert build("A") == first
    collect(faked.build, 1, dry_run=False)
    assert faked.folders == {first.name}
    assert not second.exists()


def test_a_dropped_name_lets_gc_have_it(faked, build):
    first = build("A")
    keep_build(faked.build, "one", None, None)
    keep_build(faked.build, "again", None, None)
    build("B")
    drop_name(faked.build, "one")
    collect(faked.build, 1, dry_run=False)
    assert first.is_dir()
    assert writable(first) == []
    drop_name(faked.build, "again")
    assert first.stat().st_mode & stat.S_IWUSR
    collect(faked.build, 1, dry_run=False)
    assert not first.exists()


def test_a_kept_build_that_is_altered_is_an_error_and_is_never_rewritten(faked, build, capsys):
    home = build("A")
    keep_build(faked.build, "one", None, None)
    path = home / "data" / "ae.csv"
    path.chmod(0o644)
    path.write_text("?")
    assert faked.run() == 1
    said = capsys.readouterr().out
    assert "c1/data/ae.csv" in said
    assert "one" in said
    assert path.read_text() == "?"
    assert faked.built == ["c1"]
    assert list_builds(faked.build, verify=False) == 1
    drop_name(faked.build, "one")
    assert faked.run() == 0
    assert newest(faked.build, "c1").folder.name == f"{home.name}-2"


def test_a_manifest_written_anew_with_its_record_is_found_by_the_hash_that_the_name_holds(faked, build):
    home = build("A")
    keep_build(faked.build, "one", None, None)
    (home / "manifest.json").chmod(0o644)
    (home / "manifest.json").write_text("{}")
    record = home.with_name(f"{home.name}.json")
    content = json.loads(record.read_text())
    state = (home / "manifest.json").stat()
    content["files"]["manifest.json"] = {
        "size": 2,
        "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",  # sha256sum of {}
        "mtime_ns": state.st_mtime_ns,
        "inode": state.st_ino,
    }
    record.write_text(json.dumps(content))
    assert list_builds(faked.build, verify=True) == 1


def test_a_new_build_of_a_frozen_one_lies_beside_it(faked, build):
    home = build("A")
    keep_build(faked.build, "one", None, None)
    second = build("B")
    assert (home / "data" / "ae.csv").read_text() == "A"
    assert (second / "data" / "ae.csv").read_text() == "B"
    assert build("A") == home


def test_an_altered_build_is_not_kept(faked, build, capsys):
    home = build("A")
    (home / "data" / "ae.csv").write_text("B")
    assert keep_build(faked.build, "one", None, None) == 1
    assert "c1/data/ae.csv" in capsys.readouterr().out
    assert (home / "data").stat().st_mode & stat.S_IWUSR
    with pytest.raises(InputError, match="no kept build has this name"):
        drop_name(faked.build, "one")


def test_one_by_its_digest(faked, build, capsys):
    first = build("A")
    digest = newest(faked.build, "c1").digest
    build("B")
    assert keep_build(faked.build, "one", None, digest[:10]) == 0
    assert writable(first) == []
    for wrong in ("", "zz"):
        with pytest.raises(InputError, match="one build is meant"):
            keep_build(faked.build, "two", None, wrong)


def test_which_build_is_meant_must_be_clear(faked, build):
    with pytest.raises(InputError, match="no build to keep"):
        keep_build(faked.build, "one", None, None)
    build("A")
    build("A", "c2")
    with pytest.raises(InputError, match=r"several cuts \(c1, c2\)"):
        keep_build(faked.build, "one", None, None)
    with pytest.raises(InputError, match="no build to keep"):
        keep_build(faked.build, "one", "c3", None)
    assert keep_build(faked.build, "one", "c2", None) == 0
    with pytest.raises(InputError, match=r"^one: the name of c2-"):
        keep_build(faked.build, "One", "c1", None)


@pytest.mark.parametrize("name", ["a/b", ".a", "../x", "<b>", "a\nb"])
def test_a_name_that_is_none_is_refused(faked, build, name):
    build("A")
    with pytest.raises(InputError, match="not a name of a kept build"):
        keep_build(faked.build, name, None, None)
    with pytest.raises(InputError, match="not a name of a cut"):
        keep_build(faked.build, "one", name, None)
    with pytest.raises(InputError, match="no kept build has this name"):
        drop_name(faked.build, name)


def test_the_list_says_cut_digest_name_size_and_findings(faked, build, capsys):
    build("A")
    keep_build(faked.build, "one", None, None)
    build("B")
    capsys.readouterr()
    assert list_builds(faked.build, verify=True) == 0
    lines = [" ".join(line.replace("│", " ").split()) for line in capsys.readouterr().out.splitlines()]
    first, second = (line for line in lines if line.startswith("c1 "))
    assert first.startswith(f"c1 {newest(faked.build, 'c1').digest[:12]} (newest) 2")
    assert first.endswith("0.0 MB 0 0 0")
    assert " one 2" in second


def test_a_kept_build_that_is_gone_is_an_error(faked, build, capsys):
    home = build("A")
    keep_build(faked.build, "one", None, None)
    build("B")
    home.with_name(f"{home.name}.json").unlink()
    assert list_builds(faked.build, verify=False) == 1
    assert f".store/{home.name}" in capsys.readouterr().out
    collect(faked.build, 1, dry_run=False)
    assert home.is_dir()


def test_a_name_that_cannot_be_read_stops_what_would_remove_its_build(faked, build):
    build("A")
    keep_build(faked.build, "one", None, None)
    path = faked.build / ".store" / "kept" / "one.json"
    path.write_text("{")
    with pytest.raises(InputError, match=r"cannot be read\. Restore it"):
        collect(faked.build, 1, dry_run=False)


def test_a_build_says_what_earlier_ones_take_once_gc_would_remove_some(faked, build, capsys):
    build("A")
    build("B")
    assert "datacut gc" not in capsys.readouterr().out
    build("C")
    assert "earlier builds: 1, 0 MB; `datacut gc` removes them" in capsys.readouterr().out
