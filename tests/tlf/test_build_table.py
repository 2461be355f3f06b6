"""From data to the printed table: rows, indents, blocks, columns and spans."""

import importlib
import pkgutil

import pandas as pd
import pytest

import datacut.ard
from datacut.ard.build import build_ard
from datacut.datasets.ard import check_ard
from datacut.errors import SpecError
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Cut, Study
from datacut.tlf.build import BuiltOutput, build_output
from datacut.tlf.build_frame import abbreviations_line
from datacut.tlf.layout import Kind
from datacut.tlf.paginate import paginate

LEVELS = [{"value": v, "label": v.title()} for v in ("low", "mid", "high")]
STUDY = Study.model_validate(
    {
        "study": "S1",
        "title": "A study",
        "protocol": "P1",
        "standards": {"sdtmig": "3.4", "adamig": "1.3", "ct": "x", "meddra": "26.1"},
        "systems": {},
        "settings": {"window": {"value": "28", "source": "a", "text": "b"}},
        "analysis_sets": {"SAF": {"label": "Safety Set", "where": 'SAFFL EQ "Y"'}},
        "groupings": {
            "dose": {"variable": "TRT01A", "order": "TRT01AN", "label": "Dose", "levels": LEVELS},
            "stage": {"variable": "COHORT", "label": "Stage", "levels": [{"value": "ESC", "label": "Escalation"}]},
        },
        "windows": {"w": [{"avisit": v, "avisitn": n} for n, v in enumerate(("Baseline", "Week 1"))]},
    }
)
LIBRARY = OutputLibrary.model_validate(
    {
        "footnotes": {
            "F-N": "N = subjects.",
            "F-CUT": "Data cut-off {$cut_date}.",
            "F-WIN": "Within 28 days.",
        },
        "first": ["F-N"],
        "last": ["F-CUT"],
        "patterns": {
            "S-NPCT": {"cell": "{n} ({p:1%})", "zero": "{n}"},
            "S-NE": {"cell": "{n} ({p:1%}) [{events}]", "zero": "{n}"},
            "S-CONT": {"rows": {"n": "{n}", "Mean (SD)": "{mean:+1} ({sd:+2})"}},
        },
        "columns": {
            "ALL": {"groups": [{"by": "dose", "total": "Total"}]},
            "KEEP": {"groups": [{"by": "dose", "total": "Total"}], "empty": "keep"},
            "SPAN": {
                "groups": [
                    {"within": {"stage": "ESC"}, "by": "dose", "total": "Total"},
                    {"label": "All", "by": "dose", "total": "Total", "panel": "1"},
                ]
            },
            "STAT": {"groups": [{"by": "dose"}], "across": "statistics"},
        },
    }
)
ADSL = pd.DataFrame(
    {
        "USUBJID": ["1", "2", "3"],
        "SAFFL": "Y",
        "COHORT": "ESC",
        "TRT01A": ["low", "low", "high"],
        "TRT01AN": [1, 1, 3],
        "AGE": [30, 41, 52],
        "SEX": ["F", "M", "F"],
    }
)
ADAE = pd.DataFrame({"USUBJID": ["1", "1", "3"], "SOC": ["Skin", "Skin", "Blood"], "PT": ["Rash", "Itch", "Anaemia"]})


def build(frames: dict[str, pd.DataFrame] | None = None, **keys: object) -> BuiltOutput:
    registry = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        registry.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    base = {"output": "t-1", "number": "Table 1", "title": "T", "population": "SAF", "columns": "ALL"}
    spec = OutputSpec.model_validate({**base, **keys})
    results = build_ard(spec, LIBRARY, STUDY, frames or {"ADSL": ADSL, "ADAE": ADAE}, registry)
    assert check_ard(results.ard) == []
    made = (results.ard, results.records)
    output = build_output(results.spec, LIBRARY, STUDY, *made, Cut(date="2026-03-02", label="First"))
    paginate(output.display)
    return output


