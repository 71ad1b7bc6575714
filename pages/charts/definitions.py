"""Every published definition of a responder side by side: one row each, three rates in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.responders import SHAPES
from pages.charts.theme import finish
from pages.shared.definition_words import definitions, goal_in_short, labels_in_short, reached_of
from pages.shared.responder_words import AMONG_LABELS, counts
from queries.responders import AMONG

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.responders import Responders

ROW = 40
APART = 11
LEGEND_APART = 140
LABELS = 250
RATE_SCHEMA: dict[str, Any] = {
    "row": pl.String,
    "goal": pl.String,
    "names": pl.String,
    "among": pl.String,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "counts": pl.String,
    "excluded": pl.Int64,
}
WORD_SCHEMA = dict.fromkeys(("row", "goal", "names", "counts"), pl.String)


@drawn_once
def definitions_chart(answer: Responders, colours: Palette) -> Drawing:
    """Draw the three rates of every definition at the headline visit."""
    rates, words = [], []
    for place, found in enumerate(definitions(answer)):
        goal = goal_in_short(found.threshold, answer.measure)
        row = f"{place:02}"
        words.append((row, goal, labels_in_short(found), reached_of(found)))
        for rate in found.rates:
            share = rate.proportion
            rates.append(
                (
                    *(row, goal, "; ".join(found.labels), rate.among),
                    *(share.rate, share.ci_low, share.ci_high),
                    *(f"{counts(share)} {AMONG_LABELS[rate.among]}", rate.n_excluded),
                )
            )
    tables = {
        "rates": pl.DataFrame(rates, schema=RATE_SCHEMA, orient="row"),
        "words": pl.DataFrame(words, schema=WORD_SCHEMA, orient="row"),
    }
    return Drawing(_structure(colours), tables)


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    shades = (colours.categories[0], colours.categories[1], colours.categories[3])
    layers = [_between_rows(colours)]
    for place, (among, shade, shape) in enumerate(zip(AMONG, shades, SHAPES, strict=True)):
        layers += _rates(among, shade, shape, (place - 1) * APART, colours)
        layers += _legend(place, AMONG_LABELS[among], shade, shape, colours)
    chart = alt.layer(*layers, *_words(colours))
    return finish(chart.properties(width="container", height=alt.Step(ROW)), colours)


def _y() -> alt.Y:
    return alt.Y("row", type="nominal", scale=in_order("words", "row"), axis=None)


def _x(column: str) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            title="patients who reached it",
            titleAnchor="start",
            format="%",
            values=[0, 0.25, 0.5, 0.75, 1],
            labelFontSize=13,
        ),
    )


def _between_rows(colours: Palette) -> Any:
    lines = rows_of("words").mark_rule(color=colours.hairline, yOffset=-ROW / 2, y2Offset=-ROW / 2)
    return lines.encode(y=_y(), x=alt.value(-LABELS), x2=alt.value("width"))


def _rates(among: str, shade: str, shape: str, down: int, colours: Palette) -> list[Any]:
    seen = rows_of("rates").transform_filter(f"datum.among == '{among}' && isValid(datum.rate)")
    bars = seen.mark_rule(strokeWidth=3, color=shade, yOffset=down, y2Offset=down)
    dots = seen.mark_point(
        size=105,
        filled=True,
        opacity=1,
        shape=shape,
        color=shade,
        stroke=colours.background,
        strokeWidth=1,
        yOffset=down,
    )
    return [
        bars.encode(y=_y(), x=_x("low"), x2=alt.X2("high")),
        dots.encode(
            y=_y(),
            x=_x("rate"),
            tooltip=[
                alt.Tooltip("goal", type="nominal", title="definition"),
                alt.Tooltip("names", type="nominal", title="published as"),
                alt.Tooltip("counts", type="nominal", title="reached it"),
                alt.Tooltip("excluded", type="quantitative", title="baseline out of reach"),
            ],
        ),
    ]


def _legend(place: int, label: str, shade: str, shape: str, colours: Palette) -> list[Any]:
    """Name a mark above the rows, where it is drawn."""
    one = rows_of("words").transform_filter("datum.row == '00'")
    left = place * LEGEND_APART + 6
    mark = one.mark_point(size=105, filled=True, opacity=1, shape=shape, color=shade)
    words = one.mark_text(align="left", fontSize=14, color=colours.ink, text=label)
    return [
        mark.encode(x=alt.value(left), y=alt.value(-14)),
        words.encode(x=alt.value(left + 12), y=alt.value(-14)),
    ]


def _words(colours: Palette) -> list[Any]:
    rows = rows_of("words")
    goal = rows.mark_text(align="right", dx=-12, dy=-8, fontSize=14, color=colours.ink)
    names = rows.mark_text(
        align="right", dx=-12, dy=9, fontSize=13, color=colours.muted, limit=LABELS - 12
    )
    reached = rows.mark_text(align="left", dx=12, fontSize=14, color=colours.ink)
    return [
        goal.encode(y=_y(), x=alt.value(0), text=alt.Text("goal", type="nominal")),
        names.encode(y=_y(), x=alt.value(0), text=alt.Text("names", type="nominal")),
        reached.encode(y=_y(), x=alt.value("width"), text=alt.Text("counts", type="nominal")),
    ]
