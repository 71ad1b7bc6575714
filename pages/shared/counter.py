"""How many distinct tests this viewer has looked at since the dashboard was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.ask import current_registry
from pages.shared.cohort_bar import current_cohort
from pages.shared.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from queries.statistics.results import Comparison

SEEN = "tests.seen"


def looked_at(tests: Iterable[Comparison], option: str = "") -> int:
    """Count the tests just shown together with those seen before, each test once.

    Parameters
    ----------
    tests : iterable of Comparison
        Those on the screen; a refused one is none, and every pair of groups with a P is one.
    option : str
        What else tells two tests apart, such as the scale.
    """
    seen: set[object] = st.session_state.setdefault(SEEN, set())
    where = (current_registry().version, current_cohort(), option)
    for test in tests:
        key = (*where, test.outcome, test.kind, test.visit, test.by)
        if test.p is not None:
            seen.add(key)
        seen.update((*key, pair.groups) for pair in test.pairwise if pair.p is not None)
    return len(seen)


def tests_sentence(n: int) -> str:
    """Say how many tests were looked at; one in twenty is below 0.05 by chance alone."""
    if not n:
        return "No test looked at since the dashboard was opened."
    words = plural(n, "distinct test")
    return f"{words} looked at since the dashboard was opened; by chance 1 in 20 has P < 0.05."
