"""Severity bands before and at a visit: how many patients stand in each cell."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.theme import finish
from queries.absence import DEAD
from queries.severity import NOT_SEEN

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.severity import Severity

ROW = 54
KINDS = ("milder", "same", "worse", "no value")
CELLS: dict[str, Any] = {
    **dict.fromkeys(("before", "after", "kind", "words", "told"), pl.String),
    "shade": pl.Float64,
}
TOTALS: dict[str, Any] = {"before": pl.String, "n": pl.Int64}


@drawn_once
def shift_chart(answer: Severity, colours: Palette, *, visit: str) -> Drawing:
    """Draw the band before against the band at a visit, each cell with its number of patients."""
    labels = [band.label for band in answer.bands]
    place = {label: place for place, label in enumerate(labels)}
    better = -1 if answer.measure.better == "lower" else 1
    here = [row for row in answer.rows if row.visit == visit]
    totals = {label: sum(row.n for row in here if row.before == label) for label in labels}
    most = max([1, *(row.n for row in here)])
    cells = []
    for row in here:
        kind = "no value"
        if row.after in place:
            step = better * (place[row.after] - place[row.before])
            kind = "milder" if step > 0 else "worse" if step < 0 else "same"
        words = str(row.n) if row.n else "·"
        told = f"{row.n} of {totals[row.before]}"
        shade = 0.12 + 0.5 * row.n / most if row.n else 0.0
        cells.append((row.before, row.after, kind, words, told, shade))
    tables = {
        "cells": pl.DataFrame(cells, schema=CELLS, orient="row"),
        "totals": pl.DataFrame(list(totals.items()), schema=TOTALS, orient="row"),
    }
    rows = tuple(reversed(labels))
    return Drawing(_structure(rows, (*labels, DEAD, NOT_SEEN), colours), tables)


def _axes(rows: tuple[str, ...], columns: tuple[str, ...], colours: Palette) -> tuple[alt.X, alt.Y]:
    look: dict[str, Any] = {"labelFontSize": 14, "labelColor": colours.ink, "grid": False}
    top = alt.Axis(title="at the visit", orient="top", labelAngle=0, labelOverlap=False, **look)
    x = alt.X(
        "after",
        type="nominal",
        sort=list(columns),
        scale=alt.Scale(domain=list(columns), paddingInner=0.06),
        axis=top,
    )
    y = alt.Y(
        "before",
        type="nominal",
        sort=list(rows),
        scale=alt.Scale(domain=list(rows), paddingInner=0.08),
        axis=alt.Axis(title="before the operation", **look),
    )
    return x, y


@cache
def _structure(rows: tuple[str, ...], columns: tuple[str, ...], colours: Palette) -> dict[str, Any]:
    x, y = _axes(rows, columns, colours)
    shades = [colours.answer, colours.individual, colours.attention, colours.none]
    cells = rows_of("cells").encode(x=x, y=y)
    chart = alt.layer(
        cells.mark_rect(color=colours.panel, stroke=colours.hairline),
        cells.mark_rect().encode(
            color=alt.Color(
                "kind",
                type="nominal",
                scale=alt.Scale(domain=list(KINDS), range=shades),
                legend=None,
            ),
            opacity=alt.Opacity("shade", type="quantitative", scale=None, legend=None),
            tooltip=[
                alt.Tooltip("before", type="nominal", title="before"),
                alt.Tooltip("after", type="nominal", title="at the visit"),
                alt.Tooltip("told", type="nominal", title="patients"),
                alt.Tooltip("kind", type="nominal", title="band"),
            ],
        ),
        cells.transform_filter("datum.kind == 'same'").mark_rect(
            filled=False, stroke=colours.ink, strokeWidth=1.5
        ),
        cells.mark_text(fontSize=17, fontWeight="bold", color=colours.ink).encode(
            text=alt.Text("words", type="nominal")
        ),
        rows_of("totals")
        .mark_text(align="left", dx=10, fontSize=15, color=colours.ink)
        .transform_calculate(words="'n = ' + datum.n")
        .encode(x=alt.value("width"), y=y, text=alt.Text("words", type="nominal")),
    )
    return finish(chart.properties(width="container", height=ROW * len(rows)), colours)
