"""The k-th smallest of all differences between two groups, found without holding all of them.

Two groups of half a million have 250 billion differences. Counting how many of them lie at or
below a value is quick on the sorted distinct values, so the k-th is closed in from both sides
until few enough are left to be sorted, as for the averages in `walsh`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.walsh import Window

if TYPE_CHECKING:
    from queries.statistics.results import ClusterArray, FloatArray

SORTED_AT_ONCE = 500_000
SAMPLE = 100_000
SAMPLE_MARGIN = 300


@dataclass(frozen=True)
class Grid:
    """Distinct values of the first group and of the second one negated, both in rising order.

    `row_counts` and `column_counts` say how often each occurs, `before` how many of the second
    group lie before each column. The sum of row p and column q is a difference.
    """

    rows: FloatArray
    row_counts: ClusterArray
    columns: FloatArray
    column_counts: ClusterArray
    before: ClusterArray


def difference(first: FloatArray, second: FloatArray, rank: int) -> float:
    """Return the difference a - b of the given rank, a from the first group, b from the second.

    Parameters
    ----------
    first, second
        Shape (n1,) and (n2,), in any order.
    rank
        1 for the smallest up to n1 · n2 for the largest.

    Returns
    -------
    float
        In the unit of the values; exact, not an approximation.

    Notes
    -----
    Selection in X + Y in the manner of Johnson and Mizoguchi [1]_, with pivots from an evenly
    spaced sample of the differences in question. Memory grows with n1 + n2, not with n1 · n2.

    References
    ----------
    .. [1] Johnson DB, Mizoguchi T. Selecting the Kth element in X + Y and X1 + X2 + ... + Xm.
       SIAM Journal on Computing 1978;7:147-153.

    Examples
    --------
    >>> difference(np.array([4.0, 1.0]), np.array([0.0, 2.0]), 3)
    2.0
    """
    rows, row_counts = np.unique(first, return_counts=True)
    columns, column_counts = np.unique(-second, return_counts=True)
    before = np.concatenate(([0], np.cumsum(column_counts)))
    grid = Grid(rows, row_counts, columns, column_counts, before)
    start = np.zeros(rows.size, dtype=np.int64)
    window = Window(start, start + columns.size, 0, first.size * second.size)
    return _select(grid, window, rank)


def _select(grid: Grid, window: Window, rank: int) -> float:
    while int((window.last - window.first).sum()) > SORTED_AT_ONCE:
        for pivot in _pivots(grid, window, rank):
            narrower = _narrow(grid, window, rank, pivot)
            if narrower is None:
                return pivot
            window = narrower
    places = np.arange(int((window.last - window.first).sum()))
    sums, cumulated = _sorted_sums(grid, window, places)
    return float(sums[np.searchsorted(cumulated, rank - window.below)])


def _narrow(grid: Grid, window: Window, rank: int, pivot: float) -> Window | None:
    """Return the window on the rank's side of the pivot, None where the pivot is the answer."""
    ends, count = _at_or_below(grid, pivot)
    if count < rank:
        below = max(window.below, count)
        return replace(window, first=np.maximum(window.first, ends), below=below)
    ends, count = _at_or_below(grid, float(np.nextafter(pivot, -np.inf)))
    if count < rank:
        return None
    last = np.maximum(np.minimum(window.last, ends), window.first)
    return replace(window, last=last, upto=min(window.upto, count))


def _at_or_below(grid: Grid, pivot: float) -> tuple[ClusterArray, int]:
    """For each row the first column whose sum exceeds the pivot; and how many sums do not."""
    ends = np.searchsorted(grid.columns, pivot - grid.rows, side="right").astype(np.int64)
    ends = _exact_ends(grid, ends, pivot)
    return ends, int(np.dot(grid.row_counts, grid.before[ends]))


def _exact_ends(grid: Grid, ends: ClusterArray, pivot: float) -> ClusterArray:
    """Mend ends that the subtraction pivot - row misplaced: the sums themselves decide."""
    padded = np.concatenate(([-np.inf], grid.columns, [np.inf]))
    while True:
        late = grid.rows + padded[ends + 1] <= pivot
        early = grid.rows + padded[ends] > pivot
        if not (late.any() or early.any()):
            return ends
        ends = ends + late - early


def _pivots(grid: Grid, window: Window, rank: int) -> tuple[float, float]:
    """Two sums from the window that most likely enclose the one of the given rank."""
    total = int((window.last - window.first).sum())
    places = np.linspace(0, total - 1, SAMPLE).astype(np.int64)
    sums, cumulated = _sorted_sums(grid, window, places)
    share = (rank - window.below) / (window.upto - window.below)
    middle = int(np.searchsorted(cumulated, share * cumulated[-1]))
    low = max(middle - SAMPLE_MARGIN, 0)
    return float(sums[low]), float(sums[min(middle + SAMPLE_MARGIN, SAMPLE - 1)])


def _sorted_sums(
    grid: Grid, window: Window, places: ClusterArray
) -> tuple[FloatArray, ClusterArray]:
    """Return the sums at places counted through the window row by row, rising.

    Beside each stands how many pairs of patients it and those before it stand for.
    """
    sizes = window.last - window.first
    ends = np.cumsum(sizes)
    row = np.searchsorted(ends, places, side="right")
    column = window.first[row] + places - (ends - sizes)[row]
    sums = grid.rows[row] + grid.columns[column]
    pairs = grid.row_counts[row] * grid.column_counts[column]
    order = np.argsort(sums)
    return sums[order], np.cumsum(pairs[order])
