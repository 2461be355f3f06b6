"""What the packaged standards say about a variable, a dataset and a codelist."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class StandardVariable:
    """One variable as a CDISC table states it.

    order: place in the dataset's table; a model variable the table does not list stands, as a fraction,
        right behind the listed variable it follows in the model.
    codelists: C-codes; none, one or several. core: Req, Exp, Cond or Perm.
    generic: the name with placeholders (`TRTxxP`, `--SEQ`), equal to `name` where there is none.
    label: a part in braces, `...` or `XX` is the study's to fill in; see `label_is_open`.
    value_domain: `ISO 8601 ...`, `MedDRA`, where the table names one. values: the values the table allows.
    """

    name: str
    label: str
    type: str
    role: str | None
    core: str
    order: float
    codelists: tuple[str, ...]
    generic: str
    source: str
    value_domain: str | None = None
    values: tuple[str, ...] = ()

    @property
    def codelist(self) -> str | None:
        """C-code of the codelist, the first where the table names several."""
        return self.codelists[0] if self.codelists else None

    @property
    def label_is_open(self) -> bool:
        """Whether the study has to complete the label itself."""
        return "{" in self.label or "..." in self.label or "XX" in self.label


@dataclass(frozen=True, slots=True)
class StandardDataset:
    """One SDTMIG dataset: name, label, observation class and what one record is."""

    name: str
    label: str
    observation_class: str
    structure: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a codelist. code: NCI C-code, empty where unknown; decode: name in words, may be empty."""

    code: str
    value: str
    decode: str


@dataclass(frozen=True)
class Codelist:
    """One codelist of one terminology package. value: its short name (`NY`), empty where unknown."""

    code: str
    value: str
    name: str
    extensible: bool
    terms: tuple[Term, ...]
    package: str

    @cached_property
    def by_value(self) -> dict[str, Term]:
        """Terms keyed by submission value."""
        return {term.value: term for term in self.terms}

    def __contains__(self, value: object) -> bool:
        return value in self.by_value
