# ruff: noqa: E501
"""A small study worked out by hand: two subjects treated, one screened; nothing in it breaks a rule."""

import pandas as pd
import pytest

from datacut.conformance.package import Package
from datacut.datasets.lineage import COLUMNS
from datacut.datasets.model import Dataset, Variable
from datacut.spec.study import CodelistSpec
from datacut.standards import adam_variable, codelist, sdtm_dataset, sdtm_variable, sdtm_variables

CUT = "2026-03-02"
CLASSES = {
    "ADSL": "SUBJECT LEVEL ANALYSIS DATASET",
    "ADAE": "ADVERSE EVENT",
    "ADLB": "BASIC DATA STRUCTURE",
    "ADTTE": "TIME-TO-EVENT",
}

DM = """
USUBJID BRTHDTC    SUBJID SITEID RFSTDTC    RFENDTC    RFXSTDTC   RFXENDTC   RFICDTC    RFPENDTC   DTHDTC     DTHFL AGE AGEU  SEX RACE  ARMCD ARM   ACTARMCD ACTARM ARMNRS         ACTARMUD COUNTRY
001     1985-05-05 001    101    2026-01-10 2026-01-12 2026-01-10 2026-01-10 2026-01-02 2026-02-20 .          .     40  YEARS F   ASIAN A     Arm_A A        Arm_A  .              .        CHN
002     1974-06    002    101    2026-01-20 2026-01-20 2026-01-20 2026-01-20 2026-01-05 2026-02-10 2026-02-10 Y     51  YEARS M   ASIAN A     Arm_A A        Arm_A  .              .        CHN
003     1992       003    101    .          .          .          .          2026-01-06 2026-01-08 .          .     33  YEARS F   ASIAN .     .     .        .      SCREEN_FAILURE .        CHN
"""
EX = """
USUBJID EXSEQ EXTRT EXDOSE EXDOSU EXDOSFRM  EPOCH     EXSTDTC    EXENDTC    EXSTDY EXENDY
001     1     DRUG  10     mg     INJECTION TREATMENT 2026-01-10 2026-01-10 1      1
002     1     DRUG  10     mg     INJECTION TREATMENT 2026-01-20 2026-01-20 1      1
"""
AE = """
USUBJID AESEQ AETERM AEDECOD AEBODSYS AESER AEACN            AEOUT              AETOXGR AESDTH AESHOSP AESTDTC    AEENDTC    AESTDY AEENDY AEENRTPT AEENTPT
001     1     Fever  Fever   General  N     DOSE_NOT_CHANGED RECOVERED/RESOLVED 1       N      N       2026-01-10 2026-01-12 1      3      .        .
001     2     Rash   Rash    Skin     N     DOSE_NOT_CHANGED UNKNOWN            1       N      N       2026-01    .          .      .      ONGOING  2026-03-02
002     1     Sepsis Sepsis  Infect   Y     NOT_APPLICABLE   FATAL              5       Y      N       2026-02-08 2026-02-10 20     22     .        .
"""
LB = """
USUBJID LBSEQ LBTESTCD LBTEST                   LBCAT     LBORRES LBORRESU LBSTRESC LBSTRESN LBSTRESU LBSTAT   LBREASND LBSPEC LBLOBXFL VISITNUM VISIT LBDTC            LBDY
001     1     ALT      Alanine_Aminotransferase CHEMISTRY 20      U/L      20       20       U/L      .        .        SERUM  .        1        SCR   2026-01-03T08:00 -7
001     2     ALT      Alanine_Aminotransferase CHEMISTRY 25      U/L      25       25       U/L      .        .        SERUM  Y        2        BASE  2026-01-09T08:00 -1
001     3     ALT      Alanine_Aminotransferase CHEMISTRY 50      U/L      50       50       U/L      .        .        SERUM  .        3        D7    2026-01-16T08:00 7
002     1     ALT      Alanine_Aminotransferase CHEMISTRY 30      U/L      30       30       U/L      .        .        SERUM  Y        2        BASE  2026-01-19       -1
002     2     ALT      Alanine_Aminotransferase CHEMISTRY .       .        .        .        .        NOT_DONE Lost     SERUM  .        3        D7    2026-01-26       7
"""
DS = """
USUBJID DSSEQ DSTERM             DSDECOD            DSCAT              DSSCAT              EPOCH     DSSTDTC    DSSTDY
001     1     ENTERED_INTO_TRIAL ENTERED_INTO_TRIAL PROTOCOL_MILESTONE .                   SCREENING 2026-01-08 -2
001     2     COMPLETED          COMPLETED          DISPOSITION_EVENT  STUDY_PARTICIPATION TREATMENT 2026-02-20 42
002     1     DEATH              DEATH              DISPOSITION_EVENT  STUDY_PARTICIPATION TREATMENT 2026-02-10 22
"""
DD = """
USUBJID DDSEQ DDTESTCD DDTEST                 DDORRES DDSTRESC DDDTC      DDDY
002     1     PRCDTH   Primary_Cause_of_Death Sepsis  SEPSIS   2026-02-10 22
"""
SV = """
USUBJID VISITNUM VISIT SVPRESP SVOCCUR SVSTDTC    SVENDTC    SVSTDY SVENDY
001     1        SCR   Y       Y       2026-01-03 2026-01-03 -7     -7
001     2        BASE  Y       Y       2026-01-09 2026-01-09 -1     -1
001     3        D7    Y       Y       2026-01-16 2026-01-16 7      7
002     2        BASE  Y       Y       2026-01-19 2026-01-19 -1     -1
002     3        D7    Y       N       .          .          .      .
"""
TA = """
ARMCD ARM   TAETORD ETCD  ELEMENT TABRANCH TATRANS EPOCH
A     Arm_A 1       SCR   Screen  .        .       SCREENING
A     Arm_A 2       TRT   Treat   .        .       TREATMENT
"""
TE = """
ETCD  ELEMENT TESTRL
SCR   Screen  Consent
TRT   Treat   First_dose
"""
TI = """
IETESTCD IETEST IECAT
INCL01   Adult  INCLUSION
"""
SUPPAE = """
RDOMAIN USUBJID IDVAR IDVARVAL QNAM     QLABEL      QVAL QORIG QEVAL
AE      001     AESEQ 1        AEDLTQ   DLT_or_Not  N    CRF   .
AE      002     AESEQ 1        AEDLTQ   DLT_or_Not  Y    CRF   .
"""
RELREC = """
RDOMAIN USUBJID IDVAR IDVARVAL RELTYPE RELID
AE      001     AESEQ 1        .       R1
LB      001     LBSEQ 3        .       R1
"""
SUMMARY = {
    "ACTSUB": "2", "ADAPT": "N", "ADDON": "N", "AGEMAX": "P65Y", "AGEMIN": "P18Y", "DCUTDESC": "Interim", "DCUTDTC": CUT,
    "FCNTRY": "CHN", "HLTSUBJI": "N", "INTMODEL": "SINGLE GROUP", "INTTYPE": "DRUG", "LENGTH": "P6M", "NARMS": "1",
    "OBJPRIM": "Safety", "OUTMSPRI": "Adverse events", "PCLAS": "Class", "PLANSUB": "6", "RANDOM": "N", "REGID": "NCT0",
    "SENDTC": None, "SEXPOP": "BOTH", "SPONSOR": "Sponsor", "SSTDTC": "2026-01-02", "STOPRULE": "NONE",
    "STYPE": "INTERVENTIONAL", "TBLIND": "OPEN LABEL", "TCNTRL": "NONE", "TDIGRP": "Disease", "TITLE": "Study",
    "TPHASE": "PHASE I TRIAL", "TRT": "DRUG", "TTYPE": "SAFETY",
}  # fmt: skip

