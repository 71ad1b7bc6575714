"""Numbers become words here, and only here are they rounded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from data.codebook import measures, visits
from queries.statistics.limits import ALPHA, RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.codebook import Measure
    from queries.alignment import Alignment, Course
    from queries.leakage import Leakage
    from queries.overview import Overview
    from queries.statistics.results import Comparison, Estimate, Proportion
    from queries.trajectory import PairedVisit, Trajectory

MINUS = "−"
THIN = "\u202f"
SYNTHETIC = "SYNTHETIC example data"
SOMETHING_FAILED = (
    "This page could not be drawn. Nothing was changed in the registry. Reload the page; if it "
    "happens again, tell the person who runs the dashboard which page and filter you used."
)
NOT_YET = {
    "omnibus": "A test over all visits at once (Friedman) is not computed in this version.",
    "groups": "Groups are described side by side; no test between them is computed in this "
    "version, so a difference between two of them is not evidence.",
    "equivalence": "Whether the level is stable (an equivalence test against the margin) is not "
    "computed in this version; a large P above would not show it.",
}


def number(value: float | None, decimals: int, *, sign: bool = False) -> str:
    """Print a number with a real minus sign, or a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    rounded = f"{value:+.{decimals}f}" if sign else f"{value:.{decimals}f}"
    if float(rounded) == 0:
        rounded = rounded.lstrip("+-")
    return rounded.replace("-", MINUS)


def percent(fraction: float | None, decimals: int = 1) -> str:
    """Print a fraction as a percentage with a thin space."""
    return f"{number(None if fraction is None else 100 * fraction, decimals)}{THIN}%"


def p_value(p: float | None) -> str:
    """Print a P value: two decimals from 0.01 up, three below, as many as show its side."""
    if p is None:
        return "–"
    if p < 0.001:
        return "< 0.001"
    if p < 0.01:
        return f"{p:.3f}"
    decimals = 2
    while decimals < 12 and (round(p, decimals) < ALPHA) != (p < ALPHA):
        decimals += 1
    return f"{p:.{decimals}f}"


def _p_equals(p: float) -> str:
    words = p_value(p)
    return f"P {words}" if words.startswith("<") else f"P = {words}"


def visit_label(code: str | None) -> str:
    """Return how a visit reads."""
    return visits()[code].label if code in visits() else str(code)


def _of_unit(unit: str) -> str:
    return unit if unit == "°" else f" {unit}" if unit and unit[0].isalpha() else f"{THIN}{unit}"


def with_unit(value: float | None, decimals: int, unit: str, *, sign: bool = False) -> str:
    """Print a number with its unit."""
    return f"{number(value, decimals, sign=sign)}{_of_unit(unit)}"


def interval(
    low: float | None, high: float | None, decimals: int, level: float | None = 0.95
) -> str:
    """Print an interval with its level, or say that there is none."""
    if low is None or high is None or level is None:
        return "no interval"
    span = f"{number(low, decimals)} to {number(high, decimals)}"
    return f"{100 * level:.0f}{THIN}% CI {span}"


def marked(sentence: str, *, synthetic: bool) -> str:
    """Mark a sentence that could be quoted as synthetic."""
    return f"{sentence} [{SYNTHETIC}]" if synthetic else sentence


def plural(n: int, singular: str, several: str | None = None) -> str:
    """Print a count with its noun."""
    return f"{n} {singular if n == 1 else several or singular + 's'}"


def _pairs(test: Comparison, *, of_patients: int) -> str:
    words = f"{plural(test.n_patients, 'pair')} of {plural(of_patients, 'patient')}"
    if test.n_levels is not None:
        words = (
            f"{plural(test.n_patients, 'patient')} of {of_patients} "
            f"({plural(test.n_levels, 'level')})"
        )
    if test.n_excluded:
        words += f", {test.n_excluded} without both values"
    return words


def result_line(test: Comparison, decimals: int, *, of_patients: int) -> str:
    """Print one test in one line: method, statistic, P raw and adjusted, effect, estimate, n."""
    estimate = (
        f"median change (Hodges-Lehmann) {number(test.estimate, decimals, sign=True)} "
        f"({interval(test.ci_low, test.ci_high, decimals, test.ci_level)})"
    )
    pairs = _pairs(test, of_patients=of_patients)
    if test.refused:
        shown = f"{estimate}; " if test.estimate is not None else ""
        return f"No test: {test.refused}. {shown}{pairs}."
    if test.p is None or test.p_adjusted is None:
        return f"No test. {pairs}."
    return (
        f"{test.method}: {test.statistic_name} = {number(test.statistic, 1)}, "
        f"{_p_equals(test.p)} (raw), {_p_equals(test.p_adjusted)} ({test.adjustment}, "
        f"{plural(test.family_size or 0, 'test')}), rank-biserial {number(test.effect, 2)}; "
        f"{estimate}; {pairs}."
    )


