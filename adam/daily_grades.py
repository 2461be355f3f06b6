"""Daily grades of CRS and ICANS from their components in FA, and the episodes they make. ASTCT 2019."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from datacut.adam.groups import group_numbers, text
from datacut.adam.misuse import misuse
from datacut.compute.cart.astct import (
    compute_crs_daily,
    compute_grade_agreement,
    compute_icans_grade,
    compute_ice_total,
)
from datacut.compute.cart.episodes import compute_episode, summarise_episodes
from datacut.compute.dates import date_part
from datacut.compute.threeway import any_of, name_missing
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import Severity, in_data
from datacut.spec.registry import (
    Code,
    CodeMap,
    Codes,
    Column,
    Columns,
    NewColumn,
    Source,
    SourceCodeMap,
    SourceColumns,
    verb,
)

_DAY: Final = ("STUDYID", "USUBJID", "FACAT", "FADTC", "_GRADE", "GRADELO", "AINVGRN", "ICETOT", "AVALRSN")
_WRITES: Final = (*_DAY, "_KIND", "_STDTC", "_ENDTC", "_PEAKDTC", "_ONGOING")
FA: Final = ("STUDYID", "USUBJID", "FACAT", "FATESTCD", "FASTRESC", "FASTRESN", "FADTC")
_ORIGIN: Final = pd.Timestamp("1970-01-01")
FT: Final = ("USUBJID", "FTTESTCD", "FTSTRESN", "FTDTC")
CRS: Final = ("fever", "hypotension", "hypoxia")
ICANS: Final = ("ice", "consciousness", "seizure", "motor", "oedema")


@verb(
    "records",
    writes=_WRITES,
    says={
        "": (
            "for each participant and assessed day two records, FACAT CRS and ICANS, graded by ASTCT 2019 "
            "from {crs} of FA for CRS, {icans} of FA and {ice} of {source} for ICANS, and one record for "
            "each episode: days with a grade of which at most {gap} days lie between"
        ),
        "_GRADE": (
            "grade by ASTCT 2019 of the day. CRS: the worse of hypotension (2 without vasopressor, 3 one, 4 several) "
            "and hypoxia (2 low flow, 3 high flow, 4 positive pressure), 1 without either, with fever (from 38.0 C, "
            "or fever where the temperature is missing), or without it while CRS is under way: begun with fever, "
            "treated ({treatments} of FA), and not more than {gap} days since a grade; else 0. ICANS: the worst of ICE "
            "(1 for 7 to 9, 2 for 3 to 6, 3 for 0 to 2), consciousness (1 awakens spontaneously, 2 to voice, 3 to "
            "touch, 4 unarousable), seizure (3 rapidly resolving, 4 prolonged or repeated), deep focal weakness (4) "
            "and oedema (3 focal, 4 diffuse). 5 where {investigator} of FA is. From {crs} of FA for CRS, {icans} of FA "
            "and {ice} of {source} for ICANS. Of an episode the highest of its days; missing where what has no result "
            "could change it"
        ),
        "GRADELO": (
            "the lowest grade that is possible, by what is known of {crs} of FA for CRS, {icans} of FA and "
            "{ice} of {source} for ICANS"
        ),
        "AINVGRN": "the grade of the investigator, {investigator} of FA, on that day",
        "ICETOT": "the sum of the parts of the ICE score, {ice} of {source}",
        "AVALRSN": ("what of {crs} of FA for CRS, {icans} of FA and {ice} of {source} for ICANS is missing on the day"),
        "_KIND": (
            '"DAY" of an assessed day, "EPISODE" of an episode: days with a grade above 0 of which at most '
            "{gap} days lie between"
        ),
        "_STDTC": "the first day of the episode",
        "_ENDTC": "the last day of the episode",
        "_PEAKDTC": "the first day of the episode with its highest grade",
        "_ONGOING": '"Y" of an episode after which nothing is known',
    },
)
def derive_daily_grade_records(
    dataset: pd.DataFrame,
    source: Source,
    results: Columns,
    source_results: SourceColumns,
    crs: CodeMap,
    icans: CodeMap,
    ice: SourceCodeMap,
    treatments: Codes,
    investigator: Code,
    codes: dict[str, str],
    gap: int,
    *,
    context: Context,
) -> NewRecords:
    """Two records a participant and assessed day, FACAT `CRS` and `ICANS`, and one an episode that the days make.

    `_KIND` is `DAY`, with `_GRADE` the grade that the components give, or `EPISODE`, with `_GRADE` the highest of its
    days; GRADELO the lowest grade that is possible, equal to `_GRADE` where that is known; and of an episode its first
    (`_STDTC`) and last (`_ENDTC`) day, first day of that grade (`_PEAKDTC`), and `_ONGOING` `Y` if nothing is known
    after it: days with a grade are of one episode if at most `gap` days lie between them. results, source_results: the
    columns of FA and FT that are read, those of `FA` and `FT` below. crs, icans: FATESTCD of each component
    (temperature, hypotension, hypoxia, and fever, which tells where the temperature is missing; consciousness, seizure,
    motor, oedema); treatments: FATESTCD that are `Y` when CRS is treated; ice: FTTESTCD in FT (the source) of each part
    of the ICE score; investigator: FATESTCD of the investigator's grade, which AINVGRN holds and whose 5 tells a death.
    codes: terms of components that differ from the engine's codes by more than case and blanks. gap: as in
    `compute_crs_daily`. The grade is missing where what has no result could change it (a domain of ICANS, a part of
    ICE, fever, hypotension or hypoxia, and of CRS what is not known of the days before); AVALRSN names what is missing
    on the day. Two results of a test on one day are an error finding, and count as none. An ICANS grade above 0 on a
    day without any component of CRS is an error finding.
    """
    absent = [c for c in FA if c not in results] + [c for c in FT if c not in source_results]
    if absent:
        place = in_data(context.dataset, context.variable)
        raise misuse(place, "columns not named in results and source_results", ", ".join(absent), "Name them.")
    fa = dataset.assign(FADTC=dataset["FADTC"].str[:10]).loc[date_part(dataset["FADTC"]).notna()]
    ft = source.loc[source["FTTESTCD"].isin(list(ice.values())).astype(bool)]
    ft = ft.assign(FADTC=ft["FTDTC"].str[:10])
    days = fa[["STUDYID", "USUBJID", "FADTC"]].drop_duplicates().sort_values(["USUBJID", "FADTC"], ignore_index=True)
    keyed = pd.MultiIndex.from_frame(days[["USUBJID", "FADTC"]])

    def single(rows: pd.DataFrame, test: str, column: str) -> pd.Series[Any]:
        twice = rows.duplicated(["USUBJID", "FADTC"], keep=False)
        what = f"two results of {test} on one day; none is used"
        context.report(rows, twice, column, "study.grades.several", what, remedy="Query the form.")
        once = rows.loc[~twice]
        return once.set_index(["USUBJID", "FADTC"])[column].reindex(keyed).reset_index(drop=True)

    def collected(category: str, test: str, column: str = "FASTRESC") -> pd.Series[Any]:
        rows = fa.loc[(fa["FACAT"].eq(category) & fa["FATESTCD"].eq(test)).fillna(False).astype(bool)]
        return single(rows, test, column)

    def coded(category: str, test: str) -> pd.Series[Any]:
        terms = collected(category, test).astype(object)
        return terms.map(lambda t: None if pd.isna(t) else codes.get(t, t.lower().replace(" ", "_"))).astype("str")

    def yes(category: str, test: str) -> pd.Series[Any]:
        answer = collected(category, test).astype(object)
        return answer.map({"Y": True, "N": False}).astype("boolean")

    judged = {c: collected(c, investigator, "FASTRESN").astype("Int64") for c in ("CRS", "ICANS")}
    temperature = collected("CRS", crs["temperature"], "FASTRESN")
    hypotension, hypoxia = (coded("CRS", crs[part]) for part in ("hypotension", "hypoxia"))
    fever = yes("CRS", crs["fever"])
    crs_grade = compute_crs_daily(
        subject=days["USUBJID"],
        day=(pd.to_datetime(days["FADTC"]) - _ORIGIN).dt.days,
        temperature=temperature,
        fever=fever,
        hypotension=hypotension,
        hypoxia=hypoxia,
        treated=any_of([yes("CRS", test) for test in treatments]),
        death=judged["CRS"].eq(5).astype("boolean"),
        episode_gap_days=gap,
    )
    parts = pd.DataFrame({p: single(ft.loc[ft["FTTESTCD"].eq(t)], t, "FTSTRESN") for p, t in ice.items()})
    score = compute_ice_total(parts)
    consciousness, seizure, oedema = (coded("ICANS", icans[part]) for part in ("consciousness", "seizure", "oedema"))
    motor = yes("ICANS", icans["motor"])
    icans_grade = compute_icans_grade(
        ice_lowest=score["lowest"],
        ice_highest=score["highest"],
        consciousness=consciousness,
        seizure=seizure,
        motor=motor,
        oedema=oedema,
        death=judged["ICANS"].eq(5).astype("boolean"),
    )
    heat = temperature.where(temperature.notna(), fever.astype("Float64"))
    domains = [score["score"], consciousness, seizure, motor, oedema]
    components = {
        "CRS": pd.concat([heat, hypotension, hypoxia], axis=1).set_axis(list(CRS), axis=1),
        "ICANS": pd.concat(domains, axis=1).set_axis(list(ICANS), axis=1),
    }
    bare = (judged["ICANS"] > 0).fillna(False) & components["CRS"].isna().all(axis=1) & judged["CRS"].isna()
    context.report(
        days.assign(AINVGRN=judged["ICANS"]),
        bare.astype(bool),
        "AINVGRN",
        "study.grades.icans_without_crs",
        "a grade of ICANS on a day without temperature, hypotension, hypoxia and grade of CRS",
        remedy="Query the form of the day; its CRS grade is missing.",
    )
    made = []
    for category, grade in (("CRS", crs_grade), ("ICANS", icans_grade)):
        made.append(
            days.assign(
                FACAT=text([category] * len(days), days.index),
                _GRADE=grade["grade"].astype("Float64"),
                GRADELO=grade["at_least"],
                _GRADEHI=grade["at_most"],
                AINVGRN=judged[category],
                ICETOT=score["score"] if category == "ICANS" else pd.Series(pd.NA, index=days.index, dtype="Int64"),
                AVALRSN=_why_unknown(components[category]).where(grade["grade"].isna()),
            )
        )
    graded = pd.concat(made, ignore_index=True).assign(_KIND="DAY")
    episodes, belongs = _episodes(graded, gap)
    rows = pd.concat([graded, episodes], ignore_index=True).reindex(columns=list(_WRITES))
    numbers = {"_GRADE": "Float64", "GRADELO": "Int64", "AINVGRN": "Int64", "ICETOT": "Int64"}
    rows = rows.astype(numbers | {c: "str" for c in _WRITES if c not in numbers})
    edges = _parents(graded, fa, ft)
    through = belongs.merge(edges, left_on="day", right_on="position", suffixes=("", "_day"))
    through = through.assign(position=through["position"] + len(graded))[["position", "parent", "source"]]
    return NewRecords(rows, pd.concat([edges, through], ignore_index=True).drop_duplicates())


def _why_unknown(components: pd.DataFrame) -> pd.Series[Any]:
    """The components of the day that are missing; where all are there, a day before leaves the grade open."""
    return name_missing(components, "not done: ").fillna("not known: the days before")


def _episodes(graded: pd.DataFrame, gap: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Episodes of the daily grades, and the days (`day`) of each (`position`), both by place."""
    groups = group_numbers(graded, ["STUDYID", "USUBJID", "FACAT"])
    day = (pd.to_datetime(graded["FADTC"]) - _ORIGIN).dt.days
    table = summarise_episodes(groups, day, graded["GRADELO"], graded["_GRADEHI"], gap)
    first = graded.loc[~groups.duplicated(), ["STUDYID", "USUBJID", "FACAT"]]
    rows = first.set_axis(groups[first.index].to_numpy()).loc[table["subject"]].reset_index(drop=True)
    rows = rows.assign(_KIND="EPISODE", _GRADE=table["grade"].astype("Float64"), GRADELO=table["at_least"])
    rows["AVALRSN"] = text(["a day may be higher" if pd.isna(g) else None for g in table["grade"]], rows.index)
    for column, name in {"start": "_STDTC", "end": "_ENDTC", "grade_day": "_PEAKDTC"}.items():
        rows[name] = (_ORIGIN + pd.to_timedelta(table[column].astype("int64"), unit="D")).dt.strftime("%Y-%m-%d")
    rows["_ONGOING"] = text(["Y" if o else None for o in table["ongoing"]], rows.index)
    number = compute_episode(groups, day, graded["GRADELO"], gap)
    belongs = pd.DataFrame({"subject": groups, "episode": number, "day": np.arange(len(graded))}).dropna()
    placed = table[["subject", "episode"]].assign(position=np.arange(len(table)))
    return rows, placed.merge(belongs, on=["subject", "episode"])[["position", "day"]]


