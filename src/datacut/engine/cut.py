"""The cut: records after it are left out and values that only then were known are taken back, each accounted for.

The rules are those of study.yml, one a domain. They act on the records as collected, before anything is derived of
them, so that sequence numbers, reference dates, elements, SUPP-- and RELREC follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from datacut.compute.date_extremes import within_cut
from datacut.datasets.lineage import RID, Edges, combine
from datacut.datasets.model import value_text
from datacut.engine.context import Context
from datacut.engine.use import Accounting, CutLine
from datacut.engine.work import Work
from datacut.errors import Severity
from datacut.spec.study import CutRule

LEFT_OUT = "left out"
CHANGED = "changed"
SUBJECT = "subject not in the cut"
SUBJECTS = "DM"
"""The domain whose records say which subjects are in the cut."""


@dataclass
class Cut:
    """Applies the rules of one cut to the records of a stage.

    date: day of the cut; partial: how a partial date at the boundary counts (`compute.date_extremes.within_cut`).
    """

    date: str
    partial: str
    rules: Mapping[str, CutRule]
    lines: list[CutLine] = field(default_factory=list)
    _out: dict[str, pd.DataFrame] = field(default_factory=dict)
    _parents: list[pd.DataFrame] = field(default_factory=list)

    def apply(self, dataset: str, work: Work, context: Context) -> None:
        """Leave out records of a dataset and change values, by its rule; a dataset without one stays as it is."""
        rule = self.rules.get(dataset)
        if rule is None or rule.by in ("parent", "none") or not len(work.frame):
            return
        frame = work.frame
        late = ~self._within(frame, rule.date)
        gone = self._out.get(SUBJECTS, frame.iloc[:0])["USUBJID"].dropna()
        out = late | frame["USUBJID"].isin(gone).to_numpy(dtype=bool)
        self._tell_left_out(dataset, frame, late, rule, context)
        for record in frame.loc[out & ~late].to_dict("records"):
            self.lines.append(CutLine(dataset, context.place(record, "USUBJID"), LEFT_OUT, SUBJECT, "", ""))
        self._out[dataset] = frame.loc[out]
        if out.any():
            self._take_off(work, out)
        if rule.change:
            work.frame = self._changed(dataset, work.frame, rule, context)

    def account(self, accounting: Accounting, works: Mapping[str, Work], sources: Mapping[str, pd.DataFrame]) -> None:
        """Rows of a form of which every record was left out are no longer mapped, but left out for the cut."""
        accounting.cut += self.lines
        if not self._parents:
            return
        kept = combine([e for work in works.values() for e in work.edges]).frame
        lost = pd.concat(self._parents, ignore_index=True)
        for name, rows in lost.groupby("source"):
            use = accounting.rows.get(str(name))
            if use is None:
                continue
            left = set(rows["source_record"]) - set(kept.loc[kept["source"] == name, "source_record"])
            places = sources[str(name)][RID].isin(left).to_numpy(dtype=bool)
            use.mapped &= ~places
            use.leave_out(places, f"after the cut of {self.date}")

    def _within(self, frame: pd.DataFrame, column: str | None) -> np.ndarray:
        if column is None:
            return np.ones(len(frame), dtype=bool)
        return within_cut(frame[column], self.date, self.partial).to_numpy(dtype=bool)

    def _tell_left_out(
        self, dataset: str, frame: pd.DataFrame, late: np.ndarray, rule: CutRule, context: Context
    ) -> None:
        rows, column = pd.Series(late, index=frame.index), str(rule.date)
        context.report(
            frame,
            rows,
            column,
            "sdtm.after_cut",
            f"{column} is after the data cut of {self.date}; the record is left out",
            remedy="Nothing to do, or ask for an export as of the cut; accounting/cut.csv lists it.",
            severity=Severity.WARNING,
        )
        for record in frame.loc[rows].to_dict("records"):
            self.lines.append(
                CutLine(dataset, context.place(record, column), LEFT_OUT, column, value_text(record[column]), "")
            )

    def _take_off(self, work: Work, out: np.ndarray) -> None:
        dropped = work.frame.loc[out, RID]
        lost = [e.frame.loc[e.frame[RID].isin(dropped)] for e in work.edges]
        self._parents += [f[["source", "source_record"]] for f in lost if len(f)]
        work.edges = [Edges(e.frame.loc[~e.frame[RID].isin(dropped)].reset_index(drop=True)) for e in work.edges]
        work.frame = work.frame.loc[~out].reset_index(drop=True)

    def _changed(self, dataset: str, frame: pd.DataFrame, rule: CutRule, context: Context) -> pd.DataFrame:
        """The records that ended after the cut, or of a subject who died after it, as they were known at the cut."""
        ended = ~self._within(frame, rule.end)
        if rule.death is not None:
            source = self._out.get(rule.death.source)
            if source is not None and len(source):
                dead = source.loc[context.mask(source, rule.death.where), "USUBJID"]
                theirs = frame["USUBJID"].isin(dead) & context.mask(frame, rule.death.of)
                ended |= theirs.to_numpy(dtype=bool)
        if not ended.any():
            return frame
        before = frame
        for change in rule.change:
            old = before[change.variable]
            new = change.to or None
            rows = context.mask(before, change.where).to_numpy(dtype=bool) & ended
            rows &= ~((old == new).fillna(False) if new else old.isna()).to_numpy(dtype=bool)
            frame = frame.assign(**{change.variable: old.mask(rows, new)})
            shown = pd.Series(rows, index=before.index)
            for record in before.loc[shown].to_dict("records"):
                place, was = context.place(record, change.variable), value_text(record[change.variable])
                self.lines.append(CutLine(dataset, place, CHANGED, change.variable, was, change.to))
            if not change.variable.startswith("_"):
                context.report(
                    before,
                    shown,
                    change.variable,
                    "sdtm.after_cut",
                    f"known only after the data cut of {self.date}; {change.variable} is {change.to or 'missing'}",
                    remedy="Nothing to do, or ask for an export as of the cut; accounting/cut.csv lists it.",
                    severity=Severity.WARNING,
                )
        return frame
