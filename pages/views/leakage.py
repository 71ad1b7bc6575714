"""Leaks on the spine, or by any other group: rates, who leaked, and the test between groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.charts.leak_spine import spine_chart
from pages.charts.leakage import rate_chart
from pages.charts.over_visits import CLICK
from pages.shared import group_words, leak_words, legends, sentences, tables, wording
from pages.shared.ask import ask
from pages.shared.cohort_bar import toggle_level
from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import FIELDS, GroupNames
from pages.shared.identifiers import hidden
from pages.shared.panels import (
    colours,
    draw,
    folded,
    folded_table,
    heading,
    quiet,
    say,
    table_text,
)
from pages.shared.strip import contrast_strip, rate_strip, strip_words
from queries.cohort import Cohort, selection
from queries.leakage import leakage
from queries.leaks import treated_levels

if TYPE_CHECKING:
    from queries.cohort import Selection
    from queries.grouping import By
    from queries.leakage import Leakage

PAGE = "leakage"
CHART = f"{PAGE}.spine"
PICKED = "leakage.picked"
IN_FULL = "In full: other methods, table of the groups"


def rates(chosen: Selection, by: By) -> None:
    """Draw the rates of a cohort; on the spine the filter on level is shown, not applied."""
    cohort = chosen.cohort
    answer = ask(leakage, cohort, by=by)
    around = replace(cohort, level=None) if by == "level" else cohort
    groups = answer if around == cohort else ask(leakage, around, by=by)
    words = f"by {FIELDS[by]}"
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            f"Cement leakage {words}",
            [sentences.leakage_sentence(answer), group_words.leak_group_sentence(groups)],
            synthetic=chosen.synthetic,
        )
        if groups.total.per_level.n:
            _chart(groups, by, cohort.level or ())
    with right:
        _list(chosen)
        _rests_on(answer, groups)
    _below(answer, groups, by)


def _name(groups: Leakage, by: By) -> GroupNames:
    return GroupNames(by, groups.selection.convention)


def _chart(groups: Leakage, by: By, levels: tuple[str, ...]) -> None:
    name = _name(groups, by)
    alt = legends.leakage_alt(groups, f"by {FIELDS[by]}", name)
    twin = tables.leak_rows(groups, name)
    if by != "level":
        chart = rate_chart(groups.rows[1:], groups, colours(), name)
        draw(chart, alt, key=f"{PAGE}.rates", twin=twin)
        st.caption(legends.leakage_legend(groups))
        return
    treated = ask(selection, Cohort()).options["level"]
    event = draw(
        spine_chart(groups, colours(), levels, tuple(treated)),
        alt,
        key=CHART,
        twin=twin,
        on_select=_clicked,
        selection_mode=CLICK,
    )
    st.session_state[PICKED] = _marked(event)
    ringed = f" {leak_words.chosen_sentence(levels)}" if levels else ""
    st.caption(legends.leakage_legend(groups) + ringed)


def _marked(event: Any) -> tuple[str, ...]:
    """Return the levels that the chart holds as marked; each click adds or takes off one."""
    marks = event.selection.get(CLICK, ()) if event else ()
    return tuple(str(mark["group"]) for mark in marks if mark.get("group"))


def _clicked() -> None:
    now, before = _marked(st.session_state[CHART]), st.session_state.get(PICKED, ())
    changed = [level for level in now if level not in before]
    changed += [level for level in before if level not in now]
    if changed:
        toggle_level(changed[0])


def _list(chosen: Selection) -> None:
    """List the levels of a choice beside the chart, where a level was chosen."""
    if not chosen.cohort.level or not chosen.n_levels:
        return
    treated = ask(treated_levels, chosen.cohort)
    say(
        f"**Levels in this choice: {', '.join(chosen.cohort.level)}**",
        table_text(leak_words.short_rows(treated, hidden=hidden())),
        leak_words.listed_sentence(treated),
    )
    folded_table(
        "What was recorded of each",
        "levels",
        lambda: leak_words.level_rows(treated, hidden=hidden()),
    )


def _rests_on(answer: Leakage, groups: Leakage) -> None:
    total = answer.total
    say(
        "**What it rests on**",
        f"Levels: {sentences.rate(total.per_level, 'level')}.",
        f"Patients: {sentences.rate(total.per_patient, 'patient')}.",
        sentences.clustering_sentence(total.per_level) if total.per_level.n else "",
        sentences.symptom_bounds_sentence(answer),
        leak_words.places_line(answer),
        sentences.modality_sentence(answer) if total.per_level.n else "",
        quiet(tests_sentence(looked_at(groups.comparisons))),
    )


def _below(answer: Leakage, groups: Leakage, by: By) -> None:
    (test,) = groups.comparisons
    synthetic = answer.selection.synthetic
    line = f"{group_words.leak_group_line(groups)} {group_words.notes_words(test)}".rstrip()
    say("**The test, with what it rests on**", wording.marked(line, synthetic=synthetic))
    folded(IN_FULL, "leakage", lambda: _in_full(answer, groups, by))


def _in_full(answer: Leakage, groups: Leakage, by: By) -> list[str]:
    (test,) = groups.comparisons
    total = answer.total.per_level
    return [
        *strip_words(
            [
                *rate_strip("rate of all levels", total, answer.other_intervals),
                *contrast_strip(f"rates by {FIELDS[by]}", test, 1),
            ],
            sentences.clustering_sentence(total) if total.n else "",
        ),
        "**Table of the groups**",
        table_text(tables.leak_rows(groups, _name(groups, by))),
    ]
