"""Worked vectors of the MTD and of escalation by the other designs, and levels nobody received."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_dose_levels import derive_var_interval_action, derive_var_level_action, derive_vars_dose_levels
from datacut.errors import SpecError

NAMES = ["RL", "RU", "ISO", "CL", "CU", "OVER", "ELIM", "MTD", "WHY"]


def levels(
    n: list[int | None],
    y: list[int | None],
    context,
    bound: str = "N",
    min_n: float = 3,
    mtd_min_n: float = 1,
    pending: list[int] | None = None,
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "LEVEL": pd.array(range(1, len(n) + 1), dtype="Int64"),
            "N": pd.array(n, dtype="Int64"),
            "Y": pd.array(y, dtype="Int64"),
            "OPEN": pd.array(pending or [0] * len(n), dtype="Int64"),
        }
    )
    out = derive_vars_dose_levels(
        frame.iloc[::-1], ["LEVEL"], "N", "Y", "OPEN", 0.30, 0.95, min_n, mtd_min_n, 0.95, 0.18, 0.42, bound, *NAMES,
        context=context,
    )  # fmt: skip
    assert list(out["LEVEL"]) == list(frame["LEVEL"])[::-1]
    return out.iloc[::-1].set_index("LEVEL")


@pytest.mark.parametrize(
    ("n", "y", "isotonic", "mtd"),
    [
        ([3, 6, 3], [0, 1, 1], [0.0161, 0.1721, 0.3387], 3),
        ([3, 3, 6], [0, 1, 3], [0.0161, 0.3387, 0.5000], 2),
        ([3, 3, 3], [0, 1, 0], [0.0161, 0.0375, 0.0375], 3),
        ([6, 3, 0], [1, 0, 0], [0.0413, 0.0413, None], 2),
    ],
)
def test_selected_level(context, n, y, isotonic, mtd) -> None:
    out = levels(n, y, context)
    assert [None if pd.isna(v) else round(v, 4) for v in out["ISO"]] == isotonic
    assert list(out.index[out["MTD"] == "Y"]) == [mtd]
    assert out["WHY"].isna().all()


def test_an_eliminated_level_takes_those_above_with_it(context) -> None:
    """4 of 6: P(rate > 0.30) is 0.971; nobody received level 3."""
    out = levels([3, 6, 0], [0, 4, 0], context)
    assert list(out["ELIM"]) == ["N", "Y", "Y"] and list(out["MTD"]) == ["Y", "N", "N"]
    assert out.loc[3, ["RL", "RU", "ISO", "CL", "CU", "OVER"]].isna().all()


def test_no_level_and_why(context) -> None:
    out = levels([3, 0, 0], [3, 0, 0], context)
    assert set(out["MTD"]) == {"N"} and set(out["WHY"]) == {"lowest level eliminated"}
    assert set(levels([0, 0, 0], [0, 0, 0], context)["WHY"]) == {"nobody evaluable"}


def test_elimination_needs_min_n(context) -> None:
    assert levels([3, 0, 0], [3, 0, 0], context, min_n=4)["ELIM"].tolist() == ["N", "N", "N"]


def test_the_bound_of_de_escalation(context) -> None:
    """3 of 6 is estimated at 0.5 and the only candidate, above 0.3585."""
    assert levels([6], [3], context)["MTD"].tolist() == ["Y"]
    out = levels([6], [3], context, bound="Y")
    assert (out["MTD"].tolist(), out["WHY"].tolist()) == (["N"], ["no level eligible"])


def test_exact_interval_of_none_of_three(context) -> None:
    """Clopper and Pearson: the upper limit is 1 - 0.025 ** (1/3)."""
    out = levels([3], [0], context)
    assert out.loc[1, "RL"] == 0 and out.loc[1, "RU"] == pytest.approx(1 - 0.025 ** (1 / 3))


def test_too_few_at_the_selected_level_and_why(context) -> None:
    """0 of 3 at level 3 is nearest to the target; with 6 needed there is no dose."""
    out = levels([3, 6, 3], [0, 1, 1], context, mtd_min_n=6)
    assert set(out["MTD"]) == {"N"}
    assert set(out["WHY"]) == {"3 is nearest to the target, with 3 evaluable of 6 needed"}
    assert levels([3, 6, 3], [0, 1, 1], context, mtd_min_n=3)["MTD"].tolist() == ["N", "N", "Y"]


def test_a_pending_event_that_decides_leaves_no_dose(context) -> None:
    """Level 2 with 1 of 3 is chosen, with 3 of 3 eliminated; of two events pending at level 1 of 6 none changes it."""
    out = levels([3, 3], [0, 1], context, pending=[0, 2])
    assert set(out["MTD"]) == {"N"} and set(out["WHY"]) == {"depends on events whose adjudication is pending"}


def test_none_of_three_prints_what_the_elimination_rule_knows(context) -> None:
    """Beta(1, 4): 0.7 to the fourth, and the limits 1 - 0.975 ** (1/4) and 1 - 0.025 ** (1/4)."""
    out = levels([3], [0], context).loc[1]
    assert out["OVER"] == pytest.approx(0.2401)
    assert [out["CL"], out["CU"]] == pytest.approx([1 - 0.975**0.25, 1 - 0.025**0.25])


def actions(n: list[int | None], y: list[int | None]) -> list[object]:
    frame = pd.DataFrame(
        {"DOSE": range(1, len(n) + 1), "N": pd.array(n, dtype="Int64"), "Y": pd.array(y, dtype="Int64")}
    )
    out = derive_var_level_action(frame.iloc[::-1], ["DOSE"], "N", "Y", 0.30, 0.18, 0.42, 0.95, 3, "NEW")
    return [None if pd.isna(v) else v for v in out.iloc[::-1]["NEW"]]


def test_action_at_the_counts_of_each_level() -> None:
    assert actions([3, 6, 3], [0, 1, 1]) == ["E", "E", "S"]
    assert actions([3, 5, 3], [0, 1, 0]) == ["E", "E", "S"], "the highest level stays"
    assert actions([3, 6, 3], [0, 4, 0]) == ["S", "DU", "DU"], "no way into an eliminated level, none back to one above"
    assert actions([3, 0, 0], [2, 0, 0]) == ["S", None, None], "the lowest level stays"
    assert actions([3, None], [0, 0]) == [None, None]


@pytest.mark.parametrize(("n", "y"), [([3, 3], [4, 0]), ([3, None], [0, 0])])
def test_impossible_counts_estimate_nothing(context, n, y) -> None:
    assert levels(n, y, context)[NAMES].isna().all(axis=None)
    assert [f.rule for f in context.findings] == ["adam.levels.counts"]


VECTORS = [(3, 1, "S"), (6, 1, "E"), (6, 3, "D"), (6, 4, "DU"), (3, 3, "DU"), (12, 3, "S"), (12, 5, "D"), (0, 0, None)]


@pytest.mark.parametrize("design", ["i3+3", "mTPI-2"])
def test_other_designs_agree_at_3_6_and_12(context, design) -> None:
    """With the interval 0.25 to 0.35 they give the actions of BOIN; nobody evaluable, none."""
    frame = pd.DataFrame({"N": [n for n, _, _ in VECTORS], "Y": [y for _, y, _ in VECTORS]}, dtype="Int64")
    frame["OUT"] = "N"
    out = derive_var_interval_action(frame, design, "N", "Y", 0.30, 0.25, 0.35, 0.95, 3, "OUT", "NEW", context=context)
    assert [None if pd.isna(v) else v for v in out["NEW"]] == [a for _, _, a in VECTORS]


def test_another_design_is_told(context) -> None:
    with pytest.raises(SpecError):
        derive_var_interval_action(
            pd.DataFrame({"N": [3], "Y": [1], "OUT": ["N"]}), "3+3", "N", "Y", 0.3, 0.25, 0.35, 0.95, 3, "OUT", "NEW",
            context=context,
        )  # fmt: skip


def test_an_eliminated_level_stays_out_in_another_design(context) -> None:
    frame = pd.DataFrame({"N": [6], "Y": [1], "OUT": ["Y"]})
    out = derive_var_interval_action(frame, "i3+3", "N", "Y", 0.3, 0.25, 0.35, 0.95, 3, "OUT", "NEW", context=context)
    assert out["NEW"].tolist() == ["DU"]
