from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from datacut.adam.derive_cat import (
    derive_var_case,
    derive_var_cat,
    derive_var_coalesce,
    derive_var_computed,
    derive_var_constant,
    derive_var_decode,
    derive_var_number,
    derive_var_part,
    derive_var_recode,
    derive_var_recode_n,
    derive_var_text,
)
from datacut.errors import SpecError
from datacut.spec.study import CodelistSpec, Term


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


SUBJECTS = """
USUBJID SAFFL COHORT DLTFL AGE
01      Y     ESC    Y     17.9
02      Y     ESC    .     18
03      Y     EXP    .     64.9
04      .     .      .     65
05      Y     ESC    N     .
"""


def test_case_takes_the_first_condition_that_holds(table, where, context) -> None:
    out = derive_var_case(
        table(SUBJECTS),
        [
            (where("SAFFL MISSING"), "NOT INFUSED"),
            (where('COHORT NE "ESC"'), "EXPANSION"),
            (where('DLTFL EQ "Y"'), "DLT"),
        ],
        "RS",
        context=context,
    )
    assert values(out["RS"]) == ["DLT", None, "EXPANSION", "NOT INFUSED", None]
    assert str(out["RS"].dtype) == "str"


def test_case_of_numbers_with_otherwise(table, where, context) -> None:
    out = derive_var_case(table(SUBJECTS), [(where("AGE GE 65"), 2)], "N", otherwise=1, context=context)
    assert out["N"].tolist() == [1, 1, 1, 2, 1], "a missing age satisfies nothing, so otherwise"
    assert str(out["N"].dtype) == "Int64"


def test_case_of_mixed_values_is_refused(table, where, context) -> None:
    with pytest.raises(SpecError, match="one type"):
        derive_var_case(table(SUBJECTS), [(where("AGE GE 65"), 2)], "N", otherwise="X", context=context)


def test_cat_at_the_breaks(table) -> None:
    out = derive_var_cat(table(SUBJECTS), "AGE", "AGEGR1", [18, 65], ["<18", "18-64", ">=65"], "AGEGR1N")
    assert values(out["AGEGR1"]) == ["<18", "18-64", "18-64", ">=65", None]
    assert values(out["AGEGR1N"]) == [1, 2, 2, 3, None]
    right = derive_var_cat(table(SUBJECTS), "AGE", "X", [18, 65], ["<=18", "-65", ">65"], right=True)
    assert values(right["X"]) == ["<=18", "<=18", "-65", "-65", None]


def test_cat_refuses_labels_that_do_not_fit(table) -> None:
    with pytest.raises(SpecError, match="1 breaks and 1 labels"):
        derive_var_cat(table(SUBJECTS), "AGE", "X", [18], ["<18"])


def test_recode_reports_a_value_it_does_not_know(table, context) -> None:
    frame = table("USUBJID ARMCD\n01 ESC-DL1\n02 EXP-DL9\n03 .")
    out = derive_var_recode(frame, "ARMCD", "COHORT", {"ESC-DL1": "ESC"}, context=context)
    assert values(out["COHORT"]) == ["ESC", None, None]
    assert [(str(f.where), f.value) for f in context.findings] == [("ADXX.ARMCD:02", "EXP-DL9")]


def test_recode_of_numbers_by_their_text(table, context) -> None:
    frame = table("USUBJID N\n01 1\n02 2\n03 .")
    out = derive_var_recode_n(frame, "N", "M", {"1": 3.0, "2": 4.5}, context=context)
    assert values(out["M"]) == [3.0, 4.5, None]


def test_decode_and_order_of_a_codelist(table, context) -> None:
    terms = (Term(value="F", decode="Female"), Term(value="M", decode="Male"), Term(value="U"))
    known = replace(context, codelists={"SEX": CodelistSpec(name="Sex", terms=terms)})
    frame = table("USUBJID SEX\n01 M\n02 U\n03 X\n04 .")
    assert values(derive_var_decode(frame, "SEX", "T", "SEX", context=known)["T"]) == ["Male", "U", None, None]
    assert values(derive_var_decode(frame, "SEX", "N", "SEX", "order", context=known)["N"]) == [2, 3, None, None]
    assert [f.value for f in context.findings] == ["X", "X"]
    with pytest.raises(SpecError, match="Did you mean SEX"):
        derive_var_decode(frame, "SEX", "T", "SEXX", context=known)


