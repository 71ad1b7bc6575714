"""Gain and loss of each level on one bar: what the operation gave, and what became of it."""

from __future__ import annotations

from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, counted, drawn_once, rows_of
from pages.charts.theme import finish, signed
from pages.shared.film_words import change_axis
from pages.shared.wording import number, of_unit

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.alignment import Alignment

STEP = 5.0
MOST_NAMED = 26
FEWEST_PLACES = 10
KINDS = ("within", "no error on record", "worse", "better")
PARTS = {"gain": "before → after", "loss": "after → last film"}
TOLERANCE = 1e-9


@drawn_once
def gain_and_loss_chart(answer: Alignment, colours: Palette) -> Drawing:
    """Draw each level's gain as a bar from zero, its loss as a narrow bar from the gain's end."""
    bars = gain_and_loss_bars(answer)
    error = answer.error
    ends = [error or 0.0, -(error or 0.0), *bars["end"].to_list(), *bars["start"].to_list()]
    domain = (floor(min(ends) / STEP) * STEP, ceil(max(ends) / STEP) * STEP or STEP)
    band = [] if error is None else [(-error, error, _error_words(answer))]
    schema = {"low": pl.Float64, "high": pl.Float64, "words": pl.String}
    tables = {
        "bars": bars,
        "error": pl.DataFrame(band, schema=schema, orient="row"),
        "zero": pl.DataFrame({"at": [0.0]}),
    }
    up = answer.measure.better == "higher"
    title = change_axis(answer.measure, answer.unit)
    named = bars["place"].n_unique() <= MOST_NAMED
    return Drawing(_structure(title, answer.unit, domain, up, colours, named=named), tables)


def _error_words(answer: Alignment) -> str:
    return f"measurement error ±{answer.error:g}{of_unit(answer.measure.unit)}"


def gain_and_loss_bars(answer: Alignment) -> pl.DataFrame:
    """Return two rows per bar, its gain and its loss."""
    levels = answer.bars
    many = counted("level")
    if "patient_id" in levels.columns:
        levels = levels.with_columns(pl.coalesce("patient_id", many).alias("patient_id"))
    else:
        levels = levels.with_columns(many.alias("patient_id"), pl.lit("").alias("level"))
    width = 1 / max(levels.height, FEWEST_PLACES)
    placed = levels.with_row_index("place").with_columns(
        ((pl.col("place") + 0.5) * width).alias("middle")
    )
    gain = _part(answer, placed, "gain", pl.lit(0.0), pl.col("gain"), 0.42 * width)
    lost = placed.filter(pl.col("loss").is_not_null())
    loss = _part(answer, lost, "loss", pl.col("gain"), pl.col("gain") + pl.col("loss"), 0.2 * width)
    return pl.concat([gain, loss])


def _part(
    answer: Alignment, levels: pl.DataFrame, part: str, start: pl.Expr, end: pl.Expr, half: float
) -> pl.DataFrame:
    decimals, unit = answer.measure.decimals, answer.unit
    changes = levels[part].to_list()
    words = [f"{number(change, decimals, sign=True)}{of_unit(unit)}" for change in changes]
    return levels.select(
        pl.col("place").cast(pl.Int64),
        "middle",
        (pl.col("middle") - half).alias("left"),
        (pl.col("middle") + half).alias("right"),
        "patient_id",
        "level",
        pl.lit(part).alias("part"),
        pl.lit(PARTS[part]).alias("span"),
        start.alias("start"),
        end.alias("end"),
        _kind(answer, part).alias("kind"),
        pl.Series("words", words, dtype=pl.String),
        pl.lit(part == "loss").alias("net"),
    )


def _kind(answer: Alignment, part: str) -> pl.Expr:
    if answer.error is None:
        return pl.lit("no error on record")
    worse = pl.col(part) * (-1.0 if answer.measure.better == "higher" else 1.0)
    return (
        pl.when(worse > answer.error + TOLERANCE)
        .then(pl.lit("worse"))
        .when(-worse > answer.error + TOLERANCE)
        .then(pl.lit("better"))
        .otherwise(pl.lit("within"))
    )


