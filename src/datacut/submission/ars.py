"""The reporting event of a build in CDISC ARS 1.0: what was analysed, how, in which outputs, and every result.

Made of the resolved output specs and the ARD alone. A listing, and the points of a figure, are values of records and no
results of analyses: their outputs stand here without analyses, what they show in `records`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from datacut.spec.output import OutputSpec, Reporting
from datacut.spec.study import Study
from datacut.submission.ars_conditions import SUBJECTS, Conditions, Json
from datacut.submission.ars_results import Book, analyses_of

NO_PURPOSE = "PURPOSE_NONE"
REASONS = ("SPECIFIED IN PROTOCOL", "SPECIFIED IN SAP", "DATA DRIVEN", "REQUESTED BY REGULATORY AGENCY")
"""Reasons ARS has terms for; any other is a term of the sponsor."""
FILE_TYPES = ("pdf", "rtf", "txt")
"""File types ARS has terms for; any other is a term of the sponsor."""


KEYS = (
    "id",
    "name",
    "label",
    "mainListOfContents",
    "terminologyExtensions",
    "analysisSets",
    "dataSubsets",
    "analysisGroupings",
    "methods",
    "analyses",
    "globalDisplaySections",
    "outputs",
)
"""What an event says, in the order of the file."""


@dataclass(frozen=True)
class ReportedOutput:
    """One output of a build: spec with its template filled in, and the texts above and below the body."""

    spec: OutputSpec
    titles: tuple[str, ...]
    footnotes: tuple[str, ...]


def analysed(
    study: Study,
    reporting: Reporting,
    columns: Mapping[str, Collection[str]],
    outputs: Iterable[tuple[OutputSpec, pd.DataFrame]],
) -> Json:
    """What an event says of results. columns: those of each dataset; outputs: spec with its template filled in, and
    results, in the order of the contents."""
    book = Book(study, Conditions(columns, {name: s.value for name, s in study.settings.items()}))
    analyses: list[Json] = []
    contents: list[Json] = []
    for order, (spec, ard) in enumerate(outputs, 1):
        own = analyses_of(spec, ard, book, _about(spec, reporting))
        contents.append(_item(order, spec, own))
        analyses += own
    return {
        "mainListOfContents": {"name": "Outputs and their analyses", "contentsList": {"listItems": contents}},
        "analysisSets": [
            {
                "id": f"AS_{name}",
                "name": name,
                "label": s.label,
                "level": 1,
                "order": i,
                **book.conditions.about(s.where, SUBJECTS),
            }
            for i, (name, s) in enumerate(study.analysis_sets.items(), 1)
        ],
        "dataSubsets": list(book.subsets.values()),
        "analysisGroupings": list(book.groupings.values()),
        "methods": list(book.methods.values()),
        "analyses": analyses,
    }


def displayed(
    study: Study, reporting: Reporting, outputs: Sequence[ReportedOutput], formats: Sequence[str], cut: str
) -> Json:
    """What an event says of itself and of what is printed. formats: of the files of each output, in `tlf`."""
    notes = _notes(outputs)
    return {
        "id": f"RE_{study.study}_{cut}",
        "name": f"{study.study}, data cut {cut}",
        "label": study.title,
        "terminologyExtensions": _terms(reporting, formats),
        "globalDisplaySections": [{"sectionType": "Footnote", "subSections": notes}],
        "outputs": [_output(o, formats, notes) for o in outputs],
    }


def written(event: Json) -> dict[str, str]:
    """What an event says as its file has it: one line for each set, analysis, output, ..."""
    return {key: _lines(value) if isinstance(value, list) else _compact(value) for key, value in event.items()}


def write_reporting_event(event: Mapping[str, str], path: Path) -> None:
    """Write an event (`written`) as JSON, the same bytes each time."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for at, key in enumerate(KEYS):
            file.write(f"{',' if at else '{'}{chr(10) if at else ''}{_compact(key)}:")
            file.write(event[key])
        file.write("}\n")


