"""Specs read as a whole: every fault with file, line and remedy before anything is refused."""

import pytest

from datacut.engine.sources import study_frames
from datacut.errors import InputError, SpecError, in_spec
from datacut.spec.load import load_specs

AE_FORM = """
form: ae
label: Adverse events
fields:
  AETERM: {label: Event}
"""


def refused(root):
    with pytest.raises(SpecError) as raised:
        load_specs(root)
    return [(str(f.where), f.what, f.value, f.remedy) for f in raised.value.findings]


def test_the_smallest_study(study):
    specs = load_specs(study({"crf/ae": AE_FORM}))
    assert specs.settings == {"site": 101, "levels": (3, 4.5)}
    assert list(specs.columns(specs.forms["ae"])) == ["SUBJID", "AETERM"]
    assert specs.where("crf/AE", ("fields", "AETERM")) == in_spec("specs/crf/ae.yml", 4)


def test_no_study_here(tmp_path):
    with pytest.raises(InputError, match=r"no specs/study\.yml here"):
        load_specs(tmp_path)


def test_an_unknown_key_with_its_line_and_the_nearest_name(study):
    root = study(
        {
            "crf/ae": """
            form: ae
            label: Adverse events
            fields:
              AETERM: {label: Event, requird: true}
            """
        }
    )
    assert refused(root) == [("specs/crf/ae.yml:4", "unknown key", "requird", "Did you mean required?")]


def test_an_unknown_key_of_a_record_block_knows_the_names_as_they_are_written(study):
    root = study(
        {
            "sdtm/ae": """
            dataset: AE
            keys: [USUBJID]
            records:
              - from: raw.ae
                wher: AETERM NOT MISSING
            variables:
              USUBJID: {derive: assign(SUBJID)}
            """
        }
    )
    assert refused(root) == [("specs/sdtm/ae.yml:5", "unknown key", "wher", "Did you mean where?")]


def test_a_missing_key_and_a_value_of_another_kind(study):
    root = study(
        {
            "crf/ae": """
            form: ae
            fields:
              AETERM: {label: Event, type: txt}
            """
        }
    )
    assert [f[:3] for f in refused(root)] == [
        ("specs/crf/ae.yml:1", "a key is missing", "label"),
        (
            "specs/crf/ae.yml:3",
            "Input should be 'text', 'choice', 'integer', 'number', 'date', 'time' or 'tick'",
            "txt",
        ),
    ]


@pytest.mark.parametrize("form", ["dd-mmm-yyyy", "YYYY-MM-DD", "%d%b%Y", ""])
def test_a_format_of_dates_that_is_none(study, form):
    root = study({"crf/ae": AE_FORM + f'  AESTDAT: {{label: Start, type: date, format: "{form}"}}\n'})
    what = f"{form!r} is not a date or time format; write one like 'y-m-d' or 'd-mmm-y H:M'."
    assert refused(root) == [("specs/crf/ae.yml:5", what, form, "Mend fields.AESTDAT.format.")]


@pytest.mark.parametrize("form", ["d-mmm-y", "y-m-d", "d/m/y H:M", "serial", "H:M"])
def test_a_format_of_dates(study, form):
    root = study({"crf/ae": AE_FORM + f'  AESTDAT: {{label: Start, type: date, format: "{form}"}}\n'})
    assert load_specs(root).forms["ae"].fields["AESTDAT"].format == form


def test_faults_of_all_files_are_told_at_once(study):
    root = study({"crf/ae": "form: ae\nform: ae\n", "sdtm/dm": "dataset: DM\nkeys: [USUBJID]\n"})
    assert [f[0] for f in refused(root)] == ["specs/crf/ae.yml:2", "specs/sdtm/dm.yml:1"]


def test_a_condition_that_cannot_be_read(study):
    root = study(
        {
            "sdtm/ae": """
            dataset: AE
            keys: [USUBJID]
            variables:
              AESER:
                derive: assign(AESER)
                where: AETERM = 1
            """
        }
    )
    assert [f[:3] for f in refused(root)] == [
        (
            "specs/sdtm/ae.yml:6",
            "EQ NE LT LE GT GE IN NOTIN, MISSING or NOT MISSING is expected, found '=' at column 8",
            "AETERM = 1",
        )
    ]


CUT = "',' is expected, found the end at column 16"
QUOTE = "Put the call in quotes: inside { } a comma ends a value."


def test_a_call_cut_at_an_unquoted_comma_is_one_fault_with_its_remedy(study):
    root = study(
        {
            "sdtm/ae": """
            dataset: AE
            keys: [USUBJID]
            variables:
              AESEQ: {text: Number, derive: derive_seq(by=A, new=B)}
            """
        }
    )
    assert refused(root) == [("specs/sdtm/ae.yml:4", CUT, "derive_seq(by=A", QUOTE)]


def test_so_it_is_in_a_map_of_calls(study):
    root = study(
        {
            "sdtm/ae": """
            dataset: AE
            keys: [USUBJID]
            records:
              - from: raw.ae
                set: {AESEQ: derive_seq(by=A, new=B), AETERM: assign(AETERM)}
            variables:
              AESEQ: {label: Number}
            """
        }
    )
    assert refused(root) == [("specs/sdtm/ae.yml:5", CUT, "derive_seq(by=A", QUOTE)]


def test_two_makers_of_one_variable(study):
    root = study(
        {
            "adam/adsl": """
            dataset: ADSL
            keys: [USUBJID]
            variables:
              AGE: {predecessor: DM.AGE, made_by: SEX}
            """
        }
    )
    assert [f[:2] for f in refused(root)] == [
        ("specs/adam/adsl.yml:4", "only one of predecessor and made_by can make a variable")
    ]


