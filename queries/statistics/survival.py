"""What is read from a survival curve: its median, one day, the number at risk, the follow-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.kaplan_meier import SurvivalCurve, followed, kaplan_meier
from queries.statistics.limits import CONFIDENCE, ONE_YEAR_DAYS
from queries.statistics.results import Estimate
from queries.statistics.vectors import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.incidence import IncidenceCurve
    from queries.statistics.results import ClusterArray, FloatArray

__all__ = [
    "MedianTime",
    "SurvivalCurve",
    "kaplan_meier",
    "median_follow_up",
    "median_time",
    "number_at_risk",
    "survival_at",
]

HALF = 0.5
SAME = float(np.sqrt(np.finfo(np.float64).eps))


@dataclass(frozen=True)
class MedianTime:
    """A median time in days; None where the curve, or a limit, does not come down to half."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float


def median_time(curve: SurvivalCurve) -> MedianTime:
    """Give the time by which half have died, with the limits of the curve's interval.

    Parameters
    ----------
    curve
        From `kaplan_meier`.

    Returns
    -------
    MedianTime
        In days.

    Notes
    -----
    The first time with S below 0.5; where S is exactly 0.5 the midpoint of that flat step, or
    its beginning where the curve ends on it, as ``print(survfit(...))``. The limits are read
    from the curve's limits in the same way [1]_.

    References
    ----------
    .. [1] Brookmeyer R, Crowley J. A confidence interval for the median survival time.
       Biometrics 1982;38:29-41.

    Examples
    --------
    >>> median_time(kaplan_meier([10, 20, 30, 40], [1, 1, 1, 1])).value
    25.0
    """
    return MedianTime(
        value=_half_time(curve.times, curve.survival),
        ci_low=_half_time(curve.times, curve.ci_low),
        ci_high=_half_time(curve.times, curve.ci_high),
        ci_level=curve.ci_level,
    )


def survival_at(curve: SurvivalCurve, day: float = ONE_YEAR_DAYS) -> Estimate | None:
    """Read the survival at one day, with its interval.

    Parameters
    ----------
    curve
        From `kaplan_meier`.
    day
        Days from the start.

    Returns
    -------
    Estimate or None
        A fraction; None after the last patient's last day, unless all have died by then.

    Examples
    --------
    >>> survival_at(kaplan_meier([30, 90, 90, 400], [1, 1, 0, 0])).value
    0.5
    """
    name = f"survival at {day:g} days"
    place = int(np.searchsorted(curve.times, day, side="right")) - 1
    if curve.n == 0 or (day > curve.times[-1] and curve.survival[-1] > 0):
        return None
    if place < 0:
        return Estimate(name, 1.0, None, None, curve.ci_level)
    value, low, high = curve.survival[place], curve.ci_low[place], curve.ci_high[place]
    if np.isnan(low):
        return Estimate(name, float(value), None, None, curve.ci_level)
    return Estimate(name, float(value), float(low), float(high), curve.ci_level)


def number_at_risk(curve: SurvivalCurve | IncidenceCurve, days: ArrayLike) -> ClusterArray:
    """Count those under observation just before each day, for the line under the axis.

    Parameters
    ----------
    curve
        From `kaplan_meier` or `cumulative_incidence`.
    days
        Shape (m,), in any order.

    Returns
    -------
    ClusterArray
        Shape (m,).

    Examples
    --------
    >>> number_at_risk(kaplan_meier([30, 90, 400], [1, 1, 0]), [0, 90, 91, 500]).tolist()
    [3, 2, 1, 0]
    """
    place = np.searchsorted(curve.times, numbers(days, "days"), side="left")
    counts: ClusterArray = np.append(curve.at_risk, 0)[place]
    return counts


def median_follow_up(
    time_days: ArrayLike, died: ArrayLike, *, confidence: float = CONFIDENCE
) -> MedianTime:
    """Give the median follow-up that there would have been without deaths.

    Parameters
    ----------
    time_days, died, confidence
        As for `kaplan_meier`.

    Returns
    -------
    MedianTime
        In days.

    Raises
    ------
    ValueError
        As `kaplan_meier`.

    Notes
    -----
    Reverse Kaplan-Meier [1]_: the end of the observation is the event, a death ends it early.

    References
    ----------
    .. [1] Schemper M, Smith TL. A note on quantifying follow-up in studies of failure time.
       Controlled Clinical Trials 1996;17:343-346.

    Examples
    --------
    >>> median_follow_up([5, 100, 200, 300], [1, 0, 0, 0]).value
    200.0
    """
    days, dead = followed(time_days, died)
    return median_time(kaplan_meier(days, ~dead, confidence=confidence))


def _half_time(times: FloatArray, values: FloatArray) -> float | None:
    reached = np.flatnonzero(values < HALF + SAME)
    if reached.size == 0:
        return None
    first = reached[0]
    later = reached[values[reached] < values[first]]
    if abs(values[first] - HALF) < SAME and later.size:
        return float(times[first] + times[later[0]]) / 2
    return float(times[first])
