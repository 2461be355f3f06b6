"""One record per participant and analysis visit that was reached: the frame of what is told by visit."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import text
from datacut.adam.misuse import misuse
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import in_data, nearest
from datacut.spec.registry import Source, SourceColumn, SourceCondition, verb


@verb(
    "records",
    reads=("STUDYID", "USUBJID"),
    writes=("STUDYID", "USUBJID", "AVISIT", "AVISITN", "AWTARGET"),
    gives={"AVISIT": ("windows",)},
    says=(
        "one record for each participant of {source}[ where {where}] and each analysis visit of "
        "define-supplement.html, windows {windows:plain}[, with a target day from {first_target} on], "
        "that has a record, or whose target day (day 1 is {reference}) is not after {until}; AVISIT, "
        "AVISITN and AWTARGET are those of the window"
    ),
)
def derive_visit_records(
    dataset: pd.DataFrame,
    windows: str,
    source: Source,
    reference: SourceColumn,
    until: SourceColumn,
    where: SourceCondition | None = None,
    first_target: int | None = None,
    *,
    context: Context,
) -> NewRecords:
    """For every participant of the source (ADSL) a record for each visit of the windows (study.yml) that was reached.

    Reached: the dataset (the assessments) has a record of that AVISIT, also before day 1 or ahead of time; or its
    target day, counted from `reference` (day 1), is not after `until`. So a visit that was missed has its record, and
    one that is still to come has none. Visits with a target day before `first_target` are left out. Parents are the
    assessments of the visit, or of the participant if it has none.
    """
    known = context.windows.get(windows)
    if known is None:
        raise misuse(
            in_data(context.dataset, context.variable), "no such windows", windows, nearest(windows, context.windows)
        )
    wanted = [w for w in known if first_target is None or (w.target is not None and w.target >= first_target)]
    people = source.loc[context.mask(source, where)]
    days = (people[until].dt.normalize() - people[reference].dt.normalize()).dt.days + 1
    of_visit = dataset.groupby(["USUBJID", "AVISIT"])[RID].agg(list).to_dict()
    of_person = dataset.groupby("USUBJID")[RID].agg(list).to_dict()
    made: list[tuple[object, ...]] = []
    parents: list[tuple[int, object]] = []
    for study, person, last in zip(people["STUDYID"], people["USUBJID"], days, strict=True):
        for window in wanted:
            assessed = of_visit.get((person, window.avisit))
            due = window.target is not None and window.target >= 1 and not pd.isna(last) and window.target <= last
            if assessed or due:
                parents += [(len(made), rid) for rid in assessed or of_person.get(person, [])]
                made.append((study, person, window.avisit, window.avisitn, window.target))
    rows = pd.DataFrame(made, columns=["STUDYID", "USUBJID", "AVISIT", "AVISITN", "AWTARGET"])
    for name in ("STUDYID", "USUBJID", "AVISIT"):
        rows[name] = text(rows[name], rows.index)
    rows = rows.astype({"AVISITN": "Float64", "AWTARGET": "Int64"})
    return NewRecords(rows, pd.DataFrame(parents, columns=["position", "parent"]))
