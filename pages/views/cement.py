"""Cement volume against leaks, within the region of the spine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.cement import cement_chart
from pages.shared import cement_words as words
from pages.shared.ask import ask
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.panels import colours, draw, folded, heading, quiet, say, table_text
from pages.shared.strip import contrast_strip, strip_words
from pages.shared.wording import marked
from queries.cement import cement

if TYPE_CHECKING:
    from queries.cement import Cement
    from queries.cohort import Selection

IN_FULL = "In full: other methods, table of the volumes"


def volume(chosen: Selection) -> None:
    """Draw the cement of leaking levels and of the others."""
    answer = ask(cement, chosen.cohort)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            "Cement volume of treated levels, by leak (ml)",
            [words.cement_sentence(answer)],
            synthetic=chosen.synthetic,
        )
        if answer.levels.height:
            draw(
                cement_chart(answer, colours()),
                words.cement_alt(answer),
                key="leakage.volume",
                twin=words.cement_rows(answer),
            )
            st.caption(words.cement_legend(answer))
    with right:
        line = words.cement_line(answer)
        say(
            "**What it rests on**",
            marked(line, synthetic=chosen.synthetic) if line else "",
            words.left_out_sentence(answer),
            words.WHY if line else "",
            quiet(words.notes_sentence(answer)),
            quiet(tests_sentence(looked_at(answer.comparisons))),
        )
    if answer.levels.height:
        folded(IN_FULL, "cement", lambda: _in_full(answer))


def _in_full(answer: Cement) -> list[str]:
    tests = answer.comparisons
    return [
        *strip_words([row for test in tests for row in contrast_strip(words.contrast(), test, 1)]),
        "**Table of the volumes**",
        table_text(words.cement_rows(answer)),
    ]