def lines(output: BuiltOutput, section: int = 0) -> list[tuple[str, ...]]:
    return [("  " * r.indent + r.cells[0], *r.cells[1:]) for r in output.display.sections[section].rows]


def test_a_table_of_characteristics() -> None:
    output = build(
        analyses=[
            {"label": "Age", "call": "ard_summary(AGE, digits=0)"},
            {"label": "Sex", "call": 'ard_tabulate(SEX, levels={F: "Female", M: "Male"})'},
        ],
        footnotes=["F-WIN"],
    )
    assert [c.header for c in output.display.columns] == [
        ("",), ("Low", "(N=2)"), ("High", "(N=1)"), ("Total", "(N=3)"),
    ]  # fmt: skip
    assert lines(output) == [
        ("Age", "", "", ""),
        ("  n", "2", "1", "3"),
        ("  Mean (SD)", "35.5 (7.78)", "52.0 (-)", "41.0 (11.00)"),
        ("Sex", "", "", ""),
        ("  Female", "1 (50.0%)", "1 (100%)", "2 (66.7%)"),
        ("  Male", "1 (50.0%)", "0", "1 (33.3%)"),
    ]
    rows = output.display.sections[0].rows
    assert [r.block for r in rows] == [1, 1, 1, 2, 2, 2]
    assert [r.gap for r in rows] == [False, False, False, True, False, False]
    assert output.display.footnotes == (
        "N = subjects.", "Within 28 days.", "Data cut-off 02MAR2026.",
    )  # fmt: skip
    assert output.display.population == "Safety Set"
    assert output.display.source == "Source: t-1; datasets ADSL; data cut-off 02MAR2026; DRAFT"


def test_a_heading_keeps_its_rows_and_those_of_its_headings_together_while_they_are_few() -> None:
    """Week 1 has two headings of three rows with it, seven rows; All has fifteen, too many for one block."""
    age = "ard_summary(AGE, digits=0)"
    short = [{"under": ["Week 1", part], "call": age} for part in ("Men", "Women")]
    rows = build(analyses=short).display.sections[0].rows
    assert [(r.cells[0], r.block) for r in rows] == [
        ("Week 1", 1), ("Men", 1), ("n", 1), ("Mean (SD)", 1), ("Women", 1), ("n", 1), ("Mean (SD)", 1),
    ]  # fmt: skip
    long = [{"under": ["All", f"Part {i}"], "call": age} for i in range(5)]
    rows = build(analyses=long).display.sections[0].rows
    assert [r.block for r in rows] == [None, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]


def test_terms_break_between_rows_with_their_heading() -> None:
    output = build(dataset="ADAE", paging="P-SOC", analyses=[{"call": 'ard_hierarchical([SOC, PT], any="Any event")'}])
    assert lines(output) == [
        ("Any event", "1 (50.0%) [2]", "1 (100%) [1]", "2 (66.7%) [3]"),
        ("Blood", "0", "1 (100%) [1]", "1 (33.3%) [1]"),
        ("  Anaemia", "0", "1 (100%) [1]", "1 (33.3%) [1]"),
        ("Skin", "1 (50.0%) [2]", "0", "1 (33.3%) [2]"),
        ("  Itch", "1 (50.0%) [1]", "0", "1 (33.3%) [1]"),
        ("  Rash", "1 (50.0%) [1]", "0", "1 (33.3%) [1]"),
    ]
    rows = output.display.sections[0].rows
    assert [r.group for r in rows] == [(), ("Blood",), ("Blood",), ("Skin",), ("Skin",), ("Skin",)]
    assert {r.block for r in rows} == {None}


