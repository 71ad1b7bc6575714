"""Cement leakage: per level and per patient, by region, tumour and location."""

import streamlit as st

from pages.charts.leakage import rate_chart, spine_chart
from pages.shared import legends, sentences, tables
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import choice, colours, draw, heading, say, table, table_text
from queries.grouping import group_label
from queries.leakage import leakage

PAGE = "leakage"
BY = {
    "level": "by level",
    "region": "by region",
    "primary_tumour": "by tumour type",
}
by = choice("by", "Groups", list(BY), BY.__getitem__, page=PAGE)
answer = ask(leakage, current_cohort(), by=by)
chosen, total, look = answer.selection, answer.total, colours()


def name(code: str) -> str:
    """Return how a group of this page reads."""
    return group_label(by, code, chosen.convention)


with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    heading(
        f"Cement leakage {BY[by]}",
        [sentences.leakage_sentence(answer)],
        synthetic=chosen.synthetic,
    )
    if total.per_level.n:
        words = legends.leakage_alt(answer, BY[by], name)
        if by == "level":
            draw(spine_chart(answer, look), words, key=f"{PAGE}.spine", width="content")
        else:
            draw(
                rate_chart(answer.rows[1:], answer, look, name),
                words,
                key=f"{PAGE}.rates",
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
        f":gray[{sentences.NOT_YET['groups']}]",
    )
with st.expander("Table of the groups"):
    table(tables.leak_rows(answer, name))
