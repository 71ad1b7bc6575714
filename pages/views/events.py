"""Views of events: the curve of one kind, the courses of the patients, every kind at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.event_courses import event_courses_chart
from pages.charts.event_kinds import event_kinds_chart
from pages.charts.incidence import incidence_chart
from pages.shared import event_course_words as course_words
from pages.shared import event_words as words
from pages.shared import survival_tables, wording
from pages.shared.panels import colours, draw, folded_table, heading, quiet, say, table_text
from pages.views.curves import CurveView, namer, show_curves

if TYPE_CHECKING:
    from queries.event_courses import EventCourses
    from queries.events import Events

PAGE = "events"


def curve_view(answer: Events) -> None:
    """Show the cumulative incidence of one kind of event, as a whole or by group."""
    total, name = answer.total, namer(answer)
    followed = bool(answer.recorded and total.curve.n)
    happened = followed and total.curve.n_events > 0
    kinds = (
        "**All events in this choice**",
        table_text(words.kind_rows(answer)),
        quiet(words.kinds_sentence(answer)),
    )
    rate = words.rate_sentence(total)
    summary = words.summary_rows(answer, name)
    tests = answer.comparisons if answer.recorded else ()
    view = CurveView(
        page=PAGE,
        title=f"{words.kind_label(answer.kind)} in patients",
        what="incidence",
        sentences=[
            words.event_sentence(answer),
            *(words.comparison_sentence(test, name, answer.kind) for test in tests),
        ],
        chart=incidence_chart(answer, colours(), name) if happened else None,
        alt=words.event_alt(answer, name),
        legend=words.event_legend(answer),
        twin=summary,
        groups=words.group_rows(answer, name),
        beside=kinds if happened else (),
        instead=kinds if followed else (),
        rests=[
            wording.marked(rate, synthetic=answer.selection.synthetic) if rate else "",
            words.start_sentence(answer),
            words.left_out_sentence(answer),
            words.uncertain_sentence(total),
        ],
        tables=[summary, survival_tables.at_risk_rows(answer, name) if followed else []],
        nothing="Nothing is counted here, so there is no curve and no rate.",
    )
    show_curves(view, answer, followed=followed, tested=answer.recorded)


def courses_view(answer: EventCourses, kind: str) -> None:
    """Show every patient's course with its events, and the new fractures beside it."""
    rows = course_words.course_rows(answer)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            "Events on the course of each patient",
            [course_words.courses_sentence(answer)],
            synthetic=answer.selection.synthetic,
        )
        if answer.recorded and rows:
            draw(
                event_courses_chart(answer, colours(), kind),
                course_words.courses_alt(answer),
                key=f"{PAGE}.courses",
                twin=rows,
            )
            st.caption(course_words.courses_legend(answer, kind))
    fractures = course_words.fracture_rows(answer)
    with right:
        say(
            "**New fractures**",
            table_text(fractures) or quiet("No new fracture is on these courses."),
            quiet(
                "Recorded with: the treated level that the source names beside the event; which "
                "vertebra broke is not recorded."
            )
            if fractures
            else "",
        )
    if answer.recorded and rows:
        folded_table("Table of the courses", "courses", lambda: rows)


def kinds_view(answer: Events) -> None:
    """Show how often each kind of event happened."""
    followed = bool(answer.recorded and answer.total.curve.n)
    rows = course_words.all_kinds_rows(answer)
    heading(
        "All kinds of events in patients",
        [course_words.all_kinds_sentence(answer)],
        synthetic=answer.selection.synthetic,
    )
    if not followed:
        say(quiet("Nothing is counted here, so there is no rate."))
        return
    draw(
        event_kinds_chart(answer, colours(), words.kind_label),
        course_words.all_kinds_alt(answer),
        key=f"{PAGE}.kinds",
        twin=rows,
    )
    st.caption(course_words.all_kinds_legend())
    say(table_text(rows), quiet(words.start_sentence(answer)))
