"""On which day after the operation each score was taken, those between the visits included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from data.codebook import BASELINE, OTHER_VISIT, measures, visits
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY
from queries.scores import planned_visits, scores, with_percent
from queries.statements import statement
from queries.trajectory import MOST_LINES

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison


@dataclass(frozen=True)
class TimingRow:
    """The days on which a score was taken at one visit.

    Notes
    -----
    Days count from the patient's first operation. `n` counts patients, `n_values` values (a
    patient can have several at one visit), `undated` the values without a date and `outside`
    those whose date lies outside the visit's window. The visit ``other`` holds the values
    outside every window.
    """

    group: str
    measure: str
    visit: str
    n: int
    n_values: int
    undated: int
    outside: int
    day_median: float | None
    day_first: int | None
    day_last: int | None


@dataclass(frozen=True)
class Timing:
    """The days of a score.

    Parameters
    ----------
    rows : tuple of TimingRow
        Every scheduled visit, and ``other`` where anybody has one.
    points : polars.DataFrame or None
        patient_id, visit, day, value, baseline, change, percent and complete (has a value at
        the last visit attended), one row per dated value in order of time; None above 5,000
        values.
    """

    measure: Measure
    selection: Selection
    rows: tuple[TimingRow, ...]
    points: pl.DataFrame | None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return no test: days are described."""
        return ()

    @property
    def undated(self) -> int:
        """Count the values without a date, which stand on no axis of days."""
        return sum(row.undated for row in self.rows)


def timing(reader: Reader, cohort: Cohort, *, measure: str = "vas") -> Timing:
    """Find the day on which each score of the cohort's patients was taken.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure of the codebook.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    A change is that of the single value from the baseline of the visit before the operation.
    """
    selected = selection(reader, cohort)
    found = scores(reader, measure)
    last = found.followed[-1:]
    per_patient = found.values.group_by("patient_id").agg(
        pl.col("baseline").first(), pl.col("visit").is_in(last).any().alias("complete")
    )
    taken = (
        reader.fetch(statement("timing"), measure=measure)
        .join(found.status.filter("has_index_session"), on="patient_id", how="inner")
        .join(per_patient, on="patient_id", how="left")
        .with_columns(
            (pl.col("measured_on") - pl.col("first_operated_on")).dt.total_days().alias("day"),
            pl.col("complete").fill_null(value=False),
        )
    )
    planned = planned_visits(reader, measure)
    beside = (OTHER_VISIT,) if (taken["visit"] == OTHER_VISIT).any() else ()
    return Timing(
        measure=measures()[measure],
        selection=selected,
        rows=tuple(_row(measure, visit, taken) for visit in (*planned, *beside)),
        points=_points(taken),
    )


def _row(measure: str, visit: str, taken: pl.DataFrame) -> TimingRow:
    here = taken.filter(pl.col("visit") == visit)
    days = here["day"].drop_nulls().to_numpy()
    window = visits().get(visit)
    outside = 0
    if window is not None:
        outside = int(((days < window.day_from) | (days > window.day_to)).sum())
    return TimingRow(
        group=EVERYBODY,
        measure=measure,
        visit=visit,
        n=here["patient_id"].n_unique(),
        n_values=here.height,
        undated=here.height - days.size,
        outside=outside,
        day_median=float(np.median(days)) if days.size else None,
        day_first=int(days.min()) if days.size else None,
        day_last=int(days.max()) if days.size else None,
    )


def _points(taken: pl.DataFrame) -> pl.DataFrame | None:
    if taken.height > MOST_LINES:
        return None
    changed = taken.filter(pl.col("day").is_not_null()).with_columns(
        pl.when(pl.col("visit") != BASELINE)
        .then((pl.col("value") - pl.col("baseline")).round(9))
        .alias("change")
    )
    return (
        with_percent(changed)
        .select(
            *("patient_id", "visit", "day", "value", "baseline", "change", "percent", "complete")
        )
        .sort("patient_id", "day")
    )
