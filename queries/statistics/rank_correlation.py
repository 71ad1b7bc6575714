"""How far two measurements of the same patients go together, by their ranks."""

from __future__ import annotations

from math import atanh, sqrt, tanh
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from queries.statistics.limits import CONFIDENCE, CORRELATION_NEEDS
from queries.statistics.results import Estimate
from queries.statistics.vectors import rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NAME = "Spearman's rank correlation"


def rank_correlation(
    first: ArrayLike, second: ArrayLike, *, confidence: float = CONFIDENCE
) -> Estimate | None:
    """Estimate the rank correlation of two measurements, one pair per patient.

    Parameters
    ----------
    first, second
        One value per patient each, shape (n,), finite.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Estimate or None
        Between -1 and 1; None below 10 patients, where no interval can be trusted and a number
        alone would be, and where one of the two does not vary. The limits are None where the
        ranks agree in full.

    Raises
    ------
    ValueError
        If the shapes differ or a value is not finite.

    Notes
    -----
    Spearman's rho: Pearson's correlation of midranks, as R's ``cor(x, y, method = "spearman")``.
    The interval is that of Fisher's z with the standard error √((1 + ρ²/2) / (n − 3)) of Bonett
    and Wright [1]_. It is an estimate and no test; it says nothing of a cause.

    References
    ----------
    .. [1] Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and
       Spearman correlations. Psychometrika 2000;65:23-28.

    Examples
    --------
    >>> gain = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    >>> pain = [-1, -3, -2, -5, -4, -6, -8, -7, -10, -9]
    >>> found = rank_correlation(gain, pain)
    >>> round(found.value, 3), round(found.ci_low, 3), round(found.ci_high, 3)
    (-0.952, -0.992, -0.742)
    """
    x, y = rounded(first, "first"), rounded(second, "second")
    if x.size != y.size:
        raise ValueError("`first` and `second` must hold the same patients.")
    n = x.size
    if n < CORRELATION_NEEDS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    rho = round(float(np.corrcoef(rankdata(x), rankdata(y))[0, 1]), 12)
    if abs(rho) == 1:
        return Estimate(NAME, rho, None, None, confidence)
    reach = float(ndtri((1 + confidence) / 2)) * sqrt((1 + rho**2 / 2) / (n - 3))
    return Estimate(NAME, rho, tanh(atanh(rho) - reach), tanh(atanh(rho) + reach), confidence)
