"""One output that fails, or one format of it, takes nothing else down; documents follow numbers."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError
from pypdf import PdfReader

from datacut.cache.entries import Entries
from datacut.cache.tasks import Tasks
from datacut.datasets.ard import empty_ard
from datacut.errors import Findings
from datacut.pipeline import make_output, make_together, outputs
from datacut.pipeline.specs import Bound
from datacut.spec.documents import Documents
from datacut.spec.load import load_specs
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.tlf.build import BuiltOutput
from datacut.tlf.layout import Column, Display, Kind, Row, Section

SPECS = load_specs(Path(__file__).parents[2])
NUMBERS = {"t-1": "Table 14.1.2", "l-2": "Listing 16.2.1", "t-3": "Table 14.1.1", "t-4": "Table 9.1"}
COLUMNS = (Column(("a",), ("A",), stub=True), Column(("b",), ("B",)))


def results(spec: OutputSpec) -> SimpleNamespace:
    return SimpleNamespace(spec=spec, ard=empty_ard(), records={}, findings=[])


def shown(spec: OutputSpec) -> Display:
    return Display(spec.output, spec.number, spec.title, COLUMNS, (Section((Row(("x", "y")),)),), kind=Kind.TABLE)


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> Bound:
    """Four outputs whose results are given; three stand in a section."""
    head = {"title": "T", "population": "SAF", "columns": "C", "analyses": [{"call": "ard_count()"}]}
    made = {i: OutputSpec.model_validate({"output": i, "number": number, **head}) for i, number in NUMBERS.items()}
    documents = Documents(title="All", sections={"14.1": "Subjects", "14.2": "Effect", "16.2": "Data"})
    specs = replace(SPECS, outputs=made, library=OutputLibrary(documents=documents))
    monkeypatch.setattr(make_output, "build_ard", lambda spec, *_: results(spec))
    monkeypatch.setattr(make_output, "build_output", lambda spec, *_: BuiltOutput(spec.output, shown(spec)))
    return Bound(specs, Registry(), None, (), frozenset(), ())  # type: ignore[arg-type]


def written(bound: Bound, folder: Path, tasks: Tasks, workers: int = 1) -> tuple[Findings, set[str], dict[str, str]]:
    findings = Findings()
    products = outputs.write_outputs(bound, {}, "2026-09-01", folder, findings, workers, tasks=tasks)
    files = {p.relative_to(folder / "tlf").as_posix() for p in (folder / "tlf").rglob("*.*")}
    return findings, files, {p.name: f"{p.amount} {p.unit} {p.lacking}".strip() for p in products}


def of(names: str, *forms: str) -> set[str]:
    return {f"{name}.{form}" for name in names.split() for form in forms or ("rtf", "docx", "pdf", "html")}


BOOKS = of("combined/section-14-1 combined/section-16-2 combined/all-sections", "rtf", "docx", "pdf")


def test_every_output_in_every_format_and_in_its_section(bound: Bound, tasks: Tasks, tmp_path: Path) -> None:
    findings, files, sizes = written(bound, tmp_path, tasks)
    assert files == of("t-1 l-2 t-3 t-4") | BOOKS
    assert [(f.rule, str(f.where), f.value) for f in findings] == [("tlf.section", "t-4", "Table 9.1")]
    assert set(sizes.values()) == {"1 pages"}
    text = PdfReader(tmp_path / "tlf" / "combined" / "all-sections.pdf").pages[1].extract_text()
    order = [text.index(label) for label in ("14.1 Subjects", "14.1.1", "14.1.2", "16.2 Data", "16.2.1")]
    assert order == sorted(order)
    assert "14.2" not in text and "9.1" not in text


def test_two_workers_write_the_same(bound: Bound, tasks: Tasks, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    findings, files, sizes = written(bound, one, tasks)
    again = written(bound, two, Tasks(Entries(tmp_path / "others"), tasks.code), workers=2)
    assert (list(again[0]), *again[1:]) == (list(findings), files, sizes)
    assert all((one / "tlf" / name).read_bytes() == (two / "tlf" / name).read_bytes() for name in files)


@pytest.mark.parametrize("step", ["build_ard", "build_output", "paginate"])
def test_an_output_that_fails_is_one_finding(
    bound: Bound, tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    whole = getattr(make_output, step)

    def broken(first: Any, *rest: Any) -> Any:
        if "t-1" in (getattr(first, "output", ""), getattr(first, "id", "")):
            raise ZeroDivisionError("of nothing")
        return whole(first, *rest)

    monkeypatch.setattr(make_output, step, broken)
    findings, files, sizes = written(bound, tmp_path, tasks)
    assert files == of("l-2 t-3 t-4") | BOOKS
    failed = [f for f in findings if f.rule == "tlf.failed"]
    assert [(f.severity, str(f.where), f.value) for f in failed] == [("error", "t-1", "ZeroDivisionError: of nothing")]
    assert sizes == {"t-1": "0 pages not made, see findings", "l-2": "1 pages", "t-3": "1 pages", "t-4": "1 pages"}


def test_a_renderer_that_fails_costs_its_format_alone(
    bound: Bound, tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> bytes:
        raise pd.errors.DataError("no")

    monkeypatch.setattr(make_output, "RENDERERS", {**make_output.RENDERERS, "docx": broken})
    monkeypatch.setattr(make_together, "BINDERS", {**make_together.BINDERS, "pdf": broken})
    findings, files, sizes = written(bound, tmp_path, tasks)
    assert files == {f for f in of("t-1 l-2 t-3 t-4") if not f.endswith("docx")} | {
        f for f in BOOKS if not f.endswith("pdf")
    }
    failed = {str(f.where) for f in findings if f.rule == "tlf.failed"}
    books = {"section-14-1.pdf", "section-16-2.pdf", "all-sections.pdf"}
    assert failed == {"t-1.docx", "l-2.docx", "t-3.docx", "t-4.docx"} | books
    assert set(sizes.values()) == {"1 pages"}


def test_a_faulty_output_is_not_tried(bound: Bound, tasks: Tasks, tmp_path: Path) -> None:
    _, files, sizes = written(replace(bound, faulty_outputs=frozenset({"t-4"})), tmp_path, tasks)
    assert files == of("t-1 l-2 t-3") | BOOKS
    assert sizes["t-4"] == "0 pages not made, see findings"


def test_without_documents_nothing_is_combined(bound: Bound, tasks: Tasks, tmp_path: Path) -> None:
    specs = replace(bound.specs, library=OutputLibrary())
    assert written(replace(bound, specs=specs), tmp_path, tasks)[1] == of("t-1 l-2 t-3 t-4")


def test_a_section_is_the_longest_that_begins_the_number() -> None:
    documents = Documents(title="All", sections={"14": "a", "14.3": "b", "14.3.1": "c"})
    assert [documents.section_of(n) for n in ((14, 30), (14, 3), (14, 3, 1, 2), (1, 43))] == [
        "14",
        "14.3",
        "14.3.1",
        None,
    ]
    with pytest.raises(ValidationError, match="not a number such as"):
        Documents(title="All", sections={"Part 1": "x"})