ADSL = """
USUBJID EOSSTT       DTHFL SUBJID SITEID AGE AGEU  SEX RACE  ARM   TRT01P TRT01PN TRT01A SAFFL TRTSDT     TRTSDTM             TRTEDT
001     COMPLETED    .     001    101    40  YEARS F   ASIAN Arm_A Drug   1       Drug   Y     2026-01-10 2026-01-10T09:00:00 2026-01-10
002     DISCONTINUED Y     002    101    51  YEARS M   ASIAN Arm_A Drug   1       Drug   Y     2026-01-20 2026-01-20T09:00:00 2026-01-20
003     .            .     003    101    33  YEARS F   ASIAN .     .      .       .      N     .          .                   .
"""
ADAE = """
USUBJID TRTA AESEQ AETERM AEDECOD AEBODSYS AEACN            AESTDTC    ASTDT      ASTDTF ASTDY AEENDTC    AENDT      AENDY TRTEMFL
001     Drug 1     Fever  Fever   General  DOSE_NOT_CHANGED 2026-01-10 2026-01-10 .      1     2026-01-12 2026-01-12 3     Y
001     Drug 2     Rash   Rash    Skin     DOSE_NOT_CHANGED 2026-01    2026-01-10 D      1     .          .          .     Y
002     Drug 1     Sepsis Sepsis  Infect   NOT_APPLICABLE   2026-02-08 2026-02-08 .      20    2026-02-10 2026-02-10 22    Y
"""
ADLB = """
USUBJID TRTP PARAMCD PARAM     PARAMN AVAL BASE CHG PCHG ABLFL DTYPE   ADT        ADY AVISIT AVISITN ANL01FL BNRIND ANRIND SHIFT1         CRIT1 CRIT1FL LBSEQ SRCDOM SRCVAR   SRCSEQ
001     Drug ALT     ALT_(U/L) 1      20   25   -5  -20  .     .       2026-01-03 -7  SCR    1       Y       .      NORMAL .              >40   N       1     LB     LBSTRESN 1
001     Drug ALT     ALT_(U/L) 1      25   25   0   0    Y     .       2026-01-09 -1  BASE   2       Y       NORMAL NORMAL .              >40   N       2     LB     LBSTRESN 2
001     Drug ALT     ALT_(U/L) 1      50   25   25  100  .     .       2026-01-16 7   D7     3       Y       NORMAL HIGH   NORMAL_to_HIGH >40   Y       3     LB     LBSTRESN 3
002     Drug ALT     ALT_(U/L) 1      30   30   0   0    Y     .       2026-01-19 -1  BASE   2       Y       NORMAL NORMAL .              >40   N       1     LB     LBSTRESN 1
002     Drug ALT     ALT_(U/L) 1      30   30   0   0    .     LOCF    .          .   D7     3       Y       NORMAL NORMAL .              >40   N       .     .      .        .
"""
ADTTE = """
USUBJID TRTP PARAMCD PARAM         PARAMN AVAL STARTDT    ADT        CNSR EVNTDESC CNSDTDSC     SRCDOM SRCSEQ
001     Drug TTFEVER Time_to_Fever 1      1    2026-01-10 2026-01-10 0    Fever    .            AE     1
002     Drug TTFEVER Time_to_Fever 1      22   2026-01-20 2026-02-10 1    Censored Last_contact .      .
"""
SRCVAR = {"ADTTE": ["AESTDTC", None]}

