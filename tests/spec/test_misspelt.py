"""One letter too many in any name of any call of the mini-study: one finding, on that line, and the rest is made."""

import re
import shutil
from pathlib import Path

import pytest

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

STUDY = Path(__file__).parents[1] / "oracle" / "pharmaverse"
NAME = re.compile(r"(?<=[(\[, =])[A-Z][A-Z0-9._]{2,}(?=[,)\]])")
TOLD = re.compile(r".*missing for it: (.*?)(?: and (\d+) more)?")
CODELIST = re.compile(r"codelist: \w+")


def places():
    """File, line, and where in the line each column name of a call stands."""
    for path in sorted((STUDY / "specs" / "sdtm").glob("*.yml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if "keys:" in line or "hardcode" in line:
                continue
            for found in NAME.finditer(CODELIST.sub(lambda m: " " * len(m.group()), line)):
                yield pytest.param(path.name, number, found.end(), id=f"{path.stem}-{number}-{found.group()}")


@pytest.mark.parametrize(("file", "number", "end"), list(places()))
def test_a_misspelt_name_is_one_finding_on_its_line(tmp_path, file, number, end):
    shutil.copytree(STUDY / "specs", tmp_path / "specs")
    path = tmp_path / "specs" / "sdtm" / file
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number - 1] = lines[number - 1][:end] + "X" + lines[number - 1][end:]
    path.write_text("\n".join(lines), encoding="utf-8")
    registry = make_registry(tmp_path)
    plans = bind_specs(load_specs(tmp_path), registry)
    whole = bind_specs(load_specs(STUDY), registry)
    assert [str(f.where) for f in plans.findings] == [f"specs/sdtm/{file}:{number}"]
    assert "Did you mean" in plans.findings[0].remedy
    dataset = file.removesuffix(".yml").upper()
    told, more = TOLD.fullmatch(plans.findings[0].what).groups()
    assert told.startswith(f"{dataset}.")
    made = {(s.dataset, w) for s in plans.sdtm.steps if not s.void for w in s.writes}
    wanted = {(s.dataset, w) for s in whole.sdtm.steps for w in s.writes}
    lost = {f"{d}.{c}" for d, c in wanted - made if not c.startswith("_")}
    assert lost
    first = set(told.split(", "))
    assert lost <= first if more is None else len(first) == 5 and len(lost) <= 5 + int(more)
    assert lost <= {f"{d}.{c}" for d, c in plans.sdtm.lost}
