"""What tells one making of an output from another: a digest of all it was made of, and the run if it is given."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from datacut.spec.load import Specs
from datacut.spec.model import Model
from datacut.spec.output import OutputSpec
from datacut.spec.resolve_output import resolve_output
from datacut.tlf.build_frame import footnote_ids

SUBJECTS = "ADSL"
_NAME = re.compile(r"\w[\w.-]*")


def output_digest(spec: OutputSpec, specs: Specs, inputs: Mapping[str, str]) -> str:
    """SHA-256 of the resolved lines of an output, the settings they name and the datasets they read.

    inputs: digest of each dataset by name. A line of another output, and a setting or dataset that no line names, are
    not in it. Raises SpecError where its template cannot be filled in.
    """
    library, study = specs.library, specs.study
    spec = resolve_output(spec, library)
    lines: dict[str, object] = {
        "output": spec.model_dump(mode="json"),
        "footnotes": {name: library.footnotes.get(name, "") for name in footnote_ids(spec, library)},
    }
    shared: dict[str, Mapping[str, Model]] = {
        "set": study.analysis_sets,
        "columns": library.columns,
        "patterns": library.patterns,
        "groupings": study.groupings,
    }
    named = set(_words(lines))
    for kind, known in shared.items():
        lines[kind] = {name: part.model_dump(mode="json") for name, part in known.items() if name in named}
        named |= {kind, *_words(lines[kind])}
    lines["windows"] = {n: [w.model_dump(mode="json") for w in own] for n, own in study.windows.items() if n in named}
    lines["settings"] = {name: setting.value for name, setting in study.settings.items() if name in named}
    lines["inputs"] = {name: digest for name, digest in inputs.items() if name in named or name == SUBJECTS}
    text = json.dumps(lines, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def run_time() -> str:
    """The run as SOURCE_DATE_EPOCH gives it (seconds since 1970), ISO 8601 in UTC; blank where it does not."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%dT%H:%M:%SZ}" if epoch.isdecimal() else ""


def _words(tree: object) -> Iterator[str]:
    """Every word of the keys and texts of the lines, each a name that they may use."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _NAME.findall(key)
            yield from _words(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _words(value)
    elif isinstance(tree, str):
        yield from _NAME.findall(tree)
