"""The ADaM specs of the study: they bind, they say how every variable is made, and they keep the vectors of
instruments.md section 12.2 (infusion on 1 February 2026, day 28 is 1 March)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from datacut.adam.build import build_adam
from datacut.datasets.model import DTYPES, Dataset
from datacut.datasets.sources import study_frames
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]
DAY0 = "2026-02-01"


@pytest.fixture(scope="module")
def bound():
    specs = load_specs(ROOT)
    registry = make_registry(ROOT)
    return specs, registry, bind_specs(specs, registry)


def test_specs_bind_without_a_finding(bound) -> None:
    _, _, plans = bound
    assert [str(f) for f in plans.findings if "specs/adam" in f.where] == []


def test_every_kept_variable_that_is_derived_says_how(bound) -> None:
    specs, _, plans = bound
    silent = [
        f"{name}.{v.name}"
        for name in specs.adam
        for v in plans.datasets[name].variables
        if not (v.spec.text or v.spec.predecessor or v.spec.origin == "Collected")
    ]
    assert silent == []


def test_labels_fit(bound) -> None:
    specs, _, plans = bound
    labels = [(name, v.name, v.label) for name in specs.adam for v in plans.datasets[name].variables]
    assert [x for x in labels if len(x[2].encode()) > 40 or x[2] == x[1]] == []


type Rows = list[dict[str, object]]


def base() -> dict[str, Rows]:
    """One infused participant of the first level."""
    return {
        "DM": [{"SUBJID": "101-001", "ARMCD": "ESC-DL1", "ACTARMCD": "ESC-DL1", "RFICDTC": "2026-01-02"}],
        "EX": [
            {"EXSEQ": 1, "EXTRT": "FLUDARABINE", "EXDOSE": 30, "EXSTDTC": "2026-01-27"},
            {"EXSEQ": 2, "EXTRT": "CT1195E", "EXDOSE": 300, "EXSTDTC": f"{DAY0}T10:00", "EXENDTC": f"{DAY0}T10:30"},
        ],
        "DS": [{"DSSEQ": 1, "DSCAT": "PROTOCOL MILESTONE", "DSDECOD": "ENTERED INTO TRIAL", "DSSTDTC": "2026-01-20"}],
        "PC": [pc(1, "BLQ", None, 7), pc(2, "5000", 5000, 14)],
    }


def infused(**more: Rows) -> dict[str, Rows]:
    """The base participant with more SDTM records; `only_EX` and `only_PC` replace those of the domain."""
    records = base()
    for name, rows in more.items():
        domain = name.removeprefix("only_")
        records[domain] = rows if name != domain else [*records.get(domain, []), *rows]
    return records


def build(
    bound, people: dict[str, dict[str, Rows]], cut: str = "2026-09-01", findings: Findings | None = None
) -> dict[str, pd.DataFrame]:
    """The ADaM frames of these participants, by subject number; findings: where to tell what is met."""
    specs, registry, plans = bound

    def rows_of(domain: str) -> Rows:
        return [
            {"STUDYID": "CT1195E-SLE-101", "USUBJID": name} | row
            for name, records in people.items()
            for row in records.get(domain, [])
        ]

    sdtm: dict[str, Dataset] = {}
    for name in specs.sdtm:
        kinds = {v.name: DTYPES[v.type] for v in plans.datasets[name].variables}
        rows = rows_of(name)
        frame = pd.DataFrame({c: [r.get(c) for r in rows] for c in kinds}, dtype="object").astype(kinds)
        sdtm[name] = Dataset(name, name, (), frame)
        if specs.sdtm[name].supplemental:
            names = ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL"]
            rows = rows_of(f"SUPP{name}")
            supp = pd.DataFrame({c: [r.get(c) for r in rows] for c in names}, dtype="object").astype("str")
            sdtm[f"SUPP{name}"] = Dataset(f"SUPP{name}", "", (), supp)
    review = pd.DataFrame({c: pd.Series(dtype="str") for c in specs.columns(specs.forms["dose_review"])})
    review["_rid"] = pd.Series(dtype="Int64")
    raw = {f"raw.{n}": review if n == "dose_review" else pd.DataFrame() for n in specs.forms}
    findings = Findings() if findings is None else findings
    built, _ = build_adam(specs, plans, registry, sdtm, {**raw, **study_frames(specs, cut)}, findings)
    assert [str(f) for f in findings.errors if f.where.startswith("AD") and "missing" not in f.rule] == []
    return {name: d.frame for name, d in built.items()}


def pc(seq: int, result: str, number: float | None, day: int) -> dict[str, object]:
    when = (pd.Timestamp(DAY0) + pd.Timedelta(days=day)).strftime("%Y-%m-%dT10:00")
    return {
        "PCSEQ": seq,
        "PCTESTCD": "CTGENE",
        "PCSTRESC": result,
        "PCSTRESN": number,
        "PCLLOQ": 50,
        "PCDTC": when,
    }


def ae(start: str, relation: str = "RELATED", grade: str = "3") -> dict[str, object]:
    return {"AESEQ": 1, "AETERM": "Event", "AEDECOD": "Event", "AESTDTC": start, "AEREL": relation, "AETOXGR": grade}


def dlt() -> list[dict[str, object]]:
    return [{"IDVAR": "AESEQ", "IDVARVAL": "1", "QNAM": "AEDLT", "QVAL": "Y"}]


def left(date: str, why: str) -> dict[str, object]:
    return {
        "DSSEQ": 2,
        "DSCAT": "DISPOSITION EVENT",
        "DSSCAT": "STUDY PARTICIPATION",
        "DSDECOD": why,
        "DSSTDTC": date,
    }


NO_EXPANSION = [pc(1, "BLQ", None, 7), pc(2, "<50", None, 14)]


LYMPHODEPLETED: Rows = [{"EXSEQ": 1, "EXTRT": "FLUDARABINE", "EXDOSE": 30, "EXSTDTC": "2026-01-27"}]
ITEMS = [f"SLED{n:02d}" for n in range(1, 25)]


def dose(cells: float) -> Rows:
    return [{"EXSEQ": 1, "EXTRT": "CT1195E", "EXDOSE": cells, "EXSTDTC": DAY0, "EXENDTC": DAY0}]


def visit(num: int, date: str, present: list[str], absent: tuple[str, ...] = ()) -> Rows:
    return [
        {
            "QSSEQ": num * 100 + n,
            "QSTESTCD": item,
            "QSCAT": "SLEDAI-2K",
            "QSSTRESC": None if item in absent else str(int(item in present)),
            "QSSTRESN": None if item in absent else int(item in present),
            "VISITNUM": num,
            "VISIT": f"VISIT {num}",
            "QSDTC": date,
        }
        for n, item in enumerate(ITEMS)
    ]


GONE = [left("2026-02-16", "PROGRESSIVE DISEASE")]
SCORED = [
    *visit(1, "2026-01-10", ["SLED09"]),
    *visit(2, "2026-01-26", ["SLED09", "SLED15", "SLED20"]),
    *visit(3, "2026-03-01", ["SLED15"]),
    *visit(4, "2026-04-02", ["SLED15"], absent=("SLED20",)),
]
PEOPLE = {
    "DAY28": infused(AE=[ae("2026-03-01")], SUPPAE=dlt()),
    "DAY29": infused(AE=[ae("2026-03-02")], SUPPAE=dlt()),
    "UNRELATED": infused(AE=[ae("2026-02-10", "NOT RELATED")], SUPPAE=dlt()),
    "NO-RELATION": infused(AE=[ae("2026-02-10") | {"AEREL": None}], SUPPAE=dlt()),
    "DIED": infused(AE=[ae("2026-02-06")], SUPPAE=dlt(), DS=[left("2026-02-07", "DEATH")]),
    "LOST": infused(DS=[left("2026-02-20", "LOST TO FOLLOW-UP")], only_PC=NO_EXPANSION),
    "EARLY": infused(DS=GONE, only_PC=NO_EXPANSION),
    "EARLY-EXPANDED": infused(DS=GONE),
    "EARLY-RELATED": infused(DS=GONE, only_PC=NO_EXPANSION, AE=[ae("2026-02-10", "POSSIBLY RELATED")]),
    "EARLY-UNSAMPLED": infused(DS=GONE, only_PC=[]),
    "DOSE-80": infused(only_EX=dose(240)),
    "DOSE-LESS": infused(only_EX=dose(239)),
    "NOT-INFUSED": infused(only_EX=LYMPHODEPLETED),
    "SCORED": infused(QS=SCORED),
}


@pytest.fixture(scope="module")
def built(bound) -> dict[str, pd.DataFrame]:
    """All participants in one build, since a build costs the same for one as for fourteen."""
    return build(bound, PEOPLE)


@pytest.fixture
def outcome(built):
    """DLTEVLFL, DLTFL and DLTEVLRS of a participant."""
    subjects = built["ADSL"].set_index("USUBJID")
    return lambda name: tuple(subjects.loc[name, ["DLTEVLFL", "DLTFL", "DLTEVLRS"]])


def test_onset_on_day_28_is_a_dlt_and_on_day_29_not(outcome) -> None:
    assert outcome("DAY28") == ("Y", "Y", "DLT IN THE WINDOW")
    assert outcome("DAY29") == ("Y", "N", "WINDOW COMPLETED")


def test_unrelated_event_is_no_dlt_and_a_missing_relation_counts_as_related(outcome) -> None:
    assert outcome("UNRELATED")[1] == "N"
    assert outcome("NO-RELATION")[1] == "Y"


def test_death_the_day_after_a_dlt_leaves_the_participant_evaluable(built, outcome) -> None:
    assert outcome("DIED") == ("Y", "Y", "DLT IN THE WINDOW")
    assert str(built["ADSL"].set_index("USUBJID").loc["DIED", "DLTEVLDT"].date()) == "2026-02-06"


def test_lost_in_the_window_is_not_evaluable(outcome) -> None:
    assert outcome("LOST") == ("N", "N", "LEFT BEFORE END OF WINDOW")


def test_early_completion_needs_all_three_conditions(outcome) -> None:
    assert outcome("EARLY") == ("Y", "N", "EARLY COMPLETION")
    assert outcome("EARLY-EXPANDED")[2] == "LEFT BEFORE END OF WINDOW", "expansion was seen"
    assert outcome("EARLY-RELATED")[2] == "LEFT BEFORE END OF WINDOW"
    assert outcome("EARLY-UNSAMPLED")[2] == "LEFT BEFORE END OF WINDOW", "nobody looked for expansion"


def test_minimum_dose(outcome) -> None:
    assert outcome("DOSE-80")[2] == "WINDOW COMPLETED"
    assert outcome("DOSE-LESS")[2] == "DOSE BELOW MINIMUM"


@pytest.mark.parametrize(
    ("cut", "reason"), [("2026-02-28", "WINDOW NOT OVER AT CUT-OFF"), ("2026-03-01", "WINDOW COMPLETED")]
)
def test_window_not_over_at_the_cut(bound, cut: str, reason: str) -> None:
    assert build(bound, {"ONE": infused()}, cut)["ADSL"]["DLTEVLRS"].tolist() == [reason]


def test_not_infused(built) -> None:
    row = built["ADSL"].set_index("USUBJID").loc["NOT-INFUSED"]
    assert (row["SAFFL"], row["ENRLFL"], row["DLTEVLRS"]) == ("N", "Y", "NOT INFUSED")
    assert pd.isna(row["TRT01A"])
    assert row["TRT01P"] == "3.0 x 10^8 cells"


def test_total_of_a_visit_its_reason_and_its_baseline(built) -> None:
    scores = built["ADQS"].loc[built["ADQS"]["USUBJID"] == "SCORED"].set_index("PARAMCD")
    total = scores.loc["SLEDAI2K"].sort_values("ADT")
    assert total["AVAL"].tolist()[:3] == [4, 8, 2]
    assert total["AVALRSN"].tolist()[3] == "Missing: SLED20"
    assert total["ABLFL"].tolist()[1] == "Y"
    assert total["BASE"].tolist() == [8] * 4
    assert total["CHG"].tolist()[2] == -6
    assert total["AVISIT"].tolist()[1:] == ["Baseline", "Month 1", "Month 2"]
    assert total["ANL01FL"].tolist()[1:3] == ["Y", "Y"]
    assert total["QSSEQ"].isna().all()
    assert scores.loc["SLEDCLIN"].sort_values("ADT")["AVAL"].tolist() == [4, 6, 2, 2]
    assert built["ADSL"].set_index("USUBJID").loc["SCORED", "EFFFL"] == "Y"
