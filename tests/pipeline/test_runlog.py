"""The log of runs: its lines fit their schema, a torn one is skipped and told, and a review reads what it asks."""

import json
from pathlib import Path

import jsonschema
import pytest

import datacut.pipeline
from datacut.errors import InputError
from datacut.pipeline.log import run_log
from datacut.pipeline.runlog import (
    Began,
    Conversion,
    Ended,
    Found,
    Merge,
    Phase,
    Records,
    RunLog,
    Tasks,
    read_log,
    schema,
)

PUBLISHED = json.loads((Path(datacut.pipeline.__path__[0]) / "run_log.schema.json").read_text(encoding="utf-8"))
RECORDS = {"dataset": "AE", "block": "1", "source": "raw.ae", "rows": 5, "not_selected": 1, "made": 3}
EVENTS = (
    Began(version="1.0", workers=2),
    Phase(phase="SDTM", seconds=1.5),
    Tasks(kind="outputs", ran=3, reused=142),
    Records(**RECORDS, excluded={"not an event": 1}),
    Merge(
        step="ADSL.X",
        call="verb",
        source="EX",
        by=["USUBJID"],
        source_by=["USUBJID"],
        keys=1,
        rows_here=2,
        rows_there=3,
    ),
    Conversion(step="LB.LBSTRESN", source="LBORRES", kind="not a number", records=4),
    Found(rule="date.partial", severity="note", causes=1, places=7),
    Ended(state="built", seconds=9.0, memory_mib=None),
)


def lines(build):
    return [json.loads(line) for line in (build / "run.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_published_schema_is_that_of_the_events():
    assert schema() == PUBLISHED


def test_every_kind_of_event_fits_the_schema_and_comes_back(tmp_path):
    RunLog(tmp_path, "c1").add(*EVENTS)
    for line in lines(tmp_path):
        jsonschema.validate(line, PUBLISHED, cls=jsonschema.Draft202012Validator)
    assert {line["event"] for line in lines(tmp_path)} == set(PUBLISHED["discriminator"]["mapping"])
    read = read_log(tmp_path)
    assert [type(e) for e in read.events] == [type(e) for e in EVENTS]
    assert read.unread == 0


@pytest.mark.parametrize(
    "change", [{"event": "other"}, {"rows": "5"}, {"made": None}, {"more": 1}], ids=["event", "text", "null", "unknown"]
)
def test_a_line_that_does_not_fit_is_refused(tmp_path, change):
    RunLog(tmp_path, "c1").add(EVENTS[3])
    line = lines(tmp_path)[0] | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line, PUBLISHED, cls=jsonschema.Draft202012Validator)
    (tmp_path / "run.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert read_log(tmp_path).unread == 1


def test_a_torn_line_is_skipped_and_told_and_the_next_run_begins_on_its_own_line(tmp_path, capsys):
    RunLog(tmp_path, "c1").add(EVENTS[0], EVENTS[1])
    log = tmp_path / "run.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    RunLog(tmp_path, "c1").add(*EVENTS)
    read = read_log(tmp_path)
    assert (len(read.events), read.unread) == (1 + len(EVENTS), 1)
    assert run_log(tmp_path, None) == 0
    said = capsys.readouterr()
    assert "1 line left unread" in said.err
    assert "no end: killed or at work" in said.out


def test_the_log_of_a_cut_lists_what_a_review_asks(tmp_path, capsys):
    RunLog(tmp_path, "c1").add(*EVENTS)
    RunLog(tmp_path, "c2").add(EVENTS[0], Ended(state="failed", seconds=0.5, memory_mib=80))
    run_log(tmp_path, "c1")
    said = capsys.readouterr().out
    for words in ("ADSL.X", "not a number", "not an event: 1", "date.partial", "142", "SDTM"):
        assert words in said
    assert "c2" not in said
    run_log(tmp_path, "c2")
    assert "c2: no run built it" in capsys.readouterr().out


def test_json_is_the_events_of_the_cut_a_line_each(tmp_path, capsys):
    RunLog(tmp_path, "c1").add(*EVENTS)
    RunLog(tmp_path, "c2").add(EVENTS[0])
    run_log(tmp_path, "c1", as_json=True)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == lines(tmp_path)[:-1]


def test_without_a_run_there_is_one_message(tmp_path):
    with pytest.raises(InputError, match="no run of c1 here"):
        run_log(tmp_path, "c1")


def test_a_run_that_builds_and_one_that_does_not_are_told_apart(faked):
    faked.run()
    faked.run()
    read = read_log(faked.build)
    assert [e.event for e in read.events] == ["began", "ended", "ended"]
    assert [e.state for e in read.events if isinstance(e, Ended)] == ["built", "up to date"]


def test_a_build_that_fails_ends_as_failed(faked):
    def fail():
        raise InputError("no")

    faked.meanwhile = fail
    with pytest.raises(InputError):
        faked.run()
    assert [e.state for e in read_log(faked.build).events if isinstance(e, Ended)] == ["failed"]
