"""The controls that views of heights and angles share, each kept in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import AFTER_OPERATION, BASELINE, measures, selectable_measures, visits
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.film_words import ALL, posture_label
from pages.shared.panels import choice, menu
from queries.films import postures

if TYPE_CHECKING:
    from queries.films import Scale

SCALES = {"value": "as measured", "percent_of_reference": "% of reference"}


def level_menu(page: str) -> str:
    """Let the viewer choose a height or an angle."""
    codes = [measure.code for measure in reversed(selectable_measures("level"))]
    return menu("measure", "Measure", codes, lambda code: measures()[code].label, page=page)


def height_menu(page: str) -> str:
    """Let the viewer choose a height, which has a reference to be restored to."""
    codes = [m.code for m in selectable_measures("level") if m.reference_measure]
    return menu("height", "Height", codes, lambda code: measures()[code].label, page=page)


def scale_choice(page: str, code: str) -> Scale:
    """Let the viewer choose between the unit and per cent of the reference, where there is one."""
    if measures()[code].reference_measure is None:
        return "value"
    chosen = choice("scale", "Scale", list(SCALES), SCALES.__getitem__, page=page)
    return "percent_of_reference" if chosen == "percent_of_reference" else "value"


def visit_choice(page: str) -> str:
    """Let the viewer choose up to which visit; after the operation at first."""
    taken = ask(postures, current_cohort()).visits
    later = [visit for visit in taken if visit not in (BASELINE, AFTER_OPERATION)]
    offered = [AFTER_OPERATION, *later]
    return choice("visit", "Visit", offered, short, page=f"{page}.{len(offered)}")


def short(visit: str) -> str:
    """Return how a visit reads in a control."""
    return visits()[visit].short_label


def posture_menu(page: str) -> str | None:
    """Let the viewer keep the films of one posture, where the cohort has several."""
    found = ask(postures, current_cohort()).recorded
    if len(found) < 2:
        return None
    chosen = menu("posture", "Posture", [ALL, *found], posture_label, page=page, width=150)
    return None if chosen == ALL else chosen
