"""When two numbers count as equal: the methods of PROC COMPARE.

Source: Base SAS 9.4 Procedures Guide, The COMPARE Procedure, "The Equality Criterion" and METHOD=, CRITERION=.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from datacut.errors import InputError

DEFAULT_CRITERION = 0.00001

type Floats = np.ndarray[Any, np.dtype[np.float64]]
type Flags = np.ndarray[Any, np.dtype[np.bool_]]


class Method(StrEnum):
    """METHOD= of PROC COMPARE."""

    EXACT = "exact"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A method and its bound; delta is added to the denominator of RELATIVE.

    A negative bound is its size times the machine's epsilon, as SAS takes it. With EXACT there is no bound.
    """

    method: Method = Method.EXACT
    bound: float = 0.0
    delta: float = 0.0

    def __str__(self) -> str:
        name = self.method.value.upper()
        if self.method is Method.EXACT:
            return name
        return f"{name}{f'({self.delta:g})' if self.delta else ''}, criterion {self.bound:g}"

    def unequal(self, ours: Floats, theirs: Floats) -> Flags:
        """Whether the numbers x of `ours` and y of `theirs`, none of them missing, are judged unequal.

        ABSOLUTE |y-x| > c; RELATIVE |y-x| / ((|x|+|y|)/2 + delta) > c, and x = y = 0 is equal; PERCENT
        100 |y-x| / |x| > c, and where x is 0 any other y is unequal; EXACT y is not x. Infinite numbers are equal to
        themselves alone.
        """
        differs: Flags = ours != theirs
        if self.method is Method.EXACT or not differs.any():
            return differs
        bound = self.bound if self.bound >= 0 else -self.bound * float(np.finfo(np.float64).eps)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            measure = np.abs(theirs - ours)
            if self.method is Method.RELATIVE:
                measure = measure / ((np.abs(ours) + np.abs(theirs)) / 2 + self.delta)
            elif self.method is Method.PERCENT:
                measure = 100 * (measure / np.abs(ours))
            within: Flags = measure <= bound
        return differs & ~within


def parse_criterion(method: str | None, bound: float | None) -> Criterion:
    """The criterion of `--method` and `--criterion`, each None where it is not given.

    As in SAS: without both EXACT; a criterion alone means RELATIVE; a method alone has the criterion 0.00001. SAS adds
    an undocumented small delta where a criterion stands alone; here it is 0. `relative(0.1)` gives a delta. Raises
    InputError for another method, a bound beside EXACT, or a delta outside 0 to 1.
    """
    if bound is not None and not math.isfinite(bound):
        raise InputError(f"the criterion {bound} is not a number. Write one as 0.00001.")
    if method is None:
        return Criterion() if bound is None else Criterion(Method.RELATIVE, bound)
    name, bracket, rest = method.strip().lower().partition("(")
    if name not in Method or (bracket and (name != Method.RELATIVE or not rest.endswith(")"))):
        raise InputError(f"{method}: no method. Known: exact, absolute, relative, relative(DELTA), percent.")
    delta = _number(rest[:-1], "delta") if bracket else 0.0
    if not 0 <= delta <= 1:
        raise InputError(f"{method}: delta is between 0 and 1.")
    if Method(name) is Method.EXACT:
        if bound is not None:
            raise InputError("exact: numbers are equal or not, so there is no criterion. Take absolute or relative.")
        return Criterion()
    return Criterion(Method(name), DEFAULT_CRITERION if bound is None else bound, delta)


def parse_variable(text: str) -> tuple[str, Criterion]:
    """Name and criterion of `AVAL=absolute:0.001`, `AVAL=percent` or `AVAL=exact`; InputError for another text."""
    name, equals, rest = text.partition("=")
    method, colon, bound = rest.partition(":")
    if not (name.strip() and equals and method.strip()):
        raise InputError(f"--variable {text}: write it as NAME=METHOD:CRITERION, as AVAL=absolute:0.001.")
    return name.strip().upper(), parse_criterion(method, _number(bound, "criterion") if colon else None)


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{text or 'nothing'}: the {what} is no number.") from None
