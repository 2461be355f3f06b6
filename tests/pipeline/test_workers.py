"""Tasks in processes: the results in their order, faults as they were raised, an ended worker told."""

import os
import signal
import time
from functools import partial

import pytest

from datacut.errors import DatacutError, Findings, SpecError, in_spec
from datacut.pipeline.workers import available_workers, in_processes


def slow(number: int) -> tuple[int, int]:
    """The earlier a task, the later it ends."""
    time.sleep(0.2 if number == 0 else 0)
    return number, os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_results_stand_in_the_order_of_the_tasks(workers: int) -> None:
    assert [n for n, _ in in_processes([partial(slow, i) for i in range(4)], workers)] == [0, 1, 2, 3]


def test_one_worker_or_one_task_is_this_process() -> None:
    assert {pid for _, pid in in_processes([partial(slow, 1), partial(slow, 2)], 1)} == {os.getpid()}
    assert {pid for _, pid in in_processes([partial(slow, 1)], 2)} == {os.getpid()}
    assert os.getpid() not in {pid for _, pid in in_processes([partial(slow, 1), partial(slow, 2)], 2)}
    assert list(in_processes([], 2)) == []


def test_a_task_sees_what_is_there_and_need_not_be_pickled() -> None:
    seen = {"a": lambda: 1}
    assert list(in_processes([lambda: seen["a"]() + 1, lambda: len(seen)], 2)) == [2, 1]


def test_a_fault_comes_back_as_it_was_raised() -> None:
    findings = Findings()
    findings.error("spec.name", in_spec("spec", 1), "what", value="v", remedy="Mend.")

    def fail() -> int:
        raise SpecError(findings)

    results = in_processes([lambda: 1, fail, lambda: 3], 2)
    assert next(results) == 1
    with pytest.raises(SpecError) as raised:
        next(results)
    assert raised.value.findings == list(findings)


def test_a_worker_that_is_killed_is_told() -> None:
    def killed() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(DatacutError, match=r"ended from outside.*--workers 1"):
        list(in_processes([killed, lambda: None], 2))


def test_there_is_a_worker() -> None:
    assert 1 <= available_workers() <= (os.cpu_count() or 1)
