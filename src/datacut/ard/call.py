"""A bound method call run on a frame."""

from __future__ import annotations

from typing import NoReturn, cast

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.pattern import UnknownStatistic
from datacut.ard.results import Result
from datacut.ard.source import fault
from datacut.datasets.records import Cells
from datacut.engine.arguments import arguments
from datacut.errors import Location, nearest
from datacut.spec.bound import BoundCall, VerbKind
from datacut.spec.calls import Call
from datacut.spec.registry import Registry
from datacut.spec.tokens import GrammarError


def bind_method(registry: Registry, call: Call, place: Location, kind: VerbKind = "method") -> BoundCall:
    """A call bound to a method, or to a `cell` verb; SpecError where it does not fit."""
    try:
        return registry.bind(call, (kind,))
    except GrammarError as error:
        raise fault(place, str(error), "Mend the call.") from error


def run_method(bound: BoundCall, frame: pd.DataFrame, context: MethodContext) -> list[Result]:
    """The results of one method on `frame`. Raises SpecError for a pattern with a statistic the method has not."""
    return cast("list[Result]", _run(bound, frame, context))


def run_cells(bound: BoundCall, frame: pd.DataFrame, context: MethodContext) -> Cells:
    """What a `cell` verb shows of each record of `frame`."""
    return cast("Cells", _run(bound, frame, context))


def _run(bound: BoundCall, frame: pd.DataFrame, context: MethodContext) -> object:
    values = arguments(bound, context.settings, _no_source, _no_source)
    if bound.verb.wants_context:
        values["context"] = context
    try:
        return bound.verb.function(frame, **values)
    except UnknownStatistic as error:
        raise context.fault(str(error.args[0]), nearest(error.name, error.known)) from error


def _no_source(name: str) -> NoReturn:
    """A method works on the frame of its analysis alone."""
    raise TypeError(f"{name}: a method takes no other dataset, table or function")
