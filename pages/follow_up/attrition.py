"""Follow-up: who was seen at each visit, out of those due, and where the others are."""

import streamlit as st

from pages.charts.attrition import completeness_chart, flow_chart
from pages.charts.attrition_map import map_chart
from pages.shared import attrition_words as words
from pages.shared import wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by
from pages.shared.group_words import FIELDS, GroupNames
from pages.shared.held_back import held_back_line
from pages.shared.panels import (
    colours,
    control_row,
    draw,
    folded_table,
    heading,
    quiet,
    say,
    table_text,
)
from queries.attrition import attrition
from queries.cohort import selection

PAGE = "attrition"
chosen = ask(selection, current_cohort())
with control_row():
    by = compared_by(PAGE, chosen)
answer = ask(attrition, chosen.cohort, by=by)
headline, early = words.headline_row(answer), words.early_sentence(answer)
name = GroupNames(by or "", chosen.convention)
with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    flow = words.flow_sentence(headline) if headline else ""
    heading(
        f"Follow-up of patients{f' by {FIELDS[by]}' if by else ''}",
        [f"{words.answer_sentence(answer)} {flow}".strip()],
        synthetic=chosen.synthetic,
    )
    if headline:
        draw(
            completeness_chart(answer, colours(), name),
            words.completeness_alt(answer, name),
            key=f"{PAGE}.completeness",
            twin=words.flow_rows(answer, name),
        )
        st.caption(words.completeness_legend(answer))
        say("**Where every patient treated is, by visit**" + (", all groups" if by else ""))
        draw(
            flow_chart(answer, colours()),
            words.flow_alt(answer),
            key=f"{PAGE}.flow",
            twin=words.flow_rows(answer, name),
        )
with right:
    if headline:
        say(
            f"**The groups, {wording.visit_label(headline.visit)}**" if by else "",
            table_text(words.group_rows(answer, name)) if by else "",
            quiet("Groups are described, not tested.") if by else "",
            "**What it rests on**",
            wording.marked(words.follow_up_sentence(answer), synthetic=chosen.synthetic),
            wording.marked(early, synthetic=chosen.synthetic) if early else "",
            words.left_out_sentence(answer),
            "" if by else table_text(words.visit_rows(answer)),
            quiet(words.rules_sentence()),
        )
    else:
        say(quiet("Nobody was due, so there is no completeness and no map."))
    held_back_line("follow_ups", "radiographs")
if headline:
    say(f"**Patient by visit**\n\n{words.map_legend(answer)}")
    cells = map_chart(answer, colours())
    if cells:
        draw(cells, words.map_alt(answer), key=f"{PAGE}.map", twin=words.map_rows(answer))
    folded_table("Table of the flow at every visit", "flow", lambda: words.flow_rows(answer, name))
