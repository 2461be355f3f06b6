"""A form that is a text file with separators."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path

from datacut.errors import Findings, in_file
from datacut.raw.cells import Cells
from datacut.raw.decode import decode
from datacut.spec.crf import System


def read_csv(path: Path, system: System, findings: Findings, place: str) -> Cells | None:
    """Header and rows of a CSV, packed or not; None if its bytes are no text. What does not fit is a finding."""
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as fault:
            findings.error(
                "raw.gzip", in_file(place), f"the file cannot be unpacked: {fault}", remedy="Ask for the export again."
            )
            return None
    text = _decoded(data, system, findings, place)
    return None if text is None else _parse(text, system.delimiter, findings, place)


def _decoded(data: bytes, system: System, findings: Findings, place: str) -> str | None:
    found = decode(data, system.encoding)
    if found.refused is not None:
        read_as = f"it was read as {found.encoding}" if found.text is not None else "the form could not be read"
        declared = " as declared" if system.encoding else ""
        findings.error(
            "raw.encoding",
            in_file(place, found.row, key=f"byte {found.column}"),
            f"the file is not {found.refused}{declared}; {read_as}",
            value=found.byte,
            remedy="Correct `encoding` of its system in specs/study.yml, or ask for the export again.",
        )
    return found.text


def _parse(text: str, delimiter: str, findings: Findings, place: str) -> Cells:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = Cells()
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            if not found.header:
                found.header = [c.strip() for c in cells]
            elif len(cells) == len(found.header):
                found.rows.append(cells)
                found.lines.append(start)
            elif cells:
                findings.error(
                    "raw.row.cells",
                    in_file(place, start),
                    f"the row has {len(cells)} cells, the header {len(found.header)}; the row is left out",
                    value=delimiter.join(cells)[:60],
                    remedy="Mend the row's quotes and separators.",
                )
    except csv.Error as fault:
        findings.error(
            "raw.csv",
            in_file(place, line),
            f"not a CSV from here on, so the rest is not read: {fault}",
            remedy="Mend the file's quotes.",
        )
    return found