ACTION = CodelistSpec(name="Action", code="C66767", terms=())
CODES = {t.value: t.code for t in codelist("C66738").terms}
NAMES = {t.code: t.value for t in codelist("C67152").terms}

KEYS = {
    "DM": ("USUBJID",), "EX": ("USUBJID", "EXSEQ"), "AE": ("USUBJID", "AESEQ"), "LB": ("USUBJID", "LBSEQ"),
    "DS": ("USUBJID", "DSSEQ"), "DD": ("USUBJID", "DDSEQ"), "SV": ("USUBJID", "VISITNUM"),
    "TA": ("ARMCD", "TAETORD"), "TE": ("ETCD",), "TI": ("IETESTCD",), "TS": ("TSPARMCD", "TSSEQ"),
    "SUPPAE": ("USUBJID", "IDVARVAL", "QNAM"), "RELREC": ("RELID", "RDOMAIN"), "ADSL": ("USUBJID",),
    "ADAE": ("USUBJID", "AESEQ"), "ADLB": ("USUBJID", "PARAMCD", "AVISITN"), "ADTTE": ("USUBJID", "PARAMCD"),
}  # fmt: skip


def table(text):
    """Rows of a table in text; `.` is missing and `_` a blank."""
    head, *lines = [line.split() for line in text.strip().splitlines()]
    rows = [[None if w == "." else w.replace("_", " ") for w in line] for line in lines]
    return {name: [row[i] for row in rows] for i, name in enumerate(head)}


def dataset(name, columns, label, of, kind):
    """A dataset with the attributes that `of` (a standard variable by name) and `kind` give."""
    variables, frame = [], {}
    for column, values in columns.items():
        standard = of(column)
        type_ = kind(column, standard)
        if type_ == "text":
            series = pd.Series(values, dtype="str")
        elif type_ in ("date", "datetime"):
            series = pd.to_datetime(pd.Series(values)).astype("datetime64[s]")
        else:
            series = pd.Series(pd.array([None if v is None else float(v) for v in values], dtype="Float64"))
        text = standard.label if standard is not None and not standard.label_is_open else column
        variables.append(Variable(column, text, type_, 1 if type_ == "text" else None))
        frame[column] = series
    return Dataset(name, label, tuple(variables), pd.DataFrame(frame), KEYS[name])


