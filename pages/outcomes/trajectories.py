"""Pain and disability: how the scores ran over the visits, and their change from baseline."""

import streamlit as st

from data.codebook import measures, selectable_measures, thresholds
from pages.charts.over_visits import CLICK
from pages.charts.trajectory import trajectory_chart, trajectory_groups_chart
from pages.shared import legends, tables
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.compare import compared_by, drawn_groups, groups_alt, groups_legend
from pages.shared.held_back import held_back_line
from pages.shared.models import models_wanted
from pages.shared.panels import choice, colours, draw, menu, picked, table
from pages.shared.results import every_pair, every_test, headline, results
from pages.shared.strip import outcome_strip
from queries.cohort import selection
from queries.trajectory import trajectory

PAGE = "trajectories"
VIEWS = {"value": "score", "change": "change"}
codes = [measure.code for measure in selectable_measures("patient")]
with st.container(horizontal=True, vertical_alignment="center"):
    code = choice("measure", "Measure", codes, lambda c: measures()[c].short_label, page=PAGE)
    view = choice("view", "Show", list(VIEWS), VIEWS.__getitem__, page=PAGE)
    by = compared_by(PAGE, ask(selection, current_cohort()))
    published = {str(place): item for place, item in enumerate(thresholds(code))}
    line = "none"
    if by is None:
        line = menu(
            "threshold",
            "Threshold",
            [*published, "none"],
            lambda key: legends.threshold_label(published.get(key)),
            page=f"{PAGE}.{code}",
            width=300,
        )

models = models_wanted(ask(selection, current_cohort()))
answer = ask(trajectory, current_cohort(), measure=code, by=by, models=models)
chosen, measure = answer.selection, answer.measure
with st.container(key="answer"):
    left, right = st.columns([2, 1], gap="medium")
with left:
    headline(answer, view)
    if answer.rows and chosen.n_patients and by is not None:
        groups = drawn_groups(answer, view)
        draw(
            trajectory_groups_chart(
                answer, colours(), groups, view="change" if view == "change" else "value"
            ),
            groups_alt(answer, view),
            key=f"{PAGE}.groups",
            twin=tables.visit_rows(answer),
        )
        st.caption(groups_legend(answer, view))
    elif answer.rows and chosen.n_patients:
        event = draw(
            trajectory_chart(
                answer,
                colours(),
                view="change" if view == "change" else "value",
                threshold=published.get(line),
            ),
            legends.trajectory_alt(answer),
            key=f"{PAGE}.chart",
            twin=tables.visit_rows(answer),
            on_select="rerun",
            selection_mode=CLICK,
        )
        st.caption(legends.trajectory_legend(answer, view))
        picked(answer.values, event, "patient_id", measure)
with right:
    results(answer)
    held_back_line(f"follow_ups.{code}")
every_pair(answer)
outcome_strip(answer)
every_test(answer)
with st.expander("Table of every visit"):
    table(tables.visit_rows(answer))
