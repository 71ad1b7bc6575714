"""The vertebral bodies from T1 to L5, seen from the side."""

from __future__ import annotations

import math

import polars as pl

from data.codebook import LEVELS

ACROSS = 130
MOST_KYPHOTIC = LEVELS.index("T6")
GAP = 0.28


def bodies(height: float) -> pl.DataFrame:
    """Place every vertebral body: thoracic kyphosis, then lumbar lordosis, growing downwards.

    Parameters
    ----------
    height : float
        How high the whole spine is, in pixels.

    Returns
    -------
    polars.DataFrame
        level, left and right (of `ACROSS` pixels), top, centre and bottom (pixels from above),
        one row per level from T1 to L5.
    """
    last = len(LEVELS) - 1
    heights = [1 + 0.7 * place / last for place in range(len(LEVELS))]
    scale = height / (sum(heights) + GAP * last)
    rows, top = [], 0.0
    for place, level in enumerate(LEVELS):
        bottom = top + heights[place] * scale
        width = 40 + 32 * place / last
        centre = 76 - 16 * math.cos((place - MOST_KYPHOTIC) * (math.pi / 8))
        rows.append(
            (level, centre - width / 2, centre + width / 2, top, (top + bottom) / 2, bottom)
        )
        top = bottom + GAP * scale
    columns = ("left", "right", "top", "centre", "bottom")
    schema = {"level": pl.String, **dict.fromkeys(columns, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")
