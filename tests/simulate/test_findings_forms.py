"""Laboratory, ECG and vital-sign forms of the simulated export: words, gates, clocks and ranges."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from datacut.simulate import Exports

type Read = Callable[[Exports, str, str], list[dict[str, str]]]


def test_only_women_of_child_bearing_potential_have_a_pregnancy_test(clean: Exports, rows: Read) -> None:
    sex = {r["SUBJID"]: r["SEX"] for r in rows(clean, "last", "dm")}
    tested = {r["SUBJID"] for r in rows(clean, "last", "preg")}
    assert "Male" in sex.values()
    assert tested
    assert {sex[s] for s in tested} == {"Female"}


def test_a_strip_result_or_a_tick_never_both(clean: Exports, rows: Read) -> None:
    urine = rows(clean, "last", "urine")
    assert {bool(r["UPRO"]) != bool(r["UPRO_ND"]) for r in urine} == {True}
    assert {r["UPRO"] for r in urine} <= {"", "阴性", "±", "+", "++", "+++", "++++"}


def test_plus_signs_follow_the_protein_of_the_urine(clean: Exports, rows: Read) -> None:
    ranks = {"阴性": 0, "±": 1, "+": 2, "++": 3, "+++": 4, "++++": 5}
    pairs = [
        (float(r["UPCR"]) * (0.001 if r["UPCR_U"] == "mg/g" else 1), ranks[r["UPRO"]])
        for r in rows(clean, "last", "urine")
        if r["UPRO"] and r["UPCR"]
    ]
    low = [rank for upcr, rank in pairs if upcr < 0.1]
    high = [rank for upcr, rank in pairs if upcr > 1.2]
    assert max(low) < min(high)


def test_corrected_qt_is_that_of_fridericia(clean: Exports, rows: Read) -> None:
    done = [r for r in rows(clean, "last", "eg") if r["HR"]]
    assert len(done) > 40
    for r in done:
        assert int(r["QT"]) / (60 / int(r["HR"])) ** (1 / 3) == pytest.approx(int(r["QTCF"]), rel=0.03)


def test_an_ecg_that_was_not_done_has_no_results(clean: Exports, rows: Read) -> None:
    gone = [r for r in rows(clean, "last", "eg") if r["EGND"]]
    assert all(r[f] == "" for r in gone for f in ("HR", "PR", "QRS", "QT", "QTCF", "INTP", "CLSIG", "DESC"))


def test_signs_after_the_infusion_are_one_and_four_hours_after_its_start(clean: Exports, rows: Read) -> None:
    def minutes(text: str) -> int:
        return int(text[:-3]) * 60 + int(text[-2:])

    start = {r["SUBJID"]: minutes(r["INFSTTIM"]) for r in rows(clean, "last", "inf")}
    after = rows(clean, "last", "vsinf")
    assert len(after) >= 10
    for r in after:
        begun = start[r["SUBJID"]]
        assert (minutes(r["VSTIM_1"]) - begun, minutes(r["VSTIM_4"]) - begun) == (60, 240)


def test_white_cells_are_the_sum_of_their_kinds(clean: Exports, rows: Read) -> None:
    kinds = ("NEUT", "LYMPH", "MONO", "EOS", "BASO")
    whole = [r for r in rows(clean, "last", "hem") if r["WBC"] and all(r[k] for k in kinds)]
    assert len(whole) > 100
    for r in whole:
        assert float(r["WBC"]) == pytest.approx(sum(float(r[k]) for k in kinds), rel=0.06, abs=0.011)


def test_the_four_quadrants_are_all_b_cells(clean: Exports, rows: Read) -> None:
    shares: dict[tuple[str, str], list[float]] = {}
    for r in rows(clean, "last", "flow"):
        if r["POP"] in ("BNAIVE", "BMEMUNS", "BMEMSW", "BDN") and r["PCT"]:
            shares.setdefault((r["SUBJECT"], r["COLLDT"]), []).append(float(r["PCT"]))
    whole = [parts for parts in shares.values() if len(parts) == 4]
    assert len(whole) > 50
    for parts in whole:
        assert sum(parts) == pytest.approx(100, abs=0.25)