def test_a_file_named_otherwise(study):
    root = study({"crf/adv": AE_FORM.replace("label:", "system: edcc\nlabel:", 1)})
    assert refused(root) == [("specs/crf/adv.yml:1", "form and file name differ", "ae", "Name the file ae.yml.")]


def test_systems_that_are_not_there_or_cannot_be_read(study):
    root = study(
        {
            "study": """
            study: S1
            title: A study
            protocol: S1
            standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
            systems:
              lab: {label: Laboratory, encoding: utf9, delimiter: "||"}
            """,
            "crf/AE": AE_FORM.replace("label:", "system: labs\nlabel:", 1),
        }
    )
    assert [f[:3] for f in refused(root)] == [
        ("specs/crf/AE.yml:2", "no such system", "labs"),
        ("specs/study.yml:6", "no such encoding", "utf9"),
        ("specs/study.yml:6", "a delimiter is one character", "||"),
    ]


VS = """
dataset: VS
keys: [USUBJID]
records:
  - from: raw.dm
  - from: raw.vs
    topics:
      - {test: SYSBP, unit: mmHg}
      - {test: PULSE, unit: beats/min}
    where: "{test} NOT MISSING"
    set:
      VSORRES: assign_part({test}, pattern="(\\d{3})")
      VSORRESU: hardcode("{unit}")
variables:
  USUBJID: assign(SUBJID)
"""


def test_topics_are_unrolled_and_keep_their_lines(study):
    specs = load_specs(study({"sdtm/vs": VS}))
    first, second, third = specs.sdtm["VS"].records
    assert (first.source, first.topic) == ("raw.dm", {})
    assert second.topic == {"test": "SYSBP", "unit": "mmHg"}
    assert str(third.where) == "PULSE NOT MISSING"
    assert {n: str(v.derive) for n, v in third.set.items()} == {
        "VSORRES": 'assign_part(PULSE, pattern="(\\d{3})")',
        "VSORRESU": 'hardcode("beats/min")',
    }
    places = [("records", 0), ("records", 1), ("records", 2), ("records", 2, "where"), ("variables", "USUBJID")]
    assert [specs.where("sdtm/vs", p) for p in places] == [in_spec("specs/sdtm/vs.yml", n) for n in (4, 7, 8, 9, 14)]


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "value"),
    [
        ('"{unit}"', '"{units}"', "specs/sdtm/vs.yml:7", "the topic has no such name", "units"),
        ("{test: SYSBP, unit: mmHg}", "SYSBP", "specs/sdtm/vs.yml:7", "a topic is a map of texts", ""),
        ("- {test: SYSBP, unit: mmHg}", "SYSBP: mmHg", "specs/sdtm/vs.yml:8", "the file is not YAML", None),
    ],
)
def test_faults_of_topics(study, old, new, where, what, value):
    found = refused(study({"sdtm/vs": VS.replace(old, new)}))
    assert found[0][:2] == (where, what)
    assert value is None or found[0][2] == value


@pytest.mark.parametrize(
    ("topics", "what"),
    [("[]", "topics is a list"), ("{test: SYSBP}", "no such codelist"), ("SYSBP", "topics is a list")],
)
def test_topics_that_are_no_list_or_empty_do_not_vanish(study, topics, what):
    head, _, tail = VS.partition("    topics:\n")
    root = study({"sdtm/vs": f"{head}    topics: {topics}\n" + tail[tail.index("    where:") :]})
    assert [f[:2] for f in refused(root)] == [("specs/sdtm/vs.yml:6", what)]


TABLE = """
study: S1
title: A study
protocol: S1
standards: {sdtmig: "3.4", adamig: "1.3", ct: x}
tables:
  doses:
    source: assumption
    text: Highest doses
    columns: {DRUG: text, DOSE: number, ROUTE: [oral, intravenous]}
    rows:
      - {DRUG: ALPHA, DOSE: "2.5"}
      - {DRUG: BETA, DOSE: }
      - %s
"""


@pytest.mark.parametrize(
    ("row", "what", "value", "remedy"),
    [
        ("{DRUG: GAMMA, DOES: 3}", "doses has no column", "DOES", "Did you mean DOSE?"),
        ("{DRUG: GAMMA, DOSE: much}", "DOSE takes a number", "much", "Write a number, or leave the cell blank."),
        ("{DRUG: GAMMA, DOSE: nan}", "DOSE takes a number", "nan", "Write a number, or leave the cell blank."),
        ("{DRUG: GAMMA, ROUTE: orally}", "ROUTE does not take it", "orally", "It may be oral, intravenous."),
        ("{DRUG: GAMMA, DOSE: 1_0}", "DOSE takes a number", "1_0", "Write a number, or leave the cell blank."),
    ],
)
def test_a_cell_that_does_not_fit_its_table_is_refused_with_its_line(study, row, what, value, remedy):
    assert refused(study({"study": TABLE % row})) == [("specs/study.yml:13", what, value, remedy)]


def test_a_table_is_a_frame_whose_blank_cells_are_missing(study):
    frame = study_frames(load_specs(study({"study": TABLE % "{DOSE: 0}"})), "2026-03-02")["study.doses"]
    assert frame["DRUG"].fillna("-").tolist() == ["ALPHA", "BETA", "-"]
    assert frame["DOSE"].astype(object).fillna("-").tolist() == [2.5, "-", 0.0]
