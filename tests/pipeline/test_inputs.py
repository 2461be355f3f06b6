"""One digest of everything a build depends on, wherever it lies."""

import shutil

import pytest

from datacut.errors import InputError
from datacut.pipeline.inputs import digest_of, export_files, package_files, read_inputs, study_files


@pytest.fixture
def root(tmp_path):
    files = {
        "specs/study.yml": "study: S1\n",
        "specs/sdtm/ae.yml": "dataset: AE\n",
        "adam/rules.py": "x = 1\n",
        "raw/c1/ae.csv": "A\n",
        "raw/c2/ae.csv": "B\n",
        "README.md": "not an input\n",
    }
    for name, text in files.items():
        path = tmp_path / "one" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "one"


def digest(root, cut="c1"):
    return read_inputs(root, root / "raw" / cut, cut).digest


def test_what_is_an_input(root):
    assert sorted(export_files(root / "raw" / "c1")) == ["raw/ae.csv"]
    assert sorted(study_files(root)) == ["adam/rules.py", "specs/sdtm/ae.yml", "specs/study.yml"]


def test_the_digest_does_not_depend_on_where_the_study_lies(root, tmp_path):
    before = digest(root)
    shutil.copytree(root, tmp_path / "two" / "deep")
    assert digest(tmp_path / "two" / "deep") == before


def test_an_export_elsewhere_counts_by_its_content(root, tmp_path):
    shutil.copytree(root / "raw" / "c1", tmp_path / "export")
    assert read_inputs(root, tmp_path / "export", "c1").digest == digest(root)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("specs/study.yml", "study: S2\n"),
        ("specs/new.yml", ""),
        ("adam/rules.py", "x = 2\n"),
        ("raw/c1/ae.csv", "A\n\n"),
        ("raw/c1/new.csv", ""),
    ],
)
def test_any_change_of_an_input_changes_it(root, name, text):
    before = digest(root)
    (root / name).write_text(text)
    assert digest(root) != before


@pytest.mark.parametrize("name", ["README.md", "raw/c2/ae.csv", "specs/.hidden", "adam/__pycache__/rules.pyc"])
def test_nothing_else_does(root, name):
    before = digest(root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("other")
    assert digest(root) == before


def test_a_renamed_file_changes_it_and_content_cannot_pass_for_a_name(root):
    before = digest(root)
    (root / "raw/c1/ae.csv").rename(root / "raw/c1/dm.csv")
    assert digest(root) != before
    assert digest_of({}, "ab", "c") != digest_of({}, "a", "bc")


def test_the_package_is_an_input():
    assert {"datacut/pipeline/inputs.py", "datacut/standards/sdtmig_3_4/variables.csv"} <= set(package_files())


def test_the_study_of_a_build_is_its_specs_and_code_and_the_engine_is_none_of_the_inputs_told(root):
    inputs = read_inputs(root, root / "raw" / "c1")
    assert sorted(inputs.study) == ["adam/rules.py", "specs/sdtm/ae.yml", "specs/study.yml"]
    assert sorted(inputs.hashes) == ["adam/rules.py", "raw/ae.csv", "specs/sdtm/ae.yml", "specs/study.yml"]
    assert inputs.files.keys() - inputs.hashes.keys() == set(package_files())


def test_the_inputs_of_the_specs_alone_hold_no_export(root):
    inputs = read_inputs(root, None)
    assert sorted(inputs.hashes) == ["adam/rules.py", "specs/sdtm/ae.yml", "specs/study.yml"]
    (root / "raw" / "c1" / "ae.csv").write_text("C\n")
    inputs.require_unchanged()
    (root / "specs" / "sdtm" / "ae.yml").write_text("dataset: DM\n")
    with pytest.raises(InputError, match=r"specs/sdtm/ae\.yml"):
        inputs.require_unchanged()
