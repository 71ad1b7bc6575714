"""The mean of one column of values with its interval."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from queries.statistics.results import Estimate
from queries.statistics.vectors import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def mean_interval(values: ArrayLike, *, confidence: float = 0.95) -> Estimate | None:
    """Estimate the mean with its t interval.

    Parameters
    ----------
    values
        Shape (n,), in the outcome's unit, finite.
    confidence
        Level of the interval.

    Returns
    -------
    Estimate or None
        None without values; the limits are None with one value.

    Raises
    ------
    ValueError
        If `values` is not one-dimensional or not finite.

    Notes
    -----
    Mean ± t(n − 1) · s/√n, as ``t.test(x)$conf.int`` in R. It stands beside the models of every
    observed value, which estimate means, so that what they add is not confused with the
    distance between a mean and a median.

    Examples
    --------
    >>> change = mean_interval([1.0, 2.0, 4.0])
    >>> round(change.value, 3), round(change.ci_low, 3), round(change.ci_high, 3)
    (2.333, -1.461, 6.128)
    """
    vector = numbers(values, "values")
    n = vector.size
    if n == 0:
        return None
    mean = float(vector.mean())
    if n == 1:
        return Estimate("mean", mean, None, None, confidence)
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * float(np.std(vector, ddof=1)) / sqrt(n)
    return Estimate("mean", mean, mean - half, mean + half, confidence)
