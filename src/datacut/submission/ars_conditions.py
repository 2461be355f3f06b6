"""Conditions in the words of ARS: a comparison of one variable with values, and AND, OR, NOT of such.

ARS 1.0 has no word for missing: `X MISSING` is `X EQ ""` and `X NOT MISSING` is `X NE ""`. It compares with values
only, so a condition on two columns is not sayable; its subset carries it whole, in our grammar, as its description.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from datacut.datasets.model import value_text
from datacut.spec.study import SettingValue
from datacut.spec.where import Comparison, Compound, Literal, Missing, Operand, SettingRef, Where

SUBJECTS = "ADSL"

type Json = dict[str, object]


class InexpressibleError(ValueError):
    """A condition that ARS has no words for."""


@dataclass(frozen=True)
class Conditions:
    """columns: those of each dataset; settings: values of `$name`."""

    columns: Mapping[str, Collection[str]]
    settings: Mapping[str, SettingValue]

    def about(self, where: Where, dataset: str) -> Json:
        """`condition` or `compoundExpression` of a condition on records of `dataset`; else `description`, its text."""
        try:
            return self._said(where, dataset, 1)
        except InexpressibleError:
            return {"description": str(where)}

    def home(self, variable: str, dataset: str) -> str:
        """The dataset that has a variable: the one analysed, else ADSL, whose variables go with every record."""
        inside = variable in self.columns.get(dataset, ()) or variable not in self.columns.get(SUBJECTS, ())
        return dataset if inside else SUBJECTS

    def _said(self, where: Where, dataset: str, level: int) -> Json:
        match where:
            case Compound(operator, parts):
                clauses = [
                    {"level": level + 1, "order": i, **self._said(part, dataset, level + 1)}
                    for i, part in enumerate(parts, 1)
                ]
                return {"compoundExpression": {"logicalOperator": operator, "whereClauses": clauses}}
            case Missing(column, negated):
                return self._condition(column, "NE" if negated else "EQ", [""], dataset)
            case Comparison(column, comparator, operands):
                values = [v for o in operands for v in self._values(o)]
                return self._condition(column, comparator, values, dataset)

    def _condition(self, column: str, comparator: str, values: list[str], dataset: str) -> Json:
        home = self.home(column, dataset)
        return {"condition": {"dataset": home, "variable": column, "comparator": comparator, "value": values}}

    def _values(self, operand: Operand) -> list[str]:
        match operand:
            case Literal(value):
                return [value_text(value)]
            case SettingRef(name):
                setting = self.settings[name]
                return [value_text(v) for v in setting] if isinstance(setting, tuple) else [value_text(setting)]
            case _:
                raise InexpressibleError(str(operand))
