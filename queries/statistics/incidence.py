"""The Aalen-Johansen curve: how many have had an event that death can forestall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from queries.statistics.kaplan_meier import durations
from queries.statistics.labels import counted
from queries.statistics.limits import CONFIDENCE
from queries.statistics.vectors import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray, FloatArray


@dataclass(frozen=True, eq=False)
class IncidenceCurve:
    """A cumulative incidence, one entry per time at which anybody's observation ended.

    Notes
    -----
    `events` counts the event in question, `competing` the deaths before it; `incidence` holds
    from each time on. `ci_low` and `ci_high` are NaN (null) before the first event.
    """

    times: FloatArray
    at_risk: ClusterArray
    events: ClusterArray
    competing: ClusterArray
    incidence: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    ci_level: float
    n: int
    n_events: int
    n_competing: int


def first_events(time_days: ArrayLike, states: ArrayLike) -> tuple[FloatArray, ClusterArray]:
    """Return times and states of the same patients: 0 none, 1 the event, 2 death before it."""
    days, codes = durations(time_days), numbers(states, "states")
    if days.size != codes.size:
        raise ValueError("`time_days` and `states` must hold the same patients.")
    if not np.isin(codes, (0, 1, 2)).all():
        raise ValueError("`states` must be 0 (neither), 1 (the event) or 2 (death before it).")
    return days, codes.astype(np.int64)


def cumulative_incidence(
    time_days: ArrayLike, states: ArrayLike, *, confidence: float = CONFIDENCE
) -> IncidenceCurve:
    """Estimate the share who have had an event by each time, where death comes before it in some.

    Parameters
    ----------
    time_days
        Days from the start to the first event, to death or to the last sign of life,
        shape (n,), from 0 up.
    states
        What ended them: 1 the event, 2 death before it, 0 neither; shape (n,).
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    IncidenceCurve
        Empty without patients.

    Raises
    ------
    ValueError
        If the two differ in length, a time is negative, or a state is not 0, 1 or 2.

    Notes
    -----
    Aalen-Johansen estimator [1]_, infinitesimal-jackknife variance and limits on the log
    scale, as ``survival::survfit(Surv(t, factor(state)) ~ 1)``. One minus Kaplan-Meier, which
    counts the dead as if they could still have the event, is always too large.

    References
    ----------
    .. [1] Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov
       chains based on censored observations. Scandinavian Journal of Statistics
       1978;5:141-150.

    Examples
    --------
    >>> curve = cumulative_incidence([10, 20, 30, 40], [1, 2, 1, 0])
    >>> curve.incidence.tolist(), curve.competing.tolist()
    ([0.25, 0.25, 0.5, 0.5], [0, 1, 0, 0])
    """
    days, codes = first_events(time_days, states)
    times, place = np.unique(days, return_inverse=True)
    ended = counted(place.astype(np.int64), codes, (times.size, 3))
    at_risk = np.cumsum(ended.sum(axis=1)[::-1])[::-1]
    before = _event_free(at_risk, ended)
    incidence = np.cumsum(before * ended[:, 1] / at_risk)
    error = np.sqrt(_variance(at_risk, ended, before, incidence))
    low, high = _log_limits(incidence, error, confidence)
    return IncidenceCurve(
        times=times,
        at_risk=at_risk,
        events=ended[:, 1],
        competing=ended[:, 2],
        incidence=incidence,
        std_error=error,
        ci_low=low,
        ci_high=high,
        ci_level=confidence,
        n=days.size,
        n_events=int(ended[:, 1].sum()),
        n_competing=int(ended[:, 2].sum()),
    )


def _event_free(at_risk: ClusterArray, ended: ClusterArray) -> FloatArray:
    free = np.cumprod(1 - (ended[:, 1] + ended[:, 2]) / at_risk)
    return np.concatenate(([1.0], free))[:-1]


def _variance(
    at_risk: ClusterArray, ended: ClusterArray, before: FloatArray, incidence: FloatArray
) -> FloatArray:
    """Sum the squared influence of every patient on the incidence, without going through them.

    Up to the end of his observation a patient's influence is that of everybody still at risk,
    `staying`; from then on it is own + slope · (incidence - incidence at his end).
    """
    any_event = ended[:, 1] + ended[:, 2]
    left = at_risk - any_event
    steps = np.divide(any_event, at_risk * left, out=np.zeros(left.size), where=left > 0)
    hazard = np.cumsum(steps)
    staying = np.cumsum(before * ended[:, 1] / at_risk * ((hazard - steps) - 1 / at_risk))
    ending = np.divide(1, left, out=np.zeros(left.size), where=left > 0)
    total = np.zeros((3, at_risk.size))
    for state in range(3):
        own = staying + (before / at_risk if state == 1 else 0.0)
        slope = hazard - (ending if state else 0.0)
        offset = own - slope * incidence
        for row, term in enumerate((offset * offset, 2 * offset * slope, slope * slope)):
            total[row] += np.cumsum(ended[:, state] * term)
    remaining = at_risk - ended.sum(axis=1)
    gone = total[0] + incidence * total[1] + incidence**2 * total[2]
    variance: FloatArray = np.maximum(gone + remaining * staying**2, 0.0)
    return variance


def _log_limits(
    incidence: FloatArray, error: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray]:
    low, high = np.full(incidence.size, np.nan), np.full(incidence.size, np.nan)
    some = incidence > 0
    half = float(ndtri((1 + confidence) / 2)) * error[some] / incidence[some]
    low[some] = incidence[some] * np.exp(-half)
    high[some] = np.minimum(incidence[some] * np.exp(half), 1.0)
    return low, high
