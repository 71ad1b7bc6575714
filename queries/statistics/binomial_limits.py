"""How many events a number of levels may have before they stand out from a rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import binom

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray


class BinomialLimits(NamedTuple):
    """Fewest and most events that do not stand out, each of the shape of the sizes."""

    low: ClusterArray
    high: ClusterArray


def binomial_limits(sizes: ArrayLike, rate: float, confidence: float) -> BinomialLimits:
    """Give the exact limits of a funnel around a rate.

    Parameters
    ----------
    sizes
        Numbers of levels, each at least 1.
    rate
        The rate that all are measured against, 0 to 1.
    confidence
        Level of the limits, between 0 and 1; half of what is left lies on either side.

    Returns
    -------
    BinomialLimits
        Fewer than `low` or more than `high` events each have a probability of at most
        (1 − confidence) / 2 under the rate.

    Notes
    -----
    Quantiles of the binomial distribution, as ``qbinom`` [1]_. Levels count as independent: where
    a patient has several, the true limits lie further apart.

    References
    ----------
    .. [1] Spiegelhalter DJ. Funnel plots for comparing institutional performance. Statistics in
       Medicine 2005;24:1185-1202.

    Examples
    --------
    >>> binomial_limits([5, 10, 20, 30, 64], 0.125, 0.95).high.tolist()
    [2, 4, 6, 8, 13]
    """
    counts, tail = np.asarray(sizes, dtype=np.int64), (1 - confidence) / 2
    low, high = (
        np.asarray(binom.ppf(share, counts, rate), dtype=np.int64) for share in (tail, 1 - tail)
    )
    return BinomialLimits(low, high)
