"""Overview: who was treated, who was seen, and the headline findings."""

import streamlit as st

from pages.charts.alignment import alignment_chart
from pages.charts.leakage import rate_chart
from pages.charts.overview import bars_chart
from pages.charts.trajectory import trajectory_chart
from pages.shared import legends, sentences, tables
from pages.shared.ask import ask
from pages.shared.cohort_bar import current_cohort
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.panels import card, colours, draw, heading, say, table_text
from queries.cohort import code_label
from queries.grouping import group_label
from queries.overview import overview

answer = ask(overview, current_cohort())
chosen, look = answer.selection, colours()
found = [sentences.treated_sentence(answer)] if chosen.n_patients else []
heading("Results at a glance", found, synthetic=chosen.synthetic)
if not chosen.n_patients:
    st.stop()


def region_name(code: str) -> str:
    """Return how a region reads."""
    return group_label("region", code, chosen.convention)


columns = st.columns(2)
places = [columns[place % 2] for place in range(len(answer.trajectories) + 2)]
for place, result in zip(places, answer.trajectories, strict=False):
    with place:
        card(
            sentences.outcome_sentence(result),
            trajectory_chart(result, look, compact=True),
            "outcomes/trajectories.py",
            f"{result.measure.label} in full",
            key=result.measure.code,
            twin=tables.visit_rows(result),
            synthetic=chosen.synthetic,
            options={"measure": result.measure.code},
        )
with places[-2]:
    card(
        sentences.leakage_sentence(answer.leakage),
        rate_chart(answer.leakage.rows, answer.leakage, look, region_name, compact=True),
        "imaging/leakage.py",
        "Cement leakage in full",
        key="leakage",
        twin=tables.leak_rows(answer.leakage, region_name),
        synthetic=chosen.synthetic,
    )
with places[-1]:
    card(
        " ".join(sentences.outcome_sentence(result) for result in reversed(answer.alignments)),
        alignment_chart(answer.alignments[-1], look, compact=True),
        "imaging/alignment.py",
        "Height and kyphosis in full",
        key="alignment",
        twin=tables.film_rows(answer.alignments[-1]),
        synthetic=chosen.synthetic,
    )
st.caption(f"{legends.SMALL_CHARTS} {tests_sentence(looked_at(answer.comparisons))}")
left, right = st.columns(2)
with left:
    say("#### Who was seen at each visit", table_text(tables.attendance_rows(answer)))
with right:
    st.markdown("#### Who was treated: patients by primary tumour")
    tumours = [(code_label("primary_tumour", code), n) for code, n in answer.tumours]
    words = sentences.counts_sentence("Patients by primary tumour", tumours)
    draw(
        bars_chart(tumours, look),
        words,
        key="overview.tumours",
        twin=tables.count_rows("primary tumour", tumours),
    )
