"""Baseline and one visit on the same patients, and why the others are not among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from queries.absence import EARLIER_OPERATION, NO_BASELINE, count_reasons, reasons
from queries.statistics.clusters import cluster_means

if TYPE_CHECKING:
    from datetime import date

    from queries.statistics.results import ClusterArray, FloatArray


@dataclass(frozen=True)
class PairedVisit:
    """Baseline and one visit on the same patients, with those left out by reason.

    Parameters
    ----------
    baseline_median, median : float or None
        Of the same `n` patients; for a level outcome of the means over each patient's levels.
    n_reoperated : int
        Patients operated on again before this visit.
    left_out : tuple of (str, int)
        Reason and number of patients.
    n_levels : int, optional
        Levels behind the pairs of a level outcome.
    icc : float, optional
        Intraclass correlation of the levels' changes; None where it cannot be estimated.
    n_effective : float, optional
        Independent levels that would carry as much information.
    """

    visit: str
    n: int
    baseline_median: float | None
    median: float | None
    n_reoperated: int
    left_out: tuple[tuple[str, int], ...]
    n_levels: int | None = None
    icc: float | None = None
    n_effective: float | None = None


def left_out_note(pair: PairedVisit) -> tuple[str, ...]:
    """Say why patients are not among the pairs; nothing where nobody is missing."""
    if not pair.left_out:
        return ()
    return (f"left out: {', '.join(f'{count} {reason}' for reason, count in pair.left_out)}",)


def changes_at(values: pl.DataFrame, visit: str) -> pl.DataFrame:
    """Return the rows of one visit that have a change from baseline."""
    return values.filter((pl.col("visit") == visit) & pl.col("change").is_not_null())


def left_out(
    values: pl.DataFrame, visit: str, status: pl.DataFrame, data_date: date
) -> tuple[tuple[str, int], ...]:
    """Count why patients are not among the pairs of a visit.

    Parameters
    ----------
    values : polars.DataFrame
        patient_id, visit, value and change.
    visit : str
        A scheduled visit of the codebook.
    status : polars.DataFrame
        As `queries.absence.vital_status` returns it.
    data_date : datetime.date
        The day up to which the registry is complete.
    """
    measured = values.filter(pl.col("visit") == visit).select("patient_id").unique()
    explained = (
        reasons(status, visit, data_date)
        .join(changes_at(values, visit), on="patient_id", how="anti")
        .join(measured.with_columns(measured=True), on="patient_id", how="left")
        .with_columns(
            pl.when(pl.col("measured") & (pl.col("reason") != EARLIER_OPERATION))
            .then(pl.lit(NO_BASELINE))
            .otherwise(pl.col("reason"))
            .alias("reason")
        )
    )
    return count_reasons(explained["reason"])


def clusters_of(changes: pl.DataFrame) -> ClusterArray:
    """Return the patient of each row as a number."""
    return changes["patient_id"].rank("dense").cast(pl.Int64).to_numpy()


def patient_means(changes: pl.DataFrame, column: str) -> FloatArray:
    """Return the mean over each patient's levels."""
    return cluster_means(changes[column].to_numpy(), clusters_of(changes)).means
