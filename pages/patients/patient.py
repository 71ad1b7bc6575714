"""Patient: everything on record of one patient, with the range of the choice behind it."""

import streamlit as st

from data.codebook import selectable_measures
from pages.charts.patient import course_chart
from pages.charts.patient_spine import patient_spine_chart
from pages.shared import patient_tables as tables
from pages.shared import patient_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.held_back import held_back_line
from pages.shared.identifiers import hidden
from pages.shared.panels import (
    choice,
    colours,
    control_row,
    draw,
    heading,
    menu,
    quiet,
    say,
    table_text,
)
from pages.views.patient import similar, whole_record, whom_to_show
from queries.cohort import selection
from queries.patient import patient
from queries.patients import ORDERS, patients
from queries.ranges import ranges

PAGE = "patient"
VIEWS = {"scores": "scores", "films": "heights and angles"}
cohort = current_cohort()
chosen = ask(selection, cohort)
with control_row():
    place = st.container(horizontal=True, vertical_alignment="center", width="content")
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
    order = menu("order", "Order", ORDERS, words.ORDERS.__getitem__, page=PAGE, width=210)
listed = ask(patients, cohort, order=order)
films = view == "films"
answer = None
if chosen.n_patients:
    with place:
        who, moved = whom_to_show(listed)
    answer = ask(patient, cohort, patient_id=who)
if answer is None or answer.person is None:
    heading("Patient", [words.nobody_sentence(chosen)], synthetic=chosen.synthetic)
else:
    shown = sorted(
        selectable_measures("level" if films else "patient"),
        key=lambda measure: not measure.primary,
    )
    behind = [ask(ranges, cohort, measure=measure.code) for measure in shown]
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            words.title(answer.person, hidden=hidden()),
            [words.course_sentence(answer, answer.person, films=films, hidden=hidden())],
            synthetic=chosen.synthetic,
            beside=[words.MOVED] if moved else [],
        )
        draw(
            course_chart(answer, behind, colours(), films=films),
            words.chart_alt(answer, behind, films=films),
            key=f"{PAGE}.{view}",
            twin=tables.film_rows(answer) if films else tables.score_rows(answer, behind),
        )
        st.caption(words.chart_legend(answer, films=films))
    with right:
        draw(
            patient_spine_chart(answer, colours()),
            words.spine_alt(answer),
            key=f"{PAGE}.spine",
            twin=tables.spine_rows(answer),
        )
        say(
            table_text(tables.change_rows(answer)),
            quiet(words.marks_sentence()),
            quiet(words.missing_sentence(answer)),
        )
        similar(answer, answer.person)
    whole_record(answer)
held_back_line("follow_ups", "radiographs", "procedures", "events")
