"""Cement leakage: on the spine, by location, against volume, over time, beside published series."""

from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import always_compared_by, compares_surgeons
from pages.shared.held_back import held_back_line
from pages.shared.panels import choice, control_row
from pages.views import cement, funnel, leakage, locations, monitoring, published
from queries.cohort import selection
from queries.grouping import By

PAGE = "leakage"
VIEWS = {
    "rates": "Rates",
    "locations": "Locations",
    "volume": "Volume",
    "surgeons": "Surgeons",
    "time": "Over time",
    "published": "Published",
}
BY: tuple[By, ...] = (
    "level",
    "region",
    "primary_tumour",
    "sex",
    "age_band",
    "surgeon",
    "centre",
)
chosen = ask(selection, current_cohort())
offered = [view for view in VIEWS if view != "surgeons" or compares_surgeons()]
with control_row():
    view = choice("view", "Show", offered, VIEWS.__getitem__, page=PAGE)
    if view == "rates":
        by = always_compared_by(PAGE, chosen, BY)
if view == "rates":
    leakage.rates(chosen, by)
elif view == "locations":
    locations.where_it_went(chosen)
elif view == "volume":
    cement.volume(chosen)
elif view == "surgeons":
    funnel.surgeons(chosen)
elif view == "time":
    monitoring.over_time(chosen)
else:
    published.series(chosen)
held_back_line("procedures.leak", "procedures.leak_locations", "procedures.leak_symptomatic")
