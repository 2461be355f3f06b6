"""`datacut check --raw` from a folder of exports: which two it takes, what it prints, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from datacut.cli import app
from datacut.errors import InputError
from datacut.pipeline.transfer import run_transfer

SPECS = {
    "study": """
        study: S1
        title: A study
        protocol: S1
        standards: {sdtmig: "3.4", adamig: "1.3", ct: sdtmct-2022-09-30}
        systems:
          edc:
            label: Data capture
            columns:
              SUBJID: {label: Subject, required: true}
              RECID: {label: Record}
              UPDATED: {label: Last change, format: y-m-d}
            subject: SUBJID
            record: RECID
            audit: [UPDATED]
        """,
    "codelists": """
        codelists:
          NY: {name: No Yes, terms: [{value: Y}, {value: N}]}
        """,
    "crf/ae": """
        form: ae
        label: Events
        fields:
          AESER: {label: Serious, type: choice, codelist: NY}
        """,
}


@pytest.fixture
def root(study):
    made = study(SPECS)
    for cut, day, rows in (
        ("2026-01-01", "2025-12-30", ["01,1,{},N", "02,2,{},N"]),
        ("2026-02-01", "2026-01-30", ["01,1,{},Y", "02,2,{},N", "03,3,{},N"]),
    ):
        write(made, cut, [row.format(day) for row in rows])
    return made


def write(root: Path, cut: str, rows: list[str]) -> None:
    folder = root / "raw" / cut
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ae.csv").write_text("\n".join(["SUBJID,RECID,UPDATED,AESER", *rows]) + "\n")


def checked(root, *arguments):
    """Exit code and document of the check."""
    done = CliRunner().invoke(app, ["check", "--raw", "--json", "--study", str(root), *arguments])
    return done.exit_code, json.loads(done.stdout)


def test_the_newest_is_compared_with_the_one_before(root):
    code, document = checked(root)
    assert code == 0
    assert (document["cut"], document["before"]) == ("2026-02-01", "2026-01-01")
    assert [(f["severity"], f["rule"], f["places"], f["value"]) for f in document["findings"]] == [
        ("note", "raw.transfer.subject_new", ["raw/2026-02-01/ae.csv:4:SUBJID"], "03"),
        ("note", "raw.transfer.code_new", ["raw/2026-02-01/ae.csv:2:AESER"], "Y"),
    ]
    assert document["forms"] == [
        {
            "form": "ae",
            "before": 2,
            "now": 3,
            "new": 1,
            "gone": 0,
            "changed": 1,
            "subjects_before": 2,
            "subjects_now": 3,
        }
    ]


def test_the_first_export_is_held_against_the_specs_alone(root, capsys):
    code, document = checked(root, "--cut", "2026-01-01")
    assert (code, document["before"], document["forms"]) == (0, None, [])
    run_transfer(root, "2026-01-01")
    assert "no export of an earlier day in raw/; held against the specs alone" in capsys.readouterr().out


def test_a_fault_is_an_exit_code_of_1_and_folded_by_its_cause(root):
    write(root, "2026-02-01", ["01,1,2026-01-30,maybe", "02,2,2026-01-30,maybe"])
    code, document = checked(root)
    assert code == 1
    assert [f["places"] for f in document["findings"] if f["rule"] == "sdtm.codelist"] == [
        ["raw/2026-02-01/ae.csv:2:AESER", "raw/2026-02-01/ae.csv:3:AESER"]
    ]
    assert "raw.transfer.code_new" not in {f["rule"] for f in document["findings"]}  # nobody knows it: told once


def test_a_file_that_cannot_be_read_is_told_and_nobody_is_called_gone(root):
    (root / "raw" / "2026-02-01" / "ae.csv").write_bytes(b"\xff\xff\xff")
    code, document = checked(root)
    assert code == 1
    assert [(f["rule"], f["where"]) for f in document["findings"]] == [
        ("raw.encoding", "raw/2026-02-01/ae.csv:1:byte 1"),
        ("raw.transfer.undated", "raw/2026-02-01"),
    ]


def test_folders_that_no_day_names_are_not_taken_for_transfers(root):
    for name in ("2026-13-01", "latest", ".git", "2026-01-0x"):
        shutil.copytree(root / "raw" / "2026-02-01", root / "raw" / name)
    assert checked(root)[1]["cut"] == "2026-02-01"
    assert checked(root, "--cut", "latest")[1]["before"] is None


@pytest.mark.parametrize("name", ["../raw/2026-02-01", "a/b", ".git", "[red]x[/red]", "", "2026-02-01\n", "-x"])
def test_names_that_are_no_names_of_cuts_are_refused(root, name):
    with pytest.raises(InputError, match="not a name of a cut"):
        run_transfer(root, name)


def test_an_export_that_is_not_there_is_said_with_those_that_are(root):
    with pytest.raises(InputError, match=r"2026-03-01: no such export. There are 2026-01-01, 2026-02-01\."):
        run_transfer(root, "2026-03-01")


def test_no_export_at_all(study):
    with pytest.raises(InputError, match="no export named by its day"):
        run_transfer(study(SPECS), None)


def test_options_that_do_not_go_together_are_refused(root):
    for arguments in (["--raw", "--core"], ["--json"]):
        done = CliRunner().invoke(app, ["check", "--study", str(root), *arguments])
        assert isinstance(done.exception, InputError)


def test_the_closing_table(root, capsys):
    assert run_transfer(root, None) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = [x for x in lines if x.startswith("│ ae ")]
    assert line.replace("│", " ").split() == ["ae", "2", "3", "1", "0", "1", "2", "3"]
    assert lines[-1] == "raw/2026-02-01: 0 errors, 2 other findings; nothing was built"
