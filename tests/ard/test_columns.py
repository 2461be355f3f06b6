"""Which columns a table has, and who is in them."""

import pandas as pd

from datacut.ard.columns import build_columns
from datacut.spec.output import ColumnTemplate, OutputLibrary
from datacut.spec.study import Study


def shown(template: ColumnTemplate, subjects: pd.DataFrame, study: Study) -> list[tuple[str, str | None, int, int]]:
    settings = {name: s.value for name, s in study.settings.items()}
    return [("/".join(c.key), c.span, c.panel, c.n) for c in build_columns(template, subjects, study, settings)]


def test_columns_by_stage(library: OutputLibrary, adsl: pd.DataFrame, study: Study) -> None:
    assert shown(library.columns["STAGE"], adsl[adsl["SAFFL"] == "Y"], study) == [
        ("ESC/low", "Escalation", 0, 2),
        ("ESC/high", "Escalation", 0, 1),
        ("ESC/Total", "Escalation", 0, 3),
        ("EXP/low", "Expansion", 1, 1),
        ("EXP/Total", "Expansion", 1, 1),
        ("low", "All", 1, 3),
        ("high", "All", 1, 1),
        ("Total", "All", 1, 4),
    ]


def test_a_stage_without_subjects_has_no_columns(library: OutputLibrary, adsl: pd.DataFrame, study: Study) -> None:
    escalation = adsl[adsl["COHORT"].eq("ESC") & adsl["SAFFL"].eq("Y")]
    assert [k for k, *_ in shown(library.columns["STAGE"], escalation, study) if k.startswith("EXP")] == []


def test_the_columns_of_the_only_stage_are_not_repeated_as_those_of_all(
    library: OutputLibrary, adsl: pd.DataFrame, study: Study
) -> None:
    treated = adsl[adsl["SAFFL"] == "Y"]
    assert shown(library.columns["STAGE"], treated.assign(COHORT="EXP"), study) == [
        ("EXP/low", "Expansion", 1, 3),
        ("EXP/high", "Expansion", 1, 1),
        ("EXP/Total", "Expansion", 1, 4),
    ]
    unassigned = treated.assign(COHORT=["EXP", "EXP", "EXP", None])
    assert [(k, n) for k, _, _, n in shown(library.columns["STAGE"], unassigned, study)] == [
        ("EXP/low", 3), ("EXP/Total", 3), ("low", 3), ("high", 1), ("Total", 4),
    ]  # fmt: skip


def test_planned_levels_may_be_kept(library: OutputLibrary, adsl: pd.DataFrame, study: Study) -> None:
    assert [(k, n) for k, _, _, n in shown(library.columns["KEEP"], adsl[adsl["SAFFL"] == "Y"], study)] == [
        ("low", 3), ("mid", 0), ("high", 1), ("Total", 4),
    ]  # fmt: skip


def test_a_level_added_during_the_study_stands_by_its_number(
    library: OutputLibrary, adsl: pd.DataFrame, study: Study
) -> None:
    added = adsl.assign(TRT01A=["low", "between", "low", "high", "low"], TRT01AN=[1, 2.5, 1, 3, 1])
    keys = [k for k, *_ in shown(library.columns["ALL"], added, study)]
    assert keys == ["low", "between", "high", "Total"]


def test_nobody_leaves_the_total(library: OutputLibrary, adsl: pd.DataFrame, study: Study) -> None:
    assert shown(library.columns["STAGE"], adsl.iloc[:0], study) == [("Total", "All", 1, 0)]
