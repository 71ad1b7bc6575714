"""The quiet line of what a page lost at the import."""

from __future__ import annotations

import streamlit as st

from pages.shared.ask import ask_of_all
from pages.shared.held_back_words import lost_sentence
from queries.held_back import held_back


def held_back_line(*wanted: str) -> None:
    """Say what was held back of the columns that the page uses, with the way to the rows.

    Parameters
    ----------
    wanted : str
        Columns of the source format such as ``follow_ups.vas``, or whole tables.
    """
    said = lost_sentence(ask_of_all(held_back), wanted)
    if said:
        with st.container(key="held_back"):
            st.page_link("registry/quality.py", label=said, query_params={"view": "held_back"})
