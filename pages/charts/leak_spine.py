"""Leakage on the spine itself: the vertebrae coloured by rate, beside each its interval and n."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import LEVELS
from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.leakage import rate_frame, whole_frame
from pages.charts.over_visits import CLICK
from pages.charts.theme import finish
from pages.charts.vertebrae import discs, spine_height, vertebrae

if TYPE_CHECKING:
    from collections.abc import Collection

    from pages.charts.theme import Palette
    from queries.leakage import Leakage

SPINE = 120
LABELS = 34
RATES_FROM = 186
COUNTS = 148
PATIENTS = 66
KEY_TOP = 13
KEY_WIDTH = 84
ONE_PIXEL = 4
HOVER = "hovered"


@drawn_once
def spine_chart(
    answer: Leakage,
    colours: Palette,
    chosen: Collection[str] = (),
    offered: Collection[str] | None = None,
) -> Drawing:
    """Draw leakage per level from the side, T1 at the top; a click chooses a level.

    Parameters
    ----------
    answer : Leakage
        A result grouped by level; levels without a row were not treated.
    chosen : collection of str
        The levels that the cohort is filtered to, drawn with a ring.
    offered : collection of str, optional
        The levels that a click can choose; those with a row where none are given.
    """
    rows = {row.group: row for row in answer.rows}
    offered = set(rows) if offered is None else offered
    absent = "not in this choice" if answer.selection.cohort.is_filtered else "not treated"
    places = pl.DataFrame(
        [
            (one.top, one.middle, one.bottom, one.level in chosen, one.level in offered)
            for one in vertebrae(SPINE)
        ],
        schema={
            **dict.fromkeys(("top", "middle", "bottom"), pl.Float64),
            **dict.fromkeys(("chosen", "offered"), pl.Boolean),
        },
        orient="row",
    )
    frame = rate_frame([(level, level, rows.get(level)) for level in LEVELS], absent)
    said = pl.format("{}: {}", "label", "counts").alias("described")
    groups = frame.hstack(places).with_columns(said)
    tables = {"groups": groups, "whole": whole_frame(answer)}
    return Drawing(_structure(colours), tables)


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    chart = alt.layer(
        *_heads(colours),
        _still(discs(SPINE), colours.panel, colours.hairline),
        _still(" ".join(one.arch for one in vertebrae(SPINE)), colours.hairline, colours.none),
        *_bodies(colours),
        *_reference(colours),
        *_rates(colours),
        *_words(colours),
        _rows(colours),
    )
    shown = chart.properties(
        height=spine_height(),
        width="container",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return finish(shown.resolve_scale(shape="independent"), colours)


def _still(path: str, fill: str, stroke: str) -> Any:
    """Draw an outline that no rows change."""
    one = alt.Chart(alt.sequence(1))
    return one.mark_point(
        shape=path, size=ONE_PIXEL, fill=fill, stroke=stroke, strokeWidth=1, opacity=1
    ).encode(x=alt.value(0), y=alt.value(0))


def _y(column: str) -> alt.Y:
    scale = alt.Scale(domain=[0, spine_height()], reverse=True, nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def _bodies(colours: Palette) -> list[Any]:
    shape = alt.Shape(
        "group",
        type="nominal",
        scale=alt.Scale(domain=list(LEVELS), range=[one.body for one in vertebrae(SPINE)]),
        legend=None,
    )
    ring = {
        "stroke": alt.condition(
            "datum.chosen", alt.value(colours.answer), alt.value(colours.muted)
        ),
        "strokeWidth": alt.condition("datum.chosen", alt.value(3), alt.value(1.2)),
    }
    has_rate = "isValid(datum.rate) && !datum.few"

    def bodies(test: str, **look: Any) -> Any:
        mark = rows_of("groups").transform_filter(test)
        drawn = mark.mark_point(size=ONE_PIXEL, opacity=1, **look)
        return drawn.encode(x=alt.value(0), y=alt.value(0), shape=shape)

    return [
        bodies("!datum.treated", fill=colours.background, stroke=colours.none, strokeWidth=1.2),
        bodies(f"datum.treated && !({has_rate})", fill=colours.none, strokeDash=[3, 2]).encode(
            **ring
        ),
        bodies(has_rate).encode(fill=_colour(colours), **ring),
    ]


def _colour(colours: Palette) -> alt.Fill:
    shown, middle, dark = colours.rates
    return alt.Fill(
        "rate",
        type="quantitative",
        scale=alt.Scale(domain=[0, 0.25, 0.5], range=[shown, middle, dark], clamp=True),
        legend=alt.Legend(
            orient="none",
            legendX=0,
            legendY=spine_height() + KEY_TOP,
            direction="horizontal",
            title=None,
            gradientLength=KEY_WIDTH,
            gradientThickness=8,
            gradientStrokeColor=colours.hairline,
            gradientStrokeWidth=1,
            values=[0, 0.5],
            labelExpr="datum.value < 0.5 ? '0%' : '50%+'",
            labelFontSize=13,
            labelColor=colours.secondary,
        ),
    )


def _x(column: str) -> alt.X:
    end = alt.ExprRef(f"width - {COUNTS + 14}")
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1], nice=False, rangeMin=RATES_FROM, rangeMax=end),
        axis=alt.Axis(
            title="rate of leaking levels",
            titleAnchor="middle",
            format="%",
            values=[0, 0.25, 0.5, 0.75, 1],
            labelFontSize=13,
            labelFlush=False,
        ),
    )


def _rates(colours: Palette) -> list[Any]:
    seen = rows_of("groups").transform_filter("isValid(datum.rate)")
    colour = alt.condition("datum.few", alt.value(colours.muted), alt.value(colours.attention))
    return [
        seen.mark_rule(strokeWidth=2.5, color=colours.individual).encode(
            y=_y("middle"), x=_x("low"), x2=alt.X2("high")
        ),
        seen.mark_point(size=110, filled=True, opacity=1).encode(
            y=_y("middle"),
            x=_x("rate"),
            color=colour,
            shape=alt.condition("datum.few", alt.value("diamond"), alt.value("circle")),
        ),
    ]


def _words(colours: Palette) -> list[Any]:
    """Print each level's name and what was counted there."""
    ink = alt.condition("datum.treated", alt.value(colours.ink), alt.value(colours.muted))
    texts = rows_of("groups").encode(y=_y("middle"), color=ink)
    names = texts.mark_text(align="right", fontSize=14, baseline="middle")
    counts = texts.mark_text(align="left", fontSize=14, baseline="middle")
    patients = counts.transform_filter("datum.patients")
    return [
        names.encode(x=alt.value(LABELS), text=alt.Text("label", type="nominal")),
        counts.encode(x=_from_right(COUNTS), text=alt.Text("said", type="nominal")),
        patients.encode(x=_from_right(PATIENTS), text=alt.Text("patients", type="nominal")),
    ]