def test_coalesce_constant_text_and_number(table, context) -> None:
    frame = table("USUBJID A B C\n01 1 2 3\n02 . 2 x\n03 . . .")
    assert values(derive_var_coalesce(frame, ["A", "B"], "X", context=context)["X"]) == [1, 2, None]
    mixed = table("USUBJID A B\n01 . 2.5\n02 7 1.5")
    assert values(derive_var_coalesce(mixed, ["A", "B"], "X", context=context)["X"]) == [2.5, 7.0]
    assert values(derive_var_constant(frame, "registry", "X")["X"]) == ["registry"] * 3
    assert values(derive_var_constant(frame, 0.8, "X")["X"]) == [0.8] * 3
    assert values(derive_var_text(frame, "A", "X")["X"]) == ["1", None, None]
    assert values(derive_var_number(frame, "C", "X", context=context)["X"]) == [3, None, None]
    assert [f.value for f in context.findings] == ["x"]


def test_without_a_codelist_named_a_decode_is_of_that_of_the_source_and_tells_nothing_again(table, context) -> None:
    terms = (Term(value="1", decode="Low"), Term(value="2"))
    known = replace(context, codelists={"LEVEL": CodelistSpec(name="Level", terms=terms)}, codelist="OTHER")
    frame = table("USUBJID LEV\n01 1\n02 2\n03 3\n04 .").astype({"LEV": "str"})
    of_source = replace(known, codelist_of={"LEV": "LEVEL"})
    assert values(derive_var_decode(frame, "LEV", "T", context=of_source)["T"]) == ["Low", "2", None, None]
    own = replace(known, codelist="LEVEL")
    assert values(derive_var_decode(frame, "LEV", "T", context=own)["T"]) == ["Low", "2", None, None]
    assert list(context.findings) == []
    with pytest.raises(SpecError, match="LEV has no codelist"):
        derive_var_decode(frame, "LEV", "T", context=replace(known, codelist=None))


def test_a_copy_keeps_its_type(table, context) -> None:
    assert derive_var_coalesce(table("SEQ\n3\n."), ["SEQ"], "X", context=context)["X"].dtype == "Int64"


def test_dates_that_must_agree_give_the_most_precise_and_the_first_of_others(table, context) -> None:
    frame = table(
        "USUBJID A B\n1 2026-01-01 2026-01-01T10:00\n2 2026-01-01 2026-01-02\n3 . 2026-02\n4 2026-02 .\n"
        "5 2026-02 2026-02-03"
    )
    out = derive_var_coalesce(frame, ["A", "B"], "D", agree=True, context=context)
    assert values(out["D"]) == ["2026-01-01", "2026-01-01", "2026-02", "2026-02", "2026-02-03"]
    (found,) = context.findings
    assert (found.severity, found.rule, str(found.where)) == ("warning", "sdtm.disagree", "ADXX.D:2")
    assert found.value == "2026-01-01 / 2026-01-02"


def test_words_among_results_are_no_numbers_and_are_told_only_if_they_should_be(table, context) -> None:
    frame = table("USUBJID C\n01 7\n02 trace\n03 .\n04 0.5")
    assert values(derive_var_number(frame, "C", "X", told=False, context=context)["X"]) == [7.0, None, None, 0.5]
    assert list(context.findings) == []


def test_computed_hands_the_inputs_over_as_a_frame(table) -> None:
    frame = table("USUBJID W H\n01 80 200\n02 . 200")

    def bmi(wide: pd.DataFrame) -> pd.Series:
        return wide["W"] / (wide["H"] / 100) ** 2

    assert values(derive_var_computed(frame, ["W", "H"], bmi, "BMI")["BMI"]) == [20.0, None]


def test_the_part_before_or_after_a_sign(table) -> None:
    frame = table("USUBJID T\n01 12|A|B\n02 none\n03 .")
    assert values(derive_var_part(frame, "T", "|", 1, "X")["X"]) == ["12", None, None]
    assert values(derive_var_part(frame, "T", "|", 2, "X")["X"]) == ["A|B", None, None]