def _fell_or_rose(estimate: float) -> str:
    return "fell" if estimate < 0 else "rose"


def change_sentence(test: Comparison, measure: Measure, decimals: int, unit: str) -> str:
    """Say what a change from baseline came to, never more than its interval allows."""
    when = visit_label(test.visit)
    name = (
        f"{measure.label} at {when}"
        if not when.startswith("after")
        else (f"{measure.label} {when}")
    )
    if test.estimate is None:
        return f"{name}: no answer, {test.refused}."
    change = (
        f"the median change was {with_unit(test.estimate, decimals, unit, sign=True)} "
        f"({interval(test.ci_low, test.ci_high, decimals, test.ci_level)})"
    )
    if test.refused or test.p_adjusted is None:
        return f"{name}: {change}; no test, {test.refused}."
    if test.p_adjusted < ALPHA and test.estimate != 0:
        return f"{measure.label} {_fell_or_rose(test.estimate)}: at {when} {change}.".replace(
            "at after", "after"
        )
    return f"{name}: {change}; {_cannot_exclude(test, decimals, unit)}."


def _cannot_exclude(test: Comparison, decimals: int, unit: str) -> str:
    if test.ci_low is None or test.ci_high is None:
        return "too few pairs for an interval"
    limits = []
    if test.ci_low < 0:
        limits.append(f"a fall of up to {with_unit(-test.ci_low, decimals, unit)}")
    if test.ci_high > 0:
        limits.append(f"a rise of up to {with_unit(test.ci_high, decimals, unit)}")
    if not limits:
        return "every observed change is zero"
    return f"this cannot exclude {' or '.join(limits)}"


def notes(test: Comparison) -> tuple[str, ...]:
    """Return the quiet words beside a result."""
    exploratory = ("exploratory",) if test.exploratory else ()
    return (*exploratory, *test.notes)


def left_out_sentence(pair: PairedVisit) -> str:
    """Say who is missing from the pairs of a visit, and why."""
    when = visit_label(pair.visit)
    if not pair.left_out:
        return f"{when}: nobody is missing."
    words = ", ".join(f"{count} {reason}" for reason, count in pair.left_out)
    return f"{when}: {sum(count for _, count in pair.left_out)} missing ({words})."


def rate(proportion: Proportion) -> str:
    """Print k of n with its interval; below 20 without a bare percentage."""
    if not proportion.n:
        return "0 of 0"
    counts = f"{proportion.k} of {proportion.n}"
    span = interval_percent(proportion)
    if proportion.k == 0:
        return f"{counts} (up to {percent(proportion.ci_high)} cannot be excluded)"
    shown = f"{percent(proportion.rate)}; " if proportion.n >= RATE_NEEDS else ""
    return f"{counts} ({shown}{span})"


def interval_percent(proportion: Proportion) -> str:
    """Print the interval of a proportion in per cent."""
    if proportion.ci_low is None or proportion.ci_high is None:
        return "no interval"
    low, high = number(100 * proportion.ci_low, 1), number(100 * proportion.ci_high, 1)
    return f"{100 * proportion.ci_level:.0f}{THIN}% CI {low} to {high}{THIN}%"


def clustering_sentence(proportion: Proportion) -> str:
    """Say how the levels of one patient were allowed for."""
    if proportion.icc is None:
        return f"{proportion.method}; one value per patient."
    source = "assumed, it cannot be estimated here" if proportion.icc_assumed else "estimated"
    return (
        f"{proportion.method}: intraclass correlation {number(proportion.icc, 2)} ({source}), "
        f"design effect {number(proportion.deff, 2)}, effective sample size "
        f"{number(proportion.n_effective, 1)} of {plural(proportion.n, 'level')} in "
        f"{plural(proportion.n_clusters, 'patient')}."
    )


