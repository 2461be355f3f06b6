"""Every printed text of the study's outputs comes from results or records: bodies are put together again from them.

Nothing of the engine's own reading is used: a cell is the joined `formatted` of its row and column in the ARD, a row
label the `formatted` of its label, a cell of a record the text in the file of the records. They are compared with the
pages the published files were rendered from, column by column and line by line.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from datacut.datasets.ard import ard_of_file
from datacut.files.record_files import read_records
from datacut.spec.load import Specs, load_specs
from datacut.spec.output import OutputKind, OutputSpec
from datacut.spec.resolve_output import resolve_output
from datacut.tlf.build import BuiltOutput, build_output
from datacut.tlf.build_frame import Edition
from datacut.tlf.layout import Layout
from datacut.tlf.paginate import paginate
from datacut.tlf.render_html import render_html
from datacut.tlf.render_rtf import render_rtf

SPECS: dict[Path, Specs] = {}
RESULTS: dict[Path, dict[str, pd.DataFrame]] = {}
EDITIONS: dict[Path, dict[str, Edition]] = {}
"""Of a study its specs; of a cut its results and what its pages say of their making, by output: read once."""
OUTPUTS = tuple(sorted(p.stem for p in (Path(__file__).parents[2] / "specs" / "tlf").glob("[tlf]-*.yml")))


def read(base: Any, number: int, name: str) -> tuple[OutputSpec, pd.DataFrame, BuiltOutput]:
    """The spec, the published results, and the output built from them and the published records."""
    cut = base.cut(number)
    if base.root not in SPECS:
        SPECS[base.root] = load_specs(base.root)
    specs = SPECS[base.root]
    if cut.home not in RESULTS:
        RESULTS[cut.home] = dict(tuple(pd.read_parquet(cut.home / "ard.parquet").groupby("output", sort=False)))
    mine = RESULTS[cut.home].get(name, pd.DataFrame(columns=list(next(iter(RESULTS[cut.home].values())).columns)))
    spec = resolve_output(specs.outputs[name], specs.library)
    of_cut = next(c for c in specs.study.cuts.values() if c.date == cut.name)
    if cut.home not in EDITIONS:
        made = {p["name"]: p["digest"] for p in json.loads((cut.home / "summary.json").read_text("utf-8"))["products"]}
        EDITIONS[cut.home] = {
            product: Edition(digest, latest_audit(base, cut, specs)) for product, digest in made.items()
        }
    edition = EDITIONS[cut.home][name]
    assert len(edition.digest) == 64
    shown = {told: records for _, told, records in map(read_records, record_files(cut, name))}
    return spec, mine, build_output(spec, specs.library, specs.study, ard_of_file(mine), shown, of_cut, edition)


def record_files(cut: Any, name: str) -> list[Path]:
    """The files of the records that an output shows."""
    return sorted((cut.home / "records").glob(f"{name}.*.parquet"))


def latest_audit(base: Any, cut: Any, specs: Specs) -> str:
    """The latest time in the audit columns of the export, as text: by day alone where only that is recorded."""
    times = []
    for form in specs.forms.values():
        system = specs.study.systems[form.system]
        path = base.root / "raw" / cut.name / (form.file or f"{form.form}.csv")
        export = pd.read_csv(path, dtype="str", sep=system.delimiter, encoding=system.encoding)
        for column in system.audit:
            times += [
                f"{t[:4]}-{t[4:6]}-{t[6:]}" if system.columns[column].format == "ymd" else t.replace(" ", "T")
                for t in export[column].dropna()
            ]
    return max(times)


def packed(text: str) -> str:
    """Without blanks, which wrapping and alignment change."""
    return "".join(text.split())


type Cells = dict[str, list[tuple[tuple[str, ...], str]]]
"""The texts of each column from top to bottom, each with the labels or keys of its row; blank ones are left out."""


def printed(
    layout: Layout, stubs: list[str], once: dict[str, set[str]], bylines: set[str]
) -> tuple[Cells, list[tuple[str, ...]]]:
    """What stands in the columns over all pages, and the labels of all rows but by-lines.

    once: the keys that a key column can have. Lines of a key may stand beside several rows, and a key that is not
    printed is that of the row above.
    """
    cells: Cells = {}
    labels = []
    for page in layout.pages:
        places = {"/".join(column.key): place for place, column in enumerate(page.columns)}
        every = [row for row in page.rows if not row.gap and not row.continued]
        read = [{key: packed("".join(row.cells[place])) for key, place in places.items()} for row in every]
        keys = {key: whole_keys([texts[key] for texts in read], known) for key, known in once.items()}
        for at, texts in enumerate(read):
            if "label" in texts and texts["label"] in bylines and not any(t for k, t in texts.items() if k != "label"):
                continue
            label = tuple(keys[key][at] if key in once else texts[key] for key in stubs)
            labels.append(label)
            for key, text in texts.items():
                if text and key not in stubs:
                    cells.setdefault(key, []).append((label, text))
    return cells, labels


def whole_keys(pieces: list[str], known: set[str]) -> list[str]:
    """The key of each row from what is printed beside it: pieces are joined until they are a key."""
    out = [""] * len(pieces)
    key, start = "", 0
    for at, piece in enumerate(pieces):
        if piece:
            start = at if key in {"", *known} else start
            key = piece if start == at else key + piece
        if key in known:
            out[start : at + 1] = [key] * (at + 1 - start)
    return out


def of_records(path: Path, stubs: list[str]) -> tuple[Cells, list[tuple[str, ...]]]:
    """The same from a file of records."""
    texts = {key.removesuffix(".text"): part for key, part in pd.read_parquet(path).items() if key.endswith(".text")}
    rows = [
        {key: packed(text) for key, text in zip(texts, row, strict=True)} for row in zip(*texts.values(), strict=True)
    ]
    labels = [tuple(row[key] for key in stubs) for row in rows]
    cells: Cells = {}
    for label, row in zip(labels, rows, strict=True):
        for key, text in row.items():
            if text and key not in stubs:
                cells.setdefault(key, []).append((label, text))
    return cells, labels


def assembled(ard: pd.DataFrame, stubs: list[str], sections: bool) -> tuple[Cells, list[tuple[str, ...]]]:
    """The same from results; the first label of a row is the by-line of its page if there are sections."""
    body = ard[ard["row"] > 0].sort_values("row", kind="stable")
    labels = body[body["method"] == "label"].set_index("row")
    parts = body[body["method"] != "label"]
    joined = parts.groupby(["row", "column"], sort=False)["formatted"].agg(lambda parts: "".join(parts.fillna("")))
    by_row: dict[int, dict[str, str]] = {row: {} for row in dict.fromkeys(body["row"])}
    for (row, column), text in joined.items():
        by_row[row][column] = packed(text)
    cells: Cells = {}
    rows = []
    for row, texts in by_row.items():
        if sections and " | " not in labels.loc[row, "stat_text"]:
            continue
        texts = texts | ({"label": packed(labels.loc[row, "formatted"])} if row in labels.index else {})
        label = tuple(texts.get(key, "") for key in stubs)
        rows.append(label)
        for key, text in texts.items():
            if text and key not in stubs:
                cells.setdefault(key, []).append((label, text))
    return cells, rows


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("name", [name for name in OUTPUTS if not name.startswith("f-")])
def test_the_body_is_put_together_from_results_alone(base: Any, name: str, number: int) -> None:
    spec, ard, built = read(base, number, name)
    layout, findings = paginate(built.display)
    assert findings == []
    home = base.cut(number).home / "tlf"
    assert (home / f"{name}.html").read_text(encoding="utf-8") == render_html(layout)
    assert (home / f"{name}.rtf").read_text(encoding="utf-8") == render_rtf(layout)
    if any(page.message for page in layout.pages):
        assert not (ard["row"] > 0).any()
        assert not any(len(pd.read_parquet(path)) for path in record_files(base.cut(number), name))
        return
    keys = ["label"] if spec.records is None else [*spec.records.keys, *spec.records.repeat]
    stubs = [key for key in ("/".join(c.key) for c in built.display.columns) if key in keys]
    if spec.records is None:
        wanted, rows = assembled(ard, stubs, sections=spec.pages is not None)
    else:
        wanted, rows = of_records(*record_files(base.cut(number), name), stubs)
    once = {k: {row[stubs.index(k)] for row in rows} for k in (spec.records.keys if spec.records is not None else ())}
    bylines = {packed(section.byline) for section in built.display.sections if section.byline}
    shown, labels = printed(layout, stubs, once, bylines)
    assert (
        shown == wanted
        if spec.pages is None
        else {k: sorted(v) for k, v in shown.items()} == {k: sorted(v) for k, v in wanted.items()}
    )
    assert set(labels) == set(rows)
    assert not Counter(rows) - Counter(labels)


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name.startswith("f-")])
def test_what_a_figure_draws_are_results(base: Any, name: str) -> None:
    spec, ard, built = read(base, 2, name)
    assert spec.kind is OutputKind.FIGURE
    assert built.display.sections[0].image is not None
    layers = {"points": "records"} | {layer: layer for layer in (spec.figure.layers if spec.figure else {})}
    for frame, drawn in built.drawn.items():
        published = pd.read_csv(base.cut(2).home / "tlf" / f"{name}-{frame}.csv")
        assert len(published) == len(drawn) > 0
        if frame in layers:
            records = pd.read_parquet(base.cut(2).home / "records" / f"{name}.{layers[frame]}.parquet")
            assert len(drawn) == len(records)
            for column in drawn.columns:
                wanted = records[f"{column}.{'value' if drawn[column].dtype.kind == 'f' else 'text'}"]
                shown, made = ([None if pd.isna(v) else v for v in values] for values in (drawn[column], wanted))
                assert shown == made, column
            continue
        mine = ard[ard["analysis"].str.partition(".")[0].eq(frame) & ard["method"].ne("label") & ard["stat"].notna()]
        for statistic, values in mine.groupby("stat_name")["stat"]:
            drawn_values = drawn[str(statistic)].dropna()
            assert sorted(drawn_values[drawn_values.ne(0)]) == sorted(values[values.ne(0)]), statistic
