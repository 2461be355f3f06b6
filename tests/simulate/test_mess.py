"""Every kind of mess stands exactly where the truth file says, and nowhere else."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import pytest

from datacut.errors import InputError
from datacut.simulate import MESS_KINDS, Exports, build_exports
from datacut.spec.load import Specs


def cells(made: Exports, told: dict[str, Any], encoding: str = "utf-8") -> list[list[str]]:
    text = made.files[told["cut"]][told["file"]].decode(encoding)
    return list(csv.reader(io.StringIO(text, newline="")))


def at(lines: list[list[str]], told: dict[str, Any], column: str | None = None) -> str:
    return lines[told["row"] - 1][lines[0].index(column or told["column"])]


def spoiled(specs: Specs, kind: str) -> tuple[Exports, list[dict[str, Any]]]:
    made = build_exports(specs, subjects=6, cuts=2, seed=1, mess=[kind])
    return made, made.truth["problems"]


@pytest.mark.parametrize("kind", MESS_KINDS)
def test_one_kind_changes_one_file_a_cut(specs: Specs, kind: str) -> None:
    made, problems = spoiled(specs, kind)
    plain = build_exports(specs, subjects=6, cuts=2, seed=1)
    assert [(p["kind"], p["cut"]) for p in problems] == [(kind, cut) for cut in made.truth["cuts"]]
    for told in problems:
        before, after = plain.files[told["cut"]], made.files[told["cut"]]
        differing = {n for n in before if before[n] != after.get(n)}
        assert differing == {told["file"]}


@pytest.mark.parametrize("kind", ["impossible_date", "outside_codelist", "not_a_number"])
def test_value_kinds(specs: Specs, kind: str) -> None:
    made, problems = spoiled(specs, kind)
    for told in problems:
        assert at(cells(made, told), told) == told["value"]


def test_value_outside_the_codelist(specs: Specs) -> None:
    _, problems = spoiled(specs, "outside_codelist")
    form = next(f for f in specs.forms.values() if f.filename == problems[0]["file"])
    codelist = specs.codelists[str(form.fields[problems[0]["column"]].codelist)]
    assert problems[0]["value"] not in {c for t in codelist.terms for c in t.collected}


def test_end_before_start(specs: Specs) -> None:
    made, problems = spoiled(specs, "end_before_start")
    for told in problems:
        lines = cells(made, told)
        start, end = (
            datetime.strptime(at(lines, told, c), "%d-%b-%Y")  # noqa: DTZ007  plain dates
            for c in ("AESTDAT", "AEENDAT")
        )
        assert end < start


def test_orphan_subject(specs: Specs) -> None:
    made, problems = spoiled(specs, "orphan_subject")
    for told in problems:
        assert at(cells(made, told), told) == told["value"]
        assert told["value"].encode() not in made.files[told["cut"]]["dm.csv"]


def test_duplicate_key(specs: Specs) -> None:
    made, problems = spoiled(specs, "duplicate_key")
    for told in problems:
        form = next(f for f in specs.forms.values() if f.filename == told["file"])
        lines = cells(made, told)
        keys = ["|".join(line[lines[0].index(k)] for k in form.keys) for line in lines[1:]]
        assert keys[told["row"] - 2] == told["value"]
        assert keys.count(told["value"]) == 2


def test_misspelt_column(specs: Specs) -> None:
    made, problems = spoiled(specs, "misspelt_column")
    for told in problems:
        form = next(f for f in specs.forms.values() if f.filename == told["file"])
        header = cells(made, told)[0]
        assert told["row"] == 1
        assert set(header) - set(specs.columns(form)) == {told["column"]}


def test_gb18030_form(specs: Specs) -> None:
    made, problems = spoiled(specs, "gb18030_form")
    for told in problems:
        data = made.files[told["cut"]][told["file"]]
        with pytest.raises(UnicodeDecodeError) as fault:
            data.decode("utf-8")
        assert data.count(b"\n", 0, fault.value.start) + 1 == told["row"]
        assert told["value"] in data.decode("gb18030")


def test_missing_form(specs: Specs) -> None:
    made, problems = spoiled(specs, "missing_form")
    for told in problems:
        assert told["file"] not in made.files[told["cut"]]


def test_all_is_every_kind_and_none_is_none(specs: Specs) -> None:
    made = build_exports(specs, subjects=6, cuts=1, seed=1, mess=["all"])
    assert {p["kind"] for p in made.truth["problems"]} == set(MESS_KINDS)
    assert build_exports(specs, subjects=6, cuts=1, seed=1, mess=["none"]).truth["problems"] == []
    two = build_exports(specs, subjects=6, cuts=1, seed=1, mess=["missing_form,not_a_number"])
    assert {p["kind"] for p in two.truth["problems"]} == {"missing_form", "not_a_number"}


def test_unknown_kind_is_refused_with_a_remedy(specs: Specs) -> None:
    with pytest.raises(InputError, match="Did you mean missing_form"):
        build_exports(specs, subjects=3, mess=["mising_form"])
