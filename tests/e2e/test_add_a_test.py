"""`docs/how-to/add-a-test.md` does what it says: its diff, applied to the study, adds a vital sign and nothing else."""

import csv
import re
import subprocess

import pytest
from lxml import etree

from datacut.files.parquet import read_parquet

PAGE = "docs/how-to/add-a-test.md"
DEFINE = "{http://www.cdisc.org/ns/def/v2.1}"


@pytest.fixture
def changed(tmp_path, copy, few_outputs, command, request):
    """The study with the diff of the page applied, three subjects of one cut simulated and built."""
    page = (request.config.rootpath / PAGE).read_text(encoding="utf-8")
    (diff,) = re.findall(r"```diff\n(.*?)```", page, flags=re.DOTALL)
    root = copy(tmp_path)
    few_outputs(root)
    subprocess.run(
        ["git", "apply", "--unidiff-zero", "--whitespace=nowarn", "-"], input=diff, text=True, cwd=root, check=True
    )
    assert command(root, "simulate", "--subjects", "3", "--cuts", "1").code == 0
    return root, diff, command(root, "build")


def test_the_diff_of_the_page_adds_the_test(changed):
    root, diff, run = changed
    assert run.code == 0, run.out
    assert {f[2:] for f in re.findall(r"^\+\+\+ (.*)$", diff, flags=re.MULTILINE)} == {
        "specs/crf/vs.yml",
        "specs/sdtm/vs.yml",
        "specs/codelists.yml",
        "specs/units.yml",
        "specs/simulate.yml",
    }
    (home,) = (root / "build").glob("20*")
    vs = read_parquet(home / "data" / "sdtm" / "vs.parquet").frame
    waist = vs[vs["VSTESTCD"] == "WSTCIR"]
    with (root / "raw" / home.name / "vs.csv").open(encoding="utf-8", newline="") as file:
        collected = [row["WSTCIR"] for row in csv.DictReader(file) if row["WSTCIR"]]
    assert len(collected) > 10
    assert sorted(waist["VSORRES"]) == sorted(collected)
    assert waist["VSTEST"].unique().tolist() == ["Waist Circumference"]
    assert waist["VSSTRESU"].unique().tolist() == ["cm"]
    assert (waist["VSORRES"].astype("float64") == waist["VSSTRESN"]).all()
    define = etree.parse(home / "sdtm" / "define.xml")
    clauses = {c.get("OID") for c in define.iter(f"{DEFINE}WhereClauseDef")}
    assert any("WSTCIR" in c for c in clauses)
