"""Changes compared between two groups of patients, or the reason in words why there is no test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.limits import ALPHA, EXACT_PATIENTS, FRAGILE_BELOW
from queries.statistics.rank_sum import RankSum, hodges_lehmann_shift, rank_sum
from queries.statistics.vectors import rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import Estimate, FloatArray


@dataclass(frozen=True)
class TwoGroups:
    """Two groups described and compared, the first against the second.

    Notes
    -----
    `refused` says in words why `test.p` is None; the estimate stands all the same, unless a
    group is empty. `fragile` marks a group of fewer than 10. `steps_note` marks P < 0.05
    beside an interval that touches zero, which happens where values come in steps.
    """

    n1: int
    n2: int
    median1: float | None
    median2: float | None
    test: RankSum
    estimate: Estimate | None
    refused: str | None
    fragile: bool
    steps_note: bool


def compare_two(first: ArrayLike, second: ArrayLike) -> TwoGroups:
    """Compare the changes of two groups of patients, or say why there is no test.

    Parameters
    ----------
    first, second
        One value per patient, shape (n1,) and (n2,), in the outcome's unit, finite.

    Returns
    -------
    TwoGroups
        Medians, rank-sum test and Hodges-Lehmann shift of the first less the second.

    Raises
    ------
    ValueError
        If a group is not one-dimensional or not finite.

    Notes
    -----
    The difference of the medians is not the median of the differences; the estimate is the
    second.

    Examples
    --------
    >>> compare_two([-5, -4, -4], [-1, -2, 0]).refused
    'with groups of 3 and 3 no result could reach 0.05'
    """
    one, other = rounded(first, "first"), rounded(second, "second")
    test = rank_sum(one, other)
    estimate = hodges_lehmann_shift(one, other) if one.size and other.size else None
    refused = _refusal(test)
    shown = replace(test, p=None) if refused else test
    return TwoGroups(
        n1=one.size,
        n2=other.size,
        median1=middle(one),
        median2=middle(other),
        test=shown,
        estimate=estimate,
        refused=refused,
        fragile=min(one.size, other.size) < FRAGILE_BELOW,
        steps_note=_in_steps(shown.p, estimate),
    )


def middle(values: FloatArray) -> float | None:
    """Return the median, None without values."""
    return float(np.median(values)) if values.size else None


def _refusal(test: RankSum) -> str | None:
    sizes = f"groups of {test.n1} and {test.n2}"
    if test.n1 + test.n2 == 0:
        return "nothing was measured in either group"
    if test.n1 * test.n2 == 0:
        return f"with {sizes} there is nothing to compare"
    if test.p is None:
        return "no variation: every value in both groups is the same"
    if test.smallest_p <= ALPHA:
        return None
    few = min(test.n1 + test.n2, EXACT_PATIENTS)
    tied = 2 / comb(few, min(test.n1, test.n2, few // 2)) <= ALPHA
    return f"with {sizes}{' and so many equal values' * tied} no result could reach {ALPHA:g}"


def _in_steps(p: float | None, estimate: Estimate | None) -> bool:
    if p is None or estimate is None or estimate.ci_low is None or estimate.ci_high is None:
        return False
    return p < ALPHA and estimate.ci_low <= 0 <= estimate.ci_high
