"""Figures are drawn from results alone; what is drawn is also a frame."""

import importlib
import pkgutil

import pandas as pd
import pytest

import datacut.ard
from datacut.ard.build import build_ard
from datacut.errors import SpecError
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Study
from datacut.tlf.build import BuiltOutput, build_output
from datacut.tlf.figures import ANY, DRAWINGS
from datacut.tlf.figures.scene import Drawing, Scene

STUDY = Study.model_validate(
    {
        "study": "S1",
        "title": "A study",
        "protocol": "P1",
        "standards": {"sdtmig": "3.4", "adamig": "1.3", "ct": "x"},
        "systems": {},
        "settings": {"lloq": {"value": "50", "source": "a", "text": "b"}},
        "analysis_sets": {"SAF": {"label": "Safety Set", "where": 'SAFFL EQ "Y"'}},
        "groupings": {
            "dose": {
                "variable": "TRT01A",
                "label": "Dose",
                "levels": [{"value": "low", "label": "low"}, {"value": "high", "label": "high"}],
            }
        },
        "windows": {"w": [{"avisit": v, "avisitn": n} for n, v in enumerate(("Baseline", "Week 1"))]},
    }
)
LIBRARY = OutputLibrary.model_validate(
    {
        "patterns": {"N": "{n}", "MEAN": "{n} {mean:1} ({se:2})"},
        "columns": {"ALL": {"groups": [{"by": "dose"}]}, "WITH": {"groups": [{"by": "dose", "total": "Total"}]}},
    }
)
ADSL = pd.DataFrame({"USUBJID": ["1", "2", "3"], "SAFFL": "Y", "TRT01A": ["low", "low", "high"]})
ADQS = pd.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "1"],
        "AVISIT": ["Baseline", "Baseline", "Baseline", "Week 1"],
        "AVISITN": [0, 0, 0, 1],
        "ADY": [1, 1, 1, 8],
        "AVAL": [4.0, 8.0, 5.0, 2.0],
        "BLQFL": [None, None, None, "Y"],
    }
)


def build(adqs: pd.DataFrame = ADQS, **keys: object) -> BuiltOutput:
    registry = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        registry.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    columns = {
        "subject": {"label": "Subject", "call": "ard_value(USUBJID)"},
        "group": {"label": "Dose", "call": "ard_value(TRT01A)"},
        "x": {"label": "Visit", "call": "ard_value(AVISIT)"},
        "y": {"label": "Score", "call": "ard_number(AVAL, digits=0)"},
    }
    base = {
        "output": "f-1", "number": "Figure 1", "title": "F", "population": "SAF", "kind": "figure", "columns": "ALL",
        "dataset": "ADQS", "empty_if": "records",
        "records": {"dataset": "ADQS", "sort": ["USUBJID", "AVISITN"], "columns": columns},
        "analyses": [
            {"id": "mean", "by": {"variable": "AVISIT", "window": "w"}, "call": 'ard_summary(AVAL, pattern="MEAN")'}
        ],
        "figure": {"draw": "profiles_and_mean", "options": {"grouping": "dose", "window": "w"}, "alt": "Scores"},
    }  # fmt: skip
    results = build_ard(
        OutputSpec.model_validate({**base, **keys}), LIBRARY, STUDY, {"ADSL": ADSL, "ADQS": adqs}, registry
    )
    return build_output(results.spec, LIBRARY, STUDY, results.ard, results.records)


def test_profiles_and_mean() -> None:
    output = build()
    assert output.display.sections[0].image is not None
    assert output.drawn["points"].to_dict("list") == {
        "subject": ["1", "1", "2", "3"],
        "group": ["low", "low", "low", "high"],
        "x": ["Baseline", "Week 1", "Baseline", "Baseline"],
        "y": [4.0, 2.0, 8.0, 5.0],
    }
    summary = output.drawn["mean"].set_index(["group", "x"])
    assert (summary.loc[("low", "Baseline"), "mean"], summary.loc[("low", "Baseline"), "se"]) == (6.0, 2.0)
    assert summary.loc[("low", "Week 1"), "n"] == 1
    assert pd.isna(summary.loc[("low", "Week 1"), "se"])


def test_panels_of_actual_days_with_values_below_the_limit() -> None:
    columns = {
        "subject": {"label": "Subject", "call": "ard_value(USUBJID)"},
        "group": {"label": "Dose", "call": "ard_value(TRT01A)"},
        "x": {"label": "Day", "call": "ard_number(ADY)"},
        "y": {"label": "Copies", "call": "ard_number(AVAL)"},
        "censored": {"label": "BLQ", "call": "ard_flag(BLQFL)"},
    }
    options = {"grouping": "dose", "log": "Y", "line": "50", "x_label": "Day", "y_label": "Copies"}
    output = build(
        records={"dataset": "ADQS", "sort": ["USUBJID", "ADY"], "columns": columns},
        analyses=[], figure={"draw": "profiles_panels", "options": options, "alt": "Copies"},
    )  # fmt: skip
    assert output.display.sections[0].image is not None
    assert list(output.drawn["points"]["censored"]) == ["", "Y", "", ""]
    assert list(output.drawn["points"]["x"]) == [1.0, 8.0, 1.0, 1.0]


