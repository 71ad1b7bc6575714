"""Events that death can forestall: cumulative incidence, and Gray's test between groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from queries.statistics.gray import gray_score, steps_by_group
from queries.statistics.incidence import IncidenceCurve, cumulative_incidence, first_events
from queries.statistics.labels import counted, group_index
from queries.statistics.limits import ONE_YEAR_DAYS
from queries.statistics.results import Estimate
from queries.statistics.survival_groups import GroupEvents, group_events, groups_to_compare

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["GrayTest", "IncidenceCurve", "cumulative_incidence", "gray_test", "incidence_at"]

SINGULAR = 1e-9
NO_EVENT = "nobody had the event in these groups"
NO_COMPARISON = "no event occurred while patients of two groups were under observation"


@dataclass(frozen=True)
class GrayTest:
    """Gray's test, or the reason in words why there is none; `statistic` is χ² on `df`."""

    method: str
    statistic: float | None
    df: int | None
    p: float | None
    groups: tuple[GroupEvents, ...]
    notes: tuple[str, ...]
    refused: str | None


def incidence_at(curve: IncidenceCurve, day: float = ONE_YEAR_DAYS) -> Estimate | None:
    """Read the cumulative incidence at one day, with its interval.

    Parameters
    ----------
    curve
        From `cumulative_incidence`.
    day
        Days from the start.

    Returns
    -------
    Estimate or None
        A fraction; None after the last patient's last day. Without limits before the first
        event.

    Examples
    --------
    >>> incidence_at(cumulative_incidence([10, 20, 30, 400], [1, 2, 1, 0])).value
    0.5
    """
    name = f"cumulative incidence at {day:g} days"
    if curve.n == 0 or day > curve.times[-1]:
        return None
    place = int(np.searchsorted(curve.times, day, side="right")) - 1
    if place < 0 or curve.incidence[place] == 0:
        return Estimate(name, 0.0, None, None, curve.ci_level)
    low, high = float(curve.ci_low[place]), float(curve.ci_high[place])
    return Estimate(name, float(curve.incidence[place]), low, high, curve.ci_level)


def gray_test(time_days: ArrayLike, states: ArrayLike, groups: ArrayLike) -> GrayTest:
    """Test whether the cumulative incidence of an event is the same in two or more groups.

    Parameters
    ----------
    time_days
        Days from the start to the first event, to death or to the last sign of life,
        shape (n,), from 0 up.
    states
        What ended them: 1 the event, 2 death before it, 0 neither; shape (n,).
    groups
        Group of each patient, shape (n,).

    Returns
    -------
    GrayTest
        Groups of fewer than 10 patients are left out by name; refused where fewer than two
        are left.

    Raises
    ------
    ValueError
        If the shapes differ, a time is negative, or a state is not 0, 1 or 2.

    Notes
    -----
    Gray's test with ρ = 0 [1]_, as ``cmprsk::cuminc``. It compares the shares that have had
    the event, not its hazards.

    References
    ----------
    .. [1] Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a
       competing risk. Annals of Statistics 1988;16:1141-1154.

    Examples
    --------
    >>> test = gray_test(range(20), [1, 2] * 10, ["a"] * 10 + ["b"] * 10)
    >>> round(test.statistic, 3), test.df
    (6.137, 1)
    """
    days, codes = first_events(time_days, states)
    names, index = group_index(groups, days.size)
    listed = group_events(names, index, codes == 1)
    kept = groups_to_compare(names, index, "Gray's test")
    if kept.refused:
        return _refused(kept.refused, listed)
    times, place = np.unique(days[kept.rows], return_inverse=True)
    k = len(kept.names)
    columns = kept.place * 3 + codes[kept.rows]
    ended = counted(place.astype(np.int64), columns, (times.size, 3 * k)).reshape(-1, k, 3)
    if not ended[:, :, 1].any():
        return _refused(NO_EVENT, listed, kept.notes)
    score, covariance = gray_score(steps_by_group(ended))
    if np.trace(covariance) <= SINGULAR:
        return _refused(NO_COMPARISON, listed, kept.notes)
    inverse = np.linalg.pinv(covariance[:-1, :-1], rcond=SINGULAR, hermitian=True)
    chi2, df = float(score[:-1] @ inverse @ score[:-1]), k - 1
    p = float(chdtrc(df, chi2))
    return GrayTest("Gray's test", chi2, df, p, listed, kept.notes, None)


def _refused(reason: str, listed: tuple[GroupEvents, ...], notes: tuple[str, ...] = ()) -> GrayTest:
    return GrayTest("Gray's test", None, None, None, listed, notes, reason)
