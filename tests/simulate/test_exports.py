"""Exports are the same for a seed, grow without changing, and agree from cut to cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from datacut.errors import InputError, WriteError
from datacut.simulate import Exports, build_exports, simulate
from datacut.spec.crf import FieldType, Repeats
from datacut.spec.load import Specs

type Read = Callable[[Exports, str, str], list[dict[str, str]]]


def test_same_seed_same_bytes(specs: Specs, clean: Exports) -> None:
    again = build_exports(specs, subjects=12, cuts=2, seed=1)
    assert again.files == clean.files
    assert json.dumps(again.truth) == json.dumps(clean.truth)


def test_other_seed_other_bytes(specs: Specs, clean: Exports) -> None:
    other = build_exports(specs, subjects=12, cuts=2, seed=2)
    assert other.files != clean.files


def test_more_subjects_leave_earlier_ones_alone(specs: Specs, clean: Exports) -> None:
    more = build_exports(specs, subjects=30, cuts=2, seed=1)
    fewer = build_exports(specs, subjects=5, cuts=2, seed=1)
    count = len(clean.truth["subjects"])
    assert more.truth["subjects"][:count] == clean.truth["subjects"]
    assert clean.truth["subjects"][: len(fewer.truth["subjects"])] == fewer.truth["subjects"]
    for cut, files in clean.files.items():
        for name, data in files.items():
            assert set(data.split(b"\n")) <= set(more.files[cut][name].split(b"\n")), (cut, name)


def test_first_cut_does_not_depend_on_the_second(specs: Specs, clean: Exports) -> None:
    one = build_exports(specs, subjects=12, cuts=1, seed=1)
    date = next(iter(clean.files))
    assert one.files == {date: clean.files[date]}


def test_files_on_disk_are_the_exports(specs: Specs, clean: Exports, tmp_path: Path) -> None:
    made = simulate(specs, tmp_path, subjects=12, cuts=2, seed=1)
    for folder, files in zip(made.folders, clean.files.values(), strict=True):
        assert {p.name: p.read_bytes() for p in folder.iterdir()} == files
    assert json.loads(made.truth.read_text(encoding="utf-8")) == json.loads(json.dumps(clean.truth))
    again = simulate(specs, tmp_path, subjects=3, cuts=1, seed=1)
    assert again.treated == 3


def test_foreign_files_are_left_alone(specs: Specs, clean: Exports, tmp_path: Path) -> None:
    folder = tmp_path / next(iter(clean.files))
    folder.mkdir()
    (folder / "mine.csv").write_text("real", encoding="utf-8")
    with pytest.raises(WriteError, match=r"mine\.csv"):
        simulate(specs, tmp_path, subjects=3, cuts=1)


@pytest.mark.parametrize(("subjects", "cuts"), [(0, 1), (3, 0), (3, 9)])
def test_impossible_wishes_are_refused(specs: Specs, subjects: int, cuts: int) -> None:
    with pytest.raises(InputError):
        build_exports(specs, subjects=subjects, cuts=cuts)


def test_every_form_is_exported_with_its_columns(specs: Specs, clean: Exports) -> None:
    for files in clean.files.values():
        assert set(files) == {f.filename for f in specs.forms.values()}
        for form in specs.forms.values():
            header = files[form.filename].split(b"\n", 1)[0].decode()
            assert header.split(specs.study.systems[form.system].delimiter) == list(specs.columns(form))


def test_keys_are_unique_and_required_fields_filled(specs: Specs, clean: Exports, rows: Read) -> None:
    for name, form in specs.forms.items():
        for cut in ("first", "last"):
            found = rows(clean, cut, name)
            keys = [tuple(r[k] for k in form.keys) for r in found]
            assert len(keys) == len(set(keys)), name
            for field, crf in specs.columns(form).items():
                if crf.required:
                    assert all(r[field] for r in found), (name, field)


def test_choices_and_numbers_are_legal(specs: Specs, clean: Exports, rows: Read) -> None:
    for name, form in specs.forms.items():
        for field, crf in specs.columns(form).items():
            values = {r[field] for r in rows(clean, "last", name)} - {""}
            if crf.codelist == "VISIT":
                values = {v for v in values if not v.startswith("Unscheduled")}
            if crf.codelist:
                known = {c for term in specs.codelists[crf.codelist].terms for c in term.collected}
                assert values <= known, (name, field, values - known)
            if crf.type in (FieldType.INTEGER, FieldType.NUMBER):
                assert all(float(v) >= 0 for v in values), (name, field)


def test_rows_stay_the_same_between_cuts(specs: Specs, clean: Exports, rows: Read) -> None:
    """Only open log lines, audit columns and told corrections may differ."""
    told = {(c["file"], c["record"]): c for c in clean.truth["corrections"]}
    for name, form in specs.forms.items():
        system = specs.study.systems[form.system]
        audit = {*system.audit}
        later = {r[str(system.record)]: r for r in rows(clean, "last", name)}
        for row in rows(clean, "first", name):
            record = row[str(system.record)]
            correction = told.get((form.filename, record))
            if correction and correction["kind"] == "deleted":
                assert record not in later
                continue
            changed = {k for k, v in row.items() if later[record][k] != v} - audit
            if correction:
                changed -= {correction["column"], *correction["also"].split()}
            if form.repeats is Repeats.LOG and _is_open(row):
                changed -= {c for c in row if c.endswith(("ENDAT", "ONGO")) or c in ("AEOUT", "CMSTOP")}
            assert not changed, (name, record, changed)


def _is_open(row: dict[str, str]) -> bool:
    """Ticked as ongoing; where the form has no such box, without an end."""
    ticks = [v for k, v in row.items() if k.endswith("ONGO")]
    return any(ticks) if ticks else any(not v for k, v in row.items() if k.endswith("ENDAT"))


def test_corrections_are_where_the_truth_says(specs: Specs, clean: Exports, rows: Read) -> None:
    files = {f.filename: n for n, f in specs.forms.items()}
    kinds = set()
    for told in clean.truth["corrections"]:
        name = files[told["file"]]
        record = str(specs.study.systems[specs.forms[name].system].record)
        first = {r[record]: r for r in rows(clean, "first", name)}
        last = {r[record]: r for r in rows(clean, "last", name)}
        kinds.add(told["kind"])
        if told["kind"] == "changed":
            assert first[told["record"]][told["column"]] == told["before"]
            assert last[told["record"]][told["column"]] == told["after"] != told["before"]
        elif told["kind"] == "deleted":
            assert told["record"] in first
            assert told["record"] not in last
        else:
            assert told["record"] not in first
            assert last[told["record"]]["CREATED"][:10] > clean.truth["cuts"][0]
    assert kinds == {"changed", "deleted", "late"}


def test_nothing_is_exported_before_it_is_entered(specs: Specs, clean: Exports, rows: Read) -> None:
    for which, cut in zip(("first", "last"), clean.truth["cuts"], strict=True):
        for name, form in specs.forms.items():
            if form.system == "edc":
                assert all(r["CREATED"][:10] <= cut and r["UPDATED"][:10] <= cut for r in rows(clean, which, name))
                assert all(r["CREATED"] <= r["UPDATED"] for r in rows(clean, which, name))


def test_a_reason_stands_beside_what_was_not_done_and_only_there(specs: Specs, clean: Exports, rows: Read) -> None:
    told = 0
    for name, form in specs.forms.items():
        if "REASND" not in form.fields:
            continue
        for row in rows(clean, "last", name):
            undone = any(v == "ND" or (v and (k.endswith("_ND") or k == "EGND")) for k, v in row.items())
            assert bool(row["REASND"]) == undone, (name, row)
            told += undone
    assert told > 20


def test_the_bags_add_up_to_the_dose_given(clean: Exports, rows: Read) -> None:
    given = {s["subject"]: s["given_amount"] for s in clean.truth["subjects"] if s["status"] == "treated"}
    seen = set()
    for row in rows(clean, "last", "inf"):
        bags = [Decimal(row[name]) for name in ("BAG1", "BAG2", "BAG3") if row[name]]
        seen.add(len(bags))
        assert len(bags) == int(row["BAGS"])
        assert sum(bags) == Decimal(str(given[row["SUBJID"]])), row["SUBJID"]
    assert seen == {1, 2, 3}
