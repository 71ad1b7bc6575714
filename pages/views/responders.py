"""Views of responders: one definition, every definition, what the missing could change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.definitions import definitions_chart
from pages.charts.responders import responder_groups_chart, responders_chart
from pages.charts.tipping import delta_chart, missing_rates_chart
from pages.shared import definition_words as of_definitions
from pages.shared import responder_group_words as of_groups
from pages.shared import responder_words as words
from pages.shared import tipping_words as of_missing
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import FIELDS, GroupNames
from pages.shared.panels import colours, draw, folded, heading, quiet, say, table_text
from pages.shared.strip import rates_strip, strip_words
from pages.shared.wording import marked

if TYPE_CHECKING:
    from queries.responders import Responders
    from queries.statistics.results import Comparison
    from queries.statistics.tipping import DeltaTipping, RateTipping
    from queries.tipping import Tipping

    Name = of_groups.Name

IN_FULL = "In full: other methods, table of every threshold"


def one_definition(answer: Responders, among: str) -> None:
    """Show the chosen definition at every visit, whole or by group."""
    test = of_groups.headline_comparison(answer)
    name = _name(answer)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        _heading(answer, test, name)
        _chart(answer, among, name)
    with right:
        _beside(answer, test)
    if answer.by and answer.visits:
        say(
            f"**Patients who reached it, {words.AMONG_LABELS[among]}**",
            table_text(of_groups.group_rows(answer, among, name)),
            *of_groups.comparison_lines(answer, name),
        )


def _name(answer: Responders) -> Name:
    """Return how a group of this answer reads."""
    return GroupNames(str(answer.by), answer.selection.convention)


def _heading(answer: Responders, test: Comparison | None, name: Name) -> None:
    by = f", by {FIELDS[answer.by]}" if answer.by else ""
    line, beside = words.answer_sentence(answer), []
    if test:
        line = of_groups.groups_sentence(answer, test, name)
        beside = [of_groups.groups_line(test, name, of_patients=answer.selection.n_patients)]
    heading(
        words.responders_title(answer) + by,
        [line],
        synthetic=answer.selection.synthetic,
        beside=beside,
    )


def _chart(answer: Responders, among: str, name: Name) -> None:
    if not answer.visits:
        return
    if answer.by:
        visits = words.drawn_visits(answer)
        draw(
            responder_groups_chart(answer, colours(), among=among, visits=visits, name=name),
            of_groups.groups_alt(answer, visits, among, name),
            key="responders.groups",
            twin=of_groups.group_rows(answer, among, name),
        )
    else:
        draw(
            responders_chart(answer, colours()),
            words.responders_alt(answer),
            key="responders.rates",
            twin=words.threshold_rows(answer, answer.threshold),
        )
    st.caption(words.responders_legend(answer, among if answer.by else None))


def _beside(answer: Responders, test: Comparison | None) -> None:
    if test:
        say(
            "**Between the groups, among the assessed**",
            table_text(of_groups.comparison_rows(answer)),
            quiet(of_groups.notes_sentence(answer)),
            quiet(tests_sentence(looked_at(answer.comparisons, answer.threshold.label))),
        )
    whole = marked(words.answer_sentence(answer), synthetic=answer.selection.synthetic)
    say(
        "**What it rests on**",
        whole if test else "",
        words.living_sentence(answer),
        words.source_sentence(answer.threshold),
        words.left_out_sentence(answer),
        *(quiet(words.due_sentence(row)) for row in answer.due),
    )


def every_definition(answer: Responders) -> None:
    """Show all published definitions side by side at the headline visit."""
    heading(
        of_definitions.definitions_title(answer),
        [of_definitions.definitions_sentence(answer)],
        synthetic=answer.selection.synthetic,
    )
    if not answer.visits:
        return
    draw(
        definitions_chart(answer, colours()),
        of_definitions.definitions_alt(answer),
        key="responders.definitions",
        twin=of_definitions.definition_rows(answer),
    )
    st.caption(of_definitions.definitions_legend())
    say(*(quiet(words.due_sentence(row)) for row in of_definitions.due_there(answer)))


def what_is_missing(answer: Tipping) -> None:
    """Show what the living without a value could change: the rate, and the change."""
    heading(
        of_missing.tipping_title(answer),
        [of_missing.rate_sentence(answer), of_missing.change_sentence(answer)],
        synthetic=answer.selection.synthetic,
    )
    if answer.rate is None or answer.change is None:
        return
    titles = of_missing.parts_titles(answer)
    left, right = st.columns(2, gap="medium")
    with left:
        _missing_rates(answer, answer.rate, titles[0])
    with right:
        _deltas(answer, answer.change, titles[1])
    say(
        of_missing.left_out_sentence(answer),
        quiet(words.due_sentence(answer.due)) if answer.due else "",
        quiet(of_missing.method_sentence(answer)),
        quiet(words.source_sentence(answer.threshold)),
    )


def _missing_rates(answer: Tipping, found: RateTipping, title: str) -> None:
    if not found.missing:
        say(title, of_missing.NO_MISSING)
        return
    say(title)
    draw(
        missing_rates_chart(found, colours()),
        of_missing.rate_alt(answer),
        key="responders.missing",
        twin=of_missing.rate_rows(answer),
    )
    st.caption(of_missing.rate_legend(answer))


def _deltas(answer: Tipping, found: DeltaTipping, title: str) -> None:
    if not found.scenarios or not found.largest:
        say(title, f"No chart: {found.refused or of_missing.AT_THE_END}.")
        return
    say(title)
    draw(
        delta_chart(found, answer.measure, colours()),
        of_missing.delta_alt(answer),
        key="responders.delta",
        twin=of_missing.delta_rows(answer),
    )
    st.caption(of_missing.delta_legend())


def every_threshold(answer: Responders) -> None:
    """Print how many reached each published threshold, folded away."""
    if answer.visits:
        folded(IN_FULL, "responders", lambda: _in_full(answer))


def _in_full(answer: Responders) -> list[str]:
    parts = strip_words(rates_strip(answer.comparisons))
    parts = parts or [quiet("No rates are compared here, so there are no other methods.")]
    parts.append("**Table of every threshold**")
    for reach in answer.reach:
        parts.append(words.threshold_sentence(answer, reach))
        parts.append(table_text(words.threshold_rows(answer, reach.threshold)))
    return parts
