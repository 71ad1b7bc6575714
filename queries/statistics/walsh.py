"""The k-th smallest of all pairwise averages, found without holding all of them.

A million differences have 500 billion Walsh averages. Counting how many of them lie at or
below a value is quick on the sorted distinct differences, so the k-th is closed in from both
sides until few enough are left to be sorted. What is counted are sums, twice the averages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from queries.statistics.results import ClusterArray, FloatArray

SORTED_AT_ONCE = 500_000
SAMPLE = 100_000
SAMPLE_MARGIN = 300


@dataclass(frozen=True)
class Distinct:
    """Distinct differences in rising order, how often each occurs, and how many lie before."""

    values: FloatArray
    counts: ClusterArray
    before: ClusterArray


@dataclass(frozen=True)
class Window:
    """The sums still in question: in row p the columns `first[p]` to `last[p]` - 1.

    `below` sums lie under the window, `upto` under its upper end.
    """

    first: ClusterArray
    last: ClusterArray
    below: int
    upto: int


def walsh_average(differences: FloatArray, rank: int) -> float:
    """Return the Walsh average (a + b) / 2 of the given rank, a value with itself included.

    Parameters
    ----------
    differences
        Shape (n,), in any order.
    rank
        1 for the smallest up to n(n + 1)/2 for the largest.

    Returns
    -------
    float
        In the unit of the differences; exact, not an approximation.

    Notes
    -----
    Selection in X + X in the manner of Johnson and Mizoguchi [1]_, with pivots from an evenly
    spaced sample of the sums in question. Memory grows with n, not with n².

    References
    ----------
    .. [1] Johnson DB, Mizoguchi T. Selecting the Kth element in X + Y and X1 + X2 + ... + Xm.
       SIAM Journal on Computing 1978;7:147-153.

    Examples
    --------
    >>> walsh_average(np.array([-4.0, -1.0, 0.0]), 3)
    -2.0
    """
    values, counts = np.unique(differences, return_counts=True)
    before = np.concatenate(([0], np.cumsum(counts)))
    distinct = Distinct(values, counts.astype(np.int64), before.astype(np.int64))
    return _select(distinct, rank) / 2


def _select(distinct: Distinct, rank: int) -> float:
    size = distinct.values.size
    n = int(distinct.before[-1])
    window = Window(np.arange(size), np.full(size, size), 0, n * (n + 1) // 2)
    while int((window.last - window.first).sum()) > SORTED_AT_ONCE:
        for pivot in _pivots(distinct, window, rank):
            narrower = _narrow(distinct, window, rank, pivot)
            if narrower is None:
                return pivot
            window = narrower
    return _pick(distinct, window, rank)


def _narrow(distinct: Distinct, window: Window, rank: int, pivot: float) -> Window | None:
    """Return the window on the rank's side of the pivot, None where the pivot is the answer."""
    ends, count = _at_or_below(distinct, pivot)
    if count < rank:
        below = max(window.below, count)
        return replace(window, first=np.maximum(window.first, ends), below=below)
    ends, count = _at_or_below(distinct, float(np.nextafter(pivot, -np.inf)))
    if count < rank:
        return None
    last = np.maximum(np.minimum(window.last, ends), window.first)
    return replace(window, last=last, upto=min(window.upto, count))


def _at_or_below(distinct: Distinct, pivot: float) -> tuple[ClusterArray, int]:
    """For each row the first column whose sum exceeds the pivot; and how many sums do not."""
    values, counts, before = distinct.values, distinct.counts, distinct.before
    ends = np.searchsorted(values, pivot - values, side="right").astype(np.int64)
    ends = _exact_ends(values, ends, pivot)
    own = counts * (counts + 1) // 2
    in_row = counts * (before[ends] - before[1:]) + own
    return ends, int(in_row[ends > np.arange(values.size)].sum())


def _exact_ends(values: FloatArray, ends: ClusterArray, pivot: float) -> ClusterArray:
    """Mend ends that the subtraction pivot - value misplaced: the sums themselves decide."""
    padded = np.concatenate(([-np.inf], values, [np.inf]))
    while True:
        late = values + padded[ends + 1] <= pivot
        early = values + padded[ends] > pivot
        if not (late.any() or early.any()):
            return ends
        ends = ends + late - early


def _pivots(distinct: Distinct, window: Window, rank: int) -> tuple[float, float]:
    """Two sums from the window that most likely enclose the one of the given rank."""
    total = int((window.last - window.first).sum())
    rows, columns = _cells(window, np.linspace(0, total - 1, SAMPLE).astype(np.int64))
    sums, cumulated = _sorted_sums(distinct, rows, columns)
    share = (rank - window.below) / (window.upto - window.below)
    middle = int(np.searchsorted(cumulated, share * cumulated[-1]))
    low = max(middle - SAMPLE_MARGIN, 0)
    return float(sums[low]), float(sums[min(middle + SAMPLE_MARGIN, SAMPLE - 1)])


def _pick(distinct: Distinct, window: Window, rank: int) -> float:
    rows, columns = _cells(window, np.arange(int((window.last - window.first).sum())))
    sums, cumulated = _sorted_sums(distinct, rows, columns)
    return float(sums[np.searchsorted(cumulated, rank - window.below)])


def _cells(window: Window, places: ClusterArray) -> tuple[ClusterArray, ClusterArray]:
    """Return row and column of places counted through the window row by row."""
    sizes = window.last - window.first
    ends = np.cumsum(sizes)
    rows = np.searchsorted(ends, places, side="right").astype(np.int64)
    return rows, window.first[rows] + places - (ends - sizes)[rows]


def _sorted_sums(
    distinct: Distinct, rows: ClusterArray, columns: ClusterArray
) -> tuple[FloatArray, ClusterArray]:
    """Return the sums in rising order and how many pairs each and those before it stand for."""
    counts = distinct.counts
    own = counts[rows] * (counts[rows] + 1) // 2
    pairs = np.where(rows == columns, own, counts[rows] * counts[columns])
    sums = distinct.values[rows] + distinct.values[columns]
    order = np.argsort(sums)
    return sums[order], np.cumsum(pairs[order])
