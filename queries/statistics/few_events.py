"""Whether so few events can tell groups apart at all."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ENOUGH = 10


def least_p(k: int, sizes: Sequence[int]) -> float:
    """Give the smallest P that the events of several groups of patients can reach.

    Parameters
    ----------
    k
        Patients with the event, in all groups together.
    sizes
        Patients of each group.

    Returns
    -------
    float
        Probability that all `k` fall into one of the smallest groups by chance.

    Notes
    -----
    Of all ways in which `k` events can fall on the patients this is the furthest from what the
    sizes of the groups let expect, and its probability is hypergeometric [1]_. Ten events are
    always enough and counted no further.

    References
    ----------
    .. [1] Tarone RE. A modified Bonferroni method for discrete data. Biometrics
       1990;46:515-522.

    Examples
    --------
    >>> round(least_p(3, [18, 13]), 4), round(least_p(3, [10, 10]), 4)
    (0.0636, 0.2105)
    """
    smallest, n = min(sizes), sum(sizes)
    alone = prod((smallest - place) / (n - place) for place in range(min(k, smallest, ENOUGH)))
    return list(sizes).count(smallest) * alone
