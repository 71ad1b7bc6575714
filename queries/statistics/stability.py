"""Whether a measure stayed where it was: the mean change against a margin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import stdtr, stdtrit

from queries.statistics.limits import STABILITY_CONFIDENCE, STABILITY_NEEDS
from queries.statistics.proportions import Interval
from queries.statistics.vectors import numbers, rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import FloatArray

Verdict = Literal["stable", "changed", "undecided"]


@dataclass(frozen=True)
class Stability:
    """The mean change of `n` patients with its 90 % interval, and the verdict.

    Notes
    -----
    `verdict` is "undecided" where the t interval and Hall's limits disagree; `p` is the larger
    of the two one-sided ones and tests for "stable" only. `refused` says in words why there
    is no verdict; mean and interval stand all the same where they exist.
    """

    n: int
    mean: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    verdict: Verdict | None = None
    p: float | None = None
    refused: str | None = None
    hall_low: float | None = None
    hall_high: float | None = None
    hall_verdict: Verdict | None = None


def stability(changes: ArrayLike, margin: float | None) -> Stability:
    """Judge whether the mean change lies within a margin, beyond it, or cannot be told.

    Parameters
    ----------
    changes
        One change per patient, the mean of his levels, shape (n,), finite.
    margin
        Largest change that still counts as stable, above 0, in the unit of the changes; None
        where the codebook has none.

    Returns
    -------
    Stability
        Mean, 90 % interval, verdict and P, and Hall's limits as sensitivity.

    Raises
    ------
    ValueError
        If `changes` is not one-dimensional or not finite, or `margin` not above 0.

    Notes
    -----
    Two one-sided t tests at 5 % [1]_, as the 90 % interval of R's ``t.test(d, conf.level =
    .90)``: "stable" inside the margin, "changed" wholly beyond it on one side, "undecided"
    otherwise. Hall's limits [2]_ correct the t statistic T for the skewness g of the changes
    by T + g T² / (3√n) + g² T³ / (27n) + g / (6√n), g being the third central moment over the
    second to the power 1.5; the quantile is that of t, so that without skewness they are the
    t interval. The verdict concerns the mean: a few collapses can hide in it. Where one level
    in ten has collapsed by 6 standard deviations and the true mean lies exactly at the margin,
    31 patients with 64 levels are called stable in 6 to 8 % of samples instead of 5 %.

    References
    ----------
    .. [1] Schuirmann DJ. A comparison of the two one-sided tests procedure and the power
       approach for assessing the equivalence of average bioavailability. Journal of
       Pharmacokinetics and Biopharmaceutics 1987;15:657-680.
    .. [2] Hall P. On the removal of skewness by transformation. Journal of the Royal
       Statistical Society B 1992;54:221-228.

    Examples
    --------
    >>> height = stability([-1.0, 0.5, -0.5, 0.0, -1.5, 0.5, -0.5, 0.5], margin=2.0)
    >>> height.verdict, round(height.ci_low, 3), round(height.ci_high, 3)
    ('stable', -0.756, 0.256)
    """
    vector = np.sort(rounded(changes, "changes"))
    if margin is not None and not margin > 0:
        raise ValueError(f"`margin` must be above 0, got {margin}.")
    n = vector.size
    if n == 0:
        return Stability(n, refused="nothing was measured at both visits")
    mean = float(vector.mean())
    if n < STABILITY_NEEDS:
        return Stability(n, mean, refused="with 1 patient the mean change has no interval")
    if np.ptp(vector) == 0:
        return Stability(n, float(vector[0]), refused="no variation: every change is the same")
    error, skewness = float(vector.std(ddof=1)) / sqrt(n), _skewness(vector)
    low, high = _t_limits(mean, error, n, 0.0)
    hall = _t_limits(mean, error, n, skewness)
    shown = Stability(n, mean, low, high, hall_low=hall.low, hall_high=hall.high)
    if margin is None:
        return replace(shown, refused="no margin is set, so stability cannot be judged")
    verdict, hall_verdict = _verdict(Interval(low, high), margin), _verdict(hall, margin)
    return replace(
        shown,
        verdict=verdict if verdict == hall_verdict else "undecided",
        p=float(stdtr(n - 1, (abs(mean) - margin) / error)),
        hall_verdict=hall_verdict,
    )


def percent_of_reference(changes: ArrayLike, references: ArrayLike) -> FloatArray:
    """Express changes of height in per cent of each level's own reference height.

    The margin of a height is such a percentage: average these over the levels of each patient,
    then judge them by `stability`.

    Parameters
    ----------
    changes
        One change per level, shape (n,), finite.
    references
        Reference height of the same level in the same unit, shape (n,), above 0.

    Returns
    -------
    FloatArray
        Per cent, shape (n,).

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, or a reference not above 0.

    Examples
    --------
    >>> percent_of_reference([-1.0, 0.5], [20.0, 25.0]).tolist()
    [-5.0, 2.0]
    """
    change, reference = numbers(changes, "changes"), numbers(references, "references")
    if change.size != reference.size:
        raise ValueError("`changes` and `references` must hold the same levels.")
    if not (reference > 0).all():
        raise ValueError("`references` must be above 0.")
    return 100 * change / reference


def _skewness(vector: FloatArray) -> float:
    centred = vector - vector.mean()
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)


def _t_limits(mean: float, error: float, n: int, skewness: float) -> Interval:
    """Limits where T, corrected for skewness, reaches its quantiles; the cubic is inverted."""
    quantile = float(stdtrit(n - 1, (1 + STABILITY_CONFIDENCE) / 2))
    shifts = []
    for t in (quantile, -quantile):
        straight = t - skewness / (6 * sqrt(n))
        root = float(np.cbrt(1 + skewness * straight / sqrt(n)))
        shifts.append(3 * straight / (1 + root + root**2))
    return Interval(mean - error * shifts[0], mean - error * shifts[1])


def _verdict(interval: Interval, margin: float) -> Verdict:
    if -margin < interval.low and interval.high < margin:
        return "stable"
    if interval.low > margin or interval.high < -margin:
        return "changed"
    return "undecided"
