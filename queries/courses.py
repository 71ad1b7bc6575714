"""The two parts of the course of a level: gained at the operation, lost after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE
from queries.pairs import clusters_of
from queries.statistics.clusters import cluster_means
from queries.statistics.paired import hodges_lehmann
from queries.statistics.proportions import anova_icc, clustered_proportion

if TYPE_CHECKING:
    from data.codebook import Measure
    from queries.statistics.results import ClusterArray, Estimate, FloatArray, Proportion


@dataclass(frozen=True)
class Course:
    """One part of the course of the levels: the gain (pre to post) or the loss (post to last).

    Parameters
    ----------
    estimate : Estimate or None
        Hodges-Lehmann pseudomedian of the patients' mean changes.
    worsened, improved : Proportion or None
        Levels that changed by more than the measurement error, clustered by patient; None
        where the codebook names no error in the unit shown.
    """

    name: Literal["gain", "loss"]
    n_levels: int
    n_patients: int
    estimate: Estimate | None
    worsened: Proportion | None
    improved: Proportion | None


def courses(values: pl.DataFrame, planned: tuple[str, ...]) -> pl.DataFrame:
    """Return one row per level: before, after the operation, last film, gain and loss.

    Parameters
    ----------
    values : polars.DataFrame
        patient_id, procedure_id, level, position, visit and value.
    planned : tuple of str
        The visits in order of time.
    """
    order = {visit: place for place, visit in enumerate(planned)}
    visit, value = pl.col("visit"), pl.col("value")
    later = ~visit.is_in([BASELINE, AFTER_OPERATION])
    place = visit.replace_strict(order, default=None, return_dtype=pl.Int64)
    return (
        values.sort(place)
        .group_by("patient_id", "procedure_id", "level", "position")
        .agg(
            value.filter(visit == BASELINE).first().alias("pre"),
            value.filter(visit == AFTER_OPERATION).first().alias("post"),
            value.filter(later).last().alias("last"),
            visit.filter(later).last().alias("last_visit"),
        )
        .with_columns(
            (pl.col("post") - pl.col("pre")).round(9).alias("gain"),
            (pl.col("last") - pl.col("post")).round(9).alias("loss"),
        )
        .sort("patient_id", "position", "procedure_id")
    )


def course(
    name: Literal["gain", "loss"],
    levels: pl.DataFrame,
    measure: Measure,
    error: float | None,
) -> Course:
    """Describe the gain or the loss of the levels that have both films."""
    changed = levels.filter(pl.col(name).is_not_null())
    changes, patients = changed[name].to_numpy(), clusters_of(changed)
    means = cluster_means(changes, patients).means
    worse = -1.0 if measure.better == "higher" else 1.0
    return Course(
        name=name,
        n_levels=changes.size,
        n_patients=means.size,
        estimate=hodges_lehmann(means) if means.size else None,
        worsened=beyond_error(worse * changes, patients, error),
        improved=beyond_error(-worse * changes, patients, error),
    )


def beyond_error(
    changes: FloatArray, patients: ClusterArray, error: float | None
) -> Proportion | None:
    """Return the share of levels that rose by more than the measurement error, if one is known."""
    if error is None:
        return None
    beyond = changes > error + 1e-9
    return clustered_proportion(beyond, patients, icc=anova_icc(beyond, patients))
