"""Survival of several groups compared: the log-rank test, and the difference at one year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from queries.statistics.kaplan_meier import followed
from queries.statistics.labels import group_index
from queries.statistics.limits import (
    ALPHA,
    EXPECTED_EVENTS,
    PERMUTATION_DRAWS,
    PERMUTED_PATIENTS,
)
from queries.statistics.permutation import permutation_p, permuted
from queries.statistics.risk_sets import log_rank_scores, risk_sets
from queries.statistics.survival_difference import survival_difference
from queries.statistics.survival_groups import group_events, groups_to_compare

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import ClusterArray, FloatArray
    from queries.statistics.risk_sets import RiskSets, Scores
    from queries.statistics.survival_groups import Compared, GroupEvents

__all__ = ["LogRank", "log_rank", "survival_difference"]

NO_COMPARISON = "no death occurred while patients of two groups were under observation"


@dataclass(frozen=True)
class LogRank:
    """A log-rank test, or the reason in words why there is none.

    Notes
    -----
    `statistic` is χ² on `df` degrees of freedom; `permuted` says that `p` comes from random
    arrangements instead. Groups left out of the test have no `expected`.
    """

    method: str
    statistic: float | None
    df: int | None
    p: float | None
    permuted: bool
    groups: tuple[GroupEvents, ...]
    notes: tuple[str, ...]
    refused: str | None


def log_rank(time_days: ArrayLike, died: ArrayLike, groups: ArrayLike) -> LogRank:
    """Test whether the survival of two or more groups is the same.

    Parameters
    ----------
    time_days
        Days from the start to death or to the last sign of life, shape (n,), from 0 up.
    died
        True or False (1 or 0), shape (n,).
    groups
        Group of each patient, shape (n,).

    Returns
    -------
    LogRank
        Groups of fewer than 10 patients are left out by name; refused where fewer than two
        are left.

    Raises
    ------
    ValueError
        If the shapes differ, a time is negative, or `died` is not true or false.

    Notes
    -----
    χ² as ``survival::survdiff`` [1]_. Where a group expects fewer than 5 deaths, P is the
    share of 9,999 random arrangements of the groups over the patients, and of the observed
    one, whose χ² is at least as large; above 5,000 patients the χ² distribution stays.

    References
    ----------
    .. [1] Harrington DP, Fleming TR. A class of rank test procedures for censored survival
       data. Biometrika 1982;69:553-566.

    Examples
    --------
    >>> test = log_rank(range(20), [1] * 20, ["a"] * 10 + ["b"] * 10)
    >>> round(test.statistic, 3), test.df, test.permuted
    (21.837, 1, True)
    """
    days, dead = followed(time_days, died)
    names, index = group_index(groups, days.size)
    kept = groups_to_compare(names, index, "the log-rank test")
    untested = group_events(names, index, dead)
    if kept.refused:
        return _refused(kept.refused, untested, ())
    order = np.lexsort((dead[kept.rows], days[kept.rows]))
    sets = risk_sets(days[kept.rows][order], dead[kept.rows][order])
    if sets.starts.size == 0:
        return _refused("nobody died in these groups", untested, kept.notes)
    scores = log_rank_scores(kept.place[order][None, :], sets, len(kept.names))
    expected = dict(zip(kept.names, scores.expected[0].tolist(), strict=True))
    listed = group_events(names, index, dead, expected)
    if scores.variance[0] == 0:
        return _refused(NO_COMPARISON, listed, kept.notes)
    return _tested(scores, sets, kept, listed)


def _tested(
    scores: Scores, sets: RiskSets, kept: Compared, listed: tuple[GroupEvents, ...]
) -> LogRank:
    chi2, df = float(scores.chi2[0]), int((scores.expected[0] > 0).sum()) - 1
    few = [g.group for g in listed if g.expected is not None and g.expected < EXPECTED_EVENTS]
    permutes = bool(few) and kept.place.size <= PERMUTED_PATIENTS
    notes = kept.notes + ((_few_deaths(few, permutes=permutes),) if few else ())
    method, p = "log-rank", float(chdtrc(df, chi2))
    if permutes:
        drawn = _drawn(kept.place, sets)
        if permutation_p(max(chi2, float(drawn.max())), drawn) > ALPHA:
            n_deaths = int(sets.deaths.sum())
            deaths = "1 death" if n_deaths == 1 else f"{n_deaths} deaths"
            return _refused(f"with {deaths} no result could reach {ALPHA:g}", listed, kept.notes)
        method, p = f"log-rank, {PERMUTATION_DRAWS:,} permutations", permutation_p(chi2, drawn)
    return LogRank(method, chi2, df, p, permutes, listed, notes, None)


def _drawn(index: ClusterArray, sets: RiskSets) -> FloatArray:
    sizes = np.sort(np.bincount(index))
    labels = np.repeat(np.arange(sizes.size), sizes)
    return permuted(labels, lambda rows: log_rank_scores(rows, sets, sizes.size).chi2)


def _few_deaths(few: list[str], *, permutes: bool) -> str:
    means = "P comes from permutations" if permutes else "P is approximate"
    return f"fewer than {EXPECTED_EVENTS} deaths expected in {', '.join(few)}: {means}"


def _refused(reason: str, listed: tuple[GroupEvents, ...], notes: tuple[str, ...]) -> LogRank:
    return LogRank(
        method="log-rank",
        statistic=None,
        df=None,
        p=None,
        permuted=False,
        groups=listed,
        notes=notes,
        refused=reason,
    )
