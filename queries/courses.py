"""The two parts of the course of a level: gained at the operation, lost after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE
from queries.pairs import clusters_of, patient_means
from queries.statistics.paired import hodges_lehmann
from queries.statistics.proportions import anova_icc, clustered_proportion

if TYPE_CHECKING:
    from data.codebook import Measure
    from queries.statistics.results import Estimate, Proportion


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
    later = values.filter(~pl.col("visit").is_in([BASELINE, AFTER_OPERATION]))
    last = (
        later.with_columns(
            pl.col("visit").replace_strict(order, return_dtype=pl.Int64).alias("place")
        )
        .sort("place")
        .group_by("procedure_id", maintain_order=True)
        .agg(pl.col("value").last().alias("last"), pl.col("visit").last().alias("last_visit"))
    )
    pre = values.filter(pl.col("visit") == BASELINE).select("procedure_id", pre="value")
    post = values.filter(pl.col("visit") == AFTER_OPERATION).select("procedure_id", post="value")
    levels = values.select("patient_id", "procedure_id", "level", "position").unique()
    return (
        levels.join(pre, on="procedure_id", how="left")
        .join(post, on="procedure_id", how="left")
        .join(last, on="procedure_id", how="left")
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
    changes = levels.filter(pl.col(name).is_not_null())
    worse = -1.0 if measure.better == "higher" else 1.0
    return Course(
        name=name,
        n_levels=changes.height,
        n_patients=changes["patient_id"].n_unique(),
        estimate=hodges_lehmann(patient_means(changes, name)) if changes.height else None,
        worsened=_beyond(changes, name, error, worse),
        improved=_beyond(changes, name, error, -worse),
    )


def _beyond(
    changes: pl.DataFrame, name: str, error: float | None, direction: float
) -> Proportion | None:
    if error is None:
        return None
    beyond = (changes[name] * direction > error + 1e-9).to_numpy()
    clusters = clusters_of(changes)
    return clustered_proportion(beyond, clusters, icc=anova_icc(beyond, clusters))
