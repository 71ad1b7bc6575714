"""Several levels of one patient: one mean per patient, or signed ranks summed per patient."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtr

from queries.statistics.signflip import doubled_midranks
from queries.statistics.vectors import cluster_index, numbers, rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from queries.statistics.results import FloatArray


class ClusterMeans(NamedTuple):
    """One mean per cluster, and the ids of the clusters in the same order."""

    means: FloatArray
    cluster_ids: NDArray[np.generic]


@dataclass(frozen=True)
class ClusteredSignedRank:
    """A two-sided signed-rank test that flips the signs of whole clusters.

    Notes
    -----
    `statistic` is Z; it and `p` are None where every cluster's signed ranks sum to zero.
    `n_values` and `n_clusters` count zero differences too.
    """

    statistic: float | None
    p: float | None
    n_values: int
    n_clusters: int


def cluster_means(values: ArrayLike, clusters: ArrayLike) -> ClusterMeans:
    """Average the values of each cluster, one cluster one mean.

    Parameters
    ----------
    values
        Changes of the levels, shape (n,), in the outcome's unit, finite.
    clusters
        Patient of each value, shape (n,).

    Returns
    -------
    ClusterMeans
        Means, shape (K,), and the ids in rising order, shape (K,).

    Raises
    ------
    ValueError
        If the shapes differ or a value is not finite.

    Examples
    --------
    >>> means, ids = cluster_means([1.0, 3.0, -2.0], [7, 7, 4])
    >>> means.tolist(), ids.tolist()
    ([-2.0, 2.0], [4, 7])
    """
    vector = numbers(values, "values")
    ids, index = cluster_index(clusters, vector.size)
    sums = np.bincount(index, weights=vector, minlength=ids.size)
    return ClusterMeans(sums / np.bincount(index, minlength=ids.size), ids)


def clustered_signed_rank(values: ArrayLike, clusters: ArrayLike) -> ClusteredSignedRank:
    """Test paired differences of levels whose patients are the independent units.

    Parameters
    ----------
    values
        Changes of the levels, shape (n,), in the outcome's unit, finite; zeros are dropped
        from the ranking.
    clusters
        Patient of each value, shape (n,).

    Returns
    -------
    ClusteredSignedRank
        Z, its two-sided P and the counts.

    Raises
    ------
    ValueError
        If the shapes differ or a value is not finite.

    Notes
    -----
    Cluster sign-flip form of the signed-rank test of Rosner, Glynn and Lee [1]_: signed
    midranks of all levels are summed within each patient, Z = ΣS / √ΣS². The P is normal and
    so approximate with few patients; it is meant as a sensitivity analysis.

    References
    ----------
    .. [1] Rosner B, Glynn RJ, Lee MLT. The Wilcoxon signed rank test for paired comparisons
       of clustered data. Biometrics 2006;62:185-192.

    Examples
    --------
    >>> test = clustered_signed_rank([-3.0, -2.0, -1.0, 0.5], [1, 1, 2, 3])
    >>> round(test.statistic, 4), test.n_clusters
    (-1.0887, 3)
    """
    vector = rounded(values, "values")
    ids, index = cluster_index(clusters, vector.size)
    nonzero = vector != 0
    signed = np.sign(vector[nonzero]) * doubled_midranks(np.abs(vector[nonzero])) / 2
    sums = np.bincount(index[nonzero], weights=signed, minlength=ids.size)
    square = float(np.dot(sums, sums))
    if square == 0:
        return ClusteredSignedRank(None, None, vector.size, ids.size)
    z = float(sums.sum()) / sqrt(square)
    return ClusteredSignedRank(z, 2 * float(ndtr(-abs(z))), vector.size, ids.size)