def _parents(rows: pd.DataFrame, fa: pd.DataFrame, ft: pd.DataFrame) -> pd.DataFrame:
    """Results of the day and category in FA; of ICANS those of ICE in FT too."""
    placed = rows.assign(position=np.arange(len(rows)))
    own = placed.merge(fa[["USUBJID", "FADTC", "FACAT", RID]], on=["USUBJID", "FADTC", "FACAT"])
    score = placed.loc[placed["FACAT"] == "ICANS"].merge(ft[["USUBJID", "FADTC", RID]], on=["USUBJID", "FADTC"])
    edges = pd.concat([own.assign(source=None), score.assign(source="FT")], ignore_index=True)
    return edges.rename(columns={RID: "parent"})[["position", "parent", "source"]]


@verb(
    "column",
    says='"agree", "derived higher" or "derived lower" of {derived} compared with {judged}',
)
def derive_var_agreement(
    dataset: pd.DataFrame, derived: Column, judged: Column, new: NewColumn, *, context: Context
) -> pd.DataFrame:
    """`agree`, `derived higher` or `derived lower` than the judged grade; a warning for each that differs.

    Missing if either grade is.
    """
    agreement = compute_grade_agreement(dataset[derived], dataset[judged])
    for word in ("derived higher", "derived lower"):
        for grade in (0, 1, 2, 3, 4, 5):
            rows = (agreement.eq(word) & dataset[judged].eq(grade)).fillna(False).astype(bool)
            what = f"the grade of the components is {word.removeprefix('derived ')} than the investigator's, {grade}"
            remedy = "Query the components of the day or the grade."
            context.report(
                dataset, rows, derived, "study.grades.agreement", what, remedy=remedy, severity=Severity.WARNING
            )
    return dataset.assign(**{new: agreement})
