"""SAS transport files of version 5 and 8, read as they stand: every attribute, and special missings kept apart.

Source: SAS TS-140 (version 5) and the record layout of the extended transport format (version 8 and 9).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from datacut.errors import InputError
from datacut.files._ibm import from_ibm

RECORD = 80
_HEADER = re.compile(rb"HEADER RECORD\*{7}(\w+) *HEADER RECORD!{7}")
_NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhl")

type Numbers = tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.uint8]]]


@dataclass(frozen=True, slots=True)
class XptVariable:
    """One variable, as its NAMESTR says. name, label, format: bytes without blanks at the end; text: whether it is
    character; length: bytes; width, decimals: of the format, 0 where it has none."""

    name: bytes
    label: bytes
    text: bool
    length: int
    format: bytes
    width: int
    decimals: int


@dataclass(frozen=True, eq=False)
class XptMember:
    """One dataset of a transport file."""

    name: bytes
    label: bytes
    variables: tuple[XptVariable, ...]
    observations: np.ndarray[Any, Any]

    def texts(self, at: int) -> np.ndarray[Any, Any]:
        """Bytes of a character variable, padded with blanks, of fixed length."""
        return np.ascontiguousarray(self.observations[f"f{at}"])

    def numbers(self, at: int) -> Numbers:
        """Values of a numeric variable and the letters of special missings, see `from_ibm`."""
        stored = self.texts(at)
        length = self.variables[at].length
        padded = np.zeros((len(stored), 8), np.uint8)
        padded[:, :length] = np.frombuffer(stored.tobytes(), np.uint8).reshape(len(stored), length)
        return from_ibm(padded.view(">u8").ravel().astype(np.uint64))


def read_xpt(path: Path) -> list[XptMember]:
    """Every dataset of a transport file.

    Raises InputError where it is none, or does not end where it says.
    """
    data = path.read_bytes()
    if data.startswith(b"**COMPRESSED**"):
        raise InputError(f"{path}: written by PROC CPORT, which only SAS reads. Ask for a transport file (XPORT).")
    kind = _HEADER.match(data)
    if kind is None or kind[1] not in (b"LIBRARY", b"LIBV8"):
        raise InputError(f"{path}: not a SAS transport file, whatever its name says.")
    try:
        reader = _Reader(path, data)
        members = []
        while reader.at < len(data):
            members.append(reader.member())
    except (struct.error, ValueError, IndexError):
        raise InputError(f"{path}: the transport file is cut off or damaged. Ask for it again.") from None
    if not members:
        raise InputError(f"{path}: the transport file holds no dataset, or is cut off.")
    return members


class _Reader:
    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._data = path, data
        self.at = 3 * RECORD

    def member(self) -> XptMember:
        """The dataset that begins here; moves on to the next."""
        kind, numbers = self._header()
        size = int(numbers[26:30])
        long = kind == b"MEMBV8"
        if kind not in (b"MEMBER", b"MEMBV8") or size not in (136, 140):
            raise ValueError
        self._header()
        first, second = self._take(RECORD), self._take(RECORD)
        name = first[8:40] if long else first[8:16]
        kind, numbers = self._header()
        amount = int(numbers[4:10])
        if kind not in (b"NAMESTR", b"NAMSTV8"):
            raise ValueError
        described = self._take(size * amount)
        self.at += -(size * amount) % RECORD
        variables = [_variable(described[i * size : (i + 1) * size], long=long) for i in range(amount)]
        kind, numbers = self._header()
        if kind in (b"LABELV8", b"LABELV9"):
            variables = self._long_labels(variables, int(numbers), formats=kind == b"LABELV9")
            kind, numbers = self._header()
        if kind not in (b"OBS", b"OBSV8"):
            raise ValueError
        told = numbers[:15].strip() if long else b""
        rows = self._observations(variables, int(told) if told else None)
        return XptMember(name.rstrip(), second[32:72].rstrip(), tuple(variables), rows)

    def _header(self) -> tuple[bytes, bytes]:
        record = self._take(RECORD)
        match = _HEADER.match(record)
        if match is None:
            raise ValueError
        return match[1], record[48:78]

    def _take(self, size: int) -> bytes:
        if self.at + size > len(self._data):
            raise ValueError
        self.at += size
        return self._data[self.at - size : self.at]

    def _long_labels(self, variables: list[XptVariable], amount: int, *, formats: bool) -> list[XptVariable]:
        start = self.at
        for _ in range(amount):
            lengths = struct.unpack(">5h" if formats else ">3h", self._take(10 if formats else 6))
            number, sizes = lengths[0], lengths[1:]
            texts = [self._take(n) for n in sizes]
            variables[number - 1] = replace(variables[number - 1], name=texts[0].rstrip(), label=texts[1].rstrip())
        self.at += -(self.at - start) % RECORD
        return variables

    def _observations(self, variables: list[XptVariable], told: int | None) -> np.ndarray[Any, Any]:
        layout = np.dtype([(f"f{i}", f"S{v.length}" if v.text else f"V{v.length}") for i, v in enumerate(variables)])
        size = layout.itemsize
        end = self._next_member()
        region = end - self.at
        if region % RECORD:
            raise ValueError
        amount = region // size if size else 0
        rest = self._data[self.at + amount * size : end]
        if told is None:
            # there is no count: blanks up to the end of the last 80 bytes are no records
            while amount and region - (amount - 1) * size < RECORD and not self._row(amount - 1, size).strip():
                amount -= 1
            if rest.strip() or region - amount * size >= RECORD:
                raise ValueError
        elif not told <= amount or region - told * size >= RECORD:
            raise ValueError
        rows = np.frombuffer(self._data, layout, told if told is not None else amount, self.at)
        self.at = end
        return rows

    def _row(self, number: int, size: int) -> bytes:
        return self._data[self.at + number * size : self.at + (number + 1) * size]

    def _next_member(self) -> int:
        at = self.at
        while (at := self._data.find(b"HEADER RECORD*******MEMB", at)) >= 0:
            if (at - self.at) % RECORD == 0:
                return at
            at += 1
        return len(self._data)


def _variable(described: bytes, *, long: bool) -> XptVariable:
    kind, _, length, _, name, label, form, width, decimals, *_ = _NAMESTR.unpack_from(described)
    if kind not in (1, 2) or length < 1 or (kind == 1 and length > 8):
        raise ValueError
    whole = described[88:120].rstrip(b" \0") if long else b""
    return XptVariable(whole or name.rstrip(), label.rstrip(), kind == 2, length, form.rstrip(), width, decimals)
