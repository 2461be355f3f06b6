"""A transfer against the one before: every finding at its place, and nothing told of what has only moved on."""

import pytest

from datacut.errors import Findings
from datacut.raw.read import read_files
from datacut.raw.transfer import compare_exports
from datacut.spec.load import load_specs

STUDY = """
study: S1
title: A study
protocol: S1
standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
systems:
  edc:
    label: Data capture
    encoding: utf-8
    columns:
      SUBJID: {label: Subject, required: true}
      VISIT: {label: Visit}
      RECID: {label: Record}
      UPDATED: {label: Last change, format: "y-m-d H:M"}
    subject: SUBJID
    visit: VISIT
    record: RECID
    audit: [UPDATED]
transfer: {gone_percent: 50, missing_points: 20, source: assumption}
"""
SPECS = {
    "study": STUDY,
    "codelists": """
        codelists:
          SEV:
            name: Severity
            terms:
              - {value: MILD, collected: [1, Mild]}
              - {value: SEVERE, collected: [2, Severe]}
              - {value: UNKNOWN, collected: [ND]}
        """,
    "crf/ae": """
        form: ae
        label: Events
        keys: [SUBJID, RECID]
        fields:
          AESEV: {label: Severity, type: choice, codelist: SEV, required: true}
          AETERM: {label: Event}
          LOW: {label: Lower limit}
        """,
    "crf/mh": """
        form: mh
        label: History
        optional: true
        fields:
          MHTERM: {label: Condition}
        """,
}
HEADER = "SUBJID,VISIT,RECID,UPDATED,AESEV,AETERM,LOW"
ROW = {
    "SUBJID": "01",
    "VISIT": "V1",
    "RECID": "1",
    "UPDATED": "2026-01-01 10:00",
    "AESEV": "1",
    "AETERM": "A",
    "LOW": "",
}
LATER = {"UPDATED": "2026-02-01 10:00"}


def ae(*rows, header=HEADER):
    """Rows as changes to ROW; a row of nothing but an id is `{"RECID": "2"}`."""
    lines = [",".join({**ROW, **row}.get(c, "") for c in header.split(",")) for row in rows]
    return "\n".join([header, *lines]) + "\n"


def mh(*rows):
    header = "SUBJID,VISIT,RECID,UPDATED,MHTERM"
    lines = [",".join({**ROW, "MHTERM": "x", **row}[c] for c in header.split(",")) for row in rows]
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture
def compare(study, tmp_path):
    def of(before, now, specs=SPECS):
        """(rule, where, value) of each finding, severity first, and the counts of each form that has rows."""
        loaded = load_specs(study(specs))
        sides = []
        for name, files in (("c1", before), ("c2", now)):
            (tmp_path / name).mkdir()
            for form, text in files.items():
                (tmp_path / name / f"{form}.csv").write_text(text)
            sides.append(read_files(tmp_path / name, loaded, Findings(), f"raw/{name}"))
        findings = Findings()
        lines = compare_exports(*sides, loaded, findings, {"ae": frozenset({"LOW"})})
        counts = {
            x.form: (x.before, x.now, x.new, x.gone, x.changed, x.subjects_before, x.subjects_now)
            for x in lines
            if x.before or x.now
        }
        told = [(str(f.severity), f.rule.removeprefix("raw.transfer."), str(f.where), f.value) for f in findings]
        of.findings = list(findings)
        return told, counts

    return of


def test_a_transfer_that_has_moved_on_tells_nothing(compare):
    before = {"ae": ae({}, {"RECID": "2", "SUBJID": "02"})}
    now = {"ae": ae({"RECID": "2", "SUBJID": "02"}, LATER, {"RECID": "3", "AETERM": "B"})}
    assert compare(before, now) == ([], {"ae": (2, 3, 1, 0, 0, 2, 2)})


