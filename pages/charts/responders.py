"""Responder rates as dots with their intervals, visit by visit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.theme import finish
from pages.shared.responder_words import AMONG_LABELS, counts
from pages.shared.wording import visit_label
from queries.grouping import EVERYBODY
from queries.responders import AMONG

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages.charts.theme import Palette
    from queries.responders import ResponderRow, Responders

ROW = 23
SEPARATOR = "\x1f"
SHAPES = ("circle", "diamond", "triangle-up")
SCHEMA: dict[str, Any] = {
    "row": pl.String,
    "label": pl.String,
    "visit": pl.String,
    "among": pl.String,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "counts": pl.String,
}


@drawn_once
def responders_chart(answer: Responders, colours: Palette) -> Drawing:
    """Draw the three rates of the chosen threshold at every visit."""
    blocks = {
        visit: [
            (AMONG_LABELS[row.among], row)
            for row in answer.rows
            if row.visit == visit and row.group == EVERYBODY and row.threshold == answer.threshold
        ]
        for visit in answer.visits
    }
    return _drawing(blocks, colours)


@drawn_once
def responder_groups_chart(
    answer: Responders,
    colours: Palette,
    *,
    among: str,
    visits: Sequence[str],
    name: Callable[[str], str],
) -> Drawing:
    """Draw one rate of every group at the given visits."""
    blocks = {
        visit: [
            (name(row.group), row)
            for row in answer.rows
            if row.visit == visit
            and row.group != EVERYBODY
            and row.threshold == answer.threshold
            and row.among == among
        ]
        for visit in visits
    }
    return _drawing(blocks, colours)


def _drawing(blocks: dict[str, list[tuple[str, ResponderRow]]], colours: Palette) -> Drawing:
    records: list[dict[str, Any]] = []
    for visit, rows in blocks.items():
        title = visit_label(visit)
        records.append({"row": SEPARATOR.join((visit, title)), "label": title, "counts": ""})
        records += [_record(visit, label, row) for label, row in rows]
    blank = dict.fromkeys(SCHEMA)
    frame = pl.DataFrame([blank | record for record in records], schema=SCHEMA)
    return Drawing(_structure(colours), {"rates": frame})


def _record(visit: str, label: str, row: ResponderRow) -> dict[str, Any]:
    found = row.proportion
    return {
        "row": SEPARATOR.join((visit, label, f"{row.group} {row.among}")),
        "label": label,
        "visit": visit_label(visit),
        "among": row.among,
        "rate": found.rate,
        "low": found.ci_low,
        "high": found.ci_high,
        "counts": counts(found),
    }


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    shades = [colours.categories[0], colours.categories[1], colours.categories[3]]
    seen = rows_of("rates").transform_filter("isValid(datum.rate)")
    colour = alt.Color(
        "among",
        type="nominal",
        scale=alt.Scale(domain=list(AMONG), range=shades),
        legend=None,
    )
    shape = alt.Shape(
        "among",
        type="nominal",
        scale=alt.Scale(domain=list(AMONG), range=list(SHAPES)),
        legend=None,
    )
    bars = seen.mark_rule(strokeWidth=3).encode(
        y=row_axis("rates", colours), x=_x("low"), x2=alt.X2("high"), color=colour
    )
    dots = seen.mark_point(
        size=130, filled=True, opacity=1, stroke=colours.background, strokeWidth=1
    ).encode(
        y=row_axis("rates", colours),
        x=_x("rate"),
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("label", type="nominal", title="patients"),
            alt.Tooltip("visit", type="nominal", title="visit"),
            alt.Tooltip("counts", type="nominal", title="reached it"),
        ],
    )
    words = rows_of("rates").mark_text(align="left", fontSize=14, dx=10, color=colours.ink)
    chart = alt.layer(
        words.encode(
            y=row_axis("rates", colours),
            x=alt.value("width"),
            text=alt.Text("counts", type="nominal"),
        ),
        bars,
        dots,
    )
    return finish(chart.properties(width="container", height=alt.Step(ROW)), colours)


def row_axis(table: str, colours: Palette, *, headings: bool = True) -> alt.Y:
    """Return the axis of rows named by their second part; a heading has two parts and is bold."""
    parts = f"split(datum.value, '{SEPARATOR}')"
    bold = f"length({parts}) == 2" if headings else "false"
    weight = alt.condition(bold, alt.value("bold"), alt.value("normal"))
    axis = alt.Axis(
        title=None,
        labelExpr=f"{parts}[1]",
        labelFontSize=14,
        labelFontWeight=weight,
        labelColor=colours.ink,
        labelLimit=190,
        labelPadding=12,
        grid=False,
    )
    return alt.Y("row", type="nominal", scale=in_order(table, "row"), axis=axis)


def _x(column: str) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            title="patients who reached the threshold",
            titleAnchor="start",
            format="%",
            values=[0, 0.25, 0.5, 0.75, 1],
            labelFontSize=13,
        ),
    )
