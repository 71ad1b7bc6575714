"""Vertebral height and kyphosis: over the visits, gained at the operation, lost after it."""

import streamlit as st

from data.codebook import measures, selectable_measures
from pages.charts.alignment import (
    alignment_chart,
    alignment_groups_chart,
    gain_and_loss_charts,
)
from pages.charts.over_visits import CLICK
from pages.shared import legends, sentences, tables, verdicts, wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by, drawn_groups, groups_alt, groups_legend
from pages.shared.held_back import held_back_line
from pages.shared.models import models_wanted
from pages.shared.panels import choice, colours, draw, menu, picked, say, table
from pages.shared.results import every_pair, every_test, headline, results
from pages.shared.strip import outcome_strip
from queries.alignment import alignment
from queries.cohort import selection

PAGE = "alignment"
VIEWS = {"value": "over time", "change": "change", "courses": "gain and loss"}
SCALES = {"value": "as measured", "percent_of_reference": "% of reference"}
codes = [measure.code for measure in reversed(selectable_measures("level"))]
with st.container(horizontal=True, vertical_alignment="center"):
    code = menu("measure", "Measure", codes, lambda c: measures()[c].label, page=PAGE)
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
    by = compared_by(PAGE, ask(selection, current_cohort()))
    scales = list(SCALES) if measures()[code].reference_measure else ["value"]
    scale = "value"
    if len(scales) > 1:
        scale = choice("scale", "Scale", scales, SCALES.__getitem__, page=PAGE)

models = models_wanted(ask(selection, current_cohort()))
answer = ask(alignment, current_cohort(), measure=code, scale=scale, by=by, models=models)
chosen, measure = answer.selection, answer.measure
with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    headline(answer, view)
    if answer.rows and chosen.n_patients and view != "courses" and by is not None:
        groups = drawn_groups(answer, view)
        draw(
            alignment_groups_chart(
                answer, colours(), groups, view="change" if view == "change" else "value"
            ),
            groups_alt(answer, view),
            key=f"{PAGE}.groups",
            twin=tables.film_rows(answer),
        )
        st.caption(groups_legend(answer, view))
    elif answer.rows and chosen.n_patients and view != "courses":
        event = draw(
            alignment_chart(answer, colours(), view="change" if view == "change" else "value"),
            legends.alignment_alt(answer),
            key=f"{PAGE}.chart",
            twin=tables.film_rows(answer),
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
            draw(
                chart,
                sentences.course_sentence(answer, course),
                key=f"{PAGE}.{course.name}",
                twin=tables.course_rows(answer, course.name),
            )
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
    held_back_line(f"radiographs.{code}", f"radiographs.{measure.reference_measure}")
every_pair(answer)
outcome_strip(answer)
every_test(answer)
with st.expander("Table of every visit"):
    table(tables.film_rows(answer))
