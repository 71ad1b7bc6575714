"""Heights and angles of treated levels: over the visits, and as gain and loss per level."""

from __future__ import annotations

from dataclasses import asdict
from math import ceil, floor
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE
from pages.charts.drawing import drawn_once
from pages.charts.groups import MARK_SCHEMA, Grouped, groups_chart
from pages.charts.over_visits import OverVisits, View, over_visits_chart
from pages.charts.trajectory import centre_of, change_centre, change_marks
from pages.shared.film_words import change_axis, value_axis
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.drawing import Drawing
    from pages.charts.theme import Palette
    from queries.alignment import Alignment, LevelRow

STEP = 5.0


@drawn_once
def alignment_chart(
    answer: Alignment, colours: Palette, *, view: View = "value", compact: bool = False
) -> Drawing:
    """Draw a height or an angle over the visits: each level's line and the median of levels.

    Parameters
    ----------
    answer : Alignment
        The result to draw.
    view : {"value", "change"}
        The measurement itself, or its change from before the operation; the centre of changes
        is the Hodges-Lehmann estimate on patient means.
    compact : bool
        A small chart without individuals and words.
    """
    change = view == "change"
    axis = change_axis if change else value_axis
    built = OverVisits(
        key="procedure_id",
        view=view,
        visits=tuple(visit for visit in answer.visits if not change or visit != BASELINE),
        domain=None,
        decimals=answer.measure.decimals,
        y_title=axis(answer.measure, answer.unit),
        n_title="patients with both films" if change else "levels with a film",
        tooltips=(
            ("patient_id", "patient"),
            ("level", "level"),
            ("course", axis(answer.measure, answer.unit)),
        ),
        grey="within_error" if answer.error is not None else None,
        better=answer.measure.better,
        compact=compact,
        spanned=change,
    )
    return over_visits_chart(
        built,
        colours,
        centre=change_centre(answer.paired) if change else _centre(answer.rows),
        lines=answer.values,
        reach=_domain(answer, view, compact=compact),
    )


@drawn_once
def alignment_groups_chart(
    answer: Alignment, colours: Palette, names: Sequence[tuple[str, str]], *, view: View = "value"
) -> Drawing:
    """Draw a height or an angle over the visits by group.

    Parameters
    ----------
    answer : Alignment
        The result to draw, asked with `by`.
    names : sequence of (str, str)
        Codes of the groups that are drawn, at most six, with their words.
    view : {"value", "change"}
        Medians of the levels of each group, which have no interval since levels of one patient
        are not independent; or Hodges-Lehmann changes of each group of patients with theirs.
    """
    change = view == "change"
    built = Grouped(
        visits=tuple(visit for visit in answer.visits if not change or visit != BASELINE),
        n_groups=len(names),
        domain=_group_domain(answer, view),
        decimals=answer.measure.decimals,
        y_title=(change_axis if change else value_axis)(answer.measure, answer.unit),
        n_title="patients with both films" if change else "levels with a film",
        zero=change,
    )
    medians = [(r.group, r.visit, r.n_levels, r.median, None, None) for r in answer.rows]
    marks = pl.DataFrame(medians, schema=MARK_SCHEMA, orient="row")
    return groups_chart(built, colours, change_marks(answer.changes) if change else marks, names)


def _group_domain(answer: Alignment, view: View) -> tuple[float, float]:
    if view == "value":
        shown = [row.median for row in answer.rows if row.median is not None]
    else:
        estimates = [change.estimate for change in answer.changes if change.estimate is not None]
        ends = [(e.value, e.ci_low, e.ci_high) for e in estimates]
        shown = [end for three in ends for end in three if end is not None]
    low, high = min([0.0, *shown]), max([0.0, *shown])
    return floor(low / STEP) * STEP, ceil(high / STEP) * STEP or STEP


def _centre(rows: tuple[LevelRow, ...]) -> pl.DataFrame:
    records = [
        {**asdict(row), "n": row.n_levels, "low": None, "high": None}
        for row in rows
        if row.group == EVERYBODY
    ]
    return centre_of(records)


def _domain(answer: Alignment, view: View, *, compact: bool) -> tuple[float, float]:
    column = "change" if view == "change" else "value"
    if answer.values is None or compact:
        shown = [end for row in answer.rows for end in (row.q1, row.q3) if end is not None]
    else:
        shown = answer.values[column].drop_nulls().to_list()
    low, high = min([0.0, *shown]), max([0.0, *shown])
    return floor(low / STEP) * STEP, ceil(high / STEP) * STEP or STEP
