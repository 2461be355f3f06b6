"""Responses by the published definitions, from the rows of an export alone.

A second implementation, to be compared with ADEFF: it imports nothing of the package and works one subject and one
visit at a time. Three-valued: True, False, and None for unknown. The conventions of the demonstration (windows,
look-back days, what ends a response) stand here once more as numbers.
"""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

type State = bool | None
type Row = dict[str, str]

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
NEVER = 10**7

# study day of the target, first and last day of the window; the infusion is day 1
VISITS = {
    "Month 1": (29, 15, 44),
    "Month 2": (61, 45, 75),
    "Month 3": (91, 76, 135),
    "Month 6": (181, 136, 225),
    "Month 9": (271, 226, 315),
    "Month 12": (361, 316, NEVER),
}

EIGHT = ("SEIZURE", "PSYCHOSIS", "BRAINSYN", "VISUAL", "CRANIAL", "HEADACHE", "CVA", "VASCUL")
FOUR = ("ARTHRIT", "MYOSIT", "CASTS", "HAEMAT", "PROTEIN", "PYURIA")
TWO = ("RASH", "ALOPECIA", "ULCERS", "PLEURISY", "PERICARD", "LOWCOMP", "DNABIND")
ONE = ("FEVER", "THROMBO", "LEUKO")
WEIGHT = {item: weight for weight, items in ((8, EIGHT), (4, FOUR), (2, TWO), (1, ONE)) for item in items}
SEROLOGY = ("LOWCOMP", "DNABIND")
MAJOR = (*EIGHT, "CASTS", "HAEMAT", "PROTEIN", "PYURIA", "PLEURISY", "PERICARD", "FEVER")
SYSTEMS = ("CONST", "MUCO", "NEURO", "MUSC", "CARDIO", "GASTRO", "OPHTH", "RENAL", "HAEM")

PREDNISONE = {"Prednisone": Fraction(1), "Dexamethasone": Fraction(500, 75)}
# a salt is the drug: 4 mg of methylprednisolone are 5 mg of prednisone
PREDNISONE |= {"Prednisone acetate": Fraction(1), "Methylprednisolone sodium succinate": Fraction(5, 4)}
A_DAY = {"QD": Fraction(1), "BID": Fraction(2), "Q12H": Fraction(2), "QOD": Fraction(1, 2)}
MILLIGRAMS = {"mg": 1, "g": 1000}
HIGHEST = {"Hydroxychloroquine": 400, "Azathioprine": 200, "Mycophenolate mofetil": 3000}  # mg a day, Golder 2016
BACKGROUND = ("Antimalarial", "Immunosuppressant", "Biologic")


# -- three values ------------------------------------------------------------------------------------------------


def every(states: Iterable[State]) -> State:
    """False if one is, else unknown if one is, else True."""
    known = list(states)
    return False if False in known else None if None in known else True


def some(states: Iterable[State]) -> State:
    return opposite(every(opposite(s) for s in states))


def opposite(state: State) -> State:
    return None if state is None else not state


def letter(state: State) -> str:
    return {True: "Y", False: "N", None: ""}[state]


# -- rows --------------------------------------------------------------------------------------------------------


