"""Vertebral height and kyphosis: over the visits, held or not, restored, graded, read twice."""

from pages.shared.cohort_bar import current_cohort
from pages.shared.held_back import held_back_line
from pages.shared.panels import choice, control_row
from pages.views.graded import graded
from pages.views.height_and_pain import height_beside_pain
from pages.views.held import held
from pages.views.over_visits import over_visits
from pages.views.per_level import per_level
from pages.views.readers import readers
from pages.views.restored import restored

PAGE = "alignment"
VIEWS = {
    "value": "over time",
    "change": "change",
    "held": "did it hold?",
    "levels": "per level",
    "courses": "gain and loss",
    "restoration": "restoration",
    "genant": "Genant",
    "pain": "height & pain",
    "readers": "readers",
}
current_cohort()
with control_row():
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
if view == "held":
    held(PAGE)
elif view == "levels":
    per_level(PAGE)
elif view == "restoration":
    restored(PAGE)
elif view == "genant":
    graded(PAGE)
elif view == "pain":
    height_beside_pain(PAGE)
elif view == "readers":
    readers(PAGE)
else:
    over_visits(PAGE, view)
held_back_line("radiographs")
