"""One SDTM domain or ADaM dataset: where its records come from and how each variable is made."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from datacut.spec.calls import Call, parse_call
from datacut.spec.conditional import Conditional
from datacut.spec.model import Model
from datacut.spec.where import Where, parse_where

type CallText = Annotated[Call, BeforeValidator(lambda v: parse_call(v) if isinstance(v, str) else v)]
type WhereText = Annotated[Where, BeforeValidator(lambda v: parse_where(v) if isinstance(v, str) else v)]


class Kind(StrEnum):
    """Type of a variable as Define-XML and the writers need it."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"


class VariableSpec(Conditional):
    """One variable: its metadata and the call that makes it.

    A plain call in the YAML (`AETERM: assign(AETERM)`) is short for `{derive: ...}`. `predecessor: ADSL.TRTSDT` copies
    from the base dataset, or by subject from a one-record-per-subject dataset. `made_by: ASTDT` says that another
    variable's call writes this one too. A name that begins with `_` is a working column: used, never kept. What is left
    out (label, type, role, core, codelist) comes from the standard. `text` is the method or comment in words. `when`:
    the dataset has the variable only if the settings have these values.
    """

    label: str | None = None
    type: Kind | None = None
    length: int | None = None
    significant: int | None = None
    format: str | None = None
    origin: str | None = None
    source: str | None = None
    codelist: str | None = None
    role: str | None = None
    core: str | None = None
    pages: str | None = None
    text: str | None = None
    note: str | None = None
    derive: CallText | None = None
    predecessor: str | None = None
    made_by: str | None = None
    where: WhereText | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"derive": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_maker(self) -> VariableSpec:
        makers = [n for n in ("derive", "predecessor", "made_by") if getattr(self, n) is not None]
        if len(makers) > 1:
            raise ValueError(f"only one of {' and '.join(makers)} can make a variable")
        return self


class Exclusion(Model):
    """Source rows that are left out on purpose: which, and why. They are counted in the accounting report."""

    where: WhereText
    reason: str


class Records(Model):
    """A block of records from one source.

    source (`from`): `raw.<form>` or a dataset; where: which of its rows are records; exclude: rows left out with a
    reason; one_per: of several rows with these values, say the subject, only the last is taken; topics: one line per
    test of a horizontal form, whose values stand as `{name}` in `where` and `set` (the loader unrolls them: one block a
    topic, `topic` keeps the line); derive: a records verb that makes the records of those rows, its variables taken
    over as it writes them; set: variables made in this block only.
    """

    id: str | None = None
    source: str = Field(validation_alias=AliasChoices("from", "source"))
    where: WhereText | None = None
    exclude: tuple[Exclusion, ...] = ()
    one_per: tuple[str, ...] = ()
    topic: dict[str, str] = Field(default_factory=dict)
    derive: CallText | None = None
    set: dict[str, VariableSpec] = Field(default_factory=dict)


class Parameter(Model):
    """One PARAMCD of a BDS dataset.

    Either `where` selects the base records that are this parameter, or `derive` is a call that adds its records, or
    `made_by` names the parameter whose call adds them too.
    """

    param: str
    paramn: float | None = None
    parcat1: str | None = None
    unit: str | None = None
    where: WhereText | None = None
    derive: CallText | None = None
    made_by: str | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Parameter:
        if sum(x is not None for x in (self.where, self.derive, self.made_by)) != 1:
            raise ValueError("give one of where (selects base records), derive (adds records) and made_by")
        return self


class Supplemental(Model):
    """One QNAM of the SUPP-- dataset: a variable of the parent's records that has no home in the domain."""

    label: str
    derive: CallText
    origin: str = "CRF"
    evaluator: str | None = None
    codelist: str | None = None
    pages: str | None = None
    text: str | None = None


class ValueLevel(Model):
    """Value-level metadata: what `variable` is where `where` holds."""

    variable: str
    where: WhereText
    type: Kind
    length: int | None = None
    significant: int | None = None
    codelist: str | None = None
    origin: str | None = None
    text: str | None = None


class DatasetSpec(Model):
    """The whole of one file in `specs/sdtm` or `specs/adam`.

    class and structure come from the standard where it has the dataset. keys: sort order and record identity.
    """

    dataset: str
    label: str | None = None
    dataset_class: str | None = Field(default=None, validation_alias=AliasChoices("class", "dataset_class"))
    structure: str | None = None
    keys: tuple[str, ...]
    records: tuple[Records, ...] = ()
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    variables: dict[str, VariableSpec]
    supplemental: dict[str, Supplemental] = Field(default_factory=dict)
    values: tuple[ValueLevel, ...] = ()
    note: str | None = None

    @property
    def of_subjects(self) -> bool:
        """Whether there is one record a subject."""
        return "USUBJID" in self.keys and set(self.keys) <= {"STUDYID", "USUBJID"}

    def continues(self, qnam: str) -> str | None:
        """The variable or qualifier whose long text goes on in `qnam` (`AETERM1`: AETERM); None if it is none."""
        if qnam in self.supplemental:
            return None
        made = {continuation(n, i): n for n in (*self.variables, *self.supplemental) for i in range(1, 100)}
        return made.get(qnam)


def continuation(name: str, number: int) -> str:
    """QNAM of the further pieces of a long text: AETERM1; of a name of eight letters, the last ones give way."""
    return f"{name[: 8 - len(str(number))]}{number}"
