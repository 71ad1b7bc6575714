"""Pain and disability: how the scores ran over the visits, and their change from baseline."""

from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.held_back import held_back_line
from pages.views import score_patients
from pages.views.score_lines import lines
from pages.views.trajectories import OVER_TIME, controls
from queries.cohort import selection

SHOW = dict.fromkeys(OVER_TIME, lines) | {
    "dropout": score_patients.by_last_visit,
    "waterfall": score_patients.waterfall,
    "patients": score_patients.courses,
    "observed": score_patients.observed,
    "bands": score_patients.severity_bands,
}
shown = controls(ask(selection, current_cohort()))
SHOW[shown.view](shown)
held_back_line(f"follow_ups.{shown.measure}")
