"""ADTTE: of every parameter the candidates, the event, competing event or censoring, by the rules in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from tests.e2e.define_alone.define import Define, part, quoted, read, rule
from tests.e2e.define_alone.reading import Load, Truth, Values, all_of, any_of, known, missing, span

VARIABLES = ("ADT", "AVAL", "CNSR", "STARTDT", "EVNTDESC", "CNSDTDSC")
LAST = date(9999, 12, 31)
TOKEN = re.compile(
    r'\s*("[^"]*"|is not missing|is missing|and\b|or\b|in\b|>=|<=|!=|=|>|<|\(|\)|,|-?\d+(?:\.\d+)?|[A-Z][A-Z0-9]*)'
)
type Condition = Callable[[Mapping[str, Any]], Truth]


@dataclass(frozen=True)
class _Candidate:
    """A candidate record. seq: the sequence number of its source; role: what the parameter takes it for."""

    kind: str
    who: str
    adt: date | None
    latest: date | None
    event: str | None
    censoring: str | None
    source: Mapping[str, Any]
    seq: float
    role: str = ""


def derive(load: Load, define: Define) -> Values:
    candidates = _candidates(load, define)
    starts = _starts(define)
    plus = read(define.method("ADTTE", "AVAL"), r"plus (\d+), in days", int)
    found: Values = {name: {} for name in VARIABLES}
    for param, method in define.by_parameter("ADTTE", "AVAL").items():
        first_low = _first_low(load, define, starts[param])
        of = _Parameter(method)
        for about in load("ADSL").to_dict("records"):
            own = of.roles([c for c in candidates if c.who == about["USUBJID"]])
            start = known(about["TRTSDT"]) if first_low is None else first_low.get(about["USUBJID"])
            if start is None or not of.at_risk(own, about):
                continue
            chosen = of.chosen(own, start)
            if chosen is not None:
                key = (about["USUBJID"], param)
                values = (chosen[0], float((chosen[0] - start).days + plus), float(chosen[1]), start, *chosen[2:])
                for name, value in zip(VARIABLES, values, strict=True):
                    found[name][key] = value
    return found


def recorded(load: Load) -> Values:
    rows = list(load("ADTTE").itertuples())
    return {n: {(r.USUBJID, r.PARAMCD): known(getattr(r, n)) for r in rows} for n in VARIABLES}


class _Parameter:
    """The rule of one parameter."""

    def __init__(self, method: str) -> None:
        self._kinds = {k: v.strip('"') for k, v in _by_kind(part(method, "CAND")).items()}
        said = re.search(r'candidate records that are "([^"]+)" in \[(\w+)\]', method)
        assert said is not None, method
        self._event, self._column = said[1], said[2]
        self._competing = quoted(read(method, r"but one that is (.*?) before it or on its date", str))
        self._censors = quoted(read(method, r"the last ADT of the first of (.*?) in \[", str))
        group = r"One record for each STUDYID and USUBJID(?: with a record where (.*?))?: ADT"
        self._risk = read(method, group, lambda found: found or "")
        self._from_start = "whose [LATEST] is not, the date is" in method
        self._meets: dict[str, tuple[str, list[str]]] = {}
        if self._column == "ROLE":
            self._meets = _confirmed(method)

    def roles(self, own: list[_Candidate]) -> list[_Candidate]:
        """The candidates with their [CAND], or of two results in a row the first as recovered ([ROLE])."""
        found = [replace(c, role=self._kinds[c.kind]) for c in own]
        for name, (column, values) in self._meets.items():
            row = sorted((c for c in found if c.role == name), key=lambda c: (c.adt or LAST, c.seq))
            meets = [c.source.get(column) in values for c in row]
            for place, candidate in enumerate(row[:-1]):
                if meets[place] and meets[place + 1]:
                    found[found.index(candidate)] = replace(candidate, role=f"{name} RECOVERED")
        return found

    def at_risk(self, own: list[_Candidate], about: Mapping[str, Any]) -> bool:
        if not own or not self._risk:
            return bool(own)
        wanted = re.fullmatch(r'\[CAND\] = "([^"]+)"', self._risk)
        return any(c.role == wanted[1] for c in own) if wanted else condition(self._risk)(about) is True

    def chosen(self, own: list[_Candidate], start: date) -> tuple[date, int, str | None, str | None] | None:
        """ADT, CNSR, EVNTDESC and CNSDTDSC."""
        event = self._earliest(own, [self._event], start)
        other = self._earliest(own, self._competing, start)
        if other is not None and (event is None or other[0] <= event[0]):
            return other[0], 2 + other[1], other[2].event, other[2].event
        if event is not None:
            return event[0], 0, event[2].event, None
        for name in self._censors:
            dated = [(c.adt, c.censoring) for c in own if c.role == name and c.adt is not None]
            if dated:
                last, words = max(reversed(dated), key=lambda d: d[0])
                return max(last, start), 1, "Censored", words
        return None

    def _earliest(self, own: list[_Candidate], names: list[str], start: date) -> tuple[date, int, _Candidate] | None:
        """The earliest from the start on; of several on one date the first named, of these the first record."""
        dated = [(self._date(c, start), names.index(c.role), c) for c in own if c.role in names]
        later = [(day, place, c) for day, place, c in dated if day is not None and day >= start]
        return min(later, key=lambda d: d[:2], default=None)

    def _date(self, candidate: _Candidate, start: date) -> date | None:
        day, latest = candidate.adt, candidate.latest
        straddles = day is not None and latest is not None and day < start <= latest
        return start if self._from_start and straddles else day


def _confirmed(method: str) -> dict[str, tuple[str, list[str]]]:
    """Of each kind that recovers, the column and the values that both results have."""
    grades = re.search(r"those where \[CAND\] in \(([^)]*)\), that meets \[GRADE\] in \(([^)]*)\)", method)
    level = re.search(r'those where \[CAND\] = "(\w+)", that meets \[IGGIND\] = "(\w+)"', method)
    assert grades is not None and level is not None, method
    found = {name: ("ATOXGRL", quoted(grades[2])) for name in quoted(grades[1])}
    return found | {level[1]: (read(method, r"\[IGGIND\]: (\w+) in", str), [level[2]])}


def _starts(define: Define) -> dict[str, str]:
    """Of each parameter the variable, or working value, that is its start."""
    said = rule(define.method("ADTTE", "STARTDT"))
    pairs = re.findall(r"(\[?\w+\]?) of (TT[\w, ]*TT\w+|TT\w+)", said)
    return {param: start for start, params in pairs for param in params.split(", ")}


def _first_low(load: Load, define: Define, start: str) -> dict[str, date] | None:
    """The first low value of each participant, where that is the start."""
    if not start.startswith("["):
        return None
    said = part(define.method("ADTTE", "STARTDT"), start.strip("[]"))
    found = re.match(r"the smallest \(earliest\) ADT of the records of (\w+) with the same USUBJID where (.*)", said)
    assert found is not None, said
    days: dict[str, date] = {}
    for row in _rows(load, found[1], found[2].rstrip(".")):
        if not missing(row["ADT"]):
            days[row["USUBJID"]] = min(row["ADT"], days.get(row["USUBJID"], LAST))
    return days


def _candidates(load: Load, define: Define) -> list[_Candidate]:
    """The candidate records, as the comment of the dataset lists them: "name (dataset where condition); ..."."""
    listed = read(define.comment("ADTTE"), r"Records: (.*)", str).rstrip(".")
    said = rule(define.method("ADTTE", "ADT"))
    dates = _by_kind(said[0].lower() + said[1:])
    events, censorings = (_by_kind(rule(define.method("ADTTE", v))) for v in ("EVNTDESC", "CNSDTDSC"))
    kinds = {kind.lower(): kind for kind in dates}
    found = []
    for text in _outside_brackets(listed):
        named = re.fullmatch(r"(.*?) \((\w+) where (.*)\)", text, re.DOTALL)
        assert named is not None, text
        kind, dataset = kinds[named[1].lower()], named[2]
        variable = read(dates[kind], r"the date of (\w+)", str)
        for row in _rows(load, dataset, named[3]):
            days = span(row[variable]) if isinstance(row[variable], str) else (known(row[variable]),) * 2
            first, last = days or (None, None)
            event, censoring = ((d.get(kind) or "").strip('"') or None for d in (events, censorings))
            found.append(_Candidate(kind, row["USUBJID"], first, last, event, censoring, row, _sequence(row)))
    return found


def _sequence(row: Mapping[str, Any]) -> float:
    """The sequence number of a record: ASEQ, else that of its domain."""
    names = ["ASEQ", *(n for n in row if re.fullmatch(r"[A-Z]{2}SEQ", n))]
    return next((float(row[n]) for n in names if n in row and not missing(row[n])), 0.0)


def _by_kind(text: str) -> dict[str, str]:
    """`X in a, b; Y in c` as what is said of each kind of candidate: `{a: X, b: X, c: Y}`."""
    found = {}
    for clause in text.rstrip(". ").split("; "):
        what, kinds = (
            clause.split(" in ", 1)
            if not clause.startswith("the date")
            else read(clause, r"(the date .*? in (?!turn).*)", lambda t: re.split(r" in (?!turn)", t, maxsplit=1))
        )
        found |= dict.fromkeys((k.strip() for k in kinds.split(", ")), what)
    return found


def _outside_brackets(text: str) -> list[str]:
    """The parts between semicolons that stand in no bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == ";" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [p.strip() for p in parts if p.strip()]


