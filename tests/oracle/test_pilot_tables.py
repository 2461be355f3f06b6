"""Two published tables of the CDISC pilot study, made in SAS in 2006, by the output specs in `cdiscpilot/outputs`.

From the published ADaM every printed number must agree; from the ADaM that `cdiscpilot/specs` makes of the pilot's
SDTM, every number that does not need VS or QS. The page is parsed for its numbers; wrapped labels are joined. P-values
are out of scope: they compare arms, which no output of this package does.
"""

import re
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from datacut.ard.build import build_ard
from datacut.datasets.ard import file_frame
from datacut.files.parquet import read_parquet
from datacut.pipeline.verbs import make_registry
from datacut.spec.document import read_document
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.study import Study

HERE = Path(__file__).parent / "cdiscpilot"
ORACLE = Path(__file__).resolve().parents[3] / "shared" / "oracle"
PAGES = ORACLE / "tlf"
pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason=f"{PAGES} is not here: the published tables are needed")

PRINTED = 36
"""Characters of a term that the published page prints at least."""
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
NOT_MADE = ("mmse", "weight", "height", "bmi", "bmigroup")
"""Analyses of variables whose source (VS, QS) is not among the published SDTM files."""

type Frames = dict[str, pd.DataFrame]
type Numbers = tuple[float | str, ...]


@pytest.fixture(scope="module")
def published_data() -> Frames:
    frames = {}
    for name in ("ADSL", "ADAE"):
        frame, _ = pyreadstat.read_xport(str(ORACLE / "cdiscpilot" / "adam" / f"{name.lower()}.xpt"))
        text = frame.select_dtypes(include=["str", "object"]).columns
        frames[name] = frame.assign(**{c: frame[c].replace("", None) for c in text})
    return frames


@pytest.fixture(scope="module")
def made_data(pilot: Path) -> Frames:
    return {n: read_parquet(pilot / "data" / "adam" / f"{n.lower()}.parquet").frame for n in ("ADSL", "ADAE")}


def cells(output: str, frames: Frames, without: tuple[str, ...] = ()) -> dict[tuple[str, str], str]:
    """Printed text by row (`heading | label`) and column of one output spec."""
    study = Study.model_validate(read_document(HERE / "specs" / "study.yml", "").data)
    library = OutputLibrary.model_validate(read_document(HERE / "outputs" / "_library.yml", "").data)
    spec = OutputSpec.model_validate(read_document(HERE / "outputs" / f"{output}.yml", "").data)
    kept = tuple(a for a in spec.analyses if a.id not in without)
    spec = spec.model_copy(update={"analyses": kept})
    ard = file_frame(build_ard(spec, library, study, frames, make_registry(HERE)).ard)
    body = ard[ard["row"].gt(0)]
    labels = body[body["method"].eq("label")].set_index("row")["stat_text"]
    out: dict[tuple[str, str], str] = {}
    for row, column, text in zip(body["row"], body["column"], body["formatted"], strict=True):
        if column != "label":
            out[(labels[row], column)] = out.get((labels[row], column), "") + text
    return out


def numbers(text: str) -> Numbers:
    """The numbers of a cell; a percentage printed as `<1%` or as 0% of somebody is `below 1`."""
    found: list[float | str] = [v if v.startswith("<") else float(v) for v in re.findall(r"<?\d+(?:\.\d+)?", text)]
    if len(found) > 1 and found[0] != 0 and found[1] in ("<1", 0.0):
        found[1] = "below 1"
    return tuple(found)


# ---------------------------------------------------------------- Table 14-2.01


def published_demographics() -> dict[str, list[Numbers]]:
    """`Variable | row` to the numbers of its four cells."""
    out: dict[str, list[Numbers]] = {}
    variable = ""
    cell = r"<?\d[\d.]*(?: \(\s*<?\d+%\))?"
    for line in (PAGES / "table_14_2-01.txt").read_text(encoding="utf-8").splitlines():
        head, rest = line[:27].strip(), line[27:].strip()
        found = re.match(rf"(\S.*?)\s+((?:{cell}(?:\s+|$)){{4}})", rest)
        if found:
            variable = head or variable
            out[f"{variable} | {found[1]}"] = [numbers(t) for t in re.findall(cell, found[2])]
    return out


def made_demographics(frames: Frames, without: tuple[str, ...] = ()) -> dict[str, list[Numbers]]:
    found = cells("t-14-2-01", frames, without)
    return {row: [numbers(found[(row, c)]) for c in (*ARMS, "Total")] for row, _ in found}


def test_demographics_from_published_adam(published_data: Frames) -> None:
    published = published_demographics()
    assert len(published) == 58
    assert made_demographics(published_data) == published


def test_demographics_from_adam_made_by_specs(made_data: Frames) -> None:
    published = published_demographics()
    ours = made_demographics(made_data, NOT_MADE)
    assert len(ours) == 31
    assert ours == {row: published[row] for row in ours}


# ---------------------------------------------------------------- Table 14-5.01


def published_events() -> dict[str, list[Numbers]]:
    """Label (a PT stands as `SOC start | PT`) to the numbers of its three cells: n, percent, events."""
    cell = r"(0|\d+ \(\s*[\d.]+%\) \[\d+\])"
    line_of_cells = re.compile(rf"^(\s*)(\S.*?)\s+{cell}\s+{cell}\s+{cell}(?:\s|$)")
    rows: list[tuple[bool, str, list[Numbers]]] = []
    wrapped = False
    for line in (PAGES / "table_14_5-01.txt").read_text(encoding="utf-8").splitlines():
        found = line_of_cells.match(line)
        if found:
            rows.append((bool(found[1]), found[2], [numbers(t) for t in found.groups()[2:]]))
            wrapped = True
        elif wrapped and re.fullmatch(r"[A-Z][A-Z ,()/-]*", line.strip()) and line == line.lstrip():
            below, label, texts = rows[-1]
            rows[-1] = (below, f"{label} {line.strip()}", texts)
        else:
            wrapped = False
    out: dict[str, list[Numbers]] = {}
    soc = ""
    for below, label, texts in rows:
        soc = soc if below else label[:24]
        out[f"{soc} | {label[:PRINTED]}" if below else label[:24]] = texts
    return out


def made_events(frames: Frames) -> dict[str, list[Numbers]]:
    found = cells("t-14-5-01", frames)
    out: dict[str, list[Numbers]] = {}
    for path, _ in found:
        soc, _, term = path.upper().partition(" | ")  # the page is in capitals, ours in sentence case
        label = f"{soc[:24]} | {term[:PRINTED]}" if term else soc[:24]
        out[label] = [numbers(found[(path, arm)]) for arm in ARMS]
    return out


@pytest.mark.parametrize("source", ["published_data", "made_data"])
def test_adverse_events(source: str, request: pytest.FixtureRequest) -> None:
    published = published_events()
    assert len(published) > 200
    assert made_events(request.getfixturevalue(source)) == published


def test_a_changed_number_is_found(published_data: Frames) -> None:
    adsl = published_data["ADSL"].copy()
    adsl.loc[adsl["AGE"].idxmax(), "AGE"] = 100
    published = published_demographics()
    ours = made_demographics({**published_data, "ADSL": adsl})
    different = {row for row in published if ours[row] != published[row]}
    assert "Age (y) | Max" in different
