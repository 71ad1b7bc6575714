"""The shapes in which every statistic is returned; nothing in them is rounded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
ClusterArray = NDArray[np.int64]

Unit = Literal["patient", "level"]
Kind = Literal["paired", "groups", "omnibus", "equivalence", "survival"]


@dataclass(frozen=True)
class Estimate:
    """An estimate with its interval; a limit is None where no interval exists."""

    name: str
    value: float
    ci_low: float | None
    ci_high: float | None
    ci_level: float


@dataclass(frozen=True)
class Proportion:
    """A proportion of possibly clustered observations.

    Notes
    -----
    `rate`, `ci_low` and `ci_high` are fractions (0 to 1). The interval rests on the effective
    sample size `n_effective` = `n` / `deff`. `icc` is None where it could not be estimated and
    was not needed; `icc_assumed` says that it was set rather than estimated.
    """

    k: int
    n: int
    rate: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float
    icc: float | None
    icc_assumed: bool
    deff: float
    n_effective: float
    k_clusters: int
    n_clusters: int
    method: str


@dataclass(frozen=True)
class Sensitivity:
    """The same contrast by another defensible method."""

    name: str
    p: float | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None

    @classmethod
    def of(cls, name: str, p: float | None, estimate: Estimate | None) -> Sensitivity:
        """Make an entry from an estimate, or without one."""
        if estimate is None:
            return cls(name, p, None, None, None)
        return cls(name, p, estimate.value, estimate.ci_low, estimate.ci_high)


@dataclass(frozen=True)
class Pairwise:
    """One pair of groups out of a comparison of several."""

    groups: tuple[str, str]
    p: float | None
    p_adjusted: float | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One test with everything it rests on, or the reason in words why there is none.

    Notes
    -----
    The fields are the scripting interface of ``python -m queries``. `refused` is a sentence
    where no P is given; an estimate may stand beside it. `notes` are what a reader must know
    to weigh the result: few pairs, zero differences, steps, what Holm puts out of reach.
    """

    outcome: str
    unit: Unit
    kind: Kind
    visit: str | None = None
    versus: str | None = None
    by: str | None = None
    groups: tuple[str, ...] | None = None
    method: str | None = None
    statistic_name: str | None = None
    statistic: float | None = None
    df: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    adjustment: str | None = None
    family_size: int | None = None
    estimate_name: str | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    effect_name: str | None = None
    effect: float | None = None
    n_patients: int
    n_levels: int | None = None
    n_excluded: int
    exploratory: bool
    verdict: Literal["stable", "changed", "undecided"] | None = None
    refused: str | None = None
    notes: tuple[str, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    pairwise: tuple[Pairwise, ...] = ()

    def with_estimate(self, estimate: Estimate | None) -> Comparison:
        """Return the comparison with an estimate and its interval, or as it is without one."""
        if estimate is None:
            return self
        return replace(
            self,
            estimate_name=estimate.name,
            estimate=estimate.value,
            ci_low=estimate.ci_low,
            ci_high=estimate.ci_high,
            ci_level=estimate.ci_level,
        )
