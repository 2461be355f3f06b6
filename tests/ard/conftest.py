"""A small study and twelve lines of data, hand-made so that every expected number can be checked with a pencil."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

import datacut.ard
from datacut.ard.build import BuiltResults, build_ard
from datacut.datasets.ard import file_frame
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Study

LIBRARY = {
    "patterns": {
        "S-NPCT": {"cell": "{n} ({p:1%})", "zero": "{n}"},
        "S-NM": "{n}/{m} ({p:1%})",
        "S-NE": {"cell": "{n} ({p:1%}) [{events}]", "zero": "{n}"},
        "S-CONT": {
            "rows": {
                "n": "{n}",
                "Mean (SD)": "{mean:+1} ({sd:+2})",
                "Median": "{median:+1}",
                "Q1; Q3": "{q1:+1}; {q3:+1}",
                "Min; Max": "{min:+0}; {max:+0}",
            }
        },
        "S-CI": {"rows": {"n": "{n}", "95% CI": "({lower:+1}, {upper:+1})"}},
        "S-PROP": {
            "rows": {"n (%)": "{n} ({p:1%})", "95% CI": "({lower:1}, {upper:1})"},
            "zero": {"n (%)": "{n}"},
        },
        "S-N": "{n}",
        "S-KM": {
            "rows": {
                "Events, n (%)": "{cases} ({pcases:1%})",
                "Censored, n (%)": "{censored} ({pcensored:1%})",
                "Median (95% CI)": "{median:+0} ({lower:+0}, {upper:+0})",
                "25th percentile": "{q1:+0}",
                "75th percentile": "{q3:+0}",
            },
            "zero": {"Events, n (%)": "{cases}", "Censored, n (%)": "{censored}"},
        },
        "S-KMT": {"rows": {"At risk": "{at_risk}", "Rate (95% CI)": "{rate:1%} ({lower:1}, {upper:1})"}},
        "S-DUR": {"rows": {"n": "{n}", "Median (min; max)": "{median:+0} ({min:+0}; {max:+0})"}},
        "S-RATE": "{events} / {exposure:1} ({rate:1})",
        "S-CURVE": "{rate:1} ({lower:1}, {upper:1}) {at_risk} {cases} {censored}",
        "S-GEO": {
            "rows": {"n": "{n}", "n > LLOQ": "{above}", "Geometric mean": "{gmean:3s}", "Geometric CV%": "{gcv:1}"}
        },
    },
    "columns": {
        "ALL": {"groups": [{"by": "dose", "total": "Total"}]},
        "KEEP": {"groups": [{"by": "dose", "total": "Total"}], "empty": "keep"},
        "STAGE": {
            "groups": [
                {"within": {"stage": "ESC"}, "by": "dose", "total": "Total"},
                {"within": {"stage": "EXP"}, "by": "dose", "total": "Total", "panel": "1"},
                {"label": "All", "by": "dose", "total": "Total", "panel": "1"},
            ]
        },
        "STAT": {"groups": [{"by": "dose"}], "across": "statistics"},
    },
}


def make_study() -> Study:
    levels = [{"value": v, "label": f"Dose {v}"} for v in ("low", "mid", "high")]
    return Study.model_validate(
        {
            "study": "S1",
            "title": "A study",
            "protocol": "P1",
            "standards": {"sdtmig": "3.4", "adamig": "1.3", "ct": "x"},
            "systems": {},
            "settings": {
                "limit": {"value": "3", "source": "a", "text": "b"},
                "source": {"value": "own", "source": "a", "text": "b"},
            },
            "analysis_sets": {
                "SAF": {"label": "Safety Set", "where": 'SAFFL EQ "Y"'},
                "ALL": {"label": "All", "where": "USUBJID NOT MISSING"},
            },
            "groupings": {
                "dose": {"variable": "TRT01A", "order": "TRT01AN", "label": "Dose", "levels": levels},
                "stage": {
                    "variable": "COHORT",
                    "label": "Stage",
                    "levels": [{"value": "ESC", "label": "Escalation"}, {"value": "EXP", "label": "Expansion"}],
                },
            },
            "windows": {"w": [{"avisit": v, "avisitn": n} for n, v in enumerate(("Baseline", "Week 1", "Week 2"))]},
        }
    )


def make_adsl() -> pd.DataFrame:
    """Four treated subjects (three low, one high, none mid) and one that is not in the set."""
    return pd.DataFrame(
        {
            "USUBJID": ["1", "2", "3", "4", "9"],
            "SAFFL": ["Y", "Y", "Y", "Y", "N"],
            "COHORT": ["ESC", "ESC", "EXP", "ESC", "ESC"],
            "TRT01A": ["low", "low", "low", "high", "low"],
            "TRT01AN": [1.0, 1.0, 1.0, 3.0, 1.0],
            "AGE": [30, 41, 52, 60, 99],
            "SEX": ["F", "F", None, "M", "F"],
            "WEIGHT": [50.5, None, 60.0, None, 1.0],
        }
    ).astype({"AGE": "Int64", "SEX": "str", "WEIGHT": "Float64"})


def cell_texts(ard: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Printed text by row path and column."""
    labels = ard[ard["method"].eq("label") & ard["row"].gt(0)].set_index("row")["stat_text"]
    out: dict[str, dict[str, str]] = {}
    for (row, column), mine in ard[ard["method"].ne("label") & ard["row"].gt(0)].groupby(["row", "column"], sort=False):
        out.setdefault(labels[row], {})[column] = "".join(mine["formatted"])
    return out


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def adsl() -> pd.DataFrame:
    return make_adsl()


@pytest.fixture
def library() -> OutputLibrary:
    return OutputLibrary.model_validate(LIBRARY)


@pytest.fixture
def registry() -> Registry:
    made = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        made.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    return made


@pytest.fixture
def results(study: Study, library: OutputLibrary, registry: Registry) -> Callable[..., BuiltResults]:
    """Build an output of one call, or of a whole spec; its results are as files hold them."""

    def build(frames: dict[str, pd.DataFrame], call: str = "", **keys: object) -> BuiltResults:
        spec = {"output": "t", "number": "Table 1", "title": "T", "population": "SAF", "columns": "ALL"}
        analyses = keys.pop("analyses", [{"call": call, "label": "Row", **dict(keys.pop("analysis", {}))}])  # type: ignore[call-overload]
        full = OutputSpec.model_validate({**spec, "analyses": analyses, **keys})
        built = build_ard(full, library, study, frames, registry)
        return replace(built, ard=file_frame(built.ard))

    return build


@pytest.fixture
def texts(results: Callable[..., BuiltResults]) -> Callable[..., dict[str, dict[str, str]]]:
    """The printed cells of an output of one call."""

    def build(frames: dict[str, pd.DataFrame], call: str = "", **keys: object) -> dict[str, dict[str, str]]:
        return cell_texts(results(frames, call, **keys).ard)

    return build
