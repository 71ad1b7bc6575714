"""What survival says in words, and its chart beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.charts.survival_rows import MONTH_DAYS
from pages.shared.curve_words import (
    compared_sentence,
    curve_alt,
    curve_legend,
    left_out,
    limits,
    start_words,
)
from pages.shared.sentences import nobody_in
from pages.shared.wording import THIN, number, percent, plural
from queries.statistics.limits import FRAGILE_BELOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.statistics.results import Comparison
    from queries.statistics.survival import MedianTime
    from queries.survival import Figures, GroupSurvival, Survival

    Name = Callable[[str], str]


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


def start_sentence(answer: Survival) -> str:
    """Say where the time starts and where it ends."""
    return (
        f"Time runs from {start_words(answer.selection)} to death; those alive count until last "
        "seen, at most to the data date."
    )


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


def comparison_sentence(test: Comparison, name: Name) -> str:
    """Say what the comparison of groups came to, never more than its interval allows."""
    return compared_sentence(
        test,
        name,
        open_to="Survival of {}",
        differed="The survival of {} differed",
        state="were alive",
        what="survival",
    )


def survival_alt(answer: Survival, name: Name) -> str:
    """Say a survival chart in words: what, n and result."""
    what = "Kaplan-Meier curve of the share of patients alive over the months from the operation"
    return curve_alt(
        answer,
        name,
        f"{what}, n = {answer.total.curve.n}. {survival_sentence(answer)}",
        lambda group: f"{one_year_words(group)} at one year",
        "died",
    )


def survival_legend(answer: Survival) -> str:
    """Name every mark of a survival chart."""
    return curve_legend(
        answer,
        "share of patients alive (Kaplan-Meier)",
        "(log-log), drawn where somebody has died; small ticks: last seen alive",
    )
