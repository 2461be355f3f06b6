"""Medications, history, deviations and exposure of the study on a few SDTM records; infusion on 1 February 2026."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.adam.test_study_specs import build, infused

from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]


def cm(seq: int, drug: str, start: str | None, end: str | None = None, **more: object) -> dict[str, object]:
    return {
        "CMSEQ": seq,
        "CMTRT": drug,
        "CMDECOD": drug,
        "CMCAT": "SLE THERAPY",
        "CMINDC": "SLE",
        "CMSTDTC": start,
        "CMENDTC": end,
    } | more


def steroid(seq: int, drug: str, dose: float | None, frequency: str | None, route: str = "ORAL") -> dict[str, object]:
    given = {"CMCLAS": "GLUCOCORTICOID", "CMDOSE": dose, "CMDOSU": "mg", "CMDOSFRQ": frequency, "CMROUTE": route}
    return cm(seq, drug, "2026-01-10", **given)


MEDICINES = [
    cm(1, "BELIMUMAB", "2024-05", "2025-03-01", CMCLAS="BIOLOGIC"),
    # lymphodepletion begins on 27 January: the day before it is prior, its day is not
    cm(2, "MYCOPHENOLATE", "2026-01-26", "2026-01-26"),
    cm(3, "AZATHIOPRINE", "2026-01-27", "2026-01-31"),
    cm(4, "HYDROXYCHLOROQUINE", None, None, CMSTRTPT="BEFORE"),
    cm(5, "TOCILIZUMAB", "2026-02-03", "2026-02-03", CMCAT="CONCOMITANT MEDICATION", CMINDC="CRS"),
    # the treatment-emergent period ends on 31 July 2026, 180 days after the infusion
    cm(6, "ACICLOVIR", "2026-07-31", CMCAT="CONCOMITANT MEDICATION", CMINDC="INFECTION PROPHYLAXIS"),
    cm(7, "PARACETAMOL", "2026-08-01", CMCAT="CONCOMITANT MEDICATION", CMINDC="OTHER"),
    steroid(11, "PREDNISONE", 10, "QD"),
    steroid(12, "METHYLPREDNISOLONE", 8, "QOD"),
    steroid(13, "DEXAMETHASONE", 1.5, "BID"),
    steroid(14, "PREDNISONE", 10, "PRN"),
    steroid(15, "PREDNISONE", None, "QD"),
    steroid(16, "BETAMETHASONE", 1, "QD", "TOPICAL"),
]
PROCEDURES = [
    # lymphodepletion begins on 27 January: a line placed before it and in place at the infusion is both
    {"PRSEQ": 1, "PRTRT": "Central line", "PRSTDTC": "2026-01-26", "PRENDTC": "2026-02-01"},
    {"PRSEQ": 2, "PRTRT": "Biopsy", "PRSTDTC": "2024-05", "PRENDTC": "2024-05"},
    {"PRSEQ": 3, "PRTRT": "Scan", "PRSTDTC": "2026-07-31", "PRENDTC": "2026-07-31"},
    {"PRSEQ": 4, "PRTRT": "Scan", "PRSTDTC": "2026-08-01", "PRENDTC": "2026-08-01"},
]
CAUSE = [{"IDVAR": "PRSEQ", "IDVARVAL": "3", "QNAM": "PRAENO", "QVAL": "8"}]
DEVIATIONS = [
    {"DVSEQ": 1, "DVTERM": "Late sample", "DVDECOD": "VISIT WINDOW", "DVSTDTC": "2026-02-08"},
    {"DVSEQ": 2, "DVTERM": "Herbal tea", "DVDECOD": "PROHIBITED MEDICATION", "DVSTDTC": "2026-02-10"},
    {"DVSEQ": 3, "DVTERM": "Herbal tea again", "DVDECOD": "PROHIBITED MEDICATION", "DVSTDTC": "2026-03"},
]
IMPORTANT = [{"IDVAR": "DVSEQ", "IDVARVAL": str(n), "QNAM": "DVIMP", "QVAL": "Y"} for n in (2, 3)]
HISTORY = [
    {"MHSEQ": 1, "MHCAT": "GENERAL", "MHTERM": "Zoster", "MHDECOD": "Zoster", "MHBODSYS": "Infections",
     "MHSTDTC": "2020", "MHENDTC": "2020-03-05"},
    {"MHSEQ": 2, "MHCAT": "GENERAL", "MHTERM": "Zoster", "MHDECOD": "Zoster", "MHBODSYS": "Infections",
     "MHSTDTC": "2022-05", "MHENDTC": "2022-05"},
    {"MHSEQ": 3, "MHCAT": "PRIMARY DISEASE", "MHTERM": "SLE", "MHEVDTYP": "DIAGNOSIS", "MHSTDTC": "2016-01-02"},
    {"MHSEQ": 4, "MHCAT": "ORGAN INVOLVEMENT", "MHTERM": "KIDNEY", "MHPRESP": "Y", "MHOCCUR": "Y"},
]  # fmt: skip


def ld(seq: int, agent: str, dose: float, day: str) -> dict[str, object]:
    return {"EXSEQ": seq, "EXTRT": agent, "EXCAT": "LYMPHODEPLETION", "EXDOSE": dose, "EXSTDTC": f"{day}T10:00"}


COURSE = [
    ld(1, "FLUDARABINE", 30, "2026-01-27"),
    ld(2, "FLUDARABINE", 30, "2026-01-28"),
    ld(3, "FLUDARABINE", 24.5, "2026-01-29"),
    # twice on one day is one day
    ld(4, "CYCLOPHOSPHAMIDE", 200, "2026-01-27"),
    ld(5, "CYCLOPHOSPHAMIDE", 100, "2026-01-27") | {"EXSTDTC": "2026-01-27T18:00"},
    ld(6, "CYCLOPHOSPHAMIDE", 300, "2026-01-28"),
    {"EXSEQ": 7, "EXTRT": "CT1195E", "EXCAT": "CELL THERAPY", "EXDOSE": 363, "EXSTDTC": "2026-02-01T10:00",
     "EXENDTC": "2026-02-01T10:34"},
]  # fmt: skip
QUALIFIERS = [
    {"IDVAR": "EXSEQ", "IDVARVAL": "7", "QNAM": "EXVIAB", "QVAL": "91.5"},
    {"IDVAR": "EXSEQ", "IDVARVAL": "7", "QNAM": "EXINT", "QVAL": "N"},
]
COLLECTED = [
    {"ECSEQ": n, "ECTRT": "FLUDARABINE", "ECCAT": "LYMPHODEPLETION", "ECSTDTC": f"2026-01-2{6 + n}"} for n in (1, 2, 3)
]
CHANGES = [
    {"IDVAR": "ECSEQ", "IDVARVAL": str(n), "QNAM": "ECDOSCHG", "QVAL": "Y" if n == 3 else "N"} for n in (1, 2, 3)
]


@pytest.fixture(scope="module")
def built() -> dict[str, pd.DataFrame]:
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    person = infused(
        CM=MEDICINES, DV=DEVIATIONS, SUPPDV=IMPORTANT, MH=HISTORY, only_EX=COURSE, SUPPEX=QUALIFIERS, EC=COLLECTED,
        SUPPEC=CHANGES, PR=PROCEDURES, SUPPPR=CAUSE,
    )  # fmt: skip
    return build((specs, registry, bind_specs(specs, registry)), {"ONE": person})


def shown(frame: pd.DataFrame, key: str, columns: list[str]) -> dict[object, tuple[object, ...]]:
    """The columns by key, missing as `None`, dates as text."""

    def cell(value: object) -> object:
        if isinstance(value, pd.Timestamp):
            return str(value.date())
        return None if pd.isna(value) else value  # type: ignore[call-overload]

    rows = zip(frame[key], *(frame[c] for c in columns), strict=True)
    return {k: tuple(map(cell, row)) for k, *row in rows}


def test_prior_and_concomitant_medication(built) -> None:
    flags = shown(built["ADCM"], "CMSEQ", ["PREFL", "CONFL", "ONTRTFL", "FUPFL"])
    assert flags[1] == ("Y", None, None, None)
    assert flags[2] == ("Y", None, None, None)
    assert flags[3] == (None, "Y", None, None)
    assert flags[4] == ("Y", "Y", "Y", None)
    assert flags[5] == (None, "Y", "Y", None)
    assert flags[6] == (None, "Y", "Y", None)
    assert flags[7] == (None, "Y", None, "Y")


def test_procedures_about_the_infusion(built) -> None:
    shows = shown(built["ADPR"], "PRSEQ", ["ASTDT", "ASTDTF", "ASTDY", "AENDY", "PREFL", "ONTRTFL", "FUPFL", "PRAENO"])
    assert shows == {
        1: ("2026-01-26", None, -6, 1, "Y", "Y", None, None),
        2: ("2024-05-01", "D", -641, -611, "Y", None, None, None),
        3: ("2026-07-31", None, 181, 181, None, "Y", None, "8"),
        4: ("2026-08-01", None, 182, 182, None, None, "Y", None),
    }


def test_therapy_of_lupus_and_of_toxicity(built) -> None:
    flags = shown(built["ADCM"], "CMSEQ", ["SLETRTFL", "BIOFL", "CRSTRTFL", "ICNTRTFL"])
    assert flags[1] == ("Y", "Y", None, None)
    assert flags[2] == ("Y", None, None, None)
    assert flags[5] == (None, None, "Y", None)
    assert shown(built["ADCM"], "CMSEQ", ["ASTDT", "ASTDTF", "AENDT", "AENDTF"])[1] == (
        "2024-05-01", "D", "2025-03-01", None,
    )  # fmt: skip


def test_prednisone_equivalent_a_day_or_why_there_is_none(built) -> None:
    doses = shown(built["ADCM"], "CMSEQ", ["PREDEQ", "PREDEQRS"])
    assert doses[11] == (10, None)
    assert doses[12] == (5, None), "8 mg are 10 mg of prednisone, every other day"
    assert doses[13] == (20, None), "1.5 mg are 10 mg of prednisone, twice a day"
    assert doses[14] == (None, "Frequency without administrations a day")
    assert doses[15] == (None, "Dose missing")
    assert doses[16] == (None, "Not a systemic glucocorticoid")
    assert doses[5] == (None, None)


def test_important_deviations_and_the_first_of_a_kind(built) -> None:
    flags = shown(built["ADDV"], "DVSEQ", ["IMPDVFL", "AOCCFL", "AOCCPFL", "ASTDY"])
    assert flags == {1: (None, None, None, 8), 2: ("Y", "Y", "Y", 10), 3: ("Y", None, None, None)}


def test_history_with_dates_imputed_together(built) -> None:
    rows = shown(built["ADMH"], "MHSEQ", ["ASTDT", "ASTDTF", "AENDT", "AENDTF", "AOCCPFL", "PREFL"])
    assert rows[1] == ("2020-01-01", "M", "2020-03-05", None, "Y", "Y")
    assert rows[2] == ("2022-05-01", "D", "2022-05-31", "D", None, "Y")
    assert rows[3] == ("2016-01-02", None, None, None, None, "Y")
    assert rows[4] == (None, None, None, None, None, "Y")


def test_lymphodepletion(built) -> None:
    adex = built["ADEX"]
    totals = shown(adex.loc[adex["SRCSEQ"].isna()], "PARAMCD", ["AVAL", "AVALC", "CRIT1FL"])
    assert totals["FLUDAYS"] == (3, None, "Y")
    assert totals["FLUCUM"] == (84.5, None, None)
    assert totals["CYCDAYS"] == (2, None, "N")
    assert totals["CYCCUM"] == (600, None, None)
    assert totals["LDMOD"] == (1, "Y", None)


def test_infusion(built) -> None:
    infusion = shown(built["ADEX"], "PARAMCD", ["AVAL", "AVALC", "AVALU", "SRCSEQ"])
    assert infusion["CELLS"] == (3.63, None, "10^8 cells", 7)
    assert infusion["CELLTOT"] == (3.63, None, "10^8 cells", None)
    assert infusion["NINF"][0] == 1
    assert infusion["CELLPLAN"][0] == 3
    assert infusion["DEVPCT"][0] == pytest.approx(21)
    assert infusion["VIAB"] == (91.5, None, "%", 7)
    assert infusion["INFDUR"] == (34, None, "min", 7)
    assert infusion["INFINT"] == (0, "N", None, 7)
    crit = shown(built["ADEX"], "PARAMCD", ["CRIT1FL"])
    assert crit["DEVPCT"] == ("N",), "21 percent is more than 20"
