"""Surgeons, by code, against what chance allows around the cohort's rate."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.theme import finish
from pages.shared.wording import percent
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.funnel import Funnel
    from queries.statistics.results import Proportion

HEIGHT = 360
SCHEMA: dict[str, Any] = {
    "surgeon": pl.String,
    "n": pl.Int64,
    "rate": pl.Float64,
    "out": pl.Boolean,
    "levels": pl.String,
    "patients": pl.String,
    "interval": pl.String,
}


@drawn_once
def funnel_chart(answer: Funnel, colours: Palette) -> Drawing:
    """Draw each surgeon's rate over the number of levels, between the limits."""
    rows = [
        (
            row.surgeon,
            row.levels,
            row.rate,
            row.position != "within",
            f"{row.leaks} of {row.levels}",
            f"{row.patients_with_leak} of {row.patients}",
            f"{percent(row.ci_low)} to {percent(row.ci_high)}",
        )
        for row in answer.rows
    ]
    tables = {
        "surgeons": pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        "limits": answer.curve,
        "target": pl.DataFrame(
            {"rate": [answer.target.rate], "words": [f"all {_share(answer.target)}"]}
        ),
    }
    return Drawing(_structure(colours), tables)


def _share(target: Proportion) -> str:
    return percent(target.rate) if target.n >= RATE_NEEDS else f"{target.k} of {target.n}"


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    chart = alt.layer(*_limits(colours), *_target(colours), *_surgeons(colours))
    return finish(chart.properties(height=HEIGHT, width="container"), colours)


def _x() -> alt.X:
    axis = alt.Axis(title="levels looked at", titleAnchor="start", grid=False, format="d")
    scale = alt.Scale(domainMin=0, nice=False)
    return alt.X("n", type="quantitative", scale=scale, axis=axis)


def _y(column: str) -> alt.Y:
    axis = alt.Axis(title="levels with a leak", format="%", tickCount=5)
    return alt.Y(column, type="quantitative", scale=alt.Scale(domain=[0, 1]), axis=axis)


def _limits(colours: Palette) -> list[Any]:
    base = rows_of("limits").encode(x=_x())
    band = base.mark_area(color=colours.answer_band, opacity=0.6, interpolate="step")
    layers = [band.encode(y=_y("low_95"), y2=alt.Y2("high_95"))]
    for column, dash in (
        ("low_95", [1, 0]),
        ("high_95", [1, 0]),
        ("low_998", [5, 3]),
        ("high_998", [5, 3]),
    ):
        line = base.mark_line(
            color=colours.individual,
            strokeWidth=1.3,
            strokeDash=dash,
            interpolate="step",
        )
        layers.append(line.encode(y=_y(column)))
    return layers


def _target(colours: Palette) -> list[Any]:
    base = rows_of("target").encode(y=_y("rate"))
    return [
        base.mark_rule(color=colours.secondary, strokeDash=[2, 3]),
        base.mark_text(
            align="right", baseline="bottom", dy=-3, fontSize=13, color=colours.secondary
        ).encode(x=alt.value("width"), text=alt.Text("words", type="nominal")),
    ]


def _surgeons(colours: Palette) -> list[Any]:
    base = rows_of("surgeons").encode(x=_x(), y=_y("rate"))
    colour = alt.condition("datum.out", alt.value(colours.attention), alt.value(colours.answer))
    points = base.mark_point(size=170, filled=True, opacity=1).encode(
        color=colour,
        shape=alt.condition("datum.out", alt.value("diamond"), alt.value("circle")),
        tooltip=[
            alt.Tooltip("surgeon", type="nominal"),
            alt.Tooltip("levels", type="nominal", title="levels with a leak"),
            alt.Tooltip("patients", type="nominal", title="patients with a leak"),
            alt.Tooltip("interval", type="nominal", title="95 % CI of levels"),
        ],
    )
    words = base.mark_text(
        align="left", dx=11, dy=-9, fontSize=15, fontWeight=600, color=colours.ink
    )
    return [points, words.encode(text=alt.Text("surgeon", type="nominal"))]