def test_nothing_to_draw_is_the_empty_page() -> None:
    assert build(ADQS.iloc[:0]).display.sections == ()


def test_layers_are_frames_beside_the_points() -> None:
    columns = {
        "subject": {"label": "Subject", "call": "ard_value(USUBJID)"},
        "x": {"label": "Day", "call": "ard_number(ADY)"},
        "kind": {"label": "Kind", "call": "ard_value(AVISIT)"},
    }
    points = {
        "subject": columns["subject"],
        "group": {"label": "Dose", "call": "ard_value(TRT01A)"},
        "x": {"label": "End", "call": "ard_number(ADY)"},
        "ongoing": {"label": "Ongoing", "call": "ard_flag(BLQFL)"},
    }
    layers = {"low": {"dataset": "ADQS", "where": "AVAL LT 4.5", "sort": ["USUBJID", "ADY"], "columns": columns}}
    output = build(
        records={"dataset": "ADQS", "sort": ["USUBJID", "ADY"], "one_per": ["USUBJID"], "columns": points}, analyses=[],
        figure={"draw": "swimmer", "options": {"grouping": "dose", "kinds": "Baseline; Week 1"}, "layers": layers},
    )  # fmt: skip
    assert output.drawn["points"]["subject"].to_list() == ["1", "2", "3"]
    assert output.drawn["low"].to_dict("list") == {
        "subject": ["1", "1"],
        "x": [1.0, 8.0],
        "kind": ["Baseline", "Week 1"],
    }


def test_results_of_totals_and_of_two_analyses_in_one_frame() -> None:
    count = 'ard_count_subjects(pattern="N")'
    output = build(
        columns="WITH", records=None,
        analyses=[
            {"id": "grades.high", "label": "High", "by": ["AVISIT"], "where": "AVAL GE 5", "call": count},
            {"id": "grades.low", "label": "Low", "by": ["AVISIT"], "where": "AVAL LT 5", "call": count},
        ],
        figure={"draw": "grade_bars", "options": {"grouping": "dose", "categories": "High; Low"}},
    )  # fmt: skip
    frame = output.drawn["grades"]
    total = frame[frame["group"].isna()]
    assert total[["heading", "label", "x", "n"]].to_dict("list") == {
        "heading": [("Baseline",), ("Baseline",), ("Week 1",)],
        "label": ["High", "Low", "Low"],
        "x": ["Baseline", "Baseline", "Week 1"],
        "n": [2.0, 1.0, 1.0],
    }
    assert frame[frame["group"] == "high"]["n"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ({"options": {"grouping": "dose", "widow": "w"}}, "takes no option widow. Did you mean window"),
        ({"options": {"grouping": "doze"}}, "no grouping doze"),
        ({"draw": "trends", "options": {"grouping": "dose"}}, "trends draws no mean"),
    ],
)
def test_what_a_drawing_does_not_take(figure: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        build(figure={"draw": "profiles_and_mean", **figure})


def test_an_unknown_drawing() -> None:
    with pytest.raises(SpecError, match="profiles_panels"):
        build(figure={"draw": "profile_panels", "options": {"grouping": "dose"}})


def test_powers_of_ten_are_drawn_as_a_page_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of records and options alike, so that an option still names a value; the frame keeps what the data have."""
    scenes: list[Scene] = []
    monkeypatch.setitem(DRAWINGS, "seen", Drawing(scenes.append, (ANY,), ("categories",)))
    columns = {
        "group": {"label": "Dose", "call": "ard_value(TRT01A)"},
        "panel": {"label": "Parameter", "call": "ard_value(PARAM)"},
    }
    output = build(
        ADQS.assign(PARAM="Neutrophils (10^9/L)"), analyses=[], records={"dataset": "ADQS", "columns": columns},
        figure={"draw": "seen", "options": {"grouping": "dose", "categories": "Neutrophils (10^9/L)=1.0 x 10^9/L"}},
    )  # fmt: skip
    (scene,) = scenes
    assert scene.listed("categories") == {"Neutrophils (10⁹/L)": "1.0 × 10⁹/L"}
    assert set(scene.frames["points"]["panel"]) == {"Neutrophils (10⁹/L)"}
    assert set(output.drawn["points"]["panel"]) == {"Neutrophils (10^9/L)"}
