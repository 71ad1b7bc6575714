"""The score of Gray's test and its covariance, for any number of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from queries.statistics.results import ClusterArray, FloatArray


class Steps(NamedTuple):
    """Event times in rising order by group, shape (T, k).

    `events` and `deaths` happen then, `at_risk` counts before them; `free` and `free_after`
    are the shares without either event before and after, `incidence` that of the event before.
    """

    at_risk: FloatArray
    events: FloatArray
    deaths: FloatArray
    free: FloatArray
    free_after: FloatArray
    incidence: FloatArray


def steps_by_group(ended: ClusterArray) -> Steps:
    """Follow each group through the times of events and deaths.

    Parameters
    ----------
    ended
        Patients whose observation ended at each time, shape (T, k, 3): neither, the event,
        death before it.

    Returns
    -------
    Steps
        Times without event and death dropped.

    Examples
    --------
    >>> steps_by_group(np.array([[[0, 1, 0]], [[1, 0, 0]], [[0, 0, 1]]])).at_risk.tolist()
    [[3.0], [1.0]]
    """
    at_risk = np.cumsum(ended.sum(axis=2)[::-1], axis=0)[::-1].astype(np.float64)
    some = ended[:, :, 1:].any(axis=(1, 2))
    at_risk, happened = at_risk[some], ended[some].astype(np.float64)
    events, deaths = happened[:, :, 1], happened[:, :, 2]
    start = np.ones((1, at_risk.shape[1]))
    staying = (1 - (events + deaths) / np.maximum(at_risk, 1)).astype(np.float64)
    free_after: FloatArray = np.cumprod(staying, axis=0, dtype=np.float64)
    free = np.concatenate((start, free_after))[:-1]
    grown = np.cumsum(free * events / np.maximum(at_risk, 1), axis=0)
    incidence = np.concatenate((0 * start, grown))[:-1]
    return Steps(at_risk, events, deaths, free, free_after, incidence)


def gray_score(steps: Steps) -> tuple[FloatArray, FloatArray]:
    """Compute the score of each group, observed minus expected, and their covariance.

    Parameters
    ----------
    steps
        Of at least two groups.

    Returns
    -------
    tuple of FloatArray
        Score, shape (k,), and covariance, shape (k, k).

    Notes
    -----
    Gray's test with ρ = 0 [1]_, with its small-sample corrections for ties.

    References
    ----------
    .. [1] Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a
       competing risk. Annals of Statistics 1988;16:1141-1154.

    Examples
    --------
    >>> ended = np.array([[[0, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]])
    >>> gray_score(steps_by_group(ended))[0].tolist()
    [0.5, -0.5]
    """
    present = steps.at_risk > 0
    weight = np.divide(steps.at_risk, steps.free, out=np.zeros_like(steps.free), where=present)
    total = weight.sum(axis=1)
    exposed = weight * (1 - steps.incidence)
    happened = steps.events.sum(axis=1)
    expected = happened[:, None] * exposed / exposed.sum(axis=1)[:, None]
    pooled = np.cumsum(happened / total)
    pooled_before = np.concatenate(([0.0], pooled))[:-1]
    kernel = weight[:, :, None] * (np.eye(weight.shape[1]) - (weight / total[:, None])[:, None, :])
    growth = happened / (total * (1 - pooled_before))
    cumulated = np.cumsum(kernel * growth[:, None, None], axis=0)
    score = (steps.events - expected).sum(axis=0)
    to_come = cumulated[-1] - cumulated
    covariance = _from_events(steps, kernel, to_come, total, 1 - pooled)
    return score, covariance + _from_deaths(steps, to_come, 1 - pooled)


def _from_events(
    steps: Steps, kernel: FloatArray, to_come: FloatArray, total: FloatArray, still: FloatArray
) -> FloatArray:
    happened = steps.events.sum(axis=1)[:, None]
    others = total[:, None] * steps.free - 1
    ties = np.divide(happened - 1, others, out=np.zeros_like(others), where=happened > 1)
    hazard = _ratio((1 - ties) * steps.free * happened, total[:, None] * steps.at_risk)
    ratio = _ratio(np.broadcast_to(still[:, None], steps.free.shape), steps.free_after)
    influence = kernel + (1 - ratio)[:, None, :] * to_come
    return _squared(influence, hazard)


def _from_deaths(steps: Steps, to_come: FloatArray, still: FloatArray) -> FloatArray:
    ties = _ratio(np.maximum(steps.deaths - 1, 0), steps.at_risk - 1)
    hazard = _ratio((1 - ties) * steps.free**2 * steps.deaths, steps.at_risk**2)
    ratio = _ratio(np.broadcast_to(still[:, None], steps.free.shape), steps.free_after)
    return _squared(ratio[:, None, :] * to_come, hazard)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros(below.shape), where=below > 0)


def _squared(influence: FloatArray, hazard: FloatArray) -> FloatArray:
    weighted = influence * hazard[:, None, :]
    return np.tensordot(weighted, influence, axes=((0, 2), (0, 2)))
