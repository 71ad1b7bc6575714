"""The sensitivity strip: the same contrast by the other defensible methods, one click away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.group_words import FIELDS, is_rate
from pages.shared.panels import table_text
from pages.shared.sentences import interval_percent
from pages.shared.wording import (
    THIN,
    interval,
    number,
    p_value,
    percent,
    plain,
    plural,
    visit_label,
)
from queries.alignment import Alignment
from queries.equivalence import PERCENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.pairs import PairedVisit
    from queries.statistics.results import Comparison, Proportion, Sensitivity
    from queries.trajectory import Trajectory

TITLE = "Other methods for the same contrast"
WHICH = (
    "The answer is the line in bold. The others rest on assumptions that these data do not meet "
    "in full; where they lead elsewhere, the answer is less certain than its P. Their P is not "
    "adjusted."
)
MIXED_LEVELS = (
    "The mixed model of levels holds the values of a patient together, not the changes: where a "
    "patient's levels change alike its P is too small, as that of levels as independent."
)
Row = dict[str, str]


def strip_words(rows: Sequence[Row], *notes: str) -> list[str]:
    """Return each answer with the other methods under it, under their title.

    Parameters
    ----------
    rows : sequence of dict
        From `contrast_strip` and `rate_strip`.
    notes : str
        Sentences below, such as how alike the levels of a patient are.
    """
    return [f"**{TITLE}**", WHICH, table_text(rows), *notes] if rows else []


def rate_strip(what: str, proportion: Proportion, others: Sequence[Sensitivity]) -> list[Row]:
    """Return a rate with its interval by the other methods."""
    if not others:
        return []
    shown = [_row(f"**{what}**", f"**{proportion.method}**", f"**{interval_percent(proportion)}**")]
    for other in others:
        low, high = percent(other.ci_low), percent(other.ci_high)
        shown.append(_row("", other.name, f"95{THIN}% CI {low} to {high}"))
    return shown


def _row(contrast: str, method: str, estimate: str, p: str = "–") -> Row:
    return {"contrast": contrast, "method": method, "estimate": estimate, "P": p}


def contrast_strip(what: str, test: Comparison, decimals: int) -> list[Row]:
    """Return a test, with the other methods for the same contrast under it."""
    if not test.sensitivity:
        return []
    scale = 100.0 if is_rate(test) else 1.0
    p = "no test" if test.p is None else _p(test.p)
    estimate = _estimate(test, decimals, scale=scale)
    answer = _row(f"**{what}**", f"**{test.method or 'no test'}**", f"**{estimate}**", f"**{p}**")
    return [answer, *(_other(other, decimals) for other in test.sensitivity)]


def rates_strip(tests: Sequence[Comparison]) -> list[Row]:
    """Return the tests of rates at every visit, with the other methods under each."""
    return [row for test in tests for row in contrast_strip(visit_label(test.visit), test, 1)]


def _p(p: float) -> str:
    """Print a P that no line break may part."""
    return p_value(p).replace(" ", "\u00a0")


def _other(other: Sensitivity, decimals: int) -> Row:
    ratio = "odds ratio" in other.name
    places = 2 if ratio or PERCENT in other.name else decimals
    p = "–" if other.p is None else _p(other.p)
    return _row("", plain(other.name), _estimate(other, places, sign=not ratio), p)


def _estimate(
    of: Comparison | Sensitivity, decimals: int, *, sign: bool = True, scale: float = 1.0
) -> str:
    if of.estimate is None:
        return "–"
    value = number(of.estimate * scale, decimals, sign=sign)
    level = getattr(of, "ci_level", 0.95)
    if of.ci_low is None or of.ci_high is None:
        return value
    return f"{value} ({interval(of.ci_low * scale, of.ci_high * scale, decimals, level)})"


def outcome_words(answer: Trajectory | Alignment) -> list[str]:
    """Return the other methods for every test of an outcome over the visits, under their title."""
    decimals = answer.measure.decimals
    by = FIELDS.get(answer.by or "", "")
    tests = [(f"by {by}, {visit_label(test.visit)}", test, decimals) for test in answer.groups]
    tests += [(visit_label(test.visit), test, decimals) for test in answer.paired]
    notes: list[str] = []
    if isinstance(answer, Alignment):
        tests += [
            (f"stability, {visit_label(judged.test.visit)}", judged.test, decimals)
            for judged in answer.judged
        ]
        notes = [*(clustering_words(pair) for pair in answer.pairs), MIXED_LEVELS]
    return strip_words([row for test in tests for row in contrast_strip(*test)], *notes)


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
