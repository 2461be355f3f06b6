"""What two places hold that can be compared: files, or folders of files, paired by the name of their dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datacut.compare.columns import Side
from datacut.compare.read_parquet import read_parquet_sides
from datacut.compare.read_sas import read_sas7bdat_sides, read_xpt_sides
from datacut.compare.read_text import read_csv_sides, read_json_sides
from datacut.errors import InputError

ENDINGS = (".xpt", ".sas7bdat", ".json", ".ndjson", ".parquet", ".csv")
"""Files of datasets; of one dataset in several of them the first is taken, unless the other side has another."""
TABLE = ".rtf"


@dataclass(frozen=True, slots=True)
class PairedFiles:
    """Files of the same name in lower case, and those that one side alone has."""

    both: Mapping[str, tuple[Path, Path]]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]


def pair_files(ours: Path, theirs: Path) -> PairedFiles:
    """Pair two files, a file with a folder, or two folders by the names of their datasets or outputs.

    Raises InputError where a place is not there, is of a kind that cannot be compared, or nothing is in common.
    """
    left, right = _files(ours), _files(theirs)
    if ours.is_file() and theirs.is_file():
        (one,), (other,) = left.values(), right.values()
        return PairedFiles({ours.stem.lower(): (_best(one, other)[0], _best(one, other)[1])}, (), ())
    common = [n for n in left if n in right and _kinds(left[n]) & _kinds(right[n])]
    if not common:
        raise InputError(
            f"{ours} and {theirs} have nothing in common: {_some(left)} in the one, {_some(right)} in the other."
        )
    one_file = ours.is_file() or theirs.is_file()
    return PairedFiles(
        {n: _best(left[n], right[n]) for n in common},
        () if one_file else tuple(n for n in left if n not in common),
        () if one_file else tuple(n for n in right if n not in common),
    )


def _files(place: Path) -> dict[str, dict[str, Path]]:
    """Files by name in lower case, each by its ending."""
    if place.is_file():
        ending = place.suffix.lower()
        if ending not in (*ENDINGS, TABLE):
            raise InputError(f"{place}: no kind of file that is compared. These are: {', '.join((*ENDINGS, TABLE))}.")
        return {place.stem.lower(): {ending: place}}
    if not place.is_dir():
        raise InputError(f"{place}: not there.")
    found: dict[str, dict[str, Path]] = {}
    try:
        paths = sorted(place.iterdir())
    except OSError as fault:
        raise InputError(f"{place}: cannot be read: {fault.strerror}") from None
    for path in paths:
        ending = path.suffix.lower()
        if path.is_file() and ending in (*ENDINGS, TABLE):
            same = found.setdefault(path.stem.lower(), {})
            if ending in same:
                raise InputError(f"{path} and {same[ending].name} have one name: which of them is meant?")
            same[ending] = path
    if not found:
        raise InputError(f"{place}: no file that is compared. These are: {', '.join((*ENDINGS, TABLE))}.")
    return found


def _kinds(files: Mapping[str, Path]) -> set[bool]:
    return {ending == TABLE for ending in files}


def _best(ours: Mapping[str, Path], theirs: Mapping[str, Path]) -> tuple[Path, Path]:
    """Of several files of one name those with the same ending, else the first kinds that are comparable."""
    for ending in (*ENDINGS, TABLE):
        if ending in ours and ending in theirs:
            return ours[ending], theirs[ending]
    left, right = (next((files[e] for e in ENDINGS if e in files), None) for files in (ours, theirs))
    if left is None or right is None:
        names = [next(iter(files.values())) for files in (ours, theirs)]
        raise InputError(f"{names[0]} and {names[1]}: a table is compared with a table, a dataset with a dataset.")
    return left, right


def _some(files: Mapping[str, object]) -> str:
    names = [*files]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def read_sides(ours: Path, theirs: Path, encoding: str | None = None) -> list[tuple[Side, Side]]:
    """The datasets of two files, paired; several only where both are transport files of several.

    Raises InputError where a file is not what its name says, is cut off, or holds other datasets than the other.
    """
    left, right = _sides(ours, encoding), _sides(theirs, encoding)
    if len(left) == len(right) == 1:
        return [(left[0], right[0])]
    names = {s.name for s in left}, {s.name for s in right}
    if names[0] != names[1] or len(names[0]) != len(left) or len(names[1]) != len(right):
        told = [", ".join(s.name for s in sides) for sides in (left, right)]
        raise InputError(f"{ours} holds {told[0]}, {theirs} holds {told[1]}: take them apart first.")
    return [(side, next(s for s in right if s.name == side.name)) for side in left]


def _sides(path: Path, encoding: str | None) -> list[Side]:
    try:
        match path.suffix.lower():
            case ".xpt":
                return read_xpt_sides(path, encoding)
            case ".sas7bdat":
                return read_sas7bdat_sides(path, encoding)
            case ".json" | ".ndjson":
                return read_json_sides(path)
            case ".parquet":
                return read_parquet_sides(path)
            case _:
                return read_csv_sides(path, encoding)
    except OSError as fault:
        raise InputError(f"{path}: cannot be read: {fault.strerror or fault}") from None
