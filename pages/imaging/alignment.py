"""Vertebral height and kyphosis: over the visits, held or not, restored, graded, read twice."""

from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import choice
from pages.views.held import held
from pages.views.over_visits import over_visits

PAGE = "alignment"
VIEWS = {
    "value": "over time",
    "change": "change",
    "held": "did it hold?",
    "courses": "gain and loss",
}
current_cohort()
view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
if view == "held":
    held(PAGE)
else:
    over_visits(PAGE, view)
