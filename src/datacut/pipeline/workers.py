"""Work spread over processes: the tasks are handed on by a fork, so they need not be pickled; what they return must."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, parent_process
from typing import cast

from datacut.errors import DatacutError

type Task[T] = Callable[[], T]

_tasks: Sequence[Task[object]] = ()
"""In a worker: the tasks as they were at the fork."""


def available_workers() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes[T](tasks: Sequence[Task[T]], workers: int) -> Iterator[T]:
    """What each task returns, in the order of the tasks, whichever ends first and however many workers there are.

    A task sees what is in memory now; what it changes there is lost, only its result comes back. One worker, or a
    system without fork, means this process. Raises what a task raised first in their order; DatacutError where a
    worker ended without a word.
    """
    workers = min(workers, len(tasks))
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        for task in tasks:
            yield task()
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _begin, (tasks,)) as pool:
        with warnings.catch_warnings():
            # The threads that live at the fork are Arrow's and BLAS's, which start afresh in the child.
            warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork", category=DeprecationWarning)
            results = pool.map(_do, range(len(tasks)))
        try:
            yield from cast("Iterator[T]", results)
        except BrokenProcessPool as fault:
            raise DatacutError(
                "A worker process was ended from outside (often: no memory left). Build again with --workers 1."
            ) from fault


def _begin(tasks: Sequence[Task[object]]) -> None:
    global _tasks
    _tasks = tasks
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it ends the pool
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _do(number: int) -> object:
    return _tasks[number]()


def _end_with_parent() -> None:
    """Leave no worker behind where the parent was killed."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
