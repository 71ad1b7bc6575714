"""How alike the levels of one patient are, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.limits import ICC_CLUSTERS
from queries.statistics.vectors import cluster_index, events, numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray


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
    return _icc(k_squares - k**2 / n, k - k_squares, sizes)


def value_icc(values: ArrayLike, clusters: ArrayLike) -> float | None:
    """Estimate how alike the measurements on the levels of one patient are.

    Parameters
    ----------
    values
        One value per level, shape (n,), finite.
    clusters
        Patient of each value, shape (n,).

    Returns
    -------
    float or None
        The intracluster correlation, at most 1, possibly negative; None where it is undefined:
        every value the same, every cluster of size one, fewer than 10 clusters.

    Raises
    ------
    ValueError
        If the shapes differ or a value is not finite.

    Notes
    -----
    One-way analysis of variance estimator [1]_: (MSB − MSW) / (MSB + (m0 − 1) · MSW) with
    m0 = (N − Σm² / N) / (K − 1).

    References
    ----------
    .. [1] Donner A. A review of inference procedures for the intraclass correlation
       coefficient in the one-way random effects model. International Statistical Review
       1986;54:67-82.

    Examples
    --------
    >>> round(value_icc([1, 2] * 5 + [5, 6] * 5, [i // 2 for i in range(20)]), 4)
    0.8935
    """
    vector = numbers(values, "values")
    ids, index = cluster_index(clusters, vector.size)
    n, n_clusters = vector.size, ids.size
    if n_clusters < ICC_CLUSTERS or n_clusters == n or np.ptp(vector) == 0:
        return None
    sizes = np.bincount(index)
    centred = vector - vector.mean()
    means = np.bincount(index, weights=centred) / sizes
    rest = centred - means[index]
    return _icc(float(np.dot(sizes, means**2)), float(np.dot(rest, rest)), sizes)


def _icc(between: float, within: float, sizes: ClusterArray) -> float:
    """Return the correlation from the sums of squares between and within clusters."""
    n, n_clusters = int(sizes.sum()), sizes.size
    msb, msw = between / (n_clusters - 1), within / (n - n_clusters)
    m0 = (n - float(np.dot(sizes, sizes)) / n) / (n_clusters - 1)
    return (msb - msw) / (msb + (m0 - 1) * msw)


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
