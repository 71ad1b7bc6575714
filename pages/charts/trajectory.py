"""Scores over the visits: each patient's line, the median and its interval."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE
from pages.charts.groups import MARK_SCHEMA, Grouped, groups_chart
from pages.charts.over_visits import CENTRE_SCHEMA, OverVisits, View, over_visits_chart
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Threshold
    from pages.charts.drawing import Drawing
    from pages.charts.theme import Palette
    from queries.between import GroupChange
    from queries.statistics.results import Comparison, Estimate
    from queries.trajectory import Trajectory
    from queries.visit_rows import VisitRow


def trajectory_chart(
    answer: Trajectory,
    colours: Palette,
    *,
    view: View = "value",
    threshold: Threshold | None = None,
    compact: bool = False,
) -> Drawing:
    """Draw a score over the visits.

    Parameters
    ----------
    answer : Trajectory
        The result to draw.
    view : {"value", "change"}
        The score itself, or its change from baseline on complete pairs.
    threshold : Threshold, optional
        A published threshold, drawn from the median baseline, or from zero change.
    compact : bool
        A small chart without individuals and words.
    """
    measure = answer.measure
    change = view == "change"
    built = OverVisits(
        key="patient_id",
        view=view,
        visits=tuple(visit for visit in answer.visits if not change or visit != BASELINE),
        domain=_change_domain(answer) if change else (measure.minimum, measure.maximum),
        decimals=measure.decimals,
        y_title=f"{'Change of ' if change else ''}{measure.label}, {measure.unit}",
        n_title=f"patients with {'both values' if change else 'a value'}",
        tooltips=(
            ("patient_id", "patient"),
            ("when", "visit"),
            ("score", measure.label),
            ("change", "change from before"),
        ),
        dashed="complete",
        compact=compact,
    )
    return over_visits_chart(
        built,
        colours,
        centre=change_centre(answer.paired) if change else _centre(answer.rows),
        lines=answer.values,
        across=_threshold(answer, threshold, view),
    )


def trajectory_groups_chart(
    answer: Trajectory, colours: Palette, names: Sequence[tuple[str, str]], *, view: View = "value"
) -> Drawing:
    """Draw a score over the visits by group: medians, or Hodges-Lehmann changes, with intervals.

    Parameters
    ----------
    answer : Trajectory
        The result to draw, asked with `by`.
    names : sequence of (str, str)
        Codes of the groups that are drawn, at most six, with their words.
    view : {"value", "change"}
        The score itself, or its change from baseline on complete pairs.
    """
    measure = answer.measure
    change = view == "change"
    built = Grouped(
        visits=tuple(visit for visit in answer.visits if not change or visit != BASELINE),
        n_groups=len(names),
        domain=_change_domain(answer) if change else (measure.minimum, measure.maximum),
        decimals=measure.decimals,
        y_title=f"{'Change of ' if change else ''}{measure.label}, {measure.unit}",
        n_title=f"patients with {'both values' if change else 'a value'}",
        zero=change,
    )
    marks = change_marks(answer.changes) if change else _value_marks(answer.rows)
    return groups_chart(built, colours, marks, names)


def change_marks(changes: Sequence[GroupChange]) -> pl.DataFrame:
    """Return the estimated change of every group at every visit."""
    rows = [(c.group, c.visit, c.n_patients, *_ends(c.estimate)) for c in changes]
    return pl.DataFrame(rows, schema=MARK_SCHEMA, orient="row")


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None, float | None]:
    if estimate is None:
        return None, None, None
    return estimate.value, estimate.ci_low, estimate.ci_high


def _value_marks(rows: Sequence[VisitRow]) -> pl.DataFrame:
    marks = [(r.group, r.visit, r.n, r.median, r.median_low, r.median_high) for r in rows]
    return pl.DataFrame(marks, schema=MARK_SCHEMA, orient="row")


def _change_domain(answer: Trajectory) -> tuple[float, float]:
    """Leave the way to the better the whole span, and half of it to the worse."""
    span = answer.measure.maximum - answer.measure.minimum
    return (-span / 2, span) if answer.measure.better == "higher" else (-span, span / 2)


def _centre(rows: tuple[VisitRow, ...]) -> pl.DataFrame:
    records = [
        {**asdict(row), "low": row.median_low, "high": row.median_high}
        for row in rows
        if row.group == EVERYBODY
    ]
    return centre_of(records)


def centre_of(records: list[dict[str, object]]) -> pl.DataFrame:
    """Return the centre of a chart over the visits from records that hold more."""
    kept = [{name: record[name] for name in CENTRE_SCHEMA} for record in records]
    return pl.DataFrame(kept, schema=CENTRE_SCHEMA)


def change_centre(tests: tuple[Comparison, ...]) -> pl.DataFrame:
    """Return the centre of a chart of changes: the estimates of the tests."""
    return pl.DataFrame(
        [(t.visit, t.n_patients, t.estimate, t.ci_low, t.ci_high, None, None) for t in tests],
        schema=CENTRE_SCHEMA,
        orient="row",
    )


def threshold_height(answer: Trajectory, threshold: Threshold, view: View) -> float | None:
    """Return where a threshold lies on the axis, in the measure's unit, or None."""
    before = next((row.median for row in answer.rows if row.visit == BASELINE), None)
    if threshold.kind == "final":
        return threshold.value if view == "value" else None
    if before is None:
        return None
    step = threshold.value if threshold.kind == "absolute" else before * threshold.value / 100
    toward = -step if answer.measure.better == "lower" else step
    return toward if view == "change" else before + toward


def _threshold(
    answer: Trajectory, threshold: Threshold | None, view: View
) -> list[tuple[float, str]]:
    height = threshold_height(answer, threshold, view) if threshold else None
    if threshold is None or height is None:
        return []
    unit = " %" if threshold.kind == "percent" else f" {answer.measure.unit}"
    than = "before" if view == "change" else "the median before"
    words = f"{threshold.value:g}{unit} better than {than}"
    if threshold.kind == "final":
        words = f"final score {threshold.value:g}"
    return [(height, f"{words}: {threshold.label}")]