def _from_right(pixels: int) -> Any:
    return alt.value(alt.ExprRef(f"width - {pixels}"))


def _heads(colours: Palette) -> list[Any]:
    one = alt.Chart(alt.sequence(1))
    return [
        one.mark_text(
            text=words,
            align="left",
            baseline="bottom",
            fontSize=13,
            color=colours.secondary,
        ).encode(x=_from_right(at), y=alt.value(-5))
        for words, at in (("levels", COUNTS), ("patients", PATIENTS))
    ]


def _reference(colours: Palette) -> list[Any]:
    base = rows_of("whole").encode(x=_x("whole"))
    return [
        base.mark_rule(color=colours.secondary, strokeDash=[2, 3]),
        base.mark_text(
            align="left", baseline="bottom", dx=4, fontSize=13, color=colours.secondary
        ).encode(y=alt.value(-5), text=alt.Text("words", type="nominal")),
    ]


def _rows(colours: Palette) -> Any:
    """Lay a clickable row over each level that can be chosen; it shows where the pointer is."""
    click = alt.selection_point(
        name=CLICK, fields=["group"], on="click", toggle="true", empty=False
    )
    hover = alt.selection_point(
        name=HOVER, fields=["group"], on="pointerover", clear="pointerout", empty=False
    )
    shade = alt.condition(hover, alt.value(0.07), alt.value(0.0))
    return (
        rows_of("groups")
        .transform_filter("datum.offered")
        .mark_rect(aria=True, color=colours.ink, cursor="pointer")
        .encode(
            x=alt.value(0),
            x2=alt.value("width"),
            y=_y("top"),
            y2=alt.Y2("bottom"),
            fillOpacity=shade,
            description=alt.Description("described", type="nominal"),
            tooltip=[
                alt.Tooltip("label", type="nominal", title="level"),
                alt.Tooltip("counts", type="nominal", title="leaks"),
                alt.Tooltip("interval", type="nominal", title="95 % CI of levels"),
            ],
        )
        .add_params(click, hover)
    )
