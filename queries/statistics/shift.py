"""The Hodges-Lehmann estimate of how far two groups lie apart, with its interval."""

from __future__ import annotations

from math import comb, floor, sqrt
from typing import TYPE_CHECKING

from scipy.special import ndtri

from queries.statistics.differences import difference
from queries.statistics.limits import CONFIDENCE, EXACT_PATIENTS
from queries.statistics.results import Estimate, FloatArray
from queries.statistics.subsets import rank_sum_quantile
from queries.statistics.vectors import rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ROUNDING = 1e-12


def hodges_lehmann_shift(
    first: ArrayLike, second: ArrayLike, *, confidence: float = CONFIDENCE
) -> Estimate:
    """Estimate how far the first group lies above the second, with an interval.

    Parameters
    ----------
    first, second
        One value per patient, shape (n1,) and (n2,), in the outcome's unit, finite.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Estimate
        Median of all differences first minus second; its limits are None where even the
        whole range of the differences does not reach the level (groups of 3 and 3).

    Raises
    ------
    ValueError
        If a group is empty, not one-dimensional or not finite.

    Notes
    -----
    Hodges-Lehmann shift [1]_: the median of all n1 · n2 differences, which is not the
    difference of the medians. The limits are the k-th smallest and k-th largest difference,
    k the rank-sum quantile; above 200 patients by its normal approximation [2]_.

    References
    ----------
    .. [1] Hodges JL, Lehmann EL. Estimates of location based on rank tests.
       Annals of Mathematical Statistics 1963;34:598-611.
    .. [2] Hollander M, Wolfe DA, Chicken E. Nonparametric statistical methods, 3rd ed.
       Wiley 2014, section 4.3.

    Examples
    --------
    >>> shift = hodges_lehmann_shift([-5.0, -4.0, -4.0, -3.0], [-2.0, -1.0, -2.5, 0.0])
    >>> shift.value, shift.ci_low, shift.ci_high
    (-2.75, -5.0, -0.5)
    """
    one, other = rounded(first, "first"), rounded(second, "second")
    pairs = one.size * other.size
    if pairs == 0:
        raise ValueError("`first` and `second` must hold at least one value each.")
    upper_middle = difference(one, other, pairs // 2 + 1)
    lower_middle = upper_middle if pairs % 2 else difference(one, other, pairs // 2)
    low, high = _limits(one, other, confidence)
    value = (lower_middle + upper_middle) / 2
    return Estimate("Hodges-Lehmann shift", value, low, high, confidence)


def _limits(
    first: FloatArray, second: FloatArray, confidence: float
) -> tuple[float | None, float | None]:
    n1, n2 = first.size, second.size
    arrangements = comb(n1 + n2, min(n1, n2, EXACT_PATIENTS))
    if 2 / arrangements - (1 - confidence) > ROUNDING:
        return None, None
    rank = _interval_rank(n1, n2, (1 - confidence) / 2)
    return difference(first, second, rank), difference(first, second, n1 * n2 + 1 - rank)


def _interval_rank(n1: int, n2: int, tail: float) -> int:
    if n1 + n2 <= EXACT_PATIENTS:
        return max(1, rank_sum_quantile(tail, n1, n2))
    spread = sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    return max(1, floor(n1 * n2 / 2 + float(ndtri(tail)) * spread))
