"""Overview: who was treated, who was seen, and the headline findings."""

import streamlit as st

from pages.shared import legends, sentences
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.held_back import held_back_line
from pages.shared.panels import heading
from pages.views.overview import findings, who
from queries.overview import overview

answer = ask(overview, current_cohort(), models="none")
chosen = answer.selection
found = [sentences.treated_sentence(answer)] if chosen.n_patients else []
heading("Results at a glance", found, synthetic=chosen.synthetic)
if chosen.n_patients:
    findings(answer)
    st.caption(f"{legends.SMALL_CHARTS} {tests_sentence(looked_at(answer.comparisons))}")
    held_back_line("patients", "procedures", "follow_ups", "radiographs")
    who(answer)
