"""Who reached a published threshold, and whose baseline cannot reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from data.codebook import Measure, Threshold

TOLERANCE = 1e-9
VALUE, START = pl.col("value"), pl.col("baseline")


def reached(threshold: Threshold, measure: Measure, value: pl.Expr = VALUE) -> pl.Expr:
    """Tell whether a value reaches a threshold, from columns value and baseline.

    Parameters
    ----------
    threshold : Threshold
        ``absolute``: better than the baseline by this much; ``percent``: by this much of the
        baseline; ``final``: this value or a better one, whatever the baseline.
    measure : Measure
        Its `better` says which direction counts.

    Returns
    -------
    polars.Expr
        Null where it cannot be judged: without a value and, unless the threshold is a final
        value, without a baseline.

    Notes
    -----
    Compared with a tolerance of 1e-9: 2.3 − 0.3 is 2.
    """
    lower = measure.better == "lower"
    if threshold.kind == "final":
        beyond = threshold.value - value if lower else value - threshold.value
        return beyond >= -TOLERANCE
    gain = START - value if lower else value - START
    share = threshold.kind == "percent"
    needed = START * (threshold.value / 100) if share else pl.lit(threshold.value)
    return gain >= needed - TOLERANCE


def out_of_reach(threshold: Threshold, measure: Measure) -> pl.Expr:
    """Tell whether even the best value of the scale would not reach a threshold.

    Returns
    -------
    polars.Expr
        True as well for a relative threshold at baseline 0; False without a baseline, where
        nobody can tell, and for a final value on the scale, which every baseline can reach.
    """
    best = pl.lit(measure.minimum if measure.better == "lower" else measure.maximum)
    beyond = ~reached(threshold, measure, best)
    if threshold.kind == "percent":
        beyond |= START <= TOLERANCE
    return beyond.fill_null(value=False)


def already_there(threshold: Threshold, measure: Measure) -> pl.Expr:
    """Tell whether a patient was at a final value before the operation already."""
    if threshold.kind != "final":
        return pl.lit(value=False)
    return reached(threshold, measure, START).fill_null(value=False)
