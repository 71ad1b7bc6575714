"""The view "height & pain": height gained against the change of a score, by patient."""

from __future__ import annotations

import streamlit as st

from data.codebook import AFTER_OPERATION, BASELINE, measures, selectable_measures
from pages.charts.height_and_pain import height_and_pain_chart
from pages.shared import film_words
from pages.shared import height_and_pain_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import choice, colours, control_row, draw, heading, quiet, say, table_text
from pages.views.level_controls import height_menu, posture_menu, short
from queries.height_and_pain import HeightAndPain, height_and_pain


def height_beside_pain(page: str) -> None:
    """Ask for height gain and the change of a score, and set them against each other."""
    row = control_row()
    scores = [measure.code for measure in selectable_measures("patient")]
    with row:
        code = height_menu(page)
        score = choice("score", "Score", scores, lambda c: measures()[c].short_label, page=page)
        posture = posture_menu(page)
    whole = ask(height_and_pain, current_cohort(), measure=code, score=score, posture=posture)
    offered = [one.visit for one in reversed(whole.every) if one.n_patients]
    first = [whole.visit] if whole.visit else []
    offered = [*first, *(visit for visit in offered if visit not in first)]
    answer = whole
    if offered:
        with row:
            visit = choice("at", "Visit", offered, short, page=f"{page}.{'.'.join(offered)}")
        if visit != whole.visit:
            answer = ask(
                height_and_pain,
                current_cohort(),
                measure=code,
                score=score,
                visit=visit,
                posture=posture,
            )
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            words.title(answer),
            [words.answer_sentence(answer)],
            synthetic=answer.selection.synthetic,
        )
        if offered:
            draw(
                height_and_pain_chart(answer, colours()),
                words.alt(answer),
                key=f"{page}.pain",
                twin=words.patient_rows(answer),
            )
            st.caption(words.legend(answer))
    with right:
        _beside(answer)


def _beside(answer: HeightAndPain) -> None:
    films = film_words.film_sentences(
        answer.kinds, answer.height, in_percent=False, versus=BASELINE, visit=AFTER_OPERATION
    )
    rest = (
        words.error_sentence(answer),
        words.left_out_sentence(answer),
        words.NO_CAUSE,
        *films,
    )
    tables: list[str] = []
    if words.quadrant_rows(answer):
        tables = [
            "**Patients by quadrant**",
            table_text(words.quadrant_rows(answer)),
            "**How gain and change go together**",
            table_text(words.correlation_rows(answer)),
        ]
    say(*tables, *(quiet(sentence) for sentence in rest if sentence))
