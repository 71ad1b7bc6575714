"""Change from baseline in pairs, or the reason in words why there is no test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.limits import ALPHA, FRAGILE_BELOW
from queries.statistics.pseudomedian import hodges_lehmann
from queries.statistics.signed_rank import SignedRank, signed_rank
from queries.statistics.vectors import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import Estimate

__all__ = [
    "PairedChange",
    "SignedRank",
    "hodges_lehmann",
    "holm_out_of_reach",
    "paired_change",
    "signed_rank",
]


@dataclass(frozen=True)
class PairedChange:
    """Baseline, follow-up and change, all described on the same pairs.

    Notes
    -----
    `refused` says in words why `test.p` is None; the estimate stands all the same, unless
    there is no pair. `fragile` marks fewer than 10 pairs. `steps_note` marks P < 0.05 beside
    an interval that touches zero, which happens where values come in steps.
    """

    n: int
    baseline_median: float | None
    follow_up_median: float | None
    test: SignedRank
    estimate: Estimate | None
    refused: str | None
    fragile: bool
    steps_note: bool


def paired_change(baseline: ArrayLike, follow_up: ArrayLike) -> PairedChange:
    """Describe and test the change between two visits, or say why there is no test.

    Parameters
    ----------
    baseline, follow_up
        One value per pair in the same order, shape (n,), in the outcome's unit, finite: whoever
        lacks one of the two has been left out, and counted, before.

    Returns
    -------
    PairedChange
        Medians, signed-rank test and Hodges-Lehmann estimate of follow-up minus baseline.

    Raises
    ------
    ValueError
        If the two differ in length, or are not one-dimensional or not finite.

    Notes
    -----
    The difference of the medians is not the median of the differences; the estimate is the
    second.

    Examples
    --------
    >>> paired_change([8, 9, 7, 8, 8], [3, 3, 2, 4, 5]).refused
    'with 5 pairs no result could reach 0.05'
    """
    before, after = numbers(baseline, "baseline"), numbers(follow_up, "follow_up")
    if before.size != after.size:
        raise ValueError("`baseline` and `follow_up` must hold the same pairs.")
    n = before.size
    test = signed_rank(after - before)
    estimate = hodges_lehmann(after - before) if n else None
    refused = _refusal(test, constant=n > 1 and np.unique([before, after]).size == 1)
    shown = replace(test, p=None) if refused else test
    return PairedChange(
        n=n,
        baseline_median=float(np.median(before)) if n else None,
        follow_up_median=float(np.median(after)) if n else None,
        test=shown,
        estimate=estimate,
        refused=refused,
        fragile=n < FRAGILE_BELOW,
        steps_note=_in_steps(shown.p, estimate),
    )


def holm_out_of_reach(smallest_p: float, tests: int) -> bool:
    """Tell whether a test could reach 0.05 alone, but not within its family under Holm.

    Parameters
    ----------
    smallest_p
        The smallest two-sided P the test can give.
    tests
        Number of tests of the family whose P is not below `smallest_p`, itself included: what
        Holm multiplies that P by.

    Returns
    -------
    bool
        True where only Holm's step, `smallest_p` times `tests`, is above 0.05.

    Examples
    --------
    >>> holm_out_of_reach(2**-6, 4)
    True
    """
    return smallest_p <= ALPHA < smallest_p * tests


def _refusal(test: SignedRank, *, constant: bool) -> str | None:
    if test.n_nonzero + test.n_zero == 0:
        return "nothing was measured at both visits"
    if constant:
        return "no variation: every value at both visits is the same"
    if test.n_nonzero == 0:
        return _only_zeros(test.n_zero)
    if test.smallest_p > ALPHA:
        return f"with {_pairs(test)} no result could reach {ALPHA:g}"
    return None


def _only_zeros(n: int) -> str:
    return "the only difference is zero" if n == 1 else f"all {n} differences are zero"


def _pairs(test: SignedRank) -> str:
    if test.n_zero:
        total = test.n_nonzero + test.n_zero
        return f"{test.n_nonzero} of {total} differences other than zero"
    return "1 pair" if test.n_nonzero == 1 else f"{test.n_nonzero} pairs"


def _in_steps(p: float | None, estimate: Estimate | None) -> bool:
    if p is None or estimate is None or estimate.ci_low is None or estimate.ci_high is None:
        return False
    return p < ALPHA and estimate.ci_low <= 0 <= estimate.ci_high
