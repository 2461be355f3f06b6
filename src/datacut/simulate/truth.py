"""The truth file: what was simulated, so that a test can ask whether a derivation found it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from datacut.simulate.clock import iso
from datacut.simulate.curves import depletion_days
from datacut.simulate.evaluate import evaluate, limiting_event
from datacut.simulate.forms import Total
from datacut.simulate.model import Simulation
from datacut.simulate.subjects import FAILED, TREATED, Subject
from datacut.simulate.tables import Block, Study, Table
from datacut.simulate.totals import total

type Reports = dict[int, dict[int, tuple[int | None, int | None]]]
"""By day of a cut and number of a subject: days on which reported values first lie below a threshold, and are back."""
type Json = str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None


def subject_truths(study: Study, spec: Simulation, reports: Reports) -> list[Json]:
    """One entry a subject, in order of their numbers. reports: what the exported rows of each cut show."""
    blocks = {form: {b.subject: b for b in made} for form, made in study.blocks.items()}
    return [_subject(s, spec, blocks, reports) for s in study.course.subjects]


def reported_depletion(
    tables: Mapping[str, Table], study: Study, spec: Simulation
) -> dict[int, tuple[int | None, int | None]]:
    """By number of the subject, the ordinal days of the first reported value below the threshold after the anchor, and
    of the first one after it that is not. Read in the tables of a cut as they are exported, before any problem is
    injected."""
    wanted = spec.truth.depletion.reported
    table, blocks = tables[wanted.form], study.blocks[wanted.form]
    field = table.column(wanted.field)
    match = {table.column(name): texts for name, texts in wanted.match.items()}
    values: dict[int, list[tuple[float, int, float]]] = {}
    for cells, (block, row) in zip(table.cells, table.origin, strict=True):
        rows = blocks[block].rows
        if rows.day[row] > 0 and cells[field] and all(cells[i] in texts for i, texts in match.items()):
            value = (float(rows.day[row]), int(rows.ordinal[row]), float(cells[field]))
            values.setdefault(blocks[block].subject, []).append(value)
    threshold = spec.truth.depletion.threshold
    out: dict[int, tuple[int | None, int | None]] = {}
    for subject, series in values.items():
        below = [(day, ordinal) for day, ordinal, value in series if value < threshold]
        first = min(below, default=None)
        back = [(day, ordinal) for day, ordinal, value in series if first and day > first[0] and value >= threshold]
        out[subject] = (first[1] if first else None, min(back)[1] if back else None)
    return out


def review_truths(study: Study) -> list[Json]:
    """The meetings as held."""
    return [
        {
            "number": r.number,
            "date": iso(r.day),
            "level": r.level,
            "treated": r.treated,
            "evaluable": r.evaluable,
            "limiting": r.limiting,
            "decision": r.decision,
            "next_level": r.next_level,
        }
        for r in study.course.reviews
    ]


def _subject(subject: Subject, spec: Simulation, blocks: Mapping[str, Mapping[int, Block]], reports: Reports) -> Json:
    slot, ending = subject.slot, subject.ending
    out: dict[str, Json] = {
        "subject": subject.id,
        "status": slot.status,
        "stage": slot.stage if slot.status != FAILED else "",
        "level": slot.level if slot.status != FAILED else "",
        "cohort": slot.cohort if slot.status != FAILED else 0,
        "order": slot.order,
        "end": {
            "date": iso(slot.anchor + ending.day),
            "day": ending.day,
            "status": ending.status,
            "words": ending.words,
            "fatal": ending.fatal,
        },
    }
    if slot.status != TREATED:
        return out
    hour = subject.anchor_hour
    out["anchor"] = f"{iso(slot.anchor)}T{int(hour):02d}:{round(hour % 1 * 60):02d}"
    out["planned_amount"] = subject.scope[spec.planned_amount]
    out["given_amount"] = round(float(subject.scope[spec.given_amount]), 4)
    out["limiting_events"] = _limiting(subject, spec)
    out["evaluable"] = {
        iso(cut): {"evaluable": e.evaluable, "reason": e.reason}
        for cut in reports
        for e in (evaluate(subject, spec, cut),)
    }
    out["events"] = _events(subject, blocks.get(spec.truth.events, {}).get(slot.number))
    truth = spec.truth
    kinetics = subject.curves[truth.kinetics]
    out["kinetics"] = {name: round(value, 4) for name, value in kinetics.parameters.items()}
    out["samples"] = _samples(subject, spec, blocks)
    first, back = depletion_days(subject.curves[truth.depletion.curve], truth.depletion.threshold, ending.day)
    out["depletion"] = {
        "first_day": first,
        "return_day": back,
        "first_date": iso(slot.anchor + int(first)) if first is not None else None,
        "return_date": iso(slot.anchor + int(back)) if back is not None else None,
        "reported": {
            iso(cut): {"first_date": iso(below) if below else None, "return_date": iso(again) if again else None}
            for cut, found in reports.items()
            for below, again in (found.get(slot.number, (None, None)),)
        },
    }
    if truth.daily is not None:
        out["daily"] = _daily(spec.forms[truth.daily].events, blocks.get(truth.daily, {}).get(slot.number))
    out["latent"] = _latent(subject, spec)
    out["totals"] = {name: _totals(t, blocks.get(t.form, {}).get(slot.number)) for name, t in truth.totals.items()}
    return out


def _events(subject: Subject, block: Block | None) -> list[Json]:
    anchor = subject.slot.anchor
    entered: dict[tuple[str, int], list[int]] = {}
    if block is not None:
        for key, day, created in zip(
            block.rows.variables["event"], block.rows.ordinal, block.rows.created, strict=True
        ):
            entered.setdefault((key, int(day) - anchor), []).append(int(created))
    return [
        {
            "key": e.key,
            "day": int(e.day),
            "date": iso(anchor + int(e.day)),
            "end": iso(anchor + int(e.end)) if e.end is not None else None,
            "entered": iso(entered[e.key, int(e.day)].pop(0)),
            "grade": e.grade,
            "relation": e.relation,
        }
        for e in subject.events
    ]


def _limiting(subject: Subject, spec: Simulation) -> list[Json]:
    if subject.slot.stage != spec.process.escalation.stage:
        return []
    event = limiting_event(subject, spec.window, 10**7)
    if event is None:
        return []
    entry = spec.events[event.key]
    day = int(event.day)
    return [
        {
            "key": event.key,
            "term": entry.term,
            "words": event.words,
            "day": day,
            "date": iso(subject.slot.anchor + day),
            "grade": event.grade,
            "rule": event.rule,
        }
    ]


def _samples(subject: Subject, spec: Simulation, blocks: Mapping[str, Mapping[int, Block]]) -> list[Json]:
    wanted = spec.truth.samples
    block = blocks.get(wanted.form, {}).get(subject.slot.number)
    if block is None:
        return []
    values = subject.curves[wanted.curve].at(block.rows.day)
    return [
        {"name": name, "day": round(float(day), 4), "true": round(float(value), 4), "reported": reported}
        for name, day, value, reported in zip(
            block.rows.variables["name"], block.rows.day, values, block.columns[wanted.field], strict=True
        )
    ]


def _daily(kinds: Sequence[str], block: Block | None) -> list[Json]:
    if block is None:
        return []
    days = block.rows.ordinal.tolist()
    return [
        {"date": iso(int(day)), **{kind: int(block.rows.variables[kind][i]) for kind in kinds}}
        for i, day in enumerate(days)
    ]


def _latent(subject: Subject, spec: Simulation) -> dict[str, Json]:
    curve = subject.curves[spec.truth.latent]
    happened = [c for c in subject.contacts if c.happened]
    values = curve.at(np.array([c.day for c in happened], dtype=np.float64))
    return {c.name: round(float(v), 4) for c, v in zip(happened, values, strict=True)}


def _totals(spec: Total, block: Block | None) -> dict[str, Json]:
    if block is None:
        return {}
    out: dict[str, Json] = {}
    for i, name in enumerate(block.rows.variables["name"]):
        out[name] = total(spec, {column: texts[i] for column, texts in block.columns.items()})
    return out
