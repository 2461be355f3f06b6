"""What the CRF spec requires of a form that was read: its columns, its required fields, its keys, its sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from itertools import chain

import pandas as pd

from datacut.compute.texts import distinct_texts
from datacut.engine.context import FILE, ROW
from datacut.engine.possible import no_number, out_of_range
from datacut.errors import Findings, in_file
from datacut.spec.crf import CrfField, FieldType
from datacut.spec.load import Specs


def check_columns(header: list[str], columns: list[str], findings: Findings, place: str) -> None:
    absent = [c for c in columns if c not in header]
    misspelt: dict[str, str] = {}
    for name in absent:
        alike = get_close_matches(name, [h for h in header if h not in (*columns, *misspelt)], n=1, cutoff=0.8)
        if alike:
            misspelt[alike[0]] = name
        else:
            findings.error(
                "raw.column.missing",
                in_file(place, 1, name),
                "a column of the CRF spec is missing from the file; so are its values in everything made from it",
                value=name,
                remedy="Ask for the export again.",
            )
    for number, name in enumerate(header):
        if name in misspelt:
            findings.error(
                "raw.column.misspelt",
                in_file(place, 1, name),
                f"the column {misspelt[name]} is missing, this one is not in the CRF spec; neither has values",
                value=name,
                remedy=f"Did you mean {misspelt[name]}? Correct the export, or the name in specs/crf.",
            )
        elif name not in columns:
            findings.error(
                "raw.column.extra",
                in_file(place, 1, name),
                "a column that the CRF spec does not describe",
                value=name,
                remedy="Describe it in specs/crf, or ask for an export without it. Its values are not used.",
            )
        elif name in header[:number]:
            findings.error(
                "raw.column.twice",
                in_file(place, 1, name),
                "the column stands twice",
                value=name,
                remedy="The first is used.",
            )


def check_required(frame: pd.DataFrame, fields: Mapping[str, CrfField], findings: Findings, place: str) -> None:
    for name in (n for n, f in fields.items() if f.required):
        for line in frame.loc[frame[name].isna(), ROW]:
            findings.error(
                "raw.required", in_file(place, line, name), "a required field is blank", remedy="Query the site."
            )


def check_values(frame: pd.DataFrame, fields: Mapping[str, CrfField], findings: Findings, place: str) -> None:
    """Values that are no number where the field takes one, and those outside the range of their field; all are kept."""
    judged = {n: f for n, f in fields.items() if f.range is not None or f.type in (FieldType.NUMBER, FieldType.INTEGER)}
    held = distinct_texts(frame, [*judged])
    strange, beyond = _wrong(held, judged, no_number), _wrong(held, judged, out_of_range)
    for name, field in judged.items():
        text = "a whole number" if field.type is FieldType.INTEGER else "a number"
        for line, value in _rows_with(frame, name, strange[name]):
            findings.error(
                "raw.number",
                in_file(place, line, name),
                f"the field takes {text}",
                value=value,
                remedy="Query the site; without a number the value is in no analysis.",
            )
        limits = field.range
        if limits is None:
            continue
        shown = " to ".join(e or "any" for e in (limits.low, limits.high))
        for line, value in _rows_with(frame, name, beyond[name]):
            findings.error(
                "raw.range",
                in_file(place, line, name),
                f"outside what can be ({shown}: {limits.source})",
                value=value,
                remedy="Query the site; the value is kept as collected.",
            )


def _wrong(
    held: Mapping[str, list[str]], fields: Mapping[str, CrfField], wrong: Callable[[pd.Series, CrfField], pd.Series]
) -> dict[str, frozenset[str]]:
    """The texts of each field that are `wrong`; each is judged once for all fields that take the same."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for name, field in fields.items():
        alike.setdefault((field.type, field.range, field.format), []).append(name)
    found = dict.fromkeys(fields, frozenset[str]())
    for names in alike.values():
        texts = pd.Series([*dict.fromkeys(chain.from_iterable(held[n] for n in names))], dtype="str")
        bad = frozenset(texts[wrong(texts, fields[names[0]])])
        found |= {name: bad.intersection(held[name]) for name in names} if bad else {}
    return found


def _rows_with(frame: pd.DataFrame, name: str, texts: frozenset[str]) -> list[tuple[int, str]]:
    """Line and value of the rows of a column that hold one of the texts."""
    if not texts:
        return []
    rows = frame.loc[frame[name].isin(texts)]
    return list(zip(rows[ROW].tolist(), rows[name].tolist(), strict=True))


def own_rows(frame: pd.DataFrame, study: Mapping[str, str], findings: Findings, place: str) -> pd.DataFrame:
    """The rows of this study: those whose study code is another are told and left out, those without one are told."""
    kept = pd.Series(True, index=frame.index)
    for column, code in study.items():
        found = frame[column].str.strip()
        other = found.notna() & (found != code)
        for row in frame.loc[other, [ROW, column]].to_dict("records"):
            findings.error(
                "raw.study",
                in_file(place, row[ROW], column),
                f"a row of another study than {code}; it is left out",
                value=str(row[column]),
                remedy="Ask for a file with the rows of this study alone, or correct the code.",
            )
        for line in frame.loc[found.isna(), ROW]:
            findings.warning(
                "raw.study",
                in_file(place, line, column),
                "a row without a study code; it is kept",
                remedy="Ask whether the row belongs to this study.",
            )
        kept &= ~other
    return frame.loc[kept].reset_index(drop=True)


def check_keys(frame: pd.DataFrame, keys: list[str], findings: Findings, place: str) -> None:
    """Every row whose key stands on an earlier line; a blank is equal to a blank."""
    if not frame.duplicated(keys).any():
        return
    first = frame.groupby(keys, dropna=False, sort=False)[ROW].transform("first")
    for record in frame.assign(_first=first)[first != frame[ROW]].fillna("").to_dict("records"):
        findings.error(
            "raw.key.duplicate",
            in_file(place, record[ROW], keys[-1]),
            f"the key {', '.join(keys)} stands on line {record['_first']} already",
            value="|".join(str(record[k]) for k in keys),
            remedy="Delete or renumber one of the two rows; both are kept.",
        )


def check_sites(frames: Mapping[str, pd.DataFrame], specs: Specs, findings: Findings) -> None:
    """Rows of a subject at another site than most rows of this subject: a subject transferred, or a slip."""
    parts = []
    for name, form in specs.forms.items():
        system = specs.study.systems[form.system]
        if system.site is not None and system.subject is not None:
            names = {system.site: "site", system.subject: "subject"}
            part = frames[f"raw.{name}"][[system.site, system.subject, ROW, FILE]].rename(columns=names)
            parts.append(part.assign(column=system.site))
    if not parts:
        return
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["site", "subject"])
    usual = rows.groupby("subject")["site"].agg(lambda sites: sites.mode().iloc[0])
    rows["usual"] = rows["subject"].map(usual)
    for row in rows[rows["site"] != rows["usual"]].to_dict("records"):
        findings.warning(
            "raw.site",
            in_file(row[FILE], row[ROW], row["column"]),
            f"the other rows of subject {row['subject']} are of site {row['usual']}",
            value=str(row["site"]),
            remedy="Query the site. If the subject was transferred, nothing is wrong.",
        )
