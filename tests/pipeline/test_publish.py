"""A build takes the place of the last one in one rename, or not at all."""

import pytest

from datacut.pipeline.publish import publishing


def make(build, cut, digest, **files):
    with publishing(build, cut, digest) as folder:
        for name, text in files.items():
            (folder / name).write_text(text)


def content(build, cut):
    return {p.name: p.read_text() for p in (build / cut).iterdir()}


def test_a_build_is_a_link_to_its_own_folder(tmp_path):
    make(tmp_path, "c1", "a" * 64, x="1")
    assert (tmp_path / "c1").is_symlink()
    assert not (tmp_path / "c1").readlink().is_absolute()
    assert content(tmp_path, "c1") == {"x": "1"}


def test_the_build_folder_can_be_moved(tmp_path):
    make(tmp_path / "one", "c1", "a" * 64, x="1")
    (tmp_path / "one").rename(tmp_path / "two")
    assert content(tmp_path / "two", "c1") == {"x": "1"}


def test_a_build_replaces_the_last_one_whole(tmp_path):
    make(tmp_path, "c1", "a" * 64, x="1", gone="1")
    make(tmp_path, "c1", "b" * 64, x="2")
    assert content(tmp_path, "c1") == {"x": "2"}
    assert len(list((tmp_path / ".store").iterdir())) == 1


def test_the_same_inputs_again(tmp_path):
    make(tmp_path, "c1", "a" * 64, x="1", gone="1")
    make(tmp_path, "c1", "a" * 64, x="2")
    assert content(tmp_path, "c1") == {"x": "2"}


def test_other_cuts_are_left_alone(tmp_path):
    make(tmp_path, "c1", "a" * 64, x="1")
    make(tmp_path, "c2", "a" * 64, x="2")
    assert (content(tmp_path, "c1"), content(tmp_path, "c2")) == ({"x": "1"}, {"x": "2"})


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_build_leaves_the_last_one_whole_and_nothing_of_its_own(tmp_path, interruption):
    make(tmp_path, "c1", "a" * 64, x="1")
    with pytest.raises(interruption), publishing(tmp_path, "c1", "b" * 64) as folder:
        (folder / "x").write_text("2")
        raise interruption
    assert content(tmp_path, "c1") == {"x": "1"}
    assert len(list((tmp_path / ".store").iterdir())) == 1


def test_the_last_build_stands_until_the_new_one_is_whole(tmp_path):
    make(tmp_path, "c1", "a" * 64, x="1")
    with publishing(tmp_path, "c1", "b" * 64) as folder:
        (folder / "x").write_text("2")
        assert content(tmp_path, "c1") == {"x": "1"}
    assert content(tmp_path, "c1") == {"x": "2"}
