"""Published tables of the CDISC pilot study, made in SAS in 2006, from the published ADaM data.

The page text is parsed for its numbers; wrapped labels are joined. P-values are out of scope.
"""

import importlib
import pkgutil
import re
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

import datacut.ard
from datacut.ard.build import build_ard
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Study

ORACLE = Path(__file__).resolve().parents[3] / "shared" / "oracle"
ADAM = ORACLE / "cdiscpilot" / "adam"
PAGES = ORACLE / "tlf"
pytestmark = pytest.mark.skipif(not ADAM.is_dir(), reason=f"{ADAM} is not here: the published pilot data are needed")

PRINTED = 36
"""Characters of a term that the published page prints at least."""
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
STUDY = Study.model_validate(
    {
        "study": "CDISCPILOT01",
        "title": "Pilot",
        "protocol": "CDISCPILOT01",
        "standards": {"sdtmig": "3.1.2", "adamig": "2.1", "ct": "none"},
        "systems": {},
        "analysis_sets": {
            "ITT": {"label": "Intent-to-Treat", "where": 'ITTFL EQ "Y"'},
            "SAF": {"label": "Safety", "where": 'SAFFL EQ "Y"'},
        },
        "groupings": {
            "arm": {
                "variable": "TRT01P",
                "label": "Arm",
                "levels": [{"value": a, "label": a} for a in ARMS],
            }
        },
    }
)
LIBRARY = OutputLibrary.model_validate(
    {
        "patterns": {
            "ROWS": {
                "rows": {
                    "n": "{n}",
                    "Mean": "{mean:1}",
                    "SD": "{sd:2}",
                    "Median": "{median:1}",
                    "Min": "{min:1}",
                    "Max": "{max:1}",
                }
            },
            "S-NPCT": {"cell": "{n} ({p:0%})", "zero": "{n}"},
            "S-NE": {"cell": "{n} ({p:1%}) [{events}]", "zero": "{n}"},
        },
        "columns": {"ARMS": {"groups": [{"by": "arm", "total": "Total"}]}},
    }
)


def read(name: str) -> pd.DataFrame:
    frame, _ = pyreadstat.read_xport(str(ADAM / f"{name}.xpt"))
    text = frame.select_dtypes(include=["str", "object"]).columns
    return frame.assign(**{c: frame[c].replace("", None) for c in text})


def cells(
    population: str, dataset: str, where: str | None, analyses: list[dict[str, str]]
) -> dict[tuple[str, str], str]:
    registry = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        registry.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    spec = OutputSpec.model_validate(
        {
            "output": "t", "number": "Table", "title": "T", "population": population, "columns": "ARMS",
            "dataset": dataset, "where": where, "analyses": analyses,
        }
    )  # fmt: skip
    frames = {"ADSL": read("adsl"), dataset: read(dataset.lower())}
    ard = build_ard(spec, LIBRARY, STUDY, frames, registry).ard
    body = ard[ard["row"].gt(0)]
    labels = body[body["method"].eq("label")].set_index("row")["stat_text"]
    out: dict[tuple[str, str], str] = {}
    for row, column, text in zip(body["row"], body["column"], body["formatted"], strict=True):
        if column != "label":
            key = (labels[row], column)
            out[key] = out.get(key, "") + text
    return out


def published_demographics() -> dict[str, list[str]]:
    """`Variable | row` to the four numbers (or n and percent) of its line."""
    out: dict[str, list[str]] = {}
    variable = ""
    for line in (PAGES / "table_14_2-01.txt").read_text().splitlines():
        head, rest = line[:27].strip(), line[27:].strip()
        found = re.match(r"(\S.*?)\s+((?:<?\d[\d.]*(?: \(\s*<?\d+%\))?(?:\s+|$)){4})", rest)
        if not found:
            continue
        variable = head or variable
        texts = re.findall(r"<?\d[\d.]*(?: \(\s*<?\d+%\))?", found[2])
        out[f"{variable} | {found[1]}"] = [re.sub(r"\(\s+", "(", t) for t in texts]
    return out


