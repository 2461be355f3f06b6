"""Finished SDTM that a study starts from, as datasets whose records know their place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from datacut.compute.rounding import significant
from datacut.datasets.conform import conform
from datacut.datasets.lineage import RID, edges_from
from datacut.datasets.model import Dataset, Variable, record_key
from datacut.errors import Findings, in_data, in_file
from datacut.spec.load import Specs
from datacut.standards import sdtm_dataset, sdtm_variables

SUPP_KEYS = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")


def read_sdtm(folder: Path, specs: Specs, findings: Findings, shown_as: str) -> dict[str, Dataset]:
    """Every dataset that `sdtm:` of study.yml names, from `<dataset>.xpt`, SUPP-- included.

    The lineage of a record is its number in `sdtm.<dataset>`, the file. A file or variable that is not there, a
    repeated key, a subject who is not in DM and a qualifier of no record are error findings, and what can be read is
    read; what the file has beyond the spec is a note.
    """
    datasets = {
        name: _Received(name, specs, findings, f"{shown_as}/{file}").read(folder / file)
        for name, file in specs.study.sdtm.files().items()
    }
    _check_subjects(datasets, findings)
    for name in specs.study.sdtm.datasets:
        if f"SUPP{name}" in datasets:
            _check_parents(datasets[name], datasets[f"SUPP{name}"], findings)
    return datasets


def _check_subjects(datasets: Mapping[str, Dataset], findings: Findings) -> None:
    """A subject who is not in DM, once a dataset; nothing is told where DM is not received or has no subject."""
    known = datasets["DM"].frame["USUBJID"].dropna() if "DM" in datasets else pd.Series(dtype="str")
    for name, dataset in datasets.items():
        if known.empty or "USUBJID" not in dataset.frame.columns:
            continue
        unknown = dataset.frame.loc[~dataset.frame["USUBJID"].isin(known), "USUBJID"].dropna()
        for subject, count in unknown.value_counts(sort=False).sort_index().items():
            what = f"a subject who is not in DM: {count} records"
            remedy = "Correct the subject number at its source; the records are kept and belong to nobody."
            findings.error(
                "sdtm.subject", in_data(name, "USUBJID", str(subject)), what, value=str(subject), remedy=remedy
            )


def _check_parents(parent: Dataset, qualifiers: Dataset, findings: Findings) -> None:
    """Qualifiers that lead to no record by --SEQ or by subject, the two ways in which they are copied."""
    sequence, frame = f"{parent.name}SEQ", qualifiers.frame
    if parent.frame.empty or "USUBJID" not in parent.frame.columns:
        return
    subjects = parent.frame["USUBJID"].astype("str")
    records = {(subject, "") for subject in subjects}
    if sequence in parent.frame.columns:
        records |= set(zip(subjects, parent.frame[sequence].astype("str").fillna(""), strict=True))
    for number, (subject, idvar, value, qnam) in enumerate(
        frame[["USUBJID", "IDVAR", "IDVARVAL", "QNAM"]].fillna("").itertuples(index=False, name=None)
    ):
        if idvar in ("", sequence) and (subject, value) in records:
            continue
        where = in_data(qualifiers.name, "IDVARVAL", record_key(frame, SUPP_KEYS, number))
        remedy = "Correct IDVAR and IDVARVAL at their source; the qualifier is kept and belongs to no record."
        findings.error(
            "sdtm.supp.parent", where, f"{qnam} leads to no record of {parent.name}", value=value, remedy=remedy
        )


class _Received:
    """One dataset and where its findings stand."""

    def __init__(self, name: str, specs: Specs, findings: Findings, place: str) -> None:
        self._name, self._findings, self._place = name, findings, place
        self._encoding = specs.study.sdtm.encoding
        given = specs.study.sdtm.datasets
        self._spec = given.get(name)
        self._qualifiers = given[name.removeprefix("SUPP")].supplemental if self._spec is None else ()
        self._wanted = self._spec.variables if self._spec else tuple(v.name for v in sdtm_variables("SUPPQUAL"))

    def read(self, path: Path) -> Dataset:
        frame, labels, label = self._file(path)
        if labels:
            self._compare(frame)
        kept = {n: _plain(frame[n]) if n in frame.columns else _nothing(frame.index) for n in self._wanted}
        variables = [Variable(n, labels.get(n) or n, _kind(values)) for n, values in kept.items()]
        shaped = pd.DataFrame(kept, index=frame.index)
        shaped[RID] = pd.Series(range(1, len(shaped) + 1), index=shaped.index, dtype="Int64")
        itself = edges_from(shaped[RID], f"sdtm.{self._name.lower()}", shaped[RID])
        keys = self._spec.keys if self._spec else SUPP_KEYS
        dataset, faults = conform(shaped, self._name, label, variables, keys, itself)
        self._findings.extend(faults)
        return dataset

    def _file(self, path: Path) -> tuple[pd.DataFrame, dict[str, str], str]:
        """Frame, labels by variable and label of the file; no labels if it cannot be read."""
        standard = sdtm_dataset(self._name)
        label = standard.label if standard else self._name
        if not path.is_file():
            remedy = "Put it into the folder; everything made from it is empty."
            self._findings.error(
                "sdtm.file.missing", in_file(self._place), "a dataset is missing", value=path.name, remedy=remedy
            )
            return pd.DataFrame(), {}, label
        try:
            frame, meta = pyreadstat.read_xport(str(path), encoding=self._encoding, disable_datetime_conversion=True)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as fault:
            what = f"the file cannot be read as XPT in {self._encoding}: {fault}"
            remedy = "Correct `encoding` of `sdtm` in specs/study.yml, or ask for the file again."
            self._findings.error("sdtm.file.unreadable", in_file(self._place), what, remedy=remedy)
            return pd.DataFrame(), {}, label
        labels = {n: text or "" for n, text in meta.column_names_to_labels.items()}
        return frame, labels, meta.file_label or label

    def _compare(self, frame: pd.DataFrame) -> None:
        """Variables and qualifiers of the file against those of the spec."""
        for name in self._wanted:
            if name not in frame.columns:
                remedy = "Take it out of `sdtm` in specs/study.yml, or ask for the file again."
                place = in_file(self._place, column=name)
                self._findings.error(
                    "sdtm.variable.missing", place, "the file has no such variable", value=name, remedy=remedy
                )
        beyond = [str(c) for c in frame.columns if c not in self._wanted]
        self._unread(beyond, "variables of the file that are not read")
        if self._spec is None and "QNAM" in frame.columns:
            found = sorted(set(frame["QNAM"].dropna().astype(str)) - {""} - set(self._qualifiers))
            self._unread(found, "qualifiers of the file that are not read")

    def _unread(self, names: list[str], what: str) -> None:
        if names:
            remedy = "Name them in `sdtm` in specs/study.yml if they are needed."
            self._findings.note("sdtm.unread", in_file(self._place), what, value=", ".join(names), remedy=remedy)


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Text with blank as missing; numbers to 15 significant digits, as integers where all are whole."""
    if not pd.api.types.is_numeric_dtype(values):
        text = values.astype("str")
        return text.mask(text.str.strip(" ").eq(""))
    numbers = significant(values.astype("Float64"))
    return numbers.astype("Int64") if bool(numbers.dropna().mod(1).eq(0).all()) else numbers


def _nothing(index: pd.Index[Any]) -> pd.Series[Any]:
    return pd.Series(pd.NA, index=index, dtype="str")


def _kind(values: pd.Series[Any]) -> str:
    if not pd.api.types.is_numeric_dtype(values):
        return "text"
    return "integer" if pd.api.types.is_integer_dtype(values) else "float"
