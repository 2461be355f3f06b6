"""Episodes of graded toxicity from daily grades, short gaps joined."""

from __future__ import annotations

from typing import Any

import pandas as pd


def compute_episode(
    subject: pd.Series[Any], day: pd.Series[Any], grade: pd.Series[Any], episode_gap_days: int = 1
) -> pd.Series[Any]:
    """Number of the episode each assessment belongs to, 1, 2, ... per subject: Int64; missing where none does.

    day: whole days, any order; grade: 0 is none, missing is not known. An assessment belongs to an episode if its grade
    is above 0; two such days are of one episode if at most `episode_gap_days` days lie between them [P], whether graded
    0, unknown or not assessed.
    """
    frame = pd.DataFrame({"subject": subject.to_numpy(), "day": day.to_numpy(), "grade": grade.to_numpy()})
    frame["grade"] = frame["grade"].astype("Int64")
    graded = frame[(frame["grade"] > 0).fillna(False)].dropna().sort_values(["subject", "day"], kind="stable")
    step = graded.groupby("subject", sort=False)["day"].diff()
    fresh = step.isna() | (step > episode_gap_days + 1)
    number = fresh.astype("Int64").groupby(graded["subject"], sort=False).cumsum()
    return number.reindex(frame.index).astype("Int64").set_axis(day.index)


def summarise_episodes(
    subject: pd.Series[Any], day: pd.Series[Any], grade: pd.Series[Any], episode_gap_days: int = 1
) -> pd.DataFrame:
    """One row per episode: `subject`, `episode`, `start`, `end`, `days`, `grade` (highest), `grade_day`, `ongoing`.

    Inputs as for `compute_episode`. days: from first to last graded day, both counted; grade_day: first day of the
    highest grade; ongoing: nothing is known of the subject after the last graded day, so that the end is not known.
    """
    frame = pd.DataFrame(
        {
            "subject": subject.to_numpy(),
            "day": day.to_numpy(),
            "grade": pd.array(grade.to_numpy(), dtype="Int64"),
            "episode": compute_episode(subject, day, grade, episode_gap_days).to_numpy(),
        }
    )
    seen = frame.dropna(subset=["subject", "day", "grade"]).groupby("subject")["day"].max()
    graded = frame.dropna(subset=["episode"]).sort_values(["subject", "day"], kind="stable")
    grouped = graded.groupby(["subject", "episode"], sort=True)
    worst = graded[graded["grade"] == grouped["grade"].transform("max")].groupby(["subject", "episode"], sort=True)
    table = grouped.agg(start=("day", "min"), end=("day", "max"), grade=("grade", "max"))
    table = table.assign(grade_day=worst["day"].min()).reset_index()
    table["days"] = table["end"] - table["start"] + 1
    table["ongoing"] = table["end"].to_numpy() == table["subject"].map(seen).to_numpy()
    return table[["subject", "episode", "start", "end", "days", "grade", "grade_day", "ongoing"]]
