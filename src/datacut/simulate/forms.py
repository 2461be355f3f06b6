"""How simulated courses become rows of forms: field sources, tests, items, corrections, mess and truth."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from datacut.simulate.course import Draw, DrawText, constant
from datacut.spec.model import Model


class Below(Model):
    """Limit under which a result is reported as one of the texts."""

    limit: float
    texts: tuple[str, ...]


class Partial(Model):
    """Probability that the day, or day and month, of a date is unknown; `row` names a row variable that permits it."""

    day: float = 0.0
    month: float = 0.0
    row: str | None = None


class Part(Model):
    """The `number`-th of `count` equal parts of a subject variable; the last makes the rounded parts add up to it."""

    of: str
    count: str
    number: int


class Tick(Model):
    """Ticked with a probability where the highest of some fields reaches `at`."""

    of: tuple[str, ...]
    at: float
    probability: float
    text: str = "1"


class Flag(Model):
    """Whether the number in a field filled before lies beyond a limit; `blank` where there is no number."""

    of: str
    above: float | None = None
    below: float | None = None
    yes: str = "1"
    no: str = "0"
    blank: str = ""

    @model_validator(mode="after")
    def _one_limit(self) -> Flag:
        if (self.above is None) == (self.below is None):
            raise ValueError("give either above or below")
        return self


class AnyOf(Model):
    """Whether one of the fields filled before whose names match a pattern (`*_ND`) is filled, with `text` if given."""

    fields: str
    text: str | None = None


class FieldSpec(Model):
    """How one field is filled: one source, then changes in the order of the list below.

    Sources: constant; subject or row variable; the subject variable a row variable names; pattern of both; date (`row`
    or a moment of the row, `days` later or a subject variable's days before); clock (subject variable in hours); time
    of the row; minutes after another time field; curve; draw (`by` a subject or row variable or a field filled
    before); part; sum; tick; flag; cut date.
    Changes: factor, times (subject variable), noise (log scale), limits, steps (upper bound: word; `most` above all of
    them) or digits, below, map. A clock is `later` minutes on. Blank if the entry of the schedule is not in `only`,
    another field has no value of `when`, the field `if_filled` is blank or `if_blank` is not, no field is one of
    `if_any`, or by the probability `blank`, or `blank_partial` names a date known in part; `open` replaces it while the
    row is open.
    """

    constant: str | None = None
    subject: str | None = None
    subject_row: str | None = None
    row: str | None = None
    pattern: str | None = None
    date: str | None = None
    days: int = 0
    days_before: str | None = None
    clock: str | None = None
    later: int = 0
    time: bool = False
    after: str | None = None
    minutes: DrawText = Draw(constant=30)
    curve: str | None = None
    curve_row: str | None = None
    draw: Draw | None = None
    part: Part | None = None
    sum: tuple[str, ...] = ()
    tick: Tick | None = None
    flag: Flag | None = None
    cut: bool = False
    factor: float = 1.0
    times: str | None = None
    noise: float = 0.0
    low: float | None = None
    high: float | None = None
    digits: int | None = None
    below: Below | None = None
    steps: dict[str, str] = Field(default_factory=dict)
    map: dict[str, str] = Field(default_factory=dict)
    partial: Partial | None = None
    only: tuple[str, ...] = ()
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    if_filled: str | None = None
    if_blank: str | None = None
    if_any: AnyOf | None = None
    blank: float = 0.0
    blank_partial: str | None = None
    open: str | None = None


class UnitSpec(Model):
    """A unit in which a test is reported: factor from the curve's unit, decimals, and how often."""

    unit: str
    factor: float = 1.0
    digits: int
    weight: float = 1.0


class TestSpec(Model):
    """One test of a horizontal form: value, unit (none if its units are blank), range and not-done tick."""

    curve: str | None = None
    sum: tuple[str, ...] = ()
    units: tuple[UnitSpec, ...]
    low: DrawText
    high: DrawText
    noise: float = 0.05
    below: Below | None = None
    not_done: float = 0.0


class ItemSpec(Model):
    """One item that is present, or graded in steps, above a threshold of the latent curve.

    texts: what stands for each grade from 0 up (none: the grade itself); never: what stands for 0 as long as the item
    never was above 0, which is so before the first row but for a share `past` of the subjects.
    """

    centre: float
    step: float = 1.0
    most: int = 1
    not_due: float = 0.0
    texts: tuple[str, ...] = ()
    never: str | None = None
    past: float = 0.0


class Items(Model):
    """Items of one form driven by one latent curve; a subject's own threshold scatters by `spread`.

    ever_suffix: field `<item><suffix>` that says Y or N, whether the item with `never` was ever above 0 so far.
    """

    curve: str
    spread: float
    noise: float = 0.0
    not_done: float = 0.0
    not_done_text: str = ""
    not_due_suffix: str = ""
    ever_suffix: str = ""
    fields: dict[str, ItemSpec]


class LogStep(Model):
    """One line of a course. It ends after `days`, or on day `until`; with neither it goes on."""

    days: DrawText | None = None
    until: DrawText | None = None
    row: dict[str, DrawText] = Field(default_factory=dict)


class LogEntry(Model):
    """Lines of a log that follow each other; each step begins on the day after the one before it.

    The first step begins on day `start`: after the anchor; with `event`, after the onset of each event of that kind and
    at least that `grade`; with `relapse`, after the relapse of that latent curve. when: values that subject variables
    must have; beside: other kinds of events that one line may name too; row: row variables of every line.
    """

    probability: float = 1.0
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    event: str | None = None
    grade: int = 1
    beside: tuple[str, ...] = ()
    relapse: str | None = None
    start: DrawText = constant(0)
    row: dict[str, DrawText] = Field(default_factory=dict)
    steps: tuple[LogStep, ...] = (LogStep(),)


class LogSpec(Model):
    """The lines of a log form.

    Row variable `events` holds the numbers of the events a line is about, put together by one of `joins`; `before` is Y
    if it begins before the milestone `since`, from which on lines are entered.
    """

    entries: tuple[LogEntry, ...]
    joins: dict[str, float] = Field(default_factory=lambda: {"; ": 1.0})
    since: str


class FormSpec(Model):
    """How the rows of one form arise.

    once: at a milestone; attended: entries of the schedule that took place; planned: all of them; events: all, or those
    of the kinds in `events`; daily: every day from the first to the last of `days`, and each other day on which an
    event of `events` lasts; ends; log; decisions. numbered_as: form whose lines carry the numbers of the events (row
    variable `line`, of a log `events`). where: values that row variables must have. missed: probability that the form
    of an attended entry, or of a day, is left out; lag: extra days until entry. repeat: each row once for every set of
    row variables; status, subjects: which subjects have the form, by status and by values of subject variables.
    """

    rows: Literal["once", "attended", "planned", "events", "daily", "ends", "log", "decisions"]
    log: LogSpec | None = None
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    at: str | None = None
    days: tuple[int, int] = (0, 0)
    events: tuple[str, ...] = ()
    numbered_as: str | None = None
    status: tuple[str, ...] = ("treated",)
    subjects: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unscheduled: bool = False
    hours: tuple[float, float] = (8, 16)
    lag: int = 0
    missed: float = 0.0
    repeat: tuple[dict[str, str], ...] = ()
    items: Items | None = None
    tests: dict[str, TestSpec] = Field(default_factory=dict)
    fields: dict[str, FieldSpec] = Field(default_factory=dict)


class Correction(Model):
    """A change between cuts: from the `at`-th cut on, a row of a form is changed, gone, or only now there.

    also: fields that are changed with it, such as a laboratory's status.
    """

    kind: Literal["changed", "deleted", "late"]
    at: int = 2
    subject: int
    form: str
    match: dict[str, str] = Field(default_factory=dict)
    field: str | None = None
    add: float | None = None
    value: str | None = None
    also: dict[str, str] = Field(default_factory=dict)


class Problem(Model):
    """One problem that `--mess` puts into an export, and what a build must make of it.

    inject: value, copy (the row again, changed), duplicate, move (deleted and entered again), delete, text or formula
    (a cell of a sheet); of a file: rename, remove, add or reorder its columns, empty it, leave it out (missing), encode
    it.
    form, field: where; value, set: texts put there, `{old}` and `{FIELD}` being those of the row; days: in place of
    a value, the date of the field so many days later, `unknown` its day or its day and month; set names it `{new}`,
    maps `{day}` in ISO 8601. Which row: its field (unless `blank`) and `filled` have texts, `empty` have none, `match`
    hold one of these; with `earlier`, the export of the cut before has it too. at: first cut; only: file format it can
    be put into.
    rules: rules of the findings that name the place; also: rules of findings that follow elsewhere, about the same
    subject, file or a whole dataset; told: rule -> variable (`AE.AEOUT`), of findings that must name it in a record of
    the subject, whom several rows together contradict; seen_at: form -> column, if the same subject's row of that form
    is named in place of this one. maps: variable -> value of every record made from the row (those that are `among`).
    gone: variable -> value that no record has, of a row that is deleted.
    """

    inject: Literal[
        "value",
        "copy",
        "duplicate",
        "move",
        "delete",
        "text",
        "formula",
        "rename",
        "remove",
        "add",
        "reorder",
        "empty",
        "missing",
        "encode",
    ]
    form: str
    field: str | None = None
    value: str | None = None
    days: int | None = None
    unknown: Literal["day", "month"] | None = None
    set: dict[str, str] = Field(default_factory=dict)
    filled: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    match: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    blank: bool = False
    at: int = 1
    earlier: bool = False
    only: Literal["csv", "xlsx"] | None = None
    rules: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    told: dict[str, str] = Field(default_factory=dict)
    seen_at: dict[str, str] = Field(default_factory=dict)
    maps: dict[str, str] = Field(default_factory=dict)
    gone: dict[str, str] = Field(default_factory=dict)
    among: dict[str, str] = Field(default_factory=dict)


class LogTerm(Model):
    """`constant` + `factor` x natural log of an amount, which counts if the item `flag` does."""

    flag: str
    constant: float
    factor: float


class Total(Model):
    """A score of a form's items for the truth file.

    weighted: `base` and the sum of weights of items that stand at `present`, without a tick `<item><suffix>`; `needs`
    lists conditions of an item; `hidden` an item that does not count beside another; `counts` what a count adds if it
    is above 0, and for each; `logs` what an amount adds; none if an item, count or amount is not done. coded: sum of
    the `values` of the texts of `items`; none if one has no value. grouped: mean of group maxima, a group raised to
    `raise_to` if one of `ticks` is set; needs `least` groups. first: the first field that is filled, times its factor.
    """

    form: str
    kind: Literal["weighted", "coded", "grouped", "first"]
    base: float = 0.0
    hidden: dict[str, str] = Field(default_factory=dict)
    counts: dict[str, tuple[float, float]] = Field(default_factory=dict)
    logs: dict[str, LogTerm] = Field(default_factory=dict)
    items: tuple[str, ...] = ()
    values: dict[str, float] = Field(default_factory=dict)
    weights: dict[str, float] = Field(default_factory=dict)
    present: str = "1"
    absent: str = "0"
    suffix: str = ""
    needs: dict[str, dict[str, str]] = Field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    ticks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    raise_to: float = 0.0
    least: int = 1


class Samples(Model):
    """Form whose rows are listed with the true value of a curve beside the reported field."""

    form: str
    curve: str
    field: str


class Reported(Model):
    """Field of a form's rows, of those whose columns have one of the texts of `match`."""

    form: str
    field: str
    match: dict[str, tuple[str, ...]]


class Depletion(Model):
    """Curve whose first day below a threshold after the anchor, and first day back, are told.

    reported: values of the exported rows, of which the same is told at each cut; with the noise of the assay, they need
    not cross where the curve does.
    """

    curve: str
    threshold: float
    reported: Reported


class TruthSpec(Model):
    """What the truth file tells about each subject.

    events: the form that lists all events, which says when one was entered; daily: a form of daily rows whose true
    grades are listed.
    """

    latent: str
    kinetics: str
    samples: Samples
    depletion: Depletion
    events: str
    daily: str | None = None
    totals: dict[str, Total] = Field(default_factory=dict)
