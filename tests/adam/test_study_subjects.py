"""ADSL of the study: sets and why somebody is not in one, covariates, and records that contradict the plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.adam.test_study_occurrences import cm, shown
from tests.adam.test_study_specs import DAY0, build, infused, left

from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]


def ld(seq: int, agent: str, day: str, dose: float = 30) -> dict[str, object]:
    return {"EXSEQ": seq, "EXTRT": agent, "EXCAT": "LYMPHODEPLETION", "EXDOSE": dose, "EXSTDTC": day}


def cells(seq: int, day: str, dose: float = 300) -> dict[str, object]:
    return {"EXSEQ": seq, "EXTRT": "CT1195E", "EXCAT": "CELL THERAPY", "EXDOSE": dose, "EXSTDTC": day, "EXENDTC": day}


DAYS = ("2026-01-27", "2026-01-28", "2026-01-29")
FULL = [
    ld(n, agent, day)
    for n, (agent, day) in enumerate([(a, d) for a in ("FLUDARABINE", "CYCLOPHOSPHAMIDE") for d in DAYS])
]


def pga(seq: int, date: str) -> dict[str, object]:
    return {"RSSEQ": seq, "RSCAT": "PGA", "RSTESTCD": "PGA", "RSSTRESC": "2", "RSSTRESN": 2, "RSDTC": date}


def lab(seq: int, test: str, date: str, value: float, range_: str | None = None) -> dict[str, object]:
    return {"LBSEQ": seq, "LBTESTCD": test, "LBSTRESC": str(value), "LBSTRESN": value, "LBNRIND": range_, "LBDTC": date}


def organ(seq: int, name: str, occurred: str | None, asked: str | None = "Y") -> dict[str, object]:
    return {"MHSEQ": seq, "MHCAT": "ORGAN INVOLVEMENT", "MHTERM": name, "MHPRESP": asked, "MHOCCUR": occurred}


DIAGNOSED = {"MHSEQ": 1, "MHCAT": "PRIMARY DISEASE", "MHEVDTYP": "DIAGNOSIS", "MHTERM": "SLE", "MHSTDTC": "2016-01"}
TREATED = infused(
    only_EX=[*FULL, cells(9, DAY0)],
    MH=[DIAGNOSED, organ(2, "KIDNEY", "Y"), organ(3, "BLOOD", "N"), organ(4, "Bowel", None, None)],
    CM=[
        cm(1, "BELIMUMAB", "2024-05", "2025-03-01", CMCLAS="BIOLOGIC"),
        cm(2, "BELIMUMAB", "2023-05", "2023-08-01", CMCLAS="BIOLOGIC"),
        cm(3, "AZATHIOPRINE", "2022-01-01", "2023-01-01", CMCLAS="IMMUNOSUPPRESSANT"),
        cm(4, "PREDNISONE", "2026-02-10", CMCLAS="GLUCOCORTICOID"),
        cm(5, "PREDNISONE", "2026-01-26", "2026-01-26", CMCLAS="GLUCOCORTICOID"),
    ],
    RS=[pga(1, "2026-01-26"), pga(2, "2026-02-02")],
    LB=[
        lab(1, "C3", "2026-01-10", 0.9, "NORMAL"),
        lab(2, "C3", "2026-01-26", 0.5, "LOW"), lab(3, "C3", "2026-01-27", 1),
        lab(4, "ADSDNA", "2026-01-26", 60, "HIGH"), lab(5, "IGG", "2026-01-26", 9), lab(6, "IGG", "2026-03-01", 5),
    ],
)  # fmt: skip
PEOPLE = {
    "TREATED": TREATED,
    # the baseline is the last value before lymphodepletion: its first day is too late; day of infusion is no follow-up
    "NO-BASELINE": infused(only_EX=[*FULL, cells(9, DAY0)], RS=[pga(1, "2026-01-27"), pga(2, "2026-02-02")]),
    "NO-FOLLOW-UP": infused(only_EX=[*FULL, cells(9, DAY0)], RS=[pga(1, "2026-01-26"), pga(2, DAY0)], only_PC=[]),
    "LYMPHODEPLETED": infused(only_EX=FULL[:-1]),
    "ENROLLED": infused(only_EX=[]),
    "FAILED": infused(
        only_EX=[], only_DS=[left("2026-01-15", "SCREEN FAILURE")], IE=[{"IESEQ": 1, "IETEST": "Active infection"}]
    ),
    "DIED": infused(
        only_DM=[{"SUBJID": "101-009", "ARMCD": "ESC-DL1", "ACTARMCD": "ESC-DL1", "RFICDTC": "2026-01-02",
                  "DTHFL": "Y", "DTHDTC": "2026-03-02", "RFPENDTC": "2026-03-02"}],
        DD=[{"DDSEQ": 1, "DDTESTCD": "PRCDTH", "DDSTRESC": "PNEUMONIA"},
            {"DDSEQ": 2, "DDTESTCD": "AUTOPIND", "DDSTRESC": "N"}],
        DS=[left("2026-03-02", "DEATH")],
        AE=[{"AESEQ": 1, "AESTDTC": "2026-02-20", "AEOUT": "FATAL", "AEREL": "NOT RELATED", "AETOXGR": "5"}],
    ),
    "TWICE": infused(only_EX=[*FULL, cells(8, DAY0), cells(9, "2026-02-09")]),
    "BARE": infused(only_EX=[cells(9, "2026-02-14", 361)]),
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded():
    return load_specs(ROOT), make_registry(ROOT)


@pytest.fixture(scope="module")
def met() -> Findings:
    return Findings()


@pytest.fixture(scope="module")
def adsl(loaded, met) -> pd.DataFrame:
    specs, registry = loaded
    return build((specs, registry, bind_specs(specs, registry)), PEOPLE, findings=met)["ADSL"]


@pytest.fixture
def of(adsl):
    """The values of a participant in these columns."""
    return lambda name, *columns: shown(adsl, "USUBJID", list(columns))[name]


def test_sets_and_reasons(of) -> None:
    sets = ("ENRLFL", "SAFFL", "EFFFL", "CKFL", "PDFL")
    reasons = ("ENREXRS", "SAFEXRS", "EFFEXRS", "CKEXRS", "PDEXRS")
    assert of("TREATED", *sets) == ("Y", "Y", "Y", "Y", "Y")
    assert of("TREATED", *reasons) == (None,) * 5
    assert of("NO-BASELINE", "EFFFL", "EFFEXRS") == ("N", "NO BASELINE ASSESSMENT")
    assert of("NO-FOLLOW-UP", "EFFFL", "EFFEXRS") == ("N", "NO ASSESSMENT AFTER INFUSION")
    assert of("NO-FOLLOW-UP", "CKFL", "CKEXRS") == ("N", "NO TRANSGENE RESULT AFTER INFUSION")
    assert of("NO-FOLLOW-UP", "PDFL", "PDEXRS") == ("N", "NO BASELINE RESULT")
    assert of("LYMPHODEPLETED", *sets) == ("Y", "N", "N", "N", "N")
    assert of("LYMPHODEPLETED", *reasons) == (None, "LYMPHODEPLETED, NOT INFUSED", *("NOT INFUSED",) * 3)
    assert of("ENROLLED", "SAFEXRS") == ("NOT LYMPHODEPLETED",)
    assert of("FAILED", "ENRLFL", "ENREXRS", "SAFEXRS", "SCRFRS") == (
        "N", "SCREEN FAILURE", "NOT ENROLLED", "Active infection",
    )  # fmt: skip


def test_history_of_lupus(of) -> None:
    assert of("TREATED", "DIAGDT", "DIAGDTF", "LNHXFL", "NORGHX") == ("2016-01-01", "D", "Y", 2)
    # 1 January 2016 to 2 January 2026: 3654 days
    assert of("TREATED", "SLEDUR")[0] == pytest.approx(3654 / 365.25)
    assert of("TREATED", "NPRTHER", "NPRIMM", "NPRBIO", "PRBIOFL") == (3, 1, 1, "Y")
    assert of("ENROLLED", "NPRTHER", "PRBIOFL", "LNHXFL", "SLEDUR") == (0, "N", None, None)


def test_baseline(of) -> None:
    assert of("TREATED", "C3BL", "LOWCFL", "DSDNABL", "DSDNAFL", "PGABL") == (0.5, "Y", 60, "Y", 2)
    assert of("ENROLLED", "C3BL", "LOWCFL", "DSDNAFL") == (None, None, None)


def test_lymphodepletion_and_bridging(of) -> None:
    assert of("TREATED", "LDFL", "LDFULLFL", "LDINFD", "BRIDGFL") == ("Y", "Y", 5, "Y")
    assert of("LYMPHODEPLETED", "LDFULLFL", "LDINFD", "BRIDGFL") == ("N", None, "N")
    assert of("ENROLLED", "LDFL", "LDFULLFL", "BRIDGFL") == ("N", None, None)


def test_death(of) -> None:
    # 29 days after the infusion; the fatal event is not related
    assert of("DIED", "DTHCAUS", "DTHGR1", "DTHRELFL", "DTHAUTFL", "DTHADY") == (
        "PNEUMONIA", "Day 29-180", "N", "N", 30,
    )  # fmt: skip


def test_what_contradicts_the_plan(of) -> None:
    assert of("TWICE", "NINF", "TRTSDT", "DOSE01A", "OFFLEVFL") == (2, DAY0, 6, None)
    # 3.61 is 20.3 percent above 3.0 and 19.8 percent below 4.5
    assert of("BARE", "LDFL", "LDSDT", "BLREFDT", "OFFLEVFL") == ("N", None, "2026-02-14", "Y")


def test_contradictions_are_told_with_subject_and_values(adsl, met) -> None:
    told = {(f.where.key.split("|")[-1], f.what): f.value for f in met if f.rule == "adam.contradiction"}
    assert told[("TWICE", "more than one CT1195E infusion")] == "NINF 2; TRTSDT 2026-02-01; TRTEDT 2026-02-09"
    assert told[("BARE", "an infusion without lymphodepletion")] == "TRTSDT 2026-02-14; LDSDT missing"
    assert told[("BARE", "cells infused outside every dose level")] == (
        "DOSE01A 3.61; TRT01A 3.0 x 10^8 cells; DOSE01P 3"
    )
    assert not [subject for subject, _ in told if subject in ("TREATED", "LYMPHODEPLETED", "DIED")]


def test_bridging_only_of_autologous_cells(loaded, tmp_path) -> None:
    assert "BRIDGFL" in loaded[0].adam["ADSL"].variables
    study = (ROOT / "specs/study.yml").read_text(encoding="utf-8")
    (tmp_path / "specs/adam").mkdir(parents=True)
    changed = study.replace("    value: autologous\n", "    value: allogeneic\n")
    (tmp_path / "specs/study.yml").write_text(changed, encoding="utf-8")
    spec = (ROOT / "specs/adam/adsl.yml").read_text(encoding="utf-8")
    (tmp_path / "specs/adam/adsl.yml").write_text(spec, encoding="utf-8")
    assert "BRIDGFL" not in load_specs(tmp_path).adam["ADSL"].variables
