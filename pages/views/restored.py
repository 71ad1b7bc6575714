"""The view "restoration": the height that came back, by the formula that is named."""

from __future__ import annotations

import streamlit as st

from data.codebook import BASELINE
from pages.charts.restoration import restoration_chart
from pages.shared import film_words
from pages.shared import restoration_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import colours, control_row, draw, heading, menu, quiet, say, table_text
from pages.views.level_controls import height_menu, posture_menu, visit_choice
from queries.restoration import FORMULAS, restoration


def restored(page: str) -> None:
    """Ask how much height was restored, by the chosen formula and by all four."""
    with control_row():
        code = height_menu(page)
        formula = menu(
            "formula",
            "Formula",
            list(FORMULAS),
            words.FORMULA_WORDS.__getitem__,
            page=page,
            width=230,
        )
        visit = visit_choice(page)
        posture = posture_menu(page)
    answer = ask(
        restoration,
        current_cohort(),
        measure=code,
        formula=formula,
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
        if answer.shown.n_levels:
            draw(
                restoration_chart(answer, colours()),
                words.alt(answer),
                key=f"{page}.restoration",
                twin=words.level_rows(answer),
            )
            st.caption(words.legend(answer))
    with right:
        films = film_words.film_sentences(
            answer.kinds,
            answer.measure,
            in_percent=formula != "mm",
            versus=BASELINE,
            visit=visit,
        )
        say(
            "**The four formulas on the same films**",
            table_text(words.formula_rows(answer)),
            words.formula_sentence(answer),
            *(quiet(one) for one in (words.left_out_sentence(answer), *films) if one),
        )
