"""Rates of levels compared between groups of patients or of levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from queries.statistics.limits import (
    ALPHA,
    CONFIDENCE,
    EXACT_ARRANGEMENTS,
    PERMUTATION_DRAWS,
    PERMUTATION_TIE,
    RAO_SCOTT_ABOVE,
)
from queries.statistics.patterns import (
    chi2_of_events,
    drawn_arrangements,
    every_arrangement,
    n_arrangements,
    strata,
)
from queries.statistics.proportion_sensitivity import fisher, gee
from queries.statistics.proportion_table import (
    Answer,
    GroupRate,
    ProportionComparison,
    Table,
    comparison,
    level_table,
    why_not,
)
from queries.statistics.rao_scott import rao_scott
from queries.statistics.results import Sensitivity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import FloatArray

__all__ = ["GroupRate", "ProportionComparison", "compare_proportions"]


def compare_proportions(
    outcomes: ArrayLike,
    groups: ArrayLike,
    patients: ArrayLike,
    *,
    confidence: float = CONFIDENCE,
) -> ProportionComparison:
    """Test whether the rate of an event of levels is the same in two or more groups.

    Parameters
    ----------
    outcomes
        True or False (1 or 0), shape (n,), the levels of each patient in their order: by
        session, then from cranial to caudal. Rows of different patients may be mixed.
    groups
        Group of each level, shape (n,); a patient may have levels in several.
    patients
        Patient of each level, shape (n,).
    confidence
        Level of the interval of the odds ratio, between 0 and 1.

    Returns
    -------
    ProportionComparison
        Groups in the order of their names; mid-P, Fisher's test and estimating equations as
        sensitivity.

    Raises
    ------
    ValueError
        If the shapes differ or an outcome is neither 0 nor 1.

    Notes
    -----
    Pearson's χ² of the levels. Its null distribution comes from permuting the patients'
    patterns of groups among patients with the same number of levels [1]_: all distinct
    arrangements up to 20,000, else 9,999 random ones and the observed one. Above 500 patients
    the second-order Rao-Scott test.

    References
    ----------
    .. [1] Gail MH, Mark SD, Carroll RJ, Green SB, Pee D. On design considerations and
       randomization-based inference for community intervention trials. Statistics in Medicine
       1996;15:1069-1092.

    Examples
    --------
    >>> test = compare_proportions([1] * 5 + [0] * 5, ["a"] * 5 + ["b"] * 5, range(10))
    >>> round(test.p, 6), test.arrangements, test.exact
    (0.007937, 252, True)
    """
    table = level_table(outcomes, groups, patients)
    refused = why_not(table.rates)
    if refused:
        answer = Answer("Pearson χ²", "χ²", refused=refused)
        return comparison(table, answer, (), ())
    answer = _rao_scott(table) if table.n_patients > RAO_SCOTT_ABOVE else _permuted(table)
    found: list[Sensitivity] = []
    if answer.mid_p is not None:
        found.append(Sensitivity("mid-P", answer.mid_p, None, None, None))
    found.append(fisher(table.rates))
    by_gee = gee(table.rates, table.outcomes, table.groups, table.patients, confidence)
    if isinstance(by_gee, str):
        return comparison(table, answer, tuple(found), (by_gee,))
    return comparison(table, answer, (*found, by_gee), ())


def _permuted(table: Table) -> Answer:
    order = np.lexsort((table.rates.events, table.rates.levels))
    place = np.argsort(order)
    k = order.size
    parts = strata(table.outcomes, place[table.groups], table.patients, k)
    number = n_arrangements(parts)
    exact = number <= EXACT_ARRANGEMENTS
    sizes = table.rates.levels[order]
    observed = float(chi2_of_events(table.rates.events[order][None, :], sizes)[0])
    null = chi2_of_events(every_arrangement(parts) if exact else drawn_arrangements(parts), sizes)
    own = 0 if exact else 1
    p, ties = _tail(null, observed, own)
    smallest, _ = _tail(null, max(observed, float(null.max())), own)
    how = "all arrangements" if exact else f"{PERMUTATION_DRAWS:,} random arrangements"
    answer = Answer(f"Pearson χ² of levels, {how} of groups over patients", "χ²", observed)
    answer = answer._replace(exact=exact, arrangements=number if exact else None)
    if smallest > ALPHA:
        plain = answer._replace(method="Pearson χ² of levels", statistic=None)
        return plain._replace(refused=_out_of_reach(table))
    return answer._replace(df=k - 1, p=p, mid_p=p - ties / 2)


def _out_of_reach(table: Table) -> str:
    """Say what keeps every result above 0.05: how many had the event, of how many."""
    n, events = table.outcomes.size, int(table.outcomes.sum())
    levels = "" if n == table.n_patients else f"{n} levels of "
    return (
        f"with the event in {events} of {levels}{table.n_patients} patients no result could reach "
        f"{ALPHA:g}"
    )


def _tail(null: FloatArray, observed: float, own: int) -> tuple[float, float]:
    above = int((null > observed + PERMUTATION_TIE).sum())
    ties = int((np.abs(null - observed) <= PERMUTATION_TIE).sum()) + own
    total = null.size + own
    return (above + ties) / total, ties / total


def _rao_scott(table: Table) -> Answer:
    test = rao_scott(table.outcomes, table.groups, table.patients)
    method = "Pearson χ² of levels, Rao-Scott second order"
    if test is None:
        return Answer(method, "F", refused="no variation between patients")
    return Answer(method, "F", test.statistic, test.df, test.df_error, test.p)
