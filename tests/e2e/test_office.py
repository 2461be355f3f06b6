"""LibreOffice shows the combined RTF and DOCX page by page as the published PDF, which says what the layouts say."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def pages(path: Path) -> list[list[str]]:
    """The words of each page, line by line."""
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True).stdout.decode()
    return [page.split() for page in text.removesuffix("\f").split("\f")]


@pytest.mark.skipif(not (shutil.which("soffice") and shutil.which("pdftotext")), reason="needs soffice and pdftotext")
def test_rtf_and_docx_open_without_loss(base: Any, tmp_path: Path) -> None:
    combined = base.cut(2).home / "tlf" / "combined"
    wanted = pages(combined / "all-sections.pdf")
    for form in ("rtf", "docx"):
        shutil.copy(combined / f"all-sections.{form}", tmp_path / f"{form}.{form}")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, *(str(tmp_path / f"{f}.{f}") for f in ("rtf", "docx"))], check=True, capture_output=True)
    for form in ("rtf", "docx"):
        shown = pages(tmp_path / f"{form}.pdf")
        assert len(shown) == len(wanted)
        for number, (ours, theirs) in enumerate(zip(wanted, shown, strict=True), 1):
            if any(word == "Figure" for word in ours[:12]):  # the drawing is text in PDF, a picture here
                assert set(theirs) <= set(ours), (form, number)
            else:
                # without blanks: where two columns stand close, the reader of the PDF may join their words
                assert "".join(theirs) == "".join(ours), (form, number)
