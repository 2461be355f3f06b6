"""The list of differences of the truth file against a plain comparison of two exports, record by record, both ways."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from datacut.simulate import Exports, build_exports, read_simulation
from datacut.spec.crf import CrfField, CrfForm, FieldType, Repeats, sheet_name
from datacut.spec.load import Specs, load_specs

type Record = dict[str, str]
type Key = tuple[str, int]

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
ROWS = ("value", "copy", "duplicate", "move", "delete")

# kinds of mess, subjects, seed, format of the export
CASES = [
    *[("plain", 12, seed, "csv") for seed in (1, 2, 3, 4)],
    *[("entry", 12, seed, "csv") for seed in (1, 2, 3, 4)],
    ("entry", 40, 5, "csv"),
    ("all", 12, 1, "csv"),
    ("entry", 4, 3, "xlsx"),
]


@dataclass
class Pair:
    """Two exports that follow each other, and what the truth tells of the later one."""

    specs: Specs
    before: dict[str, dict[Key, Record]]
    after: dict[str, dict[Key, Record]]
    told: list[dict[str, Any]]


@pytest.fixture(scope="session", params=CASES, ids=lambda c: "-".join(map(str, c)))
def pair(request: pytest.FixtureRequest, specs: Specs) -> Pair:
    kinds, subjects, seed, form = request.param
    mess = {"plain": [], "entry": entry_kinds(specs), "all": ["all"]}[kinds]
    (made,) = pairs(specs, build_exports(specs, subjects=subjects, cuts=2, seed=seed, mess=mess, form=form))
    if form == "xlsx":
        for told in made.told:
            columns = specs.columns(specs.forms[told["form"]])
            for part in ("fields", "audit"):
                told[part] = {n: {k: in_sheet(v, columns[n]) for k, v in t.items()} for n, t in told[part].items()}
    return made


def entry_kinds(specs: Specs) -> list[str]:
    """Kinds of mess that are done to rows between the two cuts."""
    return [k for k, p in read_simulation(specs).mess.items() if p.at == 2 and p.inject in ROWS]


def pairs(specs: Specs, made: Exports) -> list[Pair]:
    told: Any = made.truth["differences"]
    assert list(told) == list(made.files)[1:]
    read = {date: export(specs, files) for date, files in made.files.items()}
    return [Pair(specs, read[first], read[last], told[last]) for first, last in pairwise(made.files)]


def export(specs: Specs, files: dict[str, bytes]) -> dict[str, dict[Key, Record]]:
    if any(name.endswith(".xlsx") for name in files):
        return sheets(specs, files)
    return {n: records(specs, f, files) for n, f in specs.forms.items()}


def records(specs: Specs, form: CrfForm, files: dict[str, bytes]) -> dict[Key, Record]:
    """The rows of a form by record number and occurrence: nothing but what stands in the file."""
    system = specs.study.systems[form.system]
    text = decoded(files[form.filename]) if form.filename in files else ""
    return numbered(csv.DictReader(io.StringIO(text, newline=""), delimiter=system.delimiter), str(system.record))


def numbered(rows: Iterable[Record], column: str) -> dict[Key, Record]:
    seen: Counter[str] = Counter()
    out: dict[Key, Record] = {}
    for row in rows:
        number = row[column]
        seen[number] += 1
        out[number, seen[number]] = row
    return out


def decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("another encoding")


def sheets(specs: Specs, files: dict[str, bytes]) -> dict[str, dict[Key, Record]]:
    """The same of workbooks, a date as `2026-02-05` and a number without needless digits."""
    out: dict[str, dict[Key, Record]] = {}
    for system, about in specs.study.systems.items():
        book = load_workbook(io.BytesIO(files[f"{system}.xlsx"]), read_only=True)
        for name, form in specs.forms.items():
            if form.system == system:
                header, _labels, *rows = book[sheet_name(form)].iter_rows(values_only=True)
                texts = (dict(zip(map(str, header), map(shown, row), strict=True)) for row in rows)
                out[name] = numbered(texts, str(about.record))
    return out


def shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d")
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def in_sheet(text: str, field: CrfField) -> str:
    """A text of the truth as a cell of a sheet shows it."""
    if field.type is FieldType.DATE and re.fullmatch(r"\d\d-[A-Z]{3}-\d{4}", text):
        day, month, year = text.split("-")
        return f"{year}-{MONTHS.index(month) + 1:02d}-{day}"
    number = field.type in (FieldType.INTEGER, FieldType.NUMBER) and re.fullmatch(r"[\d.]+", text)
    return f"{float(text):g}" if number else text


def changed(old: Record, new: Record) -> dict[str, tuple[str, str]]:
    return {n: (old[n], new[n]) for n in old if n in new and old[n] != new[n]}


def told_fields(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {n: (t["old"], t["new"]) for n, t in {**told["fields"], **told["audit"]}.items()}


def test_the_list_is_the_difference_of_the_two_exports(pair: Pair) -> None:
    for name in pair.specs.forms:
        before, after = pair.before[name], pair.after[name]
        told = [t for t in pair.told if t["form"] == name]
        taken = {(t["record"], t["occurrence"]) for t in told if t["class"] == "reissued"}
        gone = {(t["record"], t["occurrence"]) for t in told if t["class"] in ("removed", "rekeyed")} - taken
        came = {(t["record"], t["occurrence"]) for t in told if t["class"] == "new"}
        came |= {(t["new_record"], 1) for t in told if t["class"] == "rekeyed"} - taken
        stayed = [t for t in told if t["class"] not in ("new", "removed", "rekeyed")]
        fields = {(t["record"], t["occurrence"]): told_fields(t) for t in stayed}
        assert gone == set(before) - set(after), name
        assert came == set(after) - set(before), name
        found = {key: changed(before[key], after[key]) for key in before if key in after}
        assert fields == {key: texts for key, texts in found.items() if texts}, name
        assert len(told) == len({(t["record"], t["occurrence"], t["class"]) for t in told}), name


def test_a_rekeyed_record_is_the_same_row_under_another_number(pair: Pair) -> None:
    for name, form in pair.specs.forms.items():
        record = str(pair.specs.study.systems[form.system].record)
        audit = pair.specs.study.systems[form.system].audit
        before, after = pair.before[name], pair.after[name]
        told = {(t["record"], t["new_record"]): t for t in pair.told if t["form"] == name and t["class"] == "rekeyed"}
        for (old, new), one in told.items():
            found = changed(before[old, one["occurrence"]], after[new, 1])
            assert found.pop(record, None) is not None
            assert told_fields(one) == found
        same = {
            (old, new)
            for (old, at) in set(before) - set(after)
            for (new, to) in set(after) - set(before)
            if not set(changed(before[old, at], after[new, to])) - {record, *audit}
        }
        assert same <= set(told), name


def test_what_is_told_of_a_class(pair: Pair) -> None:
    for told in pair.told:
        form = pair.specs.forms[told["form"]]
        system = pair.specs.study.systems[form.system]
        blank = {"", *system.missing}
        assert set(told["audit"]) <= set(system.audit) and not set(told["fields"]) & set(system.audit)
        assert all(t["old"] != t["new"] for t in (*told["fields"].values(), *told["audit"].values()))
        assert (told["new_record"] is not None) == (told["class"] == "rekeyed")
        olds, news = [t["old"] for t in told["fields"].values()], [t["new"] for t in told["fields"].values()]
        match told["class"]:
            case "new" | "removed":
                assert not told["fields"] and not told["audit"]
            case "audit":
                assert not told["fields"] and told["audit"]
            case "completed":
                assert olds and all(o in blank for o in olds) and not any(n in blank for n in news)
            case "ended":
                ends = [t for n, t in told["fields"].items() if n.endswith("ENDAT")]
                assert form.repeats is Repeats.LOG
                assert any(t["old"] == "" for t in ends) or told["fields"].get(form.form.upper() + "ONGO")
            case "corrected":
                assert any(o not in blank for o in olds)
            case other:
                assert other in ("rekeyed", "reissued")


def test_every_class_of_a_plain_course_is_there_and_no_other(specs: Specs, clean: Exports) -> None:
    (made,) = pairs(specs, clean)
    assert {t["class"] for t in made.told} == {"new", "removed", "corrected", "ended", "audit"}


def test_corrections_are_among_the_differences(specs: Specs, clean: Exports) -> None:
    (made,) = pairs(specs, clean)
    found = {(t["file"], t["record"]): t for t in made.told}
    corrections: Any = clean.truth["corrections"]
    assert len(corrections) == 10
    for one in corrections:
        told = found[one["file"], one["record"]]
        assert told["class"] == {"changed": "corrected", "deleted": "removed", "late": "new"}[one["kind"]]
        if one["kind"] == "changed":
            assert told["fields"][one["column"]] == {"old": one["before"], "new": one["after"]}
            assert set(told["fields"]) == {one["column"], *one["also"].split()}


def test_what_is_done_to_a_record_between_the_cuts_has_its_class(specs: Specs, clean: Exports) -> None:
    kinds = ["removed_record", "rekeyed_record", "completed_remark", "rekeyed_repeat"]
    (plain,) = pairs(specs, clean)
    (messy,) = pairs(specs, build_exports(specs, subjects=12, cuts=2, seed=1, mess=kinds))
    more = Counter(t["class"] for t in messy.told) - Counter(t["class"] for t in plain.told)
    assert more == {"removed": 1, "rekeyed": 1, "completed": 1, "corrected": 1}
    (remark,) = (t for t in messy.told if t["class"] == "completed")
    assert (remark["form"], remark["fields"]) == ("sv", {"REMARK": {"old": "", "new": "已补充说明"}})


def test_a_number_that_another_row_has_now_is_told_apart(specs: Specs) -> None:
    """The copy at the first cut has the next number of its form, which a row entered later has by then."""
    kind = "orphan_subject"
    made = build_exports(specs, subjects=6, cuts=2, seed=1, mess=[kind])
    (messy,) = pairs(specs, made)
    problems: Any = made.truth["problems"]
    line = next(p["row"] for p in problems if p["cut"] == next(iter(made.files)))
    number, at = list(messy.before["hem"])[line - 2]
    assert messy.before["hem"][number, at]["SUBJID"] == "101-999"
    assert messy.after["hem"][number, at]["SUBJID"] != "101-999"
    (told,) = (t for t in messy.told if t["form"] == "hem" and t["record"] == number)
    assert (told["class"], told["fields"]["SUBJID"]["old"]) == ("reissued", "101-999")


def test_a_correction_is_told_once_of_three_cuts(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "three"
    shutil.copytree(root, folder)
    study = folder / "specs" / "study.yml"
    second = '  cut2: {date: "2026-09-01", label: Six months later with corrections}\n'
    text = study.read_text(encoding="utf-8")
    assert text.count(second) == 1
    study.write_text(text.replace(second, second + '  cut3: {date: "2026-12-01", label: Later}\n'), encoding="utf-8")
    specs = load_specs(folder)
    first, last = pairs(specs, build_exports(specs, subjects=6, cuts=3, seed=1))
    for made in (first, last):
        test_the_list_is_the_difference_of_the_two_exports(made)
    assert {"corrected", "removed"} <= {t["class"] for t in first.told}
    assert {t["class"] for t in last.told} <= {"new", "ended", "audit"}


def test_one_export_has_no_differences(specs: Specs) -> None:
    assert build_exports(specs, subjects=3, cuts=1, seed=1).truth["differences"] == {}
