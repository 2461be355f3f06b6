"""Calls that fail on the data at hand: each is told with its place, and costs no more than what rests on it."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from datacut.errors import SpecError
from datacut.spec.bound import BoundCall
from datacut.spec.document import Loc
from datacut.spec.faults import Failure

STUDY_CODE = "study_"
"""How the names of the study's own modules begin."""


class CallsFailed(Exception):
    """Calls of a stage that could not be made of the data at hand; the stage can be run again without them."""

    def __init__(self, failures: Iterable[Failure]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(f"{f.dataset}: {f.what}: {f.value}" for f in self.failures))


class CallFailedError(Exception):
    """One call that could not be made; the stage goes on with what does not rest on it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.what)


@contextmanager
def blaming(dataset: str, loc: Loc, call: BoundCall | None) -> Iterator[None]:
    """Whatever goes wrong inside is a failure of the call at `loc`.

    A SpecError says itself what to mend; anything else, whatever its type, is a fault of the function that was called,
    and only here is it known that nothing is lost by it but what it makes.
    """
    try:
        yield
    except CallFailedError:
        raise
    except SpecError as fault:
        told = fault.findings[0]
        raise CallFailedError(Failure(dataset, loc, told.what, told.value, told.remedy)) from fault
    except Exception as fault:
        name = call.verb.name if call else "the copy of a variable"
        mine = [
            f"{Path(frame.f_code.co_filename).parent.name}/{Path(frame.f_code.co_filename).name}:{line}"
            for frame, line in traceback.walk_tb(fault.__traceback__)
            if str(frame.f_globals.get("__name__", "")).startswith(STUDY_CODE)
        ]
        remedy = f"Mend {mine[-1]}." if mine else "Report this with the call; leave it out until it is mended."
        raise CallFailedError(
            Failure(dataset, loc, f"{name} failed", f"{type(fault).__name__}: {fault}", remedy)
        ) from fault
