"""Methods: what each number is, from the codebook and the code that computes it."""

import streamlit as st

from pages.shared import sentences, tables
from pages.shared.ask import current_registry
from pages.shared.cohort_bar import current_cohort
from pages.shared.methods import documented, measure_paragraphs, threshold_rows
from pages.shared.panels import heading, table
from queries.statistics.limits import LIMITS

current_cohort()
registry = current_registry()
heading(
    "Methods",
    [sentences.METHODS],
    synthetic=registry.synthetic,
)
st.markdown(sentences.registry_sentence(registry))
st.markdown("#### Two units of analysis")
st.markdown(sentences.UNITS)
st.markdown("#### Measures")
for title, text in measure_paragraphs():
    st.markdown(f"**{title}.** {text}")
st.markdown("#### Published thresholds")
table(threshold_rows())
st.markdown("#### Visits")
table(tables.window_rows())
st.markdown("#### Limits that decide whether there is a test")
table([{"limit": limit.meaning, "value": f"{limit.value:g}"} for limit in LIMITS])
st.markdown("#### Statistics")
for title, text in documented():
    with st.expander(title):
        st.markdown(text)
st.markdown("#### Not computed in this version")
for words in sentences.NOT_YET.values():
    st.markdown(f"- {words}")
