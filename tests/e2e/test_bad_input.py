"""Every fault is told once, at its place, with what stands there and what to do; the rest is built."""

from __future__ import annotations

import re

import pytest

from datacut.simulate import MESS_KINDS

CUT = "2026-03-02"
RULES = {
    "impossible_date": ["sdtm.date"],
    "outside_codelist": ["sdtm.codelist"],
    "not_a_number": ["sdtm.result"],
    "end_before_start": ["sdtm.order"],
    "orphan_subject": ["sdtm.subject"],
    "duplicate_key": ["raw.key.duplicate"],
    "misspelt_column": ["raw.column.misspelt"],
    "gb18030_form": ["raw.encoding"],
    "missing_form": ["raw.form.missing"],
}
"""The rule that tells each kind of mess."""


@pytest.fixture(scope="session")
def messy(shared, command, copy, as_study):
    """An export with every kind of mess at once, built through the command."""

    def make(folder):
        copy(folder)
        made = command(folder, "simulate", "--subjects", "12", "--cuts", "1", "--seed", "1", "--mess", "all")
        assert made.code == 0, made.err
        as_study.keep(folder, "build", command(folder, "build"))

    return as_study(shared("messy", make))


def problem(study, kind):
    return next(p for p in study.truth["problems"] if p["kind"] == kind)


def place(told) -> str:
    row, column = told["row"], told["column"]
    return f"raw/{CUT}/{told['file']}" + (f":{row}:{column}" if row is not None else "")


def test_the_build_goes_on_and_exits_1(messy):
    done = messy.run("build")
    assert (done.code, done.err) == (1, "")
    assert "not made" not in done.out and "9 errors" in done.out
    assert len(list((messy.cut(1).home / "tlf").glob("*.rtf"))) == 14


def test_every_kind_of_mess_was_injected(messy):
    assert {p["kind"] for p in messy.truth["problems"]} == set(MESS_KINDS) == set(RULES)


@pytest.mark.parametrize("kind", sorted(RULES))
def test_each_fault_is_one_finding_with_place_value_and_remedy(messy, kind):
    told = problem(messy, kind)
    found = [f for f in messy.cut(1).findings if f.rule in RULES[kind]]
    assert [f.rule for f in found] == RULES[kind]
    assert {f.severity for f in found} == {"error"}
    assert all(f.remedy for f in found)
    last = found[-1]
    if kind == "gb18030_form":
        byte = first_foreign_byte(messy, told)
        assert (last.where, last.value) == (f"raw/{CUT}/{told['file']}:{told['row']}:byte {byte[0]}", byte[1])
        assert "read as gb18030" in last.what
    elif kind == "missing_form":
        assert (last.where, last.value) == (place(told), told["file"])
    elif kind == "misspelt_column":
        assert (last.where, last.value) == (place(told), "PGA_MM")
        assert "PGAMM is missing" in last.what and "Did you mean PGAMM?" in last.remedy
    else:
        assert (last.where, last.value) == (place(told), told["value"])


def first_foreign_byte(study, told) -> tuple[int, str]:
    line = (study.root / "raw" / CUT / told["file"]).read_bytes().split(b"\n")[told["row"] - 1]
    at = next(i for i, byte in enumerate(line) if byte > 127)
    return at + 1, f"0x{line[at]:02X}"


def test_nothing_else_is_an_error(messy):
    """What follows from a fault is a note that says so: the orphan's records in ADLB."""
    findings = messy.cut(1).findings
    expected = sorted(rule for rules in RULES.values() for rule in rules)
    assert sorted(f.rule for f in findings if f.severity == "error") == expected
    others = [f for f in findings if f.severity != "error"]
    assert [(f.severity, f.rule, f.where) for f in others] == [("note", "adam.orphan", "ADLB.USUBJID")]
    assert "as the finding of SDTM says" in others[0].remedy
    assert len({(f.rule, f.where) for f in findings}) == len(findings)


def test_what_a_fault_touches_is_missing_or_kept_and_the_rest_is_there(messy):
    cut = messy.cut(1)
    date, code = (
        records(cut, "VS", problem(messy, "impossible_date")),
        records(cut, "AE", problem(messy, "outside_codelist")),
    )
    assert len(date) > 0 and date["VSDTC"].isna().all() and date["VSORRES"].notna().all()
    assert code["AEACN"].tolist() == ["Dose paused"]
    result = records(cut, "LB", problem(messy, "not_a_number"))
    result = result[result["LBTESTCD"] == "ALT"]
    assert result["LBORRES"].tolist() == ["high"] and result["LBSTRESN"].isna().all()
    early = records(cut, "AE", problem(messy, "end_before_start"))
    assert early["AEENDTC"].tolist() == ["2020-01-01"] and early["AESTDTC"].notna().all()
    orphan = records(cut, "LB", problem(messy, "orphan_subject"))
    assert set(orphan["USUBJID"]) == {"CT1195E-SLE-101-101-999"}
    assert "CT1195E-SLE-101-101-999" not in set(cut.frame("ADSL")["USUBJID"])
    twice = records(cut, "VS", problem(messy, "duplicate_key"))
    vs = cut.frame("VS")
    assert (vs["USUBJID"].isin(twice["USUBJID"]) & vs["VISIT"].isin(twice["VISIT"])).sum() == 2 * len(twice)
    assert not (cut.frame("QS")["QSTESTCD"] == "PGAMM").any() and (cut.frame("QS")["QSTESTCD"] == "PGA").any()
    assert not cut.frame("LB")["LBTESTCD"].isin(["IGG", "IGM", "IGA"]).any()
    assert "No data to report" in plain(cut, "t-14-2-6-1") and "No data to report" not in plain(cut, "t-14-2-4-1")


