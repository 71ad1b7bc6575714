"""Proportions of levels that share patients, each with its interval."""

from __future__ import annotations

from math import expm1, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri

from data.interruption import may_stop
from queries.statistics.correlation import anova_icc, design_effect
from queries.statistics.limits import ASSUMED_ICC, CONFIDENCE
from queries.statistics.results import Proportion
from queries.statistics.vectors import cluster_index, events

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "Interval",
    "anova_icc",
    "clustered_proportion",
    "counted_proportion",
    "design_effect",
    "no_event_upper",
    "wilson",
]


class Interval(NamedTuple):
    """Lower and upper limit, as fractions."""

    low: float
    high: float


def wilson(k: int, n: int, *, deff: float = 1.0, confidence: float = CONFIDENCE) -> Interval:
    """Give the interval of a proportion that rests on n / DEFF independent observations.

    Parameters
    ----------
    k, n
        Events and observations, 0 ≤ k ≤ n, n at least 1.
    deff
        Design effect; 1 for independent observations.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Interval
        Limits as fractions.

    Raises
    ------
    ValueError
        If `k` is not between 0 and `n`, or `n` is below 1.

    Notes
    -----
    Wilson's score interval [1]_ with n / DEFF in place of n and the rate k / n.

    References
    ----------
    .. [1] Wilson EB. Probable inference, the law of succession, and statistical inference.
       Journal of the American Statistical Association 1927;22:209-212.

    Examples
    --------
    >>> [round(limit, 3) for limit in wilson(8, 64)]
    [0.065, 0.228]
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"`k` must lie between 0 and `n`, and `n` be at least 1, got {k}/{n}.")
    rate, effective = k / n, n / deff
    square = float(ndtri((1 + confidence) / 2)) ** 2
    centre = rate + square / (2 * effective)
    half = sqrt(square * (rate * (1 - rate) / effective + square / (4 * effective**2)))
    scale = 1 + square / effective
    return Interval(max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


def no_event_upper(n: float, *, confidence: float = CONFIDENCE) -> float:
    """Give the rate that n observations without one event cannot exclude.

    Parameters
    ----------
    n
        Number of independent observations, above 0; an effective sample size may be broken.
    confidence
        Level of the two-sided interval whose upper limit this is.

    Returns
    -------
    float
        Upper limit as a fraction.

    Raises
    ------
    ValueError
        If `n` is not above 0.

    Notes
    -----
    Clopper-Pearson limit without an event, 1 − 0.025^(1/n) at 95 % [1]_.

    References
    ----------
    .. [1] Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in
       the case of the binomial. Biometrika 1934;26:404-413.

    Examples
    --------
    >>> round(no_event_upper(64), 3)
    0.056
    """
    if not n > 0:
        raise ValueError(f"`n` must be above 0, got {n}.")
    return -expm1(log((1 - confidence) / 2) / n)


def clustered_proportion(
    outcomes: ArrayLike,
    clusters: ArrayLike,
    *,
    icc: float | None = None,
    confidence: float = CONFIDENCE,
) -> Proportion:
    """Give a proportion whose interval allows for several levels of one patient.

    Parameters
    ----------
    outcomes
        True or False (1 or 0), shape (n,).
    clusters
        Patient of each outcome, shape (n,).
    icc
        Intracluster correlation estimated on the whole cohort; None where it is undefined,
        then 0.3 is assumed, and flagged, if any patient has two of these outcomes.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Proportion
        Rate and limits as fractions, None without any outcome.

    Raises
    ------
    ValueError
        If the shapes differ or an outcome is neither 0 nor 1.

    Notes
    -----
    Wilson's interval on the effective sample size n / DEFF; without an event, or with only
    events, the exact limit on n / DEFF.

    Examples
    --------
    >>> leakage = clustered_proportion([1, 0, 0, 0], [1, 1, 2, 3])
    >>> leakage.rate, leakage.icc, leakage.icc_assumed, round(leakage.deff, 2)
    (0.25, 0.3, True, 1.15)
    """
    yes = events(outcomes, "outcomes")
    ids, index = cluster_index(clusters, yes.size)
    k, n = int(yes.sum()), yes.size
    alone = ids.size == n
    used = None if alone else ASSUMED_ICC if icc is None else icc
    deff = 1.0 if used is None else design_effect(np.bincount(index), used)
    limits, method = _limits(k, n, deff, confidence)
    return Proportion(
        k=k,
        n=n,
        rate=k / n if n else None,
        ci_low=limits.low if limits else None,
        ci_high=limits.high if limits else None,
        ci_level=confidence,
        icc=used,
        icc_assumed=icc is None and not alone,
        deff=deff,
        n_effective=n / deff,
        k_clusters=np.unique(index[yes]).size,
        n_clusters=ids.size,
        method=method,
    )


def counted_proportion(k: int, n: int, *, confidence: float = CONFIDENCE) -> Proportion:
    """Give a proportion of independent observations, such as one value per patient.

    Parameters
    ----------
    k, n
        Events and observations, 0 ≤ k ≤ n.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Proportion
        Rate and limits as fractions, None without any observation.

    Raises
    ------
    ValueError
        If `k` is not between 0 and `n`.

    Notes
    -----
    Wilson's interval; without an event, or with only events, the exact limit.

    Examples
    --------
    >>> responders = counted_proportion(28, 31)
    >>> round(responders.ci_low, 3), round(responders.ci_high, 3)
    (0.751, 0.967)
    """
    may_stop()
    if not 0 <= k <= n:
        raise ValueError(f"`k` must lie between 0 and `n`, got {k}/{n}.")
    limits, method = _limits(k, n, 1.0, confidence)
    return Proportion(
        k=k,
        n=n,
        rate=k / n if n else None,
        ci_low=limits.low if limits else None,
        ci_high=limits.high if limits else None,
        ci_level=confidence,
        icc=None,
        icc_assumed=False,
        deff=1.0,
        n_effective=float(n),
        k_clusters=k,
        n_clusters=n,
        method="Wilson" if 0 < k < n else method,
    )


def _limits(k: int, n: int, deff: float, confidence: float) -> tuple[Interval | None, str]:
    if n == 0:
        return None, "nothing observed"
    if k == 0:
        upper = no_event_upper(n / deff, confidence=confidence)
        return Interval(0.0, upper), "exact upper bound, no event"
    if k == n:
        lower = 1 - no_event_upper(n / deff, confidence=confidence)
        return Interval(lower, 1.0), "exact lower bound, only events"
    interval = wilson(k, n, deff=deff, confidence=confidence)
    return interval, "Wilson on the effective sample size"
