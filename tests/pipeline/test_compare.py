"""`datacut compare`: exit codes, where keys come from, what is printed and written."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from datacut import cli
from datacut.errors import InputError
from datacut.pipeline.compare import run_compare

OURS = "USUBJID,AESEQ,AETERM,AVAL\nS-01,1,Rash,1.5\nS-01,2,Fever,2\nS-02,1,Nausea,3\n"
THEIRS = "USUBJID,AESEQ,AETERM,AVAL\nS-02,1,Nausea,3\nS-01,1,Rash,1.6\nS-01,2,Fever,2\n"

AE = """
    dataset: AE
    keys: [STUDYID, USUBJID, AETERM]
    records: []
    variables: {}
"""


def files(tmp_path, ours=OURS, theirs=THEIRS, name="ae.csv"):
    places = tmp_path / "ours", tmp_path / "theirs"
    for place, text in zip(places, (ours, theirs), strict=True):
        place.mkdir(exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return tuple(place / name for place in places)


def command(monkeypatch, *words):
    """Exit code of the command as it is typed."""
    monkeypatch.setattr(sys, "argv", ["datacut", "compare", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def test_exit_codes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ours, theirs = files(tmp_path)
    assert command(monkeypatch, ours, ours) == 0
    assert command(monkeypatch, ours, theirs, "--key", "USUBJID,AESEQ") == 1
    assert command(monkeypatch, ours, theirs, "--key", "USUBJID", "--key", "AESEQ") == 1
    capsys.readouterr()
    for words in (
        (ours, tmp_path / "nowhere"),
        (ours, theirs, "--key", "SITEID"),
        (ours, theirs, "--key", " "),
        (ours, theirs, "--method", "near"),
        (ours, theirs, "--method", "exact", "--criterion", "0.1"),
        (ours, theirs, "--variable", "AVAL"),
        (ours, theirs, "--variable", "NONE=exact"),
        (ours, theirs, "--encoding", "martian"),
        (ours, theirs, "--criterion", "far"),
        (ours,),
    ):
        assert command(monkeypatch, *words) == 2, words
        told = capsys.readouterr()
        assert told.err
        assert "Traceback" not in told.err + told.out


def test_records_are_in_order_where_no_keys_are_known(tmp_path, capsys):
    ours, theirs = files(tmp_path)
    assert run_compare(ours, theirs, None) == 1
    told = capsys.readouterr().out
    assert "no keys are known: records are compared in their order" in told
    assert "1 compared; different: AE" in told


def test_what_is_written_as_json(tmp_path, capsys):
    ours, theirs = files(tmp_path)
    out = tmp_path / "found.json"
    assert run_compare(ours, theirs, None, keys=["usubjid,aeseq"], json_file=out) == 1
    whole = json.loads(out.read_text(encoding="utf-8"))
    (found,) = whole["compared"]
    assert (whole["equal"], found["keys"], found["keys_from"]) == (False, ["USUBJID", "AESEQ"], "named with --key")
    assert found["values_unequal"] == 1
    assert found["differences"] == [
        {
            "ours_record": 1,
            "theirs_record": 2,
            "key": "S-01|1",
            "variable": "AVAL",
            "ours": "1.5",
            "theirs": "1.6",
            "difference": None,
            "percent": None,
            "ambiguous": False,
        }
    ]
    assert found["by_subject"] == [{"subject": "S-01", "values": 1, "records": 1, "only_ours": 0, "only_theirs": 0}]
    assert "records are paired by USUBJID, AESEQ (named with --key)" in capsys.readouterr().out


def test_the_criterion_of_one_variable(tmp_path):
    ours, theirs = files(tmp_path)
    table = pd.read_csv(theirs)
    table.to_parquet(theirs.with_suffix(".parquet"))
    other = theirs.with_suffix(".parquet")
    keys = ["USUBJID,AESEQ"]
    assert run_compare(ours, other, None, keys=keys) == 1
    assert run_compare(ours, other, None, keys=keys, method="absolute", criterion=0.2) == 0
    assert run_compare(ours, other, None, keys=keys, variables=["AVAL=absolute:0.2"]) == 0
    assert (
        run_compare(ours, other, None, keys=keys, variables=["AVAL=absolute:0.05"], method="absolute", criterion=9) == 1
    )


def test_keys_of_the_specs(tmp_path, study, capsys):
    root = study({"sdtm/ae": AE})
    ours, theirs = files(
        tmp_path,
        "STUDYID,USUBJID,AETERM\nS,S-01,Rash\nS,S-01,Fever\n",
        "STUDYID,USUBJID,AETERM\nS,S-01,Fever\nS,S-01,Rash\n",
    )
    assert run_compare(ours, theirs, root) == 0
    assert "paired by STUDYID, USUBJID, AETERM (of specs, AE)" in capsys.readouterr().out


def test_a_key_of_the_specs_that_a_file_does_not_have_is_said(tmp_path, study):
    ours, theirs = files(tmp_path)
    with pytest.raises(InputError, match="the key STUDYID is not there"):
        run_compare(ours, theirs, study({"sdtm/ae": AE}))


def test_folders(tmp_path, capsys):
    files(tmp_path)
    files(tmp_path, "A\n1\n", "A\n1\n", "dm.csv")
    (tmp_path / "ours" / "vs.csv").write_text("A\n1\n", encoding="utf-8")
    out = tmp_path / "found.json"
    assert run_compare(tmp_path / "ours", tmp_path / "theirs", None, json_file=out) == 1
    told = capsys.readouterr().out
    assert "only in ours: vs" in told
    assert "2 compared; different: AE" in told
    whole = json.loads(out.read_text(encoding="utf-8"))
    assert whole["only_ours"] == ["vs"]
    assert [(d["dataset"], d["equal"]) for d in whole["compared"]] == [("AE", False), ("DM", True)]


def test_a_dataset_of_one_side_alone_is_a_difference(tmp_path):
    files(tmp_path, "A\n1\n", "A\n1\n", "dm.csv")
    assert run_compare(tmp_path / "ours", tmp_path / "theirs", None) == 0
    (tmp_path / "theirs" / "vs.csv").write_text("A\n1\n", encoding="utf-8")
    assert run_compare(tmp_path / "ours", tmp_path / "theirs", None) == 1


def rtf(number):
    row = "\\trowd\\cellx10\\cellx20 Rash\\cell %s\\cell\\row"
    return "{\\rtf1\\ansi\\trowd\\trhdr\\cellx10\\cellx20 Term\\cell n\\cell\\row" + row % number + "}"


FIGURE = "{\\rtf1\\ansi{\\pict 00}\\par}"


def test_tables(tmp_path, capsys):
    ours, theirs = files(tmp_path, rtf(5), rtf(6), "t-14-1.rtf")
    assert run_compare(ours, ours, None) == 0
    assert run_compare(ours, theirs, None) == 1
    told = capsys.readouterr().out
    assert "numbers: 0 equal, 1 different, 0 unpaired" in told
    assert "1 compared; different: t-14-1" in told


def test_figures_of_a_folder_are_passed_over_and_told(tmp_path, capsys):
    files(tmp_path, rtf(5), rtf(5), "t-14-1.rtf")
    figures = files(tmp_path, FIGURE, FIGURE, "f-14-1.rtf")
    assert run_compare(tmp_path / "ours", tmp_path / "theirs", None) == 0
    assert "not compared, since they are figures: f-14-1.rtf" in capsys.readouterr().out
    with pytest.raises(InputError, match="Figures are not compared"):
        run_compare(*figures, None)


def test_a_table_and_a_dataset_are_not_compared(tmp_path):
    ours, _ = files(tmp_path)
    other, _ = files(tmp_path, rtf(5), rtf(5), "ae.rtf")
    with pytest.raises(InputError, match="a table is compared with a table"):
        run_compare(ours, other, None)


def test_json_that_cannot_be_written_is_said(tmp_path):
    ours, _ = files(tmp_path)
    with pytest.raises(InputError, match="cannot be written"):
        run_compare(ours, ours, None, json_file=tmp_path / "none" / "found.json")


def test_brackets_in_data_are_printed_as_they_are(tmp_path, capsys):
    ours, theirs = files(tmp_path, "K,A\n[/b],[bold]x\n", "K,A\n[/b],[i]y\n")
    assert run_compare(ours, theirs, None, keys=["K"]) == 1
    told = capsys.readouterr().out
    assert "[/b]" in told
    assert "[bold]x" in told
    assert "[i]y" in told


def test_a_place_that_may_not_be_read_is_said(tmp_path, monkeypatch):
    ours, theirs = files(tmp_path, rtf(5), rtf(5), "t-14-1.rtf")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        with pytest.raises(InputError, match="cannot be read: Permission denied"):
            run_compare(ours, theirs, None)
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        run_compare(ours.parent, theirs.parent, None)