def _rows(load: Load, dataset: str, where: str) -> list[Mapping[str, Any]]:
    holds = condition(where)
    return [row for row in _records(load, dataset) if holds(row)]


@lru_cache(None)
def _records(load: Load, dataset: str) -> list[Mapping[str, Any]]:
    return load(dataset).to_dict("records")


def condition(text: str) -> Condition:
    """A condition of the Define, three-valued."""
    tokens: list[str] = []
    place = 0
    while place < len(text.rstrip()):
        found = TOKEN.match(text, place)
        if found is None:
            raise ValueError(f"No condition: {text[place:]}")
        tokens.append(found[1])
        place = found.end()
    made = _either(tokens)
    if tokens:
        raise ValueError(f"More than a condition: {text}")
    return made


def _either(tokens: list[str]) -> Condition:
    parts = [_both(tokens)]
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        parts.append(_both(tokens))
    return lambda row: any_of(*(p(row) for p in parts))


def _both(tokens: list[str]) -> Condition:
    parts = [_term(tokens)]
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        parts.append(_term(tokens))
    return lambda row: all_of(*(p(row) for p in parts))


def _term(tokens: list[str]) -> Condition:
    if tokens[0] == "(":
        tokens.pop(0)
        inner = _either(tokens)
        tokens.pop(0)
        return inner
    name, sign = tokens.pop(0), tokens.pop(0)
    if sign in ("is missing", "is not missing"):
        return lambda row: missing(row.get(name)) == (sign == "is missing")
    if sign == "in":
        tokens.pop(0)
    values = [_literal(tokens.pop(0))]
    while sign == "in" and tokens.pop(0) == ",":
        values.append(_literal(tokens.pop(0)))
    return lambda row: None if missing(row.get(name)) else _compares(row[name], sign, values)


def _literal(token: str) -> Any:
    return token[1:-1] if token.startswith('"') else float(token)


def _compares(value: Any, sign: str, values: list[Any]) -> bool:
    match sign:
        case "in" | "=":
            return value in values
        case "!=":
            return value not in values
        case ">=":
            return bool(value >= values[0])
        case "<=":
            return bool(value <= values[0])
        case ">":
            return bool(value > values[0])
        case _:
            return bool(value < values[0])
