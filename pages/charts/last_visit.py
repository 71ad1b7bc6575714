"""Scores by last visit attended: those who left early beside those who stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import visits
from pages.charts.drawing import drawn_once
from pages.charts.groups import MARK_SCHEMA, Grouped, groups_chart

if TYPE_CHECKING:
    from pages.charts.drawing import Drawing
    from pages.charts.theme import Palette
    from queries.dropout import Dropout


@drawn_once
def last_visit_chart(answer: Dropout, colours: Palette) -> Drawing:
    """Draw the median of each group of patients with the same last visit, and their lines."""
    measure = answer.measure
    built = Grouped(
        visits=answer.visits,
        n_groups=len(answer.last_visits),
        domain=(measure.minimum, measure.maximum),
        decimals=measure.decimals,
        y_title=f"{measure.label}, {measure.unit}",
        n_title="patients with a value, by last visit attended",
        zero=False,
    )
    marks = [
        (r.last_visit, r.visit, r.n, r.median, r.median_low, r.median_high) for r in answer.rows
    ]
    lines = None
    if answer.values is not None:
        lines = answer.values.rename({"last_visit": "group"})
    return groups_chart(
        built,
        colours,
        pl.DataFrame(marks, schema=MARK_SCHEMA, orient="row"),
        last_visit_names(answer),
        lines=lines,
    )


def last_visit_names(answer: Dropout) -> list[tuple[str, str]]:
    """Return the groups with the words that stand beside their lines."""
    return [
        (row.last_visit, f"{_seen(row.last_visit)} ({row.n_patients})")
        for row in answer.last_visits
    ]


def _seen(visit: str) -> str:
    label = visits()[visit].short_label
    return f"last seen {'' if label in ('before', 'after') else 'at '}{label}"
