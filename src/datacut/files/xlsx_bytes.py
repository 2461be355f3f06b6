"""Workbooks as bytes: the same cells give the same file, whatever the clock."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook

_WRITTEN = datetime(2000, 1, 1)  # noqa: DTZ001  a fixed moment without a zone
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def workbook_bytes(book: Workbook) -> bytes:
    """The package of a workbook, with one fixed moment in its properties and at each of its parts."""
    packed, out = io.BytesIO(), io.BytesIO()
    book.save(packed)
    moment = _WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":
                part = _MOMENT.sub(rb"\g<1>" + moment, part)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, part)
    return out.getvalue()
