"""Responders: how many patients reached a published threshold, among whom."""

from data.codebook import measures, selectable_measures, thresholds
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by
from pages.shared.held_back import held_back_line
from pages.shared.legends import threshold_label
from pages.shared.panels import choice, control_row, menu
from pages.shared.responder_words import AMONG_LABELS
from pages.views.responders import (
    every_definition,
    every_threshold,
    one_definition,
    what_is_missing,
)
from queries.cohort import selection
from queries.responders import AMONG, responders
from queries.tipping import tipping

PAGE = "responders"
VIEWS = {"visits": "one definition", "definitions": "every definition", "missing": "the missing"}
codes = [measure.code for measure in selectable_measures("patient") if thresholds(measure.code)]
among, by, place = AMONG[0], None, "0"
with control_row():
    code = choice("measure", "Measure", codes, lambda c: measures()[c].short_label, page=PAGE)
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
    published = {str(place): item for place, item in enumerate(thresholds(code))}
    if view != "definitions":
        place = menu(
            "threshold",
            "Threshold",
            list(published),
            lambda key: threshold_label(published.get(key)),
            page=f"{PAGE}.{code}",
            width=300,
        )
    if view == "visits":
        by = compared_by(PAGE, ask(selection, current_cohort()))
    if by:
        among = choice("among", "Rate", AMONG, AMONG_LABELS.__getitem__, page=PAGE)
label = published[place].label
if view == "missing":
    what_is_missing(ask(tipping, current_cohort(), measure=code, threshold=label))
else:
    answer = ask(responders, current_cohort(), measure=code, threshold=label, by=by)
    if view == "definitions":
        every_definition(answer)
    else:
        one_definition(answer, among)
    every_threshold(answer)
held_back_line(f"follow_ups.{code}")
