"""Each case is answered again, from input and question alone; a note says which of two answers holds, and why."""

import csv
from pathlib import Path

from tests.cases import read_cases

HERE = Path(__file__).parent
CASES = {row["id"]: row for path in sorted(HERE.glob("*.csv")) for row in read_cases(path.stem)}


def test_every_case_has_a_second_answer_and_every_difference_its_note():
    with (HERE / "second" / "answers.csv").open(encoding="utf-8", newline="") as file:
        second = {row["id"]: row for row in csv.DictReader(file, strict=True)}
    assert set(second) == set(CASES)
    silent = [i for i, row in second.items() if (row["answer"] != CASES[i]["answer"]) != bool(row["note"])]
    assert silent == []
