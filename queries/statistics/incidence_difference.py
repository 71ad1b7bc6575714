"""How many more of one group have had an event by one day than of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from queries.statistics.competing import incidence_at
from queries.statistics.limits import ONE_YEAR_DAYS
from queries.statistics.results import Estimate
from queries.statistics.survival_difference import square_and_add

if TYPE_CHECKING:
    from queries.statistics.incidence import IncidenceCurve


def incidence_difference(
    first: IncidenceCurve, second: IncidenceCurve, *, day: float = ONE_YEAR_DAYS
) -> Estimate | None:
    """Estimate how many more of the first group have had an event by one year.

    Parameters
    ----------
    first, second
        From `cumulative_incidence`, of two groups, with the same confidence.
    day
        Days from the start.

    Returns
    -------
    Estimate or None
        Difference of fractions, first minus second; None where either was not observed for
        so long, or had no event by then and so has no limits.

    Notes
    -----
    Limits by square-and-add from the log limits of both curves [1]_, so that they agree with
    the curves.

    References
    ----------
    .. [1] Zou GY, Donner A. Construction of confidence limits about effect measures: a
       general approach. Statistics in Medicine 2008;27:1693-1702.

    Examples
    --------
    >>> from queries.statistics.incidence import cumulative_incidence
    >>> one = cumulative_incidence([100, 200, 600, 700], [1, 1, 0, 0])
    >>> two = cumulative_incidence([100, 500, 600, 700], [1, 0, 0, 0])
    >>> incidence_difference(one, two).value
    0.25
    """
    one, two = incidence_at(first, day), incidence_at(second, day)
    if one is None or two is None:
        return None
    low, high = square_and_add(one, two)
    if low is None or high is None:
        return None
    return Estimate(f"difference in {one.name}", one.value - two.value, low, high, one.ci_level)
