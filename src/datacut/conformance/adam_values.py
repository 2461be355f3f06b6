"""ADaM values: baseline and change, numbers and their texts, criteria, shifts, time to event, treatments."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from datacut.conformance.package import Package, check, of_subject, records
from datacut.datasets.model import Dataset, value_text
from datacut.errors import Finding, Rule, in_data
from datacut.standards import adam_variable

GROUP = ("USUBJID", "PARAMCD", "BASETYPE")
_CRITERION = re.compile(r"M?CRIT\d+")
_SHIFT = re.compile(r"SHIFT\d+")


def _by(frame: pd.DataFrame) -> list[str]:
    return [c for c in GROUP if c in frame.columns]


def _near(found: pd.Series, expected: pd.Series) -> pd.Series:
    """Whether numbers differ by more than the noise of a double."""
    return ((found - expected).abs() > 1e-9 * expected.abs().clip(lower=1)).fillna(False)


def _with(package: Package, *columns: str) -> Iterator[Dataset]:
    for dataset in package.adam.values():
        if set(columns) <= set(dataset.frame.columns):
            yield dataset


@check
def change(package: Package, rule: Rule) -> Iterator[Finding]:
    """CHG is AVAL less BASE."""
    for dataset in _with(package, "AVAL", "BASE", "CHG"):
        frame = dataset.frame
        yield from records(rule, dataset, _near(frame["CHG"], frame["AVAL"] - frame["BASE"]), "CHG")


@check
def percent_change(package: Package, rule: Rule) -> Iterator[Finding]:
    """PCHG is the change in percent of BASE, and missing where BASE is 0."""
    for dataset in _with(package, "AVAL", "BASE", "PCHG"):
        frame = dataset.frame
        base = frame["BASE"].mask((frame["BASE"] == 0).fillna(False))
        wrong = _near(frame["PCHG"], 100 * (frame["AVAL"] - base) / base)
        yield from records(rule, dataset, wrong | (frame["PCHG"].notna() & base.isna()), "PCHG")


@check
def change_without_base(package: Package, rule: Rule) -> Iterator[Finding]:
    """CHG has a value only where AVAL and BASE have."""
    for dataset in _with(package, "AVAL", "BASE", "CHG"):
        frame = dataset.frame
        yield from records(rule, dataset, frame["CHG"].notna() & (frame["AVAL"] - frame["BASE"]).isna(), "CHG")


@check
def base_is_baseline(package: Package, rule: Rule) -> Iterator[Finding]:
    """BASE is the value of the record with ABLFL."""
    for dataset in _with(package, "AVAL", "BASE", "ABLFL"):
        frame = dataset.frame
        flagged = (frame["ABLFL"] == "Y").fillna(False).astype(bool)
        yield from records(rule, dataset, flagged & _near(frame["BASE"], frame["AVAL"]), "BASE")


@check
def base_without_baseline(package: Package, rule: Rule) -> Iterator[Finding]:
    """BASE has a value only where the subject has a record with ABLFL of the parameter."""
    for dataset in _with(package, "BASE", "ABLFL"):
        frame = dataset.frame
        by = _by(frame)
        flagged = frame.loc[(frame["ABLFL"] == "Y").fillna(False).astype(bool), by]
        held = pd.MultiIndex.from_frame(frame[by]).isin(pd.MultiIndex.from_frame(flagged))
        yield from records(rule, dataset, frame["BASE"].notna() & ~held, "BASE")


@check
def numbers_of_texts(package: Package, rule: Rule) -> Iterator[Finding]:
    """A variable and the one named like it with N are one to one, within the parameter where there is one."""
    for dataset in package.adam.values():
        frame = dataset.frame
        by = ["PARAMCD"] if "PARAMCD" in frame.columns else []
        for name in [c for c in frame.columns if f"{c}N" in frame.columns and c not in rule.data["except"]]:
            pair = [str(name), f"{name}N"]
            table = frame[[*by, *pair]].dropna().drop_duplicates()
            for one, other in (pair, pair[::-1]):
                for _, same in table[table.duplicated([*by, one], keep=False)].groupby([*by, one]):
                    texts = " / ".join(value_text(v) for v in same[other])
                    yield rule.finding(in_data(dataset.name, one), value_text(same[one].iloc[0]), f"{other} is {texts}")


@check
def values_and_texts(package: Package, rule: Rule) -> Iterator[Finding]:
    """`pairs` of a number and its text, one to one within the parameter where both have a value."""
    for dataset in _with(package, "PARAMCD"):
        for pair in rule.data["pairs"]:
            if set(pair) <= set(dataset.frame.columns):
                table = dataset.frame[["PARAMCD", *pair]].dropna().drop_duplicates()
                for one, other in (pair, pair[::-1]):
                    twice = table[table.duplicated(["PARAMCD", one], keep=False)]
                    for (code, value), same in twice.groupby(["PARAMCD", one]):
                        texts = " / ".join(value_text(v) for v in same[other])
                        yield rule.finding(
                            in_data(dataset.name, one), value_text(value), f"{other} of {code} is {texts}"
                        )


@check
def flag_of_standard(package: Package, rule: Rule) -> Iterator[Finding]:
    """Flags that ADaMIG allows to be Y only are never N."""
    for dataset in package.adam.values():
        for column in [str(c) for c in dataset.frame.columns if str(c).endswith("FL")]:
            standard = adam_variable(package.classes.get(dataset.name, ""), column)
            if standard is not None and standard.values == ("Y",):
                values = dataset.frame[column]
                yield from records(rule, dataset, (values == "N").fillna(False), column)


@check
def population_flags(package: Package, rule: Rule) -> Iterator[Finding]:
    """Population flags of ADSL are Y or N and never missing."""
    dataset = package.adam.get("ADSL")
    if dataset is not None:
        for column in [c for c in rule.data["variables"] if c in dataset.frame.columns]:
            yield from records(rule, dataset, dataset.frame[column].isna(), column)


@check
def criteria(package: Package, rule: Rule) -> Iterator[Finding]:
    """CRITy is one text a parameter, and is there with its flag: CRITyFL, MCRITyML."""
    for dataset in package.adam.values():
        frame = dataset.frame
        for column in [str(c) for c in frame.columns if _CRITERION.fullmatch(str(c))]:
            flag = f"{column}ML" if column.startswith("M") else f"{column}FL"
            if flag not in frame.columns:
                yield rule.finding(in_data(dataset.name, column), column, f"{flag} is not there")
                continue
            yield from records(rule, dataset, frame[flag].notna() & frame[column].isna(), flag, f"{column} is missing")
            by = ["PARAMCD"] if "PARAMCD" in frame.columns else []
            texts = frame[[*by, column]].dropna().drop_duplicates()
            for code in texts.loc[texts.duplicated(by), "PARAMCD"].unique() if by else ():
                yield rule.finding(in_data(dataset.name, column), str(code), "more than one text")


@check
def shifts(package: Package, rule: Rule) -> Iterator[Finding]:
    """SHIFTy is the baseline value, `to`, the value of one of the `pairs` of variables."""
    for dataset in package.adam.values():
        frame = dataset.frame
        for column in [str(c) for c in frame.columns if _SHIFT.fullmatch(str(c))]:
            right = frame[column].isna()
            held = [p for p in rule.data["pairs"] if set(p) <= set(frame.columns)]
            for base, value in held:
                text = (
                    frame[base].astype("str").fillna("Missing") + " to " + frame[value].astype("str").fillna("Missing")
                )
                right |= (frame[column].str.casefold() == text.str.casefold()).fillna(False)
            if held:
                yield from records(rule, dataset, ~right, column)


@check
def censoring(package: Package, rule: Rule) -> Iterator[Finding]:
    """CNSR is 0 or a positive whole number in every record."""
    for dataset in _with(package, "CNSR"):
        values = dataset.frame["CNSR"]
        wrong = values.isna() | (values < 0) | (values != values.round())
        yield from records(rule, dataset, wrong.fillna(True), "CNSR")


@check
def censoring_described(package: Package, rule: Rule) -> Iterator[Finding]:
    """EVNTDESC says what happened, CNSDTDSC what the date of a censored record is."""
    for dataset in _with(package, "CNSR", "EVNTDESC"):
        frame = dataset.frame
        yield from records(rule, dataset, frame["CNSR"].notna() & frame["EVNTDESC"].isna(), "EVNTDESC")
        if "CNSDTDSC" in frame.columns:
            censored = (frame["CNSR"] > 0).fillna(False)
            yield from records(rule, dataset, censored & frame["CNSDTDSC"].isna(), "CNSDTDSC")


@check
def periods_of_treatment(package: Package, rule: Rule) -> Iterator[Finding]:
    """A period of `variable` has its treatment in ADSL: TRT01P of period 1."""
    variable = rule.data["variable"]
    for dataset in _with(package, variable):
        values = dataset.frame[variable]
        known = values.map(lambda v: f"TRT{int(v):02d}P" in package.analysed.columns, na_action="ignore")
        yield from records(rule, dataset, values.notna() & ~known.eq(True), variable)


@check
def treatment_of_subject(package: Package, rule: Rule) -> Iterator[Finding]:
    """TRTP and TRTA are among the planned and actual treatments of the subject in ADSL."""
    for column, pattern in rule.data["variables"].items():
        known = [c for c in package.analysed.columns if re.fullmatch(pattern, str(c))]
        for dataset in _with(package, column, "USUBJID"):
            frame = dataset.frame
            right = frame[column].isna()
            for name in known:
                right |= (frame[column] == of_subject(package.analysed, frame, str(name))).fillna(False)
            if known:
                yield from records(rule, dataset, ~right, column)