def _sdtm(name, columns):
    standards = sdtm_variables("SUPPQUAL" if name.startswith("SUPP") else name)
    count = len(next(iter(columns.values())))
    whole = {"STUDYID": ["S1"] * count, "DOMAIN": [name] * count, **columns}
    if "RDOMAIN" in columns:
        del whole["DOMAIN"]
    wanted = [v.name for v in standards if v.name in whole or v.core in ("Req", "Exp")]
    wanted += [c for c in whole if c not in wanted]
    wanted.sort(key=lambda c: sdtm_variable(name, c).order)
    full = {c: whole.get(c, [None] * count) for c in wanted}
    return dataset(
        name,
        full,
        sdtm_dataset(name).label,
        lambda c: sdtm_variable(name, c),
        lambda c, s: "text" if s.type == "Char" else "float",
    )


def _adam(name, text):
    columns = {"STUDYID": None, **table(text)}
    columns["STUDYID"] = ["S1"] * len(columns["USUBJID"])
    columns |= {"SRCVAR": SRCVAR[name]} if name in SRCVAR else {}

    def kind(column, standard):
        if column.endswith("DTM"):
            return "datetime"
        if column.endswith("DT"):
            return "date"
        text = standard.type.startswith("Char") if standard is not None else not column.endswith("SEQ")
        return "text" if text else "float"

    def of(column):
        standard = sdtm_variable(column[:2], column) or adam_variable(CLASSES[name], column)
        return standard if standard is not None else adam_variable("ADSL", column)

    return dataset(name, columns, name, of, kind)


def _sized(datasets):
    """Text variables with the length of their longest value over all datasets; SUPP-- on its own."""
    longest = {}
    for d in datasets.values():
        for v in d.variables:
            if v.type == "text":
                key = (d.name if d.name.startswith("SUPP") else "", v.name)
                longest[key] = max([longest.get(key, 1), *(len(x.encode()) for x in d.frame[v.name].dropna())])
    out = {}
    for d in datasets.values():
        apart = d.name if d.name.startswith("SUPP") else ""
        variables = tuple(
            Variable(v.name, v.label, v.type, longest[apart, v.name] if v.type == "text" else None) for v in d.variables
        )
        out[d.name] = Dataset(d.name, d.label, variables, d.frame, d.keys, d.lineage)
    return out


@pytest.fixture(scope="session")
def sized():
    """`sized(datasets)`: the same with lengths that follow their values."""
    return _sized


@pytest.fixture(scope="session")
def clean():
    """The whole study."""
    ts = {
        "TSSEQ": ["1"] * len(SUMMARY),
        "TSPARMCD": list(SUMMARY),
        "TSPARM": [NAMES[CODES[c]] for c in SUMMARY],
        "TSVAL": list(SUMMARY.values()),
        "TSVALNF": [None if v else "NAV" for v in SUMMARY.values()],
    }
    sdtm = {
        "DM": table(DM),
        "EX": table(EX),
        "AE": table(AE),
        "LB": table(LB),
        "DS": table(DS),
        "DD": table(DD),
        "SV": table(SV),
        "TA": table(TA),
        "TE": table(TE),
        "TI": table(TI),
    }
    sdtm |= {"TS": ts, "SUPPAE": table(SUPPAE), "RELREC": table(RELREC)}
    built = _sized({name: _sdtm(name, columns) for name, columns in sdtm.items()})
    adam = {
        name: _adam(name, text) for name, text in (("ADSL", ADSL), ("ADAE", ADAE), ("ADLB", ADLB), ("ADTTE", ADTTE))
    }
    edges = pd.DataFrame({"record": [1, 2, 3, 4, 5], "source": ["LB"] * 4 + ["ADLB"], "source_record": [1, 2, 3, 4, 4]})
    adlb = adam["ADLB"]
    adam["ADLB"] = Dataset("ADLB", "ADLB", adlb.variables, adlb.frame, adlb.keys, edges.astype(COLUMNS))
    return Package(built, _sized(adam), CUT, CLASSES, {("ADAE", "AEACN"): ACTION}, visit_reach_days=7)
