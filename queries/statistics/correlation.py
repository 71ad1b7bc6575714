"""How alike the levels of one patient are, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.limits import ICC_CLUSTERS
from queries.statistics.vectors import cluster_index, events, numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def anova_icc(outcomes: ArrayLike, clusters: ArrayLike) -> float | None:
    """Estimate how alike the yes-or-no outcomes of one patient are.

    Parameters
    ----------
    outcomes
        True or False (1 or 0), shape (n,).
    clusters
        Patient of each outcome, shape (n,).

    Returns
    -------
    float or None
        The intracluster correlation, at most 1, possibly negative; None where it is undefined:
        no event or only events, every cluster of size one, fewer than 10 clusters.

    Raises
    ------
    ValueError
        If the shapes differ or an outcome is neither 0 nor 1.

    Notes
    -----
    One-way analysis of variance estimator [1]_: (MSB − MSW) / (MSB + (m0 − 1) · MSW) with
    m0 = (N − Σm² / N) / (K − 1).

    References
    ----------
    .. [1] Ridout MS, Demétrio CGB, Firth D. Estimating intraclass correlation for binary
       data. Biometrics 1999;55:137-148.

    Examples
    --------
    >>> anova_icc([1, 1] + [0, 0] * 9, [i // 2 for i in range(20)])
    1.0
    """
    yes = events(outcomes, "outcomes")
    ids, index = cluster_index(clusters, yes.size)
    n, n_clusters, k = yes.size, ids.size, int(yes.sum())
    if n_clusters < ICC_CLUSTERS or n_clusters == n or k in {0, n}:
        return None
    sizes = np.bincount(index)
    k_squares = float((np.bincount(index, weights=yes) ** 2 / sizes).sum())
    between = (k_squares - k**2 / n) / (n_clusters - 1)
    within = (k - k_squares) / (n - n_clusters)
    m0 = (n - float(np.dot(sizes, sizes)) / n) / (n_clusters - 1)
    return (between - within) / (between + (m0 - 1) * within)


def design_effect(cluster_sizes: ArrayLike, icc: float) -> float:
    """Say how many times more observations are needed because they share patients.

    Parameters
    ----------
    cluster_sizes
        Observations per cluster, shape (K,), all positive.
    icc
        Intracluster correlation; a negative one counts as none.

    Returns
    -------
    float
        At least 1.

    Raises
    ------
    ValueError
        If `cluster_sizes` is empty, not one-dimensional or not finite.

    Notes
    -----
    Kish's design effect with the size-weighted mean cluster size [1]_:
    max(1, 1 + (Σm² / Σm − 1) · ICC).

    References
    ----------
    .. [1] Donner A, Klar N. Design and analysis of cluster randomization trials in health
       research. Arnold 2000.

    Examples
    --------
    >>> design_effect([2, 2, 2], 0.3)
    1.3
    """
    sizes = numbers(cluster_sizes, "cluster_sizes")
    if sizes.size == 0:
        raise ValueError("`cluster_sizes` must hold at least one cluster.")
    return max(1.0, 1 + (float(np.dot(sizes, sizes)) / float(sizes.sum()) - 1) * icc)
