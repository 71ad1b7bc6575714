"""Every pair out of several groups, adjusted after Holm."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from queries.statistics.limits import ALPHA
from queries.statistics.multiplicity import holm
from queries.statistics.paired import holm_out_of_reach
from queries.statistics.rank_sum import RankSum, hodges_lehmann_shift, rank_sum
from queries.statistics.results import Pairwise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike


class Pairs(NamedTuple):
    """One row per pair of groups, and what a reader must know of them in words."""

    rows: tuple[Pairwise, ...]
    notes: tuple[str, ...]


def pairwise(groups: Mapping[str, ArrayLike]) -> Pairs:
    """Compare every two of several groups by rank-sum test and Hodges-Lehmann shift.

    Parameters
    ----------
    groups
        Name of each group and one value per patient, in the outcome's unit, finite; none empty.

    Returns
    -------
    Pairs
        In each row the first group less the second; P is None, and a note says so, where no
        result could reach 0.05.

    Raises
    ------
    ValueError
        If a group is empty, not one-dimensional or not finite.

    Notes
    -----
    Holm counts the pairs that returned a P; the intervals are not adjusted.

    Examples
    --------
    >>> pairs = pairwise({"lung": [-5, -4, -3, -5], "breast": [-1, 0, -2, -1], "kidney": [0, 1]})
    >>> [(row.groups, row.p and round(row.p, 3)) for row in pairs.rows][:2]
    [(('lung', 'breast'), 0.029), (('lung', 'kidney'), None)]
    >>> pairs.notes
    ('no result could reach 0.05 between lung and kidney, breast and kidney',)
    """
    names = list(combinations(groups, 2))
    tests = [rank_sum(groups[one], groups[other]) for one, other in names]
    p_values = [test.p if test.smallest_p <= ALPHA else None for test in tests]
    rows = []
    for pair, p, p_adjusted in zip(names, p_values, holm(p_values), strict=True):
        shift = hodges_lehmann_shift(groups[pair[0]], groups[pair[1]])
        rows.append(Pairwise(pair, p, p_adjusted, shift.value, shift.ci_low, shift.ci_high))
    return Pairs(tuple(rows), _notes(names, tests, [p for p in p_values if p is not None]))


def _notes(
    names: Sequence[tuple[str, str]], tests: Sequence[RankSum], family: Sequence[float]
) -> tuple[str, ...]:
    pairs = [" and ".join(pair) for pair in names]
    out = [pair for pair, test in zip(pairs, tests, strict=True) if test.smallest_p > ALPHA]
    held = [
        pair
        for pair, test in zip(pairs, tests, strict=True)
        if holm_out_of_reach(test.smallest_p, sum(p >= test.smallest_p for p in family))
    ]
    notes = []
    if out:
        notes.append(f"no result could reach {ALPHA:g} between {', '.join(out)}")
    if held:
        notes.append(
            f"with {len(family)} pairs in the family, Holm puts {ALPHA:g} out of reach between "
            f"{', '.join(held)}"
        )
    return tuple(notes)
