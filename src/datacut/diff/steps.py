"""What was said otherwise in two builds: settings, calls, study code, the package; and which columns it is said of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from datacut.datasets.lineage import EVERY
from datacut.diff.lines import changed_values
from datacut.history.stored import Stored

type Json = dict[str, Any]
type Place = tuple[str, str]

_OF_DATASETS = ("specs/sdtm/", "specs/adam/")
_OF_OUTPUTS = "specs/tlf/"
_STUDY_CODE = "study_"
_SPECS = {
    "codelist": "specs/codelists.yml",
    "codelist of": "specs/codelists.yml",
    "windows": "specs/study.yml",
    "visit": "specs/study.yml",
    "form_visits": "specs/crf",
    "field": "specs/crf",
    "units": "specs/units.yml",
    "grading": "specs/grading.yml",
}
"""Where the things that a context gives to calls are said."""
OF_TEXT = ("footnote", "order of footnotes", "abbreviations", "protocol, sponsor, status")
"""Parts of an output that change what is printed around its results, and no result."""


@dataclass(frozen=True)
class Cause:
    """What a difference goes back to. kind: as it is counted; text: one line; file: where it stands, if it is in one;
    key: what it is, where the text says more."""

    kind: str
    text: str
    file: str = ""
    key: str = ""


class Steps:
    """What was said otherwise to the calls and outputs of a later build than to those of an earlier one."""

    def __init__(self, old: Stored, new: Stored) -> None:
        self.old, self.new = old, new

    @cached_property
    def files(self) -> dict[str, str]:
        """Files of the study that differ: `changed`, `new` or `gone`, by path; the export is not one of them."""
        before, now = (_inputs(s) for s in (self.old, self.new))
        return {
            name: "new" if name not in before else "gone" if name not in now else "changed"
            for name in sorted(before.keys() | now.keys())
            if before.get(name) != now.get(name)
        }

    @cached_property
    def package(self) -> list[str]:
        """Files of the package that differ."""
        before, now = (s.steps["package"] for s in (self.old, self.new))
        return sorted(n for n in before.keys() | now.keys() if before.get(n) != now.get(n))

    def of_columns(self) -> Iterator[tuple[Place, Cause]]:
        """Each column of which a call was said otherwise; `*` of a dataset: of all that its record blocks make."""
        for task, parts in self._changed().items():
            dataset, _, name = task.partition(" #")[0].partition(".")
            causes = [self._cause(task, part) for part in parts]
            for cause in filter(None, causes):
                for variable in self._writes(dataset, name):
                    yield (dataset, variable), cause
        for dataset in self.new.datasets:
            yield from self._of_dataset(dataset)

    def of_outputs(self) -> Iterator[tuple[str, Cause, bool]]:
        """Each output of which something was said otherwise, and whether it is text that changes no result."""
        for task, parts in self._changed(outputs=True).items():
            for part in parts:
                cause = self._cause(task, part)
                if cause is not None:
                    yield task, cause, part in OF_TEXT or part.startswith("footnote ")

    def of_variable(self, dataset: str, variable: str) -> list[Cause]:
        """What may have changed values of a variable, or records (`*`), whose call and inputs are all the same.

        Of what a call makes, nothing but other lines on the variable itself: its key is over all else. Of the rest,
        lines of the dataset's specs, or else of specs that all datasets share, or else code that no call names.
        """
        if self._is_called(dataset, variable):
            return [c for c in self._of_dataset_file(dataset) if variable in c.text.partition(": ")[0].split(".")]
        return self._of_dataset_file(dataset) or self._of_any()

    def is_derived(self, dataset: str, variable: str) -> bool:
        """Whether a variable is filled after its records were made."""
        about = self.new.how(dataset)
        own = about["columns"].get(variable) if about is not None else None
        return own is not None and not own.get("early")

    def _is_called(self, dataset: str, variable: str) -> bool:
        """Whether a call makes a variable, of columns or of raw fields: a key says all that its values rest on."""
        about = self.new.how(dataset)
        if about is None:
            return False
        own = about["columns"].get(variable, {})
        return "call" in own or any(variable in block["mapped"] for block in about["blocks"])

    def _of_dataset_file(self, dataset: str) -> list[Cause]:
        stems = (dataset.lower(), dataset.removeprefix("SUPP").lower())
        files = [
            n for n in self.files if n.startswith(_OF_DATASETS) and n.rpartition("/")[2].partition(".")[0] in stems
        ]
        return [cause for file in files for cause in self._values(file)]

    def _of_any(self) -> list[Cause]:
        files = [n for n in self.files if n.startswith("specs/") and not n.startswith((*_OF_DATASETS, _OF_OUTPUTS))]
        found = [cause for file in files for cause in self._values(file)]
        if found:
            return found
        code = [Cause("study code", f"{n} {how}", n, key=n) for n, how in self.files.items() if n.endswith(".py")]
        return code or ([self._engine()] if self.package else [])

    def _values(self, file: str) -> Iterator[Cause]:
        paths = [s.home / "study" / file for s in (self.old, self.new)]
        for place, old, new in changed_values(paths[0], paths[1], file):
            yield Cause("spec", f"{file} {place}: {old} -> {new}", file, key=f"{file} {place}")

    def _engine(self) -> Cause:
        return Cause("engine", f"code of the package: {', '.join(self.package)}", key="engine")

    def _changed(self, *, outputs: bool = False) -> dict[str, list[str]]:
        before, now = (s.steps["steps"] for s in (self.old, self.new))
        found = {}
        for task in now.keys() & before.keys():
            if (task in self.new.study["outputs"]) is not outputs:
                continue
            a, b = before[task], now[task]
            # what only one of them was given, data made it ask for: what it got is in the specs of both
            parts = [p for p in sorted(a.keys() & b.keys()) if a[p] != b[p]]
            if parts:
                found[task] = parts
        return dict(sorted(found.items()))

    def _cause(self, task: str, part: str) -> Cause | None:
        kind, _, name = part.partition(": ")
        if part.startswith("call "):
            return None  # told variable by variable, with both texts
        if kind == "setting" or part.startswith("setting "):
            return self._setting(name or part.removeprefix("setting "))
        if kind == "code":
            return self._code(name)
        if part == "code":
            return self._engine() if self.package else None
        if part.startswith("study."):
            return self._of_study(part.removeprefix("study."))
        if part.startswith("records of "):
            return None
        file = _SPECS.get(kind, f"specs/tlf/{task}.yml" if part == "lines" else "specs")
        what = f"{kind} {name}".strip() if name else part
        return Cause(
            "spec", f"{what} of {task}" if part == "lines" else what, file, key=part if part != "lines" else task
        )

    def _setting(self, name: str) -> Cause | None:
        old, new = (s.study["settings"].get(name) for s in (self.old, self.new))
        if old == new:
            return None
        return Cause("setting", f"setting {name}: {_said(old)} -> {_said(new)}", "specs/study.yml", key=name)

    def _of_study(self, name: str) -> Cause | None:
        if name in self.new.study["settings"]:
            return self._setting(name)
        if name.startswith("CUT"):
            return Cause("cut", f"the cut: {self.old.study['cut']} -> {self.new.study['cut']}", key="cut")
        return Cause("spec", f"{name} of the study", "specs/study.yml", key=f"study.{name}")

    def _code(self, module: str) -> Cause | None:
        if module.startswith(_STUDY_CODE):
            folder, _, stem = module.removeprefix(_STUDY_CODE).partition("_")
            file = f"{folder}/{stem}.py"
            if file in self.files:
                return Cause("study code", f"{file} {self.files[file]}", file, key=file)
        return self._engine() if self.package else None

    def _writes(self, dataset: str, name: str) -> list[str]:
        """The columns that a task writes: those with the call of the one it is called after."""
        about = self.new.how(dataset) or self.old.how(dataset)
        if about is None or name == EVERY:
            return [EVERY]
        if name in about["added"]:
            return [EVERY]
        own = about["columns"].get(name)
        if own is None or "call" not in own:
            return [name]
        return [n for n, c in about["columns"].items() if c.get("call") == own["call"] and c["where"] == own["where"]]

    def _of_dataset(self, dataset: str) -> Iterator[tuple[Place, Cause]]:
        """What is said otherwise of the variables of a dataset, and of the blocks and calls that make its records."""
        before, now = (s.how(dataset) if dataset in s.datasets else None for s in (self.old, self.new))
        if before is None or now is None:
            return
        file = next((n for n in self.files if n.rpartition("/")[2] == f"{dataset.lower()}.yml"), "")
        for variable in dict.fromkeys([*now["columns"], *before["columns"]]):
            a, b = (_spoken(h["columns"].get(variable)) for h in (before, now))
            if a != b:
                yield (dataset, variable), _line(f"{dataset}.{variable}", a, b, file)
        blocks = [{_name(n, b, h["blocks"]): b for n, b in enumerate(h["blocks"])} for h in (before, now)]
        for name in dict.fromkeys([*blocks[1], *blocks[0]]):
            was, is_ = (side.get(name) for side in blocks)
            if was is None or is_ is None or _where(was) != _where(is_):
                yield (dataset, EVERY), _line(f"records of {dataset} from {name}", _where(was), _where(is_), file)
            if was is None or is_ is None:
                continue
            for variable in dict.fromkeys([*is_["mapped"], *was["mapped"]]):
                x, y = (_spoken(side["mapped"].get(variable)) for side in (was, is_))
                if x != y:
                    yield (dataset, variable), _line(f"{dataset}.{variable} from {name}", x, y, file)
        for name in dict.fromkeys([*now["added"], *before["added"]]):
            x, y = (_spoken(h["added"].get(name)) for h in (before, now))
            if x != y:
                yield (dataset, EVERY), _line(f"records of {dataset} by {name}", x, y, file)


def _inputs(stored: Stored) -> dict[str, str]:
    manifest = json.loads((stored.home / "manifest.json").read_text(encoding="utf-8"))
    named: dict[str, str] = manifest["inputs"]
    return {name: sha for name, sha in named.items() if not name.startswith(("raw/", "before/"))}


def _spoken(about: Mapping[str, Any] | None) -> str:
    """A call with its condition, as a person would write it; blank where there is none."""
    if about is None:
        return ""
    said = ".".join(about["predecessor"]) if about.get("predecessor") else about.get("call", "")
    where = f" where {about['where']}" if about.get("where") else ""
    return " ".join(f"{said}{where}".split())


def _where(block: Json | None) -> str:
    if block is None:
        return ""
    called = f" by {block['call']['call']}" if block["call"] else ""
    return " ".join(f"where {block['where'] or 'all'}{called}".split())


def _name(number: int, block: Json, blocks: list[Json]) -> str:
    """A block by its source, its id, and how many such came before: blocks beside it do not change that."""
    same = [n for n, other in enumerate(blocks) if (other["source"], other["id"]) == (block["source"], block["id"])]
    place = same.index(number)
    return " ".join(filter(None, (block["source"], block["id"], str(place + 1) if place else "")))


def _line(what: str, old: str, new: str, file: str) -> Cause:
    return Cause("spec", f"{what}: {old or '(none)'} -> {new or '(none)'}", file, key=f"{what} {old} {new}")


def _said(value: object) -> str:
    if value is None:
        return "(none)"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
