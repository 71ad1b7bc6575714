"""The interval of a rate by the other methods that readers know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.stats import binomtest

from queries.statistics.results import Sensitivity

if TYPE_CHECKING:
    from queries.statistics.results import Proportion

WILSON = "Wilson, levels as independent"
CLOPPER_PEARSON = "Clopper-Pearson, levels as independent"


def rate_intervals(proportion: Proportion) -> tuple[Sensitivity, ...]:
    """Give the interval of a rate as if its observations were independent.

    Parameters
    ----------
    proportion
        A rate of possibly clustered observations.

    Returns
    -------
    tuple of Sensitivity
        Wilson's score interval and the exact one of Clopper and Pearson, as fractions; none
        without observations.

    Notes
    -----
    As ``prop.test(k, n, correct = FALSE)`` and ``binom.test(k, n)`` [1]_. Where levels of one
    patient are alike both are too narrow.

    References
    ----------
    .. [1] Brown LD, Cai TT, DasGupta A. Interval estimation for a binomial proportion.
       Statistical Science 2001;16:101-133.

    Examples
    --------
    >>> from queries.statistics.proportions import counted_proportion
    >>> exact = rate_intervals(counted_proportion(8, 64))[1]
    >>> round(exact.ci_low, 4), round(exact.ci_high, 4)
    (0.0555, 0.2315)
    """
    if not proportion.n:
        return ()
    test = binomtest(proportion.k, proportion.n)
    level = proportion.ci_level
    wilson = test.proportion_ci(level, method="wilson")
    exact = test.proportion_ci(level, method="exact")
    return (
        Sensitivity(WILSON, None, proportion.rate, float(wilson.low), float(wilson.high)),
        Sensitivity(CLOPPER_PEARSON, None, proportion.rate, float(exact.low), float(exact.high)),
    )
