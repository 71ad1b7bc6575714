"""Restored height: every level and every patient as a dot, and the estimate with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, counted, drawn_once, rows_of
from pages.charts.theme import MINUS, finish
from pages.shared.restoration_words import axis
from pages.shared.wording import number, plural

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.restoration import Restoration

HEIGHT = 330
DOTS = (13.0, 10.0, 7.0, 5.0, 3.0)
BINS = 36
LEVELS_AT, PATIENTS_AT, ESTIMATE_AT = 172.0, 58.0, 18.0
ROOM = {"levels": HEIGHT - LEVELS_AT - 14, "patients": LEVELS_AT - PATIENTS_AT - 26}
KINDS = ("within", "no error on record", "worse", "better")


@dataclass(frozen=True)
class Span:
    """The ends of the axis and its title."""

    low: float
    high: float
    title: str
    full: bool


@drawn_once
def restoration_chart(answer: Restoration, colours: Palette) -> Drawing:
    """Draw the levels and the patients as stacked dots, and the estimate below them.

    Above 300 of them a dot stands for several.
    """
    span = _span(answer, answer.levels["restored"].to_list())
    row = answer.shown
    shown = _named(answer.levels, "{}, patient {}", ("level", "patient_id"), "level")
    means = _named(
        answer.patients, "patient {}, mean of {}", ("patient_id", "n_levels"), "patient"
    ).with_columns(pl.lit("patient").alias("kind"))
    decimals = 1 if answer.formula == "mm" else 0
    estimate = [(row.estimate, row.ci_low, row.ci_high, ESTIMATE_AT, _printed(answer))]
    numbers = dict.fromkeys(("value", "low", "high", "y"), pl.Float64)
    names = [
        (HEIGHT - 4.0, f"{plural(row.n_levels, 'level')}"),
        (LEVELS_AT - 18, f"{plural(row.n_patients, 'patient')}, mean of their levels"),
    ]
    dot = min(_dot(shown, span, "levels"), _dot(means, span, "patients"))
    tables = {
        "levels": _stacked(shown, span, (dot, ROOM["levels"], LEVELS_AT), decimals),
        "patients": _stacked(means, span, (dot, ROOM["patients"], PATIENTS_AT), decimals),
        "estimate": pl.DataFrame(
            estimate if row.estimate is not None else [],
            schema={**numbers, "words": pl.String},
            orient="row",
        ),
        "lines": _reference_lines(span),
        "names": pl.DataFrame(names, schema={"y": pl.Float64, "words": pl.String}, orient="row"),
    }
    return Drawing(_structure(span, dot, colours), tables)


def _named(frame: pl.DataFrame, words: str, of: tuple[str, str], noun: str) -> pl.DataFrame:
    """Say who each dot is."""
    if of[0] in frame.columns:
        return frame.with_columns(pl.format(words, *of).alias("who"))
    return frame.with_columns(pl.concat_str(pl.lit("up to "), counted(noun)).alias("who"))


def _printed(answer: Restoration) -> str:
    decimals = 1 if answer.formula == "mm" else 0
    unit = " mm" if answer.formula == "mm" else " %"
    return f"{number(answer.shown.estimate, decimals, sign=True)}{unit}"


def _span(answer: Restoration, values: list[float]) -> Span:
    step = 1.0 if answer.formula == "mm" else 10.0
    low, high = min([0.0, *values]), max([step, *values])
    full = answer.formula == "lost_height"
    return Span(
        low=(floor(low / step) - 0.5) * step,
        high=(ceil(high / step) + 0.5) * step,
        title=axis(answer),
        full=full and high >= 80,
    )


def _binned(frame: pl.DataFrame, span: Span) -> pl.DataFrame:
    width = (span.high - span.low) / BINS
    place = ((pl.col("restored") - span.low) / width).floor().cast(pl.Int64)
    binned = frame.with_columns(bin=place).sort("bin", "restored")
    return binned.with_columns(pl.int_range(pl.len()).over("bin").alias("place"))


def _dot(frame: pl.DataFrame, span: Span, zone: str) -> float:
    """Return the largest dot of which the highest stack still fits into its zone."""
    most = 1 + max(_binned(frame, span)["place"], default=0)
    return next((dot for dot in DOTS if dot * most <= ROOM[zone]), DOTS[-1])


def _stacked(
    frame: pl.DataFrame, span: Span, zone: tuple[float, float, float], decimals: int
) -> pl.DataFrame:
    """Stack dots of nearly the same value upon each other; very high stacks overlap."""
    width = (span.high - span.low) / BINS
    dot, room, base = zone
    binned = _binned(frame, span)
    apart = min(dot, room / (1 + max(binned["place"], default=0)))
    words = [number(value, decimals, sign=True) for value in binned["restored"]]
    return binned.select(
        (span.low + (pl.col("bin") + 0.5) * width).alias("x"),
        (base + (pl.col("place") + 0.5) * apart).alias("y"),
        "who",
        pl.Series("words", words, dtype=pl.String),
        "kind",
    )


def _reference_lines(span: Span) -> pl.DataFrame:
    rows = [(0.0, "no gain")]
    if span.full:
        rows.append((100.0, "expected height reached"))
    return pl.DataFrame(rows, schema={"x": pl.Float64, "words": pl.String}, orient="row")


@cache
def _structure(span: Span, dot: float, colours: Palette) -> dict[str, Any]:
    chart = alt.layer(
        *_lines(span, colours),
        _dots("levels", span, dot, colours),
        _dots("patients", span, dot, colours),
        *_estimate(span, colours),
        *_names(colours),
    ).resolve_scale(fill="independent")
    return finish(chart.properties(width="container", height=HEIGHT), colours)


def _x(column: str, span: Span) -> alt.X:
    label = f"replace(format(datum.value, '~g'), '-', '{MINUS}')"
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[span.low, span.high], nice=False),
        axis=alt.Axis(title=span.title, titleAnchor="start", labelExpr=label, tickCount=8),
    )


def _y(column: str) -> alt.Y:
    scale = alt.Scale(domain=[0, HEIGHT], nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def _lines(span: Span, colours: Palette) -> list[Any]:
    base = rows_of("lines").encode(x=_x("x", span))
    return [
        base.mark_rule(color=colours.ink, strokeWidth=1),
        base.mark_text(
            align="left", baseline="bottom", dx=4, dy=-2, fontSize=13, color=colours.secondary
        ).encode(y=alt.value(0), text=alt.Text("words", type="nominal")),
    ]


def _names(colours: Palette) -> list[Any]:
    halo = {"stroke": colours.background, "strokeWidth": 5}
    base = rows_of("names").encode(
        x=alt.value(4), y=_y("y"), text=alt.Text("words", type="nominal")
    )
    return [
        base.mark_text(align="left", baseline="top", fontSize=14, **look)
        for look in (halo, {"color": colours.secondary})
    ]


def _dots(table: str, span: Span, dot: float, colours: Palette) -> Any:
    patients = table == "patients"
    greys = [colours.individual, colours.individual]
    scale = alt.Scale(
        domain=[*KINDS, "patient"],
        range=[*greys, colours.attention, colours.answer, colours.ink],
    )
    return (
        rows_of(table)
        .mark_point(
            shape="diamond" if patients else "circle",
            size=0.72 * dot**2,
            opacity=1,
            stroke=colours.background,
            strokeWidth=0.8,
        )
        .encode(
            x=_x("x", span),
            y=_y("y"),
            fill=alt.Fill("kind", type="nominal", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("who", type="nominal", title="who"),
                alt.Tooltip("words", type="nominal", title="restored"),
            ],
        )
    )


def _estimate(span: Span, colours: Palette) -> list[Any]:
    base = rows_of("estimate").encode(y=_y("y"))
    return [
        base.mark_rule(color=colours.answer, strokeWidth=6).encode(
            x=_x("low", span), x2=alt.X2("high")
        ),
        base.mark_point(
            shape="diamond",
            filled=True,
            size=230,
            opacity=1,
            color=colours.answer,
            stroke=colours.background,
            strokeWidth=2,
        ).encode(x=_x("value", span)),
        base.mark_text(
            align="center", dy=-17, fontSize=18, fontWeight="bold", color=colours.answer
        ).encode(x=_x("value", span), text=alt.Text("words", type="nominal")),
    ]
