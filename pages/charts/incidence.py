"""Cumulative incidence as rising steps, with its interval and the number at risk under the axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pages.charts.drawing import Drawing, drawn_once
from pages.charts.survival import Built, Share, steps_structure
from pages.charts.survival_rows import (
    BANDED_GROUPS,
    DODGE_MONTHS,
    LABEL_GAP,
    MONTH_DAYS,
    beside_year,
    cells_of,
    drawn,
    ends_rows,
    from_start,
    last_month,
    risk_rows,
    tick_months,
)
from pages.shared.wording import number, percent
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages.charts.theme import Palette
    from queries.events import Events, GroupIncidence

# How high the axis may reach, with the steps of its grid.
TOPS = {0.1: 0.02, 0.2: 0.05, 0.3: 0.1, 0.4: 0.1, 0.6: 0.2, 0.8: 0.2, 1.0: 0.2}
NEARLY = 1e-9
HAD_EVENT = Share("incidence", "patients with the event", "had the event")
YEAR_COLUMNS = ("year", "months", "incidence", "low", "high")


@drawn_once
def incidence_chart(answer: Events, colours: Palette, name: Callable[[str], str]) -> Drawing:
    """Draw the share who have had an event over the months from the operation.

    Parameters
    ----------
    answer : Events
        The result to draw; somebody must have been followed.
    name : callable
        Gives each group's code its label.
    """
    groups = drawn(answer)
    single = answer.by is None
    labels = ["at risk"] if single else [name(group.group) for group in groups]
    ticks, cells = tick_months(groups), cells_of(groups)
    top = top_of(groups)
    steps = pl.concat(
        _steps(place, label, group, cells)
        for place, (label, group) in enumerate(zip(labels, groups, strict=True))
    )
    year = _year(groups)
    spans = steps if len(groups) <= BANDED_GROUPS else year
    tables = {
        "steps": steps.drop("censored"),
        "censored": steps.filter("censored").select("place", "months", "incidence"),
        "spans": spans.filter(pl.col("low").is_not_null()).select("place", "months", "low", "high"),
        "year": beside_year(year, groups, below=False) if single else year.clear(),
        "ends": ends_rows(steps, "incidence", LABEL_GAP * top),
        "risk": risk_rows(
            labels,
            groups,
            ticks,
            end=last_month(steps, spans),
            top=top + NEARLY,  # three steps of a tenth are a hair above 0.3
            rule=TOPS[top],
        ),
    }
    return Drawing(steps_structure(Built(len(groups), single, HAD_EVENT), colours), tables)


def top_of(groups: Sequence[GroupIncidence]) -> float:
    """Return how high the axis reaches: as far as the intervals that are drawn."""
    banded = len(groups) <= BANDED_GROUPS
    reached = [float(group.curve.incidence[-1]) for group in groups]
    for group in groups:
        if banded:
            reached += group.curve.ci_high[~np.isnan(group.curve.ci_high)].tolist()
        elif group.one_year is not None and group.one_year.ci_high is not None:
            reached.append(group.one_year.ci_high)
    return next(top for top in TOPS if max(reached) <= top + NEARLY)


def _steps(place: int, label: str, group: GroupIncidence, cells: int | None) -> pl.DataFrame:
    curve = group.curve
    staying = np.append(curve.at_risk[1:], 0)
    frame = pl.DataFrame(
        {
            "months": curve.times / MONTH_DAYS,
            "incidence": curve.incidence,
            "low": curve.ci_low,
            "high": curve.ci_high,
            "at_risk": curve.at_risk,
            "censored": curve.at_risk - curve.events - curve.competing > staying,
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))
    return from_start(place, label, frame, "incidence", 0.0, cells)


def _year(groups: Sequence[GroupIncidence]) -> pl.DataFrame:
    """Return the incidence at one year, the intervals of more than two groups side by side."""
    read = [
        (place, group.one_year)
        for place, group in enumerate(groups)
        if group.one_year is not None and group.one_year.ci_low is not None
    ]
    dodge = DODGE_MONTHS if len(groups) > BANDED_GROUPS else 0.0
    rows = [
        (
            place,
            12.0,
            12 + dodge * (2 * beside - len(read) + 1),
            year.value,
            year.ci_low,
            year.ci_high,
            _words(groups[place]),
        )
        for beside, (place, year) in enumerate(read)
    ]
    schema = {"place": pl.Int64, **dict.fromkeys(YEAR_COLUMNS, pl.Float64), "words": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _words(group: GroupIncidence) -> str:
    """Print the incidence at one year beside its mark; below 20 patients with its interval."""
    year = group.one_year
    if year is None or year.ci_low is None or year.ci_high is None:
        return ""
    if group.curve.n >= RATE_NEEDS:
        return f"{percent(year.value)} at one year"
    span = f"{number(100 * year.ci_low, 1)} to {number(100 * year.ci_high, 1)}"
    return f"{percent(year.value)} ({span}) at one year"
