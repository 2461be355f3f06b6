"""Terms that a dictionary codes otherwise than at the cut before: told with both codings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from datacut.engine.context import FILE, ROW
from datacut.errors import Findings, in_file, in_spec
from datacut.raw.read import read_export
from datacut.spec.crf import Coding
from datacut.spec.load import Specs


def check_coding(frames: dict[str, pd.DataFrame], raw: Path, specs: Specs, cut: str, findings: Findings) -> None:
    """Compare the coded forms with the export of the cut before, where its folder lies beside this one.

    One warning for each reported term whose preferred term or class is another, at its first row; a note where the
    version of a dictionary changed and no term moved. What was not coded before has not moved.
    """
    earlier = [c for c in specs.study.cuts.values() if c.date < cut and (raw.parent / c.date).is_dir()]
    now = next((c for c in specs.study.cuts.values() if c.date == cut), None)
    coded = {name: form.coded for name, form in specs.forms.items() if form.coded is not None}
    if not earlier or now is None or not coded:
        return
    last = max(earlier, key=lambda c: c.date)
    forms = {name: specs.forms[name] for name in coded}
    before = read_export(raw.parent / last.date, replace(specs, forms=forms), Findings(), last.date)
    moved: set[str] = set()
    for name, columns in coded.items():
        dictionary = columns.dictionary
        versions = [specs.study.dictionary_version(dictionary, c) for c in (last, now)]
        known = dictionary if versions[0] == versions[1] else f"{dictionary} {versions[0]} then, {versions[1]} now"
        for row in moved_terms(before[f"raw.{name}"], frames[f"raw.{name}"], columns).to_dict("records"):
            moved.add(dictionary)
            findings.warning(
                "raw.coding.moved",
                in_file(row[FILE], row[ROW], columns.preferred),
                f"coded otherwise than in the export of {last.date} ({known}): {row['before']} to {row['now']}",
                value=str(row["term"]),
                remedy="Check the new coding; tables of the two cuts show the term under different names or classes.",
            )
    for dictionary in sorted({c.dictionary for c in coded.values()} - moved):
        was, is_ = (specs.study.dictionary_version(dictionary, c) for c in (last, now))
        if was != is_:
            findings.note(
                "raw.coding.version",
                in_spec("specs/study.yml"),
                f"{dictionary} {was} at {last.date}, {is_} now; no term moved",
                remedy="Nothing is wrong; say it in the report.",
            )


def moved_terms(before: pd.DataFrame, now: pd.DataFrame, coded: Coding) -> pd.DataFrame:
    """Reported terms of both exports whose codings differ: `term`, `before`, `now`, and its first row now.

    A coding is the preferred term and its class; a term coded in several ways at one cut has moved where its codings
    differ.
    """
    was, is_ = _codings(before, coded), _codings(now, coded)
    rows = []
    for term in sorted(was.keys() & is_.keys()):
        if was[term] != is_[term]:
            first = now.loc[now[coded.term].str.strip() == term].iloc[0]
            rows.append([term, _shown(was[term]), _shown(is_[term]), first.get(FILE, ""), first.get(ROW, "")])
    return pd.DataFrame(rows, columns=["term", "before", "now", FILE, ROW])


def _codings(frame: pd.DataFrame, coded: Coding) -> dict[str, set[tuple[str, ...]]]:
    """Of each reported term that is coded, its preferred terms, each with its class."""
    columns = [coded.term, coded.preferred, *([coded.class_] if coded.class_ else [])]
    known = frame.dropna(subset=columns[:2])
    out: dict[str, set[tuple[str, ...]]] = {}
    for term, *coding in known[columns].fillna("").drop_duplicates().itertuples(index=False):
        out.setdefault(term.strip(), set()).add(tuple(coding))
    return out


def _shown(codings: set[tuple[str, ...]]) -> str:
    texts = (f"{preferred} ({', '.join(rest)})" if any(rest) else preferred for preferred, *rest in codings)
    return " / ".join(sorted(texts))
