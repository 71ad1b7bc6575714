"""The sensitivity strip: the same contrast by the other defensible methods, one click away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.group_words import FIELDS
from pages.shared.panels import say, table_text
from pages.shared.wording import interval, number, p_value, plural, visit_label
from queries.alignment import Alignment
from queries.equivalence import PERCENT

if TYPE_CHECKING:
    from queries.pairs import PairedVisit
    from queries.statistics.results import Comparison, Sensitivity
    from queries.trajectory import Trajectory

TITLE = "Other methods for the same contrast"
WHICH = (
    "The answer is the line in bold. The others rest on assumptions that these data do not meet "
    "in full; where they lead elsewhere, the answer is less certain than its P. Their P is not "
    "adjusted."
)
Row = dict[str, str]


def strip(tests: list[tuple[str, Comparison, int]], *notes: str) -> None:
    """Show each answer with the other methods under it, folded away.

    Parameters
    ----------
    tests : list of (str, Comparison, int)
        What is compared, the answer, and the decimals of its estimate.
    notes : str
        Sentences below, such as how alike the levels of a patient are.
    """
    rows = [row for what, test, decimals in tests for row in _rows(what, test, decimals)]
    if not rows:
        return
    with st.expander(TITLE):
        say(WHICH, table_text(rows), *notes)


def _rows(what: str, test: Comparison, decimals: int) -> list[Row]:
    if not test.sensitivity:
        return []
    answer = {
        "contrast": f"**{what}**",
        "method": f"**{test.method or 'no test'}**",
        "estimate": f"**{_estimate(test, decimals)}**",
        "P": f"**{'no test' if test.p is None else p_value(test.p)}**",
    }
    return [answer, *(_other(other, decimals) for other in test.sensitivity)]


def _other(other: Sensitivity, decimals: int) -> Row:
    share = "odds ratio" in other.name or other.name == PERCENT
    return {
        "contrast": "",
        "method": other.name,
        "estimate": _estimate(other, 2 if share else decimals, sign="odds ratio" not in other.name),
        "P": "–" if other.p is None else p_value(other.p),
    }


def _estimate(of: Comparison | Sensitivity, decimals: int, *, sign: bool = True) -> str:
    if of.estimate is None:
        return "–"
    value = number(of.estimate, decimals, sign=sign)
    level = getattr(of, "ci_level", 0.95)
    return (
        value
        if of.ci_low is None
        else (f"{value} ({interval(of.ci_low, of.ci_high, decimals, level)})")
    )


def outcome_strip(answer: Trajectory | Alignment) -> None:
    """Show the other methods for every test of an outcome over the visits."""
    decimals = answer.measure.decimals
    by = FIELDS.get(answer.by or "", "")
    tests = [(f"by {by}, {visit_label(test.visit)}", test, decimals) for test in answer.groups]
    tests += [(visit_label(test.visit), test, decimals) for test in answer.paired]
    notes = []
    if isinstance(answer, Alignment):
        tests += [
            (f"stability, {visit_label(judged.test.visit)}", judged.test, decimals)
            for judged in answer.judged
        ]
        notes = [clustering_words(pair) for pair in answer.pairs]
    strip(tests, *notes)


def clustering_words(pair: PairedVisit) -> str:
    """Say how alike the levels of one patient changed, and what they weigh together."""
    levels = f"{plural(pair.n_levels or 0, 'level')} of {plural(pair.n, 'patient')}"
    when = visit_label(pair.visit)
    if pair.icc is None or pair.n_effective is None:
        return (
            f"{when}: {levels}; how alike a patient's levels changed cannot be estimated here, so "
            "no effective number of levels is given."
        )
    below = " (below zero counts as none)" if pair.icc < 0 else ""
    return (
        f"{when}: {levels}, intraclass correlation of the changes {number(pair.icc, 2)}{below}; "
        f"together they weigh as much as {number(pair.n_effective, 1)} independent levels."
    )
