"""Seeded exports and a truth file from `specs/crf` and `specs/simulate.yml`; the engine knows no study."""

from __future__ import annotations

from datacut.simulate.run import Exports, Simulated, build_exports, read_simulation, simulate

__all__ = ["Exports", "Simulated", "build_exports", "read_simulation", "simulate"]
