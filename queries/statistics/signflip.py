"""The distribution of a sum of ranks when every sign is a toss of a fair coin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from queries.statistics.results import ClusterArray, FloatArray


def doubled_midranks(sizes: FloatArray) -> ClusterArray:
    """Return twice the midrank of every value, which is a whole number even under ties.

    Parameters
    ----------
    sizes
        Absolute differences, shape (n,).

    Returns
    -------
    ClusterArray
        Doubled midranks, shape (n,).

    Examples
    --------
    >>> doubled_midranks(np.array([0.5, 2.0, 0.5])).tolist()
    [3, 6, 3]
    """
    _, inverse, ties = np.unique(sizes, return_inverse=True, return_counts=True)
    doubled = 2 * np.cumsum(ties) - ties + 1
    return doubled[inverse].astype(np.int64)


def lower_density(scores: ClusterArray, top: int) -> FloatArray:
    """Probability of each sum 0, 1, ..., `top` when each score counts or not by a fair coin.

    Parameters
    ----------
    scores
        Positive whole numbers, shape (n,), n at most about 1,000.
    top
        Largest sum wanted.

    Returns
    -------
    FloatArray
        Probabilities, shape (top + 1,), accurate to some n · 1e-16 relative in every entry,
        because only positive numbers are added.

    Notes
    -----
    Shift algorithm of Streitberg and Röhmel [1]_.

    References
    ----------
    .. [1] Streitberg B, Röhmel J. Exact distributions for permutation and rank tests.
       Statistical Software Newsletter 1986;12:10-17.

    Examples
    --------
    >>> lower_density(np.array([1, 2]), 3).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    density = np.zeros(top + 1)
    density[0] = 1.0
    for score in scores.tolist():
        shifted = np.zeros(top + 1)
        shifted[score:] = density[: max(top + 1 - score, 0)]
        density = (density + shifted) / 2
    return density


def signed_rank_quantile(probability: float, n: int) -> int:
    """Quantile of the untied signed-rank statistic, as R's ``qsignrank``.

    Parameters
    ----------
    probability
        Lower tail, above 0 and at most 0.5.
    n
        Number of pairs.

    Returns
    -------
    int
        The smallest q with P(V ≤ q) at least `probability`.

    Notes
    -----
    R subtracts ten machine epsilons from `probability` first; so does this.

    Examples
    --------
    >>> signed_rank_quantile(0.025, 10)
    9
    """
    cumulated = np.cumsum(lower_density(np.arange(1, n + 1), n * (n + 1) // 4))
    fuzzy = probability - 10 * np.finfo(np.float64).eps
    return int(np.searchsorted(cumulated, fuzzy, side="right"))
