"""Baseline and one visit on the same patients, and why the others are not among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from queries.absence import EARLIER_OPERATION, NO_BASELINE, REASONS, reason_at
from queries.statistics.clusters import cluster_means

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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


def by_visit(values: pl.DataFrame, visits: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Return the rows of each visit, none where a visit has none."""
    at = {str(key): here for (key,), here in values.partition_by("visit", as_dict=True).items()}
    return {visit: at[visit] if visit in at else values.clear() for visit in visits}


def left_out(
    values: pl.DataFrame, visits: Sequence[str], status: pl.DataFrame, data_date: date
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Count why patients are not among the pairs of each visit.

    Parameters
    ----------
    values : polars.DataFrame
        patient_id, visit, value and change.
    visits : sequence of str
        Scheduled visits of the codebook.
    status : polars.DataFrame
        As `queries.absence.vital_status` returns it.
    data_date : datetime.date
        The day up to which the registry is complete.
    """
    seen = values.group_by("patient_id", "visit").agg(
        pl.col("change").is_not_null().any().alias("paired")
    )
    reasons = status.select(
        "patient_id", *(reason_at(visit, data_date).alias(visit) for visit in visits)
    ).unpivot(index="patient_id", variable_name="visit", value_name="reason")
    no_baseline = pl.col("paired").is_not_null() & (pl.col("reason") != EARLIER_OPERATION)
    counted = (
        reasons.join(seen, on=["patient_id", "visit"], how="left")
        .filter(~pl.col("paired").fill_null(value=False))
        .group_by("visit", pl.when(no_baseline).then(pl.lit(NO_BASELINE)).otherwise("reason"))
        .len()
    )
    found = {(visit, reason): n for visit, reason, n in counted.iter_rows()}
    return {
        visit: tuple(
            (reason, found[visit, reason]) for reason in REASONS if (visit, reason) in found
        )
        for visit in visits
    }


def clusters_of(changes: pl.DataFrame) -> ClusterArray:
    """Return the patient of each row as a number, in the order of the patients' ids."""
    patients = changes["patient_id"]
    places = patients.rle_id() if patients.is_sorted() else patients.rank("dense")
    return places.cast(pl.Int64).to_numpy()


def patient_means(changes: pl.DataFrame, column: str) -> FloatArray:
    """Return the mean over each patient's levels."""
    return cluster_means(changes[column].to_numpy(), clusters_of(changes)).means


@dataclass(frozen=True)
class LevelPairs:
    """The levels with a film at baseline and at one visit.

    Parameters
    ----------
    patients : ndarray, shape (levels,)
        The patient of each level as a number.
    differences : ndarray, shape (levels,)
    baseline, follow_up : ndarray, shape (patients,)
        Means over each patient's levels.
    """

    visit: str
    patients: ClusterArray
    differences: FloatArray
    baseline: FloatArray
    follow_up: FloatArray

    @classmethod
    def of(cls, visit: str, changes: pl.DataFrame) -> LevelPairs:
        """Pair the levels of one visit, from its rows that have a change."""
        patients = clusters_of(changes)
        baseline, follow_up = (
            cluster_means(changes[column].to_numpy(), patients).means
            for column in ("baseline", "value")
        )
        return cls(visit, patients, changes["change"].to_numpy(), baseline, follow_up)

    @property
    def n_levels(self) -> int:
        """Return the number of levels."""
        return self.differences.size
