"""Views of responders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import responder_words as words
from pages.shared.panels import say, table_text

if TYPE_CHECKING:
    from queries.responders import Responders


def every_threshold(answer: Responders) -> None:
    """Print how many reached each published threshold, folded away."""
    if not answer.visits:
        return
    with st.expander("Table of every threshold"):
        for reach in answer.reach:
            say(
                words.threshold_sentence(answer, reach),
                table_text(words.threshold_rows(answer, reach.threshold)),
            )
