"""The difference between two rates, with an interval that holds for small groups."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from queries.statistics.proportions import wilson
from queries.statistics.results import Estimate

if TYPE_CHECKING:
    from queries.statistics.results import Proportion

NAME = "difference in rates (Newcombe)"


def rate_difference(first: Proportion, second: Proportion) -> Estimate | None:
    """Give the difference between two rates of different patients.

    Parameters
    ----------
    first, second
        Rates of two groups; the interval has the level of the first.

    Returns
    -------
    Estimate or None
        Rate of the first less rate of the second, and its limits, as fractions; None where a
        group has nobody.

    Notes
    -----
    Newcombe's hybrid score interval (method 10, without continuity correction) [1]_: each
    limit combines the distances from the two rates to their own Wilson limits, also where a
    rate is 0 or 1. Where levels share patients, Wilson's limits rest on the effective sample
    sizes.

    References
    ----------
    .. [1] Newcombe RG. Interval estimation for the difference between independent proportions:
       comparison of eleven methods. Statistics in Medicine 1998;17:873-890.

    Examples
    --------
    >>> from queries.statistics.proportions import counted_proportion
    >>> found = rate_difference(counted_proportion(56, 70), counted_proportion(48, 80))
    >>> round(found.value, 4), round(found.ci_low, 4), round(found.ci_high, 4)
    (0.2, 0.0524, 0.3339)
    """
    if first.rate is None or second.rate is None:
        return None
    level = first.ci_level
    one = wilson(first.k, first.n, deff=first.deff, confidence=level)
    other = wilson(second.k, second.n, deff=second.deff, confidence=level)
    value = first.rate - second.rate
    return Estimate(
        name=NAME,
        value=value,
        ci_low=value - hypot(first.rate - one.low, other.high - second.rate),
        ci_high=value + hypot(one.high - first.rate, second.rate - other.low),
        ci_level=level,
    )