def test_an_audit_column_is_no_change_and_a_cell_is(compare):
    now = {"ae": ae({**LATER, "AETERM": "B"}, {"RECID": "2", **LATER})}
    assert compare({"ae": ae({}, {"RECID": "2"})}, now) == ([], {"ae": (2, 2, 0, 0, 1, 1, 1)})


def test_a_cell_filled_or_emptied_is_a_change(compare):
    before = {"ae": ae({"AETERM": ""}, {"RECID": "2"}, {"RECID": "3", "AETERM": ""})}
    now = {"ae": ae({"AETERM": "A", **LATER}, {"RECID": "2", "AETERM": ""}, {"RECID": "3", "AETERM": ""})}
    assert compare(before, now)[1] == {"ae": (3, 3, 0, 0, 2, 1, 1)}


def test_a_subject_gone_is_told_with_the_forms_and_its_rows_are_not_told_again(compare):
    before = {
        "ae": ae({}, {"RECID": "2", "SUBJID": "02"}, {"RECID": "3", "SUBJID": "02"}),
        "mh": mh({"SUBJID": "02"}, {"RECID": "2"}),
    }
    now = {"ae": ae(LATER), "mh": mh({"SUBJID": "02", "RECID": "9"}).partition("\n")[0] + "\n"}
    told, counts = compare(before, now)
    assert ("error", "subject_gone", "raw/c1/ae.csv:3:SUBJID", "02") in told
    assert [f.what for f in compare.findings if f.rule.endswith("subject_gone")] == [
        "the subject was in the last transfer and is in no form of edc now; was in ae (2), mh (1)"
    ]
    assert [t for t in told if t[1] == "rows_gone"] == [("error", "rows_gone", "raw/c1/mh.csv:3:RECID", "")]
    assert counts["ae"] == (3, 1, 0, 2, 0, 2, 1)


def test_a_new_subject_is_a_note(compare):
    told, _ = compare({"ae": ae({})}, {"ae": ae(LATER, {"SUBJID": "02", "RECID": "2"})})
    assert told == [("note", "subject_new", "raw/c2/ae.csv:3:SUBJID", "02")]


def test_records_gone_are_counted_and_placed_where_they_were(compare):
    before = {"ae": ae({}, {"RECID": "2"}, {"RECID": "3"}, {"RECID": "4"})}
    told, counts = compare(before, {"ae": ae(LATER, {"RECID": "4"}, {"RECID": "5"}, {"RECID": "6"})})
    assert told == [("warning", "rows_gone", "raw/c1/ae.csv:3:RECID", "")]  # half is not above 50 %
    assert "2 of 4 records" in compare.findings[0].what
    assert "(2 rows: 3, 4)" in compare.findings[0].what
    assert counts == {"ae": (4, 4, 2, 2, 0, 1, 1)}


def test_more_than_the_limit_gone_is_an_error(compare):
    before = {"ae": ae({}, {"RECID": "2"}, {"RECID": "3"})}
    assert compare(before, {"ae": ae(LATER)})[0] == [("error", "rows_gone", "raw/c1/ae.csv:3:RECID", "")]


def test_without_limits_records_gone_are_a_warning_until_all_are(compare):
    specs = {**SPECS, "study": STUDY.replace("transfer:", "# transfer:")}
    before = {"ae": ae({}, {"RECID": "2"}, {"RECID": "3"})}
    assert compare(before, {"ae": ae(LATER)}, specs)[0][0][:2] == ("warning", "rows_gone")


def test_a_row_that_is_only_marked_as_deleted_is_changed_not_gone(compare):
    told, counts = compare({"ae": ae({})}, {"ae": ae({"AETERM": "DELETED", **LATER})})
    assert told == []
    assert counts == {"ae": (1, 1, 0, 0, 1, 1, 1)}


