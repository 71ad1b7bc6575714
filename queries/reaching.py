"""Who reached a published threshold, and whose baseline cannot reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import measures
from data.interruption import may_stop

if TYPE_CHECKING:
    from data.codebook import Measure, Threshold

TOLERANCE = 1e-9
VALUE, START = pl.col("value"), pl.col("baseline")


def needed_measures(threshold: Threshold) -> tuple[str, ...]:
    """Return the measures that a threshold is judged by, its own first."""
    return tuple(dict.fromkeys((threshold.measure, *(part.measure for part in threshold.parts))))


def column(name: str, measure: str, own: str) -> str:
    """Return the column of a ``value`` or ``baseline``; another measure's carries its code."""
    return name if measure == own else f"{name} {measure}"


def measured(threshold: Threshold) -> pl.Expr:
    """Tell whether every value at the visit that a threshold needs was taken."""
    return _taken("value", threshold)


def with_baseline(threshold: Threshold) -> pl.Expr:
    """Tell whether every measure that a threshold needs has a baseline."""
    return _taken("baseline", threshold)


def _taken(name: str, threshold: Threshold) -> pl.Expr:
    columns = [column(name, code, threshold.measure) for code in needed_measures(threshold)]
    return pl.all_horizontal(pl.col(column).is_not_null() for column in columns)


def reached(
    threshold: Threshold, measure: Measure, value: pl.Expr = VALUE, start: pl.Expr = START
) -> pl.Expr:
    """Tell whether a value reaches a threshold, from columns value and baseline.

    Parameters
    ----------
    threshold : Threshold
        ``absolute``: better than the baseline by this much; ``percent``: by this much of the
        baseline; ``final``: this value or a better one, whatever the baseline;
        ``by_baseline``: better by what the band of the baseline asks for; ``composite``: every
        part, each judged by its own measure at the same visit, from the columns ``value`` and
        ``baseline`` followed by the code of another measure.
    measure : Measure
        Its `better` says which direction counts.

    Returns
    -------
    polars.Expr
        Null where it cannot be judged: without a value and, unless the threshold is a final
        value, without a baseline; for a composite where any part cannot be judged.

    Notes
    -----
    Compared with a tolerance of 1e-9: 2.3 − 0.3 is 2. A baseline between two bands counts to
    the upper one, as a score of 20.5 does in the bands of the Oswestry index.
    """
    may_stop()
    if threshold.kind == "composite":
        parts = [reached(part, *_of_part(part, threshold)) for part in threshold.parts]
        known = pl.all_horizontal(part.is_not_null() for part in parts)
        return pl.when(known).then(pl.all_horizontal(parts))
    lower = measure.better == "lower"
    if threshold.kind == "final":
        beyond = threshold.value - value if lower else value - threshold.value
        return beyond >= -TOLERANCE
    gain = start - value if lower else value - start
    return gain >= _needed(threshold, start) - TOLERANCE


def _of_part(part: Threshold, whole: Threshold) -> tuple[Measure, pl.Expr, pl.Expr]:
    """Return the measure of a part of a composite with its value and its baseline."""
    value, start = (
        pl.col(column(name, part.measure, whole.measure)) for name in ("value", "baseline")
    )
    return measures()[part.measure], value, start


def _needed(threshold: Threshold, start: pl.Expr) -> pl.Expr:
    """Return the change that a baseline must make; null below every band."""
    if threshold.kind == "absolute":
        return pl.lit(threshold.value)
    if threshold.kind == "percent":
        return start * threshold.value / 100
    needed = pl.lit(None, pl.Float64)
    for band in reversed(threshold.bands):
        needed = pl.when(start <= band.high + TOLERANCE).then(pl.lit(band.value)).otherwise(needed)
    lowest = threshold.bands[0].low
    return pl.when(start >= lowest - TOLERANCE).then(needed)


def needed_change(threshold: Threshold, baseline: float) -> float | None:
    """Return the change that a threshold asks of a baseline; None where it asks for none."""
    if threshold.kind in ("final", "composite"):
        return None
    change: float | None = pl.select(_needed(threshold, pl.lit(baseline))).item()
    return change


def out_of_reach(threshold: Threshold, measure: Measure, start: pl.Expr = START) -> pl.Expr:
    """Tell whether even the best value of the scale would not reach a threshold.

    Returns
    -------
    polars.Expr
        True as well for a relative threshold at baseline 0, below every band, and where any
        part of a composite is out of reach; False without a baseline, where nobody can tell,
        and for a final value on the scale, which every baseline can reach.
    """
    if threshold.kind == "composite":
        parts = [(part, *_of_part(part, threshold)) for part in threshold.parts]
        return pl.any_horizontal(
            out_of_reach(part, measure, start) for part, measure, _, start in parts
        )
    best = pl.lit(measure.minimum if measure.better == "lower" else measure.maximum)
    beyond = ~reached(threshold, measure, best, start)
    if threshold.kind == "percent":
        beyond |= start <= TOLERANCE
    if threshold.kind == "by_baseline":
        beyond = beyond.fill_null(start.is_not_null())
    return beyond.fill_null(value=False)


def already_there(threshold: Threshold, measure: Measure) -> pl.Expr:
    """Tell whether a patient was at a final value before the operation already."""
    if threshold.kind != "final":
        return pl.lit(value=False)
    return reached(threshold, measure, START).fill_null(value=False)
