"""Random arrangements from a fixed seed, and the P value they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.limits import PERMUTATION_DRAWS, PERMUTATION_SEED, PERMUTATION_TIE

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.statistics.results import ClusterArray, FloatArray

AT_ONCE = 2_000_000


def permuted(
    scores: ClusterArray,
    statistic: Callable[[ClusterArray], FloatArray],
    *,
    draws: int = PERMUTATION_DRAWS,
    seed: int = PERMUTATION_SEED,
) -> FloatArray:
    """Compute a statistic on random arrangements of the scores.

    Parameters
    ----------
    scores
        Shape (n,). Sort them first: the draws depend on their order.
    statistic
        Takes arrangements, shape (some, n), and returns one number for each, shape (some,).
    draws
        Number of arrangements.
    seed
        Start of the random numbers.

    Returns
    -------
    FloatArray
        One statistic per draw, shape (draws,).

    Notes
    -----
    Arrangements are drawn in batches, so that memory does not grow with `draws` times n.

    Examples
    --------
    >>> permuted(np.array([1, 2, 3]), lambda rows: rows[:, 0] / rows.sum(axis=1), draws=2).shape
    (2,)
    """
    random = np.random.default_rng(seed)
    batch = max(1, AT_ONCE // max(1, scores.size))
    sizes = [min(batch, draws - start) for start in range(0, draws, batch)]
    shuffled = (random.permuted(np.tile(scores, (size, 1)), axis=1) for size in sizes)
    return np.concatenate([statistic(rows) for rows in shuffled])


def permutation_p(observed: float, drawn: FloatArray) -> float:
    """Give the share of arrangements at least as extreme as the observed one, itself included.

    Parameters
    ----------
    observed
        The statistic of the data; large is extreme.
    drawn
        The statistic of each draw, shape (B,).

    Returns
    -------
    float
        (b + 1) / (B + 1), b the draws at or above `observed`; within 1e-9 they count as equal.

    Notes
    -----
    Counting the observed arrangement keeps the test valid with any number of draws [1]_.

    References
    ----------
    .. [1] Phipson B, Smyth GK. Permutation P-values should never be zero. Statistical
       Applications in Genetics and Molecular Biology 2010;9:39.

    Examples
    --------
    >>> permutation_p(2.0, np.array([1.0, 2.0, 3.0]))
    0.75
    """
    return (int((drawn >= observed - PERMUTATION_TIE).sum()) + 1) / (drawn.size + 1)
