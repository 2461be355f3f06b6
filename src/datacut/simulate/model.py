"""`simulate.yml`: everything the simulator is told about a study; the engine beside this file knows none.

Time is counted in days from a subject's anchor (day 0). A number may be written as `$name`, a setting of `study.yml`.
"""

from __future__ import annotations

from pydantic import Field

from datacut.simulate.course import (
    CurveSpec,
    DrawText,
    Ends,
    EventSpec,
    Milestone,
    Planted,
    Process,
    Schedule,
    Window,
)
from datacut.simulate.forms import Correction, FieldSpec, FormSpec, Problem, TruthSpec
from datacut.spec.model import Model


class Simulation(Model):
    """The whole of `simulate.yml`."""

    process: Process
    subject: dict[str, DrawText]
    anchor_hour: str
    planned_amount: str
    given_amount: str
    schedule: Schedule
    milestones: dict[str, Milestone]
    ends: Ends
    curves: dict[str, CurveSpec]
    dictionary: dict[str, dict[str, str]]
    events: dict[str, EventSpec]
    window: Window
    planted: tuple[Planted, ...] = ()
    systems: dict[str, dict[str, FieldSpec]]
    suffixes: dict[str, str]
    forms: dict[str, FormSpec]
    corrections: tuple[Correction, ...] = ()
    mess: dict[str, Problem] = Field(default_factory=dict)
    truth: TruthSpec
