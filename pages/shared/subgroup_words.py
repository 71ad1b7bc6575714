"""What is said of subgroups: title, finding, rows of the chart and of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.group_words import FIELDS, group_line
from pages.shared.sentences import nobody_in, rate
from pages.shared.wording import (
    THIN,
    at_visit,
    interval,
    marked,
    number,
    p_equals,
    p_value,
    plain,
    plural,
    uncapitalised,
    with_unit,
)
from queries.grouping import EVERYBODY, group_label
from queries.statistics.group_sizes import listed
from queries.statistics.limits import ALPHA, INTERVAL_PAIRS, RATE_NEEDS

if TYPE_CHECKING:
    from queries.grouping import By
    from queries.statistics.results import Comparison
    from queries.subgroups import Subgroup, Subgroups

LEAKAGE = "Cement leakage"
WHOLE = "all patients"


def subgroups_title(answer: Subgroups) -> str:
    """Return the title: the outcome, the visit and the unit of analysis."""
    if answer.measure is None:
        return f"{LEAKAGE} of treated levels in subgroups"
    of = "patients"
    if answer.measure.unit_of_analysis == "level":
        of += " (means of their levels)"
    when = "" if answer.visit is None else f" {at_visit(answer.visit)}"
    return f"{answer.measure.label}: change{when} in subgroups of {of}"


def subgroups_sentence(answer: Subgroups) -> str:
    """Say the whole, then which fields tell their groups apart, never a P inside a group."""
    if not _measured(answer):
        return _nothing(answer)
    tested = [test for test in answer.comparisons if test.p_adjusted is not None]
    refused = [test for test in answer.comparisons if test.p_adjusted is None]
    return " ".join(filter(None, [_whole(answer), _fields(tested), _refusals(refused)]))


def _measured(answer: Subgroups) -> bool:
    total = answer.total
    return total.estimate is not None or bool(total.rate and total.rate.n)


def _nothing(answer: Subgroups) -> str:
    name = LEAKAGE if answer.measure is None else answer.measure.label
    if not answer.selection.n_patients:
        return f"{name}: {nobody_in(answer.selection)}, so there are no subgroups."
    if answer.measure is None:
        return f"{name}: nobody looked for a leak, so there is no rate in any subgroup."
    when = "after the operation" if answer.visit is None else at_visit(answer.visit)
    later = (
        f"; the baseline of {plural(answer.of_later_sessions, 'patient')} belongs to an earlier "
        "operation"
        if answer.of_later_sessions
        else ""
    )
    return f"{name}: nobody has a value before the operation and one {when}{later}."


def _whole(answer: Subgroups) -> str:
    total = answer.total
    if total.rate is not None:
        return f"All: {rate(total.rate, 'level')} leaked."
    n = plural(total.n_patients, "patient")
    levels = "" if total.n_levels is None else f" ({plural(total.n_levels, 'level')})"
    return f"All: {_change(answer, total)} in {n}{levels}."


def _change(answer: Subgroups, row: Subgroup) -> str:
    if answer.measure is None or row.estimate is None:
        return "–"
    decimals, found = answer.measure.decimals, row.estimate
    value = with_unit(found.value, decimals, answer.measure.unit, sign=True)
    return f"{value} ({interval(found.ci_low, found.ci_high, decimals)})"


def _fields(tested: list[Comparison]) -> str:
    if not tested:
        return ""
    apart = [test for test in tested if (test.p_adjusted or 0.0) < ALPHA]
    family = f"Holm over {plural(len(tested), 'field')}"
    if apart:
        names = listed([f"{_field(test)} ({p_equals(test.p_adjusted or 0.0)})" for test in apart])
        return f"After {family} the groups differ by {names}."
    least = min(tested, key=lambda test: test.p or 0.0)
    return (
        f"No field tells its groups apart (smallest {p_equals(least.p or 0.0)}, by "
        f"{_field(least)}; {p_value(least.p_adjusted)} after {family})."
    )


def _refusals(refused: list[Comparison]) -> str:
    if not refused:
        return ""
    reasons: dict[str, list[str]] = {}
    for test in refused:
        reasons.setdefault(plain(str(test.refused)), []).append(_field(test))
    said = "; ".join(f"by {listed(names)}: {reason}" for reason, names in reasons.items())
    return f"No test {said}."


def _field(test: Comparison) -> str:
    return FIELDS[test.by or "sex"]


def field_title(by: By) -> str:
    """Return how a field reads as a heading."""
    return FIELDS[by].capitalize()


def group_words(answer: Subgroups, row: Subgroup) -> str:
    """Return how a row reads."""
    if row.by is None:
        return WHOLE if row.group == EVERYBODY else row.group
    return group_label(row.by, row.group, answer.selection.convention)


def printed(answer: Subgroups, row: Subgroup) -> str:
    """Print the estimate of a row with its interval, or k of n for a rate."""
    if row.rate is not None:
        words = f"{row.rate.k} of {plural(row.rate.n, 'level')}"
        shown = row.rate.k and row.rate.n >= RATE_NEEDS
        return f"{words} ({number(100 * (row.rate.rate or 0), 1)}{THIN}%)" if shown else words
    if row.estimate is None or answer.measure is None:
        return "no change recorded"
    decimals, found = answer.measure.decimals, row.estimate
    value = number(found.value, decimals, sign=True)
    if found.ci_low is None:
        return value
    return f"{value} ({number(found.ci_low, decimals)} to {number(found.ci_high, decimals)})"


def counted(row: Subgroup) -> str:
    """Print the patients behind a row, with their levels where a level measure has them."""
    if row.n_levels is None or row.rate is not None:
        return plural(row.n_patients, "patient")
    return f"{plural(row.n_patients, 'patient')}, {plural(row.n_levels, 'level')}"


def p_of_field(answer: Subgroups, by: By) -> str:
    """Print the one P of a field, or that there is no test."""
    test = next((test for test in answer.comparisons if test.by == by), None)
    if test is None or test.p is None or test.p_adjusted is None:
        return "no test"
    return f"between the groups {p_equals(test.p)}, Holm {p_value(test.p_adjusted)}"


def axis_title(answer: Subgroups) -> str:
    """Return the title of the axis, with the better direction."""
    measure = answer.measure
    if measure is None:
        return "levels with a leak"
    side = {"lower": "left", "higher": "right"}[measure.better]
    return f"change of {uncapitalised(measure.label)}, {measure.unit} ({side} is better)"


def subgroups_legend(answer: Subgroups) -> str:
    """Name every mark of the chart."""
    if answer.measure is None:
        marks = (
            f"Dots: levels with a leak among the levels looked at; bars: 95{THIN}% CI on the "
            "effective sample size. A patient can have levels in several regions."
        )
    else:
        of = (
            "the patients' changes"
            if answer.measure.unit_of_analysis == "patient"
            else "the patients' mean changes over their levels"
        )
        marks = (
            f"Dots: Hodges-Lehmann median of {of}; bars: its 95{THIN}% CI, not adjusted. Hollow: "
            f"fewer than {INTERVAL_PAIRS} patients, so no interval."
        )
    return (
        f"{marks} Diamond and dotted line: everybody. Beside a field's name: the one P between its "
        "groups, raw and after Holm; there is none inside a group. Groups of nobody stand in the "
        "table alone."
    )


def exploratory_sentence() -> str:
    """Say what kind of finding a subgroup is."""
    return (
        "Exploratory: subgroups were looked at after the fact, the fields overlap, and in groups "
        "of this size only large differences would show. One group is told from another by the "
        "test between them, never by its own interval."
    )


def subgroups_alt(answer: Subgroups) -> str:
    """Say the chart in words."""
    rows = "; ".join(
        f"{group_words(answer, row)} {printed(answer, row)}, {counted(row)}"
        for row in answer.rows
        if row.estimate is not None or row.rate is not None
    )
    return f"Forest plot. {subgroups_title(answer)}. {subgroups_sentence(answer)} {rows}."


def subgroup_rows(answer: Subgroups) -> list[dict[str, str]]:
    """Return every group as a table."""
    return [
        {
            "field": "" if row.by is None else FIELDS[row.by],
            "group": plain(group_words(answer, row)),
            f"estimate (95{THIN}% CI)": printed(answer, row),
            "n": counted(row),
        }
        for row in answer.rows
    ]


def test_lines(answer: Subgroups) -> list[str]:
    """Print the test of every field in one line with what it rests on."""
    chosen = answer.selection
    decimals = 1 if answer.measure is None else answer.measure.decimals
    lines = [
        f"**By {_field(test)}:** "
        + group_line(test, decimals, of_patients=chosen.n_patients, convention=chosen.convention)
        for test in answer.comparisons
    ]
    return [marked(line, synthetic=chosen.synthetic) for line in lines]