def test_stages_are_spans_and_panels() -> None:
    old = [{"label": "Old", "call": 'ard_count_subjects("AGE GT 40")'}]
    third = {"ADSL": ADSL.assign(COHORT=["ESC", "EXP", "ESC"]), "ADAE": ADAE}
    display = build(third, columns="SPAN", analyses=old).display
    assert [("/".join(c.key), c.panel) for c in display.columns] == [
        ("label", 0), ("ESC/low", 0), ("ESC/high", 0), ("ESC/Total", 0), ("low", 1), ("high", 1), ("Total", 1),
    ]  # fmt: skip
    assert [(s.label, s.first, s.last, s.level) for s in display.spans] == [
        ("Escalation", ("ESC", "low"), ("ESC", "Total"), 1),
        ("All", ("low",), ("Total",), 1),
    ]
    one = build(columns="SPAN", analyses=old).display
    assert ["/".join(c.key) for c in one.columns] == ["label", "ESC/low", "ESC/high", "ESC/Total"]
    assert len(paginate(one)[0].pages) == 1


def test_a_term_that_holds_the_mark_between_headings_prints_whole() -> None:
    terms = ADAE.assign(SOC=["Skin | hair", "Skin | hair", "Blood"], PT=["Rash | arm\\leg", "Itch", "Anaemia"])
    calls = [{"call": 'ard_hierarchical([SOC, PT], any="Any event")'}]
    output = build({"ADSL": ADSL, "ADAE": terms}, dataset="ADAE", paging="P-SOC", analyses=calls)
    assert [row[0] for row in lines(output)] == [
        "Any event", "Blood", "  Anaemia", "Skin | hair", "  Itch", "  Rash | arm\\leg",
    ]  # fmt: skip
    assert [r.group for r in output.display.sections[0].rows][3:] == [("Skin | hair",)] * 3


def test_a_treatment_with_a_slash_is_one_column_on_its_panel() -> None:
    subjects = ADSL.assign(TRT01A=["low", "low", "Drug/Placebo"], COHORT=["ESC", "EXP", "ESC"])
    old = [{"label": "Old", "call": 'ard_count_subjects("AGE GT 40")'}]
    display = build({"ADSL": subjects, "ADAE": ADAE}, columns="SPAN", analyses=old).display
    assert [(c.header[0], c.panel) for c in display.columns[1:]] == [
        ("Low", 0), ("Drug/Placebo", 0), ("Total", 0), ("Low", 1), ("Drug/Placebo", 1), ("Total", 1),
    ]  # fmt: skip
    assert display.sections[0].rows[0].cells[2] == "1 (100%)"


def scores() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USUBJID": ["1", "2", "3", "1"],
            "AVISIT": ["Baseline", "Baseline", "Baseline", "Week 1"],
            "PARAMCD": ["A", "A", "B", "A"],
            "AVAL": [4.0, 8.0, 5.0, 2.0],
            "CHG": [None, None, None, -2.0],
        }
    )


def test_observed_and_change_side_by_side_on_a_page_for_each_parameter() -> None:
    output = build(
        {"ADSL": ADSL, "ADQS": scores()},
        dataset="ADQS", columns="KEEP", subcolumns={"obs": "Observed", "chg": "Change"},
        pages={"variable": "PARAMCD", "levels": {"A": "Score A (points)", "B": "Score B"}, "label": "Parameter: "},
        analyses=[
            {"column": "obs", "by": {"variable": "AVISIT", "window": "w"}, "call": "ard_summary(AVAL)"},
            {"column": "chg", "by": {"variable": "AVISIT", "window": "w", "omit": ["Baseline"]},
             "call": "ard_summary(CHG)"},
        ],
    )  # fmt: skip
    assert [s.byline for s in output.display.sections] == ["Parameter: Score A (points)", "Parameter: Score B"]
    assert lines(output) == [
        ("Baseline", "", "", "", "", "", "", "", ""),
        ("  n", "2", "", "-", "-", "0", "", "2", ""),
        ("  Mean (SD)", "6.0 (2.83)", "", "-", "-", "", "", "6.0 (2.83)", ""),
        ("Week 1", "", "", "", "", "", "", "", ""),
        ("  n", "1", "1", "-", "-", "0", "0", "1", "1"),
        ("  Mean (SD)", "2.0 (-)", "-2.0 (-)", "-", "-", "", "", "2.0 (-)", "-2.0 (-)"),
    ]
    spans = output.display.spans
    assert [(s.label, s.first, s.last) for s in spans][:2] == [
        ("Low\n(N=2)", ("low", "obs"), ("low", "chg")),
        ("Mid\n(N=0)", ("mid", "obs"), ("mid", "chg")),
    ]
    assert [c.header for c in output.display.columns][1:3] == [("Observed",), ("Change",)]


