"""`docs/how-to/add-a-table.md` does what it says: its file, under 15 lines, is a table of the study without a fault."""

import re

import pandas as pd
import pytest

from datacut.ard.build import build_ard
from datacut.ard.check import Known, check_output
from datacut.pipeline.verbs import make_registry
from datacut.spec.document import read_document
from datacut.spec.load import load_specs, parse_document
from datacut.spec.output import OutputSpec
from datacut.spec.resolve import resolve_dataset
from datacut.tlf.build import build_output

LOW, HIGH = "3.0 x 10^8 cells", "6.0 x 10^8 cells"


def test_the_file_of_the_page_is_a_table(request: pytest.FixtureRequest, tmp_path) -> None:
    root = request.config.rootpath
    page = (root / "docs/how-to/add-a-table.md").read_text(encoding="utf-8")
    text = re.findall(r"```yaml\n(# specs/tlf/.*?)```", page, flags=re.DOTALL)[0]
    assert len(text.splitlines()) < 15
    name = text.splitlines()[0].removeprefix("# specs/tlf/")
    (tmp_path / name).write_text(text, encoding="utf-8")
    spec = parse_document(read_document(tmp_path / name, name), OutputSpec)

    specs, registry = load_specs(root), make_registry(root)
    assert spec.output not in specs.outputs
    columns = {n: [v.name for v in resolve_dataset(s, adam=True).variables] for n, s in specs.adam.items()}
    known = Known(specs.library, specs.study, registry, columns, tuple(specs.codelists))
    assert check_output(spec, known, lambda loc: ".".join(map(str, loc))) == []

    adsl = pd.DataFrame(
        {"USUBJID": ["1", "2", "3"], "SAFFL": "Y", "TRT01A": [LOW, LOW, HIGH], "TRT01AN": [3.0, 3.0, 6.0]}
    )
    adae = pd.DataFrame(
        [("1", "LUNG", "Y", 3), ("1", "LUNG", "Y", 2), ("2", "LUNG", "N", 4), ("3", "BLADDER", "Y", 4)],
        columns=["USUBJID", "AEDECOD", "AESER", "ATOXGRN"],
    ).assign(AEBODSYS="Infections", AETERM="x", TRTEMFL="Y", AEAESI="INFECTION")
    made = build_ard(spec, specs.library, specs.study, {"ADSL": adsl, "ADAE": adae}, registry, specs.codelists)
    display = build_output(made.spec, specs.library, specs.study, made.ard, made.records).display
    assert [" / ".join(row.cells) for row in display.sections[0].rows] == [
        "Subjects with at least one serious infection / 1 (50.0%) [2] / 1 (100%) [1] / 2 (66.7%) [3]",
        "Infections / 1 (50.0%) [2] / 1 (100%) [1] / 2 (66.7%) [3]",
        "Bladder / 0 / 1 (100%) [1] / 1 (33.3%) [1]",
        "Lung / 1 (50.0%) [2] / 0 / 1 (33.3%) [2]",
    ]
