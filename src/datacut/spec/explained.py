"""`core_explained.yml`: issues of CDISC CORE that are false alarms in this study, one by one, each with its reason."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from datacut.spec.dataset import WhereText
from datacut.spec.model import Model


class Unless(Model):
    """Records that take a subject out of an explanation: any record of `dataset` where `where` holds."""

    dataset: str
    where: WhereText


class Starts(Model):
    """How the date of a record lies to what had started of its subject, by every day that the date can mean.

    dates: dataset of the issue -> its variable of the date; dataset, variable: where the starts stand (SE, SESTDTC);
    lies: `before` the first start, or `across` a start: on some day before it and on some day on or after it.
    """

    dates: dict[str, str]
    dataset: str
    variable: str
    lies: Literal["before", "across"]


class Explanation(Model):
    """Which issues of one rule are false alarms, and why.

    dataset: of the issue; variables: those that the rule reports, all of them; where: holds on the record of the issue,
    in which `DM.RFICDTC` is a variable of its subject in DM; starts: how its date lies, in place of `dataset`;
    unless: the subject of the issue has no such record; reason: why the issue stands, for the reviewer.
    """

    rule: str
    dataset: str = ""
    variables: tuple[str, ...] = ()
    where: WhereText | None = None
    starts: Starts | None = None
    unless: Unless | None = None
    reason: str

    @model_validator(mode="after")
    def _of_some_dataset(self) -> Explanation:
        if bool(self.dataset) == (self.starts is not None):
            raise ValueError("give the dataset of the issue, or starts, which names its datasets")
        return self

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets whose issues it explains."""
        return (self.dataset,) if self.starts is None else tuple(self.starts.dates)


class Explained(Model):
    """The whole of `core_explained.yml`."""

    explained: tuple[Explanation, ...] = ()
