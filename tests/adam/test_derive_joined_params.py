from __future__ import annotations

import pandas as pd

from datacut.adam.derive_joined_params import derive_param_joined_exist_flag

LIVER = """
USUBJID PARAMCD ADT        AVAL
01      ALT     2026-02-01 3.0
01      BILI    2026-03-03 2.0
02      ALT     2026-02-01 3.0
02      BILI    2026-03-04 2.0
03      BILI    2026-02-01 2.0
03      ALT     2026-02-20 2.9
03      AST     2026-02-25 4.0
03      AST     2026-02-10 4.0
04      ALT     2026-02-01 9.0
04      BILI    2026-02-01 .
05      ALT     2026-02-01 1.0
05      BILI    2026-02-01 .
06      ALT     .          9.0
06      BILI    2026-02-01 9.0
07      ALP     2026-02-01 1.0
"""


def made(table, where, context, rows: str | None = None):
    return derive_param_joined_exist_flag(
        table(LIVER),
        ["USUBJID"],
        where('PARAMCD IN ("ALT", "AST") AND AVAL GE 3'),
        where('PARAMCD EQ "BILI" AND AVAL GE 2'),
        "ADT",
        30,
        where=where(rows) if rows else None,
        context=context,
    )


def test_two_records_within_the_days_in_either_order(table, where, context) -> None:
    rows = made(table, where, context).rows.set_index("USUBJID")
    answers = {s: None if pd.isna(v) else v for s, v in rows["AVALC"].items()}
    # 01: 1 February and 3 March are 30 days apart, 02: 31
    # 04: the bilirubin could be the other half; 05: the aminotransferase cannot; 06: no date
    assert answers == {"01": "Y", "02": "N", "03": "Y", "04": None, "05": "N", "06": "N", "07": "N"}
    assert [None if pd.isna(v) else v for v in rows["AVAL"]] == [1, 0, 1, None, 0, 0, 0]
    dates = {s: str(d.date()) for s, d in rows["ADT"].dropna().items()}
    assert dates == {"01": "2026-03-03", "03": "2026-02-10"}, "the later of the earliest pair"


def test_parents_and_an_empty_choice(table, where, context) -> None:
    records = made(table, where, context)
    assert records.parents.loc[records.parents["position"] == 0, "parent"].tolist() == [1, 2]
    none = made(table, where, context, 'PARAMCD EQ "GGT"')
    assert (len(none.rows), len(none.parents)) == (0, 0)