def test_an_id_used_again_for_another_subject(compare):
    before = {"ae": ae({}, {"RECID": "2"}, {"RECID": "3", "SUBJID": "02"})}
    told, counts = compare(before, {"ae": ae(LATER, {"RECID": "2", "SUBJID": "02"}, {"RECID": "3", "SUBJID": "02"})})
    assert told == [("error", "id_reused", "raw/c2/ae.csv:3:RECID", "")]
    assert counts == {"ae": (3, 3, 0, 0, 1, 2, 2)}


def test_where_most_ids_stand_for_other_subjects_only_counts_are_compared(compare):
    before = {"ae": ae({}, {"RECID": "2", "SUBJID": "02"})}
    told, counts = compare(before, {"ae": ae({"SUBJID": "02", **LATER}, {"RECID": "2"})})
    assert told == [("error", "id_reused", "raw/c2/ae.csv:2:RECID", "")]
    assert "only counts are compared (2 rows: 2, 3)" in compare.findings[0].what
    assert counts == {"ae": (2, 2, None, None, None, 2, 2)}


def test_an_id_at_another_visit_is_a_warning_and_a_blank_visit_is_none(compare):
    before = {"ae": ae({}, {"RECID": "2", "VISIT": "V2"}, {"RECID": "3", "VISIT": ""})}
    told, _ = compare(before, {"ae": ae(LATER, {"RECID": "2", "VISIT": "V1"}, {"RECID": "3", "VISIT": "V1"})})
    assert told == [("warning", "visit_moved", "raw/c2/ae.csv:3:VISIT", "")]


def test_ids_that_are_blank_in_most_rows_are_told_and_fewer_rows_too(compare):
    before = {"mh": mh({"RECID": ""}, {"RECID": ""}, {"RECID": "1"})}
    told, counts = compare(before, {"mh": mh({"RECID": "", **LATER}, {"RECID": "1"})})
    assert told == [
        ("warning", "id_unreliable", "raw/c1/mh.csv", ""),
        ("error", "rows_fewer", "raw/c2/mh.csv", ""),
    ]
    assert counts == {"mh": (3, 2, None, None, None, 1, 1)}


def test_ids_given_anew_are_told_and_no_record_is_called_gone(compare):
    told, counts = compare({"ae": ae({}, {"RECID": "2"})}, {"ae": ae({"RECID": "8", **LATER}, {"RECID": "9"})})
    assert told == [("error", "id_unreliable", "raw/c2/ae.csv", "")]
    assert counts == {"ae": (2, 2, None, None, None, 1, 1)}


def test_values_visits_and_limits_met_for_the_first_time_are_notes(compare):
    before = {"ae": ae({"LOW": "1"}, {"RECID": "2", "AESEV": "1 "})}
    now = {"ae": ae({"LOW": "1", **LATER}, {"RECID": "2", "AESEV": "2"}, {"RECID": "3", "VISIT": "V2", "LOW": "1.5"})}
    assert compare(before, now)[0] == [
        ("note", "code_new", "raw/c2/ae.csv:3:AESEV", "2"),
        ("note", "range_new", "raw/c2/ae.csv:4:LOW", "1.5"),
        ("note", "visit_new", "raw/c2/ae.csv:4:VISIT", "V2"),
    ]


def test_where_a_column_held_nothing_new_values_say_nothing(compare):
    assert compare({"ae": ae({"LOW": ""})}, {"ae": ae({"LOW": "3", **LATER})})[0] == []


@pytest.mark.parametrize(("was", "now"), [("12", ("Mild", "Severe")), (("Mild", "Severe"), "12")])
def test_labels_where_codes_stood_and_the_reverse(compare, was, now):
    told, _ = compare(
        {"ae": ae({"AESEV": was[0]}, {"RECID": "2", "AESEV": was[1]})},
        {"ae": ae({"AESEV": now[0], **LATER}, {"RECID": "2", "AESEV": now[1]})},
    )
    assert told[0] == ("warning", "type_changed", "raw/c2/ae.csv:2:AESEV", ", ".join(now))


