"""The faces embedded in PDF, both from packages: one for everything in cells of 0.6 em, one for East Asian text.

DejaVu Sans Mono (matplotlib) advances 0.602 em and is set a hair smaller, so that a character takes exactly the cell
the layout counted. Noto Sans SC (justmytype-intl-cjk) is a variable font of thousands of characters: a document gets
its own few, at regular weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from unicodedata import east_asian_width, normalize
from zlib import crc32

from fontTools.ttLib import TTFont as FontFile
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from datacut.tlf.layout import Layout
from datacut.tlf.metrics import ADVANCE_EM

_MONO = "DatacutMono"
_REGULAR = 400


def texts(layout: Layout) -> Iterator[str]:
    """Every text of a layout."""
    for page in layout.pages:
        for pair in page.heads:
            yield from pair
        for lines in (page.titles, page.byline, page.message, page.footnotes, page.source):
            yield from lines
        for level in page.header:
            for head in level:
                yield from head.lines
        for row in page.rows:
            for cell in row.cells:
                yield from cell


def characters(layout: Layout) -> frozenset[str]:
    """The characters a layout prints beyond ASCII."""
    return frozenset(char for text in texts(layout) if not text.isascii() for char in normalize("NFC", text))


def unprintable(chars: frozenset[str]) -> str:
    """Those of the characters that no packaged face has, in order."""
    return "".join(sorted(c for c in chars if ord(c) >= 127 and ord(c) not in _mono() and ord(c) not in _east_asian()))


def is_wide(char: str) -> bool:
    """Whether a character is set in the East Asian face, one em wide."""
    return ord(char) > 127 and (east_asian_width(char) in "WF" or ord(char) not in _mono())


@cache
def mono_face() -> str:
    """Name of the registered face for all but East Asian text."""
    pdfmetrics.registerFont(TTFont(_MONO, str(_mono_path())))
    return _MONO


@cache
def mono_scale() -> float:
    """Factor of the type size that makes an advance of that face exactly 0.6 em."""
    return float(ADVANCE_EM / pdfmetrics.stringWidth("0", mono_face(), 1))


@lru_cache(maxsize=256)
def east_asian_face(chars: frozenset[str]) -> str:
    """Name of a registered face that has these characters."""
    from fontTools import subset  # few outputs have such text, and all others need not wait
    from fontTools.varLib import instancer

    text = "".join(sorted(chars))
    name = f"DatacutEastAsian{crc32(text.encode()):08x}"
    if name in pdfmetrics.getRegisteredFontNames():
        return name
    options = subset.Options(layout_features=[], notdef_outline=True, hinting=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    out = BytesIO()
    with FontFile(str(_east_asian_path()), lazy=True, recalcTimestamp=False) as font:
        subsetter.subset(font)
        regular = instancer.instantiateVariableFont(font, {"wght": _REGULAR}, inplace=True)
        regular["name"].setName("NotoSansSC-Regular", 6, 3, 1, 0x409)
        regular.save(out)
    out.seek(0)
    pdfmetrics.registerFont(TTFont(name, out))
    return name


def _mono_path() -> Path:
    found = find_spec("matplotlib")  # where it is; to import it takes long
    if found is None or found.origin is None:
        raise ModuleNotFoundError("matplotlib")
    return Path(found.origin).with_name("mpl-data") / "fonts" / "ttf" / "DejaVuSansMono.ttf"


def _east_asian_path() -> Path:
    return Path(str(files("justmytype_intl_cjk"))) / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf"


@cache
def _mono() -> frozenset[int]:
    return _characters_of(_mono_path())


@cache
def _east_asian() -> frozenset[int]:
    return _characters_of(_east_asian_path())


def _characters_of(path: Path) -> frozenset[int]:
    with FontFile(str(path), lazy=True) as font:
        return frozenset(font.getBestCmap())
