"""Leaks in order of operation: the rate as it accumulated, and below it the running check."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.theme import finish
from pages.shared.wording import number, percent
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.monitoring import Monitoring

RATE_HEIGHT = 190
CHECK_FROM = 236
CHECK_HEIGHT = 110
SETTLED = 10
APART = 18
RIGHT = 120
HEADROOM = 1.2
ENDS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Built:
    """How the chart is built: top of the rates, top of the check, None without one."""

    top: float
    check: float | None


@drawn_once
def monitoring_chart(answer: Monitoring, colours: Palette) -> Drawing:
    """Draw the accumulated rate with its exact limits, every leak, and the running check."""
    steps, watch = answer.steps, answer.watch
    settled = steps.filter(pl.col("sequence") >= min(SETTLED, steps.height))["ci_high"].to_list()
    top = next((end for end in ENDS if max(settled, default=0.0) <= end), ENDS[-1])
    built = Built(top, watch.limit * HEADROOM if watch else None)
    frame = steps.with_columns(
        pl.Series("so_far", [_so_far(row) for row in steps.iter_rows(named=True)], pl.String),
        pl.when("leak").then(pl.lit("leak")).otherwise(pl.lit("no leak")).alias("what"),
    )
    tables = {
        "steps": frame,
        "labels": _labels(answer, built),
        "years": frame.filter(pl.col("year").is_first_distinct()).select("sequence", "year"),
        "lines": pl.DataFrame(
            [(watch.target, watch.limit, f"limit {number(watch.limit, 1)}")] if watch else [],
            schema={"target": pl.Float64, "limit": pl.Float64, "limit_words": pl.String},
            orient="row",
        ),
    }
    return Drawing(_structure(built, colours), tables)


def _so_far(row: dict[str, Any]) -> str:
    low, high = percent(row["ci_low"]), percent(row["ci_high"])
    return f"{row['leaks']} of {row['sequence']} (95 % CI {low} to {high})"


def _labels(answer: Monitoring, built: Built) -> pl.DataFrame:
    """Name the rate and the target at the right end, moved apart where they meet."""
    rate = answer.n_leaks / answer.n_levels if answer.n_levels else 0.0
    rows = [(min(rate, built.top), _end(answer), True)]
    if answer.watch:
        target = answer.watch.target
        half = APART * built.top / RATE_HEIGHT / 2
        above = target >= rate
        if abs(target - rate) < 2 * half:
            middle = max((target + rate) / 2, 2 * half)
            rate, target = (
                (middle - half, middle + half) if above else (middle + half, middle - half)
            )
        rows = [
            (rate, _end(answer), True),
            (target, f"target {percent(answer.watch.target)}", False),
        ]
    schema = {"height": pl.Float64, "words": pl.String, "rate": pl.Boolean}
    return pl.DataFrame(rows if answer.n_levels else [], schema=schema, orient="row")


def _end(answer: Monitoring) -> str:
    counted = f"{answer.n_leaks} of {answer.n_levels}"
    if answer.n_levels < RATE_NEEDS or not answer.n_leaks:
        return counted
    return f"{counted} · {percent(answer.n_leaks / answer.n_levels)}"


@cache
def _structure(built: Built, colours: Palette) -> dict[str, Any]:
    layers = [*_years(colours, built), *_rate(built, colours)]
    height = RATE_HEIGHT
    if built.check is not None:
        layers += _check(built, colours)
        height = CHECK_FROM + CHECK_HEIGHT
    chart = (
        alt.layer(*layers)
        .resolve_scale(y="independent")
        .properties(
            height=height,
            width="container",
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        )
    )
    return finish(chart, colours)


def _x() -> alt.X:
    axis = alt.Axis(
        title="levels in order of operation",
        titleAnchor="start",
        format="d",
        tickMinStep=1,
        grid=False,
        labelFontSize=13,
    )
    end = alt.ExprRef(f"width - {RIGHT}")
    scale = alt.Scale(nice=False, zero=False, rangeMin=0, rangeMax=end)
    return alt.X("sequence", type="quantitative", scale=scale, axis=axis)


def _rates_y(column: str, built: Built, *, axis: bool = False) -> alt.Y:
    shown = alt.Axis(
        title="leaking levels", format="%", tickCount=4, labelFontSize=13, orient="left"
    )
    scale = alt.Scale(domain=[0, built.top], range=[RATE_HEIGHT, 0], nice=False, clamp=True)
    return alt.Y(column, type="quantitative", scale=scale, axis=shown if axis else None)


def _rate(built: Built, colours: Palette) -> list[Any]:
    steps, lines = rows_of("steps"), rows_of("lines")
    tips = [
        alt.Tooltip("sequence", type="quantitative", title="level in order"),
        alt.Tooltip("year", type="nominal"),
        alt.Tooltip("level", type="nominal", title="vertebra"),
        alt.Tooltip("what", type="nominal", title="leak"),
        alt.Tooltip("so_far", type="nominal", title="so far"),
    ]
    band = steps.mark_area(color=colours.answer_band, opacity=0.75, interpolate="step-after")
    line = steps.mark_line(color=colours.answer, strokeWidth=2.5, interpolate="step-after")
    leaks = steps.transform_filter("datum.leak").mark_point(
        shape="triangle-up", size=90, filled=True, color=colours.attention, opacity=1
    )
    names = (
        rows_of("labels")
        .mark_text(align="left", dx=8, fontSize=14)
        .encode(
            color=alt.condition(
                "datum.rate", alt.value(colours.answer), alt.value(colours.secondary)
            )
        )
    )
    target = lines.mark_rule(color=colours.secondary, strokeDash=[2, 3])
    return [
        band.encode(x=_x(), y=_rates_y("ci_low", built, axis=True), y2=alt.Y2("ci_high")),
        target.encode(x=alt.value(0), x2=_to_end(), y=_rates_y("target", built)),
        line.encode(x=_x(), y=_rates_y("rate", built)),
        leaks.encode(x=_x(), y=_rates_y("rate", built), tooltip=tips),
        names.encode(
            x=_to_end(), y=_rates_y("height", built), text=alt.Text("words", type="nominal")
        ),
    ]


def _to_end() -> Any:
    return alt.value(alt.ExprRef(f"width - {RIGHT}"))


def _years(colours: Palette, built: Built) -> list[Any]:
    base = rows_of("years").encode(x=_x())
    bottom = RATE_HEIGHT if built.check is None else CHECK_FROM + CHECK_HEIGHT
    return [
        base.mark_rule(color=colours.hairline).encode(y=alt.value(0), y2=alt.value(bottom)),
        base.mark_text(align="left", baseline="top", dx=4, fontSize=13, color=colours.muted).encode(
            y=alt.value(RATE_HEIGHT + 8), text=alt.Text("year", type="nominal")
        ),
    ]


def _check_y(column: str, built: Built, *, axis: bool = False) -> alt.Y:
    shown = alt.Axis(title="CUSUM", tickCount=3, labelFontSize=13, orient="left")
    scale = alt.Scale(
        domain=[0, built.check],
        range=[CHECK_FROM + CHECK_HEIGHT, CHECK_FROM],
        nice=False,
        clamp=True,
    )
    return alt.Y(column, type="quantitative", scale=scale, axis=shown if axis else None)


def _check(built: Built, colours: Palette) -> list[Any]:
    steps, lines = rows_of("steps"), rows_of("lines")
    run = steps.mark_line(color=colours.ink, strokeWidth=1.8, interpolate="step-after")
    signals = steps.transform_filter("datum.signal").mark_point(
        shape="diamond", size=150, filled=True, color=colours.attention, opacity=1
    )
    limit = lines.mark_rule(color=colours.attention, strokeDash=[6, 3], strokeWidth=1.5)
    named = lines.mark_text(
        align="left", baseline="middle", dx=8, fontSize=13, color=colours.attention
    )
    return [
        run.encode(x=_x(), y=_check_y("cusum", built, axis=True)),
        limit.encode(x=alt.value(0), x2=_to_end(), y=_check_y("limit", built)),
        named.encode(
            x=_to_end(), y=_check_y("limit", built), text=alt.Text("limit_words", type="nominal")
        ),
        signals.encode(x=_x(), y=_check_y("cusum", built)),
    ]
