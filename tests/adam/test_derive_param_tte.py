"""Spec case 21: the earlier of two datasets' dates, censoring rules in order, competing events."""

from __future__ import annotations

import pandas as pd

from datacut.adam.derive_param_tte import derive_param_tte

CANDIDATES = """
USUBJID TRTSDT     WHAT     ADT        EVNTDESC CNSDTDSC   SRCDOM SRCVAR SRCSEQ
01      2026-02-01 RESPONSE 2026-04-01 Visit    .       ADEFF  ADT    3
01      2026-02-01 RELAPSE  2026-03-05 Flare    .       ADFL   ASTDT  1
01      2026-02-01 LASTVIS  2026-06-01 .        Last~visit  ADEFF  ADT    9
02      2026-02-01 LASTVIS  2026-03-01 .        Last~visit  ADEFF  ADT    2
02      2026-02-01 LASTVIS  2026-05-01 .        Last~visit  ADEFF  ADT    4
02      2026-02-01 CUT      2026-09-01 .        Cut-off     ADSL   CUTDT  .
03      2026-02-01 CUT      2026-09-01 .        Cut-off     ADSL   CUTDT  .
04      2026-02-01 DEATH    2026-03-05 Death    .       ADSL   DTHDT  .
04      2026-02-01 RELAPSE  2026-03-05 Flare    .       ADFL   ASTDT  1
05      2026-02-01 RESPONSE 2026-01-20 Visit    .       ADEFF  ADT    1
05      2026-02-01 LASTVIS  2026-01-20 .        Last~visit  ADEFF  ADT    1
06      .          RESPONSE 2026-04-01 Visit    .       ADEFF  ADT    1
07      2026-02-01 RESPONSE .          Visit    .       ADEFF  ADT    1
"""


def run(frame: pd.DataFrame, context, **more) -> pd.DataFrame:
    made = derive_param_tte(
        frame,
        ["USUBJID"],
        "WHAT",
        "TRTSDT",
        "ADT",
        ["RESPONSE", "RELAPSE"],
        ["LASTVIS", "CUT"],
        context=context,
        **more,
    )
    parents = frame.set_index("_rid").loc[made.parents["parent"]]
    told = [side["CNSDTDSC"].fillna(side["EVNTDESC"]).tolist() for side in (parents, made.rows)]
    assert told[0] == told[1]
    return made.rows.assign(ADT=made.rows["ADT"].dt.strftime("%Y-%m-%d")).set_index("USUBJID")


def test_event_and_censoring(table, context) -> None:
    rows = run(table(CANDIDATES), context, competing=["DEATH"])
    seen = {k: (r["CNSR"], r["ADT"], r["SRCDOM"]) for k, r in rows.iterrows()}
    assert seen == {
        "01": (0, "2026-03-05", "ADFL"),
        "02": (1, "2026-05-01", "ADEFF"),
        "03": (1, "2026-09-01", "ADSL"),
        "04": (2, "2026-03-05", "ADSL"),
        "05": (1, "2026-02-01", "ADEFF"),
    }
    assert (rows.loc["01", "EVNTDESC"], rows.loc["01", "SRCVAR"], rows.loc["01", "SRCSEQ"]) == ("Flare", "ASTDT", 1)
    assert pd.isna(rows.loc["01", "CNSDTDSC"])
    assert (rows.loc["02", "EVNTDESC"], rows.loc["02", "CNSDTDSC"]) == ("Censored", "Last visit")
    assert (rows.loc["04", "EVNTDESC"], rows.loc["04", "CNSDTDSC"]) == ("Death", "Death"), "competing"


def test_who_cannot_be_censored_is_told(table, context) -> None:
    run(table(CANDIDATES), context, competing=["DEATH"])
    assert [(f.rule, str(f.where)) for f in context.findings] == [("adam.tte.censor", "ADXX.ADT:07")]


def test_without_competing_events_death_is_not_looked_at(table, context) -> None:
    rows = run(table(CANDIDATES), context)
    assert (rows.loc["04", "CNSR"], rows.loc["04", "EVNTDESC"]) == (0, "Flare")


def test_only_those_at_risk(table, context, where) -> None:
    rows = run(table(CANDIDATES), context, where=where('WHAT EQ "RELAPSE"'))
    assert list(rows.index) == ["01", "04"]


def test_of_one_date_the_event_named_first(table, context) -> None:
    frame = table(
        """
        USUBJID TRTSDT     WHAT     ADT        EVNTDESC CNSDTDSC SRCDOM SRCVAR SRCSEQ
        01      2026-02-01 RELAPSE  2026-03-05 Flare    .    ADFL   ASTDT  1
        01      2026-02-01 RESPONSE 2026-03-05 Visit    .    ADEFF  ADT    3
        """
    )
    assert run(frame, context).loc["01", "EVNTDESC"] == "Visit"
