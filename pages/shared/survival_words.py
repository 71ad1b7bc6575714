"""What survival says in words, and its chart beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pages.charts.survival_rows import BANDED_GROUPS, MONTH_DAYS, drawn, is_thinned
from pages.shared.sentences import nobody_in
from pages.shared.wording import THIN, interval, noun, number, p_equals, percent, plain, plural
from queries.grouping import EVERYBODY, SEVERAL
from queries.statistics.limits import ALPHA, FRAGILE_BELOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.cohort import Selection
    from queries.events import Events, GroupIncidence
    from queries.statistics.results import Comparison, Estimate
    from queries.statistics.survival import MedianTime
    from queries.survival import Figures, GroupSurvival, Survival

    Name = Callable[[str], str]

# Groups in the notes of the tests: `a has 4, b has 2`, `a (4), b (2)`, `expected in a, b: `.
COUNTED = re.compile(r"(?<=: |, )[^:,]+?(?= has \d| \(\d)")
LISTED = re.compile(r"(?<= expected in ).+?(?=: )")


def months(days: float | None) -> str:
    """Print days as months."""
    return number(None if days is None else days / MONTH_DAYS, 1)


def _span(time: MedianTime) -> str:
    if time.ci_low is None:
        return "no interval"
    high = "not reached" if time.ci_high is None else months(time.ci_high)
    return f"{100 * time.ci_level:.0f}{THIN}% CI {months(time.ci_low)} to {high}"


def median_words(time: MedianTime) -> str:
    """Print a median time with its interval, or that it was not reached."""
    if time.value is None:
        return "not reached"
    return f"{months(time.value)} months ({_span(time)})"


def limits(estimate: Estimate) -> str:
    """Print the interval of a share in per cent, or say that there is none."""
    if estimate.ci_low is None or estimate.ci_high is None:
        return "no interval"
    low, high = number(100 * estimate.ci_low, 1), number(100 * estimate.ci_high, 1)
    return f"{100 * estimate.ci_level:.0f}{THIN}% CI {low} to {high}{THIN}%"


def one_year_words(group: GroupSurvival) -> str:
    """Print survival at one year as one cell of a table."""
    one_year = group.figures.one_year
    if one_year is None:
        return "not observed"
    if one_year.value == 0:
        return "nobody known alive"
    if one_year.value == 1:
        return f"no death (mortality up to {percent(group.no_death_upper)})"
    return f"{percent(one_year.value)} ({limits(one_year)})"


def _at_one_year(group: GroupSurvival) -> str:
    one_year = group.figures.one_year
    if one_year is None:
        return "Nobody was observed for a whole year, so there is no one-year survival"
    if one_year.value == 0:
        return "Nobody was known to be alive at one year"
    if one_year.value == 1:
        observed = plural(group.followed_one_year, "patient")
        return (
            f"No death was seen in the first year; with {observed} observed for so long, a "
            f"mortality of up to {percent(group.no_death_upper)} cannot be excluded"
        )
    share = percent(one_year.value)
    return f"At one year an estimated {share} of patients were alive ({limits(one_year)})"


def survival_sentence(answer: Survival) -> str:
    """Say survival at one year, the median and the deaths, never more than was observed."""
    group, chosen = answer.total, answer.selection
    if not chosen.n_patients:
        return f"Survival: {nobody_in(chosen)}, so there is nothing to show."
    if not group.curve.n:
        return f"Survival: nobody was followed, so there is nothing to show. {left_out(group)}"
    n, deaths = group.curve.n, group.curve.n_events
    median = group.figures.median
    half = f"median survival {'was ' if median.value is None else ''}{median_words(median)}"
    fragile = f" Fragile: fewer than {FRAGILE_BELOW} patients." if n < FRAGILE_BELOW else ""
    return (
        f"{_at_one_year(group)}; {half}. "
        f"{plural(deaths, 'death')} among {plural(n, 'patient')} followed.{fragile}"
    )


def follow_up_sentence(group: GroupSurvival) -> str:
    """Say how long patients would have been followed without deaths."""
    time = group.follow_up
    reached = f"{months(time.value)} months ({_span(time)})"
    words = "not reached, too many died first" if time.value is None else reached
    return f"Median follow-up: {words}; reverse Kaplan-Meier."


def start_words(chosen: Selection) -> str:
    """Name the operation at which the time starts."""
    filtered = chosen.cohort.is_filtered
    return "the earliest operation of this choice" if filtered else "the first operation"


def start_sentence(answer: Survival) -> str:
    """Say where the time starts and where it ends."""
    return (
        f"Time runs from {start_words(answer.selection)} to death; those alive count until last "
        "seen, at most to the data date."
    )


def left_out(group: GroupSurvival | GroupIncidence) -> str:
    """Say who has no time, and why."""
    if not group.left_out:
        return ""
    words = ", ".join(f"{count} {reason}" for reason, count in group.left_out)
    return f"Left out: {words}."


def uncertain_sentence(group: GroupSurvival) -> str:
    """Say what deaths of unknown day could change."""
    if group.earliest is None or group.latest is None:
        return ""
    n = group.uncertain_deaths
    return (
        f"{plural(n, 'death')} of unknown day {'stands' if n == 1 else 'stand'} in the middle of "
        f"what is possible. As early as possible: {_figures(group.earliest)}; as late as "
        f"possible: {_figures(group.latest)}."
    )


def _figures(figures: Figures) -> str:
    one_year, median = figures.one_year, figures.median.value
    alive = "not observed" if one_year is None else _share(one_year.value)
    half = "not reached" if median is None else f"{months(median)} months"
    return f"one year {alive}, median {half}"


def _share(alive: float) -> str:
    return {0.0: "nobody known alive", 1.0: "no death"}.get(alive, percent(alive))


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


def comparison_sentence(test: Comparison, name: Name) -> str:
    """Say what the comparison of groups came to, never more than its interval allows."""
    if test.refused or test.p_adjusted is None:
        return ""
    groups = [plain(name(code)) for code in test.groups or ()]
    several = f"{', '.join(groups[:-1])} and {groups[-1]}"
    p = p_equals(test.p_adjusted)
    if test.p_adjusted >= ALPHA:
        return f"Survival of {several}: {p}; {cannot_exclude(test, groups)}."
    found = f"The survival of {several} differed ({p})"
    if test.estimate is not None:
        return f"{found}: {difference_words(test, name)}."
    return f"{found}{'' if len(groups) == 2 else '; which of them differ was not tested'}."


def cannot_exclude(test: Comparison, groups: list[str], state: str = "were alive") -> str:
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


def survival_alt(answer: Survival, name: Name) -> str:
    """Say a survival chart in words: what, n and result."""
    parts = [
        f"{name(group.group)}: {one_year_words(group)} at one year, {group.curve.n_events} of "
        f"{plural(group.curve.n, 'patient')} died"
        for group in drawn(answer)
        if group.group != EVERYBODY
    ]
    groups = f" By group: {'; '.join(parts)}." if parts else ""
    return (
        "Kaplan-Meier curve of the share of patients alive over the months from the operation, "
        f"n = {answer.total.curve.n}. {survival_sentence(answer)}{groups}"
    )


def survival_legend(answer: Survival) -> str:
    """Name every mark of a survival chart."""
    groups = drawn(answer)
    words = "Steps: share of patients alive (Kaplan-Meier); "
    words += "band: its 95 % CI" if len(groups) <= BANDED_GROUPS else "bars: 95 % CI at one year"
    words += " (log-log), drawn where somebody has died; small ticks: last seen alive."
    followed = sum(1 for group in answer.groups if group.curve.n) - 1
    if answer.by is not None and followed > len(groups):
        left = followed - len(groups)
        words += f" The {len(groups)} largest groups are drawn; {left} {noun(left, 'group')} more "
        words += "in the table."
    if is_thinned(groups):
        words += " Thinned for drawing: times closer than the eye can part are one step."
    return words
