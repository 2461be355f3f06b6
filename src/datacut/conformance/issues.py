"""What CDISC CORE says, as findings of ours: equal issues together, known false alarms by their explanation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from datacut.compute.dates import possible_days
from datacut.conformance.engine import Answer, Fault, Result, Rule
from datacut.datasets.model import Dataset, record_key
from datacut.engine.filter import mask
from datacut.errors import Finding, Location, Severity, SpecError, in_data, unplaced
from datacut.spec.explained import Explanation, Starts
from datacut.spec.study import SettingValue
from datacut.spec.where import columns_of

SHOWN = 20
"""Different issues named per rule and dataset; the rest is counted."""

ENGINE_FAULTS = frozenset({"Rule format error", "XSD file could not be found", "Failed to parse XMLSchema"})
"""Execution errors that no data can cause. Every other one counts as of our making until the contrary is shown."""

type Locate = Callable[[int], Location]


@dataclass(frozen=True)
class Judged:
    """Findings of one build, and the numbers (0-based) of the explanations that matched an issue."""

    findings: tuple[Finding, ...]
    used: frozenset[int]


class _Explanations:
    """The explanations, each with the records and subjects of this build to which it applies."""

    def __init__(
        self,
        explained: Sequence[Explanation],
        datasets: Mapping[str, Dataset],
        settings: Mapping[str, SettingValue],
        place: Locate,
    ) -> None:
        self.explained = explained
        self.faults: list[Finding] = []
        self._rows: dict[tuple[int, str], pd.Series] = {}
        for number, about in enumerate(explained):
            for dataset in [datasets[name] for name in about.datasets if name in datasets]:  # else it cannot match
                try:
                    rows = mask(_with_dm(dataset.frame, about, datasets), about.where, settings)
                    if about.starts is not None:
                        rows &= _lies(dataset, about.starts, datasets)
                    if about.unless is not None:
                        rows &= ~dataset.frame["USUBJID"].isin(_subjects(about, datasets, settings))
                except SpecError as fault:
                    self.faults += [_unusable(place(number), f) for f in fault.findings]
                    continue
                self._rows[number, dataset.name] = rows

    def number(self, rule: str, result: Result, fault: Fault) -> int | None:
        """Which explanation covers the issue."""
        for number, about in enumerate(self.explained):
            if about.rule != rule or (number, result.dataset) not in self._rows:
                continue
            if not set(about.variables) <= set(result.variables or ()):
                continue
            narrowed = about.where is not None or about.unless is not None or about.starts is not None
            if not narrowed or _holds(self._rows[number, result.dataset], fault.row):
                return number
        return None


def _with_dm(frame: pd.DataFrame, about: Explanation, datasets: Mapping[str, Dataset]) -> pd.DataFrame:
    """The records with the variables of DM that the condition reads, by subject."""
    wanted = {c for c in (columns_of(about.where) if about.where else ()) if c.startswith("DM.")}
    if not wanted or "DM" not in datasets or "USUBJID" not in frame.columns:
        return frame
    dm = datasets["DM"].frame.drop_duplicates("USUBJID").set_index("USUBJID")
    known = {c: c.removeprefix("DM.") for c in wanted if c.removeprefix("DM.") in dm.columns}
    return frame.assign(**{c: dm[name].reindex(frame["USUBJID"]).set_axis(frame.index) for c, name in known.items()})


def _lies(dataset: Dataset, about: Starts, datasets: Mapping[str, Dataset]) -> pd.Series:
    """Whether the date of each record lies so to the starts of its subject; not where one of them is not known."""
    source, date = datasets.get(about.dataset), about.dates[dataset.name]
    if source is None or about.variable not in source.frame.columns or date not in dataset.frame.columns:
        named, remedy = f"{about.dataset}.{about.variable}", "Name variables of the build."
        raise SpecError([Finding(Severity.ERROR, "core.explained", unplaced(), "no such variable", named, remedy)])
    first, last = possible_days(dataset.frame[date])
    days = pd.DataFrame({"USUBJID": dataset.frame["USUBJID"], "row": range(len(first)), "first": first, "last": last})
    starts = source.frame.loc[source.frame[about.variable].notna(), ["USUBJID", about.variable]]
    pairs = days.merge(starts.assign(start=possible_days(starts[about.variable])[0]), on="USUBJID")
    before, reached = pairs["first"] < pairs["start"], pairs["last"] >= pairs["start"]
    if about.lies == "before":
        found = (before & ~reached).fillna(False).groupby(pairs["row"]).all()
    else:
        found = (before & reached).fillna(False).groupby(pairs["row"]).any()
    return found.reindex(range(len(first)), fill_value=False).astype(bool).set_axis(dataset.frame.index)


def _subjects(about: Explanation, datasets: Mapping[str, Dataset], settings: Mapping[str, SettingValue]) -> set[str]:
    if about.unless is None or about.unless.dataset not in datasets:
        named = about.unless.dataset if about.unless else ""
        remedy = "Name a dataset of the build."
        raise SpecError([Finding(Severity.ERROR, "core.explained", unplaced(), "no such dataset", named, remedy)])
    frame = datasets[about.unless.dataset].frame
    return set(frame.loc[mask(frame, about.unless.where, settings), "USUBJID"])


def _holds(rows: pd.Series, row: int | None) -> bool:
    return row is not None and 1 <= row <= len(rows) and bool(rows.iloc[row - 1])


def _unusable(place: Location, fault: Finding) -> Finding:
    return Finding(Severity.ERROR, "core.explained", place, fault.what, fault.value, fault.remedy)


def check_answer(
    answer: Answer,
    datasets: Mapping[str, Dataset],
    explained: Sequence[Explanation],
    settings: Mapping[str, SettingValue],
    place: Locate,
) -> Judged:
    """Issues without an explanation are errors, explained ones notes; execution errors are told apart by their maker.

    place: explanation number to `file:line`.
    """
    explanations = _Explanations(explained, datasets, settings, place)
    found: list[Finding] = [*explanations.faults]
    used: set[int] = set()
    for rule in answer.rules:
        for result in rule.results:
            if result.status == "execution error":
                found += _crashes(rule, result)
                continue
            covered: dict[int, int] = {}
            open_issues: list[Fault] = []
            for issue in result.errors:
                number = explanations.number(rule.id, result, issue)
                if number is None:
                    open_issues.append(issue)
                else:
                    covered[number] = covered.get(number, 0) + 1
            used |= set(covered)
            found += _open(rule, result, open_issues, datasets.get(result.dataset))
            found += [_explained(rule, result, explained[n], place(n), count) for n, count in covered.items()]
    return Judged(tuple(found), frozenset(used))


def check_explanations(explained: Sequence[Explanation], used: frozenset[int], place: Locate) -> Iterator[Finding]:
    """A finding for each explanation that no issue of any build needed."""
    for number, about in enumerate(explained):
        if number not in used:
            what = f"an explanation of {about.rule} in {', '.join(about.datasets)} that no issue needs"
            remedy = "Take it away, or correct what it names."
            yield Finding(Severity.WARNING, "core.explained", place(number), what, about.rule, remedy)


def _open(rule: Rule, result: Result, issues: Sequence[Fault], dataset: Dataset | None) -> Iterator[Finding]:
    """One finding for all issues with the same values, at the first of their records."""
    groups: dict[str, list[Fault]] = {}
    for issue in issues:
        groups.setdefault(_value(issue.value), []).append(issue)
    message = f"{rule.id}: {_message(rule, result)}"
    remedy = "Mend the data or the spec; a false alarm goes into specs/core_explained.yml with its reason."
    for value, same in list(groups.items())[:SHOWN]:
        more = f" ({len(same)} records, the first here)" if len(same) > 1 else ""
        yield Finding(Severity.ERROR, rule.id, _where(result, same[0], dataset), message + more, value, remedy)
    rest = sum(len(same) for same in list(groups.values())[SHOWN:])
    if rest:
        yield Finding(Severity.ERROR, rule.id, in_data(result.dataset), f"{message} ({rest} more issues)", "", remedy)


def _explained(rule: Rule, result: Result, about: Explanation, place: Location, count: int) -> Finding:
    what = f"{rule.id}: {_message(rule, result)} ({count} issues, explained in {place})"
    return Finding(Severity.NOTE, rule.id, in_data(result.dataset), what, "", about.reason)


def _crashes(rule: Rule, result: Result) -> Iterator[Finding]:
    for fault in result.errors:
        own = fault.error in ENGINE_FAULTS
        yield Finding(
            Severity.WARNING if own else Severity.ERROR,
            "core.engine" if own else "core.execution",
            in_data(result.dataset),
            f"{rule.id} could not be executed: {'a fault of the engine' if own else 'our data or define.xml stop it'}",
            f"{fault.error}: {fault.message}",
            "Report it to CDISC." if own else "Mend what the message names; the rule has checked nothing.",
        )


def _message(rule: Rule, result: Result) -> str:
    return (result.message or rule.message or "an issue").rstrip(".")


def _value(value: Mapping[str, object]) -> str:
    shown = {name: "" if text is None else str(text) for name, text in sorted(value.items())}
    return next(iter(shown.values())) if len(shown) == 1 else ", ".join(f"{n}={t}" for n, t in shown.items())


def _where(result: Result, issue: Fault, dataset: Dataset | None) -> Location:
    """Dataset, variable and key of the record, as far as the issue has a variable and a record of the dataset."""
    columns = list(dataset.frame.columns) if dataset else []
    variable = next((v for v in result.variables or () if v in columns), None)
    place = in_data(result.dataset, variable or "")
    if dataset is None or issue.row is None:
        return place
    frame = dataset.frame
    known = 1 <= issue.row <= len(frame)
    if known and issue.subject is not None and "USUBJID" in columns:
        known = bool(frame["USUBJID"].iloc[issue.row - 1] == issue.subject)
    if not known:  # the engine counts rows of a frame it has joined or reduced
        return replace(place, key=issue.subject or "")
    return replace(place, key=record_key(frame, dataset.keys, issue.row - 1))