def _lines(items: Sequence[object]) -> str:
    return "[\n" + "".join(f"{',' + chr(10) if i else ''}{_compact(item)}" for i, item in enumerate(items)) + "\n]"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _about(spec: OutputSpec, reporting: Reporting) -> Json:
    """Reason and purpose: those of the outcome measure whose outputs have this number, else no outcome measure's."""
    number = f"{spec.number}."
    purpose = next((p for p, own in reporting.measures.items() if any(number.startswith(f"{n}.") for n in own)), None)
    reason = reporting.other if purpose is None else reporting.measured
    return {
        "reason": {"controlledTerm": reason} if reason in REASONS else {"sponsorTermId": _reason_term(reason)},
        "purpose": {"sponsorTermId": NO_PURPOSE} if purpose is None else {"controlledTerm": purpose},
    }


def _reason_term(reason: str) -> str:
    return f"REASON_{'_'.join(reason.split())}"


def _terms(reporting: Reporting, formats: Sequence[str]) -> list[Json]:
    own = [r for r in dict.fromkeys((reporting.measured, reporting.other)) if r not in REASONS]
    reasons: list[Json] = [{"id": _reason_term(r), "submissionValue": r} for r in own]
    none: Json = {"id": NO_PURPOSE, "submissionValue": "NOT AN OUTCOME MEASURE"}
    files = [{"id": _file_term(f), "submissionValue": f} for f in formats if f not in FILE_TYPES]
    extended: list[Json] = [
        {"id": "TE_REASON", "enumeration": "AnalysisReasonEnum", "sponsorTerms": reasons},
        {"id": "TE_PURPOSE", "enumeration": "AnalysisPurposeEnum", "sponsorTerms": [none]},
        {"id": "TE_FILE", "enumeration": "OutputFileTypeEnum", "sponsorTerms": files},
    ]
    return [e for e in extended if e["sponsorTerms"]]


def _file_term(extension: str) -> str:
    return f"FILE_{extension.upper()}"


def _item(order: int, spec: OutputSpec, analyses: Sequence[Json]) -> Json:
    inner = [{"name": a["name"], "level": 2, "order": i, "analysisId": a["id"]} for i, a in enumerate(analyses, 1)]
    name = f"{spec.number} {spec.title}"
    item: Json = {"name": name, "level": 1, "order": order, "outputId": spec.output}
    return {**item, "sublist": {"listItems": inner}} if inner else item


def _notes(outputs: Sequence[ReportedOutput]) -> list[Json]:
    texts = dict.fromkeys(text for o in outputs for text in o.footnotes)
    return [{"id": f"FN_{i}", "text": text} for i, text in enumerate(texts, 1)]


def _output(output: ReportedOutput, formats: Sequence[str], notes: Sequence[Json]) -> Json:
    spec = output.spec
    ids = {n["text"]: n["id"] for n in notes}
    sections: list[Json] = [_section("Title", f"D_{spec.output}_T", output.titles)]
    if spec.stub:
        sections.append(_section("Rowlabel Header", f"D_{spec.output}_R", (spec.stub,)))
    if output.footnotes:
        own = [{"order": i, "subSectionId": ids[text]} for i, text in enumerate(output.footnotes, 1)]
        sections.append({"sectionType": "Footnote", "orderedSubSections": own})
    display = {
        "id": f"D_{spec.output}",
        "name": spec.number,
        "displayTitle": spec.title,
        "displaySections": sections,
    }
    return {
        "id": spec.output,
        "name": spec.number,
        "label": spec.title,
        "fileSpecifications": [
            {
                "name": f"{spec.output}.{extension}",
                "fileType": (
                    {"controlledTerm": extension}
                    if extension in FILE_TYPES
                    else {"sponsorTermId": _file_term(extension)}
                ),
                "location": f"tlf/{spec.output}.{extension}",
            }
            for extension in formats
        ],
        "displays": [{"order": 1, "display": display}],
    }


def _section(kind: str, id_: str, texts: Sequence[str]) -> Json:
    shown = [t for t in texts if t]
    parts = [{"order": i, "subSection": {"id": f"{id_}{i}", "text": t}} for i, t in enumerate(shown, 1)]
    return {"sectionType": kind, "orderedSubSections": parts}
