"""Changes compared between groups of patients, or the reason in words why there is no test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.group_sizes import (
    PAIR,
    large_enough,
    left_out_notes,
    listed,
    nothing_to_compare,
)
from queries.statistics.kruskal import KruskalWallis, kruskal_wallis
from queries.statistics.limits import ALPHA, FRAGILE_BELOW, PERMUTATION_DRAWS
from queries.statistics.pairwise import Pairs, pairwise
from queries.statistics.two_groups import TwoGroups, compare_two, middle
from queries.statistics.vectors import rounded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from queries.statistics.results import Estimate, FloatArray, Pairwise

    Vectors = Mapping[str, FloatArray]

__all__ = ["Group", "GroupComparison", "TwoGroups", "compare_groups", "compare_two"]


@dataclass(frozen=True)
class Group:
    """One group as it came: number of patients and median."""

    name: str
    n: int
    median: float | None


@dataclass(frozen=True, kw_only=True)
class GroupComparison:
    """Groups compared by one test, with what was left out and the pairs.

    Notes
    -----
    `compared` names the groups in the test, `left_out` those too small for it or without a
    value; `n` counts the patients in the test. `estimate` and `effect` exist for two groups
    only and mean the first less the second, as in each of `pairwise`. `smallest_p` is the
    smallest P that two groups could give. `refused` says in words why `p` is None.
    """

    groups: tuple[Group, ...]
    compared: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    n: int = 0
    method: str | None = None
    statistic_name: str | None = None
    statistic: float | None = None
    df: int | None = None
    p: float | None = None
    smallest_p: float | None = None
    estimate: Estimate | None = None
    effect: float | None = None
    refused: str | None = None
    fragile: bool = False
    notes: tuple[str, ...] = ()
    pairwise: tuple[Pairwise, ...] = ()


def compare_groups(groups: Mapping[str, ArrayLike]) -> GroupComparison:
    """Compare the changes of any number of groups of patients, or say why there is no test.

    Parameters
    ----------
    groups
        Name of each group and one value per patient, in the outcome's unit, finite; each
        patient stands in exactly one group.

    Returns
    -------
    GroupComparison
        Mann-Whitney for two groups; Kruskal-Wallis for more, with every pair adjusted after
        Holm.

    Raises
    ------
    ValueError
        If a group is not one-dimensional or not finite.

    Notes
    -----
    Among three or more groups, one is left out by name where it has fewer than two patients,
    or so few that not even values entirely above or below those of all other patients would
    give a rank-sum P of 0.05: 2 / C(N, n) > 0.05. Two groups are both kept, and the smallest
    P that they could give decides whether there is a test.

    Examples
    --------
    >>> lung, breast = [-5, -4, -4, -3, -5], [-1, -2, 0, -1, -2]
    >>> both = compare_groups({"lung": lung, "breast": breast, "kidney": [-3]})
    >>> both.left_out, both.method, round(both.p, 4)
    (('kidney',), 'Mann-Whitney (exact)', 0.0079)
    """
    vectors = {name: rounded(values, "groups") for name, values in groups.items()}
    described = tuple(Group(name, v.size, middle(v)) for name, v in vectors.items())
    measured = {name: vector for name, vector in vectors.items() if vector.size}
    kept = large_enough(measured)
    left_out = tuple(name for name in vectors if name not in kept)
    notes = left_out_notes(vectors, left_out)
    common = GroupComparison(groups=described, left_out=left_out, notes=notes)
    if len(kept) < PAIR:
        return replace(common, refused=nothing_to_compare(measured, kept))
    small = [f"{name} ({v.size})" for name, v in kept.items() if v.size < FRAGILE_BELOW]
    common = replace(
        common,
        compared=tuple(kept),
        n=sum(vector.size for vector in kept.values()),
        fragile=bool(small),
        notes=(*notes, *_fragile_note(small)),
    )
    return _with_two(common, kept) if len(kept) == PAIR else _with_several(common, kept)


def _fragile_note(small: list[str]) -> tuple[str, ...]:
    words = f"fragile: fewer than {FRAGILE_BELOW} patients in "
    return (words + listed(small),) if small else ()


def _with_two(common: GroupComparison, kept: Vectors) -> GroupComparison:
    two = compare_two(*kept.values())
    distribution = "exact" if two.test.exact else "normal approximation"
    steps = "values come in steps: the interval touches zero although P < 0.05"
    few = two.estimate is not None and two.estimate.ci_low is None
    return replace(
        common,
        method=f"Mann-Whitney ({distribution})",
        statistic_name="W",
        statistic=two.test.statistic,
        p=two.test.p,
        smallest_p=two.test.smallest_p,
        estimate=two.estimate,
        effect=two.test.effect,
        refused=two.refused,
        notes=(
            *common.notes,
            *([steps] if two.steps_note else []),
            *(["too few patients for an interval at 95 %"] if few else []),
        ),
    )


def _with_several(common: GroupComparison, kept: Vectors) -> GroupComparison:
    test = kruskal_wallis(list(kept.values()))
    refused = _refusal(test, kept)
    how = f"{PERMUTATION_DRAWS:,} permutations" if test.permuted else "chi-squared approximation"
    pairs = Pairs((), ()) if refused else pairwise(kept)
    return replace(
        common,
        method=f"Kruskal-Wallis ({how})",
        statistic_name="H",
        statistic=test.statistic,
        df=test.df,
        p=None if refused else test.p,
        refused=refused,
        notes=(*common.notes, *pairs.notes),
        pairwise=pairs.rows,
    )


def _refusal(test: KruskalWallis, kept: Vectors) -> str | None:
    if test.p is None:
        return "no variation: every value in every group is the same"
    if test.reachable:
        return None
    sizes = listed([str(vector.size) for vector in kept.values()])
    tied = np.unique(np.concatenate(list(kept.values()))).size < test.n
    return (
        f"with groups of {sizes}{' and so many equal values' * tied}"
        f" no result could reach {ALPHA:g}"
    )
