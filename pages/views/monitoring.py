"""Leaks in order of operation, with the running check where it is allowed and possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.monitoring import monitoring_chart
from pages.shared import monitoring_words as words
from pages.shared.ask import ask
from pages.shared.compare import compares_surgeons
from pages.shared.panels import colours, control_row, draw, heading, menu, quiet, say, table_text
from queries.monitoring import monitoring

if TYPE_CHECKING:
    from queries.cohort import Selection
    from queries.monitoring import Monitoring

PAGE = "leakage"


def over_time(chosen: Selection) -> None:
    """Draw the leaks of a cohort over time; of single surgeons only where that is allowed."""
    if chosen.cohort.surgeon and not compares_surgeons():
        heading(
            "Cement leakage in order of operation", [words.ONE_SURGEON], synthetic=chosen.synthetic
        )
        return
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with right:
        say("**The running check: settings**")
        with control_row():
            target = _setting("target", "Target", words.TARGET_LABELS)
            limit = _setting("limit", "Limit", words.LIMIT_LABELS)
    answer = ask(monitoring, chosen.cohort, target=target, limit=limit)
    with left:
        _leaks(answer)
    with right:
        watch = answer.watch
        say(
            table_text(words.settings_rows(watch, words.SOURCES[target])) if watch else "",
            words.check_sentence(answer) if not watch else "",
            quiet(words.ORDER),
            "**By year of operation**" if answer.n_levels else "",
            table_text(words.short_year_rows(answer)),
        )


def _setting(name: str, title: str, labels: dict[str, str]) -> str:
    return menu(name, title, list(labels), labels.__getitem__, page=PAGE, width=150)


def _leaks(answer: Monitoring) -> None:
    heading(
        "Cement leakage of treated levels in order of operation",
        [words.monitoring_sentence(answer), words.enough_sentence(answer)],
        synthetic=answer.selection.synthetic,
    )
    if answer.n_levels:
        draw(
            monitoring_chart(answer, colours()),
            words.monitoring_alt(answer),
            key="leakage.time",
            twin=words.year_rows(answer),
        )
        st.caption(words.monitoring_legend(answer))
