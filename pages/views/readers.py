"""The view "readers": how far two readers of the same films agree."""

from __future__ import annotations

import streamlit as st

from pages.charts.agreement import agreement_chart
from pages.shared import agreement_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import colours, control_row, draw, heading, quiet, say
from pages.views.level_controls import level_menu
from queries.agreement import agreement


def readers(page: str) -> None:
    """Ask how two readers agree and show film by film what the answer rests on."""
    with control_row():
        code = level_menu(page)
    answer = ask(agreement, current_cohort(), measure=code)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            words.title(answer),
            [words.answer_sentence(answer)],
            synthetic=answer.selection.synthetic,
        )
        if answer.found.lower is not None:
            draw(
                agreement_chart(answer, colours()),
                words.alt(answer),
                key=f"{page}.readers",
                twin=words.film_rows(answer),
            )
            st.caption(words.legend(answer))
    with right:
        found = words.agreement_sentences(answer)
        say(
            "**What it rests on**" if found else "",
            *found,
            *(quiet(sentence) for sentence in words.method_sentences(answer)),
        )
