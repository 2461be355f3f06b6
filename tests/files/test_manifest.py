import json

from datacut.files.manifest import file_entries, sha256_of, write_manifest


def test_sha256_of_a_known_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"abc")
    (tmp_path / "empty").write_bytes(b"")
    assert sha256_of(tmp_path / "a.txt") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path / "empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_manifest_is_the_same_whatever_the_order(tmp_path):
    path = tmp_path / "manifest.json"
    write_manifest(path, {"b": 1, "a": {"y": "µ", "x": None}})
    assert path.read_bytes() == '{\n  "a": {\n    "x": null,\n    "y": "µ"\n  },\n  "b": 1\n}\n'.encode()
    assert json.loads(path.read_bytes()) == {"a": {"x": None, "y": "µ"}, "b": 1}


def test_entries_of_a_folder(tmp_path):
    (tmp_path / "sdtm").mkdir()
    (tmp_path / "sdtm" / "ae.xpt").write_bytes(b"abc")
    assert file_entries(tmp_path) == {
        "sdtm/ae.xpt": {"bytes": 3, "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
    }
