"""The Hodges-Lehmann estimate of a change, with its interval."""

from __future__ import annotations

from math import floor, sqrt
from typing import TYPE_CHECKING

from scipy.special import ndtri

from queries.statistics.limits import CONFIDENCE, EXACT_PAIRS, INTERVAL_PAIRS
from queries.statistics.results import Estimate, FloatArray
from queries.statistics.signflip import signed_rank_quantile
from queries.statistics.vectors import rounded
from queries.statistics.walsh import walsh_average

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def hodges_lehmann(differences: ArrayLike, *, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the middle of paired differences, with an interval from their order statistics.

    Parameters
    ----------
    differences
        Follow-up minus baseline, shape (n,), in the outcome's unit, finite; zeros count.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Estimate
        The pseudomedian; its limits are None where no interval reaches the level (n ≤ 5).

    Raises
    ------
    ValueError
        If `differences` is empty, not one-dimensional or not finite.

    Notes
    -----
    Hodges-Lehmann pseudomedian [1]_: the median of all M = n(n + 1)/2 Walsh averages, those
    of a value with itself included. The limits are the k-th smallest and k-th largest Walsh
    average, k the signed-rank quantile; above 200 pairs by its normal approximation [2]_.

    References
    ----------
    .. [1] Hodges JL, Lehmann EL. Estimates of location based on rank tests.
       Annals of Mathematical Statistics 1963;34:598-611.
    .. [2] Hollander M, Wolfe DA, Chicken E. Nonparametric statistical methods, 3rd ed.
       Wiley 2014, section 3.3.

    Examples
    --------
    >>> change = hodges_lehmann([-5.0, -4.0, -4.0, -3.5, -3.0, 0.0])
    >>> change.value, change.ci_low, change.ci_high
    (-3.5, -5.0, 0.0)
    """
    values = rounded(differences, "differences")
    n = values.size
    if n == 0:
        raise ValueError("`differences` must hold at least one value.")
    averages = n * (n + 1) // 2
    upper_middle = walsh_average(values, averages // 2 + 1)
    lower_middle = upper_middle if averages % 2 else walsh_average(values, averages // 2)
    low, high = _limits(values, confidence)
    value = (lower_middle + upper_middle) / 2
    return Estimate("Hodges-Lehmann pseudomedian", value, low, high, confidence)


def _limits(values: FloatArray, confidence: float) -> tuple[float | None, float | None]:
    n = values.size
    if n < INTERVAL_PAIRS or 2.0 ** (1 - n) > 1 - confidence:
        return None, None
    rank = _interval_rank(n, (1 - confidence) / 2)
    averages = n * (n + 1) // 2
    return walsh_average(values, rank), walsh_average(values, averages + 1 - rank)


def _interval_rank(n: int, tail: float) -> int:
    if n <= EXACT_PAIRS:
        return max(1, signed_rank_quantile(tail, n))
    spread = sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return max(1, floor(n * (n + 1) / 4 + float(ndtri(tail)) * spread))
