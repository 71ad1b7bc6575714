"""The view "per level": every height before, after and at the last film, beside the expected."""

from __future__ import annotations

import streamlit as st

from data.codebook import BASELINE, selectable_measures
from pages.charts.level_heights import level_heights_chart
from pages.shared import film_words
from pages.shared import height_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import choice, colours, control_row, draw, heading, quiet, say, table_text
from pages.views.level_controls import posture_menu, scale_choice
from queries.heights import heights


def per_level(page: str) -> None:
    """Ask for the heights of every level and show them row by row."""
    row = control_row()
    first = next(m.code for m in selectable_measures("level") if m.reference_measure)
    with row:
        scale, posture = scale_choice(page, first), posture_menu(page)
    answer = ask(heights, current_cohort(), scale=scale, posture=posture)
    offered = words.offered_rows(answer)
    with row:
        rows = choice("rows", "Rows", offered, words.ROWS.__getitem__, page=f"{page}.{offered[0]}")
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            words.title(answer, rows),
            [words.answer_sentence(answer)],
            synthetic=answer.selection.synthetic,
        )
        if answer.n_levels:
            draw(
                level_heights_chart(answer, colours(), singly=rows == "levels"),
                words.alt(answer, rows),
                key=f"{page}.{rows}",
                twin=words.drawn_rows(answer, rows),
            )
            st.caption(words.legend(answer, rows))
    with right:
        films: list[str] = []
        if answer.kinds is not None:
            films = film_words.film_sentences(
                answer.kinds,
                answer.measures[0],
                in_percent=scale != "value",
                versus=BASELINE,
                visit="post",
            )
        say(
            "**Medians of the levels**",
            table_text(words.summary_rows(answer)),
            *(
                quiet(sentence)
                for sentence in (words.reference_sentence(answer), *films)
                if sentence
            ),
        )
