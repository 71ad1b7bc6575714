"""The floor of the benchmark: one checkbox and as many trivial charts as its environment says."""

import os

import altair as alt
import polars as pl
import streamlit as st

charts = int(os.environ.get("FLOOR_CHARTS", "1"))
on = st.sidebar.checkbox("breast")
frame = pl.DataFrame({"visit": list("abcde"), "value": [3, 1, 4, 1, 6 if on else 5]})
st.markdown(f"### Floor\n{frame['value'].sum()} patients")
for place in range(charts):
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(x=alt.X("visit", type="ordinal"), y=alt.Y("value", type="quantitative"))
    )
    st.altair_chart(chart, key=f"floor.{place}", theme=None)
