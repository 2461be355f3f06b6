"""SUPP--: supplemental qualifiers, and what does not fit into 200 bytes of its variable (SDTMIG 3.4 section 4.5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from datacut.datasets.conform import conform, text_bytes
from datacut.datasets.lineage import RID, edges_from
from datacut.datasets.model import MAX_LABEL, MAX_TEXT, Dataset, Variable
from datacut.engine.context import Context
from datacut.engine.work import Work
from datacut.errors import Findings, Severity
from datacut.spec.dataset import DatasetSpec, continuation
from datacut.spec.resolve import ResolvedDataset
from datacut.standards import sdtm_variables

_SUPP = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Qualifier:
    """One QNAM: its label, origin and evaluator."""

    label: str
    origin: str
    evaluator: str | None = None


def split_text(text: str, size: int = MAX_TEXT) -> list[str]:
    """Pieces of at most `size` UTF-8 bytes: cut at a blank in the second half of a piece, else between two characters.

    The blank at a cut is left out.
    """
    pieces = []
    while len(text.encode()) > size:
        end = len(text.encode()[:size].decode(errors="ignore"))
        blank = text.rfind(" ", end // 2, end + 1)
        cut = blank if blank > 0 else end
        pieces.append(text[:cut].rstrip(" "))
        text = text[cut:].lstrip(" ")
    return [*pieces, text]


def move_long_text(spec: DatasetSpec, resolved: ResolvedDataset, work: Work, context: Context) -> dict[str, Qualifier]:
    """Every qualifier of a domain by QNAM, those that hold the rest of a long text included.

    A text of more than 200 bytes keeps its first piece; the others become columns of the frame (AETERM1, AETERM2, ...),
    and a note tells the place. Trial design datasets have no SUPP-- and are left alone.
    """
    found = {q: Qualifier(i.label, i.origin, i.evaluator) for q, i in spec.supplemental.items()}
    if "USUBJID" not in work.frame.columns:
        return found
    origins = {
        v.name: "CRF" if v.spec.origin in (None, "Collected") else str(v.spec.origin) for v in resolved.variables
    }
    texts = {v.name: Qualifier(v.label or v.name, origins[v.name]) for v in resolved.variables if v.type == "text"}
    for name, about in {**texts, **found}.items():
        frame = work.frame
        if name not in frame.columns or not pd.api.types.is_string_dtype(frame[name]):
            continue
        long = text_bytes(frame[name]) > MAX_TEXT
        if not long.any():
            continue
        pieces = frame.loc[long, name].map(split_text)
        new: dict[str, pd.Series] = {name: frame[name].where(~long, pieces.map(lambda p: p[0])).astype("str")}
        for number in range(1, int(pieces.map(len).max())):
            qnam = continuation(name, number)
            rest = pieces.map(lambda p, n=number: p[n] if n < len(p) else pd.NA)
            new[qnam] = rest.reindex(frame.index).astype("str")
            label = about.label[: MAX_LABEL - len(str(number)) - 1].rstrip()
            found[qnam] = Qualifier(f"{label} {number}", about.origin, about.evaluator)
        rest_in = ", ".join(qnam for qnam in new if qnam != name)
        for row, text in zip(frame.index[long].tolist(), frame.loc[long, name], strict=True):
            context.report(
                frame,
                [row],
                name,
                "sdtm.long",
                f"more than 200 bytes: the text goes on in SUPP{spec.dataset} ({rest_in})",
                remedy="Nothing to do.",
                severity=Severity.NOTE,
                value=f"{text[:_SHOWN]}...",
            )
        work.frame = frame.assign(**new)
    return found


def make_supp(
    study: str, spec: DatasetSpec, qualifiers: Mapping[str, Qualifier], work: Work, findings: Findings
) -> Dataset | None:
    """SUPP--: one record for each supplemental value that is not missing; None where there is no value at all."""
    frame = work.frame
    if not qualifiers or frame[list(qualifiers)].isna().all(axis=None):
        return None
    sequence = f"{spec.dataset}SEQ"
    by_record = sequence in frame.columns
    parts = []
    for qnam, item in qualifiers.items():
        rows = frame[frame[qnam].notna()]
        parts.append(
            pd.DataFrame(
                {
                    "STUDYID": pd.Series(study, index=rows.index, dtype="str"),
                    "RDOMAIN": pd.Series(spec.dataset, index=rows.index, dtype="str"),
                    "USUBJID": rows["USUBJID"],
                    "IDVAR": pd.Series(sequence if by_record else pd.NA, index=rows.index, dtype="str"),
                    "IDVARVAL": rows[sequence].astype("str")
                    if by_record
                    else pd.Series(pd.NA, index=rows.index, dtype="str"),
                    "QNAM": pd.Series(qnam, index=rows.index, dtype="str"),
                    "QLABEL": pd.Series(item.label, index=rows.index, dtype="str"),
                    "QVAL": rows[qnam].astype("str"),
                    "QORIG": pd.Series(item.origin, index=rows.index, dtype="str"),
                    "QEVAL": pd.Series(item.evaluator or pd.NA, index=rows.index, dtype="str"),
                    "_parent": rows[RID],
                }
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    whole[RID] = pd.Series(range(1, len(whole) + 1), dtype="Int64")
    labels = {v.name: v.label for v in sdtm_variables("SUPPQUAL")}
    variables = [Variable(n, labels[n], "text") for n in _SUPP]
    numbers = work.numbers if work.numbers is not None else pd.Series(dtype="Int64")
    edges = edges_from(whole[RID], spec.dataset, whole["_parent"].map(numbers))
    name, label = f"SUPP{spec.dataset}", f"Supplemental Qualifiers for {spec.dataset}"
    keys = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")
    dataset, faults = conform(whole, name, label, variables, keys, edges)
    findings.extend(faults)
    return dataset
