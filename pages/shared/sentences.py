"""What a result says, in words that never claim more than its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import visits
from pages.shared.film_words import direction
from pages.shared.wording import (
    THIN,
    interval,
    number,
    p_equals,
    percent,
    plural,
    visit_label,
    with_unit,
)
from queries.statistics.limits import ALPHA, RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from data.codebook import Measure
    from data.warehouse import Registry
    from queries.alignment import Alignment
    from queries.cohort import Selection
    from queries.courses import Course
    from queries.leakage import Leakage
    from queries.overview import Overview
    from queries.pairs import PairedVisit
    from queries.statistics.results import Comparison, Estimate, Proportion
    from queries.trajectory import Trajectory

SOMETHING_FAILED = (
    "This page could not be drawn. Nothing was changed in the registry. Reload the page; if it "
    "happens again, tell the person who runs the dashboard which page and filter you used."
)


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
        return f"No test: {test.refused}; {shown}{pairs}."
    if test.p is None or test.p_adjusted is None:
        return f"No test. {pairs}."
    return (
        f"{test.method}: {test.statistic_name} = {number(test.statistic, 1)}, "
        f"{p_equals(test.p)} (raw), {p_equals(test.p_adjusted)} ({test.adjustment}, "
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
        touches = test.ci_low is not None and test.ci_low * (test.ci_high or 0.0) <= 0
        steps = "; values come in steps, so the interval touches zero" if touches else ""
        found = f"{measure.label} {_fell_or_rose(test.estimate)}: at {when} {change}{steps}."
        return found.replace("at after", "after")
    return f"{name}: {change}; {_cannot_exclude(test, decimals, unit)}."


def _cannot_exclude(test: Comparison, decimals: int, unit: str) -> str:
    if test.ci_low is None or test.ci_high is None:
        return "too few pairs for an interval"
    if test.ci_low > 0 or test.ci_high < 0:
        return (
            "its own interval leaves out zero, but after "
            f"{test.adjustment} over {plural(test.family_size or 0, 'test')} "
            f"{p_equals(test.p_adjusted or 1.0)}, so a chance finding cannot be excluded"
        )
    limits = []
    if test.ci_low < 0:
        limits.append(f"a fall of up to {with_unit(-test.ci_low, decimals, unit)}")
    if test.ci_high > 0:
        limits.append(f"a rise of up to {with_unit(test.ci_high, decimals, unit)}")
    if not limits:
        return "every observed change is zero"
    return f"this cannot exclude {' or '.join(limits)}"


def shared_notes(tests: Sequence[Comparison]) -> tuple[str, ...]:
    """Return the quiet words beside a family of results."""
    fragile = sorted({note for test in tests for note in test.notes if "fragile" in note})
    exploratory = ("exploratory",) if any(test.exploratory for test in tests) else ()
    return (*exploratory, *fragile, "intervals are not adjusted for several tests")


def pair_sentence(pair: PairedVisit, decimals: int) -> str:
    """Say who is missing from the pairs of a visit and why, and both medians of the same pairs."""
    words = ", ".join(f"{count} {reason}" for reason, count in pair.left_out)
    total = sum(count for _, count in pair.left_out)
    missing = f"{total} missing ({words})" if pair.left_out else "nobody is missing"
    before, after = number(pair.baseline_median, decimals), number(pair.median, decimals)
    medians = f"; medians of the same {plural(pair.n, 'patient')}: {before} → {after}"
    return f"{visit_label(pair.visit)}: {missing}{medians if pair.n else ''}."


def rate(proportion: Proportion, noun: str) -> str:
    """Print k of n with its interval; below 20 without a bare percentage."""
    counts = f"{proportion.k} of {plural(proportion.n, noun)}"
    if not proportion.n:
        return counts
    if proportion.k == 0:
        return f"{counts} (up to {percent(proportion.ci_high)} cannot be excluded)"
    shown = f"{percent(proportion.rate)}; " if proportion.n >= RATE_NEEDS else ""
    return f"{counts} ({shown}{interval_percent(proportion)})"


def interval_percent(proportion: Proportion) -> str:
    """Print the interval of a proportion in per cent."""
    if proportion.ci_low is None or proportion.ci_high is None:
        return "no interval"
    low, high = number(100 * proportion.ci_low, 1), number(100 * proportion.ci_high, 1)
    return f"{100 * proportion.ci_level:.0f}{THIN}% CI {low} to {high}{THIN}%"


def clustering_sentence(proportion: Proportion) -> str:
    """Say how the levels of one patient were allowed for."""
    method = f"{proportion.method[0].upper()}{proportion.method[1:]}"
    if proportion.icc is None:
        return f"{method}; one value per patient."
    source = "assumed, it cannot be estimated here" if proportion.icc_assumed else "estimated"
    source += "; below zero counts as none" if proportion.icc < 0 else ""
    return (
        f"{method}: intraclass correlation {number(proportion.icc, 2)} ({source}), "
        f"design effect {number(proportion.deff, 2)}, effective sample size "
        f"{number(proportion.n_effective, 1)} of {plural(proportion.n, 'level')} in "
        f"{plural(proportion.n_clusters, 'patient')}."
    )


def leakage_sentence(answer: Leakage) -> str:
    """Say how many levels and patients leaked, with the interval and the symptoms."""
    row = answer.total
    if not answer.selection.n_levels:
        return f"Cement leakage: {nobody_in(answer.selection)}, so there is no rate."
    if not row.per_level.n:
        return (
            "Cement leakage: nobody looked for a leak at any of the "
            f"{plural(row.not_looked_for, 'level')}, so there is no rate."
        )
    circular = (
        " The filter itself chooses by leak, so this rate says nothing about leakage."
        if answer.selection.cohort.leak
        else ""
    )
    unlooked = (
        f" {plural(row.not_looked_for, 'further level')} not looked at."
        if row.not_looked_for
        else ""
    )
    return (
        f"Cement leaked at {rate(row.per_level, 'level')}; in {row.per_patient.k} of "
        f"{plural(row.per_patient.n, 'patient')}. {symptoms_sentence(answer)}{unlooked}{circular}"
    )


def symptoms_sentence(answer: Leakage) -> str:
    """Say how many leaks had symptoms; none is an upper bound, never 0 per cent."""
    unknown = (
        f" Symptoms were not recorded for {plural(answer.symptoms_unrecorded, 'leaking level')}."
        if answer.symptoms_unrecorded
        else ""
    )
    if answer.no_symptoms is None:
        return f"With symptoms: {rate(answer.symptomatic, 'level')}.{unknown}"
    bounds = answer.no_symptoms
    return (
        f"No leak had recorded symptoms; up to {percent(bounds.levels_clustered)} of levels or "
        f"{percent(bounds.patients)} of patients cannot be excluded.{unknown}"
    )


def symptom_bounds_sentence(answer: Leakage) -> str:
    """Say what the upper bounds of no symptomatic leak rest on."""
    bounds = answer.no_symptoms
    if bounds is None:
        return ""
    return (
        f"No symptomatic leak, 95{THIN}% upper bounds: {percent(bounds.levels_clustered)} of "
        f"levels on the effective sample size ({percent(bounds.levels_independent)} if levels "
        f"were independent), {percent(bounds.patients)} of patients."
    )


def headline_test(tests: Iterable[Comparison]) -> Comparison | None:
    """Return the test of 12 months, or of the latest visit attended."""
    by_visit = {test.visit: test for test in tests}
    latest = [visit for visit in visits() if visit in by_visit]
    return by_visit.get("m12") or (by_visit[latest[-1]] if latest else None)


def nobody_in(chosen: Selection) -> str:
    """Say why a cohort is empty: the filter, or the registry itself."""
    if chosen.n_patients_all:
        return "nobody matches the filter"
    return "the registry holds no procedures"


def nothing_measured(answer: Trajectory | Alignment) -> str:
    """Say why a measure has no answer at all."""
    name, later = answer.measure.label, getattr(answer, "of_later_sessions", 0)
    if not answer.selection.n_patients:
        return f"{name}: {nobody_in(answer.selection)}, so there is nothing to show."
    if later == answer.selection.n_patients:
        return (
            f"{name}: no answer, the operations in this cohort are later ones and their baseline "
            f"belongs to an earlier operation ({plural(later, 'patient')})."
        )
    if any(getattr(row, "n", 0) or getattr(row, "n_levels", 0) for row in answer.rows):
        return f"{name}: recorded before the operation alone, so there is no change to test."
    return f"{name}: not recorded for anybody in this cohort, so there is nothing to test."


def outcome_sentence(answer: Trajectory | Alignment, visit: str | None = None) -> str:
    """Say the headline of one outcome, or what it came to at one visit."""
    test = headline_test(test for test in answer.paired if visit in (None, test.visit))
    if test is None:
        return nothing_measured(answer)
    return change_sentence(test, answer.measure, answer.measure.decimals, outcome_unit(answer))


def outcome_unit(answer: Trajectory | Alignment) -> str:
    """Return the unit in which an outcome is shown."""
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
    change = with_unit(estimate.value, decimals, outcome_unit(answer), sign=True)
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
        f"{course.worsened.k} of {course.n_levels} levels {direction(answer.measure, worse=True)}, "
        f"{course.improved.k} of {course.n_levels} {direction(answer.measure, worse=False)}."
    )


def treated_sentence(answer: Overview) -> str:
    """Say who was treated."""
    chosen = answer.selection
    if not chosen.n_patients:
        return NOBODY
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


def counts_sentence(title: str, counts: Iterable[tuple[str, int]]) -> str:
    """Say counts in words, largest first."""
    ordered = sorted(counts, key=lambda item: -item[1])
    return f"{title}: {', '.join(f'{label} {n}' for label, n in ordered)}."


def modality_sentence(answer: Leakage) -> str:
    """Say how leaks were looked for; rates compare only under the same method."""
    names = {"ct": "CT", "unrecorded": "method not recorded"}
    words = ", ".join(f"{names.get(code, code)} {n}" for code, n in answer.modalities)
    return f"Looked for by: {words} (levels). Rates found by other methods do not compare."


def places_sentence(answer: Leakage) -> str:
    """Say why places do not add up to levels."""
    if not answer.total.per_level.n:
        return ""
    if not answer.places:
        return "No leak, so no place to name."
    return "A level with several leaks stands in several rows."


def registry_sentence(registry: Registry) -> str:
    """Say which data the numbers come from."""
    kind = "SYNTHETIC: made up, with no patient behind it" if registry.synthetic else "real data"
    return (
        f"Registry: {registry.name} ({kind}), version {registry.version}, complete up to "
        f"{registry.data_date.isoformat()}, schema {registry.schema_version}."
    )


EMPTY = "This registry holds no procedures yet. Load a source with `python -m data.ingest`."
NOBODY = "Nobody in the registry matches this filter. Remove a filter above to see patients."
METHODS = (
    "What each number on the other pages is, from the codebook and from the documentation of the "
    "functions that compute it."
)
UNITS = (
    "Pain, disability, performance, survival and events belong to the **patient**: one value per "
    "patient and visit, one time to death or to the first event. Height, angle, leakage and cement "
    "belong to the treated **level**, and levels of one patient are not independent: tests on "
    "heights and angles use one mean change per patient, and the interval of a leakage rate rests "
    "on the effective sample size. A patient whose levels lie in several regions is in the group "
    "*several* for patient outcomes."
)
