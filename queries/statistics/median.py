"""The median of one column of values with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr

from queries.statistics.limits import CONFIDENCE
from queries.statistics.results import Estimate
from queries.statistics.vectors import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def median_interval(values: ArrayLike, *, confidence: float = CONFIDENCE) -> Estimate | None:
    """Estimate the median with a distribution-free interval.

    Parameters
    ----------
    values
        Shape (n,), in the outcome's unit, finite, one per independent unit.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Estimate or None
        None without values; the limits are None where no interval exists (n <= 5 at 95 %).

    Raises
    ------
    ValueError
        If `values` is not one-dimensional or not finite.

    Notes
    -----
    Order statistics k and n + 1 − k, where k is the quantile of the binomial distribution with
    probability 0.5 at (1 − confidence)/2 [1]_; the coverage is at least `confidence`.

    References
    ----------
    .. [1] Conover WJ. Practical Nonparametric Statistics. 3rd ed. Wiley 1999, section 3.2.

    Examples
    --------
    >>> median_interval([1.0, 2.0, 3.0, 4.0, 5.0, 9.0]).ci_high
    9.0
    """
    ordered = np.sort(numbers(values, "values"))
    n = ordered.size
    if n == 0:
        return None
    cumulative = bdtr(np.arange(n + 1), n, 0.5)
    k = int(np.searchsorted(cumulative, (1 - confidence) / 2))
    low, high = (float(ordered[k - 1]), float(ordered[n - k])) if k else (None, None)
    return Estimate("median", float(np.median(ordered)), low, high, confidence)
