"""What the view "did it hold?" says: verdict, mean, margin and the levels behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import visits
from pages.shared import film_words
from pages.shared.sentences import headline_test, nobody_in, rate
from pages.shared.wording import (
    THIN,
    interval,
    number,
    p_equals,
    plain,
    plural,
    uncapitalised,
    visit_label,
    with_unit,
)

if TYPE_CHECKING:
    from queries.equivalence import Judged
    from queries.stability import Held, HeldRow
    from queries.statistics.results import Estimate

Row = dict[str, str]


def unit_of(answer: Held) -> str:
    """Return the unit of the changes shown."""
    return "%" if answer.in_percent else answer.measure.unit


def decimals_of(answer: Held) -> int:
    """Return the decimals of the changes shown."""
    return 1 if answer.in_percent else answer.measure.decimals


def change_axis(answer: Held) -> str:
    """Return the title of the axis, with its sign and unit."""
    if answer.in_percent:
        return "change, % of reference height (+ is a gain)"
    return film_words.change_axis(answer.measure, answer.measure.unit)


def error_label(answer: Held) -> str:
    """Return the words in the band of the measurement error."""
    error = with_unit(answer.measure.error, _plain(answer.measure.error), answer.measure.unit)
    return f"measurement error ±{error}"


def margin_label(answer: Held) -> str:
    """Return the words in the band of the margin."""
    return f"stability margin {_margin(answer)}"


def _plain(value: float | None) -> int:
    return 0 if value is None or float(value).is_integer() else 1


def _margin(answer: Held) -> str:
    margin = with_unit(answer.margin, _plain(answer.margin), unit_of(answer))
    return f"±{margin}{' of the reference height' if answer.in_percent else ''}"


def mean_labels(answer: Held, mean: Estimate) -> tuple[str, str]:
    """Return the mean and its interval as they stand beside its mark."""
    decimals = decimals_of(answer)
    value = with_unit(mean.value, decimals, unit_of(answer), sign=True)
    return f"mean {value}", interval(mean.ci_low, mean.ci_high, decimals, mean.ci_level)


def judged_at(answer: Held, visit: str) -> Judged:
    """Return the verdict of one visit."""
    return next(judged for judged in answer.judged if judged.test.visit == visit)


def row_at(answer: Held, visit: str) -> HeldRow:
    """Return the counts of one visit."""
    return next(row for row in answer.rows if row.visit == visit)


def offered_visits(answer: Held) -> list[str]:
    """Return the visits to choose from, that of the headline first."""
    test = headline_test(judged.test for judged in answer.judged)
    first = [] if test is None else [str(test.visit)]
    order = [visit for visit in reversed(list(visits())) if visit in answer.visits]
    return [*first, *(visit for visit in order if visit not in first)]


def title(answer: Held, visit: str | None) -> str:
    """Return the title: the question, the subject, the span and the unit."""
    unit = film_words.PERCENT_OF_REFERENCE if answer.in_percent else answer.measure.unit
    span = f", after the operation to {visit_label(visit)}" if visit else ""
    return f"Did the spine hold? {answer.measure.label}{span} ({unit})"


def nothing_sentence(answer: Held) -> str:
    """Say why there is no verdict at all."""
    name = answer.measure.label
    if not answer.selection.n_patients:
        return f"{name}: {nobody_in(answer.selection)}, so there is nothing to judge."
    if not answer.kinds.n_films:
        return f"{name}: not recorded for anybody in this cohort, so there is nothing to judge."
    return f"{name}: no verdict, no level has a film after the operation and a later one."


def verdict_sentence(answer: Held, visit: str) -> str:
    """Say the verdict with the mean, its interval and the levels that a mean may hide."""
    judged, mean = judged_at(answer, visit), dict(answer.means).get(visit)
    test = judged.test
    margin = "" if answer.margin is None else _margin(answer)
    verdict = {
        "stable": f"**Stable on average within {margin}**",
        "changed": f"**Changed on average by more than {margin}**",
        "undecided": f"**Undecided**: the interval does not lie on one side of {margin}",
        None: f"No verdict: {plain(test.refused or '')}",
    }[test.verdict]
    found = ""
    if mean is not None:
        decimals = decimals_of(answer)
        value = with_unit(mean.value, decimals, unit_of(answer), sign=True)
        span = interval(mean.ci_low, mean.ci_high, decimals, mean.ci_level)
        found = f"; mean change {value} ({span})"
    return f"{verdict}{found}; {_hidden(judged, answer)}"


def _hidden(judged: Judged, answer: Held) -> str:
    if judged.worsened is None or judged.error is None:
        return "no measurement error is on record for single levels."
    error = with_unit(judged.error, answer.measure.decimals, answer.measure.unit)
    return f"worse by more than the measurement error of {error}: {rate(judged.worsened, 'level')}."


def method_sentence(answer: Held, visit: str) -> str:
    """Say what the verdict rests on: method, patients, levels, P and the other limits."""
    test = judged_at(answer, visit).test
    on = f"{plural(test.n_patients, 'patient')} ({plural(test.n_levels or 0, 'level')})"
    p = "" if test.p is None else f", {p_equals(test.p)} for stability"
    raw = ""
    if answer.in_percent and test.estimate is not None:
        span = interval(test.ci_low, test.ci_high, answer.measure.decimals, test.ci_level)
        value = with_unit(test.estimate, answer.measure.decimals, answer.measure.unit, sign=True)
        raw = f" In {answer.measure.unit}: {value} ({span})."
    missing = f", {test.n_excluded} without both films" if test.n_excluded else ""
    method = (test.method or "").partition(", margin")[0]
    return f"{method[:1].upper()}{method[1:]}{p}; {on}{missing}.{raw}"


def margin_sentence(answer: Held) -> str:
    """Say where the margin and the measurement error come from."""
    measure = answer.measure
    if measure.margin_source is None:
        words = "No margin is set in the codebook, so stability cannot be judged."
    else:
        words = f"Margin, set {measure.margin_date}: {uncapitalised(measure.margin_source)}."
    if measure.error is None:
        return words
    error = with_unit(measure.error, measure.decimals, measure.unit)
    return f"{words} Measurement error {error}: {measure.error_source}."


def rest_sentences(answer: Held, visit: str) -> list[str]:
    """Return the quiet words beside the verdict."""
    test = judged_at(answer, visit).test
    notes = [f"{note[0].upper()}{note[1:]}." for note in test.notes]
    exploratory = ["Exploratory."] if test.exploratory else []
    return [*exploratory, *(plain(note) for note in notes)]


def visit_rows(answer: Held) -> list[Row]:
    """Return the verdict of every visit as a small table."""
    rows = []
    for judged in answer.judged:
        test, mean = judged.test, dict(answer.means).get(str(judged.test.visit))
        decimals = decimals_of(answer)
        rows.append(
            {
                "after": f"to {visits()[str(test.visit)].short_label}".replace(" ", "\u00a0"),
                f"mean (90{THIN}% CI)": "–"
                if mean is None
                else number(mean.value, decimals, sign=True) + _span(mean, decimals),
                "verdict": test.verdict or "none",
                "levels worse": "–"
                if judged.worsened is None
                else f"{judged.worsened.k} of {judged.worsened.n}",
            }
        )
    return rows


def _span(mean: Estimate, decimals: int) -> str:
    if mean.ci_low is None or mean.ci_high is None:
        return ""
    return f" ({number(mean.ci_low, decimals)} to {number(mean.ci_high, decimals)})"


def counts_sentence(answer: Held, visit: str) -> str:
    """Say how many patients' mean changes lie inside the measurement error."""
    row = row_at(answer, visit)
    if row.within is None:
        return ""
    worse = film_words.direction(answer.measure, worse=True)
    better = film_words.direction(answer.measure, worse=False)
    return (
        f"Patients by their mean change: {row.within} of {row.n_patients} inside the measurement "
        f"error, {row.worse} {worse}, {row.better} {better} by more than it."
    )


