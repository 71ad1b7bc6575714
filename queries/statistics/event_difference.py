"""Values of levels with and without an event, compared within strata, patients kept whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from queries.statistics.gee import gee_independence
from queries.statistics.limits import (
    ALPHA,
    CONFIDENCE,
    EXACT_ARRANGEMENTS,
    PERMUTATION_DRAWS,
    PERMUTATION_TIE,
    RAO_SCOTT_ABOVE,
)
from queries.statistics.patterns import (
    Stratum,
    drawn_arrangements,
    every_arrangement,
    n_arrangements,
)
from queries.statistics.vectors import cluster_index, events, rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import BoolArray, ClusterArray, FloatArray

ROBUST = "least squares within strata, errors robust to patients"
NAME = "difference of means within strata"


@dataclass(frozen=True)
class EventDifference:
    """The mean of levels with an event less that of levels without, within strata.

    Notes
    -----
    `estimate` and its limits are in the unit of the values; a limit is None where no value is
    excluded on that side. `exact` says that all distinct arrangements were counted. `refused`
    says in words why `p` is None; an estimate may stand beside it.
    """

    n_levels: int
    n_patients: int
    n_events: int
    method: str | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    exact: bool = False
    arrangements: int | None = None
    refused: str | None = None


class Within(NamedTuple):
    """Levels of the strata that hold both kinds: values and events less their stratum's mean.

    `k` is the number of strata that are left; `patient` and `stratum` count from 0.
    """

    value: FloatArray
    event: BoolArray
    centred: FloatArray
    stratum: ClusterArray
    patient: ClusterArray
    k: int

    @property
    def estimate(self) -> float:
        """The least-squares difference with a mean of its own for each stratum."""
        return float(self.value @ self.centred / (self.centred @ self.centred))


def event_difference(
    values: ArrayLike,
    outcomes: ArrayLike,
    strata: ArrayLike,
    patients: ArrayLike,
    *,
    confidence: float = CONFIDENCE,
) -> EventDifference:
    """Compare the values of levels with and without an event within strata.

    Parameters
    ----------
    values
        One value per level, shape (n,), finite: a patient's levels in their order, by session
        and then from cranial to caudal. Rows of different patients may be mixed.
    outcomes
        Whether each level had the event, True or False (1 or 0), shape (n,).
    strata
        Stratum of each level on which the values depend, such as its region, shape (n,).
    patients
        Patient of each level, shape (n,).
    confidence
        Level of the interval, between 0 and 1.

    Returns
    -------
    EventDifference
        Positive where levels with the event have higher values.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite or an outcome neither 0 nor 1.

    Notes
    -----
    The estimate is the least-squares difference between levels with and without the event, each
    stratum having a mean of its own: b = Σ e·(v − v̄) / Σ k(1 − k/n), with v̄ the mean of the
    level's stratum and k events among its n levels, as ``coef(lm(v ~ e + stratum))``. Its null
    distribution comes from handing the patients' patterns of events to other patients with as
    many levels [1]_: all distinct arrangements up to 20,000, else 9,999 random ones and the
    observed one; P is the share with |b| at least as large. The interval holds the differences
    which, taken off the levels with the event, leave a P above 5 % on either side. Above 500
    patients: Wald test and interval of the same estimate with errors robust to patients [2]_.

    References
    ----------
    .. [1] Gail MH, Mark SD, Carroll RJ, Green SB, Pee D. On design considerations and
       randomization-based inference for community intervention trials. Statistics in Medicine
       1996;15:1069-1092.
    .. [2] Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models.
       Biometrika 1986;73:13-22.

    Examples
    --------
    >>> test = event_difference([5, 6, 7, 8, 1, 2, 3, 4], [1] * 4 + [0] * 4, ["a"] * 8, range(8))
    >>> test.estimate, round(test.p, 6), test.arrangements, test.ci_low, test.ci_high
    (4.0, 0.028571, 70, 1.0, 7.0)
    """
    value = rounded(values, "values")
    event = events(outcomes, "outcomes")
    names, stratum = cluster_index(strata, value.size)
    ids, patient = cluster_index(patients, value.size)
    if event.size != value.size:
        raise ValueError("`values` and `outcomes` must hold the same levels.")
    counted = EventDifference(value.size, ids.size, int(event.sum()))
    refused = _refusal(value, event, stratum, names.size)
    if refused:
        return replace(counted, refused=refused)
    within = _coded(value, event, stratum, patient)
    if ids.size > RAO_SCOTT_ABOVE:
        return _robust(counted, within, confidence)
    return _permuted(counted, within, confidence)


def _refusal(value: FloatArray, event: BoolArray, stratum: ClusterArray, k: int) -> str | None:
    n, with_event = value.size, int(event.sum())
    if n == 0:
        return "nothing was measured"
    if with_event in (0, n):
        return "no level has the event" if with_event == 0 else "every level has the event"
    sizes = np.bincount(stratum, minlength=k)
    counts = np.bincount(stratum[event], minlength=k)
    mixed = (counts > 0) & (counts < sizes)
    if not mixed.any():
        return "no stratum holds both levels with the event and levels without it"
    if all(np.ptp(value[stratum == place]) == 0 for place in np.flatnonzero(mixed)):
        return "no variation of the values within the strata"
    return None


def _centred(values: FloatArray, stratum: ClusterArray) -> FloatArray:
    means = np.bincount(stratum, weights=values) / np.bincount(stratum)
    rest: FloatArray = values - means[stratum]
    return rest


def within_strata(
    values: ArrayLike, outcomes: ArrayLike, strata: ArrayLike, patients: ArrayLike
) -> Within:
    """Take the mean of its stratum off each value and each event, for `event_sensitivity`."""
    value = rounded(values, "values")
    _, stratum = cluster_index(strata, value.size)
    _, patient = cluster_index(patients, value.size)
    return _coded(value, events(outcomes, "outcomes"), stratum, patient)


def _coded(
    value: FloatArray, event: BoolArray, stratum: ClusterArray, patient: ClusterArray
) -> Within:
    centred = _centred(event.astype(np.float64), stratum)
    k = int(stratum.max()) + 1
    return Within(_centred(value, stratum), event, centred, stratum, patient, k)


def _robust(counted: EventDifference, within: Within, confidence: float) -> EventDifference:
    estimate, error = robust_difference(within)
    half = float(ndtri((1 + confidence) / 2)) * error
    return replace(
        counted,
        method=ROBUST,
        estimate=estimate,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p=2 * float(ndtr(-abs(estimate / error))),
    )


def robust_difference(within: Within) -> tuple[float, float]:
    """Return the difference with its standard error, whatever the correlation in a patient.

    As ``geepack::geeglm(v ~ e + stratum, corstr = "independence", std.err = "san.se")``: what
    the strata explain is taken off both sides first, which leaves estimate and error as they
    are.
    """
    fit = gee_independence(within.value, within.centred[:, None], within.patient)
    return float(fit.beta[0]), sqrt(float(fit.covariance[0, 0]))


def _permuted(counted: EventDifference, within: Within, confidence: float) -> EventDifference:
    parts = _strata(within)
    number = n_arrangements(parts)
    exact = number <= EXACT_ARRANGEMENTS
    sums = every_arrangement(parts) if exact else drawn_arrangements(parts)
    value, event = _differences(sums, within)
    own, b = (0 if exact else 1), within.estimate
    how = "all arrangements" if exact else f"{PERMUTATION_DRAWS:,} random arrangements"
    tested = replace(
        counted,
        method=f"{NAME}, {how} of the patients' events",
        estimate=b,
        ci_low=_inverted(-value, event, -b, own, confidence, -1),
        ci_high=_inverted(value, event, b, own, confidence, 1),
        exact=exact,
        arrangements=number if exact else None,
    )
    if _share(np.abs(value), float(np.abs(value).max()), own) > ALPHA:
        return replace(tested, method=NAME, refused=_out_of_reach(counted))
    return replace(tested, p=_share(np.abs(value), abs(b), own))


def _out_of_reach(counted: EventDifference) -> str:
    return (
        f"with the event at {counted.n_events} of {counted.n_levels} levels of "
        f"{counted.n_patients} patients no result could reach {ALPHA:g}"
    )


def _strata(within: Within) -> list[Stratum[np.float64]]:
    """Sort patients by their number of levels and find the patterns of events among them.

    A patient contributes, for each pattern, the sum of values and of observed events at the
    levels with the event, and how many of those lie in each stratum.
    """
    inside = within.stratum[:, None] == np.arange(within.k)
    features = np.column_stack((within.value, within.centred, inside))
    order = np.argsort(within.patient, kind="stable")
    sizes = np.bincount(within.patient)
    starts = np.cumsum(sizes) - sizes
    found = []
    for size in np.unique(sizes):
        rows = order[starts[sizes == size][:, None] + np.arange(size)]
        keys = (*within.stratum[rows].T, *within.value[rows].T, *within.event[rows].T)
        rows = rows[np.lexsort(keys)]
        patterns, pattern = np.unique(within.event[rows], axis=0, return_inverse=True)
        given = np.einsum("plf,ql->pqf", features[rows], patterns.astype(np.float64))
        found.append(Stratum(pattern.reshape(-1).astype(np.int64), given))
    return found


def _differences(sums: FloatArray, within: Within) -> tuple[FloatArray, FloatArray]:
    """Return each arrangement's difference of the values and of the observed events."""
    counts = sums[:, 2:]
    squares = (counts * (1 - counts / np.bincount(within.stratum))).sum(axis=1)
    scale = np.divide(1.0, squares, out=np.zeros_like(squares), where=squares > PERMUTATION_TIE)
    return sums[:, 0] * scale, sums[:, 1] * scale


def _share(values: FloatArray, least: float, own: int) -> float:
    """Return the share of arrangements, the observed one among them, at or above a value."""
    return (int((values >= least - PERMUTATION_TIE).sum()) + own) / (values.size + own)


def _inverted(
    value: FloatArray, event: FloatArray, b: float, own: int, confidence: float, side: int
) -> float | None:
    """Return the largest difference above `b` that the arrangements do not exclude.

    Under a true difference d an arrangement differs by value − d·event, and is as far out as
    the observed one where that is at least |b − d|. It stops being so at the larger of two
    values of d, or never.
    """
    always = np.full_like(value, np.inf)
    up = np.divide(value + b, 1 + event, out=always.copy(), where=1 + event > PERMUTATION_TIE)
    down = np.divide(b - value, 1 - event, out=always, where=1 - event > PERMUTATION_TIE)
    ends = np.sort(np.concatenate([np.maximum(up, down), np.full(own, np.inf)]))[::-1]
    limit = float(ends[min(floor((1 - confidence) * ends.size), ends.size - 1)])
    return side * limit if np.isfinite(limit) else None
