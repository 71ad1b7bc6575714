"""Scores over the days since the operation: lines at the days measured, windows, medians."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, OTHER_VISIT, visits
from pages.charts.drawing import Drawing, once, rows_of
from pages.charts.over_visits import CLICK, LINE_SCHEMA, View
from pages.charts.scale_marks import across_layers
from pages.charts.theme import finish, signed
from pages.charts.trajectory import (
    N_TITLES,
    centre_at,
    domain_of,
    drawn_visits,
    threshold_lines,
    y_title,
)
from pages.shared.wording import number, visit_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Threshold
    from pages.charts.theme import Palette
    from queries.timing import Timing
    from queries.trajectory import Trajectory

STEP = 50
SIDES: tuple[tuple[Literal["right", "center", "left"], int], ...] = (
    ("right", -3),
    ("center", 0),
    ("left", 3),
)
HEIGHT = 350
WINDOWS: dict[str, Any] = {
    "label": pl.String,
    "side": pl.String,
    "first": pl.Float64,
    "last": pl.Float64,
    "at": pl.Float64,
    "n": pl.Int64,
}


@dataclass(frozen=True)
class OverDays:
    """How a chart over days is built, whatever rows it shows."""

    view: View
    days: tuple[int, int]
    domain: tuple[float, float]
    y_title: str
    n_title: str
    label: str


def days_chart(
    answer: Trajectory,
    days: Timing,
    colours: Palette,
    *,
    view: View = "value",
    threshold: Threshold | None = None,
) -> Drawing:
    """Draw a score over the days since the operation.

    Parameters
    ----------
    answer : Trajectory
        Its medians are drawn at the median day of each visit.
    days : Timing
        Its points are the lines; those of the visit ``other`` are hollow diamonds.
    """
    centre = centre_at(answer, view)
    built = OverDays(
        view=view,
        days=_span(drawn_visits(answer, view), days),
        domain=domain_of(answer, view),
        y_title=y_title(answer, view),
        n_title=N_TITLES[view],
        label=answer.measure.label,
    )
    decimals = 0 if view == "percent" else answer.measure.decimals
    words = [number(value, decimals, sign=view != "value") for value in centre["median"]]
    known = [
        word if value is not None else ""
        for word, value in zip(words, centre["median"], strict=True)
    ]
    across = threshold_lines(answer, threshold, view)
    tables = {
        "windows": _windows(centre),
        "centre": centre.with_columns(
            pl.col("visit").replace_strict(_middles(days), return_dtype=pl.Float64).alias("day"),
            pl.Series("label", known, dtype=pl.String),
        ),
        "across": pl.DataFrame(across, schema=LINE_SCHEMA, orient="row"),
    }
    if days.points is not None:
        tables["lines"] = _lines(days.points, view)
    return Drawing(_structure(built, colours, individuals="lines" in tables), tables)


def _span(drawn: Sequence[str], days: Timing) -> tuple[int, int]:
    """Return an axis that holds every window drawn and every day measured."""
    windows = [visits()[visit] for visit in drawn]
    rows = [row for row in days.rows if row.visit in (*drawn, OTHER_VISIT)]
    seen = [day for row in rows for day in (row.day_first, row.day_last) if day is not None]
    first = min([0, *(window.day_from for window in windows), *seen])
    last = max([0, *(window.day_to for window in windows), *seen])
    return -ceil(-first / STEP) * STEP, ceil(last / STEP) * STEP or STEP


def _middles(days: Timing) -> dict[str, float]:
    """Return where the medians stand: the median day, or the middle of the window."""
    middles = {visit.code: (visit.day_from + visit.day_to) / 2 for visit in visits().values()}
    known = {row.visit: row.day_median for row in days.rows if row.day_median is not None}
    return middles | known


def _windows(centre: pl.DataFrame) -> pl.DataFrame:
    counted = dict(centre.select("visit", "n").iter_rows())
    rows = []
    for code, n in counted.items():
        window = visits()[code]
        side, at = "center", (window.day_from + window.day_to) / 2
        if code == BASELINE:
            side, at = "right", float(window.day_to)
        elif code == AFTER_OPERATION:
            side, at = "left", float(window.day_from)
        rows.append((window.short_label, side, window.day_from, window.day_to, at, n))
    return pl.DataFrame(rows, schema=WINDOWS, orient="row")


def _lines(points: pl.DataFrame, view: View) -> pl.DataFrame:
    names = {visit: visit_label(visit) for visit in (*visits(), OTHER_VISIT)}
    names[OTHER_VISIT] = "between the visits"
    return points.filter(pl.col(view).is_not_null()).select(
        "patient_id",
        "day",
        pl.col(view).alias("value"),
        pl.col("visit").replace_strict(names, return_dtype=pl.String).alias("when"),
        (pl.col("visit") == OTHER_VISIT).alias("beside"),
        pl.col("value").round(1).alias("score"),
        pl.col("change").round(1),
        "complete",
    )


@cache
def _structure(built: OverDays, colours: Palette, *, individuals: bool) -> dict[str, Any]:
    layers = _visit_windows(built, colours)
    layers += _individuals(built, colours) if individuals else []
    layers += _medians(built, colours)
    layers += _across(built, colours)
    return finish(alt.layer(*layers).properties(height=HEIGHT, width="container"), colours)


def _x(column: str, built: OverDays) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=list(built.days), nice=False),
        axis=alt.Axis(
            title=f"days since the operation; numbers above: {built.n_title}",
            titleAnchor="start",
            titlePadding=10,
            labelExpr=signed(0),
            labelFontSize=13,
            labelPadding=26,
            tickCount=8,
            grid=False,
            domain=True,
        ),
    )


def _y(column: str, built: OverDays) -> alt.Y:
    return alt.Y(
        column,
        type="quantitative",
        scale=alt.Scale(domain=list(built.domain), nice=False, clamp=True),
        axis=alt.Axis(title=built.y_title, tickCount=6, labelExpr=signed(0), labelFontSize=13),
    )


def _visit_windows(built: OverDays, colours: Palette) -> list[Any]:
    base = rows_of("windows")
    area = base.mark_rect(color=colours.none, opacity=0.3).encode(
        x=_x("first", built), x2=alt.X2("last")
    )
    layers = [area]
    for side, dx in SIDES:
        mine = base.transform_filter(f"datum.side == '{side}'").encode(x=_x("at", built))
        name = mine.mark_text(
            align=side, baseline="bottom", dx=dx, dy=-6, fontSize=14, color=colours.ink
        )
        n = mine.mark_text(align=side, baseline="top", dx=dx, dy=7, fontSize=15, color=colours.ink)
        layers += [
            name.encode(y=alt.value(0), text=alt.Text("label", type="nominal")),
            n.encode(y=alt.value("height"), text=alt.Text("n", type="quantitative")),
        ]
    return layers


def _individuals(built: OverDays, colours: Palette) -> list[Any]:
    picked = alt.selection_point(name=CLICK, fields=["patient_id"], on="click", empty=False)
    base = rows_of("lines").encode(
        x=_x("day", built),
        y=_y("value", built),
        detail=alt.Detail("patient_id", type="nominal"),
        order=alt.Order("day", type="quantitative"),
    )
    dashes = alt.Scale(domain=[True, False], range=[[1, 0], [4, 3]])
    line = base.mark_line(interpolate="linear").encode(
        color=alt.condition(picked, alt.value(colours.attention), alt.value(colours.individual)),
        opacity=alt.condition(picked, alt.value(1.0), alt.value(0.38)),
        strokeWidth=alt.condition(picked, alt.value(3), alt.value(1)),
        strokeDash=alt.StrokeDash("complete", type="nominal", scale=dashes, legend=None),
    )
    beside = base.transform_filter("datum.beside").mark_point(
        shape="diamond", size=60, filled=False, strokeWidth=1.5, color=colours.secondary
    )
    points = base.mark_circle(size=90, cursor="pointer", color=colours.attention).encode(
        opacity=alt.condition(picked, alt.value(1.0), alt.value(0.0)),
        tooltip=[
            alt.Tooltip("patient_id", type="nominal", title="patient"),
            alt.Tooltip("day", type="quantitative", title="day"),
            alt.Tooltip("when", type="nominal", title="visit"),
            alt.Tooltip("score", type="nominal", title=built.label),
            alt.Tooltip("change", type="nominal", title="change from before"),
        ],
    )
    return [line, beside, points.add_params(picked)]


def _medians(built: OverDays, colours: Palette) -> list[Any]:
    base = rows_of("centre").encode(x=_x("day", built))
    dots = base.mark_circle(
        color=colours.answer, size=150, opacity=1, stroke=colours.background, strokeWidth=1.5
    )
    words, halo = (
        base.mark_text(fontSize=18, fontWeight="bold", dx=9, dy=-13, align="left", **look)
        for look in (
            {"color": colours.answer},
            {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.75},
        )
    )
    label = alt.Text("label", type="nominal")
    return [
        base.mark_line(color=colours.answer, strokeWidth=3).encode(y=_y("median", built)),
        base.mark_rule(color=colours.answer, strokeWidth=3).encode(
            y=_y("low", built), y2=alt.Y2("high")
        ),
        dots.encode(y=_y("median", built)),
        halo.encode(y=_y("median", built), text=label),
        words.encode(y=_y("median", built), text=label),
    ]


def _across(built: OverDays, colours: Palette) -> list[Any]:
    base = rows_of("across").encode(y=_y("height", built))
    zero = once("windows").transform_calculate(zero="0")
    operated = zero.mark_rule(color=colours.muted, strokeDash=[1, 3])
    return [
        operated.encode(x=_x("zero", built)),
        *(
            [zero.mark_rule(color=colours.muted).encode(y=_y("zero", built))]
            if built.view != "value"
            else []
        ),
        *across_layers(base, colours),
    ]
