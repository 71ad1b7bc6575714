"""Responders: how many patients reached a published threshold, among whom."""

from functools import partial

import streamlit as st

from data.codebook import measures, selectable_measures, thresholds
from pages.charts.responders import responder_groups_chart, responders_chart
from pages.shared import responder_group_words as of_groups
from pages.shared import responder_words as words
from pages.shared import wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import FIELDS
from pages.shared.held_back import held_back_line
from pages.shared.legends import threshold_label
from pages.shared.panels import choice, colours, draw, heading, menu, quiet, say, table_text
from pages.shared.strip import rates_strip, strip
from pages.views.responders import every_threshold
from queries.cohort import selection
from queries.grouping import group_label
from queries.responders import AMONG, responders

PAGE = "responders"
codes = [measure.code for measure in selectable_measures("patient") if thresholds(measure.code)]
chosen, among = ask(selection, current_cohort()), AMONG[0]
with st.container(horizontal=True, vertical_alignment="center"):
    code = choice("measure", "Measure", codes, lambda c: measures()[c].short_label, page=PAGE)
    published = {str(place): item for place, item in enumerate(thresholds(code))}
    place = menu(
        "threshold",
        "Threshold",
        list(published),
        lambda key: threshold_label(published.get(key)),
        page=f"{PAGE}.{code}",
        width=300,
    )
    by = compared_by(PAGE, chosen)
    if by:
        among = choice("among", "Rate", AMONG, words.AMONG_LABELS.__getitem__, page=PAGE)
answer = ask(responders, current_cohort(), measure=code, threshold=published[place].label, by=by)
test = of_groups.headline_comparison(answer)
name = partial(group_label, str(by), convention=chosen.convention)
with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    whole = words.answer_sentence(answer)
    heading(
        words.responders_title(answer) + (f", by {FIELDS[by]}" if by else ""),
        [of_groups.groups_sentence(answer, test, name) if test else whole],
        synthetic=chosen.synthetic,
        beside=[of_groups.groups_line(test, name, of_patients=chosen.n_patients)] if test else [],
    )
    if by and answer.visits:
        visits = words.drawn_visits(answer)
        draw(
            responder_groups_chart(answer, colours(), among=among, visits=visits, name=name),
            of_groups.groups_alt(answer, visits, among, name),
            key=f"{PAGE}.groups",
            twin=of_groups.group_rows(answer, among, name),
        )
    elif answer.visits:
        draw(
            responders_chart(answer, colours()),
            words.responders_alt(answer),
            key=f"{PAGE}.rates",
            twin=words.threshold_rows(answer, answer.threshold),
        )
    if answer.visits:
        st.caption(words.responders_legend(answer, among if by else None))
with right:
    if test:
        say(
            "**Between the groups, among the assessed**",
            table_text(of_groups.comparison_rows(answer)),
            quiet(of_groups.notes_sentence(answer)),
            quiet(tests_sentence(looked_at(answer.comparisons, answer.threshold.label))),
        )
    say(
        "**What it rests on**",
        wording.marked(whole, synthetic=chosen.synthetic) if test else "",
        words.living_sentence(answer),
        words.source_sentence(answer.threshold),
        words.left_out_sentence(answer),
        *(quiet(words.due_sentence(row)) for row in answer.due),
    )
    held_back_line(f"follow_ups.{code}")
strip(rates_strip(answer.comparisons))
if by and answer.visits:
    say(
        f"**Patients who reached it, {words.AMONG_LABELS[among]}**",
        table_text(of_groups.group_rows(answer, among, name)),
        *of_groups.comparison_lines(answer, name),
    )
every_threshold(answer)
