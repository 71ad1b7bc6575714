"""Whether treated levels stayed as they were after the operation: stability against a margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import AFTER_OPERATION, visits
from queries.courses import beyond_error
from queries.pairs import clusters_of
from queries.statistics.clusters import cluster_means
from queries.statistics.limits import FRAGILE_BELOW, STABILITY_CONFIDENCE
from queries.statistics.results import Comparison, Sensitivity
from queries.statistics.stability import Stability, percent_of_reference, stability

if TYPE_CHECKING:
    from data.codebook import Measure
    from queries.statistics.results import ClusterArray, FloatArray, Proportion

PERCENT = "percent of the reference height"
HALL = "Hall's skewness-corrected limits"


@dataclass(frozen=True)
class Judged:
    """One visit against the first film after the operation.

    Parameters
    ----------
    test : Comparison
        Mean change of patient means with its 90 % interval and the verdict.
    worsened : Proportion or None
        Levels that worsened by more than the measurement error since then; None where no error
        is on record in the unit shown.
    error : float or None
        That measurement error.
    """

    test: Comparison
    worsened: Proportion | None
    error: float | None


def equivalence(
    values: pl.DataFrame,
    planned: tuple[str, ...],
    measure: Measure,
    *,
    in_percent: bool,
    n_patients: int,
    exploratory: bool,
) -> tuple[Judged, ...]:
    """Judge every visit after the operation against the first film after it.

    Parameters
    ----------
    values : polars.DataFrame
        patient_id, procedure_id, visit, value and reference (the level's reference height).
    in_percent : bool
        Whether the values are already in per cent of the reference height.
    n_patients : int
        Patients of the cohort, from whom those without both films are left out.
    """
    post = values.filter(pl.col("visit") == AFTER_OPERATION).select("procedure_id", post="value")
    later = list(visits())[list(visits()).index(AFTER_OPERATION) + 1 :]
    seen = set(values["visit"].to_list())
    since = values.join(post, on="procedure_id", maintain_order="left").with_columns(
        (pl.col("value") - pl.col("post")).round(9).alias("change")
    )
    judged = []
    for visit in (visit for visit in planned if visit in later and visit in seen):
        changes = since.filter(pl.col("visit") == visit)
        patients = clusters_of(changes)
        test = _test(changes, patients, visit, measure, n_patients, in_percent, exploratory)
        error = None if in_percent else measure.error
        worse = changes["change"].to_numpy() * (-1.0 if measure.better == "higher" else 1.0)
        worsened = beyond_error(worse, patients, error) if changes.height else None
        judged.append(Judged(test, worsened, error))
    return tuple(judged)


def _test(
    changes: pl.DataFrame,
    patients: ClusterArray,
    visit: str,
    measure: Measure,
    n_patients: int,
    in_percent: bool,  # noqa: FBT001
    exploratory: bool,  # noqa: FBT001
) -> Comparison:
    relative = measure.margin_kind == "percent_of_reference" and not in_percent
    unusable = in_percent and measure.margin_kind == "absolute"
    margin = None if relative or unusable else measure.margin
    shown = stability(cluster_means(changes["change"].to_numpy(), patients).means, margin)
    judge = stability(_percent_means(changes, patients), measure.margin) if relative else shown
    return Comparison(
        outcome=measure.code,
        unit="level",
        kind="equivalence",
        visit=visit,
        versus=AFTER_OPERATION,
        method=f"two one-sided t tests on patient means of the levels{_against(measure)}",
        p=judge.p,
        estimate_name="mean change of patient means",
        estimate=shown.mean,
        ci_low=shown.ci_low,
        ci_high=shown.ci_high,
        ci_level=STABILITY_CONFIDENCE,
        n_patients=shown.n,
        n_levels=changes.height,
        n_excluded=n_patients - shown.n,
        exploratory=exploratory,
        verdict=judge.verdict,
        refused=judge.refused,
        notes=_notes(judge, measure),
        sensitivity=_sensitivity(judge, relative=relative),
    )


def _against(measure: Measure) -> str:
    if measure.margin is None:
        return ""
    unit = "%" if measure.margin_kind == "percent_of_reference" else measure.unit
    of = " of the reference height" if measure.margin_kind == "percent_of_reference" else ""
    space = "" if unit == "°" else " "
    return f", margin ±{measure.margin:g}{space}{unit}{of}"


def _percent_means(changes: pl.DataFrame, patients: ClusterArray) -> FloatArray:
    """Return each patient's mean change in per cent of the reference heights that are known."""
    known = (changes["reference"] > 0).fill_null(value=False).to_numpy()
    change, reference = (changes[name].to_numpy()[known] for name in ("change", "reference"))
    return cluster_means(percent_of_reference(change, reference), patients[known]).means


def _is_decided(judge: Stability, margin: float) -> bool:
    """Tell whether the t interval lies wholly inside the margin or wholly beyond it."""
    low, high = judge.ci_low or 0.0, judge.ci_high or 0.0
    return -margin < low <= high < margin or low > margin or high < -margin


def _notes(judge: Stability, measure: Measure) -> tuple[str, ...]:
    notes = []
    if 0 < judge.n < FRAGILE_BELOW:
        notes.append(f"fragile: fewer than {FRAGILE_BELOW} patients")
    if judge.verdict == "undecided" and _is_decided(judge, measure.margin or 0.0):
        notes.append("the t interval alone would decide, Hall's limits do not: undecided")
    return tuple(notes)


def _sensitivity(judge: Stability, *, relative: bool) -> tuple[Sensitivity, ...]:
    entries = []
    if relative and judge.mean is not None:
        entries.append(Sensitivity(PERCENT, judge.p, judge.mean, judge.ci_low, judge.ci_high))
    if judge.hall_low is not None:
        entries.append(
            Sensitivity(
                f"{HALL}, {PERCENT}" if relative else HALL,
                None,
                judge.mean,
                judge.hall_low,
                judge.hall_high,
            )
        )
    return tuple(entries)
