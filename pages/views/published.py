"""Published series beside our own rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.published import published_chart
from pages.shared import published_words as words
from pages.shared.ask import ask
from pages.shared.panels import colours, draw, folded_table, heading, say, table_text
from queries.published import published

if TYPE_CHECKING:
    from queries.cohort import Selection


def series(chosen: Selection) -> None:
    """Draw our own rates with the published series that were counted in the same way."""
    answer = ask(published, chosen.cohort)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            "Cement leakage of levels and of patients, beside published series",
            [words.published_sentence(answer)],
            synthetic=chosen.synthetic,
        )
        if answer.ours:
            draw(
                published_chart(answer, colours()),
                words.published_alt(answer),
                key="leakage.published",
                twin=words.own_rows(answer),
            )
            st.caption(words.published_legend())
    with right:
        say("**What stands beside what**", words.RULE, words.synthetic_sentence(answer))
    say("**Every published series on record**", table_text(words.series_rows(answer)))
    folded_table("Populations and sources", "published", lambda: words.source_rows(answer))
