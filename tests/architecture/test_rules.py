"""One catalogue of rules: every id in the code is in it, every id in it is used, and all are of one style."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

import datacut.conformance.datasets  # noqa: F401  (its checks)
from datacut.conformance.package import CHECKS
from datacut.conformance.result_rules import RESULT_CHECKS
from datacut.errors import CATALOGUE, Finding, Findings, Severity, all_rules, unplaced

ROOT = Path(__file__).parents[2]
CODE = sorted(p for folder in ("src", "adam", "sdtm", "tlf") for p in (ROOT / folder).rglob("*.py"))
ROOMS = {id_.partition(".")[0] for id_ in all_rules()}
FILES = re.compile(r".+\.(csv|j2|json|log|parquet|html|xml|yml)")
ORDER = ["Severity.NOTE", "Severity.WARNING", "Severity.ERROR"]


@cache
def nodes() -> list[ast.AST]:
    """Everything in the code of the package and of the study."""
    return [node for path in CODE for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


@cache
def texts() -> frozenset[str]:
    return frozenset(n.value for n in nodes() if isinstance(n, ast.Constant) and isinstance(n.value, str))


def test_a_rule_is_dotted_and_says_what_is_wrong_and_what_to_do() -> None:
    assert [id_ for id_ in all_rules() if not re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", id_)] == []
    assert [rule.id for rule in all_rules().values() if not (rule.what and rule.remedy)] == []


def test_a_rule_is_used_by_a_check_or_named_in_the_code() -> None:
    rules = list(all_rules().values())
    assert {r.check for r in rules if r.check is not None} <= set(CHECKS)
    assert {r.check_results for r in rules if r.check_results is not None} <= set(RESULT_CHECKS)
    assert {r.id for r in rules if r.check is None and r.check_results is None} - texts() == set()


def test_every_id_in_the_code_is_in_the_catalogue() -> None:
    alike = {text for text in texts() if re.fullmatch(rf"({'|'.join(ROOMS)})(\.[a-z0-9_-]+)+", text)}
    assert {text for text in alike - set(all_rules()) if not FILES.fullmatch(text)} == set()
    assert len(alike & set(all_rules())) > 100, "the texts of the code are read"


def test_no_part_tells_a_rule_as_worse_than_the_catalogue_says() -> None:
    told = []
    for call in (n for n in nodes() if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)):
        named = [all_rules()[a.value] for a in call.args if isinstance(a, ast.Constant) and a.value in all_rules()]
        given = {k.arg: ast.unparse(k.value) for k in call.keywords}
        severity = given.get("severity", "Severity.WARNING" if "warn" in given else "Severity.ERROR")
        if call.func.attr in ("note", "warning"):
            severity = f"Severity.{call.func.attr.upper()}"
        if named and severity in ORDER and call.func.attr in ("note", "warning", "error", "report", "report_cause"):
            told.append((named[0].id, ORDER.index(severity), ORDER.index(f"Severity.{named[0].severity.name}")))
    assert len(told) > 100
    assert [id_ for id_, mine, most in told if mine > most] == []


def test_rules_told_elsewhere_are_of_the_catalogue() -> None:
    assert {told for rule in all_rules().values() for told in rule.told_by} <= set(all_rules())


def test_what_mess_must_lead_to_is_of_the_catalogue() -> None:
    mess = yaml.safe_load((ROOT / "specs/simulate.yml").read_text(encoding="utf-8"))["mess"]
    named = {id_ for p in mess.values() for key in ("rules", "also", "told") for id_ in p.get(key, ())}
    assert len(named) > 20
    assert {id_ for id_ in named - set(all_rules()) if not id_.startswith("study.")} == set()


def test_a_finding_of_no_rule_is_refused_and_one_of_cdisc_core_or_of_the_study_is_not() -> None:
    with pytest.raises(ValueError, match=r"no rule raw\.visitt"):
        Findings().error("raw.visitt", unplaced(), "what", remedy="")
    for elsewhere in ("CORE-000701", "study.grades.several"):
        assert Finding(Severity.NOTE, elsewhere, unplaced(), "what", "", "").rule == elsewhere


def test_the_how_to_names_every_file_of_the_catalogue_with_its_number_of_rules() -> None:
    text = (ROOT / "docs/how-to/rules.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+\.yml)` \|.*\| (\d+) \|$", text, flags=re.MULTILINE))
    held = {f: yaml.safe_load((ROOT / "src/datacut/errors/rules" / f).read_text(encoding="utf-8")) for f in CATALOGUE}
    assert told == {name: str(len(rules)) for name, rules in held.items()}
    assert sum(map(len, held.values())) == len(all_rules()), "no id stands twice"
    assert {room for room in ROOMS if f"`{room}`" not in text} == set()
