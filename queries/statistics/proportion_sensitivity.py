"""The comparison of rates by two other methods: Fisher's test and estimating equations."""

from __future__ import annotations

from math import exp, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import chdtrc, gammaln, ndtri
from scipy.stats import fisher_exact

from queries.statistics.gee import gee_exchangeable
from queries.statistics.limits import PERMUTATION_DRAWS, PERMUTATION_SEED
from queries.statistics.permutation import permutation_p
from queries.statistics.results import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.statistics.results import BoolArray, ClusterArray, FloatArray


INDEPENDENT = "Fisher, as if levels were independent"


class Rates(NamedTuple):
    """Names of the groups, and their events and levels, shape (k,)."""

    names: tuple[str, ...]
    events: ClusterArray
    levels: ClusterArray


def fisher(rates: Rates) -> Sensitivity:
    """Compare rates by Fisher's exact test, as if levels were independent.

    Parameters
    ----------
    rates
        Of at least two groups.

    Returns
    -------
    Sensitivity
        Exact for two groups; for more the share of 9,999 random tables with the same margins,
        and of the observed one, that are at most as probable.

    Notes
    -----
    As ``fisher.test`` [1]_, for more than two groups ``simulate.p.value = TRUE``.

    References
    ----------
    .. [1] Freeman GH, Halton JH. Note on an exact treatment of contingency, goodness of fit
       and other problems of significance. Biometrika 1951;38:141-149.

    Examples
    --------
    >>> round(fisher(Rates(("a", "b"), np.array([8, 1]), np.array([10, 10]))).p, 6)
    0.005477
    """
    if len(rates.names) == 2:
        p = float(fisher_exact(np.stack((rates.events, rates.levels - rates.events))).pvalue)
        return Sensitivity(INDEPENDENT, p, None, None, None)
    drawn = f"{INDEPENDENT}, {PERMUTATION_DRAWS:,} random tables"
    return Sensitivity(drawn, _drawn_tables(rates), None, None, None)


def gee(
    rates: Rates,
    outcomes: BoolArray,
    groups: ClusterArray,
    patients: ClusterArray,
    confidence: float,
) -> Sensitivity | str:
    """Compare rates by estimating equations with one correlation within all patients.

    Parameters
    ----------
    rates
        Of at least two groups.
    outcomes, groups, patients
        Of each level, shape (n,).
    confidence
        Level of the interval of the odds ratio.

    Returns
    -------
    Sensitivity or str
        Joint Wald test, with the odds ratio of the second group against the first where there
        are two; or the reason why there is none.

    Notes
    -----
    As ``geepack::geeglm(corstr = "exchangeable", std.err = "san.se")`` [1]_. The odds in a
    group without an event, or with only events, have no logarithm.

    References
    ----------
    .. [1] Halekoh U, Højsgaard S, Yan J. The R package geepack for generalized estimating
       equations. Journal of Statistical Software 2006;15(2):1-11.
    """
    extreme = _without_odds(rates)
    if extreme:
        return f"no GEE: {extreme}"
    k = len(rates.names)
    fit = gee_exchangeable(outcomes, groups, patients)
    if fit is None:
        return "no GEE: it did not converge"
    log_odds, covariance = fit.beta[1:], fit.covariance[1:, 1:]
    if np.linalg.matrix_rank(covariance, hermitian=True) < k - 1:
        return "no GEE: too few patients for its robust errors"
    wald = float(log_odds @ np.linalg.solve(covariance, log_odds))
    p = float(chdtrc(k - 1, wald))
    if k > 2:
        return Sensitivity("GEE, exchangeable, joint Wald", p, None, None, None)
    half = float(ndtri((1 + confidence) / 2)) * sqrt(float(covariance[0, 0]))
    name = f"GEE, exchangeable: odds ratio of {rates.names[1]} against {rates.names[0]}"
    middle = float(log_odds[0])
    return Sensitivity(name, p, exp(middle), exp(middle - half), exp(middle + half))


def _drawn_tables(rates: Rates) -> float:
    random = np.random.default_rng(PERMUTATION_SEED)
    total = int(rates.events.sum())
    drawn = random.multivariate_hypergeometric(
        rates.levels, total, size=PERMUTATION_DRAWS, method="marginals"
    )
    return permutation_p(
        float(_surprise(rates.events, rates.levels)), _surprise(drawn, rates.levels)
    )


def _surprise(events: ClusterArray, levels: ClusterArray) -> FloatArray:
    """Minus the logarithm of a table's probability, up to a constant."""
    factorials = gammaln(np.arange(1.0, int(levels.max()) + 2))
    surprise: FloatArray = (factorials[events] + factorials[levels - events]).sum(axis=-1)
    return surprise


def _without_odds(rates: Rates) -> str:
    reasons = _named("no event in", rates.names, rates.events == 0)
    reasons += _named("only events in", rates.names, rates.events == rates.levels)
    return "; ".join(reasons)


def _named(what: str, names: Sequence[str], chosen: BoolArray) -> list[str]:
    listed = [name for name, yes in zip(names, chosen, strict=True) if yes]
    return [f"{what} {', '.join(listed)}"] if listed else []
