"""Rules over finished datasets: a subject who is in no DM record is told once, where SDTM has not told it."""

import pandas as pd

from datacut.conformance.datasets import check_datasets
from datacut.conformance.package import Package
from datacut.datasets.model import Dataset, Variable


def dataset(name, subjects):
    frame = pd.DataFrame({"USUBJID": pd.Series(subjects, dtype="str")})
    return Dataset(name, name, (Variable("USUBJID", "Subject", "text", 5),), frame, ("USUBJID",))


def told(adlb, lb):
    sdtm = {"DM": dataset("DM", ["S-001"]), "LB": dataset("LB", lb)}
    adam = {"ADSL": dataset("ADSL", ["S-001"]), "ADLB": dataset("ADLB", adlb)}
    found = check_datasets(Package(sdtm, adam, "2026-03-02"))
    about = ("adam.adsl", "adam.subject", "adam.orphan")
    return [(str(f.severity), f.rule, str(f.where), f.value) for f in found if f.rule in about]


def test_subjects_of_dm_are_known():
    assert told(["S-001", "S-001"], ["S-001"]) == []


def test_records_of_a_subject_whom_sdtm_has_told_of_are_counted_in_one_note():
    assert told(["S-001", "S-999", "S-999"], ["S-001", "S-999"]) == [("note", "adam.orphan", "ADLB.USUBJID", "S-999")]


def test_a_subject_who_came_from_nowhere_is_an_error():
    assert told(["S-001", "S-777"], ["S-001"]) == [("error", "adam.subject", "ADLB.USUBJID:S-777", "S-777")]
