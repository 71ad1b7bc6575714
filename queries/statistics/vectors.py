"""What every statistic demands of its arrays, checked in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data.interruption import may_stop
from queries.statistics.limits import DIFFERENCE_DECIMALS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from queries.statistics.results import BoolArray, ClusterArray, FloatArray


def numbers(values: ArrayLike, name: str) -> FloatArray:
    """Return the values as a vector of finite floats, or say which argument is not one."""
    may_stop()
    vector = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1:
        raise ValueError(f"`{name}` must be one-dimensional, got shape {vector.shape}.")
    if not np.isfinite(vector).all():
        raise ValueError(f"`{name}` must be finite: leave missing values out and count them.")
    return vector


def rounded(values: ArrayLike, name: str) -> FloatArray:
    """Return differences rounded, equal ones equal in binary too, no zero negative."""
    return np.round(numbers(values, name), DIFFERENCE_DECIMALS) + 0.0


def events(values: ArrayLike, name: str) -> BoolArray:
    """Return yes-or-no outcomes as a vector of booleans."""
    vector = numbers(values, name)
    yes: BoolArray = vector == 1
    if not (yes | (vector == 0)).all():
        raise ValueError(f"`{name}` must be true or false (1 or 0).")
    return yes


def cluster_index(clusters: ArrayLike, length: int) -> tuple[NDArray[np.generic], ClusterArray]:
    """Return the distinct cluster ids, sorted, and for each row its place among them."""
    ids = np.asarray(clusters)
    if ids.shape != (length,):
        raise ValueError(f"`clusters` must have shape ({length},), got {ids.shape}.")
    distinct, index = np.unique(ids, return_inverse=True)
    return distinct, index.astype(np.int64)
