"""A score at every visit in every group: values, ends of the scale, change, per cent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.codebook import BASELINE
from queries.grouping import EVERYBODY, By, group_order, of_patients
from queries.pairs import by_visit
from queries.scores import NO_BASELINE_BELOW
from queries.statistics.descriptive import describe
from queries.statistics.mean import mean_interval
from queries.statistics.median import median_interval

if TYPE_CHECKING:
    import polars as pl

    from data.codebook import Measure
    from queries.statistics.results import Estimate, FloatArray

END = 1e-9
ESTIMATES = ("value", "change", "percent", "baseline")


@dataclass(frozen=True)
class VisitRow:
    """A score at one visit in one group, over every patient with a value there.

    Notes
    -----
    `missing` counts the members of the group without a value, the dead included. Quantiles are
    linear (R's type 7). `median_low` and `median_high` are the 95 % interval of the median.
    `at_minimum` and `at_maximum` count those at the ends of the scale, where a score can show no
    further change.

    The fields of the change describe the `n_change` patients with a baseline as well
    (`change_mean` with its 95 % t interval); those of the percent change the `n_percent` of
    them whose baseline is above 0. At baseline itself all of these are None and 0.
    """

    group: str
    measure: str
    visit: str
    n: int
    missing: int
    median: float | None
    q1: float | None
    q3: float | None
    mean: float | None
    sd: float | None
    median_low: float | None
    median_high: float | None
    at_minimum: int
    at_maximum: int
    n_change: int
    change_median: float | None
    change_q1: float | None
    change_q3: float | None
    change_mean: float | None
    change_mean_low: float | None
    change_mean_high: float | None
    n_percent: int
    zero_baseline: int
    percent_median: float | None
    percent_q1: float | None
    percent_q3: float | None
    percent_median_low: float | None
    percent_median_high: float | None


def visit_rows(
    measure: Measure,
    planned: tuple[str, ...],
    values: pl.DataFrame,
    members: pl.DataFrame,
    by: By | None,
) -> tuple[VisitRow, ...]:
    """Describe a score at every visit, for the whole cohort and then for each group.

    Parameters
    ----------
    measure : Measure
        Its `minimum` and `maximum` are the ends of the scale.
    values : polars.DataFrame
        As `queries.scores.Scores` holds them.
    members : polars.DataFrame
        The cohort's treated levels.
    """
    n_everybody = members["patient_id"].n_unique()
    rows = _of_group(EVERYBODY, measure, planned, values, n_everybody)
    if by is None:
        return tuple(rows)
    groups = of_patients(members, by)
    sizes = dict(groups.group_by("group").len().iter_rows())
    inside = values.join(groups, on="patient_id", how="inner")
    parts = {str(key): part for (key,), part in inside.partition_by("group", as_dict=True).items()}
    for group in group_order(by, set(sizes)):
        rows += _of_group(group, measure, planned, parts.get(group, inside.clear()), sizes[group])
    return tuple(rows)


def _of_group(
    group: str, measure: Measure, planned: tuple[str, ...], values: pl.DataFrame, size: int
) -> list[VisitRow]:
    at = by_visit(values.select("visit", *ESTIMATES), planned)
    return [_row(group, measure, visit, here, size) for visit, here in at.items()]


def _row(group: str, measure: Measure, visit: str, here: pl.DataFrame, size: int) -> VisitRow:
    value, change, percent = (_known(here, name) for name in ("value", "change", "percent"))
    if visit == BASELINE:
        change = percent = value[:0]
    summary, interval = describe(value), median_interval(value)
    moved, mean = describe(change), mean_interval(change)
    share, share_interval = describe(percent), median_interval(percent)
    return VisitRow(
        group=group,
        measure=measure.code,
        visit=visit,
        n=summary.n,
        missing=size - summary.n,
        median=summary.median,
        q1=summary.q1,
        q3=summary.q3,
        mean=summary.mean,
        sd=summary.sd,
        median_low=_low(interval),
        median_high=_high(interval),
        at_minimum=int((value <= measure.minimum + END).sum()),
        at_maximum=int((value >= measure.maximum - END).sum()),
        n_change=moved.n,
        change_median=moved.median,
        change_q1=moved.q1,
        change_q3=moved.q3,
        change_mean=moved.mean,
        change_mean_low=_low(mean),
        change_mean_high=_high(mean),
        n_percent=share.n,
        zero_baseline=int((_known(here, "baseline") <= NO_BASELINE_BELOW).sum()) if moved.n else 0,
        percent_median=share.median,
        percent_q1=share.q1,
        percent_q3=share.q3,
        percent_median_low=_low(share_interval),
        percent_median_high=_high(share_interval),
    )


def _known(here: pl.DataFrame, name: str) -> FloatArray:
    column: FloatArray = here[name].drop_nulls().to_numpy()
    return column


def _low(estimate: Estimate | None) -> float | None:
    return estimate.ci_low if estimate else None


def _high(estimate: Estimate | None) -> float | None:
    return estimate.ci_high if estimate else None
