"""Whether the models of every observed value are fitted: always for few, on request for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from queries.statistics.limits import MODEL_ON_REQUEST

if TYPE_CHECKING:
    from queries.cohort import Selection
    from queries.modelled import Models


def models_wanted(chosen: Selection) -> Models:
    """Ask the viewer above 5,000 patients, where a fit takes seconds."""
    if chosen.n_patients <= MODEL_ON_REQUEST:
        return "few"
    wanted = st.checkbox(
        "Fit the mixed model and the GEE of every observed value (takes a while)",
        key="view.models",
    )
    return "always" if wanted else "few"