def test_statistics_in_columns() -> None:
    output = build(columns="STAT", analyses=[{"label": "Age", "call": "ard_summary(AGE, digits=0)"}])
    assert [c.header for c in output.display.columns] == [("",), ("n",), ("Mean (SD)",)]
    assert lines(output) == [
        ("Low (N=2)", "", ""),
        ("  Age", "2", "35.5 (7.78)"),
        ("High (N=1)", "", ""),
        ("  Age", "1", "52.0 (-)"),
    ]


def test_nothing_to_report_keeps_titles_header_and_footnotes() -> None:
    output = build(
        {"ADSL": ADSL, "ADAE": ADAE.iloc[:0]},
        dataset="ADAE", empty_if="records", analyses=[{"call": "ard_hierarchical([SOC, PT])"}],
    )  # fmt: skip
    assert output.display.sections == ()
    assert [c.header for c in output.display.columns][1:] == [("Low", "(N=2)"), ("High", "(N=1)"), ("Total", "(N=3)")]
    (page,) = paginate(output.display)[0].pages
    assert "No data to report" in page.message
    assert page.footnotes


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"footnotes": ["F-WINN"]}, "Did you mean F-WIN"),
        ({"population": "SAFE"}, "Did you mean SAF"),
        ({"columns": "ALLL"}, "Did you mean ALL"),
        ({"dataset": "ADAEE"}, "Did you mean ADAE"),
        ({"analyses": [{"call": "ard_sumary(AGE)"}]}, "Did you mean ard_summary"),
        ({"analyses": [{"call": "ard_summary(AGEE)"}]}, "Did you mean AGE"),
        ({"analyses": [{"call": 'ard_summary(AGE, pattern="S-CON")'}]}, "Did you mean S-CONT"),
    ],
)
def test_what_is_unknown_is_said_with_the_nearest_name(keys: dict[str, object], what: str) -> None:
    spec = {"analyses": [{"label": "All", "call": "ard_count_subjects()"}], **keys}
    with pytest.raises(SpecError, match=what):
        build(**spec)


def test_records_as_a_table() -> None:
    meetings = pd.DataFrame(
        {"MEETNO": [2, 1], "RATE": [0.5, 1.0], "WHEN": pd.to_datetime(["2026-02-03", "2026-01-02"])}
    )
    output = build(
        {"ADSL": ADSL, "ADDOSE": meetings},
        columns=None,
        records={
            "dataset": "ADDOSE",
            "sort": ["MEETNO"],
            "columns": {
                "no": {"label": "Review", "call": "ard_value(MEETNO)"},
                "when": {"label": "Date", "call": "ard_date(WHEN)"},
                "rate": {"label": "Rate", "call": "ard_percent(RATE)"},
            },
        },
    )
    assert output.display.kind is Kind.TABLE
    assert [r.cells for r in output.display.sections[0].rows] == [
        ("1", "02JAN2026", "100%"),
        ("2", "03FEB2026", "50.0%"),
    ]


def test_abbreviations_are_those_the_page_holds() -> None:
    meanings = {
        "CRS": "cytokine release syndrome",
        "DLT": "toxicity",
        "SLE": "lupus",
        "SLE-DAS": "score",
        "AE": "event",
    }
    texts = ("Grade of CRS", "DLT-evaluable, DLTs", "SLE-DAS", "PHASE")
    assert abbreviations_line(texts, meanings) == (
        "Abbreviations: CRS = cytokine release syndrome; DLT = toxicity; SLE-DAS = score."
    )
    assert abbreviations_line(("n (%)",), meanings) == ""
