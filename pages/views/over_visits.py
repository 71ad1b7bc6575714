"""Height and kyphosis over the visits, as measured or as change, and as gain and loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.alignment import alignment_chart, alignment_groups_chart
from pages.charts.gain_and_loss import gain_and_loss_chart
from pages.charts.over_visits import CLICK
from pages.shared import film_words, legends, sentences, tables, verdicts, wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compare_by, compared_by, drawn_groups, groups_alt, groups_legend
from pages.shared.panels import colours, control_row, draw, heading, picked, quiet, say
from pages.shared.results import headline, in_full, models_in_full, result_words
from pages.views.level_controls import level_menu, posture_menu, scale_choice
from queries.alignment import Alignment, alignment
from queries.cohort import selection

if TYPE_CHECKING:
    from pages.charts.over_visits import View


def over_visits(page: str, view: str) -> None:
    """Ask for a measure over the visits and show it, or its gain and loss."""
    chosen = ask(selection, current_cohort())
    with control_row():
        code = level_menu(page)
        by = compared_by(page, chosen)
        scale = scale_choice(page, code)
        posture = posture_menu(page)
    answer = ask(
        alignment,
        current_cohort(),
        measure=code,
        scale=scale,
        by=by,
        models=models_in_full(chosen),
        posture=posture,
    )
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        if view == "courses":
            _gain_and_loss(page, answer)
        else:
            _over_time(page, answer, "change" if view == "change" else "value")
    with right:
        _beside(answer, view)
    in_full(answer, tables.film_rows)


def _over_time(page: str, answer: Alignment, view: View) -> None:
    headline(answer, view)
    if not answer.rows or not answer.selection.n_patients:
        return
    if answer.by is not None:
        groups = drawn_groups(answer, view)
        draw(
            alignment_groups_chart(answer, colours(), groups, view=view),
            groups_alt(answer, view),
            key=f"{page}.groups",
            twin=tables.film_rows(answer),
        )
        st.caption(groups_legend(answer, view))
        return
    event = draw(
        alignment_chart(answer, colours(), view=view),
        legends.alignment_alt(answer),
        key=f"{page}.chart",
        twin=tables.film_rows(answer),
        on_select="rerun",
        selection_mode=CLICK,
    )
    opposite = film_words.curvature_sentence(answer.kinds) if view == "value" else ""
    st.caption(f"{legends.alignment_legend(answer, view)} {opposite}")
    if opposite:
        st.button(
            "Show spinal regions apart",
            key="button.regions",
            type="tertiary",
            on_click=compare_by,
            args=(page, "region"),
        )
    picked(answer.values, event, "procedure_id", answer.measure)


def _gain_and_loss(page: str, answer: Alignment) -> None:
    measured = answer.gain.n_levels or answer.loss.n_levels
    parts = [sentences.course_sentence(answer, part) for part in (answer.gain, answer.loss)]
    heading(
        legends.over_time_title(answer, "courses"),
        [" ".join(parts) if measured else sentences.outcome_sentence(answer)],
        synthetic=answer.selection.synthetic,
    )
    if not answer.gain.n_levels:
        return
    draw(
        gain_and_loss_chart(answer, colours()),
        legends.courses_alt(answer),
        key=f"{page}.courses",
        twin=tables.course_rows(answer),
    )
    st.caption(legends.courses_legend(answer))


def _beside(answer: Alignment, view: str) -> None:
    synthetic = answer.selection.synthetic
    test = sentences.headline_test(answer.paired)
    films = film_words.film_sentences(
        answer.kinds,
        answer.measure,
        in_percent=answer.scale != "value",
        versus="pre",
        visit=test.visit if test else None,
    )
    parts = (answer.gain, answer.loss) if view != "courses" else ()
    courses = [sentences.course_sentence(answer, part) for part in parts]
    say(
        "**Did the spine hold?**",
        wording.marked(verdicts.stability_sentence(answer), synthetic=synthetic),
        *result_words(answer),
        "**Gain and loss**" if parts else "",
        *(wording.marked(course, synthetic=synthetic) for course in courses),
        *(quiet(words) for words in films),
    )
