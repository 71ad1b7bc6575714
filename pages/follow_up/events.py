"""Events: fractures, revisions and the like after the operation, as a whole and by group."""

import streamlit as st

from data.codebook import EVENT_KINDS
from pages.charts.incidence import incidence_chart
from pages.shared import event_words, survival_tables, survival_words, wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import FIELDS
from pages.shared.held_back import held_back_line
from pages.shared.panels import colours, draw, heading, menu, quiet, say, table_text
from queries.cohort import selection
from queries.events import events
from queries.grouping import group_label

PAGE = "events"
chosen = ask(selection, current_cohort())
with st.container(horizontal=True, vertical_alignment="center"):
    kind = menu("kind", "Event", EVENT_KINDS, event_words.kind_label, page=PAGE, width=220)
    by = compared_by(PAGE, chosen)
answer = ask(events, chosen.cohort, kind=kind, by=by)
total = answer.total
tests = answer.comparisons if answer.recorded else ()
followed = bool(answer.recorded and total.curve.n)
happened = followed and total.curve.n_events > 0
kinds = (
    "**All events in this choice**",
    table_text(event_words.kind_rows(answer)),
    quiet(event_words.kinds_sentence(answer)),
)


def name(code: str) -> str:
    """Return how a group of this page reads."""
    return group_label(by or "", code, chosen.convention)


def marked(sentence: str) -> str:
    """Mark a sentence that could be quoted, where the registry is synthetic."""
    return wording.marked(sentence, synthetic=chosen.synthetic) if sentence else ""


with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    compared = f" by {FIELDS[by]}" if by else ""
    said = [event_words.comparison_sentence(test, name, kind) for test in tests]
    heading(
        f"{event_words.kind_label(kind)} in patients{compared}",
        [event_words.event_sentence(answer), *(sentence for sentence in said if sentence)],
        synthetic=chosen.synthetic,
        beside=[survival_words.comparison_line(test, name, "incidence") for test in tests],
    )
    if happened:
        draw(
            incidence_chart(answer, colours(), name),
            event_words.event_alt(answer, name),
            key=f"{PAGE}.chart",
            twin=event_words.summary_rows(answer, name),
        )
        st.caption(event_words.event_legend(answer))
    elif followed:
        say(*kinds)
with right:
    if followed:
        say(
            "**The groups**" if by else "",
            table_text(event_words.group_rows(answer, name)) if by else "",
            *(kinds if happened else ()),
            "**What it rests on**",
            marked(event_words.rate_sentence(total)),
            event_words.start_sentence(answer),
            survival_words.several_sentence(answer),
            event_words.left_out_sentence(answer),
            event_words.uncertain_sentence(total),
            *(quiet(survival_words.comparison_notes(test, name)) for test in tests),
            quiet(tests_sentence(looked_at(tests))) if by else "",
        )
    else:
        say(quiet("Nothing is counted here, so there is no curve and no rate."))
    held_back_line("events")
if followed:
    with st.expander("Table of the curves and the number at risk"):
        say(
            table_text(event_words.summary_rows(answer, name)),
            table_text(survival_tables.at_risk_rows(answer, name)),
        )
