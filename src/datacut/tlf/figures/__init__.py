"""The drawings by name. They know no study, and what they draw comes from results; none computes a statistic."""

from __future__ import annotations

from datacut.tlf.figures import (
    bars,
    dose_path,
    edish,
    flow,
    forest,
    heat_map,
    lanes,
    multiples,
    profiles,
    survival,
    trends,
)
from datacut.tlf.figures.scene import POINTS, Drawing

ANY = "*"
"""A drawing that takes layers of any name."""

DRAWINGS: dict[str, Drawing] = {
    "profiles_panels": Drawing(profiles.profiles_panels, (POINTS,), (*profiles.AXIS_OPTIONS, "one_panel", "origin")),
    "profiles_and_mean": Drawing(profiles.profiles_and_mean, (POINTS, "mean"), profiles.AXIS_OPTIONS),
    "trends": Drawing(trends.trends, (POINTS, "median", "band", "marks"), trends.TREND_OPTIONS),
    "geometric_means": Drawing(trends.geometric_means, ("mean",), trends.MEAN_OPTIONS),
    "profiles_and_shares": Drawing(trends.profiles_and_shares, (POINTS, "shares"), trends.SHARE_OPTIONS),
    "small_multiples": Drawing(multiples.small_multiples, (POINTS, "logged", "linear"), multiples.OPTIONS),
    "survival_curve": Drawing(survival.survival_curve, ("curve", "at_risk"), survival.OPTIONS),
    "forest": Drawing(forest.forest, ("rates",), forest.FOREST_OPTIONS),
    "dose_probability": Drawing(forest.dose_probability, (POINTS,), forest.DOSE_OPTIONS),
    "stacked_bars": Drawing(bars.stacked_bars, ("status",), bars.STACK_OPTIONS),
    "grade_bars": Drawing(bars.grade_bars, ("grades",), bars.GRADE_OPTIONS),
    "heat_map": Drawing(heat_map.heat_map, (POINTS,), heat_map.OPTIONS),
    "swimmer": Drawing(lanes.swimmer, (POINTS, ANY), lanes.SWIMMER_OPTIONS),
    "timeline": Drawing(lanes.timeline, (POINTS, ANY), lanes.TIMELINE_OPTIONS),
    "dose_path": Drawing(dose_path.dose_path, (POINTS, "reviews"), dose_path.OPTIONS),
    "edish": Drawing(edish.edish, (POINTS,), edish.OPTIONS),
    "flow_diagram": Drawing(flow.flow, ("top", "lost_1", "lost_2", "arms", "ends"), flow.OPTIONS),
}