def records(cut, domain, told):
    """The records made from the raw row a problem was put into."""
    edges = cut.lineage[domain]
    source = f"raw.{told['file'].removesuffix('.csv')}"
    edges = edges[(edges["source"] == source) & (edges["source_record"] == told["row"])]
    return cut.frame(domain).iloc[edges["record"] - 1]


def plain(cut, output) -> str:
    text = (cut.home / "tlf" / f"{output}.html").read_text(encoding="utf-8")
    return re.sub(r"(?:<[^>]*>|\s|&nbsp;)+", " ", text)


# -- specs -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def misspelt(shared, command, copy, as_study):
    """A study of which one spec line names a column that is not there, built through the command."""

    def make(folder):
        copy(folder)
        line(folder / "specs" / "sdtm" / "ae.yml", "AEACN: {derive: assign(AEACN)", "AEACN: {derive: assign(AEACNN)")
        assert command(folder, "simulate", "--subjects", "3", "--cuts", "1").code == 0
        as_study.keep(folder, "build", command(folder, "build"))

    return as_study(shared("misspelt", make))


def line(path, old: str, new: str) -> int:
    """Replace a text that stands once in a file; the line it is on."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_a_misspelt_column_in_a_spec_is_one_finding_and_the_rest_is_built(misspelt):
    done, cut = misspelt.run("build"), misspelt.cut(1)
    assert (done.code, done.err) == (1, "")
    text = (misspelt.root / "specs" / "sdtm" / "ae.yml").read_text(encoding="utf-8")
    number = text[: text.index("AEACNN")].count("\n") + 1
    errors = [f for f in cut.findings if f.severity == "error"]
    assert [(f.rule, f.where, f.value, f.remedy) for f in errors] == [
        ("spec.name", f"specs/sdtm/ae.yml:{number}", "AEACNN", "Did you mean AEACN?")
    ]
    assert "missing for it: AE.AEACN" in errors[0].what
    # the field that is now unread is told as what follows from it
    assert [(f.severity, f.rule, f.value) for f in cut.findings if f.severity != "error"] == [
        ("warning", "spec.field.unread", "AEACN")
    ]
    ae = cut.frame("AE")
    assert ae["AEACN"].isna().all() and ae["AEOUT"].notna().all() and len(ae) > 5
    assert len(list((cut.home / "tlf").glob("*.rtf"))) == 14


def test_a_key_given_twice_in_a_spec_stops_with_one_message(copied, command):
    path = copied / "specs" / "sdtm" / "ae.yml"
    line(path, "dataset: AE\n", "dataset: AE\ndataset: AE\n")
    (copied / "raw" / CUT).mkdir(parents=True)
    done = command(copied, "build")
    number = path.read_text(encoding="utf-8").splitlines().index("dataset: AE") + 2
    assert done.code == 2
    assert "Traceback" not in done.out + done.err
    said = [row for row in done.out.splitlines() if row.startswith(("│", "|"))]
    assert len(said) == 1
    assert f"specs/sdtm/ae.yml:{number}" in said[0] and "dataset" in said[0]
    assert not (copied / "build").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["build", "--cut", "2031-01-01"], "2031-01-01"),
        (["build", "--raw", "nowhere"], "nowhere"),
        (["build"], "raw"),
        (["check", "--cut", CUT], CUT),
        (["explain", "AEE"], "Did you mean AE?"),
    ],
)
def test_what_cannot_run_is_said_in_one_line(copied, command, arguments, named):
    done = command(copied, *arguments)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1 and done.err.startswith("datacut: ")
    assert named in done.err


def test_outside_a_study_the_command_says_so(tmp_path, command):
    done = command(tmp_path, "build")
    assert done.code == 2
    assert "no specs/study.yml here or above" in done.err and "Traceback" not in done.err


@pytest.mark.parametrize(
    ("form", "change"),
    [("dm", lambda lines: [*lines, lines[1]]), ("ae", lambda lines: lines[:1]), ("ae", lambda lines: [])],
    ids=["a subject twice in DM", "no adverse event", "an empty file"],
)
def test_odd_forms_are_findings_and_the_build_goes_on(base, datasets_of, tmp_path, form, change):
    raw = tmp_path / CUT
    raw.mkdir()
    for path in (base.cut(1).study / "raw" / CUT).glob("*.csv"):
        raw.joinpath(path.name).write_bytes(path.read_bytes())
    changed = raw / f"{form}.csv"
    lines = changed.read_text(encoding="utf-8").splitlines(keepends=True)
    changed.write_text("".join(change(lines)), encoding="utf-8")
    _, adam, findings = datasets_of(base.cut(1).study, raw, CUT, CUT)
    assert set(adam) == {"ADSL", "ADAE", "ADLB", "ADQS", "ADPC", "ADPP", "ADDOSE"}
    assert bool([f for f in findings if f.severity == "error"]) == (form == "dm" or not change(lines))
