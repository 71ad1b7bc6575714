"""What curves of groups say in words, whether of survival or of events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pages.charts.survival_rows import BANDED_GROUPS, drawn, is_thinned
from pages.shared.wording import THIN, interval, noun, number, p_equals, plain, plural
from queries.grouping import EVERYBODY, SEVERAL
from queries.statistics.limits import ALPHA

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.charts.survival_rows import Group, OfGroups
    from queries.cohort import Selection
    from queries.events import Events, GroupIncidence
    from queries.statistics.results import Comparison, Estimate
    from queries.survival import GroupSurvival, Survival

    Name = Callable[[str], str]

# Groups in the notes of the tests: `a has 4, b has 2`, `a (4), b (2)`, `expected in a, b: `.
COUNTED = re.compile(r"(?<=: |, )[^:,]+?(?= has \d| \(\d)")
LISTED = re.compile(r"(?<= expected in ).+?(?=: )")


def limits(estimate: Estimate) -> str:
    """Print the interval of a share in per cent, or say that there is none."""
    if estimate.ci_low is None or estimate.ci_high is None:
        return "no interval"
    low, high = number(100 * estimate.ci_low, 1), number(100 * estimate.ci_high, 1)
    return f"{100 * estimate.ci_level:.0f}{THIN}% CI {low} to {high}{THIN}%"


def start_words(chosen: Selection) -> str:
    """Name the operation at which the time starts."""
    filtered = chosen.cohort.is_filtered
    return "the earliest operation of this choice" if filtered else "the first operation"


def left_out(group: GroupSurvival | GroupIncidence) -> str:
    """Say who has no time, and why."""
    if not group.left_out:
        return ""
    words = ", ".join(f"{count} {reason}" for reason, count in group.left_out)
    return f"Left out: {words}."


def several_sentence(answer: Survival | Events) -> str:
    """Say who is in the group of several."""
    if all(group.group != SEVERAL for group in answer.groups):
        return ""
    return "A patient whose levels lie in more than one group is in the group *several*."


def comparison_line(test: Comparison, name: Name, what: str = "survival") -> str:
    """Print the comparison of groups in one line: method, statistic, P, estimate, n."""
    difference = f"; {difference_words(test, name, what)}" if test.estimate is not None else ""
    who = plural(test.n_patients, "patient")
    if test.n_excluded:
        who += f", {test.n_excluded} not compared"
    if test.refused or test.p_adjusted is None:
        return f"No test: {in_words(str(test.refused), name)}{difference}; {who}."
    method = f"{str(test.method)[:1].upper()}{str(test.method)[1:]}"
    return (
        f"{method}: {test.statistic_name} = {number(test.statistic, 2)}, "
        f"df = {number(test.df, 0)}, {p_equals(test.p_adjusted)} ({test.adjustment}, "
        f"{plural(test.family_size or 0, 'test')}){difference}; {who}."
    )


def difference_words(test: Comparison, name: Name, what: str = "survival") -> str:
    """Print the difference between two groups at one year."""
    first, second = (plain(name(code)) for code in test.groups or ())
    return f"difference in one-year {what}, {first} less {second}, {_points(test)}"


def _points(test: Comparison) -> str:
    low, high = (None if end is None else 100 * end for end in (test.ci_low, test.ci_high))
    return (
        f"{number(100 * (test.estimate or 0.0), 1, sign=True)} percentage points "
        f"({interval(low, high, 1, test.ci_level)})"
    )


def cannot_exclude(test: Comparison, groups: list[str], state: str) -> str:
    """Say which differences at one year the interval leaves open."""
    if test.ci_low is None or test.ci_high is None:
        return "a difference between them is neither shown nor excluded"
    low, high = 100 * test.ci_low, 100 * test.ci_high
    if low > 0 or high < 0:
        return (
            "the difference at one year alone leaves out zero, the test of the whole curves does "
            "not, so a chance finding cannot be excluded"
        )
    ends = [
        f"{number(end, 1)} percentage points {word}"
        for end, word in ((high, "more"), (-low, "fewer"))
        if end > 0
    ]
    return (
        f"at one year this cannot exclude that up to {' or '.join(ends)} of {groups[0]} than of "
        f"{groups[1]} {state}"
    )


def in_words(text: str, name: Name) -> str:
    """Put labels in the place of group codes where a note or a reason lists groups."""
    counted = COUNTED.sub(lambda found: plain(name(found.group())), text)
    return LISTED.sub(
        lambda found: ", ".join(plain(name(c)) for c in found[0].split(", ")), counted
    )


def comparison_notes(test: Comparison, name: Name) -> str:
    """Print what a reader must know to weigh the comparison, and the other ways to do it."""
    notes = ["Exploratory", *(in_words(note, name) for note in test.notes)]
    others = [
        f"{other.name}: {'no P' if other.p is None else p_equals(other.p)}"
        + (
            f", {number(100 * other.estimate, 1, sign=True)} percentage points"
            if other.estimate is not None
            else ""
        )
        for other in test.sensitivity
    ]
    sensitivity = f" Sensitivity analyses: {'; '.join(others)}." if others else ""
    return f"{' · '.join(notes)}.{sensitivity}"


def compared_sentence(
    test: Comparison, name: Name, *, open_to: str, differed: str, state: str, what: str
) -> str:
    """Say what the comparison of groups came to, never more than its interval allows.

    Parameters
    ----------
    open_to, differed : str
        How the sentence begins without and with a difference; ``{}`` stands for the groups.
    state : str
        What the patients of a group did or had, as in `cannot_exclude`.
    what : str
        What differs at one year, as in `difference_words`.
    """
    if test.refused or test.p_adjusted is None:
        return ""
    groups = [plain(name(code)) for code in test.groups or ()]
    several = f"{', '.join(groups[:-1])} and {groups[-1]}"
    p = p_equals(test.p_adjusted)
    if test.p_adjusted >= ALPHA:
        return f"{open_to.format(several)}: {p}; {cannot_exclude(test, groups, state)}."
    found = f"{differed.format(several)} ({p})"
    if test.estimate is not None:
        return f"{found}: {difference_words(test, name, what)}."
    return f"{found}{'' if len(groups) == 2 else '; which of them differ was not tested'}."


def curve_alt(
    answer: OfGroups[Group],
    name: Name,
    whole: str,
    at_one_year: Callable[[Group], str],
    happened: str,
) -> str:
    """Say a chart of curves in words: the whole, and each group that is drawn.

    Parameters
    ----------
    whole : str
        What is drawn, n and the result of everybody.
    happened : str
        What the counted patients of a group did or had.
    """
    parts = [
        f"{name(group.group)}: {at_one_year(group)}, {group.curve.n_events} of "
        f"{plural(group.curve.n, 'patient')} {happened}"
        for group in drawn(answer)
        if group.group != EVERYBODY
    ]
    return f"{whole} By group: {'; '.join(parts)}." if parts else whole


def curve_legend(answer: OfGroups[Group], share: str, how: str) -> str:
    """Name every mark of a chart of curves.

    Parameters
    ----------
    share : str
        What the height of a step is, with its method.
    how : str
        The scale of the interval, where it is drawn, and what the small ticks are.
    """
    groups = drawn(answer)
    interval_ = "band: its 95 % CI" if len(groups) <= BANDED_GROUPS else "bars: 95 % CI at one year"
    words = f"Steps: {share}; {interval_} {how}."
    followed = sum(1 for group in answer.groups if group.curve.n) - 1
    if answer.by is not None and followed > len(groups):
        left = followed - len(groups)
        words += f" The {len(groups)} largest groups are drawn; {left} {noun(left, 'group')} more "
        words += "in the table."
    if is_thinned(groups):
        words += " Thinned for drawing: times closer than the eye can part are one step."
    return words
