"""How late an export was taken: the latest time in the audit columns of its systems."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.compute.dates import parse_parts, to_iso
from datacut.spec.load import Specs


def latest_entry(sources: Mapping[str, pd.DataFrame], specs: Specs) -> str:
    """The latest time of entry, change or transfer in an export, ISO 8601 as recorded; blank if none can be read.

    sources: the forms as read (`raw.<form>`), columns in text; read: the columns that their system declares as
    `audit`, by their format. A time that is missing or cannot be read does not count.
    """
    latest = ""
    for form in specs.forms.values():
        name = f"raw.{form.form}"
        system = specs.study.systems.get(form.system)
        for column in system.audit if system is not None and name in sources else ():
            formats = system.columns[column].format if system is not None else None
            if formats is None or column not in sources[name].columns:
                continue
            texts = pd.Series(sources[name][column].dropna().unique(), dtype="str")
            latest = max([latest, *to_iso(parse_parts(texts, None, [formats])).dropna()])
    return latest
