"""Counts as bars with their numbers printed beside them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, in_order, rows_of
from pages.charts.theme import finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.theme import Palette


def bars_chart(counts: Sequence[tuple[str, int]], colours: Palette) -> Drawing:
    """Draw labelled counts, largest first."""
    ordered = sorted(counts, key=lambda item: -item[1])
    frame = pl.DataFrame(ordered, schema={"label": pl.String, "n": pl.Int64}, orient="row")
    return Drawing(_structure(colours), {"counts": frame})


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    axis = alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=180)
    base = rows_of("counts").encode(
        y=alt.Y("label", type="nominal", scale=in_order("counts", "label"), axis=axis),
        x=alt.X("n", type="quantitative", axis=None),
    )
    bars = base.mark_bar(color=colours.individual, cornerRadiusEnd=2, height={"band": 0.7})
    numbers = base.mark_text(align="left", dx=5, fontSize=14, color=colours.ink)
    chart = alt.layer(bars, numbers.encode(text=alt.Text("n", type="quantitative")))
    return finish(chart.properties(height=alt.Step(24), width="container"), colours)