@cache
def _structure(
    title: str,
    unit: str,
    domain: tuple[float, float],
    up: bool,  # noqa: FBT001
    colours: Palette,
    *,
    named: bool,
) -> dict[str, Any]:
    def y(column: str) -> alt.Y:
        return alt.Y(
            column,
            type="quantitative",
            scale=alt.Scale(domain=list(domain), nice=False),
            axis=alt.Axis(title=title, labelExpr=signed(0), tickCount=7),
        )

    layers = [
        *_band(y, colours, at_right=up),
        *(_bar(part, y, unit, colours) for part in PARTS),
        rows_of("zero").mark_rule(color=colours.ink, strokeWidth=1).encode(y=y("at")),
        _net(y, colours),
        _beyond(y, colours),
        *([_names(colours)] if named else []),
    ]
    chart = alt.layer(*layers).resolve_scale(fill="independent", stroke="independent")
    return finish(chart.properties(height=360, width="container"), colours)


def _x(column: str) -> alt.X:
    scale = alt.Scale(domain=[0, 1], nice=False)
    return alt.X(column, type="quantitative", scale=scale, axis=None)


def _band(y: Any, colours: Palette, *, at_right: bool) -> list[Any]:
    base = rows_of("error")
    return [
        base.mark_rect(color=colours.panel, stroke=colours.hairline).encode(
            y=y("low"), y2=alt.Y2("high")
        ),
        base.mark_text(
            align="right" if at_right else "left",
            baseline="top",
            dx=-6 if at_right else 6,
            dy=5,
            fontSize=13,
            color=colours.secondary,
        ).encode(
            x=alt.value("width" if at_right else 0),
            y=y("high"),
            text=alt.Text("words", type="nominal"),
        ),
    ]


def _bar(part: str, y: Any, unit: str, colours: Palette) -> Any:
    soft = [colours.none, colours.none] if part == "gain" else [colours.individual] * 2
    scale = alt.Scale(domain=list(KINDS), range=[*soft, colours.attention, colours.answer])
    return (
        rows_of("bars")
        .transform_filter(f"datum.part == '{part}'")
        .mark_rect(stroke=colours.background, strokeWidth=0.5 if part == "gain" else 1)
        .encode(
            x=_x("left"),
            x2=alt.X2("right"),
            y=y("start"),
            y2=alt.Y2("end"),
            fill=alt.Fill("kind", type="nominal", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("patient_id", type="nominal", title="patient"),
                alt.Tooltip("level", type="nominal", title="level"),
                alt.Tooltip("span", type="nominal", title="part"),
                alt.Tooltip("words", type="nominal", title=f"change ({unit})"),
                alt.Tooltip("kind", type="nominal", title="beside the measurement error"),
            ],
        )
    )


def _net(y: Any, colours: Palette) -> Any:
    """Mark what is left at the last film."""
    return (
        rows_of("bars")
        .transform_filter("datum.net")
        .mark_rule(color=colours.ink, strokeWidth=2.5)
        .encode(x=_x("left"), x2=alt.X2("right"), y=y("end"))
    )


def _beyond(y: Any, colours: Palette) -> Any:
    """Mark what changed after the operation by more than the error, by shape beside colour."""
    worse = "datum.kind == 'worse'"
    return (
        rows_of("bars")
        .transform_filter(f"datum.net && ({worse} || datum.kind == 'better')")
        .mark_point(size=70, filled=True, opacity=1, stroke=colours.background, strokeWidth=1)
        .encode(
            x=_x("middle"),
            y=y("end"),
            shape=alt.condition(worse, alt.value("triangle-up"), alt.value("diamond")),
            color=alt.condition(worse, alt.value(colours.attention), alt.value(colours.answer)),
        )
    )


def _names(colours: Palette) -> Any:
    return (
        rows_of("bars")
        .transform_filter("datum.part == 'gain'")
        .mark_text(baseline="top", dy=8, fontSize=13, color=colours.secondary)
        .encode(x=_x("middle"), y=alt.value("height"), text=alt.Text("level", type="nominal"))
    )
