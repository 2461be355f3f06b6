"""Where clauses: the condition under which a value-level definition holds."""

from __future__ import annotations

from dataclasses import dataclass

from datacut.spec.where import Comparison, Compound, Literal, Where
from datacut.submission.xml import Element, make, make_text, oid_part


@dataclass(frozen=True, slots=True)
class Check:
    """One condition on one variable."""

    variable: str
    comparator: str
    values: tuple[str, ...]


type Clause = tuple[Check, ...]
"""Checks that must all hold."""


class InexpressibleError(ValueError):
    """A condition that Define-XML has no words for."""


class WhereClauseBook:
    """Every clause asked for; the same clause is defined once, a compound one as one definition of several checks."""

    def __init__(self) -> None:
        self._clauses: dict[tuple[str, Clause], str] = {}

    def use(self, dataset: str, clause: Clause) -> str:
        """OID of a clause on variables of a dataset."""
        oid = self._clauses.get((dataset, clause))
        if oid is None:
            parts = [
                f"{c.variable}.{'' if c.comparator == 'EQ' else c.comparator + '.'}{'_'.join(c.values)}" for c in clause
            ]
            oid = self._clauses[dataset, clause] = f"WC.{dataset}.{oid_part('.'.join(parts))}"
        return oid

    def elements(self) -> list[Element]:
        return [
            make("def:WhereClauseDef", {"OID": oid}, *(_range_check(dataset, c) for c in clause))
            for (dataset, clause), oid in self._clauses.items()
        ]


def clauses_of(where: Where) -> list[Clause]:
    """A condition as alternatives of clauses; raises InexpressibleError for a negation or a missing value."""
    match where:
        case Comparison(column, comparator, operands) if all(isinstance(o, Literal) for o in operands):
            return [(Check(column, comparator, tuple(str(o.value) for o in operands if isinstance(o, Literal))),)]
        case Compound("OR", parts):
            return [clause for part in parts for clause in clauses_of(part)]
        case Compound("AND", parts):
            clauses: list[Clause] = [()]
            for part in parts:
                clauses = [left + right for left in clauses for right in clauses_of(part)]
            return clauses
        case _:
            raise InexpressibleError(str(where))


def _range_check(dataset: str, check: Check) -> Element:
    attributes = {
        "Comparator": check.comparator,
        "SoftHard": "Soft",
        "def:ItemOID": f"IT.{dataset}.{check.variable}",
    }
    return make("RangeCheck", attributes, *(make_text("CheckValue", v) for v in check.values))