def test_a_word_beside_codes_is_a_new_value_and_no_other_type(compare):
    told, _ = compare({"ae": ae({})}, {"ae": ae(LATER, {"RECID": "2", "AESEV": "ND"})})
    assert told == [("note", "code_new", "raw/c2/ae.csv:3:AESEV", "ND")]


@pytest.mark.parametrize(("blank", "told"), [(1, True), (0, False)])
def test_more_blanks_of_a_required_field_are_told_from_the_limit_on(compare, blank, told):
    rows = [{"RECID": str(n)} for n in range(1, 6)]
    now = [{**row, "AESEV": "" if n < blank else "1", **LATER} for n, row in enumerate(rows)]
    found, _ = compare({"ae": ae(*rows)}, {"ae": ae(*now)})  # one of five is 20 points
    assert found == ([("warning", "missing_more", "raw/c2/ae.csv:2:AESEV", "")] if told else [])


def test_columns_that_came_and_undescribed_ones_that_went(compare):
    before = {"ae": ae({}, header="SUBJID,VISIT,RECID,UPDATED,AESEV,LOW,EXTRA")}
    told, counts = compare(before, {"ae": ae(LATER)})
    assert told == [
        ("note", "column_new", "raw/c2/ae.csv:1:AETERM", "AETERM"),
        ("note", "column_gone", "raw/c1/ae.csv:1:EXTRA", "EXTRA"),
    ]
    assert counts == {"ae": (1, 1, 0, 0, 0, 1, 1)}


def test_a_column_of_the_spec_that_went_is_told_by_the_reading_and_changes_no_record(compare):
    now = {"ae": ae(LATER, header="SUBJID,VISIT,RECID,UPDATED,AESEV,LOW")}
    assert compare({"ae": ae({})}, now) == ([], {"ae": (1, 1, 0, 0, 0, 1, 1)})


def test_optional_forms_come_and_go(compare):
    now = {"ae": ae(LATER)}
    told, counts = compare({"ae": ae({}), "mh": mh({})}, now)
    assert told == [("error", "form_gone", "raw/c1/mh.csv", "")]
    assert counts["mh"] == (1, 0, 0, 1, 0, 1, 0)


def test_a_form_with_a_file_for_the_first_time(compare):
    told, counts = compare({"ae": ae({})}, {"ae": ae(LATER), "mh": mh({})})
    assert told == [("note", "form_new", "raw/c2/mh.csv", "")]
    assert counts["mh"] == (0, 1, 1, 0, 0, 0, 1)


def test_a_form_that_cannot_be_read_is_not_compared(compare):
    told, counts = compare({"ae": ae({}), "mh": mh({}, {"RECID": "2"})}, {"ae": ae(LATER), "mh": ""})
    assert told == []
    assert counts["mh"] == (2, 0, None, None, None, 1, 0)


@pytest.mark.parametrize("now", ["2026-01-01 10:00", "2025-12-31 10:00"])
def test_a_transfer_with_no_later_entry_was_sent_before(compare, now):
    told, _ = compare({"ae": ae({})}, {"ae": ae({"UPDATED": now, "AETERM": "B"})})
    assert [t[:3] for t in told] == [("error", "stale", "raw/c2")]


def test_times_that_cannot_be_read_leave_the_order_unknown(compare):
    told, _ = compare({"ae": ae({})}, {"ae": ae({"UPDATED": "soon"})})
    assert told == [("note", "undated", "raw/c2", "")]


def test_a_file_that_stays_the_same_while_others_move_on(compare):
    told, _ = compare({"ae": ae({}), "mh": mh({})}, {"ae": ae(LATER), "mh": mh({})})
    assert told == [("note", "same", "raw/c2/mh.csv", "")]


def test_every_file_the_same(compare):
    told, _ = compare({"ae": ae({})}, {"ae": ae({})})
    assert [t[:3] for t in told] == [("error", "stale", "raw/c2"), ("error", "same", "raw/c2")]
