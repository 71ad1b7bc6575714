"""Rows of the tables beside the survival chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.charts.survival_rows import at_risk, tick_months
from pages.shared.survival_words import median_words, months, one_year_words
from pages.shared.wording import number, percent, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.charts.survival_rows import Group, OfGroups
    from queries.survival import GroupSurvival, Survival

    Name = Callable[[str], str]


def group_rows(answer: Survival, name: Name) -> list[dict[str, str]]:
    """Return the groups in short, for the narrow column beside the chart."""
    return [
        {
            "group": plain(name(group.group)),
            "died": f"{group.curve.n_events} of {group.curve.n}",
            "at one year (95 % CI)": _in_short(group),
        }
        for group in answer.groups
    ]


def _in_short(group: GroupSurvival) -> str:
    year = group.figures.one_year
    if year is None:
        return "not observed"
    if year.ci_low is None or year.ci_high is None:
        return "no death" if year.value else "nobody known alive"
    low, high = number(100 * year.ci_low, 0), number(100 * year.ci_high, 0)
    return f"{percent(year.value, 0)} ({low} to {high})"


def _follow_up(group: GroupSurvival) -> str:
    days = group.follow_up.value
    return "not reached" if days is None else f"{months(days)} months"


def summary_rows(answer: Survival, name: Name) -> list[dict[str, str]]:
    """Return what is read from each curve."""
    return [
        {
            "group": plain(name(group.group)),
            "patients": str(group.curve.n),
            "deaths": str(group.curve.n_events),
            "alive at one year": one_year_words(group),
            "median survival": median_words(group.figures.median),
            "median follow-up": _follow_up(group),
            "left out": str(sum(count for _, count in group.left_out)),
        }
        for group in answer.groups
    ]


def at_risk_rows(answer: OfGroups[Group], name: Name) -> list[dict[str, str]]:
    """Return the number at risk of each group at the months under the axis."""
    groups = [group for group in answer.groups if group.curve.n]
    ticks = tick_months(groups)
    return [
        {
            "at risk after": plain(name(group.group)),
            **{
                f"{month} mo": str(n) for month, n in zip(ticks, at_risk(group, ticks), strict=True)
            },
        }
        for group in groups
    ]
