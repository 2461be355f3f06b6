"""First and last of partial dates, and ages: known where every possible day gives the same."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from datacut.compute.date_impute import possible_days

type Mode = Literal["first", "last"]


def extreme_dtc(dtc: pd.Series[Any], group: pd.Series[Any], mode: Mode) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The first or last ISO 8601 text of each group, and whether it is certain; indexed by the group.

    A date is the last for certain if its earliest possible day is not before the latest possible day of every other (of
    one
    day the later text: a time tells it); the first likewise. Where that is open the text is as precise as the answer:
    what the earliest and the latest day it can have share, as ISO 8601 (`2026-03` of 5 March and some day of March).
    Missing texts and those without a year are left out; the latter leave the answer uncertain.
    """
    frame = pd.DataFrame({"dtc": dtc.astype("str"), "group": group.to_numpy()}).dropna()
    frame["low"], frame["high"] = possible_days(frame["dtc"])
    undated = frame.loc[frame["low"].isna(), "group"].unique()
    frame = frame.dropna(subset=["low"])
    keys = ["high", "low", "dtc"] if mode == "last" else ["low", "high", "dtc"]
    order = frame.sort_values(["group", *keys], kind="stable")
    grouped = order.groupby("group", sort=True)
    low, high = (
        (grouped["low"].max(), grouped["high"].max())
        if mode == "last"
        else (grouped["low"].min(), grouped["high"].min())
    )
    exact = order.loc[order["low"] == order["high"]]
    whole = exact.drop_duplicates("group", keep="last" if mode == "last" else "first").set_index("group")["dtc"]
    single = grouped["dtc"].min() == grouped["dtc"].max()
    chosen = whole.reindex(low.index).where(low == high)
    chosen = chosen.where(~single, grouped["dtc"].first())
    # a partial date that surely wins keeps its text
    winner = order.drop_duplicates("group", keep="last" if mode == "last" else "first").set_index("group")
    wins = (winner["low"] == low) & (winner["high"] == high) & (low != high)
    alone = _others_apart(order, winner, mode).reindex(low.index).fillna(True)
    chosen = chosen.where(~(wins & alone), winner["dtc"])
    certain = chosen.notna()
    chosen = chosen.where(certain, pd.Series(_shared_text(low, high), index=low.index))
    return chosen.astype("str"), certain & ~pd.Series(low.index.isin(undated), index=low.index)


def _others_apart(order: pd.DataFrame, winner: pd.DataFrame, mode: Mode) -> pd.Series[Any]:
    """Whether every other text of the group lies wholly on the other side of the winner's days."""
    edge = winner["low" if mode == "last" else "high"].reindex(order["group"]).to_numpy()
    text = winner["dtc"].reindex(order["group"]).to_numpy()
    apart = (order["high"] <= edge) if mode == "last" else (order["low"] >= edge)
    return (apart | (order["dtc"] == text).to_numpy()).groupby(order["group"]).all()


def _shared_text(low: pd.Series[Any], high: pd.Series[Any]) -> list[str | None]:
    texts = []
    for a, b in zip(low.dt.strftime("%Y-%m-%d"), high.dt.strftime("%Y-%m-%d"), strict=True):
        texts.append(a if a == b else a[:7] if a[:7] == b[:7] else a[:4] if a[:4] == b[:4] else None)
    return texts


def completed_years(birth: pd.Series[Any], at: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The least and the most completed years that two partial ISO 8601 dates allow; Int64, missing where a year is."""
    born, when = possible_days(birth), possible_days(at)
    return _years(born[1], when[0]), _years(born[0], when[1])


def _years(born: pd.Series[Any], when: pd.Series[Any]) -> pd.Series[Any]:
    years = (when.dt.year - born.dt.year).astype("Int64")
    not_yet = (when.dt.month * 100 + when.dt.day) < (born.dt.month * 100 + born.dt.day)
    completed: pd.Series[Any] = (years - not_yet.astype("Int64")).mask(born.isna() | when.isna())
    return completed


def within_cut(dtc: pd.Series[Any], cut: str, partial: str) -> pd.Series[Any]:
    """Whether each ISO 8601 date lies on or before the day of the cut; bool, True where there is no date to judge.

    partial: `possible` keeps a partial date of which one possible day does, `certain` one of which all do.
    """
    earliest, latest = possible_days(dtc)
    day = earliest if partial == "possible" else latest
    return ~(day > pd.Timestamp(cut)).fillna(False).astype(bool)
