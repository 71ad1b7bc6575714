"""Events: fractures, revisions and the like after the operation, as a whole and by group."""

from data.codebook import EVENT_KINDS
from pages.shared import event_words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by
from pages.shared.held_back import held_back_line
from pages.shared.panels import choice, control_row, menu
from pages.views.events import PAGE, courses_view, curve_view, kinds_view
from queries.cohort import selection
from queries.event_courses import event_courses
from queries.events import events

VIEWS = {"curve": "over time", "patients": "patients", "kinds": "all kinds"}
chosen = ask(selection, current_cohort())
with control_row():
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
    kind, by = EVENT_KINDS[0], None
    if view != "kinds":
        kind = menu("kind", "Event", EVENT_KINDS, event_words.kind_label, page=PAGE, width=220)
    if view == "curve":
        by = compared_by(PAGE, chosen)
if view == "patients":
    courses_view(ask(event_courses, chosen.cohort), kind)
elif view == "kinds":
    kinds_view(ask(events, chosen.cohort, kind=kind, by=None))
else:
    curve_view(ask(events, chosen.cohort, kind=kind, by=by))
held_back_line("events")
