"""What is said of all visits at once, and of stability after the operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.sentences import headline_test, rate
from pages.shared.wording import (
    THIN,
    interval,
    number,
    p_equals,
    plural,
    visit_label,
    with_unit,
)
from queries.equivalence import PERCENT

if TYPE_CHECKING:
    from queries.alignment import Alignment
    from queries.equivalence import Judged
    from queries.statistics.results import Comparison


def omnibus_line(test: Comparison, *, of_patients: int) -> str:
    """Print the test over all visits at once in one line."""
    attended = f"{test.n_patients} of {plural(of_patients, 'patient')} with every visit"
    noted = "; ".join(test.notes)
    if test.refused or test.p is None or test.df is None:
        return f"No test over all visits: {test.refused}; {attended} ({noted})."
    return (
        f"{test.method} ({noted}): {test.statistic_name} = {number(test.statistic, 1)}, "
        f"df = {number(test.df, 0)}, {p_equals(test.p)}; {attended}."
    )


def _rests_on(judged: Judged, decimals: int, unit: str) -> str:
    """Say what a verdict on stability rests on, and what the mean may hide."""
    test = judged.test
    mean = (
        f"mean change {with_unit(test.estimate, decimals, unit, sign=True)} "
        f"({interval(test.ci_low, test.ci_high, decimals, test.ci_level)})"
        if test.estimate is not None
        else "no mean change"
    )
    on = f"{plural(test.n_patients, 'patient')}, {plural(test.n_levels or 0, 'level')}"
    return f"{mean}{_in_percent(test)}; {test.method}; {on}. {_hidden(judged)}".strip()


def _in_percent(test: Comparison) -> str:
    for other in test.sensitivity:
        if other.name == PERCENT:
            span = interval(other.ci_low, other.ci_high, 1, test.ci_level)
            return f", judged as {number(other.estimate, 1, sign=True)}{THIN}% ({span})"
    return ""


def _hidden(judged: Judged) -> str:
    noted = "".join(f" {note[0].upper()}{note[1:]}." for note in judged.test.notes)
    if judged.worsened is None:
        return f"No measurement error is on record in this unit.{noted}"
    worse = rate(judged.worsened, "level")
    return f"Worse by more than the measurement error: {worse}.{noted}"


def stability_sentence(answer: Alignment) -> str:
    """Say the stability of the headline visit, with the margin and its source."""
    by_visit = {judged.test.visit: judged for judged in answer.judged}
    test = headline_test([judged.test for judged in answer.judged])
    name = f"Stability of {answer.measure.label.lower()} since the film after the operation"
    if test is None:
        return f"{name}: no verdict, no level has a film after the operation and a later one."
    judged = by_visit[test.visit]
    source = answer.measure.margin_source
    margin = f" Margin: {source} ({answer.measure.margin_date})." if source else ""
    line = stability_line(judged, answer.measure.decimals, answer.unit)
    return f"{name}, {visit_label(test.visit)}: {line}{margin}"


def stability_line(judged: Judged, decimals: int, unit: str) -> str:
    """Say whether the levels stayed as they were after the operation."""
    verdict = {
        "stable": _stable(judged, decimals, unit),
        "changed": "changed by more than the margin",
        "undecided": "undecided, the interval does not lie on one side of the margin",
        None: f"no verdict, {judged.test.refused}",
    }[judged.test.verdict]
    return f"**{verdict}**; {_rests_on(judged, decimals, unit)}"


def _stable(judged: Judged, decimals: int, unit: str) -> str:
    """Say what a stable mean may hide: single levels that worsened."""
    worsened = judged.worsened
    if worsened is None or judged.error is None:
        return "stable on average"
    error = with_unit(judged.error, decimals, unit)
    if not worsened.k:
        return f"stable on average; no level worsened by more than {error} since then"
    return (
        f"stable on average; {worsened.k} of {plural(worsened.n, 'level')} worsened by more than "
        f"{error} since then"
    )
