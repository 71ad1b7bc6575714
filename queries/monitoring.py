"""Leaks in order of operation: the rate as it accumulated, and a running check on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from scipy.special import betaincinv

from queries.leaks import treated_levels
from queries.statistics.cusum import Weights, cusum, cusum_weights, run_length
from queries.statistics.limits import CONFIDENCE, CUSUM_RATIO

if TYPE_CHECKING:
    from data.warehouse import Reader
    from queries.cohort import Cohort, Selection
    from queries.statistics.results import BoolArray, ClusterArray, Comparison, FloatArray

Target = Literal["0.125", "0.06", "cohort"]
Limit = Literal["3.0", "2.5"]
TARGETS: tuple[Target, ...] = ("0.125", "0.06", "cohort")
LIMITS: tuple[Limit, ...] = ("3.0", "2.5")
OWN = "cohort"
EVERY_LEVEL = 5_000
SOME_LEVELS = 2_000


@dataclass(frozen=True)
class Watch:
    """A running check with its settings.

    Notes
    -----
    `target` and `doubled` are fractions; `weights` are added for a leak and taken off for a
    clean level; `run_at_target` and `run_at_doubled` are mean numbers of levels until a signal,
    of independent levels. `signals` are sequence numbers. `enough` says that the cohort is at
    least as long as one mean run to a false alarm.
    """

    target: float
    doubled: float
    limit: float
    weights: Weights
    run_at_target: float
    run_at_doubled: float
    signals: tuple[int, ...]
    enough: bool


@dataclass(frozen=True)
class Monitoring:
    """Leaks of a cohort in order of operation.

    Parameters
    ----------
    steps : polars.DataFrame
        One row per level looked at, in order of operation: sequence (from 1), year, level, leak,
        leaks and patients so far, rate with its exact limits (fractions), cusum and signal (null
        where there is no check). Above 5,000 levels some 2,000 of them and every signal.
    watch : Watch or None
        None where the check is `refused`.
    refused : str or None
        Why there is no running check, in words.
    """

    selection: Selection
    target: Target
    steps: pl.DataFrame
    n_levels: int
    n_patients: int
    n_leaks: int
    not_looked_for: int
    watch: Watch | None
    refused: str | None
    comparisons: tuple[Comparison, ...] = ()


def monitoring(
    reader: Reader, cohort: Cohort, *, target: Target = TARGETS[0], limit: Limit = LIMITS[0]
) -> Monitoring:
    """Follow the leaks of a cohort level by level in order of operation.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    target : {"0.125", "0.06", "cohort"}
        The rate that is expected: that of the model study, that pooled over malignant
        kyphoplasty, or the cohort's own.
    limit : {"3.0", "2.5"}
        The sum at which the running check signals.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The unit is the treated level, in order of operation; levels of one session follow each other
    from cranial to caudal and count as independent, which they are not: false alarms come sooner
    than the run lengths say. The limits of the rate are exact (Clopper-Pearson) for each number
    of levels on its own.
    """
    treated = treated_levels(reader, cohort)
    looked = treated.looked
    leak = looked["leak"].to_numpy()
    rate = float(leak.mean()) if leak.size else None
    expected = rate if target == OWN else float(target)
    refused = _refusal(rate, expected)
    watch, sums = None, np.full(leak.size, np.nan)
    if refused is None and expected is not None:
        watch, sums = _watched(leak, expected, float(limit))
    return Monitoring(
        selection=treated.selection,
        target=target,
        steps=_steps(looked, leak, sums, watch),
        n_levels=looked.height,
        n_patients=looked["cluster"].n_unique(),
        n_leaks=int(leak.sum()),
        not_looked_for=treated.rows.height - looked.height,
        watch=watch,
        refused=refused,
    )


def _refusal(rate: float | None, expected: float | None) -> str | None:
    if rate is None or expected is None:
        return "nobody looked for a leak at any level"
    if expected == 0:
        return "without a leak the cohort's own rate is no target"
    if expected * CUSUM_RATIO >= 1:
        return "a target of one half or more cannot double"
    return None


def _watched(leak: BoolArray, target: float, limit: float) -> tuple[Watch, FloatArray]:
    run = cusum(leak, target, limit)
    doubled = CUSUM_RATIO * target
    false_alarm = run_length(target, target, limit)
    watch = Watch(
        target=target,
        doubled=doubled,
        limit=limit,
        weights=cusum_weights(target),
        run_at_target=false_alarm,
        run_at_doubled=run_length(doubled, target, limit),
        signals=tuple(place + 1 for place in run.signals),
        enough=leak.size >= false_alarm,
    )
    return watch, run.sums


def _steps(
    looked: pl.DataFrame, leak: BoolArray, sums: FloatArray, watch: Watch | None
) -> pl.DataFrame:
    n = np.arange(1, leak.size + 1)
    signal = np.isin(n, watch.signals if watch else ())
    first = looked["cluster"].is_first_distinct().to_numpy()
    shown = np.flatnonzero(_shown(n.size) | signal)
    k = np.cumsum(leak, dtype=np.int64)[shown]
    low, high = _exact(k, n[shown])
    return pl.DataFrame(
        {
            "sequence": n[shown],
            "year": looked["operated_on"].dt.year().to_numpy()[shown],
            "level": looked["level"].to_numpy()[shown],
            "leak": leak[shown],
            "leaks": k,
            "patients": np.cumsum(first)[shown],
            "rate": k / n[shown],
            "ci_low": low,
            "ci_high": high,
            "cusum": sums[shown],
            "signal": signal[shown],
        },
        schema_overrides={"level": pl.String, "leak": pl.Boolean, "year": pl.Int32},
    ).with_columns(pl.col("cusum").fill_nan(None))


def _shown(n: int) -> BoolArray:
    """Choose all levels, or above 5,000 some 2,000 of them with the last."""
    if n <= EVERY_LEVEL:
        return np.ones(n, dtype=np.bool_)
    shown: BoolArray = (np.arange(n, 0, -1) - 1) % -(-n // SOME_LEVELS) == 0
    return shown


def _exact(k: ClusterArray, n: ClusterArray) -> tuple[FloatArray, FloatArray]:
    tail = (1 - CONFIDENCE) / 2
    low = np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
    high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
    return low, high
