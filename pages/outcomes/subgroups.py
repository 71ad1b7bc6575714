"""Subgroups: one outcome in every group, and one test between the groups of each field."""

from functools import partial

import streamlit as st

from data.codebook import measures, selectable_measures, visits
from pages.charts.subgroups import subgroups_chart
from pages.shared import subgroup_words as words
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import FIELDS
from pages.shared.held_back import held_back_line
from pages.shared.panels import colours, control_row, draw, folded, heading, menu, quiet, say
from pages.shared.strip import contrast_strip, strip_words
from queries.subgroups import FOLLOW_UP_VISITS, LEAK, subgroups

PAGE = "subgroups"
HEADLINE = "headline"
codes = [*selectable_measures("patient"), *selectable_measures("level")]
labels = {measure.code: measure.label for measure in codes} | {LEAK: words.LEAKAGE}
visit = HEADLINE
with control_row():
    code = menu("measure", "Measure", list(labels), labels.__getitem__, page=PAGE, width=220)
    if code != LEAK:
        visit = menu(
            "visit",
            "Visit",
            [HEADLINE, *FOLLOW_UP_VISITS],
            lambda v: visits()[v].label if v in visits() else "12 months, or the latest",
            page=PAGE,
            width=220,
        )
answer = ask(subgroups, current_cohort(), measure=code, visit=None if visit == HEADLINE else visit)
heading(
    words.subgroups_title(answer),
    [words.subgroups_sentence(answer)],
    synthetic=answer.selection.synthetic,
)
if answer.comparisons:
    draw(
        subgroups_chart(answer, colours()),
        words.subgroups_alt(answer),
        key=f"{PAGE}.chart",
        twin=words.subgroup_rows(answer),
    )
    st.caption(words.subgroups_legend(answer))
    say(
        quiet(words.exploratory_sentence()),
        quiet(tests_sentence(looked_at(answer.comparisons))),
    )
    decimals = measures()[code].decimals if code in measures() else 1
    rows = [
        row
        for test in answer.comparisons
        for row in contrast_strip(f"by {FIELDS[test.by or 'sex']}", test, decimals)
    ]
    say("**The tests, each with what it rests on**", *words.test_lines(answer))
    if rows:
        folded("In full: other methods", "subgroups", partial(strip_words, rows))
held_back_line(f"follow_ups.{code}", f"radiographs.{code}", f"procedures.{code}")
