"""Views of the overview: four findings in small, who was seen, who was treated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.alignment import alignment_chart
from pages.charts.leakage import small_rate_chart
from pages.charts.overview import bars_chart
from pages.charts.trajectory import trajectory_chart
from pages.shared import sentences, tables
from pages.shared.group_words import GroupNames
from pages.shared.panels import card, colours, draw, say, table_text
from queries.cohort import code_label

if TYPE_CHECKING:
    from queries.overview import Overview


def findings(answer: Overview) -> None:
    """Draw the primary outcomes in small, each with the way to its page."""
    with st.container(key="headlines"):
        columns = st.columns(2)
    places = [columns[place % 2] for place in range(len(answer.trajectories) + 2)]
    for place, result in zip(places, answer.trajectories, strict=False):
        with place:
            card(
                sentences.outcome_sentence(result),
                trajectory_chart(result, colours(), compact=True),
                "outcomes/trajectories.py",
                f"{result.measure.label} in full",
                key=result.measure.code,
                twin=tables.visit_rows(result),
                synthetic=answer.selection.synthetic,
                options={"measure": result.measure.code},
            )
    with places[-2]:
        _leaks(answer)
    with places[-1]:
        _films(answer)


def _leaks(answer: Overview) -> None:
    name, leaks = GroupNames("region", answer.selection.convention), answer.leakage
    card(
        sentences.leakage_sentence(leaks),
        small_rate_chart(leaks, colours(), name),
        "imaging/leakage.py",
        "Cement leakage in full",
        key="leakage",
        twin=tables.leak_rows(leaks, name),
        synthetic=answer.selection.synthetic,
    )


def _films(answer: Overview) -> None:
    card(
        " ".join(sentences.outcome_sentence(result) for result in reversed(answer.alignments)),
        alignment_chart(answer.alignments[-1], colours(), compact=True),
        "imaging/alignment.py",
        "Height and kyphosis in full",
        key="alignment",
        twin=tables.film_rows(answer.alignments[-1]),
        synthetic=answer.selection.synthetic,
    )


def who(answer: Overview) -> None:
    """Print who was seen at each visit beside who was treated."""
    left, right = st.columns(2)
    with left:
        rows = tables.attendance_rows(answer)
        say("#### Who was seen at each visit", table_text(rows))
    with right:
        st.markdown("#### Who was treated: patients by primary tumour")
        tumours = [(code_label("primary_tumour", code), n) for code, n in answer.tumours]
        draw(
            bars_chart(tumours, colours()),
            sentences.counts_sentence("Patients by primary tumour", tumours),
            key="overview.tumours",
            twin=tables.count_rows("primary tumour", tumours),
        )
