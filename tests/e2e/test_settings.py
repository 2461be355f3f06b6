"""A study whose cells come from donors and which allows physiologic replacement: it builds clean, and both show."""

import csv
import re

import pytest

FIRST, SECOND = "CT1195E-SLE-101-101-001", "CT1195E-SLE-101-101-002"
OWN_CELLS, OVERVIEW, LISTING = "t-14-1-4-1", "t-14-3-1-7-1", "l-16-2-7-7"


def put(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="session")
def donors(shared, small, copy, only_outputs, command, as_study):
    """Built of the small export, in which an event of the first subject has become graft-versus-host disease, and the
    second, who takes nothing for the disease, has got hydrocortisone for adrenal insufficiency before month 3."""

    def make(folder):
        only_outputs(copy(folder), OWN_CELLS, OVERVIEW, LISTING)
        put(folder / "specs" / "study.yml", "value: autologous\n", "value: allogeneic\n")
        put(folder / "specs" / "study.yml", "drug_free_replacement: {value: N", "drug_free_replacement: {value: Y")
        export = folder / "raw" / small.cut(2).name
        export.mkdir(parents=True)
        for path in (small.root / "raw" / export.name).iterdir():
            export.joinpath(path.name).write_bytes(path.read_bytes())
        event = re.search(r".*,101-001,.*,Diarrhoea,.*", export.joinpath("ae.csv").read_text(encoding="utf-8"))[0]
        graft = event.replace("Loose stool,90200013", "Graft reaction against host,90200099")
        assert graft != event
        put(export / "ae.csv", event, graft)
        with (export / "cm.csv").open("r+", encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            last = list(reader)[-1]
            given = dict.fromkeys(last, "") | {c: last[c] for c in ("STUDYID", "SITEID", "CREATED", "UPDATED")}
            given |= {"SUBJID": "101-002", "FORMSEQ": "99", "RECID": "29999", "CMTRT": "Hydrocortisone"}
            given |= {"CMDECOD": "Hydrocortisone", "CMCLAS": "Glucocorticoid", "CMINDC": "Adrenal insufficiency"}
            given |= {"CMDOSE": "10", "CMDOSU": "mg", "CMFRQ": "QD", "CMROUTE": "Oral"}
            given |= {"CMSTDAT": "10-OCT-2025", "CMENDAT": "20-OCT-2025"}
            csv.DictWriter(file, list(last), lineterminator="\n").writerow(given)
        as_study.keep(folder, "build", command(folder, "build"))

    return as_study(shared("donors", make))


def test_it_builds_without_a_finding(donors):
    done = donors.run("build")
    assert (done.code, done.err) == (0, "")
    # settings of outputs that are not kept here, and the dose that the export leaves unknown, are told
    told = {f.rule for f in donors.cut(2).findings if f.severity != "note"}
    assert told == {"spec.setting.unread", "adam.dose.unknown"}


def test_graft_versus_host_disease_is_an_event_of_special_interest(donors):
    adae = donors.cut(2).frame("ADAE")
    found = adae[adae["CQ09NAM"].notna()]
    assert found[["USUBJID", "AETERM"]].to_numpy().tolist() == [[FIRST, "Diarrhoea"]]


def test_rows_and_tables_follow_the_source_of_the_cells(donors):
    tlf = donors.cut(2).home / "tlf"
    assert {p.stem for p in tlf.glob("*.rtf")} == {OVERVIEW, LISTING}
    text = re.sub(r"(?:<[^>]*>|\s|&nbsp;)+", " ", (tlf / f"{OVERVIEW}.html").read_text(encoding="utf-8"))
    rows = text.partition("Graft-versus-host disease ")[2]
    # of three subjects at the first dose, three at the second, and six
    assert rows.replace("[ ", "[").startswith("Any 1 (33.3%) [1] 0 1 (16.7%) [1] Grade 3 or higher 0 0 0 "), rows[:80]
    assert "Graft-versus-" in (tlf / f"{LISTING}.html").read_text(encoding="utf-8")


def test_replacement_is_free_of_drugs_and_a_glucocorticoid(donors):
    adeff = donors.cut(2).frame("ADEFF")
    month = adeff[(adeff["USUBJID"] == SECOND) & (adeff["AVISIT"] == "Month 3")]
    told = month[month["DTYPE"].isna()].set_index("PARAMCD")["AVALC"]
    assert told[["THFREE", "THFREEGC"]].to_dict() == {"THFREE": "Y", "THFREEGC": "N"}
