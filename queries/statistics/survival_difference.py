"""How much more of one group is alive at one day than of another."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from queries.statistics.limits import ONE_YEAR_DAYS
from queries.statistics.results import Estimate
from queries.statistics.survival import survival_at

if TYPE_CHECKING:
    from queries.statistics.kaplan_meier import SurvivalCurve


def survival_difference(
    first: SurvivalCurve, second: SurvivalCurve, *, day: float = ONE_YEAR_DAYS
) -> Estimate | None:
    """Estimate how much more of the first group is alive at one year than of the second.

    Parameters
    ----------
    first, second
        From `kaplan_meier`, of two groups, with the same confidence.
    day
        Days from the start.

    Returns
    -------
    Estimate or None
        Difference of fractions, first minus second; None where either was not observed for
        so long. Without limits where in either group nobody or everybody has died by then.

    Notes
    -----
    Limits by square-and-add from the log-log limits of both curves [1]_, so that they agree
    with the curves and stay between -1 and 1.

    References
    ----------
    .. [1] Zou GY, Donner A. Construction of confidence limits about effect measures: a
       general approach. Statistics in Medicine 2008;27:1693-1702.

    Examples
    --------
    >>> from queries.statistics.survival import kaplan_meier
    >>> one = kaplan_meier([100, 500, 600, 700], [1, 0, 0, 0])
    >>> two = kaplan_meier([100, 200, 600, 700], [1, 1, 0, 0])
    >>> survival_difference(one, two).value
    0.25
    """
    one, two = survival_at(first, day), survival_at(second, day)
    if one is None or two is None:
        return None
    value = one.value - two.value
    low, high = square_and_add(one, two)
    return Estimate(f"difference in {one.name}", value, low, high, one.ci_level)


def square_and_add(one: Estimate, two: Estimate) -> tuple[float | None, float | None]:
    """Return the limits of a difference from those of both estimates; null where one has none."""
    if one.ci_low is None or one.ci_high is None or two.ci_low is None or two.ci_high is None:
        return None, None
    value = one.value - two.value
    low = value - hypot(one.value - one.ci_low, two.ci_high - two.value)
    return low, value + hypot(one.ci_high - one.value, two.value - two.ci_low)
