"""One stored build, read as far as it is asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from datacut.datasets.ard import ard_of_file, empty_ard
from datacut.datasets.lineage import COLUMNS, MAKERS, VALUES
from datacut.datasets.model import value_text
from datacut.datasets.records import ShownRecords
from datacut.engine.filter import mask
from datacut.errors import Findings, InputError, nearest
from datacut.files.parquet import read_frame
from datacut.files.record_files import read_records
from datacut.raw.cells import Cells
from datacut.raw.read_csv import read_csv
from datacut.spec.crf import CrfField, System
from datacut.spec.where import Predicate, Where, columns_of

RAW = "raw."
SUBJECT = "USUBJID"
SUBJECTS = "ADSL"
MISSING = "(missing)"
STAGES = ("sdtm", "adam")
EXPORT = "export"
"""Folder of a build that holds digests of the values of the export."""
XLSX = ".xlsx"
type Rows = np.ndarray[tuple[int], np.dtype[np.intp]]


class Stored:
    """A build in `home`, made in the study folder `root`. Records are numbered from 1, as in lineage."""

    def __init__(self, home: Path, root: Path) -> None:
        self.home = home
        self._root = root
        try:
            self.study: dict[str, Any] = json.loads((home / "lineage" / "study.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise InputError(
                f"{home}: made by a version of datacut that kept no lineage of values, or incomplete. Build it again."
            ) from fault
        self.settings: Mapping[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in self.study["settings"].items()
        }
        self._frames: dict[str, pd.DataFrame] = {}
        self._tables: dict[Path, pd.DataFrame | None] = {}
        self._numbers: dict[tuple[str, str], np.ndarray] = {}
        self._inside: dict[tuple[str, Where], np.ndarray] = {}

    # -- datasets --------------------------------------------------------------------------------------------

    @cached_property
    def datasets(self) -> dict[str, Path]:
        """The Parquet file of each dataset by name."""
        return {p.stem.upper(): p for s in STAGES for p in sorted((self.home / "data" / s).glob("*.parquet"))}

    def require(self, dataset: str) -> None:
        """Raise InputError where there is no such dataset."""
        if dataset not in self.datasets:
            raise InputError(f"no dataset {dataset} in {self.home}. {nearest(dataset, self.datasets)}")

    def frame(self, dataset: str) -> pd.DataFrame:
        """The records of a dataset with its working columns, or the rows of a form; row 0 is record 1."""
        if dataset not in self._frames:
            if dataset.startswith(RAW):
                found = self.raw(dataset.removeprefix(RAW))[0]
                self._frames[dataset] = pd.DataFrame() if found is None else found
            else:
                frame, working = read_frame(self.datasets[dataset])[0], self._table(dataset, "working")
                whole = frame if working is None else pd.concat([frame, working], axis="columns")
                self._frames[dataset] = whole
        return self._frames[dataset]

    def place(self, dataset: str, record: int) -> int:
        """The row of a record in its frame: a form is known by the lines of its file."""
        if not dataset.startswith(RAW):
            return record - 1
        return int(np.flatnonzero(self.frame(dataset).index.to_numpy() == record)[0])

    def value(self, dataset: str, record: int, variable: str) -> str:
        """A value as text; blank where it is missing."""
        return value_text(self.frame(dataset)[variable].iloc[record - 1])

    def key(self, dataset: str, record: int) -> str:
        """The key of a record, without the study."""
        about = self.how(dataset)
        frame = self.frame(dataset)
        keys = about["keys"] if about else ["USUBJID", "IDVARVAL", "QNAM"]
        return "|".join(self.texts(dataset, k)[record - 1] for k in keys if k in frame.columns and k != "STUDYID")

    @cache  # noqa: B019 - a build is read by one command
    def how(self, dataset: str) -> dict[str, Any] | None:
        """How a dataset is made (`history.told`); None of a SUPP-- and of what was received."""
        path = self._beside(dataset, ".json")
        return json.loads(path.read_text(encoding="utf-8")) if path is not None and path.is_file() else None

    def lineage(self, dataset: str) -> pd.DataFrame:
        """Edges of records."""
        return self._told(dataset, "", COLUMNS)

    def values(self, dataset: str) -> pd.DataFrame:
        """Edges of values."""
        return self._told(dataset, "values", VALUES)

    def makers(self, dataset: str) -> pd.DataFrame:
        """What made each record."""
        return self._told(dataset, "makers", MAKERS)

    def maker(self, dataset: str, record: int) -> str:
        """What made a record: the number of a block, or the name of the call that added it; blank if unknown."""
        found = self._rows_of(dataset, "makers", record)
        return str(self._plain(dataset, "makers", "made_by")[found.start]) if len(found) else ""

    def sources(self, dataset: str, record: int) -> list[tuple[str, int]]:
        """The records that a record was made from."""
        found = self._rows_of(dataset, "", record)
        names, numbers = (self._plain(dataset, "", c) for c in ("source", "source_record"))
        return [(names[i], int(numbers[i])) for i in found if numbers[i] is not None]

    def chosen(self, dataset: str, record: int, variable: str) -> list[tuple[str, int, str]]:
        """The records that a value was taken from, as its call told."""
        found = self._rows_of(dataset, "values", record)
        wanted = ("variable", "source", "source_record", "source_variable")
        of, names, numbers, columns = (self._plain(dataset, "values", c) for c in wanted)
        return [(names[i], int(numbers[i]), columns[i]) for i in found if of[i] == variable and numbers[i] is not None]

    def _rows_of(self, dataset: str, name: str, record: int) -> range:
        """The rows of a table that are of a record: they stand together, in the order of the records."""
        if (dataset, name) not in self._numbers:
            self._numbers[dataset, name] = self._tables_of[name](dataset)["record"].to_numpy(dtype="int64")
        numbers = self._numbers[dataset, name]
        return range(*(int(np.searchsorted(numbers, record, side)) for side in ("left", "right")))

    @property
    def _tables_of(self) -> dict[str, Callable[[str], pd.DataFrame]]:
        return {"": self.lineage, "values": self.values, "makers": self.makers}

    @cache  # noqa: B019 - a build is read by one command
    def _plain(self, dataset: str, name: str, column: str) -> list[Any]:
        """A column of a table as plain values; a missing one is None."""
        values = self._tables_of[name](dataset)[column]
        return values.astype(object).where(values.notna(), None).tolist()

    @cache  # noqa: B019 - a build is read by one command
    def texts(self, dataset: str, column: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """The values of a column as texts, missing ones blank."""
        return np.array([value_text(v) for v in self.frame(dataset)[column]], dtype=object)

    def _told(self, dataset: str, name: str, columns: Mapping[str, str]) -> pd.DataFrame:
        found = self._table(dataset, name)
        if found is None:
            return pd.DataFrame({n: pd.Series(dtype=dtype) for n, dtype in columns.items()})
        return found

    def _table(self, dataset: str, name: str) -> pd.DataFrame | None:
        path = self._beside(dataset, f".{name}.parquet" if name else ".parquet")
        if path is None:
            return None
        if path not in self._tables:
            self._tables[path] = read_frame(path)[0] if path.is_file() else None
        return self._tables[path]

    def _beside(self, dataset: str, ending: str) -> Path | None:
        data = self.datasets.get(dataset)
        return None if data is None else self.home / "lineage" / data.parent.name / f"{data.stem}{ending}"

    # -- conditions ------------------------------------------------------------------------------------------

    def inside(self, dataset: str, part: Where) -> np.ndarray:
        """Whether each record satisfies a condition; columns it lacks are those of its subject in ADSL."""
        if (dataset, part) not in self._inside:
            frame = self.with_subjects(dataset, tuple(dict.fromkeys(columns_of(part))))
            self._inside[dataset, part] = mask(frame, part, self.settings).to_numpy(dtype=bool)
        return self._inside[dataset, part]

    def with_subjects(self, dataset: str, names: tuple[str, ...]) -> pd.DataFrame:
        """Columns of a dataset, those it lacks from ADSL."""
        frame = self.frame(dataset)
        own = pd.DataFrame({n: frame[n] for n in names if n in frame.columns}, index=frame.index, copy=False)
        lacking = [n for n in names if n not in frame.columns]
        if not lacking:
            return own
        people, at = self.frame(SUBJECTS), self._of_subject(dataset)
        joined = {n: people[n].array.take(at, allow_fill=True) for n in lacking if n in people.columns}
        return own.assign(**joined)

    @cache  # noqa: B019 - a build is read by one command
    def _of_subject(self, dataset: str) -> Rows:
        """The row of ADSL of the subject of each record, -1 where ADSL has none."""
        first: dict[str, int] = {}
        for place, name in enumerate(self.texts(SUBJECTS, SUBJECT)):
            first.setdefault(name, place)
        return np.array([first.get(name, -1) for name in self.texts(dataset, SUBJECT)], dtype=np.intp)

    def selected(self, dataset: str, predicate: Predicate) -> Rows:
        """The numbers of the records that satisfy all conditions."""
        left = np.ones(len(self.frame(dataset)), dtype=bool)
        for part in predicate:
            left &= self.inside(dataset, part)
        return np.flatnonzero(left) + 1

    # -- outputs ---------------------------------------------------------------------------------------------

    def ard(self, output: str) -> pd.DataFrame:
        """The results of an output."""
        # row groups are read whole, rows of other outputs are left out before they become Python values
        return self._ard([("output", "==", output)])

    @cached_property
    def ards(self) -> Mapping[str, pd.DataFrame]:
        """The results of every output that has some, read at once."""
        whole = self._ard(None)
        return {str(output): own for output, own in whole.groupby("output", sort=False)}

    def _ard(self, filters: list[tuple[str, str, str]] | None) -> pd.DataFrame:
        path = self.home / "ard.parquet"
        if not path.is_file():
            return empty_ard()
        frame = pq.read_table(path, filters=filters).to_pandas()
        texts = {c: "str" for c in frame.columns if c not in ("stat", "row")}
        return ard_of_file(frame.astype({**texts, "stat": "Float64", "row": "Int64"}))

    def shown(self, output: str) -> dict[str, ShownRecords]:
        """The records that an output shows, by name."""
        found = (read_records(path) for path in sorted((self.home / "records").glob(f"{output}.*.parquet")))
        return {name: records for _, name, records in found}

    # -- the export ------------------------------------------------------------------------------------------

    def identity(self, form: str, line: int) -> tuple[str, int]:
        """Record id of the system and occurrence of the row on a line of a form; blank and 0 where it is not known."""
        found = self.identities(form)
        rows = found.loc[(found["line"] == line).to_numpy(dtype=bool)]
        return (str(rows["record"].iloc[0]), int(rows["occurrence"].iloc[0])) if len(rows) else ("", 0)

    @cache  # noqa: B019 - a build is read by one command
    def identities(self, form: str) -> pd.DataFrame:
        """Identity of every row of a form."""
        path = self.home / "lineage" / "raw" / f"{form}.parquet"
        return read_frame(path)[0] if path.is_file() else pd.DataFrame({"record": [], "occurrence": [], "line": []})

    @cache  # noqa: B019 - a build is read by one command
    def fields(self, form: str) -> pd.DataFrame:
        """A number for each value of each field of a form, in the order of `identities`; equal for equal values."""
        path = self.home / EXPORT / f"{form}.parquet"
        return read_frame(path)[0] if path.is_file() else pd.DataFrame()

    @cached_property
    def steps(self) -> dict[str, Any]:
        """What was said to each call and output (`steps`), and the hash of each file of the package (`package`).

        InputError where the build keeps none.
        """
        path = self.home / "lineage" / "steps.json"
        try:
            told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise InputError(f"{path}: not kept by the version that made this build. Build it again.") from fault
        return told

    @cache  # noqa: B019 - a build is read by one command
    def raw(self, form: str) -> tuple[pd.DataFrame | None, str]:
        """The rows of a form as the build read them, text, indexed by line; or why they cannot be shown.

        A build holds no export: it is read where it lay, if it still is what the manifest says.
        """
        about = self.study["forms"][form]
        place = str(about["file"])
        path, sheet = self._root / place, ""
        if path.parent.suffix.lower() == XLSX:
            path, sheet = path.parent, path.name
        inputs = json.loads((self.home / "manifest.json").read_text(encoding="utf-8"))["inputs"]
        if not path.is_file():
            return None, "the export is not there any more"
        known = next((sha for name, sha in inputs.items() if name in (f"raw/{path.name}", place)), None)
        if known != hashlib.sha256(path.read_bytes()).hexdigest():
            return None, "the file has changed since the build"
        system = System.model_validate(self.study["systems"][about["system"]])
        cells = _cells(path, sheet, system, about, place)
        if cells is None:
            return None, "the file cannot be read"
        frame = pd.DataFrame(cells.rows, columns=cells.header, index=cells.lines, dtype="str")
        return frame.mask(frame.apply(lambda c: c.str.strip().isin(["", *system.missing]))), ""

    def forms(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The forms of the study."""
        yield from self.study["forms"].items()


def _cells(path: Path, sheet: str, system: System, about: Mapping[str, Any], place: str) -> Cells | None:
    """The cells of a form, in a file of its own or a sheet of a workbook; dates as its CRF fields have them."""
    kept = about.get("formats", {})
    columns = {name: CrfField(label=label, **kept.get(name, {})) for name, label in about["fields"].items()}
    ending = path.suffix.lower()
    if ending == XLSX:
        from datacut.raw.read_xlsx import open_book, read_sheet  # not before it is needed: it is slow to import

        book = open_book(path, Findings(), place)
        known = book is not None and sheet in book.sheets
        return read_sheet(book, sheet, columns, Findings(), place) if book is not None and known else None
    if ending not in (".csv", ".gz"):
        from datacut.raw.read_sas import read_sas_file  # not before it is needed: it is slow to import

        return read_sas_file(path, system, columns, Findings(), place)
    return read_csv(path, system, Findings(), place)
