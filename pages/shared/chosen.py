"""Which patient is shown: kept in this session alone, never in an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.ask import current_codes
from pages.shared.identifiers import hidden

if TYPE_CHECKING:
    import polars as pl

# Reached by a link: a page change that the script makes drops the state of the filters.
PATIENT_PAGE = "patients/patient.py"
CHOSEN = "view.patient.chosen"


def choose(shown: str) -> None:
    """Choose the patient whom the screen names so."""
    st.session_state[CHOSEN] = current_codes().real.get(shown, shown) if hidden() else shown


def place_of_chosen(listed: pl.Series) -> tuple[int, bool]:
    """Return where the chosen patient stands in a list, and whether the last one left it.

    Parameters
    ----------
    listed : polars.Series
        The patients of the cohort as the screen names them; at least one.
    """
    real = st.session_state.get(CHOSEN)
    shown = current_codes().patients.get(real) if hidden() and real else real
    place = listed.index_of(shown) if shown else None
    if place is None:
        choose(listed[0])
    return place or 0, real is not None and place is None
