"""Vertebral height and kyphosis: over the visits, gained at the operation, lost after it."""

import streamlit as st

from data.codebook import measures, selectable_measures
from pages.charts.alignment import alignment_chart, gain_and_loss_charts
from pages.charts.over_visits import CLICK
from pages.shared import legends, sentences, tables, verdicts, wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.panels import (
    choice,
    colours,
    draw,
    every_test,
    headline,
    menu,
    picked,
    results,
    say,
    table,
)
from queries.alignment import alignment

PAGE = "alignment"
VIEWS = {"value": "over the visits", "change": "change from before", "courses": "gain and loss"}
SCALES = {"value": "as measured", "percent_of_reference": "% of reference"}
codes = [measure.code for measure in reversed(selectable_measures("level"))]
with st.container(horizontal=True, vertical_alignment="center"):
    code = menu("measure", "Measure", codes, lambda c: measures()[c].label, page=PAGE)
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
    scales = list(SCALES) if measures()[code].reference_measure else ["value"]
    scale = "value"
    if len(scales) > 1:
        scale = choice("scale", "Scale", scales, SCALES.__getitem__, page=PAGE)

answer = ask(alignment, current_cohort(), measure=code, scale=scale)
chosen, measure = answer.selection, answer.measure
with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    headline(answer, view)
    if answer.rows and chosen.n_patients and view != "courses":
        event = draw(
            alignment_chart(answer, colours(), view="change" if view == "change" else "value"),
            legends.alignment_alt(answer),
            key=f"{PAGE}.chart",
            on_select="rerun",
            selection_mode=CLICK,
        )
        st.caption(legends.alignment_legend(answer, view))
        picked(answer.values, event, "procedure_id", measure)
    if answer.levels is not None and chosen.n_patients and view == "courses":
        for course, chart in zip(
            (answer.gain, answer.loss), gain_and_loss_charts(answer, colours()), strict=True
        ):
            st.markdown(legends.course_title(course))
            draw(chart, sentences.course_sentence(answer, course), key=f"{PAGE}.{course.name}")
        st.caption(legends.courses_legend(answer))
with right:
    say(
        "**Did the spine hold?**",
        wording.marked(verdicts.stability_sentence(answer), synthetic=chosen.synthetic),
    )
    results(answer)
    say(
        "**Gain and loss**",
        *(
            wording.marked(sentences.course_sentence(answer, course), synthetic=chosen.synthetic)
            for course in (answer.gain, answer.loss)
        ),
    )
every_test(answer)
with st.expander("Table of every visit"):
    table(tables.film_rows(answer))
