"""How often each kind of event happened, per 100 patient-years, with its interval."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.event_marks import shape
from pages.charts.theme import finish
from pages.shared.wording import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.charts.theme import Palette
    from queries.events import Events, KindCount

ROW = 34
KINDS: dict[str, Any] = {
    "kind": pl.String,
    "shape": pl.String,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "counts": pl.String,
    "rates": pl.String,
    "none": pl.Boolean,
}


@drawn_once
def event_kinds_chart(answer: Events, colours: Palette, label: Callable[[str], str]) -> Drawing:
    """Draw every kind of event; one that never happened is its upper bound alone.

    Parameters
    ----------
    answer : Events
        The result to draw; somebody must have been followed.
    label : callable
        Gives each kind its words.
    """
    rows = [_row(count, label) for count in by_rate(answer) if count.rate]
    return Drawing(_structure(colours), {"kinds": pl.DataFrame(rows, schema=KINDS)})


def by_rate(answer: Events) -> list[KindCount]:
    """Return the kinds in order of their rate, those that never happened last."""
    return sorted(answer.counts, key=lambda count: -(count.rate.value if count.rate else 0.0))


def _row(count: KindCount, label: Callable[[str], str]) -> dict[str, Any]:
    rate, curve = count.rate, count.whole.curve
    value = rate.value if rate else 0.0
    high = rate.ci_high if rate else None
    again = f", {count.events} events" if count.events > count.patients else ""
    return {
        "kind": label(count.kind),
        "shape": shape(count.kind),
        "rate": value,
        "low": rate.ci_low if rate else None,
        "high": high,
        "counts": f"{count.patients} of {curve.n} patients{again}",
        "rates": number(value, 1) if value else f"none, up to {number(high, 1)}",
        "none": not value,
    }


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    y = alt.Y(
        "kind",
        type="nominal",
        scale=in_order("kinds", "kind"),
        axis=alt.Axis(
            title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=230, grid=False
        ),
    )
    base = rows_of("kinds").encode(y=y)
    colour = alt.value(colours.answer)
    happened, never = "!datum.none", "datum.none"
    bars = base.mark_rule(strokeWidth=3).encode(
        x=_x("low", colours), x2=alt.X2("high"), color=colour
    )
    bounds = base.mark_rule(strokeWidth=2, strokeDash=[4, 3], color=colours.individual)
    points = base.mark_point(size=150, filled=True, opacity=1).encode(
        x=_x("rate", colours),
        color=colour,
        shape=alt.Shape("shape", type="nominal", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("kind", type="nominal", title="event"),
            alt.Tooltip("counts", type="nominal", title="had one"),
            alt.Tooltip("rates", type="nominal", title="per 100 patient-years"),
        ],
    )
    words = base.mark_text(align="left", fontSize=14, dx=10).encode(
        x=alt.value("width"),
        text=alt.Text("counts", type="nominal"),
        color=alt.condition(never, alt.value(colours.muted), alt.value(colours.ink)),
    )
    printed = base.mark_text(align="left", fontSize=14, dx=8, dy=-11).encode(
        x=_x("rate", colours),
        text=alt.Text("rates", type="nominal"),
        color=alt.condition(never, alt.value(colours.muted), alt.value(colours.ink)),
    )
    layers = [
        words,
        bounds.encode(x=_x("low", colours), x2=alt.X2("high")).transform_filter(never),
        bars.transform_filter(happened),
        points.transform_filter(happened),
        printed,
    ]
    grows = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW), autosize=grows)
    return finish(chart, colours)


def _x(column: str, colours: Palette) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(
            title="first events per 100 patient-years",
            titleAnchor="start",
            tickCount=6,
            labelFontSize=14,
            labelColor=colours.ink,
        ),
    )
