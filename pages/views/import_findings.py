"""The third step of an import: what was found in the rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from data.rules import KEPT
from pages.shared import held_back_words as held_words
from pages.shared import import_change_words as words
from pages.shared.downloads import findings_csv
from pages.shared.identifiers import hidden
from pages.shared.import_words import mapping_text
from pages.shared.panels import heading, say, table_text
from pages.shared.upload import checked
from pages.views.import_steps import go, onward, problem

if TYPE_CHECKING:
    from data.ingest import Checked, Finding
    from pages.shared.upload import Upload

ALL = "all"


def findings(upload: Upload) -> None:
    """Check the rows, and print what was found by rule, and the rows of one rule."""
    found = _checked(upload)
    if not found.accepted:
        heading("The tables cannot be imported yet", [], synthetic=False)
        problem(found.findings[0].advice)
        st.button("Back to the columns", key="upload.back", on_click=go, args=("columns",))
        return
    heading("What was found in the rows", [words.findings_sentence(found)], synthetic=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "CSV of every finding",
            partial(findings_csv, found.findings),
            "findings.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            "Mapping for the next import",
            partial(mapping_text, upload.proposal),
            "mapping.toml",
            "application/toml",
            on_click="ignore",
        )
        st.space("stretch")
        onward("changes", "What would change")
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        _by_rule(found)
    with right:
        say("**Rows**", table_text(words.count_rows(found)))
    if found.findings:
        _rows(found)


def _checked(upload: Upload) -> Checked:
    if upload.checked is not None:
        return upload.checked
    bar = st.progress(0.0, "Checking the rows …")
    found = checked(upload, lambda step, share: bar.progress(share, f"{step} …"))
    bar.empty()
    st.rerun()
    return found


def _by_rule(found: Checked) -> None:
    with st.container(key="rules_found"):
        say(table_text(held_words.held_rows(words.held(found.findings))))


def _rows(found: Checked) -> None:
    counts = held_words.rules_found(words.held(found.findings))
    if st.session_state.get("upload.rule") not in (ALL, *counts):
        st.session_state["upload.rule"] = ALL
    rule = st.selectbox(
        "Rows to look at",
        [ALL, *counts],
        format_func=lambda code: held_words.rule_choice(code, counts),
        key="upload.rule",
    )
    chosen: list[Finding] = sorted(
        (one for one in found.findings if rule in (ALL, one.rule)),
        key=lambda one: one.severity == KEPT,
    )
    rows = held_words.found_rows(
        [vars(one) for one in chosen[: held_words.MOST_FOUND]], hidden=hidden()
    )
    with st.container(key="rows_to_look_at"):
        say(held_words.shown_sentence(len(rows), len(chosen)), table_text(rows))