NUMBERS = {
    "Age (y)": "AGE",
    "MMSE": "MMSETOT",
    "Duration of disease": "DURDIS",
    "Years of education": "EDUCLVL",
    "Baseline weight(kg)": "WEIGHTBL",
    "Baseline height(cm)": "HEIGHTBL",
    "Baseline BMI": "BMIBL",
}


def test_demographics_numbers() -> None:
    published = published_demographics()
    analyses = [{"label": k, "call": f'ard_summary({v}, pattern="ROWS")'} for k, v in NUMBERS.items()]
    ours = cells("ITT", "ADSL", None, analyses)
    compared = 0
    for label in NUMBERS:
        for row in ("n", "Mean", "SD", "Median", "Min", "Max"):
            expected = published[f"{label} | {row}"]
            assert [ours[(f"{label} | {row}", c)] for c in (*ARMS, "Total")] == expected, (label, row)
            compared += 1
    assert compared == 42


def test_demographics_categories() -> None:
    published = published_demographics()
    analyses = [
        {"label": "Sex", "call": 'ard_tabulate(SEX, levels={M: "Male", F: "Female"})'},
        {
            "label": "Age",
            "call": 'ard_tabulate(AGEGR1, levels={"<65": "<65 yrs", "65-80": "65-80 yrs", ">80": ">80 yrs"})',
        },
    ]
    ours = cells("ITT", "ADSL", None, analyses)
    for ours_row, their_row in {
        "Sex | Male": "Sex | Male",
        "Sex | Female": "Sex | Female",
        "Age | <65 yrs": "Age (y) | <65 yrs",
        "Age | 65-80 yrs": "Age (y) | 65-80 yrs",
        "Age | >80 yrs": "Age (y) | >80 yrs",
    }.items():
        assert [ours[(ours_row, c)] for c in (*ARMS, "Total")] == published[their_row]


def published_events() -> dict[str, list[str]]:
    """Label (a PT stands as `SOC start | PT`) to its three cells `n (pct%) [events]` or `0`."""
    cell = r"(0|\d+ \(\s*[\d.]+%\) \[\d+\])"
    line_of_cells = re.compile(rf"^(\s*)(\S.*?)\s+{cell}\s+{cell}\s+{cell}(?:\s|$)")
    rows: list[tuple[bool, str, list[str]]] = []
    wrapped = False
    for line in (PAGES / "table_14_5-01.txt").read_text().splitlines():
        found = line_of_cells.match(line)
        if found:
            rows.append((bool(found[1]), found[2], [re.sub(r"\(\s+", "(", t) for t in found.groups()[2:]]))
            wrapped = True
        elif wrapped and re.fullmatch(r"[A-Z][A-Z ,()/-]*", line.strip()) and line == line.lstrip():
            below, label, texts = rows[-1]
            rows[-1] = (below, f"{label} {line.strip()}", texts)
        else:
            wrapped = False
    out: dict[str, list[str]] = {}
    soc = ""
    for below, label, texts in rows:
        soc = soc if below else label[:24]
        out[f"{soc} | {label[:PRINTED]}" if below else label[:24]] = texts
    return out


def test_adverse_events() -> None:
    published = published_events()
    call = 'ard_hierarchical([AEBODSYS, AEDECOD], any="ANY BODY SYSTEM")'
    ours = cells("SAF", "ADAE", 'TRTEMFL EQ "Y"', [{"call": call}])
    made: dict[str, list[str]] = {}
    for path, _ in ours:
        soc, _, term = path.partition(" | ")
        label = f"{soc[:24]} | {term.upper()[:PRINTED]}" if term else soc[:24]
        made[label] = [ours[(path, arm)] for arm in ARMS]
    assert len(published) > 200
    different = {k: (v, made.get(k)) for k, v in published.items() if made.get(k) != v}
    assert different == {}
    assert set(made) == set(published)
