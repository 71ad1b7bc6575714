"""Values of levels with and without an event by other methods for the same contrast."""

from __future__ import annotations

from math import exp, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from queries.statistics.event_difference import ROBUST, robust_difference
from queries.statistics.gee import gee_logistic
from queries.statistics.limits import MODEL_PATIENTS, ODDS_EVENTS
from queries.statistics.results import Sensitivity

if TYPE_CHECKING:
    from queries.statistics.event_difference import Within

INDEPENDENT = "levels as independent, least squares within strata"
ODDS = "GEE, exchangeable: odds ratio per unit above the stratum's mean"


def independent_levels(within: Within, confidence: float) -> Sensitivity | str:
    """Compare the values as if levels of one patient were independent.

    Parameters
    ----------
    within
        Levels with their values and events less the mean of their stratum.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Sensitivity or str
        The difference with its t test and interval, or the reason why there is none.

    Notes
    -----
    As ``lm(v ~ e + stratum)`` and ``confint`` in R: residual variance on n − strata − 1 degrees
    of freedom [1]_.

    References
    ----------
    .. [1] Chambers JM. Linear models. In: Chambers JM, Hastie TJ, eds. Statistical models in S.
       Wadsworth & Brooks/Cole 1992.
    """
    estimate, df = within.estimate, within.value.size - within.k - 1
    rest = within.value - estimate * within.centred
    if df < 1 or not rest @ rest > 0:
        return "no least squares: nothing is left to judge the spread by"
    error = sqrt(float(rest @ rest / df / (within.centred @ within.centred)))
    half = float(stdtrit(df, (1 + confidence) / 2)) * error
    p = 2 * float(stdtr(df, -abs(estimate) / error))
    return Sensitivity(INDEPENDENT, p, estimate, estimate - half, estimate + half)


def robust_levels(within: Within, confidence: float) -> Sensitivity | str:
    """Compare the values with errors that allow for any correlation within a patient.

    Parameters
    ----------
    within
        Levels with their values and events less the mean of their stratum.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Sensitivity or str
        The difference with its Wald test and interval, or the reason why there is none.

    Notes
    -----
    As ``geepack::geeglm(v ~ e + stratum, corstr = "independence", std.err = "san.se")`` [1]_.
    With few patients its interval is too narrow; below 10 patients, or five with the event, it
    is not given.

    References
    ----------
    .. [1] Halekoh U, Højsgaard S, Yan J. The R package geepack for generalized estimating
       equations. Journal of Statistical Software 2006;15(2):1-11.
    """
    n_patients = np.unique(within.patient).size
    with_event = np.unique(within.patient[within.event]).size
    if n_patients < MODEL_PATIENTS or with_event < ODDS_EVENTS:
        return "no robust errors: the event in too few patients"
    estimate, error = robust_difference(within)
    half = float(ndtri((1 + confidence) / 2)) * error
    p = 2 * float(ndtr(-abs(estimate) / error))
    return Sensitivity(
        f"GEE, independence: {ROBUST}", p, estimate, estimate - half, estimate + half
    )


def odds_per_unit(within: Within, confidence: float) -> Sensitivity | str:
    """Give the odds ratio of the event per unit of the value above its stratum's mean.

    Parameters
    ----------
    within
        Levels with their values and events less the mean of their stratum.
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    Sensitivity or str
        The odds ratio with its Wald test and interval, or the reason why there is none.

    Notes
    -----
    As ``geepack::geeglm(e ~ I(v - ave(v, stratum)), family = binomial, corstr = "exchangeable",
    std.err = "san.se")`` [1]_. Not fitted with fewer than five levels with or without the event.

    References
    ----------
    .. [1] Halekoh U, Højsgaard S, Yan J. The R package geepack for generalized estimating
       equations. Journal of Statistical Software 2006;15(2):1-11.
    """
    fewest = min(int(within.event.sum()), int((~within.event).sum()))
    if fewest < ODDS_EVENTS:
        return (
            f"no GEE: an odds ratio needs {ODDS_EVENTS} levels with the event and as many without"
        )
    design = np.column_stack((np.ones(within.value.size), within.value))
    fit = gee_logistic(within.event, design, within.patient)
    if fit is None:
        return "no GEE: it did not converge"
    middle, error = float(fit.beta[1]), sqrt(float(fit.covariance[1, 1]))
    half = float(ndtri((1 + confidence) / 2)) * error
    p = 2 * float(ndtr(-abs(middle) / error))
    return Sensitivity(ODDS, p, exp(middle), exp(middle - half), exp(middle + half))
