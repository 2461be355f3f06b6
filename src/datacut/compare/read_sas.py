"""Sides of a comparison from SAS files: transport (XPT) of version 5 and 8, and SAS7BDAT."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat

from datacut.compare.columns import About, Column, Kind, Side, as_text, column_of, require_names
from datacut.errors import InputError
from datacut.files.xpt_read import XptMember, XptVariable, read_xpt

_FORMATS = {
    Kind.DATE: re.compile(
        r"DATE|DAY|(DDMMYY|MMDDYY|YYMMDD|YYMM|MMYY|YYQ)[BCDNPS]?|MONYY|YYMON|JULIAN|JULDAY|MONNAME|MONTH|YEAR|QTRR?|"
        r"WEEKDAT[EX]|WEEKDAY|WORDDAT[EX]|NLDATE\w*|(E8601|B8601|IS8601)DA"
    ),
    Kind.DATETIME: re.compile(
        r"DATETIME|DTDATE|DTMONYY|DTYEAR|DTWKDATX|DATEAMPM|MDYAMPM|NLDATM\w*|(E8601|B8601|IS8601)D[TNZ]"
    ),
    Kind.TIME: re.compile(r"TIME|TIMEAMPM|TOD|HHMM|HOUR|MMSS|NLTIM\w+|(E8601|B8601|IS8601)T[MZ]"),
}


def read_xpt_sides(path: Path, encoding: str | None) -> list[Side]:
    """Every dataset of a transport file; texts in UTF-8, which ASCII is part of, unless an encoding is named."""
    codec = require_codec(encoding)
    return [_member_side(path, member, codec) for member in read_xpt(path)]


def _member_side(path: Path, member: XptMember, codec: str) -> Side:
    def word(raw: bytes) -> str:
        try:
            return raw.rstrip(b" \0").decode(codec)
        except UnicodeDecodeError:
            raise _not_encoded(str(path), codec) from None

    names = require_names([word(v.name) for v in member.variables], str(path))
    about = {
        name: About(name, _kind(v.text, word(v.format)), word(v.label), v.length, _format_text(v, word), i + 1)
        for i, (name, v) in enumerate(zip(names, member.variables, strict=True))
    }

    def fetch(name: str) -> Column:
        at = names.index(name)
        if member.variables[at].text:
            return Column(Kind.TEXT, _decoded(member.texts(at), codec, f"{path}: {name}"))
        values, codes = member.numbers(at)
        return Column(about[name].kind, values, codes if codes.any() else None)

    return Side(str(path), word(member.name).upper(), len(member.observations), about, fetch, word(member.label))


def _format_text(variable: XptVariable, word: Callable[[bytes], str]) -> str:
    """`DATE9.`, `8.2`, `$20.`, or blank."""
    name = word(variable.format)
    if not (name or variable.width):
        return ""
    return f"{name}{variable.width or ''}.{variable.decimals or ''}"


def _kind(text: bool, form: str) -> Kind:
    """What a variable holds by its format; a numeric one without a format of dates or times is a number."""
    if text:
        return Kind.TEXT
    name = re.sub(r"[\d.]*$", "", form.upper())
    return next((kind for kind, names in _FORMATS.items() if names.fullmatch(name)), Kind.NUMBER)


def _decoded(stored: np.ndarray[Any, Any], codec: str, place: str) -> pa.ChunkedArray:
    size = stored.dtype.itemsize
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(stored), [None, pa.py_buffer(stored)])
    try:
        if codec in ("utf-8", "ascii"):
            words = fixed.cast(pa.large_binary()).cast(pa.large_string())
        else:
            different = fixed.dictionary_encode()
            texts = pa.array([w.decode(codec) for w in different.dictionary.to_pylist()], pa.large_string())
            words = texts.take(different.indices)
    except (UnicodeDecodeError, pa.ArrowInvalid):
        raise _not_encoded(place, codec) from None
    return as_text(pc.utf8_rtrim(words, " \0"))


def _not_encoded(place: str, codec: str) -> InputError:
    return InputError(f"{place}: the texts are not {codec}. Name their encoding with --encoding, as gb18030 or cp1252.")


def require_codec(encoding: str | None) -> str:
    """The name of an encoding as Python knows it, UTF-8 for None; InputError for one that it does not know."""
    try:
        return codecs.lookup(encoding or "utf-8").name
    except LookupError:
        raise InputError(f"--encoding {encoding}: no such encoding. Known are utf-8, gb18030, cp1252, ...") from None


def read_sas7bdat_sides(path: Path, encoding: str | None) -> list[Side]:
    """The dataset of a SAS7BDAT file; the file says its encoding unless one is named."""
    if encoding is not None:
        require_codec(encoding)
    try:
        frame, meta = pyreadstat.read_sas7bdat(
            str(path), encoding=encoding, disable_datetime_conversion=True, user_missing=True
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as fault:
        raise InputError(f"{path}: cannot be read as SAS7BDAT, or is encrypted: {fault}") from None
    names = require_names([str(c) for c in frame.columns], str(path))
    given = [str(c) for c in frame.columns]
    formats = [str(meta.original_variable_types.get(n) or "") for n in given]
    texts = [meta.readstat_variable_types.get(n) == "string" for n in given]
    about = {
        name: About(
            name,
            _kind(texts[i], formats[i]),
            meta.column_names_to_labels.get(given[i]) or "",
            meta.variable_storage_width.get(given[i]),
            _with_point(formats[i]),
            i + 1,
        )
        for i, name in enumerate(names)
    }

    def fetch(name: str) -> Column:
        at = names.index(name)
        values = frame.iloc[:, at]
        if not texts[at] and values.dtype == object:
            return _with_special(values, about[name].kind, f"{path}: {name}")
        return column_of(values.astype("str") if texts[at] else values, about[name].kind, f"{path}: {name}")

    return [Side(str(path), str(meta.table_name or path.stem).upper(), len(frame), about, fetch, meta.file_label or "")]


def _with_point(form: str) -> str:
    return form if not form or "." in form else f"{form}."


def _with_special(values: pd.Series[Any], kind: Kind, place: str) -> Column:
    """Numbers among which special missings stand as their letters."""
    letters = [v.strip(".").upper() if isinstance(v, str) else "" for v in values]
    if any(len(x) > 1 for x in letters):
        raise InputError(f"{place}: texts among the numbers.")
    numbers = np.array([np.nan if isinstance(v, str) or v is None else float(v) for v in values])
    return Column(kind, numbers, np.array([ord(x) if x else 0 for x in letters], np.uint8))
