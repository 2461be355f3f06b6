"""Rules over built SDTM records that name the raw row: subjects, keys, dates, texts, controlled terminology."""

from __future__ import annotations

import re

import pandas as pd

from datacut.compute.dates import ends_before
from datacut.engine.context import FILE, ROW, Context
from datacut.engine.execute import Stage
from datacut.errors import Findings, Severity
from datacut.sdtm.assign import submission_values
from datacut.spec.dataset import DatasetSpec
from datacut.spec.load import Specs
from datacut.spec.resolve import resolve_dataset
from datacut.standards import codelist

_START = re.compile(r"(..)STDTC")


def check_records(specs: Specs, stage: Stage, findings: Findings) -> None:
    """Check every domain of a stage while its records still know their raw rows; findings only, nothing is changed."""
    subjects = set(stage.works["DM"].frame["USUBJID"].dropna()) if "DM" in stage.works else None
    cut = str(stage.sources["study"]["CUTDTC"].iloc[0]) if "study" in stage.sources else None
    told = {(f.where.file, f.where.row) for f in findings if f.rule == "raw.key.duplicate"}
    for name, work in stage.works.items():
        frame, context = work.frame, stage.contexts[name]
        if subjects is not None and "USUBJID" in frame.columns and name != "DM":
            _check_subjects(frame, subjects, context)
        _check_keys(frame, specs.sdtm[name].keys, told, context)
        _check_order(frame, context)
        if cut is not None:
            _check_cut(frame, _collected_dates(specs.sdtm[name]), cut, context)
        _check_terms(specs, name, frame, context)


def _check_subjects(frame: pd.DataFrame, subjects: set[str], context: Context) -> None:
    unknown = ~frame["USUBJID"].isin(subjects) & frame["USUBJID"].notna()
    context.report(
        frame,
        unknown,
        "USUBJID",
        "sdtm.subject",
        "a subject who is not in DM",
        remedy="Correct the subject number at its source; the record is kept and belongs to nobody.",
    )
    if FILE in frame.columns:
        context.report(
            frame,
            frame["USUBJID"].isna() & frame[FILE].notna(),
            "USUBJID",
            "sdtm.subject",
            "a record without a subject",
            remedy="Give the subject number at its source.",
        )


def _check_keys(frame: pd.DataFrame, keys: tuple[str, ...], told: set[tuple[str, int]], context: Context) -> None:
    """A second record with one key, unless the rows were found to be duplicates of each other when they were read."""
    known = [k for k in keys if k in frame.columns]
    again = frame.duplicated(known) if known else pd.Series(False, index=frame.index)
    if told and FILE in frame.columns:
        again &= ~pd.MultiIndex.from_frame(frame[[FILE, ROW]]).isin(told)
    context.report(
        frame,
        again,
        known[-1] if known else "",
        "sdtm.key",
        f"a second record with this key of {context.dataset} ({', '.join(known)})",
        remedy="Correct one of the two at its source, or extend the keys in the spec; both are kept.",
    )


def _check_order(frame: pd.DataFrame, context: Context) -> None:
    """An end before its start, compared at the precision both have."""
    for start in [c for c in frame.columns if _START.fullmatch(str(c))]:
        end = f"{str(start)[:2]}ENDTC"
        if end not in frame.columns:
            continue
        context.report(
            frame,
            ends_before(frame[start], frame[end]),
            end,
            "sdtm.order",
            f"{end} is before {start}",
            remedy="Query the site; both dates are kept.",
        )


def _collected_dates(spec: DatasetSpec) -> list[str]:
    """Variables that are a date as collected, in any block of records."""
    made = [*spec.variables.items(), *(item for block in spec.records for item in block.set.items())]
    return list(dict.fromkeys(n for n, v in made if v.derive is not None and v.derive.verb == "assign_datetime"))


def _check_cut(frame: pd.DataFrame, columns: list[str], cut: str, context: Context) -> None:
    """A collected date after the cut, on every day that it can mean."""
    for column in [c for c in columns if c in frame.columns]:
        context.report(
            frame,
            ends_before(frame[column], pd.Series(cut, index=frame.index, dtype="str")),
            column,
            "sdtm.after_cut",
            f"{column} is after the data cut of {cut}",
            remedy="Query the site, or ask for an export as of the cut; the record is kept.",
            severity=Severity.WARNING,
        )


def _check_terms(specs: Specs, name: str, frame: pd.DataFrame, context: Context) -> None:
    """Values outside the codelist of their variable: the study's, else the CDISC one if that may not be extended."""
    about = resolve_dataset(specs.sdtm[name], adam=False)
    for variable in about.variables:
        column = variable.name
        if column not in frame.columns or not pd.api.types.is_string_dtype(frame[column]):
            continue
        study = specs.codelists.get(variable.codelist) if variable.codelist else None
        standard = codelist(variable.standard_codelist) if variable.standard_codelist else None
        known = set(submission_values(study).values()) if study else set()
        if standard is not None:
            known |= {t.value for t in standard.terms}
        if not known or (study is None and standard is not None and standard.extensible):
            continue
        made = [variable.spec, *(b.set[column] for b in specs.sdtm[name].records if column in b.set)]
        verbs = [m.derive.verb for m in made if m.derive is not None]
        if study is not None and verbs and all(v.startswith("assign") for v in verbs):
            continue  # the mapping verb has reported it, with the raw place
        outside = frame[column].notna() & ~frame[column].isin(known)
        context.report(
            frame,
            outside,
            column,
            "sdtm.term",
            f"not in the codelist {variable.codelist or (standard.value if standard else '')} of {name}.{column}",
            remedy="Map the value in specs/codelists.yml.",
            severity=Severity.ERROR,
        )
