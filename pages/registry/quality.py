"""Data quality: what is recorded of what is due, what was held back, and what each column is."""

from pages.shared.ask import ask, ask_of_all, current_registry
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import choice, control_row
from pages.views import quality as views
from queries.completeness import completeness
from queries.held_back import held_back, imports

PAGE = "quality"
VIEWS = {
    "completeness": "completeness",
    "held_back": "held back",
    "imports": "imports",
    "dictionary": "dictionary",
}
cohort, synthetic = current_cohort(), current_registry().synthetic
with control_row():
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
if view == "completeness":
    views.recorded(ask(completeness, cohort), ask_of_all(held_back), ask_of_all(imports))
elif view == "held_back":
    views.held(ask_of_all(held_back), ask_of_all(imports), page=PAGE, synthetic=synthetic)
elif view == "imports":
    views.imported(ask_of_all(imports), synthetic=synthetic)
else:
    views.dictionary()
