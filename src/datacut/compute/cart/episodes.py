"""Episodes of graded toxicity from daily grades, short gaps joined."""

from __future__ import annotations

from typing import Any

import pandas as pd


def compute_episode(
    subject: pd.Series[Any], day: pd.Series[Any], grade: pd.Series[Any], episode_gap_days: int = 1
) -> pd.Series[Any]:
    """Number of the episode each assessment belongs to, 1, 2, ... per subject: Int64; missing where none does.

    day: whole days, any order; grade: 0 is none, missing is not known; of an assessment that is not sure, the lowest
    possible grade. An assessment belongs to an episode if its grade is above 0; two such days are of one episode if at
    most `episode_gap_days` days lie between them [P], whether graded 0, unknown or not assessed.
    """
    frame = pd.DataFrame({"subject": subject.to_numpy(), "day": day.to_numpy(), "grade": grade.to_numpy()})
    frame["grade"] = frame["grade"].astype("Int64")
    graded = frame[(frame["grade"] > 0).fillna(False)].dropna().sort_values(["subject", "day"], kind="stable")
    step = graded.groupby("subject", sort=False)["day"].diff()
    fresh = step.isna() | (step > episode_gap_days + 1)
    number = fresh.astype("Int64").groupby(graded["subject"], sort=False).cumsum()
    return number.reindex(frame.index).astype("Int64").set_axis(day.index)


def summarise_episodes(
    subject: pd.Series[Any],
    day: pd.Series[Any],
    at_least: pd.Series[Any],
    at_most: pd.Series[Any],
    episode_gap_days: int = 1,
) -> pd.DataFrame:
    """One row per episode: `subject`, `episode`, `start`, `end`, `days`, `grade`, `at_least`, `grade_day`, `ongoing`.

    at_least, at_most: the lowest and the highest possible grade of each assessment; the rest as for `compute_episode`,
    whose days are those surely graded. days: from first to last of them, both counted; at_least: the highest grade that
    is sure, grade_day: its first day, grade: the same where no day from start to end can be higher, else missing;
    ongoing: nothing is known of the subject after the last graded day, so that the end is not known.
    """
    frame = pd.DataFrame(
        {
            "subject": subject.to_numpy(),
            "day": day.to_numpy(),
            "grade": pd.array(at_least.to_numpy(), dtype="Int64"),
            "most": pd.array(at_most.to_numpy(), dtype="Int64"),
            "episode": compute_episode(subject, day, at_least, episode_gap_days).to_numpy(),
        }
    )
    seen = frame[frame["grade"] == frame["most"]].dropna(subset=["subject", "day"]).groupby("subject")["day"].max()
    graded = frame.dropna(subset=["episode"]).sort_values(["subject", "day"], kind="stable")
    grouped = graded.groupby(["subject", "episode"], sort=True)
    worst = graded[graded["grade"] == grouped["grade"].transform("max")].groupby(["subject", "episode"], sort=True)
    table = grouped.agg(start=("day", "min"), end=("day", "max"), at_least=("grade", "max"))
    table = table.assign(grade_day=worst["day"].min()).reset_index()
    within = table.merge(frame.drop(columns="episode"), on="subject")
    within = within[(within["day"] >= within["start"]) & (within["day"] <= within["end"])]
    most = within.groupby(["subject", "episode"], sort=True)["most"].max()
    table["grade"] = table["at_least"].where(table["at_least"].to_numpy() >= most.to_numpy()).astype("Int64")
    table["days"] = table["end"] - table["start"] + 1
    last = table["subject"].map(seen).astype("Int64")
    table["ongoing"] = (last <= table["end"].astype("Int64")).fillna(True).astype(bool)
    return table[["subject", "episode", "start", "end", "days", "grade", "at_least", "grade_day", "ongoing"]]
