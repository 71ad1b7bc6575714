"""Generalized estimating equations with robust errors, patients as the clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, logit

from queries.statistics.labels import dummies, sums_of

if TYPE_CHECKING:
    from queries.statistics.results import BoolArray, ClusterArray, FloatArray

ROUNDS = 200
SMALL_STEP = 1e-10
LARGEST_LOG_ODDS = 30.0


class GeeFit(NamedTuple):
    """Coefficients, their robust covariance, and the working correlation within a patient."""

    beta: FloatArray
    covariance: FloatArray
    correlation: float


class Clusters(NamedTuple):
    """Patient of each row, the rows of each patient, and the number of pairs within patients."""

    patient: ClusterArray
    sizes: ClusterArray
    n_pairs: int


def gee_independence(values: FloatArray, design: FloatArray, index: ClusterArray) -> GeeFit:
    """Fit means with independence as working correlation.

    Parameters
    ----------
    values
        Shape (n,).
    design
        Shape (n, p), of full rank.
    index
        Patient of each value, from 0, shape (n,).

    Returns
    -------
    GeeFit
        Least squares with errors that allow for any correlation within a patient.

    Notes
    -----
    The sandwich estimator of Liang and Zeger [1]_ without small-sample correction, as
    ``geepack::geeglm(corstr = "independence", std.err = "san.se")``.

    References
    ----------
    .. [1] Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models.
       Biometrika 1986;73:13-22.

    Examples
    --------
    >>> fit = gee_independence(np.array([1.0, 3.0]), np.ones((2, 1)), np.array([0, 1]))
    >>> fit.beta.tolist(), fit.covariance.tolist()
    ([2.0], [[0.5]])
    """
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ (design.T @ values)
    scores = sums_of(design * (values - design @ beta)[:, None], index, int(index.max()) + 1)
    influence = scores @ bread
    return GeeFit(beta, influence.T @ influence, 0.0)


def gee_exchangeable(
    outcomes: BoolArray, groups: ClusterArray, index: ClusterArray
) -> GeeFit | None:
    """Fit log odds with one common correlation between the levels of a patient.

    Parameters
    ----------
    outcomes
        Shape (n,), in no group all true or all false.
    groups
        Group of each outcome, from 0, shape (n,).
    index
        Patient of each outcome, from 0, shape (n,).

    Returns
    -------
    GeeFit or None
        Log odds of the first group, then of the others against it; None where the equations
        have no solution that can be reached, or only one with an impossible correlation.

    Notes
    -----
    Logit link, moment estimates of scale and correlation, sandwich errors [1]_, as
    ``geepack::geeglm(corstr = "exchangeable", std.err = "san.se")``.

    References
    ----------
    .. [1] Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models.
       Biometrika 1986;73:13-22.

    Examples
    --------
    >>> fit = gee_exchangeable(np.array([1, 0, 0, 1], bool), np.zeros(4, int), np.arange(4))
    >>> fit.beta.tolist(), fit.covariance.tolist(), fit.correlation
    ([0.0], [[1.0]], 0.0)
    """
    levels = np.bincount(groups)
    beta = logit(np.bincount(groups, weights=outcomes) / levels)
    beta[1:] -= beta[0]
    return _solved(outcomes, dummies(groups, levels.size), beta, index)


def gee_logistic(outcomes: BoolArray, design: FloatArray, index: ClusterArray) -> GeeFit | None:
    """Fit log odds on a design, with one common correlation between the levels of a patient.

    Parameters
    ----------
    outcomes
        Shape (n,), neither all true nor all false.
    design
        Shape (n, p), of full rank, its first column ones.
    index
        Patient of each outcome, from 0, shape (n,).

    Returns
    -------
    GeeFit or None
        None where the equations have no solution that can be reached, or only one with an
        impossible correlation.

    Notes
    -----
    As `gee_exchangeable`, from the common rate and no effect [1]_.

    References
    ----------
    .. [1] Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models.
       Biometrika 1986;73:13-22.

    Examples
    --------
    >>> fit = gee_logistic(np.array([1, 0, 0, 1], bool), np.ones((4, 1)), np.arange(4))
    >>> fit.beta.tolist(), fit.covariance.tolist()
    ([0.0], [[1.0]])
    """
    beta = np.zeros(design.shape[1])
    beta[0] = logit(outcomes.mean())
    return _solved(outcomes, design, beta, index)


def _solved(
    outcomes: BoolArray, design: FloatArray, beta: FloatArray, index: ClusterArray
) -> GeeFit | None:
    sizes = np.bincount(index)
    clusters = Clusters(index, sizes, int((sizes * (sizes - 1)).sum()) // 2)
    for _ in range(ROUNDS):
        fit = _round(outcomes, design, beta, clusters)
        if fit is None or np.abs(fit.beta).max() > LARGEST_LOG_ODDS:
            return None
        if np.abs(fit.beta - beta).max() < SMALL_STEP:
            return fit
        beta = fit.beta
    return None


def _round(
    outcomes: BoolArray, design: FloatArray, beta: FloatArray, clusters: Clusters
) -> GeeFit | None:
    mean = expit(design @ beta)
    root = np.sqrt(mean * (1 - mean))
    if not root.all():
        return None
    residual = (outcomes - mean) / root
    alpha = _correlation(residual, clusters)
    largest = int(clusters.sizes.max())
    if not -1 / max(largest - 1, 1) < alpha < 1:
        return None
    rows = np.column_stack((design * root[:, None], residual))
    sums = sums_of(rows, clusters.patient, clusters.sizes.size)
    pull = (alpha / (1 + (clusters.sizes - 1) * alpha))[:, None]
    cross = (rows[:, :-1].T @ rows - sums[:, :-1].T @ (pull * sums)) / (1 - alpha)
    bread = np.linalg.inv(cross[:, :-1])
    products = sums_of(rows[:, :-1] * residual[:, None], clusters.patient, clusters.sizes.size)
    influence = (products - pull * sums[:, :-1] * sums[:, -1:]) @ bread / (1 - alpha)
    return GeeFit(beta + bread @ cross[:, -1], influence.T @ influence, alpha)


def _correlation(residual: FloatArray, clusters: Clusters) -> float:
    if clusters.n_pairs == 0:
        return 0.0
    squares = float(residual @ residual)
    sums = np.bincount(clusters.patient, weights=residual)
    pairs = (float(sums @ sums) - squares) / 2
    return pairs / clusters.n_pairs / (squares / residual.size)
