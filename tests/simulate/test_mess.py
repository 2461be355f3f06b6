"""Every kind of mess stands exactly where the truth file says, and nowhere else."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from datacut.errors import InputError
from datacut.simulate import Exports, build_exports, read_simulation
from datacut.simulate.mess import spoil
from datacut.simulate.process import run_process
from datacut.simulate.tables import Table, build_study, cut_tables
from datacut.spec.crf import sheet_name
from datacut.spec.load import Specs


@pytest.fixture(scope="session")
def plain(specs: Specs) -> Exports:
    return build_exports(specs, subjects=12, cuts=2, seed=1)


@pytest.fixture(scope="session")
def everything(specs: Specs) -> Any:
    """`everything(kind)`: an export with every kind of mess, and the problems told of this kind."""
    made = build_exports(specs, subjects=12, cuts=2, seed=1, mess=["all"])
    problems: Any = made.truth["problems"]
    return lambda kind: (made, [p for p in problems if p["kind"] == kind])


@pytest.fixture(scope="session")
def one(specs: Specs) -> Any:
    """`one(kind)`: an export with this kind of mess, and the problems told of it."""

    def make(kind: str) -> tuple[Exports, list[dict[str, Any]]]:
        made = build_exports(specs, subjects=12, cuts=2, seed=1, mess=[kind])
        return made, made.truth["problems"]  # type: ignore[return-value]

    return make


def cells(made: Exports, told: dict[str, Any], encoding: str = "utf-8") -> tuple[list[str], dict[int, list[str]]]:
    """The header, and every row by the line it starts on."""
    text = made.files[told["cut"]][told["file"]].decode(encoding)
    reader = csv.reader(io.StringIO(text, newline=""))
    header, start, rows = next(reader), 2, {}
    for row in reader:
        rows[start] = row
        start = reader.line_num + 1
    return header, rows


def at(made: Exports, told: dict[str, Any], column: str | None = None) -> str:
    header, rows = cells(made, told)
    return rows[told["row"]][header.index(column or told["column"])]


def test_one_kind_changes_one_form(specs: Specs) -> None:
    spec = read_simulation(specs)
    study = build_study(specs, spec, run_process(spec, specs.study.visits, 12, 1), 1)
    cut = date.fromisoformat("2026-09-01").toordinal()
    before = cut_tables(specs, study, date.fromisoformat("2026-03-02").toordinal())
    plain = cut_tables(specs, study, cut)
    for kind, problem in spec.mess.items():
        if problem.only == "xlsx":
            continue
        tables = {n: replace(t, header=list(t.header), cells=[list(c) for c in t.cells]) for n, t in plain.items()}
        for table in tables.values():
            table.origin = list(table.origin)
        problems = spoil(tables, [kind], spec.mess, specs, 1, (2, cut), before)
        assert [(p["kind"], p["form"], p["cut"]) for p in problems] == [(kind, problem.form, "2026-09-01")]
        differing = {n for n, t in plain.items() if n not in tables or contents(t) != contents(tables[n])}
        assert differing == {problem.form}, kind


def contents(table: Table) -> tuple[list[str], list[list[str]], str]:
    return table.header, table.cells, table.encoding


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("impossible_date", "31-FEB-2026"),
        ("unknown_day", "UN-FEB-2026"),
        ("midnight_24", "24:00"),
        ("two_digit_year", "05-FEB-26"),
        ("excel_serial", "46058"),
        ("full_width_digits", "３．５"),
        ("hard_blanks", "\u00a0Related\u00a0"),
        ("na_as_text", "NA"),
        ("none_as_text", "None"),
        ("null_as_text", "null"),
        ("trailing_blanks", "Related   "),
        ("outside_codelist", "Dose paused"),
        ("not_a_number", "high"),
        ("subject_as_number", "1"),
        ("unit_missing", ""),
        ("range_as_text", "1.1-3.2"),
    ],
)
def test_a_value_stands_at_its_place(everything: Any, kind: str, value: str) -> None:
    made, problems = everything(kind)
    assert [at(made, told) for told in problems] == [value, value]
    assert [told["value"] for told in problems] == [value, value]


def test_a_line_break_in_a_cell_moves_the_lines_below(specs: Specs) -> None:
    kinds = ["line_breaks", "tab", "nul", "quotes_and_separators", "end_after_cut", "grade_change"]
    made = build_exports(specs, subjects=12, cuts=1, seed=1, mess=kinds)
    problems: Any = made.truth["problems"]
    found = {told["kind"]: at(made, told) for told in problems}
    assert found["line_breaks"].endswith("\r\nagain\rand\nagain")
    assert found["tab"].endswith("\tat night") and found["nul"].endswith("\0at noon")
    assert found["quotes_and_separators"].startswith('"') and found["quotes_and_separators"].endswith(
        '", mild; one|two'
    )
    assert (found["end_after_cut"], found["grade_change"]) == ("31-DEC-2027", "3")


def test_a_long_text_has_more_bytes_than_a_variable(everything: Any) -> None:
    made, problems = everything("long_text")
    assert all(len(at(made, told)) < 200 < len(at(made, told).encode()) for told in problems)


def test_ongoing_with_an_end(everything: Any) -> None:
    made, problems = everything("ongoing_with_end")
    assert [(at(made, told) != "", at(made, told, "AEONGO")) for told in problems] == [(True, "1")] * 2


def test_orphan_subject(everything: Any) -> None:
    made, problems = everything("orphan_subject")
    for told in problems:
        assert at(made, told) == told["value"]
        assert told["value"].encode() not in made.files[told["cut"]]["dm.csv"]


@pytest.mark.parametrize("kind", ["duplicate_key", "repeated_visit", "rescreened_subject"])
def test_a_key_twice(specs: Specs, everything: Any, kind: str) -> None:
    made, problems = everything(kind)
    for told in problems:
        keys = specs.forms[told["form"]].keys
        header, rows = cells(made, told)
        found = {line: "|".join(row[header.index(k)] for k in keys) for line, row in rows.items()}
        assert found[told["row"]] == told["value"]
        assert list(found.values()).count(told["value"]) == 2


def test_a_row_entered_again_has_another_record_number(plain: Exports, one: Any) -> None:
    made, problems = one("reentered_row")
    (told,) = problems
    (_, before), (header, after) = cells(plain, told), cells(made, told)
    assert len(before) == len(after)
    record = header.index("RECID")

    def without(row: list[str]) -> list[str]:
        return [text for i, text in enumerate(row) if i != record]

    assert sorted(map(without, before.values())) == sorted(map(without, after.values()))
    assert {r[record] for r in after.values()} - {r[record] for r in before.values()} == {told["maps"]["AE.AESPID"]}


@pytest.mark.parametrize(("kind", "gone", "new"), [("misspelt_column", 1, 1), ("added_column", 0, 1)])
def test_columns(specs: Specs, everything: Any, kind: str, gone: int, new: int) -> None:
    made, problems = everything(kind)
    for told in problems:
        known, header = set(specs.columns(specs.forms[told["form"]])), set(cells(made, told)[0])
        assert (told["row"], len(known - header), header - known) == (1, gone, {told["column"]} if new else set())


def test_columns_in_another_order_hold_the_same(plain: Exports, one: Any) -> None:
    made, problems = one("reordered_columns")
    for told in problems:
        (names, before), (header, after) = cells(plain, told), cells(made, told)
        assert header == names[::-1] and list(after.values()) == [row[::-1] for row in before.values()]


@pytest.mark.parametrize(("kind", "encoding"), [("gb18030_form", "gb18030"), ("gbk_form", "gbk")])
def test_another_encoding(everything: Any, kind: str, encoding: str) -> None:
    made, problems = everything(kind)
    for told in problems:
        data = made.files[told["cut"]][told["file"]]
        with pytest.raises(UnicodeDecodeError) as fault:
            data.decode("utf-8")
        assert data.count(b"\n", 0, fault.value.start) + 1 == told["row"]
        assert data.decode(encoding)


def test_a_byte_order_mark(plain: Exports, one: Any) -> None:
    made, problems = one("byte_order_mark")
    for told in problems:
        data = made.files[told["cut"]][told["file"]]
        assert data == b"\xef\xbb\xbf" + plain.files[told["cut"]][told["file"]]


def test_forms_without_rows_and_forms_that_are_not_there(one: Any) -> None:
    made, problems = one("missing_form,empty_form")
    for told in problems:
        data = made.files[told["cut"]].get(told["file"])
        assert data is None if told["kind"] == "missing_form" else data.count(b"\n") == 1


def test_all_is_every_kind_and_none_is_none(specs: Specs, everything: Any) -> None:
    known = read_simulation(specs).mess
    for kind, problem in known.items():
        cuts = [p["cut"] for p in everything(kind)[1]]
        assert len(cuts) == (0 if problem.only == "xlsx" else 2 if problem.at == 1 else 1), kind
    assert build_exports(specs, subjects=6, cuts=1, seed=1, mess=["none"]).truth["problems"] == []


def test_no_row_is_spoiled_twice(specs: Specs, everything: Any) -> None:
    known = read_simulation(specs).mess
    problems = [p for k in known if known[k].inject not in ("reorder", "encode") for p in everything(k)[1]]
    rows = [(p["cut"], p["file"], p["row"]) for p in problems if p["row"] not in (None, 1)]
    assert len(rows) == len(set(rows)) > 80


def test_the_same_seed_gives_the_same_bytes(specs: Specs) -> None:
    for form in ("csv", "xlsx"):
        first, again = (build_exports(specs, subjects=3, cuts=1, seed=4, mess=["all"], form=form) for _ in range(2))
        assert first == again


def test_a_workbook_has_a_sheet_a_form_with_names_and_labels_above_typed_cells(specs: Specs) -> None:
    kinds = ["text_among_dates", "formula_cell"]
    made = build_exports(specs, subjects=12, cuts=1, seed=1, mess=kinds, form="xlsx")
    (files,) = made.files.values()
    assert set(files) == {f"{f.system}.xlsx" for f in specs.forms.values()}
    book = load_workbook(io.BytesIO(files["edc.xlsx"]))
    assert {sheet_name(f) for f in specs.forms.values() if f.system == "edc"} == set(book.sheetnames)
    sheet, form = book["Adverse events"], specs.forms["ae"]
    columns = list(specs.columns(form))
    assert [c.value for c in sheet[1]] == columns
    assert [c.value for c in sheet[2]] == [f.label for f in specs.columns(form).values()]
    problems: Any = made.truth["problems"]
    told = {p["kind"]: p for p in problems}
    text = told["text_among_dates"]
    starts = {row[0].row: row[columns.index("AESTDAT")].value for row in sheet.iter_rows(min_row=3)}
    assert starts.pop(text["row"]) == "05-FEB-2026"
    assert any(isinstance(v, date) for v in starts.values())
    formula = told["formula_cell"]
    assert formula["file"] == "edc.xlsx/Haematology"
    plat = list(specs.columns(specs.forms["hem"])).index("PLAT")
    assert book["Haematology"].cell(formula["row"], plat + 1).value == "=2*50"


def test_unknown_kind_is_refused_with_a_remedy(specs: Specs) -> None:
    with pytest.raises(InputError, match="Did you mean missing_form"):
        build_exports(specs, subjects=3, mess=["mising_form"])


def test_unknown_format_is_refused_with_a_remedy(specs: Specs) -> None:
    with pytest.raises(InputError, match="Did you mean xlsx"):
        build_exports(specs, subjects=3, form="xls")
