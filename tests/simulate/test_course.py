"""The simulated study looks like the one that was asked for, and the truth agrees with the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from datacut.simulate import Exports, build_exports
from datacut.spec.load import Specs

type Read = Callable[[Exports, str, str], list[dict[str, str]]]


def treated(made: Exports) -> list[dict[str, Any]]:
    return [s for s in made.truth["subjects"] if s["status"] == "treated"]


def test_twelve_subjects_over_three_levels_with_a_limiting_event(clean: Exports) -> None:
    people = treated(clean)
    assert len(people) == 12
    assert {s["level"] for s in people} == {"1", "2", "3"}
    assert 1 <= sum(s["status"] == "failed" for s in clean.truth["subjects"]) <= 2
    assert any(s["limiting_events"] for s in people)
    assert any(s["end"]["fatal"] for s in people)


def test_first_of_a_level_is_watched(specs: Specs, clean: Exports) -> None:
    wait = int(str(specs.settings["sentinel_days"]))
    for level in ("1", "2", "3"):
        days = [datetime.fromisoformat(s["anchor"]).date() for s in treated(clean) if s["level"] == level]
        assert (days[1] - days[0]).days >= wait
        assert days == sorted(days)


def test_a_cohort_is_assigned_after_the_review_before_it(clean: Exports, rows: Callable[..., Any]) -> None:
    """Cohort k of the escalation needs k - 1 reviews, of which the last names its level."""
    reviews = clean.truth["reviews"]
    assigned = [r for r in rows(clean, "last", "enrol") if r["STAGE"] == "ESC" and int(r["COHORTNO"]) > 1]
    assert assigned
    for row in assigned:
        review = reviews[int(row["COHORTNO"]) - 2]
        assert review["next_level"] == row["DOSELEV"]
        assert str(pd.Timestamp(row["ENRDAT"]).date()) > review["date"]


def test_reviews_follow_the_window_and_the_rule(specs: Specs, clean: Exports) -> None:
    for review in clean.truth["reviews"]:
        known = [s for s in treated(clean) if s["level"] == review["level"] and s["anchor"][:10] <= review["date"]]
        assert review["treated"] == len(known)
        last = max(s["anchor"][:10] for s in known)
        window = int(str(specs.settings["dlt_window_days"]))
        assert (date.fromisoformat(review["date"]) - date.fromisoformat(last)).days >= window
        if review["decision"] == "E":
            assert review["limiting"] / review["evaluable"] <= 0.236491


def test_limiting_events_stand_in_the_log(clean: Exports, rows: Read) -> None:
    found = {r["SUBJID"]: r for r in rows(clean, "last", "ae") if r["AEDLT"] == "Y"}
    told = {s["subject"]: s["limiting_events"][0] for s in treated(clean) if s["limiting_events"]}
    assert set(found) == set(told)
    for subject, row in found.items():
        day = datetime.strptime(row["AESTDAT"], "%d-%b-%Y").date()  # noqa: DTZ007  a plain date
        assert day.isoformat() == told[subject]["date"]
        assert row["AETOXGR"] == str(told[subject]["grade"])
        assert row["DLTRULE"] == told[subject]["rule"]


def test_kinetics_rise_and_fall(clean: Exports) -> None:
    for subject in treated(clean):
        if subject["end"]["status"] == "Progressive disease":
            assert all(s["reported"] in ("", "<50", "BLQ") for s in subject["samples"])
            continue
        true = {s["name"]: s["true"] for s in subject["samples"]}
        assert true["Baseline"] == 0
        assert max(true.values()) > 1000
        assert true["Day 28"] < max(true.values()) / 3


def test_reported_samples_are_near_the_true_ones(clean: Exports, specs: Specs) -> None:
    limit = float(str(specs.settings["lloq_copies"]))
    for subject in treated(clean):
        for sample in subject["samples"]:
            if sample["reported"] in ("<50", "BLQ"):
                assert sample["true"] < 2 * limit
            elif sample["reported"]:
                assert sample["true"] / 2 < float(sample["reported"]) < sample["true"] * 2


def test_cells_disappear_and_return(clean: Exports) -> None:
    for subject in treated(clean):
        depletion = subject["depletion"]
        assert depletion["first_day"] is not None
        if depletion["return_day"] is not None:
            assert 40 < depletion["return_day"] - depletion["first_day"] < 300


def test_what_the_reported_cells_show_is_read_in_the_rows_of_the_cut(clean: Exports, rows: Read) -> None:
    """A sample taken before the infusion, one of another population or a preliminary result does not count."""
    both = 0
    for which, cut in zip(("first", "last"), clean.truth["cuts"], strict=True):
        counts: dict[str, list[tuple[str, float]]] = {}
        for row in rows(clean, which, "flow"):
            if row["POP"] == "BCELL" and row["STATUS"] in ("FINAL", "CORRECTED"):
                taken = f"{row['COLLDT']}T{row['COLLTM']}"
                counts.setdefault(row["SUBJECT"].replace("WH101/", "101-"), []).append((taken, float(row["COUNT"])))
        for subject in treated(clean):
            after = sorted(c for c in counts.get(subject["subject"], []) if c[0] > subject["anchor"])
            first = next((n for n, (_, count) in enumerate(after) if count < 10), None)
            again = [taken for taken, count in after[first:] if count >= 10] if first is not None else []
            told = subject["depletion"]["reported"][cut]
            assert told["first_date"] == (after[first][0][:10] if first is not None else None)
            assert told["return_date"] == (again[0][:10] if again else None)
            both += told["return_date"] is not None
    assert both > 5


def test_events_are_entered_when_their_line_was_created(clean: Exports, rows: Read) -> None:
    events = [c for c in clean.truth["corrections"] if c["file"] == "ae.csv"]
    moved = {c["record"] for c in events if c["kind"] in ("late", "deleted")}
    created = [(r["SUBJID"], r["CREATED"][:10]) for r in rows(clean, "last", "ae") if r["RECID"] not in moved]
    told = [(s["subject"], e["entered"]) for s in treated(clean) for e in s["events"]]
    people = {subject for subject, _ in told}
    lost = Counter(t for t in told if t[1] <= clean.truth["cuts"][1]) - Counter(c for c in created if c[0] in people)
    assert sum(lost.values()) == len(moved) == 2
    assert all(e["date"] <= e["entered"] for s in treated(clean) for e in s["events"])


def test_scores_of_the_truth_fit_the_form(clean: Exports, rows: Read) -> None:
    weights = {"SEIZURE": 8, "PSYCHOSIS": 8, "BRAINSYN": 8, "VISUAL": 8, "CRANIAL": 8, "HEADACHE": 8, "CVA": 8}
    weights |= {"VASCUL": 8, "ARTHRIT": 4, "MYOSIT": 4, "CASTS": 4, "HAEMAT": 4, "PROTEIN": 4, "PYURIA": 4}
    weights |= dict.fromkeys(("RASH", "ALOPECIA", "ULCERS", "PLEURISY", "PERICARD", "LOWCOMP", "DNABIND"), 2)
    weights |= dict.fromkeys(("FEVER", "THROMBO", "LEUKO"), 1)
    told = {s["subject"]: s["totals"]["SLEDAI2K"] for s in treated(clean)}
    checked = 0
    for row in rows(clean, "last", "sledai"):
        if row["SUBJID"] not in told:
            continue
        missing = any(row[k] == "ND" for k in weights)
        score = None if missing else sum(w for k, w in weights.items() if row[k] == "1" and not row[f"{k}_NS"])
        assert told[row["SUBJID"]][row["VISIT"]] == score
        checked += 1
    assert checked > 50


def test_a_system_once_involved_is_never_again_said_not_to_be(clean: Exports, rows: Read) -> None:
    systems = ("CONST", "MUCO", "NEURO", "MUSC", "CARDIO", "GASTRO", "OPHTH", "RENAL", "HAEM")
    ever: set[tuple[str, str]] = set()
    for row in rows(clean, "last", "bilag"):
        for system in systems:
            at, grade = (row["SUBJID"], system), row[system]
            if row[f"{system}_EV"] == "Y":
                ever.add(at)
            assert grade == "ND" or (grade == "E") == (at not in ever)
    assert {r[s] for r in rows(clean, "last", "bilag") for s in systems} >= set("ABCDE")


def test_instruments_agree_on_activity(clean: Exports) -> None:
    for other in ("SLEDAS", "BILAGNUM"):
        told = [s["totals"] for s in treated(clean)]
        pairs = [(t["SLEDAI2K"].get(v), x) for t in told for v, x in t[other].items()]
        known = np.array([p for p in pairs if None not in p], dtype=np.float64)
        assert len(known) > 50
        assert np.corrcoef(known.T)[0, 1] > 0.6


def test_low_counts_and_protein_are_ticked_by_their_amounts(clean: Exports, rows: Read) -> None:
    for row in rows(clean, "last", "sledas"):
        for item, amount, beyond in (
            ("PROTUR", "PROTMG", lambda x: x > 500),
            ("THROMB", "PLATELET", lambda x: x < 100),
            ("LEUKOP", "LEUKO", lambda x: x < 3),
        ):
            assert row[item] == ("ND" if not row[amount] else str(int(beyond(float(row[amount])))))


def test_activity_falls(clean: Exports) -> None:
    falls = [s["latent"]["Baseline"] - s["latent"]["Day 28"] for s in treated(clean) if "Day 28" in s["latent"]]
    assert min(falls) > 0
    assert sum(falls) / len(falls) > 2


def test_pending_at_the_first_cut_is_settled_at_the_last(clean: Exports) -> None:
    first, last = clean.truth["cuts"]
    for subject in treated(clean):
        assert subject["evaluable"][last]["evaluable"] != "pending"
        if subject["evaluable"][first]["evaluable"] == "Y":
            assert subject["evaluable"][last]["evaluable"] == "Y"
    early = [s for s in treated(clean) if s["evaluable"][last]["reason"].startswith("early completion")]
    assert len(early) == 1


def test_realistic_untidiness_is_there(clean: Exports, rows: Read) -> None:
    events = rows(clean, "last", "ae")
    assert any(r["AESTDAT"].startswith("UN-") for r in events)
    assert any(r["AEONGO"] for r in events)
    contacts = rows(clean, "last", "sv")
    assert any(r["SVOCCUR"] == "N" and r["SVREASND"] for r in contacts)
    assert any(r["VISIT"].startswith("Unscheduled") for r in contacts)
    assert any(r["ELIGYN"] == "N" for r in rows(clean, "last", "elig"))
    assert any(r["STATUS"] == "NOT TAKEN" and not r["COLLDTM"] for r in rows(clean, "last", "transgene"))
    assert any(not v.isascii() for r in contacts for v in r.values())


def test_text_that_is_submitted_is_ascii(specs: Specs, clean: Exports, rows: Read) -> None:
    for name, form in specs.forms.items():
        if form.not_submitted:
            continue
        for field, crf in form.fields.items():
            if not crf.not_submitted and not crf.codelist:
                assert all(r[field].isascii() for r in rows(clean, "last", name)), (name, field)


@pytest.mark.parametrize("seed", range(2, 8))
def test_any_seed_gives_a_study(specs: Specs, seed: int) -> None:
    made = build_exports(specs, subjects=14, cuts=2, seed=seed)
    people = treated(made)
    assert len(people) == 14
    assert any(s["limiting_events"] for s in people)
    assert {s["stage"] for s in people} == {"ESC", "EXP"}
    assert all(not s["limiting_events"] for s in people if s["stage"] == "EXP")
