"""What the check of specs knows of a text before any data: each case is one small study."""

import pytest
from tests.cases import read_cases

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

STUDY = """
    study: S1
    title: A study
    protocol: S1
    standards: {{sdtmig: "3.4", adamig: "1.3", ct: x}}
    settings:
      tests: {{value: "{setting}", source: protocol, text: Tests that are shown}}
    systems:
      edc: {{label: Data capture, columns: {{SUBJID: {{label: Subject}}}}}}
    """
FORM = """
    form: vs
    label: Vital signs
    keys: [SUBJID]
    fields: {TEST: {label: Test}, NAM: {label: Laboratory}}
    """


def parts_of(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split("; "))


@pytest.mark.parametrize("case", read_cases("codes"), ids=lambda case: case["id"])
def test_codes(case: dict[str, str], study) -> None:
    given = parts_of(case["input"])
    terms = [t.strip() for t in given.get("codelist", "").split(",") if t.strip()]
    blocks = "".join(
        f"\n      - {{from: raw.vs, set: {{VSTESTCD: {given[b]}}}}}" for b in ("block1", "block2") if b in given
    )
    codelist = "{codelist: VSTESTCD}" if terms else "{text: The test.}"
    root = study(
        {
            "study": STUDY.format(setting=given.get("setting", "")),
            "codelists": "\n    codelists: {VSTESTCD: {name: Tests, terms: ["
            + ", ".join(f"{{value: {t}}}" for t in terms or ["NONE"])
            + "]}}",
            "crf/vs": FORM,
            "sdtm/vs": f"""
    dataset: VS
    keys: [USUBJID, VSTESTCD]
    records:{blocks}
    variables:
      USUBJID: assign(SUBJID)
      VSTESTCD: {codelist}
      VSNAM: assign(NAM)
      VSSPID: {{derive: derive_var_constant("1"), where: '{given["condition"]}'}}
    """,
        }
    )
    specs = load_specs(root)
    told = bind_specs(specs, make_registry(root)).findings
    assert [f for f in told if f.rule != "spec.code"] == []
    expected = [case["answer"].removeprefix("error ")] if case["answer"].startswith("error ") else []
    assert sorted({f.value for f in told}) == expected
