"""Who was at risk at each death, and what the log-rank test makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from queries.statistics.results import BoolArray, ClusterArray, FloatArray

SINGULAR = 1e-9


class RiskSets(NamedTuple):
    """Deaths by time, for patients sorted by time.

    `starts` is the first patient still at risk at each time of death, `at_risk` and `deaths`
    count patients at these times, `dead` marks the patients who died.
    """

    starts: ClusterArray
    at_risk: ClusterArray
    deaths: ClusterArray
    dead: BoolArray


class Scores(NamedTuple):
    """Observed and expected deaths by group, the χ², and the sum of the variances.

    The first axis is that of the arrangements.
    """

    observed: FloatArray
    expected: FloatArray
    chi2: FloatArray
    variance: FloatArray


def risk_sets(days: FloatArray, dead: BoolArray) -> RiskSets:
    """Find the times of death and who was at risk at each.

    Parameters
    ----------
    days
        Times of follow-up in rising order, shape (n,).
    dead
        Whether the patient died then, shape (n,).

    Returns
    -------
    RiskSets
        One entry per distinct time of death.

    Examples
    --------
    >>> sets = risk_sets(np.array([1.0, 2.0, 2.0, 5.0]), np.array([False, True, True, True]))
    >>> sets.at_risk.tolist(), sets.deaths.tolist()
    ([3, 1], [2, 1])
    """
    times, deaths = np.unique(days[dead], return_counts=True)
    starts = np.searchsorted(days, times, side="left")
    return RiskSets(starts, days.size - starts, deaths, dead)


def log_rank_scores(labels: ClusterArray, sets: RiskSets, k: int) -> Scores:
    """Compute the log-rank χ² of arrangements of groups over patients.

    Parameters
    ----------
    labels
        Group of each patient, 0 to k - 1, shape (arrangements, n), patients sorted by time.
    sets
        At least one death.
    k
        Number of groups.

    Returns
    -------
    Scores
        Of each arrangement.

    Notes
    -----
    Mantel's test with the hypergeometric variance [1]_, ties as they are, as
    ``survival::survdiff``. Where a group expects no death the χ² is that of the others.

    References
    ----------
    .. [1] Mantel N. Evaluation of survival data and two new rank order statistics arising in
       its consideration. Cancer Chemotherapy Reports 1966;50:163-170.

    Examples
    --------
    >>> sets = risk_sets(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True] * 4))
    >>> log_rank_scores(np.array([[0, 0, 1, 1]]), sets, 2).chi2.round(4).tolist()
    [2.8824]
    """
    share = np.empty((labels.shape[0], sets.starts.size, k))
    observed = np.empty((labels.shape[0], k))
    for group in range(k):
        member = labels == group
        leaving = np.add.reduceat(member, sets.starts, axis=1, dtype=np.int64)
        share[:, :, group] = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1] / sets.at_risk
        observed[:, group] = np.count_nonzero(member[:, sets.dead], axis=1)
    expected = np.einsum("btg,t->bg", share, sets.deaths)
    covariance = _covariance(share, sets)
    excess = (observed - expected)[:, :-1]
    inverse = np.linalg.pinv(covariance[:, :-1, :-1], rcond=SINGULAR, hermitian=True)
    chi2 = np.einsum("bg,bgh,bh->b", excess, inverse, excess)
    return Scores(observed, expected, chi2, np.trace(covariance, axis1=1, axis2=2))


def _covariance(share: FloatArray, sets: RiskSets) -> FloatArray:
    others = np.maximum(sets.at_risk - 1, 1)
    weights = sets.deaths * (sets.at_risk - sets.deaths) / others
    weighted = share * weights[:, None]
    covariance: FloatArray = -np.matmul(share.transpose(0, 2, 1), weighted)
    diagonal = np.arange(share.shape[2])
    covariance[:, diagonal, diagonal] += weighted.sum(axis=1)
    return covariance
