"""Output specs: short forms, templates filled in, and faults said at their place."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from datacut.errors import SpecError
from datacut.spec.document import read_document
from datacut.spec.load import parse_document
from datacut.spec.output import Analysis, By, OutputLibrary, OutputSpec, Pattern
from datacut.spec.resolve_output import resolve_output

LIBRARY = OutputLibrary.model_validate(
    {
        "templates": {
            "score": {
                "parameters": ["param"],
                "defaults": {"digits": "0"},
                "output": {
                    "dataset": "ADQS",
                    "columns": "C-ALL",
                    "subcolumns": {"obs": "Observed"},
                    "footnotes": ["F-BASE"],
                    "analyses": [
                        {
                            "column": "obs",
                            "where": 'PARAMCD EQ "{param}"',
                            "call": "ard_summary(AVAL, digits={digits})",
                        }
                    ],
                },
            }
        }
    }
)
HEAD = {"output": "t-1", "number": "Table 1", "title": "T", "population": "SAF"}


def spec(**keys: object) -> OutputSpec:
    return OutputSpec.model_validate({**HEAD, **keys})


def test_a_template_is_filled_in() -> None:
    extra = {"label": "Zero", "column": "obs", "call": 'ard_count_subjects("AVAL EQ 0")'}
    made = resolve_output(
        spec(template="score", **{"with": {"param": "X"}}, analyses=[extra], footnotes=["F-M6"], columns="C-ESC"),
        LIBRARY,
    )
    assert made.dataset == "ADQS"
    assert made.columns == "C-ESC"
    assert made.footnotes == ("F-BASE", "F-M6")
    assert [str(a.call) for a in made.analyses] == ["ard_summary(AVAL, digits=0)", 'ard_count_subjects("AVAL EQ 0")']
    assert str(made.analyses[0].where) == 'PARAMCD EQ "X"'
    assert [name for name, _ in made.identified] == ["a1", "a2"]


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"template": "scores"}, "Did you mean score"),
        ({"template": "score"}, "needs param"),
        ({"template": "score", "with": {"param": "X", "digit": "1"}}, "Did you mean digits"),
    ],
)
def test_faults_of_a_template(keys: dict[str, object], what: str) -> None:
    with pytest.raises(SpecError, match=what):
        resolve_output(spec(**keys), LIBRARY)


def test_a_template_that_makes_no_output_says_which_key() -> None:
    library = OutputLibrary.model_validate({"templates": {"x": {"output": {"colums": "A", "analyses": []}}}})
    with pytest.raises(SpecError, match="template x: colums"):
        resolve_output(spec(template="x"), library)


def test_short_forms() -> None:
    assert Pattern.model_validate("{n}").rows == {"": "{n}"}
    assert Pattern.model_validate({"cell": "{n}", "zero": "-"}).zero == {"": "-"}
    assert By.model_validate("AVISIT").variable == "AVISIT"
    made = Analysis.model_validate({"call": "ard_total_n", "under": "A", "when": {"x": "1"}})
    assert made.under == ("A",)
    assert made.holds({"x": 1})
    assert not made.holds({"x": 2})


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({}, "needs analyses or records"),
        ({"analyses": [{"call": "ard_total_n"}]}, "need columns"),
        ({"kind": "figure", "columns": "A", "analyses": [{"call": "ard_total_n"}]}, "how it is drawn"),
        (
            {"columns": "A", "subcolumns": {"obs": "O"}, "analyses": [{"call": "ard_total_n", "column": "ob"}]},
            "Did you mean obs",
        ),
        ({"columns": "A", "analyses": [{"call": "ard_total_n("}]}, "value is expected"),
        ({"columns": "A", "analyses": [{"call": "x", "where": "A EQUALS 1"}]}, "EQ NE LT"),
    ],
)
def test_incomplete_outputs(keys: dict[str, object], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        spec(**keys)


def test_a_fault_has_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "t-1.yml"
    path.write_text(
        "output: t-1\nnumber: Table 1\ntitle: T\npopulation: SAF\ncolumns: A\nanalyses:\n"
        "  - {label: A, call: ard_total_n}\n  - label: B\n    call: ard_total_n\n    lable: C\n"
    )
    with pytest.raises(SpecError) as fault:
        parse_document(read_document(path, "specs/tlf/t-1.yml"), OutputSpec)
    (finding,) = fault.value.findings
    assert str(finding.where) == "specs/tlf/t-1.yml:10"
    assert "Did you mean label?" in finding.remedy


def test_a_template_extends_another() -> None:
    call = {"call": 'ard_summary(AVAL, pattern="{pattern}")'}
    library = OutputLibrary.model_validate(
        {
            "templates": {
                "one": {
                    "parameters": ["param", "digits"],
                    "defaults": {"pattern": "S-{digits}"},
                    "output": {
                        "columns": "A",
                        "stub": "Visit",
                        "footnotes": ["F-1"],
                        "analyses": [{"id": "a", **call}],
                    },
                },
                "two": {
                    "extends": "one",
                    "defaults": {"digits": "3"},
                    "output": {"stub": "{param}", "footnotes": ["F-2"], "analyses": [{"id": "b", **call}]},
                },
                "round": {"extends": "round", "output": {}},
            }
        }
    )
    made = resolve_output(spec(template="two", **{"with": {"param": "X"}}), library)
    assert (made.columns, made.stub, made.footnotes) == ("A", "X", ("F-1", "F-2"))
    assert [str(a.call) for a in made.analyses] == ['ard_summary(AVAL, pattern="S-3")'] * 2
    with pytest.raises(SpecError, match="extends itself"):
        resolve_output(spec(template="round"), library)


def test_columns_of_a_listing_follow_those_of_its_family() -> None:
    shown = {"dataset": "ADSL", "columns": {"b": {"label": "B", "call": "ard_value(B)"}}}
    family = {"sort": ["A"], "keys": ["a"], "columns": {"a": {"label": "A", "call": "ard_value(A)"}}}
    library = OutputLibrary.model_validate({"templates": {"x": {"output": {"kind": "listing", "records": family}}}})
    records = resolve_output(spec(template="x", records=shown), library).records
    assert records is not None
    assert (list(records.columns), records.keys, records.sort) == (["a", "b"], ("a",), ("A",))
