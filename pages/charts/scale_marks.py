"""What a chart of scores shows beside them: bands and ends of the scale, lines across."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import once, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from data.codebook import Band, Measure
    from pages.charts.theme import Palette
    from queries.visit_rows import VisitRow

SHADES = (0.04, 0.1, 0.18, 0.27, 0.36)
BELOW_TITLE = 62
BANDS: dict[str, Any] = {
    "low": pl.Float64,
    "high": pl.Float64,
    "middle": pl.Float64,
    "words": pl.String,
    "shade": pl.Float64,
}
ENDS: dict[str, Any] = {"visit": pl.String, "at_top": pl.String, "at_bottom": pl.String}


def band_rows(known: Sequence[Band], minimum: float) -> pl.DataFrame:
    """Return the bands of a scale, darker the further up they lie."""
    lows = [minimum, *(band.up_to for band in known[:-1])]
    rows = [
        (low, band.up_to, (low + band.up_to) / 2, band.label, SHADES[min(place, len(SHADES) - 1)])
        for place, (low, band) in enumerate(zip(lows, known, strict=True))
    ]
    return pl.DataFrame(rows, schema=BANDS, orient="row")


def end_rows(rows: Iterable[VisitRow], measure: Measure) -> pl.DataFrame:
    """Return how many stand at the ends of the scale at each visit, in words."""
    words = [
        (
            row.visit,
            _at(row.at_maximum, row.n, measure.maximum),
            _at(row.at_minimum, row.n, measure.minimum),
        )
        for row in rows
    ]
    return pl.DataFrame(words, schema=ENDS, orient="row")


def _at(k: int, n: int, end: float) -> str:
    return f"{k} of {n} at {end:g}" if k else ""


def band_layers(colours: Palette, y: Callable[[str], alt.Y]) -> list[Any]:
    """Return the bands as quiet areas, named at the right of the chart."""
    base = rows_of("bands")
    shade = alt.Opacity("shade", type="quantitative", scale=None, legend=None)
    area = base.mark_rect(color=colours.none)
    names = base.mark_text(align="left", dx=8, fontSize=13, color=colours.secondary)
    return [
        area.encode(y=y("low"), y2=alt.Y2("high"), opacity=shade),
        names.encode(x=alt.value("width"), y=y("middle"), text=alt.Text("words", type="nominal")),
    ]


def end_layers(table: str, colours: Palette, x: alt.X) -> list[Any]:
    """Return the counts at the ends of the scale: above the chart, and below its n."""
    base = rows_of(table).encode(x=x)
    look: dict[str, Any] = {"fontSize": 13, "color": colours.secondary}
    top = base.mark_text(baseline="bottom", dy=-5, **look)
    bottom = base.mark_text(baseline="top", dy=BELOW_TITLE, **look)
    edge = once(table, where="datum.at_top || datum.at_bottom").mark_rule(
        color=colours.muted, strokeDash=[4, 4]
    )
    return [
        edge.encode(y=alt.value(0)),
        top.encode(y=alt.value(0), text=alt.Text("at_top", type="nominal")),
        bottom.encode(y=alt.value("height"), text=alt.Text("at_bottom", type="nominal")),
    ]


def across_layers(base: alt.Chart, colours: Palette, *, below: bool = False) -> list[Any]:
    """Return lines across a chart with their words at the right, above or below each line."""
    place: dict[str, Any] = (
        {"baseline": "top", "dy": 5} if below else {"baseline": "bottom", "dy": -3}
    )
    rule = base.mark_rule(color=colours.attention, strokeDash=[2, 3], strokeWidth=1.5)
    words = [
        base.mark_text(align="right", fontSize=13, **place, **look).encode(
            x=alt.value("width"), text=alt.Text("words", type="nominal")
        )
        for look in (
            {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.75},
            {"color": colours.attention},
        )
    ]
    return [rule, *words]
