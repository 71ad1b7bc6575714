"""Fewer rows for a chart where there are too many: neighbours are put together and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BARS = 200
MOST_DOTS = 300
GRID = 40


def neighbours(
    frame: pl.DataFrame, means: Sequence[str], *, keep: Sequence[str] = (), most: int = MOST_BARS
) -> pl.DataFrame:
    """Average rows that stand next to each other, so that no more than about `most` are left.

    Parameters
    ----------
    frame : polars.DataFrame
        In the order in which its rows are drawn.
    means : sequence of str
        Columns to average; all others but `keep` are dropped.
    keep : sequence of str
        Columns in which rows that are put together must agree.

    Returns
    -------
    polars.DataFrame
        `keep`, `means` and `together` (the rows put together, 1 where there are few enough).
    """
    each = -(-frame.height // most)
    if each <= 1:
        return frame.with_columns(pl.lit(1, dtype=pl.Int64).alias("together"))
    return (
        frame.with_row_index("place")
        .group_by(pl.col("place") // each, *keep, maintain_order=True)
        .agg(pl.col(*means).mean(), pl.len().cast(pl.Int64).alias("together"))
        .drop("place")
    )


def cells(frame: pl.DataFrame, x: str, y: str, *, grid: int = GRID) -> pl.DataFrame:
    """Count the rows in each cell of a grid over two columns.

    Parameters
    ----------
    frame : polars.DataFrame
        At least one row; neither column has a null.

    Returns
    -------
    polars.DataFrame
        `x` and `y` (middle of the cell) and `together` (the rows in it).
    """
    return frame.group_by(_cell(frame, x, grid), _cell(frame, y, grid), maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("together")
    )


def dots(
    frame: pl.DataFrame, x: str, *, keep: Sequence[str] = (), most: int = MOST_DOTS
) -> pl.DataFrame:
    """Let each row stand for several of nearly the same value, so that about `most` are left.

    Returns
    -------
    polars.DataFrame
        `keep`, `x` (middle of a bin) and `together` (what a row stands for, rounded up to whole
        rows); with few enough rows the frame itself and 1.
    """
    each = -(-frame.height // most)
    if each <= 1:
        return frame.with_columns(pl.lit(1, dtype=pl.Int64).alias("together"))
    counted = frame.group_by(_cell(frame, x, GRID), *keep).len().sort(x, *keep)
    rows = (pl.col("len") / each).ceil().cast(pl.Int64)
    return counted.select(
        pl.col(x, *keep).repeat_by(rows).list.explode(),
        pl.lit(each, dtype=pl.Int64).alias("together"),
    )


def _cell(frame: pl.DataFrame, column: str, grid: int) -> pl.Expr:
    values = frame[column].to_numpy()
    low = float(values.min())
    width = (float(values.max()) - low) / grid or 1.0
    place = ((pl.col(column) - low) / width).floor().clip(0, grid - 1)
    return (low + (place + 0.5) * width).alias(column)
