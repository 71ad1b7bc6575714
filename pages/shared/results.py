"""The results of an outcome over the visits: heading, tables, every test in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from pages.shared.counter import looked_at, tests_sentence
from pages.shared.group_words import (
    FIELDS,
    group_change_rows,
    group_line,
    group_sentence,
    group_test_rows,
    notes_words,
    pair_rows,
)
from pages.shared.legends import over_time_title
from pages.shared.models import models_wanted
from pages.shared.panels import (
    fold_key,
    folded,
    heading,
    quiet,
    say,
    table_or_reason,
    table_text,
)
from pages.shared.sentences import (
    headline_test,
    outcome_sentence,
    outcome_unit,
    pair_sentence,
    result_line,
    shared_notes,
)
from pages.shared.strip import outcome_words
from pages.shared.tables import test_rows
from pages.shared.verdicts import omnibus_line, stability_line
from pages.shared.wording import marked, uncapitalised, visit_label
from queries.alignment import Alignment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from queries.cohort import Selection
    from queries.modelled import Models
    from queries.statistics.results import Comparison
    from queries.trajectory import Trajectory

    Outcome = Trajectory | Alignment


Asked = TypeVar("Asked", bound="Outcome")
IN_FULL = "In full: every test, other methods, table of every visit"
FOLD = fold_key("in_full")
NO_TEST = "No visit can be compared with the one before the operation, so there is no test."


def headline(answer: Outcome, view: str, visit: str | None = None) -> None:
    """Draw the heading of an outcome over the visits, with its headline test in one line.

    A visit that is named takes the place of the headline visit.
    """
    whole = answer.by is None or view == "courses"
    tests = answer.paired if whole else answer.groups
    test = headline_test(test for test in tests if visit in (None, test.visit))
    title = over_time_title(answer, view)
    if answer.by is None or whole or test is None:
        words = outcome_sentence(answer, visit)
        lines = [] if test is None else [_line(answer, test)]
    else:
        title += f", by {FIELDS[answer.by]}"
        words, lines = _group_sentence(answer, test), [_group_line(answer, test)]
    heading(title, [words], synthetic=answer.selection.synthetic, beside=lines)


def _line(answer: Outcome, test: Comparison) -> str:
    return result_line(test, answer.measure.decimals, of_patients=answer.selection.n_patients)


def _group_line(answer: Outcome, test: Comparison) -> str:
    chosen = answer.selection
    return group_line(
        test,
        answer.measure.decimals,
        of_patients=chosen.n_patients,
        convention=chosen.convention,
    )


def _group_sentence(answer: Outcome, test: Comparison) -> str:
    return group_sentence(
        test,
        f"Change of {uncapitalised(answer.measure.label)}",
        answer.measure.decimals,
        outcome_unit(answer),
        convention=answer.selection.convention,
    )


def results(answer: Outcome, *more: str) -> None:
    """Print the tests of an answer as a small table, with the words that go beside it."""
    say(*result_words(answer, *more))


def result_words(answer: Outcome, *more: str) -> list[str]:
    """Return the tests of an answer as a small table, and the words that go beside it."""
    option = answer.scale if isinstance(answer, Alignment) else ""
    seen = tests_sentence(looked_at(answer.comparisons, option))
    if answer.by is None:
        return [*_paired_words(answer, more), quiet(seen)]
    return [*_group_words(answer), *more, quiet(seen)]


def _paired_words(answer: Outcome, more: Sequence[str]) -> list[str]:
    tests = answer.paired
    if not tests:
        return [quiet(NO_TEST)]
    return [
        table_text(test_rows(tests, answer.measure.decimals)),
        *more,
        quiet(" · ".join(shared_notes(tests))),
        *(quiet(pair_sentence(pair, answer.measure.decimals)) for pair in answer.pairs),
    ]


def _group_words(answer: Outcome) -> list[str]:
    test = headline_test(answer.groups)
    if answer.by is None or test is None or test.visit is None:
        return []
    decimals, convention = answer.measure.decimals, answer.selection.convention
    title = FIELDS[answer.by]
    return [
        table_text(group_test_rows(answer.groups, decimals, convention)),
        f"**Change at {visit_label(test.visit)}**".replace("at after", "after"),
        table_text(group_change_rows(answer, test.visit, title)),
        quiet(" ".join([notes_words(test), *_shared(answer.groups)])),
    ]


def _shared(tests: tuple[Comparison, ...]) -> list[str]:
    exploratory = ["Exploratory."] if any(test.exploratory for test in tests) else []
    return [*exploratory, "Intervals are not adjusted for several tests."]


def models_in_full(chosen: Selection) -> Models:
    """Return whether models are fitted: not before the viewer unfolds where they stand."""
    return models_wanted(chosen) if st.session_state.get(FOLD) else "none"


def in_full(answer: Asked, table: Callable[[Asked], Sequence[Mapping[str, str]]]) -> None:
    """Print all that an answer over the visits rests on, once the viewer unfolds it.

    Parameters
    ----------
    table : callable
        Makes the table of every visit from the answer.
    """
    folded(
        IN_FULL,
        "in_full",
        lambda: [
            *_every_test(answer),
            *_every_pair(answer),
            *outcome_words(answer),
            "**Every visit**",
            table_or_reason(table(answer)),
        ],
    )


def _every_pair(answer: Outcome) -> list[str]:
    test = headline_test(answer.groups)
    if test is None or not test.pairwise:
        return []
    rows = pair_rows(test, answer.measure.decimals, answer.selection.convention)
    return [
        f"**Every two groups, {visit_label(test.visit)}**",
        table_text(rows),
        quiet("P adjusted after Holm over the pairs; intervals are not."),
    ]


def _every_test(answer: Outcome) -> list[str]:
    if not answer.comparisons:
        return []
    synthetic, of_patients = answer.selection.synthetic, answer.selection.n_patients
    lines = []
    for test in answer.groups:
        line = _group_line(answer, test)
        lines.append(f"**By {FIELDS[answer.by or 'sex']}, {visit_label(test.visit)}:** {line}")
    for test in answer.paired:
        line = f"{_line(answer, test)} {notes_words(test)}".rstrip()
        lines.append(f"**{visit_label(test.visit)}:** {line}")
    for test in answer.omnibus:
        lines.append(f"**All visits:** {omnibus_line(test, of_patients=of_patients)}")
    if isinstance(answer, Alignment):
        for judged in answer.judged:
            line = stability_line(judged, answer.measure.decimals, answer.unit)
            lines.append(f"Stability, {visit_label(judged.test.visit)}: {line}")
    marks = (marked(line, synthetic=synthetic) for line in lines)
    return ["**The tests, each with what it rests on**", *marks]
