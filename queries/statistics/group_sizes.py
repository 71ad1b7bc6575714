"""Which groups are large enough to be compared, and what is said of the others."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

from queries.statistics.limits import ALPHA, GROUP_NEEDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from queries.statistics.results import FloatArray

    Vectors = Mapping[str, FloatArray]

PAIR = 2
MANY = 100


def large_enough(measured: Vectors) -> Vectors:
    """Return the groups that a comparison of them all can use; two are always both kept.

    Parameters
    ----------
    measured
        Name and values of each group, none empty.

    Returns
    -------
    Mapping
        Without the groups of fewer than two patients, and those so small that not even values
        entirely above or below everybody else's would give a rank-sum P of 0.05.

    Examples
    --------
    >>> import numpy as np
    >>> list(large_enough({"a": np.ones(9), "b": np.ones(3), "c": np.ones(1)}))
    ['a', 'b']
    """
    if len(measured) <= PAIR:
        return measured
    n = sum(vector.size for vector in measured.values())
    return {name: v for name, v in measured.items() if not _too_small(v.size, n)}


def left_out_notes(vectors: Vectors, left_out: Sequence[str]) -> tuple[str, ...]:
    """Name the groups left out, with their sizes, apart from those without a value."""
    small = [f"{name} ({vectors[name].size})" for name in left_out if vectors[name].size]
    empty = [name for name in left_out if not vectors[name].size]
    notes = []
    if small:
        notes.append(f"left out as too small: {listed(small)}")
    if empty:
        notes.append(f"left out, nothing measured: {listed(empty)}")
    return tuple(notes)


def nothing_to_compare(measured: Vectors, kept: Vectors) -> str:
    """Say why fewer than two groups are left."""
    if not measured:
        return "nothing was measured in any group"
    if len(measured) == 1:
        return f"one group only: {next(iter(measured))}"
    if kept:
        return f"{next(iter(kept))} is the only group large enough for a comparison"
    sizes = listed([str(vector.size) for vector in measured.values()])
    return (
        f"with groups of {sizes} no group is large enough to reach {ALPHA:g} against all others "
        "together"
    )


def listed(names: Sequence[str]) -> str:
    """Join names for a sentence: one, one and two, one, two and three."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _too_small(size: int, n: int) -> bool:
    arrangements = comb(n, min(size, n - size, MANY))
    return size < GROUP_NEEDS or 2 / arrangements > ALPHA
