"""The view "did it hold?": each patient's change since the operation, and the verdict."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from data.codebook import AFTER_OPERATION
from pages.charts.stability import stability_chart
from pages.shared import film_words
from pages.shared import stability_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.panels import (
    choice,
    colours,
    control_row,
    draw,
    folded,
    heading,
    quiet,
    say,
    table_text,
)
from pages.shared.strip import contrast_strip, strip_words
from pages.shared.wording import visit_label
from pages.views.level_controls import level_menu, posture_menu
from queries.stability import Held, stability

if TYPE_CHECKING:
    from collections.abc import Sequence


def held(page: str) -> None:
    """Ask whether a measure held, and show patient by patient what the verdict rests on."""
    row = control_row()
    with row:
        code, posture = level_menu(page), posture_menu(page)
    answer = ask(stability, current_cohort(), measure=code, posture=posture)
    offered = words.offered_visits(answer)
    if not offered:
        heading(
            words.title(answer, None),
            [words.nothing_sentence(answer)],
            synthetic=answer.selection.synthetic,
        )
        return
    with row:
        visit = choice("until", "Visit", offered, visit_label, page=f"{page}.{'.'.join(offered)}")
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            words.title(answer, visit),
            [words.verdict_sentence(answer, visit)],
            synthetic=answer.selection.synthetic,
            beside=[words.method_sentence(answer, visit)],
        )
        if words.row_at(answer, visit).n_patients:
            draw(
                stability_chart(answer, visit, colours()),
                words.alt(answer, visit),
                key=f"{page}.held",
                twin=words.patient_rows(answer, visit),
            )
            st.caption(words.legend(answer, visit))
    with right:
        _beside(answer, visit)
    _others(answer)


def _beside(answer: Held, visit: str) -> None:
    films = film_words.film_sentences(
        answer.kinds,
        answer.measure,
        in_percent=answer.in_percent,
        versus=AFTER_OPERATION,
        visit=visit,
    )
    quiet_words: Sequence[str] = (
        words.margin_sentence(answer),
        *words.rest_sentences(answer, visit),
        *films,
        tests_sentence(looked_at(answer.comparisons, answer.kinds.posture or "")),
    )
    say(
        "**Every visit**",
        table_text(words.visit_rows(answer)),
        words.counts_sentence(answer, visit),
        *(quiet(sentence) for sentence in quiet_words if sentence),
    )


def _others(answer: Held) -> None:
    decimals = answer.measure.decimals
    tests = [(visit_label(judged.test.visit), judged.test) for judged in answer.judged]
    rows = [row for when, test in tests for row in contrast_strip(when, test, decimals)]
    if rows:
        folded("In full: other methods", "held", partial(strip_words, rows))
