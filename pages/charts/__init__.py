"""Charts: a result becomes an Altair chart, without Streamlit."""
