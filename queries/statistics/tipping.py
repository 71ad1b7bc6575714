"""What the missing would have had to be like for a conclusion to fall: tipping points."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from queries.statistics.limits import INTERVAL_PAIRS, MAJORITY
from queries.statistics.proportions import counted_proportion
from queries.statistics.pseudomedian import hodges_lehmann
from queries.statistics.vectors import numbers, rounded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import Estimate, FloatArray, Proportion

    Better = Literal["lower", "higher", "neither"]

FEW = 1_000
STEPS_OF_FEW, STEPS_OF_MANY = 25, 3
TOUCH = 1e-9


@dataclass(frozen=True)
class RateScenario:
    """The rate among the living if `responders` of the missing had reached the threshold."""

    responders: int
    proportion: Proportion


@dataclass(frozen=True)
class RateTipping:
    """How the rate among the living depends on what nobody saw.

    Notes
    -----
    `side` says where the interval of the assessed alone lies: ``above`` or ``below`` the
    `claim`, or ``open``. `responders`: above, the fewest of the missing who must have responded
    so that the interval still lies above; below, the most who may have so that it still lies
    below; open, the fewest who would lift it above. None where no number does.
    """

    claim: float
    missing: int
    side: Literal["above", "below", "open"]
    responders: int | None
    assessed: Proportion
    scenarios: tuple[RateScenario, ...]

    @property
    def worst(self) -> Proportion:
        """Return the rate if none of the missing had responded."""
        return self.scenarios[0].proportion

    @property
    def best(self) -> Proportion:
        """Return the rate if every one of the missing had responded."""
        return self.scenarios[-1].proportion


@dataclass(frozen=True)
class DeltaScenario:
    """The change of everybody living if the missing had done worse by `delta`."""

    delta: float
    estimate: Estimate


@dataclass(frozen=True)
class DeltaTipping:
    """How the change depends on what nobody saw.

    Notes
    -----
    `tipping` is the smallest delta at which the interval touches zero, None where no delta does.
    `no_change` is the delta at which the missing would not have changed at all, `largest` the
    one from which each of them would have the worst score of the scale. `refused` says in words
    why there is no tipping point to look for; the scenarios can stand beside it.
    """

    n: int
    missing: int
    observed: Estimate | None
    scenarios: tuple[DeltaScenario, ...] = ()
    no_change: float | None = None
    largest: float | None = None
    tipping: float | None = None
    refused: str | None = None


def rate_tipping(k: int, n: int, missing: int, *, claim: float = MAJORITY) -> RateTipping:
    """Ask how many of the missing would have to be responders for a claim to stand.

    Parameters
    ----------
    k, n
        Responders and assessed patients.
    missing
        Living patients who could not be judged.
    claim
        The rate that the interval is held against, a fraction.

    Returns
    -------
    RateTipping
        With the rates from none of the missing to all of them; at most 26 of them.

    Notes
    -----
    Every number j of responders among the missing m is tried: (k + j) of (n + m) with its
    interval, from the worst case j = 0 to the best j = m [1]_. Nothing is drawn at random and
    nobody who died is among them [2]_.

    References
    ----------
    .. [1] Yan X, Lee S, Li N. Missing data handling methods in medical device clinical trials.
       Journal of Biopharmaceutical Statistics 2009;19:1085-1098.
    .. [2] Little RJ, D'Agostino R, Cohen ML, et al. The prevention and treatment of missing data
       in clinical trials. New England Journal of Medicine 2012;367:1355-1360.

    Examples
    --------
    >>> found = rate_tipping(20, 28, 4)
    >>> found.side, found.responders, found.worst.n
    ('above', 2, 32)
    """
    assessed = counted_proportion(k, n)

    def low(j: int) -> float:
        return counted_proportion(k + j, n + missing).ci_low or 0.0

    def high(j: int) -> float:
        found = counted_proportion(k + j, n + missing).ci_high
        return 1.0 if found is None else found

    side: Literal["above", "below", "open"] = "open"
    if assessed.ci_low is not None and assessed.ci_low > claim:
        side = "above"
    elif assessed.ci_high is not None and assessed.ci_high < claim:
        side = "below"
    tried = range(missing + 1)
    responders = bisect_left(tried, x=True, key=lambda j: low(j) > claim)
    if side == "below":
        responders = bisect_left(tried, x=True, key=lambda j: high(j) >= claim) - 1
    shown = np.unique(np.linspace(0, missing, min(missing, STEPS_OF_FEW) + 1).round())
    rates = [(j, counted_proportion(k + j, n + missing)) for j in shown.astype(int).tolist()]
    return RateTipping(
        claim=claim,
        missing=missing,
        side=side,
        responders=responders if responders <= missing else None,
        assessed=assessed,
        scenarios=tuple(RateScenario(j, rate) for j, rate in rates),
    )


def delta_tipping(
    changes: ArrayLike, to_best: ArrayLike, to_worst: ArrayLike, *, better: Better
) -> DeltaTipping:
    """Ask how much worse the missing must have done for a change to touch zero.

    Parameters
    ----------
    changes
        Follow-up minus baseline of the assessed, shape (n,), in the outcome's unit, finite.
    to_best, to_worst
        The changes that would take each missing patient from the own baseline to the best and
        to the worst value of the scale, shape (m,).
    better
        The direction of a good change.

    Returns
    -------
    DeltaTipping
        In the unit of the changes; a delta is never negative.

    Raises
    ------
    ValueError
        If a vector is not one-dimensional and finite, or the last two differ in length.

    Notes
    -----
    Delta-adjusted tipping-point analysis [1]_ [2]_: each of the m missing gets the
    Hodges-Lehmann change of the n assessed, made worse by delta and kept on the scale, and the
    estimate with its interval is computed from all n + m. The tipping point is exact: the
    limit can touch zero only where a Walsh average does, so the deltas at which one of them
    does are searched. The missing all get one value, without a spread of their own; a spread
    would widen the interval, so the tipping point is rather too large than too small.

    References
    ----------
    .. [1] Yan X, Lee S, Li N. Missing data handling methods in medical device clinical trials.
       Journal of Biopharmaceutical Statistics 2009;19:1085-1098.
    .. [2] Little RJ, D'Agostino R, Cohen ML, et al. The prevention and treatment of missing data
       in clinical trials. New England Journal of Medicine 2012;367:1355-1360.

    Examples
    --------
    >>> seen = [-5, -4, -4, -3, -3, -2, -2, -1]
    >>> found = delta_tipping(seen, [-7] * 3, [3] * 3, better="lower")
    >>> found.observed.value, found.tipping, found.no_change, found.largest
    (-3.0, 5.0, 3.0, 6.0)
    """
    seen = rounded(changes, "changes")
    best, worst = numbers(to_best, "to_best"), numbers(to_worst, "to_worst")
    if best.size != worst.size:
        raise ValueError(f"`to_best` and `to_worst` differ: {best.size} and {worst.size}.")
    bare = DeltaTipping(seen.size, worst.size, hodges_lehmann(seen) if seen.size else None)
    refused = _refusal(bare, better)
    if bare.observed is None or bare.observed.ci_low is None or not worst.size:
        return DeltaTipping(bare.n, bare.missing, bare.observed, refused=refused)
    search = _Search(seen, bare.observed.value, best, worst, 1.0 if better == "lower" else -1.0)
    tipping = None if refused else search.tipping()
    return DeltaTipping(
        n=bare.n,
        missing=bare.missing,
        observed=bare.observed,
        scenarios=tuple(DeltaScenario(delta, search.at(delta)) for delta in search.shown(tipping)),
        no_change=-search.way * bare.observed.value,
        largest=search.largest,
        tipping=tipping,
        refused=refused,
    )


def _refusal(found: DeltaTipping, better: Better) -> str | None:
    if found.observed is None:
        return "nobody has a value before the operation and at the visit"
    if not found.missing:
        return "nobody living with a baseline is missing"
    low, high = found.observed.ci_low, found.observed.ci_high
    if low is None or high is None:
        return f"fewer than {INTERVAL_PAIRS} patients were assessed, so the change has no interval"
    if (high >= 0) if better == "lower" else (low <= 0):
        return "the assessed alone do not show an improvement, so there is nothing to tip"
    return None


@dataclass(frozen=True)
class _Search:
    """The assessed and the missing, as delta moves the missing along `way` to the worse."""

    seen: FloatArray
    centre: float
    best: FloatArray
    worst: FloatArray
    way: float

    @property
    def largest(self) -> float:
        return max(0.0, float((self.way * (self.worst - self.centre)).max()))

    def at(self, delta: float) -> Estimate:
        moved = self.centre + self.way * delta
        ends = np.minimum(self.best, self.worst), np.maximum(self.best, self.worst)
        return hodges_lehmann(np.concatenate([self.seen, np.clip(moved, *ends)]))

    def touches(self, delta: float) -> bool:
        found = self.at(delta)
        limit = found.ci_high if self.way > 0 else found.ci_low
        return self.way * (limit or 0.0) >= -TOUCH

    def tipping(self) -> float | None:
        """Search the deltas at which an average of two changes is zero for the first to touch."""
        zero = np.concatenate([-self.seen, -self.worst, [0.0]])
        moves = self.way * (zero - self.centre)
        inside = moves[(moves > 0) & (moves < self.largest)]
        deltas: list[float] = np.unique(np.round([0.0, *inside, self.largest], 9)).tolist()
        first = bisect_left(deltas, x=True, key=self.touches)
        return deltas[first] if first < len(deltas) else None

    def shown(self, tipping: float | None) -> list[float]:
        steps = STEPS_OF_FEW if self.seen.size + self.worst.size <= FEW else STEPS_OF_MANY
        found = set(np.linspace(0.0, self.largest, steps).tolist())
        return sorted(found if tipping is None else found | {tipping})
