"""Counts as bars with their numbers printed beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.theme import finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.theme import Palette


def bars_chart(counts: Sequence[tuple[str, int]], colours: Palette) -> Any:
    """Draw labelled counts, largest first."""
    ordered = sorted(counts, key=lambda item: -item[1])
    frame = pl.DataFrame(ordered, schema={"label": pl.String, "n": pl.Int64}, orient="row")
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "label",
            type="nominal",
            sort=frame["label"].to_list(),
            axis=alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=180),
        ),
        x=alt.X("n", type="quantitative", axis=None),
    )
    bars = base.mark_bar(color=colours.individual, cornerRadiusEnd=2, height={"band": 0.7})
    numbers = base.mark_text(align="left", dx=5, fontSize=14, color=colours.ink).encode(
        text=alt.Text("n", type="quantitative")
    )
    chart = alt.layer(bars, numbers).properties(height=24 * max(len(frame), 1), width="container")
    return finish(chart, colours)
