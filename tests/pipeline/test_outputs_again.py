"""Outputs made again: what was made of the same is taken, whatever else has changed, and is the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from datacut.cache.code import Code
from datacut.cache.entries import Entries
from datacut.cache.tasks import Tasks
from datacut.datasets.model import Dataset
from datacut.errors import Findings
from datacut.pipeline.outputs import write_outputs
from datacut.pipeline.report import Product
from datacut.pipeline.specs import Bound
from datacut.pipeline.verbs import make_registry
from datacut.spec.load import Specs, load_specs
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Study
from datacut.tlf.build_frame import Edition

STUDY = {
    "study": "S1",
    "title": "A study",
    "protocol": "P1",
    "sponsor": "A sponsor",
    "standards": {"sdtmig": "3.4", "adamig": "1.3", "ct": "x"},
    "settings": {
        "limit": {"value": "3", "source": "a", "text": "b"},
        "unread": {"value": "own", "source": "a", "text": "b"},
    },
    "analysis_sets": {"SAF": {"label": "Safety Set", "where": 'SAFFL EQ "Y"'}},
    "groupings": {
        "dose": {
            "variable": "TRT01A",
            "label": "Dose",
            "levels": [{"value": "low", "label": "Low"}, {"value": "high", "label": "High"}],
        },
        "site": {"variable": "SITEID", "label": "Site", "levels": [{"value": "1", "label": "One"}]},
    },
}
LIBRARY = {
    "footnotes": {"F-N": "N = subjects.", "F-AE": "Every event counts.", "F-NONE": "Said nowhere."},
    "last": ["F-N"],
    "patterns": {"S-NPCT": {"cell": "{n} ({p:1%})", "zero": "{n}"}, "S-N": "{n}"},
    "columns": {
        "DOSE": {"groups": [{"by": "dose", "total": "Total"}]},
        "SITE": {"groups": [{"by": "site", "total": "Total"}]},
    },
    "documents": {"title": "All outputs", "sections": {"14.1": "Subjects", "14.3": "Safety", "16.2": "Data"}},
}
OUTPUTS: tuple[dict[str, Any], ...] = (
    {
        "output": "t-sex",
        "number": "Table 14.1.1",
        "title": "Sex",
        "population": "SAF",
        "columns": "DOSE",
        "analyses": [{"label": "Sex", "call": 'ard_tabulate(SEX, levels={"F": "Female", "M": "Male"})'}],
    },
    {
        "output": "t-ae",
        "number": "Table 14.3.1",
        "title": "Severe events",
        "population": "SAF",
        "dataset": "ADAE",
        "columns": "SITE",
        "footnotes": ["F-AE"],
        "analyses": [{"label": "Severe", "where": "AESEV GE $limit", "call": "ard_count_subjects()"}],
    },
    {
        "output": "t-alt",
        "number": "Table 14.3.2",
        "title": "Raised ALT",
        "population": "SAF",
        "dataset": "ADLB",
        "columns": "DOSE",
        "where": 'PARAMCD EQ "ALT"',
        "analyses": [{"label": "Raised", "where": "AVAL GT 40", "call": 'ard_count_subjects(pattern="S-N")'}],
    },
    {
        "output": "l-ae",
        "number": "Listing 16.2.7",
        "title": "Events",
        "population": "SAF",
        "kind": "listing",
        "records": {
            "dataset": "ADAE",
            "sort": ["USUBJID", "AETERM"],
            "columns": {
                "subject": {"label": "Subject", "call": "ard_value(USUBJID)"},
                "term": {"label": "Event", "call": "ard_value(AETERM)"},
            },
        },
    },
)
FRAMES = {
    "ADSL": {
        "USUBJID": ["1", "2", "3"],
        "SAFFL": ["Y", "Y", "Y"],
        "TRT01A": ["low", "low", "high"],
        "SITEID": ["1", "1", "1"],
        "SEX": ["F", "M", "F"],
        "BRTHDTC": ["1980", "1981", "1982"],
    },
    "ADAE": {"USUBJID": ["1", "3"], "AETERM": ["HEADACHE", "FEVER"], "AESEV": [1, 3], "AUDIT": ["a", "b"]},
    "ADLB": {"USUBJID": ["1", "1", "2"], "PARAMCD": ["ALT", "AST", "ALT"], "AVAL": [50.0, 20.0, 30.0]},
}
EACH = [str(spec["output"]) for spec in OUTPUTS]
FORMS = ("rtf", "docx", "pdf")


@pytest.fixture(scope="module")
def whole() -> tuple[Specs, Registry]:
    root = Path(__file__).parents[2]
    return load_specs(root), make_registry(root)


@dataclass
class Trial:
    """A study of four outputs that is built again and again, each time into a new folder."""

    home: Path
    code: Code
    specs: Specs
    registry: Registry
    frames: dict[str, pd.DataFrame] = field(
        default_factory=lambda: {name: pd.DataFrame(columns) for name, columns in FRAMES.items()}
    )
    edition: Edition = field(default_factory=lambda: Edition("build", "2026-01-01"))
    builds: int = 0
    tasks: Tasks = field(init=False)
    products: list[Product] = field(init=False)

    def run(self, entries: str = "entries", workers: int = 1, only: frozenset[str] | None = None) -> dict[str, bytes]:
        """Every file of a build."""
        self.builds += 1
        folder = self.home / f"build {self.builds}"
        folder.mkdir()
        findings = Findings()
        self.tasks = Tasks(Entries(self.home / entries), self.code)
        adam = {name: Dataset(name, name, (), frame) for name, frame in self.frames.items()}
        bound = Bound(self.specs, self.registry, None, (), frozenset(), ())  # type: ignore[arg-type]
        self.products = write_outputs(
            bound, adam, "2026-01-01", folder, findings, workers, self.edition, only, tasks=self.tasks
        )
        assert [str(f) for f in findings] == []
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    @property
    def made(self) -> list[str]:
        """The tasks that were not taken from entries."""
        return [done.name for done in self.tasks.done if not done.reused]

    def study(self, **changes: object) -> None:
        self.specs = replace(self.specs, study=Study.model_validate({**STUDY, **changes}))

    def library(self, **changes: object) -> None:
        self.specs = replace(self.specs, library=OutputLibrary.model_validate({**LIBRARY, **changes}))

    def column(self, dataset: str, column: str, values: list[object]) -> None:
        self.frames[dataset] = self.frames[dataset].assign(**{column: values})


@pytest.fixture
def trial(tmp_path: Path, package_code: Code, whole: tuple[Specs, Registry]) -> Trial:
    specs, registry = whole
    outputs = {str(spec["output"]): OutputSpec.model_validate(spec) for spec in OUTPUTS}
    own = replace(
        specs,
        study=Study.model_validate(STUDY),
        library=OutputLibrary.model_validate(LIBRARY),
        outputs=outputs,
        codelists={},
    )
    return Trial(tmp_path, package_code, own, registry)


def documents(*names: str) -> list[str]:
    return [f"document {name}.{form}" for name in ("all-sections", *names) for form in FORMS]


TOGETHER = ["rules over results", "analyses of the reporting event", "reporting event", "results of all outputs"]
SECTIONS = ("section-14-1", "section-14-3", "section-16-2")


def test_nothing_changed_is_taken_whole(trial: Trial) -> None:
    fresh = trial.run()
    assert trial.made == [*EACH, *TOGETHER, *documents(*SECTIONS)]
    assert {"tlf/t-sex.pdf", "records/l-ae.records.parquet", "ard.csv", "ard.json", "ars.json"} <= fresh.keys()
    assert "tlf/combined/all-sections.docx" in fresh
    products = trial.products
    assert trial.run() == fresh
    assert trial.made == []
    assert trial.products == products
    assert [d.name for d in trial.tasks.done] == [*EACH, *TOGETHER, *documents(*SECTIONS)]


def test_the_number_of_workers_does_not_matter(trial: Trial) -> None:
    fresh = trial.run()
    done = trial.tasks.done
    assert trial.run("others", workers=2) == fresh
    assert trial.tasks.done == done, "those of the workers too, in the same order"
    assert trial.run("others", workers=2) == fresh
    assert trial.made == []


def test_a_column_that_nothing_reads(trial: Trial) -> None:
    fresh = trial.run()
    trial.column("ADAE", "AUDIT", ["x", "y"])
    trial.column("ADSL", "BRTHDTC", ["1", "2", "3"])
    again = trial.run()
    assert trial.made == ["rules over results"], "which are held against whole datasets"
    assert again == fresh


@pytest.mark.parametrize(
    ("dataset", "column", "values", "outputs", "sections"),
    [
        ("ADSL", "SEX", ["M", "M", "F"], ["t-sex"], ["section-14-1"]),
        ("ADAE", "AESEV", [3, 3], ["t-ae"], ["section-14-3"]),
        ("ADAE", "AETERM", ["HEADACHE", "CHILLS"], ["l-ae"], ["section-16-2"]),
        ("ADLB", "AVAL", [50.0, 20.0, 41.0], ["t-alt"], ["section-14-3"]),
        ("ADLB", "AVAL", [50.0, 99.0, 30.0], [], []),
    ],
    ids=["subject", "event", "term", "result", "result of another parameter"],
)
def test_a_changed_value_makes_the_outputs_that_read_it(
    trial: Trial, dataset: str, column: str, values: list[object], outputs: list[str], sections: list[str]
) -> None:
    fresh = trial.run()
    trial.column(dataset, column, values)
    again = trial.run()
    assert [name for name in trial.made if name in EACH] == outputs
    assert [n for n in trial.made if n.startswith("document")] == (documents(*sections) if outputs else [])
    kept = {n for n in fresh if n.startswith("tlf/") and n.partition(".")[0].removeprefix("tlf/") in EACH}
    kept -= {f"tlf/{name}.{form}" for name in outputs for form in (*FORMS, "html")}
    assert {name for name in kept if fresh[name] != again[name]} == set()
    assert trial.run("others") == again, "as a fresh build makes it"


def test_a_footnote_makes_its_output_and_the_documents_it_is_in(trial: Trial) -> None:
    fresh = trial.run()
    trial.library(footnotes={**LIBRARY["footnotes"], "F-AE": "Every event counts once."})  # type: ignore[dict-item]
    again = trial.run()
    assert trial.made == ["t-ae", "reporting event", *documents("section-14-3")]
    assert again["ard.csv"] == fresh["ard.csv"]
    assert b"Every event counts once." in again["tlf/t-ae.html"]
    assert trial.run("others") == again


def test_a_footnote_that_no_output_has(trial: Trial) -> None:
    fresh = trial.run()
    trial.library(footnotes={**LIBRARY["footnotes"], "F-NONE": "Other."})  # type: ignore[dict-item]
    assert trial.run() == fresh
    assert trial.made == []


def test_a_setting_that_a_condition_names(trial: Trial) -> None:
    trial.run()
    settings: Mapping[str, Any] = STUDY["settings"]  # type: ignore[assignment]
    trial.study(settings={**settings, "limit": {**settings["limit"], "value": "1"}})
    again = trial.run()
    assert [name for name in trial.made if name in EACH] == ["t-ae"]
    assert trial.run("others") == again


def test_a_grouping_makes_the_tables_with_its_columns(trial: Trial) -> None:
    trial.run()
    groupings: Mapping[str, Any] = STUDY["groupings"]  # type: ignore[assignment]
    trial.study(groupings={**groupings, "site": {**groupings["site"], "levels": [{"value": "1", "label": "Uno"}]}})
    again = trial.run()
    assert [name for name in trial.made if name in EACH] == ["t-ae"]
    assert b"Uno" in again["tlf/t-ae.html"]
    assert trial.run("others") == again


def test_a_pattern_that_a_method_takes_of_itself(trial: Trial) -> None:
    trial.run()
    trial.library(patterns={**LIBRARY["patterns"], "S-NPCT": "{n}"})  # type: ignore[dict-item]
    again = trial.run()
    assert [name for name in trial.made if name in EACH] == ["t-sex", "t-ae"], "their calls name no pattern"
    assert trial.run("others") == again


def test_the_code_of_a_method_makes_the_outputs_that_call_it(trial: Trial) -> None:
    fresh = trial.run()
    files = {**trial.code.files, "ard/tabulate.py": "0" * 64}
    trial.code = Code(files, {})
    assert trial.run() == fresh
    assert [name for name in trial.made if name in EACH] == ["t-sex"]


def test_the_code_of_a_renderer_makes_every_output(trial: Trial) -> None:
    trial.run()
    trial.code = Code({**trial.code.files, "tlf/render_rtf.py": "0" * 64}, {})
    trial.run()
    assert trial.made[: len(EACH)] == EACH


def test_the_time_of_the_export_is_printed(trial: Trial) -> None:
    trial.run()
    digests = [p.digest for p in trial.products]
    trial.edition = replace(trial.edition, exported="2026-01-02")
    again = trial.run()
    assert [name for name in trial.made if name in EACH] == EACH
    assert "results of all outputs" not in trial.made
    assert [p.digest for p in trial.products] == digests, "it is no part of what an output is made of"
    assert trial.run("others") == again


def test_a_spoilt_entry_is_made_again(trial: Trial) -> None:
    fresh = trial.run()
    key = next(d.key for d in trial.tasks.done if d.name == "t-sex")
    path = trial.tasks.entries.folder / key[:2] / key
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert trial.run(workers=2) == fresh
    assert trial.made == ["t-sex"]
    assert trial.tasks.entries.spoilt == [key]


def test_a_failure_is_not_kept(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("datacut.pipeline.make_output.paginate", broken)
        with pytest.raises(AssertionError, match="MemoryError"):
            trial.run()
    fresh = trial.run()
    assert [name for name in trial.made if name in EACH] == EACH
    assert trial.run("others") == fresh


def test_some_outputs_alone_take_entries_and_say_their_one_digest(trial: Trial) -> None:
    fresh = trial.run()
    digests = {p.name: p.digest for p in trial.products}
    some = trial.run(only=frozenset({"t-ae"}))
    assert trial.made == []
    assert [d.name for d in trial.tasks.done] == ["t-ae"]
    assert {name: fresh[name] for name in some} == some
    assert {p.name: p.digest for p in trial.products if p.digest} == {"t-ae": digests["t-ae"]}
    assert digests["t-ae"][:12].encode() in fresh["tlf/t-ae.html"]
