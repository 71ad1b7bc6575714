"""The distribution of a rank sum when any patients could have made up the group."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from queries.statistics.results import ClusterArray, FloatArray


def subset_density(scores: ClusterArray, size: int) -> FloatArray:
    """Probability of each sum 0, 1, ... of `size` scores drawn without replacement.

    Parameters
    ----------
    scores
        Whole numbers from 0 up, shape (n,), n at most about 1,000.
    size
        How many are drawn, 0 to n.

    Returns
    -------
    FloatArray
        Probabilities, as long as the largest sum plus 1, accurate to some n · 1e-16 relative
        in every entry, because only positive numbers are added.

    Notes
    -----
    Shift algorithm of Streitberg and Röhmel for two samples [1]_.

    References
    ----------
    .. [1] Streitberg B, Röhmel J. Exact distributions for permutation and rank tests.
       Statistical Software Newsletter 1986;12:10-17.

    Examples
    --------
    >>> subset_density(np.array([0, 1, 1, 2]), 2).round(3).tolist()
    [0.0, 0.333, 0.333, 0.333]
    """
    ordered = np.sort(scores)
    n = ordered.size
    ways = np.zeros((size + 1, int(ordered[n - size :].sum()) + 1))
    ways[0, 0] = 1.0
    for place, score in enumerate(ordered.tolist()):
        fewest, most = max(1, size - (n - 1 - place)), min(size, place + 1)
        top = int(ordered[place + 1 - most : place + 1].sum()) + 1
        for drawn in range(most, fewest - 1, -1):
            ways[drawn, score:top] += ways[drawn - 1, : top - score]
    density: FloatArray = ways[size] / comb(n, size)
    return density


def rank_sum_quantile(probability: float, n1: int, n2: int) -> int:
    """Quantile of the untied rank-sum statistic W, as R's ``qwilcox``.

    Parameters
    ----------
    probability
        Lower tail, above 0 and at most 0.5.
    n1, n2
        Patients in the two groups, at least 1 each.

    Returns
    -------
    int
        The smallest q with P(W ≤ q) at least `probability`.

    Notes
    -----
    R subtracts ten machine epsilons from `probability` first; so does this.

    Examples
    --------
    >>> rank_sum_quantile(0.025, 10, 12)
    30
    """
    size = min(n1, n2)
    lowest = size * (size - 1) // 2
    cumulated = np.cumsum(subset_density(np.arange(n1 + n2), size)[lowest:])
    fuzzy = probability - 10 * np.finfo(np.float64).eps
    return int(np.searchsorted(cumulated, fuzzy, side="right"))