def leakage_sentence(answer: Leakage) -> str:
    """Say how many levels and patients leaked, with the interval and the symptoms."""
    row = answer.total
    if not answer.selection.n_levels:
        return "Cement leakage: nobody matches the filter, so there is no rate."
    if not row.per_level.n:
        return (
            "Cement leakage: nobody looked for a leak at any of the "
            f"{plural(row.not_looked_for, 'level')}, so there is no rate."
        )
    unlooked = (
        f" {plural(row.not_looked_for, 'further level')} not looked at."
        if row.not_looked_for
        else ""
    )
    return (
        f"Cement leaked at {rate(row.per_level)} levels; in {row.per_patient.k} of "
        f"{plural(row.per_patient.n, 'patient')}. {symptoms_sentence(answer)}{unlooked}"
    )


def symptoms_sentence(answer: Leakage) -> str:
    """Say how many leaks had symptoms; none is an upper bound, never 0 per cent."""
    unknown = (
        f" Symptoms were not recorded for {plural(answer.symptoms_unrecorded, 'leaking level')}."
        if answer.symptoms_unrecorded
        else ""
    )
    if answer.no_symptoms is None:
        return f"With symptoms: {rate(answer.symptomatic)} levels.{unknown}"
    bounds = answer.no_symptoms
    return (
        f"None with recorded symptoms; that cannot exclude up to "
        f"{percent(bounds.levels_clustered)} of levels (if independent "
        f"{percent(bounds.levels_independent)}) or {percent(bounds.patients)} of patients "
        f"(95{THIN}% bounds).{unknown}"
    )


def headline_test(tests: Iterable[Comparison]) -> Comparison | None:
    """Return the test of 12 months, or of the latest visit attended."""
    by_visit = {test.visit: test for test in tests}
    latest = [visit for visit in visits() if visit in by_visit]
    return by_visit.get("m12") or (by_visit[latest[-1]] if latest else None)


def nothing_measured(measure: Measure, *, anybody: bool) -> str:
    """Say why a measure has no answer at all."""
    if not anybody:
        return f"{measure.label}: nobody matches the filter, so there is nothing to show."
    return f"{measure.label}: not recorded for anybody in this cohort, so there is nothing to test."


def outcome_sentence(answer: Trajectory | Alignment) -> str:
    """Say the headline of one outcome."""
    test = headline_test(answer.comparisons)
    if test is None:
        return nothing_measured(answer.measure, anybody=answer.selection.n_patients > 0)
    return change_sentence(test, answer.measure, answer.measure.decimals, _unit(answer))


def _unit(answer: Trajectory | Alignment) -> str:
    scale = getattr(answer, "scale", "value")
    return answer.measure.unit if scale == "value" else "% of the reference height"


def course_sentence(answer: Alignment, course: Course) -> str:
    """Say what was gained at the operation, or lost after it."""
    span = {
        "gain": "Gain, before to after the operation",
        "loss": "Loss, after the operation to the last film",
    }[course.name]
    if course.estimate is None:
        return f"{span}: no level has both films."
    estimate: Estimate = course.estimate
    decimals = answer.measure.decimals
    change = with_unit(estimate.value, decimals, _unit(answer), sign=True)
    text = (
        f"{span}: median change of patient means {change} "
        f"({interval(estimate.ci_low, estimate.ci_high, decimals)}); "
        f"{plural(course.n_levels, 'level')} in {plural(course.n_patients, 'patient')}."
    )
    if course.worsened is None or course.improved is None or answer.error is None:
        return f"{text} No measurement error is on record in this unit."
    error = with_unit(answer.error, decimals, answer.measure.unit)
    return (
        f"{text} By more than the measurement error of {error}: "
        f"{course.worsened.k} of {course.n_levels} levels worse, "
        f"{course.improved.k} of {course.n_levels} better."
    )


def treated_sentence(answer: Overview) -> str:
    """Say who was treated."""
    chosen = answer.selection
    if not chosen.n_patients:
        return "Nobody in the registry matches this filter. Remove a filter above to see patients."
    sexes = {"F": ("woman", "women"), "M": ("man", "men"), "unrecorded": ("of unrecorded sex",) * 2}
    people = ", ".join(f"{n} {sexes[code][n != 1]}" for code, n in answer.sexes)
    ages = (
        f"median age {number(answer.ages.median, 0)} (middle half {number(answer.ages.q1, 0)} to "
        f"{number(answer.ages.q3, 0)})"
        if answer.ages.n
        else "age not recorded"
    )
    return (
        f"{plural(chosen.n_patients, 'patient')} ({people}), {ages}, with "
        f"{plural(chosen.n_levels, 'treated level')} in {plural(answer.sessions, 'session')}; "
        f"{answer.died} known to have died."
    )


def measure_of(test: Comparison) -> Measure:
    """Return the codebook row of a test's outcome."""
    return measures()[test.outcome]
