"""The Friedman test: several visits of the same patients at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc
from scipy.stats import rankdata

from queries.statistics.limits import ALPHA, DIFFERENCE_DECIMALS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import FloatArray


@dataclass(frozen=True)
class Friedman:
    """A Friedman test over `k` visits of `n` patients.

    Notes
    -----
    `statistic` is Friedman's chi-squared, corrected for ties; it is None where it is undefined.
    `refused` says in words why `p` is None.
    """

    statistic: float | None
    df: int | None
    p: float | None
    n: int
    k: int
    refused: str | None


def friedman(matrix: ArrayLike) -> Friedman:
    """Test whether the visits differ, each patient being ranked against himself.

    Parameters
    ----------
    matrix
        One row per patient, one column per visit, baseline included, shape (n, k), in the
        outcome's unit, finite: whoever lacks a visit has been left out, and counted, before.

    Returns
    -------
    Friedman
        Chi-squared, its degrees of freedom and P, or the reason why there is none.

    Raises
    ------
    ValueError
        If `matrix` is not two-dimensional or not finite.

    Notes
    -----
    Friedman's test with midranks and tie correction [1]_, as R's ``friedman.test``; values are
    rounded to 9 decimals first. The largest chi-squared that the ties allow arises where every
    patient has the same order of visits; where not even that gives a P of 0.05, there is none.

    References
    ----------
    .. [1] Friedman M. The use of ranks to avoid the assumption of normality implicit in the
       analysis of variance. Journal of the American Statistical Association 1937;32:675-701.

    Examples
    --------
    >>> test = friedman([[8, 4, 3], [7, 5, 2], [9, 9, 4], [6, 3, 3], [8, 2, 1]])
    >>> round(test.statistic, 3), test.df, round(test.p, 4)
    (9.0, 2, 0.0111)
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"`matrix` must be two-dimensional, got shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError("`matrix` must be finite: leave incomplete patients out and count them.")
    n, k = values.shape
    if n < 1 or k < 1:
        return Friedman(None, None, None, n, k, "nothing was measured at every visit")
    ranks = rankdata(np.round(values, DIFFERENCE_DECIMALS), axis=1) - (k + 1) / 2
    statistic, largest = _chi_squared(ranks), _chi_squared(np.sort(ranks, axis=1))
    refused = _refusal(n, k, largest, tied=not np.isclose(largest or 0, n * (k - 1)))
    p = None if refused or statistic is None else float(chdtrc(k - 1, statistic))
    return Friedman(statistic, k - 1, p, n, k, refused)


def _chi_squared(ranks: FloatArray) -> float | None:
    """Friedman's chi-squared of centred ranks, None where no row varies."""
    square = float(np.vdot(ranks, ranks))
    if square == 0:
        return None
    sums = np.sort(ranks.sum(axis=0))
    return float((ranks.shape[1] - 1) * np.dot(sums, sums) / square)


def _refusal(n: int, k: int, largest: float | None, *, tied: bool) -> str | None:
    if k == 1:
        return "there is only one visit"
    if n == 1:
        return "only one patient was measured at every visit"
    if largest is None:
        return "no variation: no patient's value changed between visits"
    if chdtrc(k - 1, largest) > ALPHA:
        few = f"{n} patients, {k} visits and so many equal values"
        untied = chdtrc(k - 1, n * (k - 1))
        few = few if tied and untied <= ALPHA else f"{n} patients and {k} visits"
        return f"with {few} no result could reach {ALPHA:g}"
    return None
