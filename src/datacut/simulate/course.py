"""What happens to simulated subjects: draws, curves, entry, schedule, ends and events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from datacut.spec.model import Model


def _scalar(value: object) -> object:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _short(value: object) -> object:
    return {"constant": value} if isinstance(value, str | int | float) else value


class Draw(Model):
    """A random number or word: exactly one of the kinds, then limits and decimals.

    by, cases: another draw for each value of a subject variable; powers: product of subject variables, each to a power,
    times `factor`. A bare scalar is a constant.
    """

    constant: Annotated[float | str, BeforeValidator(_scalar)] | None = None
    choice: dict[str, float] | None = None
    normal: tuple[float, float] | None = None
    lognormal: tuple[float, float] | None = None
    uniform: tuple[float, float] | None = None
    powers: dict[str, float] | None = None
    by: str | None = None
    cases: dict[str, DrawText] = Field(default_factory=dict)
    factor: float = 1.0
    low: float | None = None
    high: float | None = None
    digits: int | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Draw:
        kinds = ("constant", "choice", "normal", "lognormal", "uniform", "powers", "by")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(kinds)}")
        return self


type DrawText = Annotated[Draw, BeforeValidator(_short)]


def constant(value: float) -> Draw:
    """A draw that is always `value`."""
    return Draw(constant=value)


class Relapse(Model):
    """Return of a latent curve: whether, when, to which share of its start, and over how many days."""

    probability: float
    day: DrawText
    share: DrawText
    rise: DrawText = constant(30)


class Effect(Model):
    """What moves a trajectory away from its base, as a factor 1 + effect(t).

    dip: falls by `depth` from `start` within `nadir` days, stays for `hold`, recovers with `half_life`.
    bump: rises by `size` around day `at` (or that long after the onset of `event`, times its grade) with `width`.
    follow: `factor` x (another curve - centre).
    """

    kind: Literal["dip", "bump", "follow"]
    start: DrawText = constant(0)
    nadir: DrawText = constant(7)
    depth: DrawText = constant(0)
    hold: DrawText = constant(0)
    half_life: DrawText = constant(10)
    event: str | None = None
    at: DrawText = constant(0)
    width: DrawText = constant(3)
    size: DrawText = constant(0)
    curve: str | None = None
    factor: DrawText = constant(0)
    centre: float = 0.0


class CurveSpec(Model):
    """One curve over time, its parameters drawn once a subject.

    latent: `start` until `delay`, then falling to `residual` x start with `half_life`, perhaps a relapse.
    kinetic: nothing until `lag`, doubling up to `peak` on `peak_day`, then two-phase decline.
    trajectory: `base` with effects. step: `before` until `day`, then `after`. product: `factor` x the curves `of`, each
    to its power of `powers` (1 if left out). rise: by how much the curve `of` rose within the last `lag` days, 0 where
    it did not. rest: what the curves `of` leave of `factor`.
    """

    kind: Literal["latent", "kinetic", "trajectory", "step", "product", "rise", "rest"]
    start: DrawText = constant(0)
    residual: DrawText = constant(0)
    delay: DrawText = constant(0)
    half_life: DrawText = constant(10)
    relapse: Relapse | None = None
    lag: DrawText = constant(2)
    peak_day: DrawText = constant(10)
    peak: DrawText = constant(1000)
    doubling: DrawText = constant(1)
    fast: DrawText = constant(4)
    slow: DrawText = constant(60)
    fast_share: DrawText = constant(0.9)
    base: DrawText = constant(1)
    effects: tuple[Effect, ...] = ()
    before: DrawText = constant(0)
    after: DrawText = constant(0)
    day: DrawText = constant(0)
    of: tuple[str, ...] = ()
    powers: tuple[float, ...] = ()
    factor: float = 1.0
    floor: float = 0.0


class Escalation(Model):
    """Cohorts at rising levels: the first subject of a level is watched alone, a review follows each cohort."""

    stage: str
    levels: tuple[str, ...]
    cohort: int
    most: int
    sentinel: int
    watch: int
    gap: DrawText
    review_gap: DrawText
    restart_gap: DrawText
    escalate: float
    deescalate: float


class Expansion(Model):
    """Cohorts after the escalation, cycling through levels."""

    stage: str
    levels: tuple[str, ...]
    cohort: int
    gap: DrawText


class Process(Model):
    """How subjects enter. Every n-th candidate fails screening, every n-th drops out before the anchor (0 = none)."""

    start: str
    subject_id: str
    failed_every: int = 0
    untreated_every: int = 0
    escalation: Escalation
    expansion: Expansion
    levels: dict[str, dict[str, str]]


class Milestone(Model):
    """A day of the subject: that of a planned entry of the schedule, or drawn."""

    planned: str | None = None
    day: DrawText | None = None


class Schedule(Model):
    """How actual days scatter around planned ones.

    spread: standard deviation in half window widths; ranges: narrower limits; missed: probability that one of
    `can_miss` is missed; unscheduled: mean number of extra contacts within `unscheduled_days`, named by the pattern.
    """

    spread: float = 0.4
    ranges: dict[str, tuple[int, int]] = Field(default_factory=dict)
    missed: float = 0.0
    can_miss: tuple[str, ...] = ()
    missed_reasons: dict[str, float] = Field(default_factory=dict)
    unscheduled: float = 0.0
    unscheduled_days: tuple[int, int] = (1, 1)
    unscheduled_name: str = "Unscheduled {number}"
    unscheduled_reasons: dict[str, float] = Field(default_factory=dict)
    entry_lag: tuple[int, int] = (0, 3)


class Cause(Model):
    """One way a subject leaves: status, words, how likely, on which day."""

    status: str
    words: str = ""
    probability: float = 0.0
    day: DrawText = constant(0)


class Ends(Model):
    """The end of participation. planned: last planned entry; silent: statuses that have no last contact."""

    planned: str
    after: DrawText
    completed: Cause
    failed: Cause
    untreated: Cause
    fatal: Cause
    causes: tuple[Cause, ...] = ()
    silent: tuple[str, ...] = ()


class Limiting(Model):
    """When an event limits escalation: its grade, or a lower one lasting longer than `longer` days; by which rule."""

    grade: int
    longer: float = 0.0
    always: int = 9
    rule: str


class EventSpec(Model):
    """One entry of the event catalogue; `term` names a row of the dictionary.

    incidence: by level, or `any`; most: largest number for a subject; vague: its start may be known in part only.
    """

    term: str
    words: tuple[str, ...] = ()
    incidence: dict[str, float]
    most: int = 1
    onset: DrawText
    duration: DrawText
    ongoing: float = 0.0
    grades: dict[str, float]
    relation: dict[str, float]
    relation_other: dict[str, float]
    category: str = ""
    action: str = ""
    serious_from: int = 3
    limiting: Limiting | None = None
    vague: bool = False


class Window(Model):
    """Observation in which a limiting event counts, and what makes a subject evaluable without one."""

    days: int
    min_fraction: float
    related: tuple[str, ...]
    early_statuses: tuple[str, ...] = ()
    early_grade: int
    pending_grade: int
    no_expansion: float = 0.0


class Planted(Model):
    """Something that happens to the n-th treated subject whatever the seed; quiet: no random events beside it."""

    order: int
    event: str | None = None
    grade: int = 1
    day: float = 0
    days: float = 1
    relation: str | None = None
    end: Cause | None = None
    scale: dict[str, float] = Field(default_factory=dict)
    quiet: bool = False
