"""What is said of cement volume against leaks: sentences, the test's line, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.charts.cement import KINDS, MOST_MARKS
from pages.shared.sentences import nobody_in
from pages.shared.wording import (
    MINUS,
    interval,
    number,
    p_equals,
    plain,
    plural,
    uncapitalised,
)
from queries.cement import UNIT
from queries.cohort import code_label
from queries.grouping import EVERYBODY
from queries.statistics.limits import ALPHA

if TYPE_CHECKING:
    from queries.cement import Cement, VolumeRow
    from queries.statistics.results import Comparison

Row = dict[str, str]
WHY = (
    "Volume and leak are an association: a surgeon who sees a leak stops, so that less cement may "
    "be the leak's result and not its opposite."
)


def test_of(answer: Cement) -> Comparison | None:
    """Return the one test, where anything was measured."""
    return next(iter(answer.comparisons), None)


def cement_sentence(answer: Cement) -> str:
    """Say how the volumes of leaking levels and of the others differ, within regions."""
    if not answer.selection.n_levels:
        return f"Cement volume: {nobody_in(answer.selection)}, so there is nothing to show."
    test = test_of(answer)
    if test is None:
        return "Cement volume: no level has both a volume and a known leak, so there is no answer."
    if test.estimate is None:
        return f"Cement volume against leaks: no answer, {plain(str(test.refused))}."
    more = "more" if test.estimate > 0 else "less"
    head = (
        f"Within the same region, leaking levels held {number(abs(test.estimate), 1)} {UNIT} "
        f"{more} cement than the others ({_span(test)})"
    )
    if test.refused or test.p is None:
        return f"{head}; no test, {plain(str(test.refused))}."
    if test.p < ALPHA:
        return f"{head}, {_p(test.p)}."
    return f"{head}, {_p(test.p)}; {_cannot_exclude(test)}."


def _p(p: float) -> str:
    """Print a P that no line break may part."""
    return p_equals(p).replace(" ", "\u00a0")


def _amount(value: float | None) -> str:
    return f"{number(value, 1, sign=True)} {UNIT}"


def _span(test: Comparison) -> str:
    if test.ci_low is None and test.ci_high is None:
        return "no interval"
    if test.ci_low is None or test.ci_high is None:
        side = (
            f"up to {_amount(test.ci_high)}"
            if test.ci_low is None
            else f"from {_amount(test.ci_low)}"
        )
        return f"95 % CI {side}, open on the other side"
    return interval(test.ci_low, test.ci_high, 1, test.ci_level)


def _cannot_exclude(test: Comparison) -> str:
    low = "any amount less" if test.ci_low is None else f"{number(abs(test.ci_low), 1)} {UNIT} less"
    high = (
        "any amount more" if test.ci_high is None else f"{number(abs(test.ci_high), 1)} {UNIT} more"
    )
    return f"this cannot exclude {low} or {high}"


def cement_line(answer: Cement) -> str:
    """Print the test in one line: method, statistic, P, estimate, n."""
    test = test_of(answer)
    if test is None:
        return ""
    rests = f"{plural(test.n_levels or 0, 'level')} of {plural(test.n_patients, 'patient')}"
    left = f", {test.n_excluded} patients not compared" if test.n_excluded > 1 else ""
    left = ", 1 patient not compared" if test.n_excluded == 1 else left
    gap = (
        ""
        if test.estimate is None
        else f"leak {MINUS} no leak {_amount(test.estimate)} ({_span(test)}); "
    )
    if test.refused or test.p is None:
        return f"No test: {plain(str(test.refused))}; {gap}{rests}{left}."
    name = f"{str(test.method)[0].upper()}{str(test.method)[1:]}"
    return f"{name}: {gap}{_p(test.p)}; {rests}{left}."


def notes_sentence(answer: Cement) -> str:
    """Say what a reader must know to weigh the test."""
    test = test_of(answer)
    notes = [] if test is None else [f"{note[0].upper()}{note[1:]}." for note in test.notes]
    return plain(" ".join(["Exploratory.", *notes])) if test else ""


def left_out_sentence(answer: Cement) -> str:
    """Say which levels have no place in the chart, and why."""
    reasons = []
    if answer.no_volume:
        reasons.append(f"no volume on record {answer.no_volume}")
    if answer.not_looked_for:
        reasons.append(f"nobody looked for a leak {answer.not_looked_for}")
    return f"Levels left out: {', '.join(reasons)}." if reasons else "No level was left out."


def cement_legend(answer: Cement) -> str:
    """Name every mark of the chart."""
    marks = (
        "Each mark: one treated level; triangles: leak, circles: none; upright lines: medians."
        if answer.levels.height <= MOST_MARKS
        else f"Bands: middle half of the levels (more than {MOST_MARKS:,}); upright lines: medians."
    )
    return (
        f"{marks} A lumbar vertebra takes more cement than a thoracic one, so the comparison is "
        "made within regions."
    )


def cement_alt(answer: Cement) -> str:
    """Say the chart in words."""
    rows = "; ".join(
        f"{_region(answer, row)} {KINDS[row.leak]} {number(row.median, 1)} {UNIT} "
        f"(n = {row.n_levels})"
        for row in answer.rows
        if row.region != EVERYBODY and row.n_levels
    )
    what = "Cement volume of levels with and without a leak."
    return f"{what} Medians: {rows}. {cement_sentence(answer)}"


def _region(answer: Cement, row: VolumeRow) -> str:
    if row.region == EVERYBODY:
        return "all regions"
    return code_label("region", row.region, answer.selection.convention)


def cement_rows(answer: Cement) -> list[Row]:
    """Return the volumes by region and leak."""
    return [
        {
            "region": _region(answer, row),
            "leak": KINDS[row.leak],
            "levels": str(row.n_levels),
            "patients": str(row.n_patients),
            f"median ({UNIT})": number(row.median, 1),
            "quartiles": "–" if row.q1 is None else f"{number(row.q1, 1)} to {number(row.q3, 1)}",
            "mean": number(row.mean, 1),
            "SD": number(row.sd, 1),
        }
        for row in answer.rows
    ]


def contrast() -> str:
    """Return what the strip of other methods calls the contrast."""
    return uncapitalised(f"Leak less no leak ({UNIT})")
