"""`core_explained.yml`: issues of CDISC CORE that are false alarms in this study, one by one, each with its reason."""

from __future__ import annotations

from datacut.spec.dataset import WhereText
from datacut.spec.model import Model


class Unless(Model):
    """Records that take a subject out of an explanation: any record of `dataset` where `where` holds."""

    dataset: str
    where: WhereText


class Explanation(Model):
    """Which issues of one rule are false alarms, and why.

    dataset: of the issue; variables: those that the rule reports, all of them; where: holds on the record of the issue,
    in which `DM.RFICDTC` is a variable of its subject in DM;
    unless: the subject of the issue has no such record; reason: why the issue stands, for the reviewer.
    """

    rule: str
    dataset: str
    variables: tuple[str, ...] = ()
    where: WhereText | None = None
    unless: Unless | None = None
    reason: str


class Explained(Model):
    """The whole of `core_explained.yml`."""

    explained: tuple[Explanation, ...] = ()
