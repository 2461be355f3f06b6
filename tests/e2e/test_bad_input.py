"""Every fault is told once, at its place, with what stands there and what to do; the rest is built."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from datacut.datasets.model import value_text
from datacut.errors import Findings
from datacut.raw.read import read_export
from datacut.simulate import read_simulation, simulate
from datacut.spec.load import load_specs

CUT = "2026-03-02"
BOTH = ("2026-03-02", "2026-09-01")
OUTPUTS = Path(__file__).parents[2] / "specs" / "tlf"


@pytest.fixture(scope="session")
def messy(shared, command, copy, one_of_each, as_study):
    """Two exports with every kind of mess at once, built through the command: every output of the first, some of the
    second."""

    def make(folder):
        copy(folder)
        made = command(folder, "simulate", "--subjects", "12", "--cuts", "2", "--seed", "1", "--mess", "all")
        assert made.code == 0, made.err
        as_study.keep(folder, "build-1", command(folder, "build", "--cut", BOTH[0]))
        one_of_each(folder)
        as_study.keep(folder, "build-2", command(folder, "build", "--cut", BOTH[1]))

    return as_study(shared("messy", make))


@pytest.fixture(scope="session")
def sheets(shared, copy, as_study):
    """The first export as workbooks."""

    def make(folder):
        copy(folder)
        simulate(load_specs(folder), folder / "raw", subjects=12, cuts=1, seed=1, mess=["all"], form="xlsx")

    return as_study(shared("messy-sheets", make))


# -- the list of the truth file, walked --------------------------------------------------------------------------


def place(told) -> str:
    row, column = told["row"], told["column"]
    whole = f"raw/{told['cut']}/{told['file']}"
    if told["seen_at"]:
        return f"raw/{told['cut']}/{told['seen_at'][0]}"
    if told["rules"] == ["raw.encoding"]:
        return f"{whole}:{row}:byte "
    return whole + (f":{row}:{column}" if row is not None else "")


def names(finding, told) -> bool:
    """Whether a finding is one of those a problem is to have, at its very place."""
    at = place(told)
    exact = str(finding.where).startswith(at) if at.endswith("byte ") else str(finding.where) == at
    return (exact and finding.rule in told["rules"]) or contradicts(finding, told)


def contradicts(finding, told) -> bool:
    """Whether a finding tells what rows contradict together: in a record of the subject, or of a whole variable."""
    at, subject = told["told"].get(finding.rule), told["subject"].replace("-", "")
    of_subject = str(finding.where).startswith(f"{at}:") and subject in str(finding.where).replace("-", "")
    return at is not None and (of_subject or str(finding.where) == at)


def follows(finding, told, rows) -> bool:
    """Whether a finding is what a problem leads to: of a rule it names, about its subject, file or a whole dataset."""
    subject = told["subject"].replace("-", "")
    about = subject in (str(finding.where) + finding.value).replace("-", "") or ":" not in str(finding.where)
    about |= str(finding.where).startswith(f"raw/{told['cut']}/{told['file']}:")
    about |= rows.get(str(finding.where).rpartition(":")[0]) == told["subject"]
    return finding.rule in told["also"] and about


def silent(problems, findings) -> list[str]:
    """Kinds that a rule should have told of, and none did."""
    return [
        f"{p['cut']} {p['kind']}: {rule}"
        for p in problems
        for rule in [*p["rules"], *p["told"]]
        if not any(f.rule == rule and names(f, p) for f in findings)
    ]


def unexplained(problems, findings, rows, plain) -> list[str]:
    """Findings that no problem leads to and the export without problems does not have (a date known to the month).

    rows: the subject of each row of the export, by its place.
    """
    own = {shown(f) for f in plain}
    return [
        shown(f)
        for f in findings
        if shown(f) not in own and not any(names(f, p) or follows(f, p, rows) for p in problems)
    ]


def shown(finding) -> str:
    return f"{finding.rule} {finding.where} [{finding.value}]"


def subjects_of_rows(root, cut) -> dict[str, str]:
    """`raw/<cut>/<file>:<row>` to the subject of the row, of forms whose subjects are named as in the problems."""
    frames = read_export(root / "raw" / cut, load_specs(root), Findings(), f"raw/{cut}")
    out = {}
    for frame in frames.values():
        if "SUBJID" in frame.columns:
            places = frame["_file"].astype("str") + ":" + frame["_row"].astype("str")
            out |= dict(zip(places, frame["SUBJID"].fillna(""), strict=True))
    return out


def wrong(problems, datasets, lineage) -> list[str]:
    """Problems that should have been mapped, and were not, or to another value."""
    out = []
    for told in problems:
        for name, expected in told["maps"].items():
            domain, variable = name.split(".")
            records = made_from(datasets[domain].frame, lineage(domain), told)
            found = sorted({value_text(v) for v in values_of(datasets, domain, variable, records)})
            if found != [expected]:
                out.append(f"{told['cut']} {told['kind']}: {name} is {found}, not {expected!r}")
        for name, gone in told["gone"].items():
            domain, variable = name.split(".")
            if gone in set(datasets[domain].frame[variable].dropna()):
                out.append(f"{told['cut']} {told['kind']}: {name} has {gone!r}, of a row that is deleted")
    return out


def made_from(frame, edges, told):
    """The records made from the raw row a problem was put into, those that it concerns."""
    edges = edges[(edges["source"] == f"raw.{told['form']}") & (edges["source_record"] == told["row"])]
    records = frame.iloc[edges["record"] - 1]
    for variable, value in told["among"].items():
        records = records[records[variable] == value]
    return records


def values_of(datasets, domain, variable, records):
    if variable in records.columns:
        return records[variable]
    supp = datasets[f"SUPP{domain}"].frame
    keys = set(zip(records["USUBJID"], records[f"{domain}SEQ"].astype("str"), strict=True))
    supp = supp[supp["QNAM"] == variable]
    return supp[[(u, n) in keys for u, n in zip(supp["USUBJID"], supp["IDVARVAL"], strict=True)]]["QVAL"]


@pytest.mark.parametrize("number", [1, 2])
def test_no_problem_passes_in_silence_and_no_finding_is_without_a_problem(base, messy, number):
    cut = messy.cut(number)
    problems = [p for p in messy.truth["problems"] if p["cut"] == cut.name]
    assert silent(problems, cut.findings) == []
    assert wrong(problems, cut.sdtm, lambda domain: cut.lineage[domain]) == []
    # the second study has some of the outputs: settings that only the others read are told
    told = [f for f in cut.findings if number == 1 or f.rule != "spec.setting.unread"]
    assert unexplained(problems, told, subjects_of_rows(messy.root, cut.name), base.cut(number).findings) == []


def test_no_problem_of_a_workbook_passes_in_silence(base, sheets, datasets_of):
    sdtm, _, findings = datasets_of(sheets.root, sheets.root / "raw" / CUT, CUT, f"raw/{CUT}")
    problems = sheets.truth["problems"]
    assert silent(problems, findings) == []
    assert wrong(problems, sdtm, lambda domain: sdtm[domain].lineage) == []
    assert unexplained(problems, findings, subjects_of_rows(sheets.root, CUT), base.cut(1).findings) == []


def test_the_walk_sees_what_is_missing(base, messy):
    cut = messy.cut(1)
    problems = [p for p in messy.truth["problems"] if p["cut"] == cut.name]
    date = next(p for p in problems if p["kind"] == "impossible_date")
    others = [f for f in cut.findings if not names(f, date)]
    assert silent(problems, others) == [f"{CUT} impossible_date: sdtm.date"]
    rows = subjects_of_rows(messy.root, cut.name)
    plain = base.cut(1).findings
    assert len(unexplained([p for p in problems if p is not date], cut.findings, rows, plain)) == 1
    day = next(p for p in problems if p["kind"] == "unknown_day")
    other = {**day, "maps": {"AE.AESTDTC": "2026-02-01"}}
    assert wrong([other], cut.sdtm, lambda domain: cut.lineage[domain]) == [
        f"{CUT} unknown_day: AE.AESTDTC is ['2026-02'], not '2026-02-01'"
    ]


def test_every_kind_was_injected_once_a_cut(messy, sheets):
    known = read_simulation(load_specs(messy.root)).mess
    for cut, number in zip(BOTH, (1, 2), strict=True):
        told = [p["kind"] for p in messy.truth["problems"] if p["cut"] == cut]
        assert told == [k for k, p in known.items() if p.only != "xlsx" and p.at <= number]
    assert [p["kind"] for p in sheets.truth["problems"]] == [
        k for k, p in known.items() if p.only != "csv" and p.at == 1
    ]


def test_every_problem_is_to_be_found_or_to_be_mapped(messy, sheets):
    for told in [*messy.truth["problems"], *sheets.truth["problems"]]:
        expected = {"finding": [*told["rules"], *told["told"]], "mapped": told["maps"], "gone": told["gone"]}
        assert expected[told["expect"]], told["kind"]


@pytest.mark.parametrize("number", [1, 2])
def test_the_build_goes_on_and_exits_1(messy, number):
    done = messy.run(f"build-{number}")
    assert (done.code, done.err) == (1, "")
    assert "not made" not in done.out
    asked = (OUTPUTS if number == 1 else messy.root / "specs" / "tlf").glob("[!_]*.yml")
    assert {p.stem for p in (messy.cut(number).home / "tlf").glob("*.rtf")} == {p.stem for p in asked}


def test_every_finding_has_a_remedy_and_is_told_once(messy):
    findings = messy.cut(1).findings
    assert all(f.remedy for f in findings)
    raw = [f for f in findings if str(f.where).startswith("raw/")]
    assert len({(f.rule, str(f.where)) for f in raw}) == len(raw)


@pytest.mark.parametrize("number", [1, 2])
def test_the_rows_of_every_form_are_accounted_for(messy, number):
    cut = messy.cut(number)
    with (cut.home / "accounting" / "forms.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        parts = [int(line[n]) for n in ("mapped", "by_key", "excluded", "refused")]
        assert (int(line["rows"]), int(line["unaccounted"])) == (sum(parts), 0), line["form"]
    rows = sum(int(line["rows"]) for line in lines)
    # a row of another study is no row of a form: it is told, and left out before anything is counted
    others = sum(f.rule == "raw.study" and f.severity == "error" for f in cut.findings)
    assert others == 1
    assert rows + others == sum(records_of(path) for path in (cut.study / "raw" / cut.name).iterdir())


def records_of(path) -> int:
    """Rows of a CSV below its header; a line break within quotes ends none."""
    data = path.read_bytes()
    text = re.sub(rb'"[^"]*"', b"", data)
    return len([line for line in text.splitlines() if line]) - 1


def problem(study, kind):
    return next(p for p in study.truth["problems"] if p["kind"] == kind)


def test_what_a_fault_touches_is_missing_or_kept_and_the_rest_is_there(messy):
    cut = messy.cut(1)

    def records(domain, kind):
        return made_from(cut.frame(domain), cut.lineage[domain], problem(messy, kind))

    date = records("VS", "impossible_date")
    assert len(date) > 0 and date["VSDTC"].isna().all() and date["VSORRES"].notna().all()
    assert records("AE", "outside_codelist")["AEACN"].tolist() == ["Dose paused"]
    result = records("LB", "not_a_number")
    result = result[result["LBTESTCD"] == "ALT"]
    assert result["LBORRES"].tolist() == ["high"] and result["LBSTRESN"].isna().all()
    early = records("AE", "end_before_start")
    assert early["AEENDTC"].tolist() == ["2020-01-01"] and early["AESTDTC"].notna().all()
    late = records("AE", "end_after_cut")
    assert late["AEENDTC"].isna().all() and late["AEENRTPT"].tolist() == ["ONGOING"]
    orphan = records("LB", "orphan_subject")
    assert set(orphan["USUBJID"]) == {"CT1195E-SLE-101-101-999"}
    assert "CT1195E-SLE-101-101-999" not in set(cut.frame("ADSL")["USUBJID"])
    twice, vs = records("VS", "duplicate_key"), cut.frame("VS")
    assert (vs["USUBJID"].isin(twice["USUBJID"]) & vs["VISIT"].isin(twice["VISIT"])).sum() == 2 * len(twice)
    # its column is misspelt; the other items of the form are there
    assert not (cut.frame("RS")["RSTESTCD"] == "SDAS05").any() and (cut.frame("RS")["RSTESTCD"] == "SDAS01").any()
    assert not cut.frame("LB")["LBTESTCD"].isin(["IGG", "IGM", "IGA"]).any()
    assert "No data to report" in plain(cut, "t-14-2-6-1") and "No data to report" not in plain(cut, "t-14-2-4-1")


def test_rescue_between_visits_and_a_start_known_to_the_month(messy):
    """A burst from 20 December excludes the visits from then on; a start in October leaves those of October open."""
    cut = messy.cut(2)
    visits = cut.frame("ADEFF").query("PARAMCD == 'SRI4' and DTYPE.isna() and ADT.notna()")
    told = {kind: problem(messy, kind) for kind in ("rescue_burst", "rescue_partly_dated")}

    def flags(kind, name):
        own = visits[visits["USUBJID"].str.endswith(told[kind]["subject"])]
        return {str(d.date()): None if f != f else f for d, f in zip(own["ADT"], own[name], strict=True)}

    burst, partly = flags("rescue_burst", "MOREGCFL"), flags("rescue_partly_dated", "RESCFL")
    assert burst == {day: "Y" if day >= "2025-12-20" else "N" for day in burst}
    assert partly == {day: "N" if day < "2025-10" else None if day < "2025-10-31" else "Y" for day in partly}
    assert set(burst.values()) == {"N", "Y"} and set(partly.values()) == {"N", None, "Y"}
    doses = cut.frame("ADCM")
    strange = doses[doses["CMDECOD"] == "CLOPREDNOL"]
    assert strange["SYSGCFL"].tolist() == ["Y"] and strange["PREDEQ"].isna().all()


def test_what_is_no_change_of_the_data_changes_nothing(base, copied, datasets_of):
    """A mark of the encoding, the order of columns, and audit columns leave SDTM as it was."""
    folder = copied
    kinds = ["byte_order_mark", "reordered_columns", "audit_stamp"]
    simulate(load_specs(folder), folder / "raw", subjects=12, cuts=1, seed=1, mess=kinds)
    sdtm, _, findings = datasets_of(folder, folder / "raw" / CUT, CUT, f"raw/{CUT}")
    assert {shown(f) for f in findings} <= {shown(f) for f in base.cut(1).findings}
    for name, dataset in base.cut(1).sdtm.items():
        assert dataset.frame.equals(sdtm[name].frame), name


def plain(cut, output) -> str:
    text = (cut.home / "tlf" / f"{output}.html").read_text(encoding="utf-8")
    return re.sub(r"(?:<[^>]*>|\s|&nbsp;)+", " ", text)


# -- specs -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def misspelt(shared, command, copy, few_outputs, as_study):
    """A study of which one spec line names a column that is not there, built through the command."""

    def make(folder):
        few_outputs(copy(folder))
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
    assert [(f.rule, str(f.where), f.value, f.remedy) for f in errors] == [
        ("spec.name", f"specs/sdtm/ae.yml:{number}", "AEACNN", "Did you mean AEACN?")
    ]
    assert "missing for it: AE.AEACN" in errors[0].what
    # the field that is now unread is told as what follows from it
    others = [
        f for f in cut.findings if f.severity != "error" and f.rule != "spec.setting.unread"
    ]  # of outputs not kept
    assert sorted((f.severity, f.rule, f.value) for f in others) == [
        ("warning", "spec.field.unread", "AEACN"),
        ("warning", "spec.output.missing", "ADAE.AEACN"),
    ]
    ae = cut.frame("AE")
    assert ae["AEACN"].isna().all() and ae["AEOUT"].notna().all() and len(ae) > 5
    outputs = list((misspelt.root / "specs" / "tlf").glob("[!_]*.yml"))
    # the listing of events prints the action taken, and is not made without it
    assert len(list((cut.home / "tlf").glob("*.rtf"))) == len(outputs) - 1


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
    assert not list((copied / "build").glob("20*"))  # nothing is published


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
def test_odd_forms_are_findings_and_the_build_goes_on(small, datasets_of, tmp_path, form, change):
    raw = tmp_path / CUT
    raw.mkdir()
    for path in (small.root / "raw" / CUT).glob("*.csv"):
        raw.joinpath(path.name).write_bytes(path.read_bytes())
    changed = raw / f"{form}.csv"
    lines = changed.read_text(encoding="utf-8").splitlines(keepends=True)
    changed.write_text("".join(change(lines)), encoding="utf-8")
    _, adam, findings = datasets_of(small.root, raw, CUT, CUT)
    assert set(adam) == set(small.cut(2).adam)
    assert bool([f for f in findings if f.severity == "error"]) == (form == "dm" or not change(lines))
