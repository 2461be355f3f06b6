"""How late an export was taken: the latest time in the audit columns of its systems."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.compute.dates import parse_parts, to_iso
from datacut.compute.texts import distinct_texts
from datacut.spec.load import Specs


def latest_entry(sources: Mapping[str, pd.DataFrame], specs: Specs) -> str:
    """The latest time of entry, change or transfer in an export, ISO 8601 as recorded; blank if none can be read."""
    return max(latest_entries(sources, specs).values(), default="")


def latest_entries(sources: Mapping[str, pd.DataFrame], specs: Specs) -> dict[str, str]:
    """The same of each system; one of which none can be read is left out.

    sources: the forms as read (`raw.<form>`), columns in text; read: the columns that their system declares as
    `audit`, by their format. A time that is missing or cannot be read does not count.
    """
    texts: dict[tuple[str, str], set[str]] = {}
    for form in specs.forms.values():
        name = f"raw.{form.form}"
        system = specs.study.systems.get(form.system)
        if system is None or name not in sources:
            continue
        shapes = {c: system.columns[c].format for c in system.audit if c in sources[name].columns}
        for column, held in distinct_texts(sources[name], [*shapes]).items():
            if (shape := shapes[column]) is not None:
                texts.setdefault((form.system, shape), set()).update(held)
    latest: dict[str, str] = {}
    for (system_name, shape), times in texts.items():
        known = to_iso(parse_parts(pd.Series(sorted(times), dtype="str"), None, [shape])).dropna()
        if len(known):
            latest[system_name] = max([latest.get(system_name, ""), *known])
    return latest
