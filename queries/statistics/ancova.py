"""Change compared between groups whose baselines differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import fdtrc, stdtrit

from queries.statistics.limits import CONFIDENCE, DIFFERENCE_DECIMALS
from queries.statistics.vectors import cluster_index, numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray, FloatArray

PAIR = 2
PERFECT = 1e-12


@dataclass(frozen=True)
class Ancova:
    """The group term of an analysis of covariance.

    Notes
    -----
    `statistic` is F on `df_groups` and `df` degrees of freedom. `estimate` is the adjusted
    difference, the first of `groups` (in rising order) less the second; with more than two
    groups there is none. `refused` says in words why `p` is None.
    """

    groups: tuple[str, ...]
    n: int
    statistic: float | None = None
    df_groups: int | None = None
    df: int | None = None
    p: float | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    refused: str | None = None


@dataclass(frozen=True)
class Moments:
    """Means of each group, and sums of squares and products within the groups or in all."""

    counts: ClusterArray
    baseline: FloatArray
    change: FloatArray
    xx: float
    xy: float
    yy: float

    @property
    def residual(self) -> float:
        """Sum of squares that one common slope leaves."""
        return max(0.0, self.yy - self.xy**2 / self.xx)


def ancova(
    change: ArrayLike, baseline: ArrayLike, group: ArrayLike, *, confidence: float = CONFIDENCE
) -> Ancova:
    """Compare the change between groups, adjusted for where each patient began.

    Parameters
    ----------
    change, baseline
        One value per patient, shape (n,), in the outcome's unit, finite.
    group
        Group of each patient, shape (n,).
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Ancova
        F test of the group term; for two groups the adjusted difference with its interval.

    Raises
    ------
    ValueError
        If the shapes differ or a value is not finite.

    Notes
    -----
    Analysis of covariance with one slope common to all groups [1]_, as R's ``anova(lm(change ~
    baseline), lm(change ~ baseline + group))`` and ``confint``. It rests on normal errors and
    is meant as a sensitivity analysis.

    References
    ----------
    .. [1] Vickers AJ, Altman DG. Analysing controlled trials with baseline and follow up
       measurements. BMJ 2001;323:1123-1124.

    Examples
    --------
    >>> adjusted = ancova([-5, -4, -3, -1, -2, 0], [9, 8, 7, 7, 8, 5], list("aaabbb"))
    >>> adjusted.groups, round(adjusted.estimate, 3), round(adjusted.p, 4)
    (('a', 'b'), -2.0, 0.0056)
    """
    y, x = numbers(change, "change"), numbers(baseline, "baseline")
    if x.size != y.size:
        raise ValueError("`change` and `baseline` must hold the same patients.")
    names, index = cluster_index(group, y.size)
    n, k = y.size, names.size
    empty = Ancova(tuple(names.astype(str).tolist()), n)
    refused = _refusal(x, y, index, k)
    if refused:
        return replace(empty, refused=refused)
    within, total = _moments(x, y, index, k), _moments(x, y, np.zeros_like(index), 1)
    df = n - k - 1
    if within.residual <= PERFECT * total.yy:
        return replace(empty, refused="baseline and group explain every change exactly")
    variance = within.residual / df
    f = max(0.0, total.residual - within.residual) / (k - 1) / variance
    tested = replace(empty, statistic=f, df_groups=k - 1, df=df, p=float(fdtrc(k - 1, df, f)))
    quantile = float(stdtrit(df, (1 + confidence) / 2))
    return _difference(tested, within, variance, quantile) if k == PAIR else tested


def _moments(x: FloatArray, y: FloatArray, index: ClusterArray, k: int) -> Moments:
    counts = np.bincount(index, minlength=k)
    x_means = np.bincount(index, weights=x, minlength=k) / counts
    y_means = np.bincount(index, weights=y, minlength=k) / counts
    x_rest, y_rest = x - x_means[index], y - y_means[index]
    products = (np.dot(x_rest, x_rest), np.dot(x_rest, y_rest), np.dot(y_rest, y_rest))
    return Moments(counts, x_means, y_means, *map(float, products))


def _difference(tested: Ancova, within: Moments, variance: float, quantile: float) -> Ancova:
    gap = within.baseline[0] - within.baseline[1]
    value = float(within.change[0] - within.change[1] - within.xy / within.xx * gap)
    half = quantile * sqrt(variance * float((1 / within.counts).sum() + gap**2 / within.xx))
    return replace(tested, estimate=value, ci_low=value - half, ci_high=value + half)


def _refusal(x: FloatArray, y: FloatArray, index: ClusterArray, k: int) -> str | None:
    if y.size == 0:
        return "nothing was measured in any group"
    if k == 1:
        return "there is only one group"
    if y.size - k - 1 < 1:
        return f"{y.size} patients are too few to adjust {k} groups for the baseline"
    if np.ptp(np.round(y, DIFFERENCE_DECIMALS)) == 0:
        return "no variation: every change is the same"
    lowest, highest = np.full(k, np.inf), np.full(k, -np.inf)
    np.minimum.at(lowest, index, x)
    np.maximum.at(highest, index, x)
    if (lowest == highest).all():
        return "no variation of the baseline within the groups to adjust for"
    return None
