"""Survival: who is alive, from the operation on, as a whole and by group."""

import streamlit as st

from pages.charts.survival import survival_chart
from pages.shared import survival_tables, survival_words, wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import FIELDS
from pages.shared.held_back import held_back_line
from pages.shared.panels import colours, draw, heading, quiet, say, table_text
from queries.cohort import selection
from queries.grouping import group_label
from queries.survival import survival

PAGE = "survival"
chosen = ask(selection, current_cohort())
by = compared_by(PAGE, chosen)
answer = ask(survival, chosen.cohort, by=by)
tests, total = answer.comparisons, answer.total


def name(code: str) -> str:
    """Return how a group of this page reads."""
    return group_label(by or "", code, chosen.convention)


def marked(sentence: str) -> str:
    """Mark a sentence that could be quoted, where the registry is synthetic."""
    return wording.marked(sentence, synthetic=chosen.synthetic) if sentence else ""


with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    heading(
        f"Survival of patients{f' by {FIELDS[by]}' if by else ''}",
        [
            survival_words.survival_sentence(answer),
            *(said for test in tests if (said := survival_words.comparison_sentence(test, name))),
        ],
        synthetic=chosen.synthetic,
        beside=[survival_words.comparison_line(test, name) for test in tests],
    )
    if total.curve.n:
        draw(
            survival_chart(answer, colours(), name),
            survival_words.survival_alt(answer, name),
            key=f"{PAGE}.chart",
            twin=survival_tables.at_risk_rows(answer, name),
        )
        st.caption(survival_words.survival_legend(answer))
with right:
    if total.curve.n:
        say(
            "**The groups**" if by else "",
            table_text(survival_tables.group_rows(answer, name)) if by else "",
            "**What it rests on**",
            marked(survival_words.follow_up_sentence(total)),
            survival_words.start_sentence(answer),
            survival_words.several_sentence(answer),
            survival_words.left_out(total),
            marked(survival_words.uncertain_sentence(total)),
            *(quiet(survival_words.comparison_notes(test, name)) for test in tests),
            quiet(tests_sentence(looked_at(tests))) if by else "",
        )
    else:
        say(quiet("Nobody was followed, so there is no curve and no number at risk."))
    held_back_line("patients.died_on", "patients.died", "patients.last_seen_on")
if total.curve.n:
    with st.expander("Table of the curves and the number at risk"):
        say(
            table_text(survival_tables.summary_rows(answer, name)),
            table_text(survival_tables.at_risk_rows(answer, name)),
        )
