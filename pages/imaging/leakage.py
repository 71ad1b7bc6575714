"""Cement leakage: per level and per patient, by region, tumour and location."""

import streamlit as st

from pages.charts.leakage import rate_chart, spine_chart
from pages.shared import group_words, legends, sentences, tables, wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import always_compared_by
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import FIELDS
from pages.shared.held_back import held_back_line
from pages.shared.panels import colours, draw, heading, quiet, say, table, table_text
from pages.shared.strip import contrast_strip, rate_strip, strip
from queries.cohort import selection
from queries.grouping import By, group_label
from queries.leakage import leakage

PAGE = "leakage"
BY: tuple[By, ...] = (
    "level",
    "region",
    "primary_tumour",
    "sex",
    "age_band",
    "surgeon",
    "centre",
)
by = always_compared_by(PAGE, ask(selection, current_cohort()), BY)
words = f"by {FIELDS[by]}"
answer = ask(leakage, current_cohort(), by=by)
chosen, total, look = answer.selection, answer.total, colours()


def name(code: str) -> str:
    """Return how a group of this page reads."""
    return group_label(by, code, chosen.convention)


with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    heading(
        f"Cement leakage {words}",
        [sentences.leakage_sentence(answer), group_words.leak_group_sentence(answer)],
        synthetic=chosen.synthetic,
    )
    if total.per_level.n:
        alt = legends.leakage_alt(answer, words, name)
        twin = tables.leak_rows(answer, name)
        if by == "level":
            draw(spine_chart(answer, look), alt, key=f"{PAGE}.spine", twin=twin, width="content")
        else:
            draw(
                rate_chart(answer.rows[1:], answer, look, name),
                alt,
                key=f"{PAGE}.rates",
                twin=twin,
            )
        st.caption(legends.leakage_legend(answer))
with right:
    say(
        "**What it rests on**",
        f"Levels: {sentences.rate(total.per_level, 'level')}.",
        f"Patients: {sentences.rate(total.per_patient, 'patient')}.",
        sentences.clustering_sentence(total.per_level) if total.per_level.n else "",
        sentences.symptom_bounds_sentence(answer),
        sentences.modality_sentence(answer) if total.per_level.n else "",
        "**Where the cement went**",
        table_text(tables.place_rows(answer)),
        sentences.places_sentence(answer),
        quiet(tests_sentence(looked_at(answer.comparisons))),
    )
    held_back_line("procedures.leak", "procedures.leak_locations", "procedures.leak_symptomatic")
(test,) = answer.comparisons
strip(
    [
        *rate_strip("rate of all levels", total.per_level, answer.other_intervals),
        *contrast_strip(f"rates {words}", test, 1),
    ],
    sentences.clustering_sentence(total.per_level) if total.per_level.n else "",
)
line = f"{group_words.leak_group_line(answer)} {group_words.notes_words(test)}".rstrip()
say(
    "**The test, with what it rests on**",
    wording.marked(line, synthetic=chosen.synthetic),
)
with st.expander("Table of the groups"):
    table(tables.leak_rows(answer, name))
