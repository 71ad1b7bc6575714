"""The Kaplan-Meier curve with its log-log limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from queries.statistics.limits import CONFIDENCE
from queries.statistics.vectors import events, numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import BoolArray, ClusterArray, FloatArray


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A Kaplan-Meier curve, one entry per time at which somebody died or was censored.

    Notes
    -----
    `at_risk` counts those under observation just before each time, `survival` holds from
    that time on. `ci_low` and `ci_high` are NaN (null) where the survival is 1 or 0.
    """

    times: FloatArray
    at_risk: ClusterArray
    events: ClusterArray
    survival: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    ci_level: float
    n: int
    n_events: int


def durations(time_days: ArrayLike) -> FloatArray:
    """Return times of follow-up as a vector of floats from 0 up."""
    days = numbers(time_days, "time_days")
    if (days < 0).any():
        raise ValueError("`time_days` must not be negative: nobody is followed before the start.")
    return days


def followed(time_days: ArrayLike, died: ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Return times and deaths of the same patients."""
    days, dead = durations(time_days), events(died, "died")
    if days.size != dead.size:
        raise ValueError("`time_days` and `died` must hold the same patients.")
    return days, dead


def kaplan_meier(
    time_days: ArrayLike, died: ArrayLike, *, confidence: float = CONFIDENCE
) -> SurvivalCurve:
    """Estimate the share still alive at each time, those lost counted as long as observed.

    Parameters
    ----------
    time_days
        Days from the start to death or to the last sign of life, shape (n,), from 0 up.
    died
        True or False (1 or 0), shape (n,).
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    SurvivalCurve
        Empty without patients.

    Raises
    ------
    ValueError
        If the two differ in length, a time is negative, or `died` is not true or false.

    Notes
    -----
    Product-limit estimator [1]_ with Greenwood's variance and limits on the scale of
    log(-log S), as ``survival::survfit(conf.type = "log-log")``. Who is censored on a day on
    which others die counts as at risk of it.

    References
    ----------
    .. [1] Kaplan EL, Meier P. Nonparametric estimation from incomplete observations.
       Journal of the American Statistical Association 1958;53:457-481.

    Examples
    --------
    >>> curve = kaplan_meier([30, 90, 90, 200], [1, 1, 0, 0])
    >>> curve.times.tolist(), curve.at_risk.tolist(), curve.survival.tolist()
    ([30.0, 90.0, 200.0], [4, 3, 1], [0.75, 0.5, 0.5])
    """
    days, dead = followed(time_days, died)
    times, place = np.unique(days, return_inverse=True)
    leaving = np.bincount(place, minlength=times.size)
    deaths = np.bincount(place[dead], minlength=times.size)
    at_risk = days.size - np.cumsum(leaving) + leaving
    survival = np.cumprod(1 - deaths / at_risk)
    spread = np.sqrt(_greenwood(at_risk, deaths))
    low, high = _log_log(survival, spread, confidence)
    return SurvivalCurve(
        times=times,
        at_risk=at_risk.astype(np.int64),
        events=deaths.astype(np.int64),
        survival=survival,
        std_error=survival * spread,
        ci_low=low,
        ci_high=high,
        ci_level=confidence,
        n=days.size,
        n_events=int(dead.sum()),
    )


def _greenwood(at_risk: ClusterArray, deaths: ClusterArray) -> FloatArray:
    left = at_risk * (at_risk - deaths)
    return np.cumsum(np.divide(deaths, left, out=np.zeros(left.size), where=left > 0))


def _log_log(
    survival: FloatArray, spread: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray]:
    low, high = np.full(survival.size, np.nan), np.full(survival.size, np.nan)
    between = (survival > 0) & (survival < 1)
    some = survival[between]
    half = float(ndtri((1 + confidence) / 2)) * spread[between] / np.log(some)
    low[between], high[between] = some ** np.exp(-half), some ** np.exp(half)
    return low, high
