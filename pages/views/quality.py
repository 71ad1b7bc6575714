"""Views of the data's quality: completeness, what was held back, imports, dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.quality import recorded_chart
from pages.shared import held_back_words as held_words
from pages.shared import quality_words as words
from pages.shared.ask import ask_of_all
from pages.shared.downloads import every_finding
from pages.shared.identifiers import hidden
from pages.shared.order import later
from pages.shared.panels import colours, control_row, draw, heading, menu, quiet, say, table_text
from queries.held_back import findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.completeness import Completeness
    from queries.held_back import Held, Import

ALL = "all"


def recorded(answer: Completeness, found: Sequence[Held], imports: Sequence[Import]) -> None:
    """Draw what is recorded of what is due."""
    synthetic = answer.selection.synthetic
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            "Data quality: recorded of what is due",
            [words.completeness_sentence(answer)],
            synthetic=synthetic,
        )
        if words.drawn(answer):
            draw(
                recorded_chart(answer, colours()),
                words.map_alt(answer),
                key="quality.map",
                twin=words.map_rows(answer),
            )
            st.caption(words.DUE)
    with right:
        say(
            "**Asked for once**",
            table_text(words.once_rows(answer)),
            words.never_sentence(answer),
            "**At the import**",
            held_words.held_sentence(found, imports[0] if imports else None),
            quiet(words.WHOSE),
        )


def held(found: Sequence[Held], imports: Sequence[Import], *, page: str, synthetic: bool) -> None:
    """Print what the import found by rule and place, and the rows of one rule."""
    heading(
        "Data quality: held back at the import",
        [held_words.held_sentence(found, imports[0] if imports else None)],
        synthetic=synthetic,
    )
    if not found:
        return
    with st.container(key="rules_found"):
        say(table_text(held_words.held_rows(found)))
    counts = held_words.rules_found(found)
    with control_row():
        rule = menu(
            "rule",
            "Rule",
            [ALL, *counts],
            lambda code: held_words.rule_choice(code, counts),
            page=page,
            width=560,
        )
        later(
            lambda: st.download_button(
                "CSV of every finding",
                every_finding,
                "findings.csv",
                "text/csv",
                on_click="ignore",
            )
        )
    shown = ask_of_all(findings, rule=None if rule == ALL else rule)
    rows = held_words.found_rows(shown.to_dicts(), hidden=hidden())
    n = sum(counts.values()) if rule == ALL else counts[rule]
    with st.container(key="rows_to_look_at"):
        say(held_words.shown_sentence(len(rows), n), table_text(rows))


def imported(imports: Sequence[Import], *, synthetic: bool) -> None:
    """Print the imports so far."""
    heading(
        "Data quality: imports so far", [held_words.imports_sentence(imports)], synthetic=synthetic
    )
    say(table_text(held_words.import_rows(imports)))


def dictionary() -> None:
    """Print the codebook."""
    heading("Data quality: what each measure is", [words.DICTIONARY], synthetic=False)
    say(table_text(words.dictionary_rows()), *words.dictionary_notes())
