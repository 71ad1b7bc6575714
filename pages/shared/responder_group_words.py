"""What is said of responders in groups: sentences, lines and tables of their comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.responder_words import (
    AMONG_LABELS,
    counts,
    groups_of,
    headline_visit,
    responders_title,
    row_of,
)
from pages.shared.sentences import shared_notes
from pages.shared.wording import (
    interval,
    marked,
    number,
    p_equals,
    p_value,
    plain,
    plural,
    visit_label,
)
from queries.grouping import EVERYBODY
from queries.statistics.limits import ALPHA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from queries.responders import Responders
    from queries.statistics.results import Comparison

    Name = Callable[[str], str]

UNIT = "percentage points"


def _shown(name: Name, group: str) -> str:
    """Return how a group reads in running text, none of it as markup."""
    return plain(name(group))


def _by_group(answer: Responders, visit: str, among: str, groups: Sequence[str], name: Name) -> str:
    return ", ".join(
        f"{name(group)} {found.k} of {found.n}"
        for group in groups
        for found in [row_of(answer, visit, among, group).proportion]
    )


def _points(fraction: float | None) -> str:
    return number(None if fraction is None else 100 * fraction, 1)


def groups_sentence(answer: Responders, test: Comparison, name: Name) -> str:
    """Say how the groups compare at one visit, never more than the interval allows."""
    groups = test.groups or ()
    counted = plain(_by_group(answer, str(test.visit), "assessed", groups, name))
    base = f"{visit_label(test.visit).capitalize()}, among the assessed: {counted}"
    if test.refused:
        allowed = "" if test.estimate is None else f"; {_cannot_exclude(test, name)}"
        return f"{base}. No test: {test.refused}{allowed}."
    evident = (test.p_adjusted or 0.0) < ALPHA
    if test.estimate is None:
        words = (
            "the groups differ in how often it was reached; their intervals show where"
            if evident
            else "this cannot exclude that the groups differ"
        )
        return f"{base}; {words} ({p_equals(test.p_adjusted or 0.0)} after {test.adjustment})."
    if not evident:
        return f"{base}; {_cannot_exclude(test, name)}."
    more = _shown(name, groups[0] if test.estimate > 0 else groups[1])
    return (
        f"{base}; reached more often in the group {more}, by {_points(abs(test.estimate))} {UNIT} "
        f"(difference {_difference(test, name)})."
    )


def _cannot_exclude(test: Comparison, name: Name) -> str:
    low, high = test.ci_low or 0.0, test.ci_high or 0.0
    first, second = (_shown(name, group) for group in test.groups or ())
    if low > 0 or high < 0:
        after = (
            "no test stands beside it"
            if test.p_adjusted is None
            else (
                f"after {test.adjustment} over {plural(test.family_size or 0, 'test')} "
                f"{p_equals(test.p_adjusted)}"
            )
        )
        return (
            f"the interval of the difference leaves out zero ({_difference(test, name)}), but "
            f"{after}, so a chance finding cannot be excluded"
        )
    return (
        f"this cannot exclude a rate higher by up to {_points(high)} {UNIT} for {first}, or by "
        f"up to {_points(-low)} for {second}"
    )


def _difference(test: Comparison, name: Name) -> str:
    first, second = (_shown(name, group) for group in test.groups or ())
    span = interval(
        None if test.ci_low is None else 100 * test.ci_low,
        None if test.ci_high is None else 100 * test.ci_high,
        1,
        test.ci_level,
    )
    value = number(None if test.estimate is None else 100 * test.estimate, 1, sign=True)
    return f"{first} minus {second} {value} {UNIT}, {span}"


def groups_line(test: Comparison, name: Name, *, of_patients: int) -> str:
    """Print one comparison in one line: method, statistic, P raw and adjusted, difference, n."""
    people = f"{test.n_patients} of {plural(of_patients, 'patient')}"
    if test.n_excluded:
        people += f", {test.n_excluded} not in it"
    difference = (
        ""
        if test.estimate is None
        else f"difference in rates (Newcombe): {_difference(test, name)}; "
    )
    noted = "".join(f" {plain(note[0].upper() + note[1:])}." for note in test.notes)
    if test.refused or test.p is None or test.p_adjusted is None:
        return f"No test: {test.refused}; {difference}{people}.{noted}"
    df = "" if test.df is None else f", df = {number(test.df, 0 if test.df % 1 == 0 else 2)}"
    return (
        f"{test.method}: {test.statistic_name} = {number(test.statistic, 2)}{df}, "
        f"{p_equals(test.p)} (raw), {p_equals(test.p_adjusted)} ({test.adjustment}, "
        f"{plural(test.family_size or 0, 'test')}); {difference}{people}.{noted}"
    )


def headline_comparison(answer: Responders) -> Comparison | None:
    """Return the comparison of the headline visit, or of the latest one."""
    by_visit = {test.visit: test for test in answer.comparisons}
    latest = list(by_visit.values())[-1:]
    return by_visit.get(headline_visit(answer)) or (latest[0] if latest else None)


def comparison_rows(answer: Responders) -> list[dict[str, str]]:
    """Return the comparisons of the groups, one row per visit."""
    pairs = any(test.estimate is not None for test in answer.comparisons)
    return [
        {
            "visit": visit_label(test.visit),
            **({"difference (95 % CI)": _limits(test)} if pairs else {}),
            "P (Holm)": "no test" if test.refused else p_value(test.p_adjusted),
            "patients": str(test.n_patients),
        }
        for test in answer.comparisons
    ]


def _limits(test: Comparison) -> str:
    if test.estimate is None:
        return "–"
    return f"{_points(test.estimate)} ({_points(test.ci_low)} to {_points(test.ci_high)})"


def notes_sentence(answer: Responders) -> str:
    """Return the quiet words beside the comparisons."""
    shown = any(test.estimate is not None for test in answer.comparisons)
    notes = (plain(note) for note in shared_notes(answer.comparisons))
    return " · ".join([*([UNIT] if shown else []), *notes])


def comparison_lines(answer: Responders, name: Name) -> list[str]:
    """Print every comparison in one line with what it rests on."""
    lines = ["**The tests, each with what it rests on**"]
    synthetic, of_patients = answer.selection.synthetic, answer.selection.n_patients
    for test in answer.comparisons:
        line = groups_line(test, name, of_patients=of_patients)
        lines.append(marked(f"**{visit_label(test.visit)}:** {line}", synthetic=synthetic))
    return lines if answer.comparisons else []


def groups_alt(answer: Responders, visits: Sequence[str], among: str, name: Name) -> str:
    """Say the chart of the groups in words."""
    parts = ". ".join(
        f"{visit_label(visit)}: {_by_group(answer, visit, among, groups_of(answer), name)}"
        for visit in visits
    )
    return f"Dot chart. {responders_title(answer)}, {AMONG_LABELS[among]}. {parts}."


def group_rows(answer: Responders, among: str, name: Name) -> list[dict[str, str]]:
    """Return the groups with k of n at every visit, for the chosen threshold."""
    return [
        {
            "group": _shown(name, group),
            **{
                visit_label(visit): counts(row_of(answer, visit, among, group).proportion)
                for visit in answer.visits
            },
        }
        for group in (EVERYBODY, *groups_of(answer))
    ]
