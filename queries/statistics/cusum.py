"""A running check on a rate: the Bernoulli CUSUM, and how long it runs before it signals."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from queries.statistics.limits import CUSUM_RATIO
from queries.statistics.vectors import events

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import FloatArray

NEGLIGIBLE = 1e-12


class Weights(NamedTuple):
    """What one event adds to the sum, and what one outcome without it takes off."""

    event: float
    clean: float


class Cusum(NamedTuple):
    """The sum after every outcome, shape (n,), and the places (from 0) at which it signalled."""

    sums: FloatArray
    signals: tuple[int, ...]


def cusum_weights(target: float) -> Weights:
    """Give the weights of a CUSUM that watches for twice the target rate.

    Parameters
    ----------
    target
        The rate that is expected, above 0 and below 0.5.

    Returns
    -------
    Weights
        log(p1 / p0), and −log((1 − p1) / (1 − p0)) with p1 = 2·p0.

    Raises
    ------
    ValueError
        If the target, or twice the target, is no rate.

    Notes
    -----
    Log-likelihood ratios of one outcome under twice the target and under the target [1]_.

    References
    ----------
    .. [1] Steiner SH, Cook RJ, Farewell VT, Treasure T. Monitoring surgical performance using
       risk-adjusted cumulative sum charts. Biostatistics 2000;1:441-452.

    Examples
    --------
    >>> [round(weight, 3) for weight in cusum_weights(0.125)]
    [0.693, 0.154]
    """
    if not 0 < target * CUSUM_RATIO < 1:
        raise ValueError(f"`target` must lie between 0 and {1 / CUSUM_RATIO:g}, got {target:g}.")
    return Weights(log(CUSUM_RATIO), log((1 - target) / (1 - CUSUM_RATIO * target)))


def cusum(outcomes: ArrayLike, target: float, limit: float) -> Cusum:
    """Run a CUSUM over outcomes in their order; it starts again at 0 after each signal.

    Parameters
    ----------
    outcomes
        True or False (1 or 0) in order of time, shape (n,).
    target
        The rate that is expected, above 0 and below 0.5.
    limit
        The sum at which it signals, above 0.

    Returns
    -------
    Cusum
        A sum that signalled is given as it stood, at or above the limit.

    Raises
    ------
    ValueError
        If an outcome is neither 0 nor 1, or the target cannot be doubled.

    Notes
    -----
    S = max(0, S + weight), upper side only [1]_: it answers to more events, never to fewer.

    References
    ----------
    .. [1] Reynolds MR, Stoumbos ZG. A CUSUM chart for monitoring a proportion when inspecting
       continuously. Journal of Quality Technology 1999;31:87-108.

    Examples
    --------
    >>> run = cusum([1, 0, 1, 1, 1, 1], 0.125, 2.5)
    >>> run.sums.round(2).tolist(), run.signals
    ([0.69, 0.54, 1.23, 1.93, 2.62, 0.69], (4,))
    """
    up, down = cusum_weights(target)
    sums, signals, total = [], [], 0.0
    for place, event in enumerate(events(outcomes, "outcomes").tolist()):
        total = max(0.0, total + (up if event else -down))
        sums.append(total)
        if total >= limit:
            signals.append(place)
            total = 0.0
    return Cusum(np.array(sums, dtype=np.float64), tuple(signals))


def run_length(rate: float, target: float, limit: float) -> float:
    """Give the mean number of outcomes until a CUSUM signals.

    Parameters
    ----------
    rate
        The true rate of independent outcomes, above 0 and below 1.
    target
        The rate that is expected, above 0 and below 0.5.
    limit
        The sum at which it signals, above 0.

    Returns
    -------
    float
        At least 1.

    Raises
    ------
    ValueError
        If the target cannot be doubled.

    Notes
    -----
    A sum that is back at 0 starts afresh, so the mean run is the mean length of a way from 0
    back to 0 or over the limit, divided by the chance that it ends over the limit (Wald's
    identity) [1]_. The ways are counted out, sums that events and clean outcomes make in any
    order together, until what is left has a probability below 1e-12; no sum is rounded.

    References
    ----------
    .. [1] Brook D, Evans DA. An approach to the probability distribution of cusum run length.
       Biometrika 1972;59:539-549.

    Examples
    --------
    >>> [round(run_length(rate, 0.125, 2.5), 1) for rate in (0.125, 0.25)]
    [271.9, 33.0]
    """
    up, down = cusum_weights(target)
    under_way, steps, over = {(0, 0): 1.0}, 0.0, 0.0
    while (left := sum(under_way.values())) > NEGLIGIBLE:
        steps += left
        after: dict[tuple[int, int], float] = {}
        for (n_events, n_clean), chance in under_way.items():
            for place, share in (
                ((n_events + 1, n_clean), chance * rate),
                ((n_events, n_clean + 1), chance * (1 - rate)),
            ):
                total = place[0] * up - place[1] * down
                if total >= limit:
                    over += share
                elif total > 0:
                    after[place] = after.get(place, 0.0) + share
        under_way = after
    return steps / over
