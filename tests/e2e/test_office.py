"""LibreOffice shows RTF and DOCX page by page as the published PDF, which says what the layouts say.

Asked of documents that have each kind of page: title page, contents, figure, listing, table of many pages, by-lines.
The whole study (`make office`) takes LibreOffice minutes.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = os.environ.get(
    "DATACUT_OFFICE_DOCUMENTS",
    "combined/section-14-1 t-14-2-4-1 t-14-2-4-4 t-14-3-1-3-1 l-16-2-5-2 l-16-2-7-1",
).split()


def pages(path: Path) -> list[list[str]]:
    """The words of each page, line by line."""
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True).stdout.decode()
    return [page.split() for page in text.removesuffix("\f").split("\f")]


@pytest.fixture(scope="module")
def converted(base: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`<form>/<document>.pdf` of all documents, made by one run of LibreOffice a form."""
    made = tmp_path_factory.mktemp("office")
    command = ["soffice", f"-env:UserInstallation={(made / 'profile').as_uri()}", "--headless", "--convert-to", "pdf"]
    for form in ("rtf", "docx"):
        given = [str(base.cut(2).home / "tlf" / f"{document}.{form}") for document in DOCUMENTS]
        subprocess.run([*command, "--outdir", str(made / form), *given], check=True, capture_output=True)
    return made


@pytest.mark.skipif(not (shutil.which("soffice") and shutil.which("pdftotext")), reason="needs soffice and pdftotext")
@pytest.mark.parametrize("form", ["rtf", "docx"])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_rtf_and_docx_open_without_loss(base: Any, converted: Path, document: str, form: str) -> None:
    wanted = pages(base.cut(2).home / "tlf" / f"{document}.pdf")
    shown = pages(converted / form / f"{Path(document).name}.pdf")
    assert len(shown) == len(wanted)
    for number, (ours, theirs) in enumerate(zip(wanted, shown, strict=True), 1):
        if any(word == "Figure" for word in ours[:12]):  # the drawing is text in PDF, a picture here
            assert set(theirs) <= set(ours), number
        else:
            # without blanks: where two columns stand close, the reader of the PDF may join their words
            assert "".join(theirs) == "".join(ours), number