def legend(answer: Held, visit: str) -> str:
    """Name every mark of the chart."""
    most = max(answer.patients.filter(visit=visit)["together"], default=1)
    each = "one patient's mean change" if most == 1 else f"up to {most} patients in a row"
    if answer.measure.error is None:
        kinds = " No measurement error is on record."
    else:
        error = with_unit(answer.measure.error, answer.measure.decimals, answer.measure.unit)
        kinds = (
            f" Grey: inside the measurement error of {error}, where a single change cannot be told "
            "from reading noise; coloured, with its value: beyond it. Marks: single levels that "
            "changed by more (triangle: worse, diamond: better)."
        )
    margin = "" if answer.margin is None else " inside the margin"
    return (
        f"Each bar: {each}, in order.{kinds} At the right: the mean of the patients with its "
        f"90{THIN}% CI{margin}."
    )


def alt(answer: Held, visit: str) -> str:
    """Say the chart in words: what, n, direction and result."""
    return (
        f"Bar chart of each patient's mean change of {uncapitalised(answer.measure.label)} from "
        f"after the operation to {visit_label(visit)}, with the mean and its interval beside it. "
        f"{verdict_sentence(answer, visit)} {counts_sentence(answer, visit)}"
    ).replace("**", "")


def patient_rows(answer: Held, visit: str) -> list[Row]:
    """Return the patients as the bars draw them."""
    unit, decimals = unit_of(answer), decimals_of(answer)
    here = answer.patients.filter(visit=visit)
    return [
        {
            "patient": plain(row["patient_id"] or plural(row["together"], "patient")),
            "levels": row["levels"] or "–",
            f"mean change, {unit}": number(row["change"], decimals, sign=True),
            "beside the measurement error": row["kind"],
        }
        for row in here.to_dicts()
    ]
