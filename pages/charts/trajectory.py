"""Scores over the visits: each patient's line, the median and its interval."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, bands
from pages.charts.drawing import drawn_once
from pages.charts.groups import MARK_SCHEMA, Grouped, groups_chart
from pages.charts.over_visits import CENTRE_SCHEMA, OverVisits, View, over_visits_chart
from pages.charts.scale_marks import band_rows, end_rows
from queries.grouping import EVERYBODY
from queries.reaching import needed_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Threshold
    from pages.charts.drawing import Drawing
    from pages.charts.theme import Palette
    from queries.between import GroupChange
    from queries.statistics.results import Comparison, Estimate
    from queries.trajectory import Trajectory
    from queries.visit_rows import VisitRow

N_TITLES: dict[View, str] = {
    "value": "patients with a value",
    "change": "patients with both values",
    "percent": "patients with both values, the first above 0",
}


@drawn_once
def trajectory_chart(
    answer: Trajectory,
    colours: Palette,
    *,
    view: View = "value",
    threshold: Threshold | None = None,
    compact: bool = False,
    upto: str | None = None,
) -> Drawing:
    """Draw a score over the visits.

    Parameters
    ----------
    answer : Trajectory
        The result to draw.
    view : {"value", "change", "percent"}
        The score itself, or its change from baseline on complete pairs, in its unit or in per
        cent of the baseline.
    threshold : Threshold, optional
        A published threshold, drawn from the median baseline, or from zero change.
    compact : bool
        A small chart without individuals and words.
    upto : str, optional
        The last visit that is drawn, when the visits are stepped through.
    """
    measure = answer.measure
    whole = view == "value"
    known = bands(measure.code) if whole and not compact else ()
    built = OverVisits(
        key="patient_id",
        view=view,
        visits=drawn_visits(answer, view),
        domain=domain_of(answer, view),
        decimals=0 if view == "percent" else measure.decimals,
        y_title=y_title(answer, view),
        n_title=N_TITLES[view],
        tooltips=(
            ("patient_id", "patient"),
            ("course", y_title(answer, view)),
        ),
        dashed="complete",
        compact=compact,
        banded=bool(known),
        ends=whole and not compact,
        stepped=upto is not None,
        crossed=not compact,
    )
    shown = pl.col("visit").is_in(_upto(answer, upto))
    return over_visits_chart(
        built,
        colours,
        centre=centre_at(answer, view).filter(shown),
        lines=None if answer.values is None else answer.values.filter(shown),
        across=threshold_lines(answer, threshold, view),
        bands=band_rows(known, measure.minimum) if known else None,
        ends=end_rows(_of_everybody(answer), measure) if built.ends else None,
    )


def _of_everybody(answer: Trajectory) -> list[VisitRow]:
    return [row for row in answer.rows if row.group == EVERYBODY]


def drawn_visits(answer: Trajectory, view: View) -> tuple[str, ...]:
    """Return the visits on the axis; a change has no baseline."""
    return tuple(visit for visit in answer.visits if view == "value" or visit != BASELINE)


def _upto(answer: Trajectory, upto: str | None) -> list[str]:
    visits = list(answer.visits)
    return visits[: visits.index(upto) + 1] if upto in visits else visits


def domain_of(answer: Trajectory, view: View) -> tuple[float, float]:
    """Return the ends of the vertical axis; a change has the longer way to the better."""
    measure = answer.measure
    if view == "value":
        return measure.minimum, measure.maximum
    higher = measure.better == "higher"
    if view == "percent":
        return (-100.0, 200.0) if higher else (-100.0, 100.0)
    span = measure.maximum - measure.minimum
    return (-span / 2, span) if higher else (-span, span / 2)


def y_title(answer: Trajectory, view: View) -> str:
    """Return the title of the vertical axis."""
    measure = answer.measure
    unit = "% of the value before" if view == "percent" else measure.unit
    return f"{'' if view == 'value' else 'Change of '}{measure.label}, {unit}"


def centre_at(answer: Trajectory, view: View) -> pl.DataFrame:
    """Return the centre at every visit: medians, or the estimated changes of the tests."""
    if view == "change":
        return change_centre(answer.paired)
    rows = _of_everybody(answer)
    if view == "value":
        records = [{**asdict(row), "low": row.median_low, "high": row.median_high} for row in rows]
        return centre_of(records)
    return centre_of([_percent(row) for row in rows if row.visit != BASELINE])


def _percent(row: VisitRow) -> dict[str, object]:
    return {
        "visit": row.visit,
        "n": row.n_percent,
        "median": row.percent_median,
        "low": row.percent_median_low,
        "high": row.percent_median_high,
        "q1": row.percent_q1,
        "q3": row.percent_q3,
    }


@drawn_once
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
    view : {"value", "change", "percent"}
        The score itself, or its change from baseline on complete pairs.
    """
    built = Grouped(
        visits=drawn_visits(answer, view),
        n_groups=len(names),
        domain=domain_of(answer, view),
        decimals=0 if view == "percent" else answer.measure.decimals,
        y_title=y_title(answer, view),
        n_title=N_TITLES[view],
        zero=view != "value",
    )
    return groups_chart(built, colours, group_marks(answer, view), names)


def group_marks(answer: Trajectory, view: View) -> pl.DataFrame:
    """Return the centre of every group at every visit with its interval and n."""
    if view == "change":
        return change_marks(answer.changes)
    marks = [
        (r.group, r.visit, r.n, r.median, r.median_low, r.median_high)
        if view == "value"
        else (r.group, r.visit, *_share(r))
        for r in answer.rows
    ]
    return pl.DataFrame(marks, schema=MARK_SCHEMA, orient="row")


def _share(row: VisitRow) -> tuple[int, float | None, float | None, float | None]:
    return row.n_percent, row.percent_median, row.percent_median_low, row.percent_median_high


def change_marks(changes: Sequence[GroupChange]) -> pl.DataFrame:
    """Return the estimated change of every group at every visit."""
    rows = [(c.group, c.visit, c.n_patients, *_ends(c.estimate)) for c in changes]
    return pl.DataFrame(rows, schema=MARK_SCHEMA, orient="row")


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None, float | None]:
    if estimate is None:
        return None, None, None
    return estimate.value, estimate.ci_low, estimate.ci_high


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
    if view == "percent":
        share = threshold.value if threshold.kind == "percent" else None
        return -share if share and answer.measure.better == "lower" else share
    before = next((row.median for row in answer.rows if row.visit == BASELINE), None)
    if threshold.kind == "final":
        return threshold.value if view == "value" else None
    step = None if before is None else needed_change(threshold, before)
    if before is None or step is None:
        return None
    toward = -step if answer.measure.better == "lower" else step
    return toward if view == "change" else before + toward


def threshold_lines(
    answer: Trajectory, threshold: Threshold | None, view: View
) -> list[tuple[float, str]]:
    """Return a threshold as a line across the chart with its words; none where it has no place."""
    height = threshold_height(answer, threshold, view) if threshold else None
    if threshold is None or height is None:
        return []
    than = "the median before" if view == "value" else "before"
    if threshold.value is None:
        words = "what the median before asks for"
    elif threshold.kind == "final":
        words = f"final score {threshold.value:g}"
    else:
        unit = " %" if threshold.kind == "percent" else f" {answer.measure.unit}"
        words = f"{threshold.value:g}{unit} better than {than}"
    return [(height, f"{words}: {threshold.label}")]
