"""What the view "height & pain" says: quadrants and correlation, never a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import AFTER_OPERATION
from pages.shared.sentences import nobody_in
from pages.shared.wording import (
    interval,
    number,
    plain,
    plural,
    uncapitalised,
    visit_label,
    with_unit,
)
from queries.statistics.limits import CORRELATION_NEEDS

if TYPE_CHECKING:
    from queries.height_and_pain import HeightAndPain, HeightAndPainRow

Row = dict[str, str]
NO_CAUSE = (
    "Going together or not says nothing of a cause: pain belongs to the patient and not to one "
    "level, and whoever gained height had lost it before."
)


def when(visit: str) -> str:
    """Return when the score was taken."""
    return "after the operation" if visit == AFTER_OPERATION else f"at {visit_label(visit)}"


def title(answer: HeightAndPain) -> str:
    """Return the title: both subjects, the unit of analysis and the visit."""
    span = f" {when(answer.visit)}" if answer.visit else ""
    score = uncapitalised(answer.score.label)
    return f"{answer.height.label} gained, change of {score}{span} (patients)"


def gain_axis(answer: HeightAndPain) -> str:
    """Return the title of the axis of gains, with sign and unit."""
    return f"gain of {uncapitalised(answer.height.label)} at the operation, {answer.height.unit}"


def change_axis(answer: HeightAndPain) -> str:
    """Return the title of the axis of changes, with sign and unit."""
    good = "+" if answer.score.better == "higher" else "−"
    return f"change of {uncapitalised(answer.score.label)}, {answer.score.unit} ({good} is better)"


def answer_sentence(answer: HeightAndPain) -> str:
    """Say how many gained height and fared better, and how the two go together."""
    row = answer.shown
    if not answer.selection.n_patients:
        return f"Height and pain: {nobody_in(answer.selection)}, so there is nothing to show."
    if row is None or not row.n_patients:
        return (
            f"No patient has films before and after the operation and "
            f"{uncapitalised(answer.score.label)} before and at the visit."
        )
    score = uncapitalised(answer.score.short_label)
    return (
        f"Height gained and {score} better: {row.gained_better} of "
        f"{plural(row.n_patients, 'patient')} ({plural(row.n_levels, 'level')}). "
        f"{correlation_sentence(answer, row)}"
    )


def correlation_sentence(answer: HeightAndPain, row: HeightAndPainRow) -> str:
    """Say the rank correlation with its interval, or why there is none."""
    if row.n_patients < CORRELATION_NEEDS:
        return (
            f"No correlation: with {plural(row.n_patients, 'patient')} (fewer than "
            f"{CORRELATION_NEEDS}) none can be told."
        )
    if row.estimate is None:
        return "No correlation: gain or change is the same in every patient."
    value = number(row.estimate, 2)
    found = f"Spearman {value} ({interval(row.ci_low, row.ci_high, 2, row.ci_level)}): "
    if row.ci_low is None or row.ci_high is None:
        return f"{found}the ranks agree in full."
    if row.ci_low <= 0 <= row.ci_high:
        return f"{found}whether more height goes with more or less change cannot be told."
    worse = (row.estimate > 0) == (answer.score.better == "lower")
    way = "a smaller" if worse else "a larger"
    return f"{found}more height gained went with {way} improvement."


def error_sentence(answer: HeightAndPain) -> str:
    """Say how many patients gained more than the measurement error."""
    row = answer.shown
    if row is None or row.beyond_error is None or not row.n_patients:
        return ""
    error = with_unit(answer.height.error, answer.height.decimals, answer.height.unit)
    return (
        f"Mean gain above the measurement error of one reading ({error}): {row.beyond_error} of "
        f"{plural(row.n_patients, 'patient')}."
    )


def left_out_sentence(answer: HeightAndPain) -> str:
    """Say who is not among the dots."""
    row = answer.shown
    n = answer.selection.n_patients - (row.n_patients if row else 0)
    if not n:
        return ""
    later = answer.of_later_sessions
    words = (
        f", {later} of them because the operation in this cohort is a later one" if later else ""
    )
    return f"{plural(n, 'patient')} without both values left out{words}."


def quadrant_rows(answer: HeightAndPain) -> list[Row]:
    """Return the quadrants at every visit."""
    return [
        {
            "visit": visit_label(row.visit),
            "both": f"{row.gained_better} of {row.n_patients}",
            "height alone": str(row.gained_not_better),
            f"{uncapitalised(answer.score.short_label)} alone": str(row.not_gained_better),
            "neither": str(row.not_gained_not_better),
        }
        for row in answer.every
        if row.n_patients
    ]


def correlation_rows(answer: HeightAndPain) -> list[Row]:
    """Return the correlation at every visit."""
    rows = []
    for row in (row for row in answer.every if row.n_patients):
        span = ""
        if row.ci_low is not None:
            span = f" ({number(row.ci_low, 2)} to {number(row.ci_high, 2)})"
        rows.append(
            {
                "visit": visit_label(row.visit),
                "Spearman (95 % CI)": number(row.estimate, 2, sign=True) + span,
                "patients": str(row.n_patients),
            }
        )
    return rows


def legend(answer: HeightAndPain) -> str:
    """Name every mark of the chart."""
    score = uncapitalised(answer.score.short_label)
    band = ""
    if answer.height.error is not None:
        band = " Band: gains inside the measurement error of one reading."
    each = "one patient"
    if max(answer.patients["together"], default=1) > 1:
        each = "patients of nearly the same gain and change, the larger the more"
    return (
        f"Each mark: {each}, the mean gain over the levels treated at the first operation. "
        f"Circle: height gained and {score} better; diamond: one of the two; triangle: neither. "
        f"In the corners: patients of each quadrant.{band}"
    )


def alt(answer: HeightAndPain) -> str:
    """Say the chart in words."""
    return (
        f"Scatter chart of height gain against the change of "
        f"{uncapitalised(answer.score.label)}, one mark per patient. {answer_sentence(answer)}"
    )


def patient_rows(answer: HeightAndPain) -> list[Row]:
    """Return the patients as the chart draws them."""
    return [
        {
            "patient": plain(row.get("patient_id") or plural(row["together"], "patient")),
            "levels": str(row.get("n_levels") or "–"),
            f"gain, {answer.height.unit}": number(row["gain"], answer.height.decimals, sign=True),
            f"change, {answer.score.unit}": number(row["change"], answer.score.decimals, sign=True),
        }
        for row in answer.patients.to_dicts()
    ]
