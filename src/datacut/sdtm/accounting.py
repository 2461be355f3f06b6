"""Every collected value of a coded field, and the submission value it becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from datacut.engine.context import Context
from datacut.errors import Findings
from datacut.sdtm.collected import to_submission
from datacut.spec.crf import CrfField
from datacut.spec.load import Specs
from datacut.spec.study import UNSCHEDULED


@dataclass(frozen=True)
class ValueCount:
    """One collected value of one coded field: rows that hold it, and what its codelist makes of it (blank: nothing)."""

    form: str
    column: str
    codelist: str
    collected: str
    submitted: str
    rows: int


def account_values(specs: Specs, sources: Mapping[str, pd.DataFrame], findings: Findings) -> list[ValueCount]:
    """Every value of every field that has a codelist and is submitted, in the order of the specs.

    A value that neither the codelist of the field nor, when it was mapped, that of the variable knows is an error
    finding of rule `sdtm.codelist`, told once a cell. Names of unscheduled visits carry their number and need no term.
    """
    counts: list[ValueCount] = []
    for name, form in specs.forms.items():
        frame = sources[f"raw.{name}"]
        for column, field in _coded(specs.columns(form)) if form.not_submitted is None else ():
            rows = frame[frame[column].notna()]
            rows = rows[~rows[column].str.strip().str.fullmatch(UNSCHEDULED)]
            terms = {t.value for t in specs.codelists[str(field.codelist)].terms}
            different = rows.drop_duplicates(column)
            submitted = to_submission(different, column, different[column], _context(specs, name, column, Findings()))
            known = {c: v if v in terms else "" for c, v in zip(different[column], submitted, strict=True)}
            strange = rows[rows[column].map(known) == ""]
            to_submission(strange, column, strange[column], _context(specs, name, column, findings))
            pairs = sorted(Counter(rows[column].tolist()).items())
            counts += [ValueCount(name, column, str(field.codelist), c, known[c], n) for c, n in pairs]
    return counts


def _context(specs: Specs, form: str, column: str, findings: Findings) -> Context:
    field = specs.columns(specs.forms[form])[column]
    codelist, fields = field.codelist, {column: field}
    return Context(
        f"raw.{form}", column, findings=findings, codelists=specs.codelists, codelist=codelist, fields=fields
    )


def _coded(fields: Mapping[str, CrfField]) -> Iterator[tuple[str, CrfField]]:
    return ((n, f) for n, f in fields.items() if f.codelist is not None and f.not_submitted is None)
