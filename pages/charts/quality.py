"""Data quality: a map of what is recorded of what is due."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.theme import finish
from pages.shared.quality_words import map_cells

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.completeness import Completeness

ROW = 32
STRONGEST = 0.6
CELLS: dict[str, Any] = {
    "measure": pl.String,
    "visit": pl.String,
    "missing": pl.Float64,
    "count": pl.String,
}


@drawn_once
def recorded_chart(answer: Completeness, colours: Palette) -> Drawing:
    """Draw a cell for every measure and visit: k of n due, the stronger the more is missing."""
    cells = pl.DataFrame(map_cells(answer), schema=CELLS)
    return Drawing(_map(colours), {"cells": cells})


@cache
def _map(colours: Palette) -> dict[str, Any]:
    top = alt.Axis(
        title=None,
        orient="top",
        labelFontSize=14,
        labelColor=colours.ink,
        labelAngle=0,
        labelLimit=160,
        grid=False,
    )
    left = alt.Axis(
        title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=280, grid=False
    )
    x = alt.X("visit", type="nominal", scale=in_order("cells", "visit"), axis=top)
    y = alt.Y("measure", type="nominal", scale=in_order("cells", "measure"), axis=left)
    strength = alt.FillOpacity(
        "missing",
        type="quantitative",
        scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0, STRONGEST]),
        legend=None,
    )
    boxes = (
        rows_of("cells")
        .mark_rect(fill=colours.attention, stroke=colours.hairline, strokeWidth=1)
        .encode(
            x=x,
            y=y,
            fillOpacity=strength,
            tooltip=[
                alt.Tooltip("measure", type="nominal", title="measure"),
                alt.Tooltip("visit", type="nominal", title="visit"),
                alt.Tooltip("count", type="nominal", title="recorded of the due"),
            ],
        )
    )
    counts = (
        rows_of("cells")
        .mark_text(fontSize=14, color=colours.ink)
        .encode(x=x, y=y, text=alt.Text("count", type="nominal"))
    )
    chart = alt.layer(boxes, counts).properties(width="container", height=alt.Step(ROW))
    return finish(chart, colours)
