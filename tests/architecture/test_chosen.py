"""A verb that takes a value from another record says which one, or is known to use all that have the key."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = sorted(p for folder in ("src/datacut", "adam", "sdtm") for p in (ROOT / folder).rglob("*.py"))
BY_KEY = {
    "derive_study_day": "the reference date of the subject's one record",
    "derive_lobxfl": "flags a record of its own dataset by the reference date of the subject's one record",
    "derive_var_joined_count": "a number of records",
    "derive_var_merged_exist_flag": "whether there is any record",
    "derive_var_joined_exist_flag": "whether there is any record",
    "derive_vars_merged_dt_bounds": "what the partial dates of all records leave possible",
    "derive_vars_daily_dose": "what all courses of the days add up to",
    "derive_var_maintenance": "a judgement on all courses of the day",
    "derive_var_stable_therapy": "a judgement on all courses of the days",
    "derive_vars_increase": "a judgement on all courses of the days",
    "derive_vars_drug_free": "a judgement on all courses of the days",
}
"""Verbs whose values rest on all records of the key: trace finds these by the key and the condition of the call."""


def verbs() -> Iterator[ast.FunctionDef]:
    """Every verb that makes columns and looks at another dataset."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            marks = [d for d in node.decorator_list if isinstance(d, ast.Call) and ast.unparse(d.func) == "verb"]
            kinds = {a.value for mark in marks for a in mark.args if isinstance(a, ast.Constant)}
            given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            reads = any(a.annotation is not None and ast.unparse(a.annotation) == "Source" for a in given)
            if "column" in kinds and reads:
                yield node


def tells(node: ast.FunctionDef) -> bool:
    calls = (n for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(ast.unparse(call.func) == "context.chose" for call in calls)


def test_a_verb_that_reads_another_dataset_tells_its_choice_or_uses_all_of_the_key() -> None:
    silent = {node.name for node in verbs() if not tells(node)}
    assert silent == set(BY_KEY)
    assert sum(tells(node) for node in verbs()) > 8
