"""Leakage by surgeon against the cohort's rate: a funnel, and no league table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from queries.cohort import UNRECORDED
from queries.grouping import EVERYBODY
from queries.leaks import treated_levels
from queries.statements import statement
from queries.statistics.binomial_limits import binomial_limits
from queries.statistics.correlation import anova_icc
from queries.statistics.limits import FUNNEL_ALARM, FUNNEL_ALERT
from queries.statistics.proportions import clustered_proportion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from data.warehouse import Reader
    from queries.cohort import Cohort, Selection
    from queries.statistics.results import Comparison, Proportion

Position = Literal["within", "above 95", "above 99.8", "below 95", "below 99.8"]
JUDGED: tuple[tuple[float, Position, Position], ...] = (
    (FUNNEL_ALERT, "above 95", "below 95"),
    (FUNNEL_ALARM, "above 99.8", "below 99.8"),
)
TOLERANCE = 1e-9
CODE_LENGTH = 2
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CURVE_POINTS = 400


@dataclass(frozen=True)
class FunnelRow:
    """Leaks of one surgeon, under a code.

    Notes
    -----
    `low_95` to `high_998` are the fewest and the most leaks among as many independent levels
    that do not stand out from the cohort's rate. `position` judges `leaks` by them;
    `position_effective` judges the rate by the limits of the effective number of levels
    (rounded down), which allows for several levels of one patient. All of these are None where
    the funnel is refused.
    """

    group: str
    surgeon: str
    leaks: int
    levels: int
    patients_with_leak: int
    patients: int
    rate: float
    ci_low: float | None
    ci_high: float | None
    n_effective: float
    low_95: int | None = None
    high_95: int | None = None
    low_998: int | None = None
    high_998: int | None = None
    position: Position | None = None
    position_effective: Position | None = None


@dataclass(frozen=True)
class Funnel:
    """Surgeons of a cohort against its rate.

    Parameters
    ----------
    target : Proportion
        The rate of all levels looked at with a surgeon on record, each surgeon's own among them.
    curve : polars.DataFrame
        The limits by number of levels: n, low_95, high_95, low_998 and high_998 (fractions).
    unrecorded : int
        Levels looked at without a surgeon on record; left out.
    refused : str or None
        Why there is no funnel, in words.
    """

    selection: Selection
    rows: tuple[FunnelRow, ...]
    target: Proportion
    curve: pl.DataFrame
    unrecorded: int
    refused: str | None
    comparisons: tuple[Comparison, ...] = ()


def funnel(reader: Reader, cohort: Cohort) -> Funnel:
    """Set each surgeon's leaks against what chance allows around the cohort's rate.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The unit is the treated level. Surgeons carry codes: letters in an order that follows neither
    their names nor their numbers and stays the same for all filters; entries of at most two
    characters are codes already and stay. The limits are exact binomial quantiles around the
    cohort's own rate [1]_. Nothing is adjusted for tumour, level or anything else.

    References
    ----------
    .. [1] Spiegelhalter DJ. Funnel plots for comparing institutional performance. Statistics in
       Medicine 2005;24:1185-1202.
    """
    treated = treated_levels(reader, cohort)
    looked = treated.looked
    known = looked.filter(pl.col("surgeon") != UNRECORDED)
    leak, cluster = known["leak"].to_numpy(), known["cluster"].to_numpy()
    icc = anova_icc(leak, cluster)
    target = clustered_proportion(leak, cluster, icc=icc)
    refused = _refusal(target, known["surgeon"].n_unique())
    codes = surgeon_codes(reader.constant(statement("surgeons"))["surgeon"].to_list())
    rows = [
        _judged(codes[str(name)], part, icc, None if refused else target.rate)
        for (name,), part in known.partition_by("surgeon", as_dict=True).items()
    ]
    largest = 0 if refused else max(row.levels for row in rows)
    return Funnel(
        selection=treated.selection,
        rows=tuple(sorted(rows, key=lambda row: row.surgeon)),
        target=target,
        curve=_curve(largest, target),
        unrecorded=looked.height - known.height,
        refused=refused,
    )


def surgeon_codes(names: Sequence[str]) -> dict[str, str]:
    """Return a code for each surgeon: A, B, … in an order that gives no name away."""
    if all(len(name) <= CODE_LENGTH for name in names):
        return {name: name for name in names}
    shuffled = sorted(names, key=lambda name: sha256(name.encode()).hexdigest())
    return {name: _letters(place) for place, name in enumerate(shuffled)}


def _letters(place: int) -> str:
    before, last = divmod(place, len(LETTERS))
    return (_letters(before - 1) if before else "") + LETTERS[last]


def _refusal(target: Proportion, n_surgeons: int) -> str | None:
    if not target.n:
        return "no level was looked at with a surgeon on record"
    if n_surgeons == 1:
        return "there is only one surgeon, who is the whole rate"
    if target.k in (0, target.n):
        return "no level leaked" if target.k == 0 else "every level leaked"
    return None


def _judged(code: str, part: pl.DataFrame, icc: float | None, expected: float | None) -> FunnelRow:
    own = clustered_proportion(part["leak"].to_numpy(), part["cluster"].to_numpy(), icc=icc)
    row = FunnelRow(
        group=EVERYBODY,
        surgeon=code,
        leaks=own.k,
        levels=own.n,
        patients_with_leak=own.k_clusters,
        patients=own.n_clusters,
        rate=own.k / own.n,
        ci_low=own.ci_low,
        ci_high=own.ci_high,
        n_effective=own.n_effective,
    )
    if expected is None:
        return row
    inner, outer = (
        binomial_limits([own.n], expected, level) for level in (FUNNEL_ALERT, FUNNEL_ALARM)
    )
    return replace(
        row,
        low_95=int(inner.low[0]),
        high_95=int(inner.high[0]),
        low_998=int(outer.low[0]),
        high_998=int(outer.high[0]),
        position=_position(row.rate, own.n, expected),
        position_effective=_position(row.rate, int(own.n_effective), expected),
    )


def _position(rate: float, n: int, expected: float) -> Position:
    """Judge a rate by the limits of `n` levels; on the limit is within."""
    found: Position = "within"
    for level, above, below in JUDGED:
        limits = binomial_limits([n], expected, level)
        if rate * n > int(limits.high[0]) + TOLERANCE:
            found = above
        elif rate * n < int(limits.low[0]) - TOLERANCE:
            found = below
    return found


def _curve(largest: int, target: Proportion) -> pl.DataFrame:
    n = np.unique(np.geomspace(1, max(largest, 1) * 1.1 + 1, CURVE_POINTS).astype(np.int64))
    if not largest:
        n = n[:0]
    columns: dict[str, NDArray[np.int64] | NDArray[np.float64]] = {"n": n}
    for name, level in (("95", FUNNEL_ALERT), ("998", FUNNEL_ALARM)):
        limits = binomial_limits(n, target.rate or 0.0, level)
        columns |= {f"low_{name}": limits.low / n, f"high_{name}": limits.high / n}
    return pl.DataFrame(columns)
