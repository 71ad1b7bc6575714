"""What is said of scores by last visit attended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.score_tables import NONE, why_words
from pages.shared.score_words import later_words, nothing_to_show
from pages.shared.wording import THIN, at_visit, number, plural, visit_label, with_unit

if TYPE_CHECKING:
    from queries.dropout import Dropout


def dropout_title(answer: Dropout) -> str:
    """Return the title of the scores by last visit attended."""
    measure = answer.measure
    low, high = number(measure.minimum, 0), number(measure.maximum, 0)
    return f"{measure.label} of patients by last visit attended ({low} to {high} {measure.unit})"


def dropout_sentence(answer: Dropout) -> str:
    """Set those who left early beside those who stayed, where both were last seen together."""
    last = answer.last_visits
    if not last:
        return nothing_to_show(answer.measure, answer.selection, answer.of_later_sessions)
    stayed = last[-1]
    if len(last) == 1:
        return (
            f"{answer.measure.label}: all {plural(stayed.n_patients, 'patient')} with a value were "
            f"last measured {at_visit(stayed.last_visit)}, so nobody left earlier."
        )
    early = last[-2]
    rows = {row.last_visit: row for row in answer.rows if row.visit == early.last_visit}
    left, others = rows[early.last_visit], rows[stayed.last_visit]
    measure = answer.measure
    there = with_unit(left.median, measure.decimals, measure.unit)
    here = number(others.median, measure.decimals)
    n_left = sum(row.n_patients for row in last[:-1])
    when = at_visit(early.last_visit)
    return (
        f"{n_left} of {plural(n_left + stayed.n_patients, 'patient')} were last measured before "
        f"{visit_label(stayed.last_visit)}. {when[0].upper()}{when[1:]}, those last seen then "
        f"({why_words(early)}) had a median of {there} (n = {left.n}), those seen to the end "
        f"{here} (n = {others.n})."
    )


def dropout_lines(answer: Dropout) -> list[str]:
    """Say for every group why it was not measured again, and who was never measured."""
    lines = [
        f"Last seen {at_visit(row.last_visit)}: {plural(row.n_patients, 'patient')}"
        + (f"; then {why_words(row)}." if why_words(row) != NONE else ".")
        for row in answer.last_visits
    ]
    if answer.never:
        lines.append(f"Never measured: {plural(answer.never, 'patient')}.")
    return [*lines, later_words(answer.of_later_sessions)]


DROPOUT_NOTE = (
    "The groups are described, not tested: nobody is drawn at random into leaving. Where those who "
    "left were worse, the medians of later visits are too good; where they were not, that is no "
    "proof that nothing was lost."
)


def dropout_legend(answer: Dropout) -> str:
    """Name every mark of the chart by last visit."""
    lines = (
        "Single lines are not drawn above 5,000 values."
        if answer.values is None
        else "Thin lines: patients, each ending in the mark of its group."
    )
    return (
        "Marks: median of the patients with the same last visit; bars: its "
        f"95{THIN}% CI (from 6 patients up). {lines} Numbers below: patients of each group with a "
        "value."
    )
