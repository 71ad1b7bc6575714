"""Surgeons against the cohort's rate; shown only where the department allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.funnel import funnel_chart
from pages.shared import funnel_words as words
from pages.shared.ask import ask
from pages.shared.panels import as_tables, colours, draw, heading, quiet, say, table_text
from queries.funnel import funnel

if TYPE_CHECKING:
    from queries.cohort import Selection


def surgeons(chosen: Selection) -> None:
    """Draw the funnel of a cohort's surgeons."""
    answer = ask(funnel, chosen.cohort)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            "Cement leakage of treated levels by surgeon, coded",
            [words.funnel_sentence(answer)],
            synthetic=chosen.synthetic,
        )
        if not answer.refused:
            draw(
                funnel_chart(answer, colours()),
                words.funnel_alt(answer),
                key="leakage.surgeons",
                twin=words.funnel_rows(answer),
            )
            st.caption(words.funnel_legend())
    with right:
        say(
            "**How to read it**",
            words.NO_LEAGUE,
            words.clustered_sentence(answer),
            quiet(words.unrecorded_sentence(answer)) if answer.unrecorded else "",
        )
    if answer.rows and not as_tables():
        say("**The surgeons**", table_text(words.funnel_rows(answer)))
