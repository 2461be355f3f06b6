from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.courses import course_bounds
from datacut.compute.sle.drugfree import compute_drug_free, compute_drug_free_response


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


INFUSION = pd.Timestamp("2026-01-01")


def on(day: int | None) -> str | None:
    return None if day is None else str((INFUSION + pd.Timedelta(days=day)).date())


type Course = tuple[str | None, int | str | None, int | str | None]


def courses(*rows: Course) -> pd.DataFrame:
    """Kind, first and last day after the infusion, or an ISO text."""
    edges = [[v if isinstance(v, str) else on(v) for v in row[1:]] for row in rows]
    return course_bounds(texts(*(e[0] for e in edges)), texts(*(e[1] for e in edges))).assign(
        subject=texts(*["1"] * len(rows)), kind=texts(*(r[0] for r in rows))
    )


def free(day: int, *rows: Course, **settings: object) -> list[object]:
    date = pd.Series([on(day)], dtype="datetime64[s]")
    found = compute_drug_free(texts("1"), date, courses(*rows), **settings)  # type: ignore[arg-type]
    return known(found[["strict", "hcq_allowed"]].iloc[0])


@pytest.mark.parametrize(
    ("day", "rows", "strict", "allowed"),
    [
        pytest.param(60, [("sle", -300, 10), ("antimalarial", -300, None)], "N", "Y", id="10-vector-1"),
        pytest.param(60, [("sle", -300, 40)], "N", "N", id="10-vector-2"),
        pytest.param(90, [("toxicity", 5, 9)], "Y", "Y", id="10-vector-3"),
        pytest.param(90, [("sle", -300, None)], "N", "N", id="10-vector-4"),
        pytest.param(90, [("sle", -300, "2026")], None, None, id="10-vector-5"),
        pytest.param(60, [], "Y", "Y", id="no-therapy"),
        pytest.param(60, [("sle", -300, 33)], "N", "N", id="stopped-27-days-before"),
        pytest.param(60, [("sle", -300, 32)], "Y", "Y", id="stopped-28-days-before"),
        pytest.param(60, [("sle", 60, None)], "N", "N", id="started-on-the-visit"),
        pytest.param(60, [("sle", 61, None)], "Y", "Y", id="started-after-the-visit"),
        pytest.param(60, [("other", -5, None)], "Y", "Y", id="not-sle-therapy"),
        pytest.param(60, [("replacement", 20, None)], "N", "N", id="physiologic-replacement"),
        pytest.param(60, [(None, 20, None)], None, None, id="kind-unknown"),
        pytest.param(60, [(None, 20, None), ("sle", 20, None)], "N", "N", id="kind-unknown-beside-therapy"),
        pytest.param(60, [(None, -20, 5)], "Y", "Y", id="kind-unknown-but-long-over"),
    ],
)
def test_drug_free(day: int, rows: list[Course], strict: str | None, allowed: str | None) -> None:
    assert free(day, *rows) == [strict, allowed]


def test_toxicity_treatment_in_the_window_confounds() -> None:
    date = pd.Series([on(30), on(90), None], dtype="datetime64[s]")
    found = compute_drug_free(texts("1", "1", "1"), date, courses(("toxicity", 5, 9)))
    assert known(found["dfconf"]) == ["Y", "N", None]
    assert known(found["strict"]) == ["N", "Y", None]
    assert known(found["reason"])[:2] == ["given: glucocorticoid for toxicity", None]


def test_settings_and_faults() -> None:
    assert free(60, ("sle", -300, 40), drug_free_days=14) == ["Y", "Y"]
    assert free(60, ("replacement", 20, None), drug_free_replacement=True) == ["Y", "Y"]
    with pytest.raises(ValueError, match="'steroid'"):
        free(60, ("steroid", 20, None))


def test_reason_names_what_was_given() -> None:
    date = pd.Series([on(60)], dtype="datetime64[s]")
    found = compute_drug_free(texts("1"), date, courses(("sle", 0, None), ("antimalarial", 0, None)))
    assert known(found["reason"]) == ["given: SLE therapy; antimalarial"]
    assert known(compute_drug_free(texts("1"), date, courses(("sle", 0, "2026")))["reason"]) == ["unknown: SLE therapy"]


def test_response_without_therapy() -> None:
    found = compute_drug_free_response(texts("Y", "Y", "N", "Y", None), texts("Y", "N", None, None, "Y"))
    assert known(found["observed"]) == ["Y", "N", "N", None, None]
    assert known(found["nri"]) == ["Y", "N", "N", "N", "N"]
