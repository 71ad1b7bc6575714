"""The χ² of a table of levels when groups change hands between patients of as many levels."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np

from queries.statistics.limits import PERMUTATION_DRAWS, PERMUTATION_SEED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from queries.statistics.results import BoolArray, ClusterArray, FloatArray

Scalar = TypeVar("Scalar", np.int64, np.float64)


class Stratum(NamedTuple, Generic[Scalar]):
    """Patients of the same number of levels.

    `pattern` is the pattern of each patient, `events` what each patient would contribute under
    each pattern, shape (patients, patterns, k): events by group, or other sums.
    """

    pattern: NDArray[np.int64]
    events: NDArray[Scalar]


def strata(
    outcomes: BoolArray, groups: ClusterArray, patients: ClusterArray, k: int
) -> list[Stratum[np.int64]]:
    """Sort patients by their number of levels and find the patterns of groups among them.

    Parameters
    ----------
    outcomes
        Shape (n,), the levels of each patient in their order.
    groups
        Group of each level, 0 to k - 1, shape (n,).
    patients
        Patient of each level, from 0, shape (n,).
    k
        Number of groups.

    Returns
    -------
    list of Stratum
        Patients and patterns in an order that does not depend on that of the patients.

    Examples
    --------
    >>> found = strata(np.array([True, False]), np.array([0, 1]), np.array([0, 1]), 2)
    >>> found[0].pattern.tolist()
    [1, 0]
    """
    order = np.argsort(patients, kind="stable")
    sizes = np.bincount(patients)
    starts = np.cumsum(sizes) - sizes
    found = []
    for size in np.unique(sizes):
        rows = order[starts[sizes == size][:, None] + np.arange(size)]
        rows = rows[np.lexsort((*groups[rows].T, *outcomes[rows].T))]
        distinct, pattern = np.unique(groups[rows], axis=0, return_inverse=True)
        member = distinct[:, :, None] == np.arange(k)
        events = np.einsum("pl,qlg->pqg", outcomes[rows].astype(np.int64), member)
        found.append(Stratum(pattern.astype(np.int64), events))
    return found


def n_arrangements(parts: list[Stratum[Scalar]]) -> int:
    """Count the distinct assignments of the patterns to patients of as many levels.

    Parameters
    ----------
    parts
        From `strata`.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> n_arrangements([Stratum(np.array([0, 0, 1, 2]), np.zeros((4, 3, 2), np.int64))])
    12
    """
    total = 1
    for part in parts:
        left = part.pattern.size
        for count in np.bincount(part.pattern).tolist():
            total *= comb(left, count)
            left -= count
    return total


def every_arrangement(parts: list[Stratum[Scalar]]) -> NDArray[Scalar]:
    """Add up what the patients contribute in each distinct arrangement.

    Parameters
    ----------
    parts
        From `strata`, with at most some 100,000 arrangements.

    Returns
    -------
    ndarray
        Shape (arrangements, k).

    Examples
    --------
    >>> events = np.array([[[1, 0], [0, 1]], [[0, 0], [0, 0]]])
    >>> every_arrangement([Stratum(np.array([0, 1]), events)]).tolist()
    [[0, 1], [1, 0]]
    """
    total = np.zeros_like(parts[0].events, shape=(1, parts[0].events.shape[2]))
    for part in parts:
        here = _events(part, _assignments(part.pattern))
        total = (total[:, None, :] + here[None, :, :]).reshape(-1, total.shape[1])
    return total


def drawn_arrangements(parts: list[Stratum[Scalar]]) -> NDArray[Scalar]:
    """Add up what the patients contribute in random arrangements, from a fixed seed.

    Parameters
    ----------
    parts
        From `strata`.

    Returns
    -------
    ndarray
        Shape (9,999, k).

    Examples
    --------
    >>> events = np.array([[[1, 0], [0, 1]], [[0, 0], [0, 0]]])
    >>> drawn_arrangements([Stratum(np.array([0, 1]), events)]).sum(axis=1).tolist() == [1] * 9999
    True
    """
    random = np.random.default_rng(PERMUTATION_SEED)
    columns = parts[0].events.shape[2]
    total = np.zeros_like(parts[0].events, shape=(PERMUTATION_DRAWS, columns))
    for part in parts:
        row = np.sort(part.pattern).astype(np.min_scalar_type(int(part.pattern.max())))
        rows = np.tile(row, (PERMUTATION_DRAWS, 1))
        total += _events(part, random.permuted(rows, axis=1))
    return total


def chi2_of_events(events: ClusterArray, sizes: ClusterArray) -> FloatArray:
    """Compute Pearson's χ² of tables whose margins are fixed, from the events by group.

    Parameters
    ----------
    events
        Shape (tables, k), their sum above 0 and below that of the sizes.
    sizes
        Levels of each group, shape (k,), all above 0.

    Returns
    -------
    FloatArray
        Shape (tables,).

    Examples
    --------
    >>> chi2_of_events(np.array([[8, 2]]), np.array([10, 10])).round(6).tolist()
    [7.2]
    """
    rate = events[0].sum() / sizes.sum()
    squares = (events - sizes * rate) ** 2
    chi2: FloatArray = (squares / (sizes * (rate * (1 - rate)))).sum(axis=1)
    return chi2


def _events(part: Stratum[Scalar], arrangements: NDArray[np.integer]) -> NDArray[Scalar]:
    total = np.zeros_like(part.events, shape=(arrangements.shape[0], part.events.shape[2]))
    for patient, by_pattern in enumerate(part.events):
        if by_pattern.any():
            total += by_pattern.take(arrangements[:, patient], axis=0)
    return total


def _assignments(pattern: ClusterArray) -> ClusterArray:
    """List every distinct order of the patterns, filling in all but the commonest."""
    counts = np.bincount(pattern)
    commonest, free = int(counts.argmax()), pattern.size
    rows = np.full((1, free), commonest, dtype=np.int64)
    for other in np.flatnonzero(np.arange(counts.size) != commonest).tolist():
        picks = np.array(list(combinations(range(free), counts[other])))
        places = np.nonzero(rows == commonest)[1].reshape(rows.shape[0], free)
        rows = np.repeat(rows, picks.shape[0], axis=0)
        np.put_along_axis(rows, places[:, picks].reshape(rows.shape[0], -1), other, axis=1)
        free -= int(counts[other])
    return rows
