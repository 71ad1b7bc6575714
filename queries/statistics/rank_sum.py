"""The Mann-Whitney rank-sum test of two groups, exact under ties."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, exp, lgamma, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from queries.statistics.limits import EXACT_PATIENTS
from queries.statistics.shift import hodges_lehmann_shift
from queries.statistics.signflip import doubled_midranks
from queries.statistics.subsets import subset_density
from queries.statistics.vectors import rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray

__all__ = ["RankSum", "hodges_lehmann_shift", "rank_sum"]


@dataclass(frozen=True)
class RankSum:
    """A two-sided Mann-Whitney rank-sum test.

    Notes
    -----
    `statistic` is W, the rank sum of the first group less its smallest possible value;
    `effect` the rank-biserial correlation, positive where the first group lies higher;
    `smallest_p` the smallest two-sided exact P that these group sizes and ties can give. `p`
    is None where a group is empty or all values are equal, `effect` where a group is empty.
    """

    statistic: float
    n1: int
    n2: int
    p: float | None
    exact: bool
    effect: float | None
    smallest_p: float


def rank_sum(first: ArrayLike, second: ArrayLike) -> RankSum:
    """Test whether two groups of patients have the same distribution.

    Ties get midranks. Up to 200 patients in all the P is exact, conditional on the ties; above
    it rests on the normal approximation with tie and continuity correction.

    Parameters
    ----------
    first, second
        One value per patient, shape (n1,) and (n2,), in the outcome's unit, finite.

    Returns
    -------
    RankSum
        W, the two-sided P and the rank-biserial correlation.

    Raises
    ------
    ValueError
        If a group is not one-dimensional or not finite.

    Notes
    -----
    Mann-Whitney test [1]_; exact distribution by the shift algorithm [2]_, two-sided P the
    share of all arrangements whose rank sum is at least as far from its mean, as
    ``exactRankTests::wilcox.exact``. The effect size is the rank-biserial correlation
    2W / (n1 · n2) − 1 [3]_.

    References
    ----------
    .. [1] Mann HB, Whitney DR. On a test of whether one of two random variables is
       stochastically larger than the other. Annals of Mathematical Statistics 1947;18:50-60.
    .. [2] Streitberg B, Röhmel J. Exact distributions for permutation and rank tests.
       Statistical Software Newsletter 1986;12:10-17.
    .. [3] Kerby DS. The simple difference formula. Comprehensive Psychology 2014;3:11.IT.3.1.

    Examples
    --------
    >>> test = rank_sum([-5.0, -4.0, -4.0, -3.0], [-2.0, -1.0, -3.0, 0.0])
    >>> test.statistic, round(test.p, 4), test.effect
    (0.5, 0.0571, -0.9375)
    """
    one, other = rounded(first, "first"), rounded(second, "second")
    n1, n2 = one.size, other.size
    ranks = doubled_midranks(np.concatenate([one, other]))
    total, expected = int(ranks[:n1].sum()), n1 * (n1 + n2 + 1)
    exact = n1 + n2 <= EXACT_PATIENTS
    test = _exact_p if exact else _normal_p
    varied = n1 * n2 > 0 and np.ptp(ranks) > 0
    return RankSum(
        statistic=(total - n1 * (n1 + 1)) / 2,
        n1=n1,
        n2=n2,
        p=test(ranks, n1, abs(total - expected)) if varied else None,
        exact=exact,
        effect=(total - expected) / (n1 * n2) if n1 * n2 else None,
        smallest_p=_smallest_p(np.sort(ranks), n1) if varied else 1.0,
    )


def _exact_p(doubled: ClusterArray, n1: int, distance: int) -> float:
    """Share of arrangements whose doubled rank sum is this far from its mean or farther."""
    n = doubled.size
    size = min(n1, n - n1)
    lowest = doubled.min()
    step = int(np.gcd.reduce(doubled - lowest))
    density = subset_density((doubled - lowest) // step, size)
    sums = np.arange(density.size) * step + size * lowest
    return min(1.0, float(density[np.abs(sums - size * (n + 1)) >= distance].sum()))


def _normal_p(doubled: ClusterArray, n1: int, distance: int) -> float:
    n = doubled.size
    centred = (doubled - (n + 1)) / 2
    spread = sqrt(n1 / n * (n - n1) / (n - 1) * float(np.dot(centred, centred)))
    corrected = max(distance / 2 - 0.5, 0.0)
    return 2 * float(ndtr(-corrected / spread))


def _smallest_p(ordered: ClusterArray, n1: int) -> float:
    """Share of the arrangements with the rank sum farthest from its mean, at one end or both."""
    mirrored = 2 * (ordered.size + 1) - ordered[::-1]
    ends = [_lowest(ordered, n1), _lowest(mirrored, n1)]
    farthest = max(distance for distance, _ in ends)
    return min(1.0, sum(share for distance, share in ends if distance == farthest))


def _lowest(ordered: ClusterArray, n1: int) -> tuple[int, float]:
    """How far the smallest doubled rank sum lies from its mean, and its share of arrangements."""
    n, inside = ordered.size, ordered[:n1]
    tied, taken = int((ordered == inside[-1]).sum()), int((inside == inside[-1]).sum())
    distance = n1 * (n + 1) - int(inside.sum())
    if n <= EXACT_PATIENTS:
        return distance, comb(tied, taken) / comb(n, n1)
    return distance, exp(_log_comb(tied, taken) - _log_comb(n, n1))


def _log_comb(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
