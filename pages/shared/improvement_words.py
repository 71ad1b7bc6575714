"""What is said of each patient's change: sorted bars and small lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.legends import threshold_label
from pages.shared.sentences import nothing_measured
from pages.shared.wording import at_visit, number, plural, uncapitalised, visit_label, with_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Threshold
    from queries.improvement import Improvement, ImprovementRow
    from queries.trajectory import Trajectory


def improvement_title(answer: Improvement, visit: str, unit: str) -> str:
    """Return the title of the sorted bars."""
    shown = "% of the value before" if unit == "percent" else answer.measure.unit
    return f"{answer.measure.label}: change of each patient, {visit_label(visit)} ({shown})"


def improvement_sentence(answer: Improvement, row: ImprovementRow) -> str:
    """Say how many patients changed which way at a visit."""
    counts = (
        f"{row.better} of {plural(row.n, 'patient')} with both values were better than before, "
        f"{row.unchanged} unchanged and {row.worse} worse"
    )
    error = answer.measure.error
    beyond = ""
    if error is not None:
        amount = with_unit(error, answer.measure.decimals, answer.measure.unit)
        beyond = (
            f"; by more than the measurement error of {amount}, {row.better_beyond} better and "
            f"{row.worse_beyond} worse"
        )
    when = at_visit(row.visit)
    return f"{when[0].upper()}{when[1:]}, {counts}{beyond}."


def left_out_sentence(answer: Improvement, row: ImprovementRow, unit: str) -> str:
    """Say who has no bar, and why."""
    reasons = dict(answer.left_out)[row.visit]
    total = sum(n for _, n in reasons)
    words = ", ".join(f"{n} {reason}" for reason, n in reasons)
    missing = (
        f"Without a bar: {plural(total, 'patient')} ({words})."
        if total
        else ("Every patient has a bar.")
    )
    if unit == "percent" and row.zero_baseline:
        missing += (
            f" {plural(row.zero_baseline, 'patient')} with 0 before the operation, of whom there "
            "is no percent change."
        )
    return missing


def waterfall_legend(answer: Improvement, *, line: bool, many: bool) -> str:
    """Name every mark of the sorted bars."""
    error = answer.measure.error
    grey = (
        "; grey bars lie inside the measurement error of a single change (grey area)"
        if error is not None
        else "; the codebook names no measurement error of this measure"
    )
    bars = "Bars: medians of 200 equal slices of the patients" if many else "Bars: one patient each"
    dotted = " Dotted line: the chosen threshold." if line else ""
    return (
        f"{bars}, the greatest improvement at the left{grey}. Click one for its values. "
        f"Diamonds on the line: no change.{dotted}"
    )


def waterfall_alt(answer: Improvement, row: ImprovementRow, unit: str) -> str:
    """Say the sorted bars in words."""
    return (
        f"Bar chart. {improvement_title(answer, row.visit, unit)}. "
        f"{improvement_sentence(answer, row)} {left_out_sentence(answer, row, unit)}"
    )


def sparklines_legend(answer: Trajectory) -> str:
    """Name every mark of the small lines."""
    error = answer.measure.error
    same = f"within ±{error:g}" if error is not None else "no change"
    low, high = number(answer.measure.minimum, 0), number(answer.measure.maximum, 0)
    return (
        f"A small line for each patient over the visits, all from {low} to {high}; beside it the "
        "first and the last value. The least improved stand first. Green diamonds: last value "
        f"better than before; orange triangles: worse; grey dots: {same}, or no value before. "
        "Click one for its values."
    )


def sparklines_alt(answer: Trajectory) -> str:
    """Say the small lines in words."""
    n = 0 if answer.values is None else answer.values["patient_id"].n_unique()
    return (
        f"{plural(n, 'small line chart')} of {answer.measure.label} over the visits, one for each "
        "patient, the least improved first; the table holds every value."
    )


def no_line_words(threshold: Threshold | None, across: Sequence[tuple[float, str]]) -> str:
    """Say why the chosen threshold has no line among the bars."""
    if threshold is None or across:
        return ""
    return (
        f"The threshold ({threshold_label(threshold)}) has no line among these bars: it is of "
        "another unit, of the final score or of the baseline."
    )


def sparklines_title(answer: Trajectory) -> str:
    """Return the title of the small lines."""
    return f"{answer.measure.label} of patients: each course over the visits"


def sparklines_sentence(answer: Trajectory) -> str:
    """Say how many patients have a course, or why nobody has one."""
    n = 0 if answer.values is None else answer.values["patient_id"].n_unique()
    of = plural(answer.selection.n_patients, "patient")
    if answer.values is not None and not n:
        return nothing_measured(answer)
    if answer.values is None:
        return f"{answer.measure.label}: too many patients for a line each."
    return f"{n} of {of} with a value of {uncapitalised(answer.measure.label)}."
