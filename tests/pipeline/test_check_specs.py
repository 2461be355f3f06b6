"""The check of the specs is made once for each state of what it rests on."""

from types import SimpleNamespace

import pytest

from datacut.errors import Finding, Severity, SpecError, in_spec
from datacut.pipeline import specs as reading
from datacut.pipeline.check_specs import check_specs

FOUND = Finding(Severity.WARNING, "spec.name", in_spec("specs/study.yml", 3), "no such visit", "V9", "Mend it.")


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder of specs whose reading is counted, and finds one thing."""
    for name in ("specs/study.yml", "adam/own.py", "raw/c1/ae.csv", "engine.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1\n")
    made = SimpleNamespace(root=tmp_path, read=0, meanwhile=lambda: None)

    def read_specs(root):
        made.read += 1
        made.meanwhile()
        specs = SimpleNamespace(forms={"ae": 1}, sdtm={"AE": 1}, adam={"ADSL": 1, "ADAE": 1}, outputs={})
        return SimpleNamespace(specs=specs, findings=(FOUND,))

    monkeypatch.setattr(reading, "read_specs", read_specs)
    monkeypatch.setattr("datacut.pipeline.inputs.package_files", lambda: {"datacut/engine.py": tmp_path / "engine.py"})
    return made


def check(study):
    return check_specs(study.root, study.root / "build")


def test_what_was_found_is_said_again_without_reading(study):
    first = check(study)
    assert first == ("specs: 1 forms, 3 datasets, 0 outputs", [FOUND])
    assert (check(study), study.read) == (first, 1)


@pytest.mark.parametrize("name", ["specs/study.yml", "adam/own.py", "engine.py"])
def test_a_change_of_what_it_rests_on_is_checked(study, name):
    check(study)
    (study.root / name).write_text("2\n")
    assert (check(study)[1], study.read) == ([FOUND], 2)


def test_a_change_of_an_export_is_none(study):
    check(study)
    (study.root / "raw/c1/ae.csv").write_text("2\n")
    check(study)
    assert study.read == 1


def test_what_is_installed_counts(study, monkeypatch):
    check(study)
    monkeypatch.setattr("datacut.pipeline.inputs.environment", lambda: "another")
    check(study)
    assert study.read == 2


def test_nothing_is_kept_of_specs_that_change_while_they_are_read(study):
    study.meanwhile = lambda: (study.root / "specs/study.yml").write_text("2\n")
    check(study)
    study.meanwhile = lambda: None
    (study.root / "specs/study.yml").write_text("1\n")
    check(study)
    assert study.read == 2


def test_a_spoilt_entry_is_made_again(study):
    check(study)
    (entry,) = (study.root / "build/.store/tasks").glob("??/*")
    entry.write_bytes(entry.read_bytes().replace(b"V9", b"V8"))
    assert (check(study)[1], study.read) == ([FOUND], 2)


def test_where_nothing_can_be_written_the_check_is_made_all_the_same(study):
    (study.root / "build").write_text("a file where the folder would be")
    assert check(study)[1] == [FOUND]


def test_specs_that_cannot_be_read_are_said_so_each_time(study):
    def refuse():
        raise SpecError([FOUND])

    study.meanwhile = refuse
    for _ in range(2):
        with pytest.raises(SpecError):
            check(study)
    assert study.read == 2
