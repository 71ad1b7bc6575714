"""What is said of scores over the visits beyond the tests: per cent, thresholds, days, steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import BASELINE, OTHER_VISIT, bands
from pages.shared.responder_words import goal
from pages.shared.sentences import headline_test, nobody_in, nothing_measured, rate
from pages.shared.wording import (
    THIN,
    at_visit,
    interval,
    number,
    plural,
    visit_label,
    with_unit,
)
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Measure
    from queries.cohort import Selection
    from queries.share import Share
    from queries.timing import Timing
    from queries.trajectory import Trajectory
    from queries.visit_rows import VisitRow

TESTS_OF_CHANGE = "The tests are of the change in the measure's unit, not of the percentages."
OTHER_WORDS = "between the visits"


def headline_visit(answer: Trajectory, visit: str | None = None) -> str | None:
    """Return the visit that the page speaks of: the one chosen, 12 months, or the latest."""
    test = headline_test(answer.paired)
    return visit or (test.visit if test else None)


def row_of(answer: Trajectory, visit: str | None) -> VisitRow | None:
    """Return the whole cohort at one visit."""
    rows = (row for row in answer.rows if row.group == EVERYBODY and row.visit == visit)
    return next(rows, None)


def percent_sentence(answer: Trajectory, visit: str | None = None) -> str:
    """Say the median percent change at the headline visit, and who has none."""
    row = row_of(answer, headline_visit(answer, visit))
    if row is None or row.percent_median is None:
        return nothing_measured(answer)
    span = interval(row.percent_median_low, row.percent_median_high, 0)
    change = with_unit(row.percent_median, 0, "%", sign=True)
    of = plural(row.n_percent, "patient")
    have = "has" if row.zero_baseline == 1 else "have"
    zero = f"; {row.zero_baseline} with 0 before {have} none" if row.zero_baseline else ""
    return (
        f"{answer.measure.label}, {at_visit(row.visit)}: the median change of single patients was "
        f"{change} of the value before ({span}; {of}{zero})."
    )


def step_sentence(answer: Trajectory, visit: str) -> str:
    """Say the median at one visit, for the visit before the operation, which has no test."""
    row = row_of(answer, visit)
    if row is None or row.median is None:
        return nothing_measured(answer)
    measure = answer.measure
    span = interval(row.median_low, row.median_high, measure.decimals)
    median = with_unit(row.median, measure.decimals, measure.unit)
    when = visit_label(visit)
    return (
        f"{measure.label} {when if visit == BASELINE else at_visit(visit)}: median {median} "
        f"({span}; {plural(row.n, 'patient')})."
    )


def share_sentence(found: Share, measure: Measure) -> str:
    """Say how many reached the chosen threshold, among three denominators."""
    what, when = goal(found.threshold, measure), at_visit(found.visit)
    return (
        f"{what[0].upper()}{what[1:]} ({found.threshold.label}) was reached {when} "
        f"by {rate(found.assessed, 'patient')} among the assessed, "
        f"{rate(found.living, 'patient')} among the living, and "
        f"{rate(found.everybody, 'patient')} among all."
    )


def ends_words(answer: Trajectory) -> str:
    """Say what the counts at the ends of the scale are, where there are any."""
    rows = [row for row in answer.rows if row.group == EVERYBODY]
    low, high = answer.measure.minimum, answer.measure.maximum
    if any(row.at_minimum or row.at_maximum for row in rows):
        return (
            f"Small counts: patients at an end of the scale ({low:g} or {high:g}), where a score "
            "can show no further change."
        )
    return f"Nobody stands at an end of the scale ({low:g} or {high:g})." if rows else ""


def bands_words(measure: Measure) -> str:
    """Name the bands of the scale with their limits and their source."""
    known = bands(measure.code)
    if not known:
        return ""
    limits = ", ".join(f"≤ {band.up_to:g} {band.label}" for band in known)
    return f"Grey steps: {limits} ({known[0].source.split(':')[0]})."


def beyond_words(answer: Trajectory, domain: tuple[float, float]) -> str:
    """Count the percent changes that lie beyond the end of the axis."""
    if answer.values is None:
        return ""
    later = answer.values.filter(answer.values["visit"] != BASELINE)
    beyond = int((later["percent"] > domain[1]).sum())
    if not beyond:
        return ""
    return (
        f"{plural(beyond, 'value')} beyond {number(domain[1], 0, sign=True)}{THIN}% "
        f"{'is' if beyond == 1 else 'are'} drawn at the edge."
    )


def percent_legend(answer: Trajectory, domain: tuple[float, float]) -> str:
    """Name every mark of a chart of percent changes."""
    lines = (
        "Single lines are not drawn above 5,000 values."
        if answer.values is None
        else "Thin lines: patients; dashed: no value at the last visit."
    )
    words = (
        "Dots: median percent change of the patients with both values, the first above 0; bars: "
        f"its 95{THIN}% CI. {lines} {beyond_words(answer, domain)}"
    )
    return words.strip()


def percent_groups_legend() -> str:
    """Name every mark of a chart of percent changes by group."""
    return (
        "Marks: median percent change of the patients of each group with both values, the first "
        f"above 0; bars: its 95{THIN}% CI. Numbers below: n of each group."
    )


def percent_alt(answer: Trajectory) -> str:
    """Say a chart of percent changes in words."""
    parts = [
        f"{visit_label(row.visit)} {with_unit(row.percent_median, 0, '%', sign=True)} "
        f"(n = {row.n_percent})"
        for row in answer.rows
        if row.group == EVERYBODY and row.percent_median is not None
    ]
    return (
        f"Line chart of the percent change of {answer.measure.label}, one line per patient. "
        f"Medians: {', '.join(parts) or 'none'}. {percent_sentence(answer)}"
    )


def undated_words(days: Timing) -> str:
    """Say how many values have no day, lie outside their window or between the visits."""
    words = []
    if days.undated:
        words.append(
            f"{plural(days.undated, 'value')} without a date {_stand(days.undated)} on no line, "
            "but in the medians"
        )
    outside = sum(row.outside for row in days.rows)
    if outside:
        words.append(f"{plural(outside, 'value')} {_lie(outside)} outside the window of the visit")
    beside = next((row for row in days.rows if row.visit == OTHER_VISIT), None)
    if beside:
        words.append(
            f"{plural(beside.n_values, 'value')} of {plural(beside.n, 'patient')} between the "
            "visits (hollow diamonds) in no median"
        )
    if not words:
        return "Every value has a date inside the window of its visit."
    return f"{'; '.join(words)}."


def _stand(n: int) -> str:
    return "stands" if n == 1 else "stand"


def _lie(n: int) -> str:
    return "lies" if n == 1 else "lie"


def days_legend(answer: Trajectory, days: Timing, view: str) -> str:
    """Name every mark of a chart over days."""
    centre = {
        "value": "median of all patients with a value at the visit",
        "change": "Hodges-Lehmann median change of complete pairs",
        "percent": "median percent change",
    }[view]
    lines = (
        "Single lines are not drawn above 5,000 values."
        if days.points is None
        else "Thin lines: patients, at the days measured; dashed: no value at the last visit."
    )
    return (
        f"Grey areas: the windows of the visits. Dots: {centre}, drawn at the median day; bars: "
        f"its 95{THIN}% CI. {lines} {undated_words(days)}"
    )


def days_alt(answer: Trajectory, days: Timing, sentence: str) -> str:
    """Say a chart over days in words."""
    parts = [
        f"{visit_label(row.visit) if row.visit != OTHER_VISIT else OTHER_WORDS} day "
        f"{number(row.day_median, 0)} (n = {row.n})"
        for row in days.rows
        if row.day_median is not None
    ]
    return (
        f"Line chart of {answer.measure.label} over the days since the operation, one line per "
        f"patient. Median days: {', '.join(parts) or 'none'}. {sentence}"
    )


def panels_legend(view: str, drawn: Sequence[tuple[str, str]], rest: Sequence[str]) -> str:
    """Name every mark of the small charts, and the groups that are not drawn."""
    centre = {
        "value": "median of the patients with a value",
        "change": "Hodges-Lehmann median change of complete pairs",
        "percent": "median percent change",
    }[view]
    left_out = (
        f" Drawn: the {len(drawn)} largest groups; not drawn: {', '.join(rest)}." if rest else ""
    )
    return (
        f"One chart for each group, all on the same axes. Dots: {centre}; bars: its 95{THIN}% CI; "
        "thin lines: patients; dotted: the whole cohort. Under each visit: n."
        f"{left_out}"
    )


def steps_legend(visit: str) -> str:
    """Say what is shown while the visits are stepped through."""
    return f"Shown up to the visit {visit_label(visit)}; grey dots: the patients at that visit."


def nothing_to_show(measure: Measure, chosen: Selection, of_later_sessions: int) -> str:
    """Say why a view of single patients has nothing to show."""
    if not chosen.n_patients:
        return f"{measure.label}: {nobody_in(chosen)}, so there is nothing to show."
    if of_later_sessions == chosen.n_patients:
        return (
            f"{measure.label}: no answer, the operations in this cohort are later ones and their "
            f"baseline belongs to an earlier operation ({plural(of_later_sessions, 'patient')})."
        )
    return (
        f"{measure.label}: not recorded for anybody in this cohort before and after the operation, "
        "so there is nothing to show."
    )


def later_words(of_later_sessions: int) -> str:
    """Say how many are left out because their baseline belongs to an earlier operation."""
    if not of_later_sessions:
        return ""
    who = plural(of_later_sessions, "patient")
    return f"{who} left out: baseline belongs to an earlier operation."
