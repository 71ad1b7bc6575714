"""The page of scores: its controls, and the views that they choose between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.codebook import bands, measures, selectable_measures, thresholds
from pages.shared.compare import compared_by
from pages.shared.legends import threshold_label
from pages.shared.panels import choice, control_row, menu
from pages.shared.wording import visit_label
from queries.share import OF_ONE_SCORE

if TYPE_CHECKING:
    from data.codebook import Threshold
    from queries.cohort import Selection
    from queries.grouping import By

PAGE = "trajectories"
VIEWS = {
    "value": "score",
    "change": "change",
    "percent": "% change",
    "dropout": "by last visit",
    "waterfall": "each patient's change",
    "patients": "each patient's course",
    "observed": "every observed value",
    "bands": "severity bands",
}
OVER_TIME = ("value", "change", "percent")
AXES = {"visits": "planned visits", "steps": "visit by visit", "days": "actual days"}
LAYOUTS = {"together": "in one chart", "apart": "a chart for each"}
UNITS = {"change": "in its unit", "percent": "in %"}
NO_LINE = "none"


@dataclass(frozen=True)
class Shown:
    """What the viewer chose to see, and the row in which further controls stand."""

    row: Any
    cohort: Selection
    measure: str
    view: str
    by: By | None = None
    axis: str = "visits"
    layout: str = "together"
    unit: str = "change"
    threshold: Threshold | None = None


def controls(chosen: Selection) -> Shown:
    """Draw the controls that apply to the view, and return what was chosen."""
    row = control_row()
    with row:
        codes = [measure.code for measure in selectable_measures("patient")]
        code = choice("measure", "Measure", codes, lambda c: measures()[c].short_label, page=PAGE)
        view = menu("view", "Show", views_of(code), VIEWS.__getitem__, page=PAGE, width=190)
        by = compared_by(PAGE, chosen, width=165) if view in OVER_TIME else None
        axis, layout, unit, threshold = "visits", "together", "change", None
        if by is not None:
            layout = menu("layout", "Groups", [*LAYOUTS], LAYOUTS.__getitem__, page=PAGE, width=160)
        elif view in OVER_TIME:
            axis = menu("axis", "Axis", [*AXES], AXES.__getitem__, page=PAGE, width=165)
        if view == "waterfall":
            unit = choice("unit", "Unit", [*UNITS], UNITS.__getitem__, page=PAGE)
        if by is None and view in (*OVER_TIME, "waterfall") and thresholds(code):
            threshold = _threshold(code)
    return Shown(row, chosen, code, view, by, axis, layout, unit, threshold)


def views_of(code: str) -> list[str]:
    """Return the views of a measure; only some have bands of severity."""
    return [view for view in VIEWS if view != "bands" or bands(code)]


def _threshold(code: str) -> Threshold | None:
    published = {
        str(place): item for place, item in enumerate(thresholds(code)) if item.kind in OF_ONE_SCORE
    }
    key = menu(
        "threshold",
        "Threshold",
        [*published, NO_LINE],
        lambda key: threshold_label(published.get(key)),
        page=f"{PAGE}.{code}",
        width=220,
    )
    return published.get(key)


def visit_choice(shown: Shown, name: str, visits: list[str]) -> str | None:
    """Let the viewer choose one visit, in the row of controls; None where there is none."""
    if not visits:
        return None
    with shown.row:
        return menu(name, "Visit", visits, visit_label, page=PAGE, width=160)
