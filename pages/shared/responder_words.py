"""What is said of responders: titles, sentences, legends and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import measures
from pages.shared.sentences import nobody_in, rate
from pages.shared.wording import (
    THIN,
    at_visit,
    number,
    of_unit,
    percent,
    plural,
    uncapitalised,
    visit_label,
)
from queries.grouping import EVERYBODY
from queries.statistics.group_sizes import listed
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from data.codebook import Measure, Threshold
    from queries.due import Due
    from queries.responders import Reach, ResponderRow, Responders
    from queries.statistics.results import Proportion

AMONG_LABELS: dict[str, str] = {
    "assessed": "of the assessed",
    "alive": "of the living",
    "all": "of all",
}
MOST_ROWS = 24


def goal(threshold: Threshold, measure: Measure) -> str:
    """Say in words what reaching a threshold means."""
    if threshold.kind == "composite":
        return listed([_part(part, measure) for part in threshold.parts])
    lower = measure.better == "lower"
    change = "fall" if lower else "rise"
    if threshold.kind == "by_baseline":
        steps = ", ".join(f"up to {band.high:g}: {band.value:g}" for band in threshold.bands)
        return f"the {change} that the baseline asks for ({steps}{of_unit(measure.unit)} or more)"
    value = f"{threshold.value:g}"
    if threshold.kind == "final":
        further = "" if is_best(threshold, measure) else f" or {'less' if lower else 'more'}"
        return f"{value}{of_unit(measure.unit)}{further}"
    if threshold.kind == "percent":
        return f"a {change} of {value}{THIN}% of the baseline or more"
    return f"a {change} of {value}{of_unit(measure.unit)} or more"


def is_best(threshold: Threshold, measure: Measure) -> bool:
    """Tell whether a final value is the best of the scale."""
    return threshold.value == (measure.minimum if measure.better == "lower" else measure.maximum)


def _part(part: Threshold, whole: Measure) -> str:
    """Say in words what one part of a composite asks for."""
    of = measures()[part.measure]
    if not part.value:
        return f"{uncapitalised(of.label)} no worse"
    return goal(part, of) if of == whole else f"{uncapitalised(of.label)} with {goal(part, of)}"


def responders_title(answer: Responders) -> str:
    """Return the title: the measure, and what was to be reached."""
    way = "at" if answer.threshold.kind == "final" else "with"
    return f"{answer.measure.label}: patients {way} {goal(answer.threshold, answer.measure)}"


def headline_visit(answer: Responders) -> str | None:
    """Return 12 months, or the latest visit whose window had closed for anybody."""
    visits = answer.visits
    return "m12" if "m12" in visits else visits[-1] if visits else None


def row_of(answer: Responders, visit: str, among: str, group: str = EVERYBODY) -> ResponderRow:
    """Return one rate of the chosen threshold."""
    return next(
        row
        for row in answer.rows
        if (row.group, row.visit, row.among, row.threshold)
        == (group, visit, among, answer.threshold)
    )


def counts(proportion: Proportion) -> str:
    """Print k of n, from 20 up with its percentage; none is no percentage."""
    if not proportion.n:
        return "nobody"
    words = f"{proportion.k} of {proportion.n}"
    if proportion.n < RATE_NEEDS or not proportion.k:
        return words
    return f"{words} ({percent(proportion.rate)})"


def answer_sentence(answer: Responders) -> str:
    """Say how many reached the threshold at the headline visit, or why nobody can tell."""
    visit = headline_visit(answer)
    if visit is None:
        return _nothing(answer)
    assessed = row_of(answer, visit, "assessed").proportion
    everybody = row_of(answer, visit, "all").proportion
    what = goal(answer.threshold, answer.measure)
    of_all = f"{rate(everybody, 'patient')} among all, the dead and the missing as failures"
    when = at_visit(visit)
    if not assessed.n:
        return f"Nobody could be assessed {when}; {what} was reached by {of_all}."
    return (
        f"{when[0].upper()}{when[1:]}, {what} was reached by {rate(assessed, 'patient')} among the "
        f"assessed, and by {of_all}."
    )


def _nothing(answer: Responders) -> str:
    name, patients = answer.measure.label, answer.selection.n_patients
    if not patients:
        return f"{name}: {nobody_in(answer.selection)}, so there is nothing to show."
    if answer.of_later_sessions == patients:
        return (
            f"{name}: no answer, the operations in this cohort are later ones and their baseline "
            f"belongs to an earlier operation ({plural(patients, 'patient')})."
        )
    if not answer.due:
        return f"{name}: not recorded for anybody in this cohort, so there is nothing to show."
    return f"{name}: no answer, the data end before anybody's first visit window has closed."


def living_sentence(answer: Responders) -> str:
    """Say the rate among the living at the headline visit."""
    visit = headline_visit(answer)
    if visit is None:
        return ""
    living = row_of(answer, visit, "alive").proportion
    return (
        f"Among the living {at_visit(visit)}, the missing as failures: {rate(living, 'patient')}."
    )


def due_sentence(row: Due) -> str:
    """Say who of those due at a visit was measured, and where the others are."""
    parts = [f"{row.measured} measured"]
    if row.without_baseline:
        parts[0] += f" ({row.without_baseline} without a baseline)"
    parts += [f"{row.dead} dead"] if row.dead else []
    parts += [f"{row.missing} missing"] if row.missing else []
    still_open = f"; window still open: {row.still_open}" if row.still_open else ""
    return (
        f"{visit_label(row.visit).capitalize()}: {plural(row.due, 'patient')} due, "
        f"{', '.join(parts)}{still_open}."
    )


def left_out_sentence(answer: Responders) -> str:
    """Say whose baseline cannot reach the threshold, and who was there already."""
    if not answer.visits:
        return ""
    reach = next(found for found in answer.reach if found.threshold == answer.threshold)
    words = [
        f"Left out of every rate: {plural(reach.out_of_reach, 'patient')} whose baseline cannot "
        "reach this threshold."
        if reach.out_of_reach
        else "No baseline is out of reach of this threshold."
    ]
    if reach.already_there:
        words.append(
            f"{plural(reach.already_there, 'patient')} had this value or a better one before the "
            "operation already: a final value is a state, so they stay in."
        )
    if answer.of_later_sessions:
        words.append(
            f"{plural(answer.of_later_sessions, 'patient')} left out: baseline belongs to an "
            "earlier operation."
        )
    return " ".join(words)


def source_sentence(threshold: Threshold) -> str:
    """Name the source of a threshold."""
    return f"Threshold: {threshold.label}; source: {threshold.source}."


def responders_legend(answer: Responders, among: str | None = None) -> str:
    """Name every mark of the chart."""
    shown = (
        "the same responders among three denominators"
        if among is None
        else f"the rate {AMONG_LABELS[among]}"
    )
    elsewhere = (
        ""
        if among is None or drawn_visits(answer) == answer.visits
        else " The other visits stand in the table below."
    )
    return (
        f"Dots: {shown}, k of n at the right; bars: 95{THIN}% CI. Assessed: with a value at the "
        "visit and a baseline (a final value needs none). Living: the missing count as failures. "
        f"All: the dead and the missing count as failures.{elsewhere}"
    )


def responders_alt(answer: Responders) -> str:
    """Say the chart of the three rates in words."""
    visits = ". ".join(
        f"{visit_label(visit)}: "
        + ", ".join(
            f"{row_of(answer, visit, among).proportion.k} of "
            f"{row_of(answer, visit, among).proportion.n} {label}"
            for among, label in AMONG_LABELS.items()
        )
        for visit in answer.visits
    )
    return f"Dot chart. {responders_title(answer)}. {visits}. {answer_sentence(answer)}"


def groups_of(answer: Responders) -> tuple[str, ...]:
    """Return the groups in their order, without the whole cohort."""
    return tuple(dict.fromkeys(row.group for row in answer.rows if row.group != EVERYBODY))


def drawn_visits(answer: Responders) -> tuple[str, ...]:
    """Return the visits whose groups fit into one chart: all of them, or the headline visit."""
    visits, headline = answer.visits, headline_visit(answer)
    if headline is None or len(visits) * (len(groups_of(answer)) + 1) <= MOST_ROWS:
        return visits
    return (headline,)


def threshold_sentence(answer: Responders, reach: Reach) -> str:
    """Name a threshold, its source and how many baselines it leaves out."""
    words = (
        f"**{goal(reach.threshold, answer.measure)}** ({reach.threshold.label}; "
        f"{reach.threshold.source}). Baseline out of reach: {reach.out_of_reach}."
    )
    if reach.threshold.kind == "final":
        words += f" There before the operation already: {reach.already_there}."
    return words


def threshold_rows(answer: Responders, threshold: Threshold) -> list[dict[str, str]]:
    """Return the three rates of a threshold at every visit, for the whole cohort."""
    found = {
        (row.visit, row.among): row.proportion
        for row in answer.rows
        if row.group == EVERYBODY and row.threshold == threshold
    }
    return [
        {
            "visit": visit_label(visit),
            **{
                f"{label} (95 % CI)": with_interval(found[visit, among])
                for among, label in AMONG_LABELS.items()
            },
        }
        for visit in answer.visits
    ]


def with_interval(proportion: Proportion) -> str:
    """Print k of n with its interval, or that there is nobody."""
    if proportion.ci_low is None or proportion.ci_high is None:
        return "nobody"
    low, high = number(100 * proportion.ci_low, 1), number(100 * proportion.ci_high, 1)
    return f"{proportion.k} of {proportion.n} ({low} to {high}{THIN}%)"