def read(folder: Path, form: str) -> dict[str, list[Row]]:
    """The rows of a form by subject."""
    found: dict[str, list[Row]] = {}
    with (folder / f"{form}.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(row["SUBJID"], []).append(row)
    return found


def bounds(text: str) -> tuple[int, int]:
    """First and last day that 21-JUL-2025, UN-JUL-2025 or UN-UNK-2025 can be, as ordinals."""
    day, month, year = re.fullmatch(r"(\w+)-(\w+)-(\d{4})", text).groups()  # type: ignore[union-attr]
    if month not in MONTHS:
        return date(int(year), 1, 1).toordinal(), date(int(year), 12, 31).toordinal()
    number = MONTHS.index(month) + 1
    if not day.isdigit():
        last = monthrange(int(year), number)[1]
        return date(int(year), number, 1).toordinal(), date(int(year), number, last).toordinal()
    return (date(int(year), number, int(day)).toordinal(),) * 2


def exact(text: str) -> int:
    first, last = bounds(text)
    assert first == last, text
    return first


@dataclass(frozen=True)
class Course:
    """One line of treatment: first and last possible day of its start and of its end; mg a day, None if unknown."""

    drug: str
    kind: str
    why: str
    start: tuple[int, int]
    end: tuple[int, int]
    daily: Fraction | None

    def days(self, first: int, last: int) -> tuple[int, int]:
        """Days it was surely, and could have been, given from `first` to `last`."""
        sure = min(self.end[0], last) - max(self.start[1], first) + 1
        possible = min(self.end[1], last) - max(self.start[0], first) + 1
        return max(sure, 0), max(possible, 0)

    def given(self, first: int, last: int) -> State:
        sure, possible = self.days(first, last)
        return True if sure else None if possible else False


def courses(rows: Iterable[Row], why: str | None, consent: int) -> Iterator[Course]:
    """consent: the day on or before which a course ticked as begun before it had begun."""
    for row in rows:
        times, unit = A_DAY.get(row["CMFRQ"]), MILLIGRAMS.get(row["CMDOSU"])
        daily = Fraction(row["CMDOSE"]) * unit * times if row["CMDOSE"] and unit and times else None
        start = bounds(row["CMSTDAT"])
        end = bounds(row["CMENDAT"]) if row["CMENDAT"] else (NEVER, NEVER)
        if row["CMFRQ"] == "Once":
            end = start
        start = (start[0], min(start[1], end[1]))
        if row["CMPRIOR"] and start[0] <= consent:
            start = (start[0], min(start[1], consent))
        end = (max(start[0], end[0]), end[1])
        yield Course(row["CMDECOD"], row["CMCLAS"], why or row["CMINDC"], start, end, daily)


# -- one assessment ----------------------------------------------------------------------------------------------


def item(row: Row, name: str) -> int | None:
    """1 if present and due to lupus, 0 if not, None if not done."""
    text = row[name]
    if text not in ("0", "1"):
        return None
    return int(text == "1" and not row[f"{name}_NS"])


def total(row: Row | None, names: Iterable[str] = WEIGHT) -> int | None:
    """The score; None if an item was not done."""
    if row is None:
        return None
    found = {n: item(row, n) for n in names}
    return None if None in found.values() else sum(WEIGHT[n] for n, present in found.items() if present)


def grades(row: Row | None) -> list[str | None]:
    return [row[s] if row and row[s] in "ABCDE" and row[s] else None for s in SYSTEMS]


def pga(row: Row | None) -> Fraction | None:
    if row is None:
        return None
    if row["PGA"]:
        return Fraction(row["PGA"])
    return Fraction(row["PGAMM"]) * 3 / 100 if row["PGAMM"] else None


@dataclass(frozen=True)
class Assessment:
    """What was found on neighbouring days: the last day, and by form the last known answer to each question."""

    day: int
    rows: dict[str, Row]

    def complete(self) -> bool:
        scored = total(self.rows.get("sledai")) is not None
        return scored and None not in grades(self.rows.get("bilag")) and pga(self.rows.get("pga")) is not None


def answers(form: str, row: Row) -> Row:
    """The questions of a form that were answered, each with what belongs to its answer."""
    if form == "pga":
        return {k: row[k] for k in ("PGA", "PGAMM")} if pga(row) is not None else {}
    if form == "bilag":
        return {s: row[s] for s in SYSTEMS if row[s] and row[s] in "ABCDE"}
    names = WEIGHT if form == "sledai" else ("HAEMANAE",)
    return {k: row[k] for n in names if item(row, n) is not None for k in (n, f"{n}_NS")}


def assessments(found: list[tuple[int, str, Row]], reference: int) -> list[Assessment]:
    """Answers at most 3 days after the first of them are one assessment; none holds days on both sides of `reference`.

    Only SLEDAI-2K, BILAG-2004 and PGA make an assessment and give its day.
    """
    groups: list[list[tuple[int, str, Row]]] = []
    for day, form, row in sorted(found, key=lambda x: x[0]):
        if not answers(form, row):
            continue
        first = groups[-1][0][0] if groups else -NEVER
        if day - first > 3 or (first < reference <= day):
            groups.append([])
        groups[-1].append((day, form, row))
    out = []
    for group in groups:
        days = [day for day, form, _ in group if form in ("sledai", "bilag", "pga")]
        rows: dict[str, Row] = {}
        for _, form, row in group:
            blank = dict.fromkeys([*WEIGHT, *SYSTEMS, "PGA", "PGAMM", "HAEMANAE"], "")
            rows[form] = {**rows.get(form, blank), **answers(form, row)}
        if days:
            out.append(Assessment(max(days), rows))
    return out


# -- the definitions ---------------------------------------------------------------------------------------------


def bounds_of(row: Row | None, names: Iterable[str] = WEIGHT) -> tuple[int, int]:
    """The lowest and the highest score: items not done are absent, or present."""
    found = [(WEIGHT[n], item(row, n) if row else None) for n in names]
    return sum(w for w, present in found if present), sum(w for w, present in found if present != 0)


def decided(lowest: bool, highest: bool) -> State:
    """Both ends of what is possible say the same, or it is unknown."""
    return lowest if lowest == highest else None


def sri4(base: Assessment | None, now: Assessment | None) -> dict[str, State]:
    """Furie 2009: SLEDAI, BILAG and PGA against baseline."""
    first, last = (bounds_of(a.rows.get("sledai") if a else None) for a in (base, now))
    fall = decided(first[0] - last[1] >= 4, first[1] - last[0] >= 4)
    before, after = (grades(a.rows.get("bilag") if a else None) for a in (base, now))
    new_a = some(
        False if x == "A" or y not in ("A", None) else True if x and y else None
        for x, y in zip(before, after, strict=True)
    )
    new_b = [
        False if x in ("A", "B") or y not in ("B", None) else True if x and y else None
        for x, y in zip(before, after, strict=True)
    ]
    few = decided(new_b.count(True) + new_b.count(None) <= 1, new_b.count(True) <= 1)
    marks = [pga(a.rows.get("pga") if a else None) for a in (base, now)]
    low, high = ([Fraction(end) if m is None else m for m in marks] for end in (0, 3))
    quiet = decided(high[1] - low[0] < Fraction(3, 10), low[1] - high[0] < Fraction(3, 10))
    parts: dict[str, State] = {"SRI4SLD": fall, "SRI4BLG": every([opposite(new_a), few]), "SRI4PGA": quiet}
    return {**parts, "SRI4": every(parts.values())}


def lldas(
    row: Row | None,
    previous: Row | None,
    haemolysis: State,
    gut: State,
    mark: Fraction | None,
    dose: Fraction | None,
    maintenance: State,
) -> dict[str, State]:
    """Franklyn 2016; a new feature is an item present now and absent at the assessment before."""
    now = {n: item(row, n) if row else None for n in WEIGHT}
    then = {n: item(previous, n) if previous else None for n in WEIGHT}
    lowest, highest = bounds_of(row)
    low = decided(highest <= 4, lowest <= 4)
    organ = some(None if now[n] is None else bool(now[n]) for n in MAJOR)
    new = some(
        False if now[n] == 0 or then[n] == 1 else None if now[n] is None or then[n] is None else True for n in WEIGHT
    )
    parts: dict[str, State] = {
        "LLDAS1": every([low, opposite(organ), opposite(haemolysis), opposite(gut)]),
        "LLDAS2": opposite(new),
        "LLDAS3": None if mark is None else mark <= 1,
        "LLDAS4": None if dose is None else dose <= Fraction(15, 2),
        "LLDAS5": maintenance,
    }
    return {**parts, "LLDAS": every(parts.values())}


def doris(row: Row | None, mark: Fraction | None, dose: Fraction | None, stable: State) -> dict[str, State]:
    """van Vollenhoven 2021; serology does not count."""
    lowest, highest = bounds_of(row, [n for n in WEIGHT if n not in SEROLOGY])
    parts: dict[str, State] = {
        "DORIS1": decided(highest == 0, lowest == 0),
        "DORIS2": None if mark is None else mark < Fraction(1, 2),
        "DORIS3": None if dose is None else dose <= 5,
        "DORIS4": stable,
    }
    return {**parts, "DORIS": every(parts.values())}


# -- treatment on a day ------------------------------------------------------------------------------------------


def dose_of(given: Iterable[Course], day: int) -> Fraction | None:
    """Mean prednisone equivalent of the 7 days that end on a day, mg a day; None if unknown."""
    amount = Fraction(0)
    for course in given:
        if course.kind != "Glucocorticoid":
            continue
        sure, possible = course.days(day - 6, day)
        if not possible:
            continue
        if course.daily is None or sure != possible:
            return None
        amount += course.daily * PREDNISONE[course.drug] * sure
    return amount / 7


def scheduled(given: Iterable[Course], day: int) -> Fraction | None:
    """Prednisone equivalent of the day itself by schedule, mg a day; None if unknown."""
    amount = Fraction(0)
    for course in given:
        on = course.given(day, day) if course.kind == "Glucocorticoid" else False
        if on is None or (on and course.daily is None):
            return None
        if on and course.daily is not None:
            amount += course.daily * PREDNISONE[course.drug]
    return amount


def larger(given: list[Course], day: int) -> Fraction | None:
    """What limits are compared with: the mean of the week or the scheduled dose of the day, the larger."""
    mean, now = dose_of(given, day), scheduled(given, day)
    return None if mean is None or now is None else max(mean, now)


def maintained(given: Iterable[Course], day: int) -> State:
    """Every background drug of a day at most at its highest standard dose."""
    states: list[State] = []
    for course in given:
        on = course.given(day, day) if course.kind in BACKGROUND and course.why == "SLE" else False
        standard = None
        if course.daily is not None and course.drug in HIGHEST:
            standard = course.daily <= HIGHEST[course.drug]
        states.append(some([opposite(on), standard]))
    return every(states)


def kept_stable(given: list[Course], day: int) -> State:
    """No background drug begun, or raised, in the 30 days before a day."""
    own = [c for c in given if c.kind in BACKGROUND and c.why == "SLE"]
    states: list[State] = []
    for course in own:
        if course.start[1] < day - 30 or course.start[0] > day - 1:
            continue
        if course.start[0] != course.start[1]:
            states.append(None)
            continue
        earlier = [c for c in own if c.drug == course.drug and c.given(course.start[0] - 1, course.start[0] - 1)]
        assert course.daily is not None and all(c.daily is not None for c in earlier)
        states.append(bool(earlier) and course.daily <= sum(c.daily or 0 for c in earlier))
    return every(states)


def drug_free(given: Iterable[Course], day: int) -> tuple[State, State]:
    """No therapy of lupus and no glucocorticoid in the 28 days that end on a day; and the same, antimalarials apart."""
    strict: list[State] = []
    allowed: list[State] = []
    for course in given:
        if course.why == "SLE" or course.kind == "Glucocorticoid":
            free = opposite(course.given(day - 27, day))
            strict.append(free)
            if course.kind != "Antimalarial":
                allowed.append(free)
    return every(strict), every(allowed)


# -- a subject ---------------------------------------------------------------------------------------------------


def first_excluding_event(
    given: list[Course],
    reference: int,
    ended: int | None,
) -> int:
    """Day of death or of leaving, of a drug begun for lupus after the reference day, or of more prednisone than on it.

    The simulated courses begin anew, months after they were stopped, or go on at a lower dose.
    """
    days = [NEVER if ended is None else ended]
    lupus = [c for c in given if c.why == "SLE"]
    days += [c.start[1] for c in lupus if c.kind in BACKGROUND and c.start[0] > reference]
    base = scheduled(lupus, reference)
    begun = sorted(c.start[1] for c in lupus if c.kind == "Glucocorticoid" and c.start[0] > reference)
    doses = [(day, scheduled(lupus, day)) for day in begun]
    days += [day for day, dose in doses if dose is not None and base is not None and dose > base]
    return min(days)


def surely_alive_until(text: str, seen: int) -> int:
    """The first day that a death or an end known to the month can be: not before the last visit."""
    first, last = bounds(text)
    return min(max(first, seen), last)


def views(state: State, assessed: bool, therapy: bool, gone: bool, ignored: set[str]) -> dict[str, State]:
    """The state of a visit by ICH E9(R1): observed, with imputation, and by treatment policy.

    therapy, gone: other therapy, death or leaving on or before the visit. ignored: the views, and `gone observed`, in
    which they do not make the response N.
    """
    event = (therapy and "observed" not in ignored) or (gone and "gone observed" not in ignored)
    observed = (every([state, not event])) if assessed else None
    imputed = state is True and assessed and not gone
    return {
        "": observed,
        "NRI": imputed and not (therapy and "NRI" not in ignored),
        "TRTPOL": imputed,
    }


COMPOSITE = {"SRI4", "SRI4DF"}
FREE = {"THFREE", "THFREEHQ"}


def responses(folder: Path, cut: date) -> dict[tuple[str, str], dict[str, dict[str, State]]]:
    """By subject and visit that was reached, and by view, each criterion and response."""
    dates = {"sledai": "SLDAT", "bilag": "BILDAT", "pga": "PGADAT", "sledas": "SDDAT"}
    forms = {name: read(folder, name) for name in dates}
    therapy, other = read(folder, "slerx"), read(folder, "cm")
    infusions, depletions, endings = read(folder, "inf"), read(folder, "ld"), read(folder, "ds")
    consents, visits = read(folder, "dm"), read(folder, "sv")
    out: dict[tuple[str, str], dict[str, dict[str, State]]] = {}
    for subject, infusion in infusions.items():
        infused = min(exact(r["INFDAT"]) for r in infusion)
        reference = min(exact(r["LDSTDAT"]) for r in depletions[subject])
        rows = [(exact(r[dates[n]]), n, r) for n, found in forms.items() for r in found.get(subject, [])]
        own = assessments(rows, reference)
        consent = min(exact(r["ICDAT"]) for r in consents[subject])
        given = [*courses(therapy.get(subject, []), "SLE", consent), *courses(other.get(subject, []), None, consent)]
        seen = max(exact(r["VISDAT"]) for r in visits[subject] if r["VISDAT"])
        left = [
            surely_alive_until(r["DTHDAT"] or r["DSDAT"], seen)
            for r in endings.get(subject, [])
            if r["DSSCAT"] == "Study" and r["DSDECOD"] != "Completed"
        ]
        before = [a for a in own if a.day < reference]
        base = next((a for a in reversed(before) if a.complete()), before[-1] if before else None)
        judged: dict[str, Assessment | None] = {}
        for visit, (target, low, high) in VISITS.items():
            inside = [a for a in own if infused + low - 1 <= a.day <= infused + high - 1]
            closest = min(inside, key=lambda a: (abs(a.day - (infused + target - 1)), -a.day), default=None)
            if closest or infused + target - 1 <= cut.toordinal():
                judged[visit] = closest
        event = first_excluding_event(given, reference - 1, None)
        for visit, now in judged.items():
            day = now.day if now else infused + VISITS[visit][0] - 1
            ended, treated = min(left, default=NEVER) <= day, event <= day
            found = states(now, base, own, given)
            ways = {}
            for code, state in found.items():
                ignored = set() if code in COMPOSITE else {"observed", "gone observed"}
                ignored |= {"NRI"} if code in FREE else set()
                ways[code] = views(state, now is not None, treated, ended, ignored)
            shown = {view: {code: way[view] for code, way in ways.items()} for view in ("", "NRI", "TRTPOL")}
            shown[""]["SRI4EXC"] = not (ended or treated) if now else None
            out[subject, visit] = shown
    return out


def states(
    now: Assessment | None, base: Assessment | None, own: list[Assessment], given: list[Course]
) -> dict[str, State]:
    """Each criterion and response of an assessment, whatever else happened."""
    form = now.rows if now else {}
    day = now.day if now else None
    earlier = [a for a in own if now and a.day < now.day and "sledai" in a.rows]
    dose = None if day is None else larger(given, day)
    strict, allowed = (None, None) if day is None else drug_free(given, day)
    mark, das, bilag = pga(form.get("pga")), form.get("sledas"), grades(form.get("bilag"))
    anaemia = item(das, "HAEMANAE") if das else None
    gut = bilag[SYSTEMS.index("GASTRO")]
    found = {
        **sri4(base, now),
        **lldas(
            form.get("sledai"),
            earlier[-1].rows["sledai"] if earlier else None,
            None if anaemia is None else anaemia == 1,
            None if gut is None else gut in "ABC",
            mark,
            dose,
            None if day is None else maintained(given, day),
        ),
        **doris(form.get("sledai"), mark, dose, None if day is None else kept_stable(given, day)),
        "THFREE": strict,
        "THFREEHQ": allowed,
    }
    for name in ("SRI4", "LLDAS", "DORIS"):
        found[f"{name}DF"] = every([found[name], strict])
    return found
