"""The view "Genant": grade and shape of every level at every visit, and how grades moved."""

from __future__ import annotations

import streamlit as st

from data.codebook import BASELINE, measures
from pages.charts.genant import genant_chart
from pages.shared import film_words
from pages.shared import genant_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import choice, colours, control_row, draw, heading, quiet, say, table_text
from pages.views.level_controls import posture_menu, visit_choice
from queries.genant import ANTERIOR, Genant, genant


def graded(page: str) -> None:
    """Ask for the grades of every level and show them visit by visit."""
    with control_row():
        part = choice("part", "Part", list(words.PARTS), words.PARTS.__getitem__, page=page)
        visit = visit_choice(page)
        posture = posture_menu(page)
    answer = ask(genant, current_cohort(), posture=posture)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            words.title(part),
            [(words.shape_sentence if part == "shape" else words.answer_sentence)(answer, visit)],
            synthetic=answer.selection.synthetic,
        )
        if answer.n_graded:
            draw(
                genant_chart(answer, colours(), part=part),
                words.alt(answer, part, visit),
                key=f"{page}.genant",
                twin=words.visit_rows(answer),
            )
            st.caption(words.legend(answer, part))
    with right:
        _beside(answer, visit)


def _beside(answer: Genant, visit: str) -> None:
    films = film_words.film_sentences(
        answer.kinds, measures()[ANTERIOR], in_percent=True, versus=BASELINE, visit=visit
    )
    table = []
    if words.moved_at(answer, visit):
        table = [
            f"**{words.shift_title(answer, visit)}**",
            table_text(words.shift_rows(answer, visit)),
            quiet(words.shift_sentence()),
        ]
    rest = (words.not_graded_sentence(answer), *words.rule_sentences(), words.READING_NOISE, *films)
    say(*table, *(quiet(sentence) for sentence in rest if sentence))
