"""Restricted maximum likelihood for random intercepts of patients and of levels within them."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize

from queries.statistics.labels import sums_of

if TYPE_CHECKING:
    from queries.statistics.results import ClusterArray, FloatArray

LARGEST_RATIO = 1e3
SMALLEST_VARIANCE = 1e-300
RATIO_TOLERANCE = 1e-7
CRITERION_TOLERANCE = 1e-13


class Nesting(NamedTuple):
    """Sums of the rows of each unit, a level or a patient, and the patient it belongs to."""

    total: FloatArray
    unit_sums: FloatArray
    unit_sizes: ClusterArray
    patient: ClusterArray
    n_patients: int


class Profile(NamedTuple):
    """Estimates at given ratios of the standard deviations, the residual's being 1."""

    criterion: float
    beta: FloatArray
    information: FloatArray
    variance: float


class RemlFit(NamedTuple):
    """Coefficients with their covariance; None in its place where the search did not converge.

    `sd` holds the standard deviations of patients, of levels within them, and of the residual.
    """

    beta: FloatArray
    covariance: FloatArray
    sd: tuple[float, float, float]


def fit_reml(
    values: FloatArray, design: FloatArray, patients: ClusterArray, levels: ClusterArray | None
) -> RemlFit | None:
    """Fit a linear mixed model with random intercepts by restricted maximum likelihood.

    Parameters
    ----------
    values
        Shape (n,), not all equal.
    design
        Shape (n, p), of full rank, its first column ones.
    patients
        Patient of each value, from 0, shape (n,).
    levels
        Level of each value, from 0, no level in two patients, shape (n,); None without levels.

    Returns
    -------
    RemlFit or None
        None where the search did not converge.

    Notes
    -----
    The criterion is profiled over coefficients and residual variance [1]_; what is searched
    are the one or two standard deviations relative to the residual's, as ``lme4::lmer``.

    References
    ----------
    .. [1] Bates D, Mächler M, Bolker B, Walker S. Fitting linear mixed-effects models using
       lme4. Journal of Statistical Software 2015;67(1):1-48.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 5.0, 6.0, 6.5])
    >>> design = np.column_stack((np.ones(6), [0.0, 1.0] * 3))
    >>> fit_reml(values, design, np.array([0, 0, 1, 1, 2, 2]), None).beta.round(6).tolist()
    [3.333333, 1.166667]
    """
    centre, scale = float(values.mean()), float(values.std())
    rows = np.column_stack((design, (values - centre) / scale))
    nesting = _nested(rows, patients, levels)

    def criterion(ratios: FloatArray) -> float:
        return _profile(ratios, nesting, values.size).criterion

    start: FloatArray = np.ones(1 if levels is None else 2)
    try:
        found = minimize(
            criterion,
            start,
            method="Nelder-Mead",
            options={"xatol": RATIO_TOLERANCE, "fatol": CRITERION_TOLERANCE},
        )
    except np.linalg.LinAlgError:
        return None
    ratios = np.abs(found.x)
    if not found.success or ratios.max() > LARGEST_RATIO:
        return None
    best = _profile(ratios, nesting, values.size)
    beta, spread = best.beta * scale, scale * best.variance**0.5
    beta[0] += centre
    of_patients, of_levels = _pair(ratios)
    return RemlFit(
        beta,
        np.linalg.inv(best.information) * spread**2,
        (of_patients * spread, of_levels * spread, spread),
    )


def _nested(rows: FloatArray, patients: ClusterArray, levels: ClusterArray | None) -> Nesting:
    units = patients if levels is None else levels
    sizes = np.bincount(units)
    owner = np.zeros(sizes.size, dtype=np.int64)
    owner[units] = patients
    return Nesting(
        rows.T @ rows, sums_of(rows, units, sizes.size), sizes, owner, int(patients.max()) + 1
    )


def _pair(ratios: FloatArray) -> tuple[float, float]:
    return float(abs(ratios[0])), float(abs(ratios[1])) if ratios.size > 1 else 0.0


def _profile(ratios: FloatArray, nesting: Nesting, n: int) -> Profile:
    of_patients, of_levels = (ratio**2 for ratio in _pair(ratios))
    kept = 1 / (1 + nesting.unit_sizes * of_levels)
    shrunk = nesting.unit_sums * kept[:, None]
    by_patient = sums_of(shrunk, nesting.patient, nesting.n_patients)
    weight = np.bincount(nesting.patient, weights=kept * nesting.unit_sizes)
    pull = of_patients / (1 + of_patients * weight)
    cross = nesting.total - of_levels * nesting.unit_sums.T @ shrunk
    cross -= (by_patient * pull[:, None]).T @ by_patient
    information, score = cross[:-1, :-1], cross[:-1, -1]
    beta = np.linalg.solve(information, score).astype(np.float64)
    free = n - beta.size
    variance = max(float(cross[-1, -1] - score @ beta) / free, SMALLEST_VARIANCE)
    determinants = np.log1p(of_patients * weight).sum() - np.log(kept).sum()
    determinants += np.linalg.slogdet(information)[1]
    return Profile(log(variance) + float(determinants) / free, beta, information, variance)
