"""Groups as names and as places among the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray, FloatArray


def group_index(groups: ArrayLike, length: int) -> tuple[tuple[str, ...], ClusterArray]:
    """Return the names of the groups, sorted, and for each row its place among them.

    Parameters
    ----------
    groups
        Group of each row, shape (length,).
    length
        Number of rows expected.

    Returns
    -------
    tuple of tuple of str and ClusterArray
        Names, and places of shape (length,).

    Raises
    ------
    ValueError
        If `groups` has another shape.

    Examples
    --------
    >>> names, places = group_index(["lung", "breast", "lung"], 3)
    >>> names, places.tolist()
    (('breast', 'lung'), [1, 0, 1])
    """
    labels = np.asarray(groups)
    if labels.shape != (length,):
        raise ValueError(f"`groups` must have shape ({length},), got {labels.shape}.")
    distinct, index = np.unique(labels, return_inverse=True)
    return tuple(str(name) for name in distinct.tolist()), index.astype(np.int64)


def counted(rows: ClusterArray, columns: ClusterArray, shape: tuple[int, int]) -> ClusterArray:
    """Count how often each row and column occur together.

    Parameters
    ----------
    rows, columns
        Places, shape (n,), from 0.
    shape
        Number of rows and of columns of the table.

    Returns
    -------
    ClusterArray
        Counts, of the given shape.

    Examples
    --------
    >>> counted(np.array([0, 1, 1]), np.array([1, 0, 0]), (2, 2)).tolist()
    [[0, 1], [2, 0]]
    """
    cells = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return cells.reshape(shape).astype(np.int64)


def dummies(index: ClusterArray, k: int) -> FloatArray:
    """Return a design matrix: a column of ones, then one column for each group but the first.

    Parameters
    ----------
    index
        Group of each row, 0 to k - 1, shape (n,).
    k
        Number of groups.

    Returns
    -------
    FloatArray
        Shape (n, k).

    Examples
    --------
    >>> dummies(np.array([0, 1, 2]), 3).tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    design = np.zeros((index.size, k))
    design[np.arange(index.size), index] = 1.0
    design[:, 0] = 1.0
    return design


def sums_of(rows: FloatArray, index: ClusterArray, k: int) -> FloatArray:
    """Add up the rows of each cluster.

    Parameters
    ----------
    rows
        Shape (n, q).
    index
        Cluster of each row, 0 to k - 1, shape (n,).
    k
        Number of clusters.

    Returns
    -------
    FloatArray
        Shape (k, q).

    Examples
    --------
    >>> sums_of(np.array([[1.0], [2.0], [4.0]]), np.array([1, 0, 1]), 2).tolist()
    [[2.0], [5.0]]
    """
    sums = np.empty((k, rows.shape[1]))
    for column in range(rows.shape[1]):
        sums[:, column] = np.bincount(index, weights=rows[:, column], minlength=k)
    return sums
