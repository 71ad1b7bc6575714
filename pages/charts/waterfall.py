"""Each patient's change at one visit as sorted bars, grey inside the measurement error."""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, once, rows_of
from pages.charts.over_visits import CLICK, LINE_SCHEMA
from pages.charts.scale_marks import across_layers
from pages.charts.theme import finish, signed
from pages.shared.wording import of_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Threshold
    from pages.charts.theme import Palette
    from queries.improvement import Improvement

Unit = Literal["change", "percent"]
MOST_BARS, SLICES = 600, 200
KINDS = ("better", "within error", "unchanged", "worse")
SHAPES = ("square", "square", "diamond", "square")
WORDS = {
    "better": "better",
    "within error": "within the error",
    "unchanged": "no change",
    "worse": "worse",
}
KEY: dict[str, Any] = {"kind": pl.String, "at": pl.Float64, "words": pl.String}
ERROR: dict[str, Any] = {"low": pl.Float64, "high": pl.Float64, "words": pl.String}
HEIGHT = 340


@drawn_once
def waterfall_chart(
    answer: Improvement,
    colours: Palette,
    *,
    visit: str,
    unit: Unit = "change",
    across: Sequence[tuple[float, str]] = (),
) -> Drawing:
    """Draw each patient's change at a visit, the greatest improvement first.

    Parameters
    ----------
    answer : Improvement
        The result to draw. Above 600 patients each bar is the median of one in 200 slices.
    visit : str
        One of the answer's visits.
    unit : {"change", "percent"}
        The measure's unit, or per cent of the baseline (without those whose baseline is 0).
    across : sequence of (float, str)
        Lines across the chart with their words, such as a threshold.
    """
    bars = _bars(answer, visit, unit)
    sliced = _sliced(bars) if bars.height > MOST_BARS else bars
    tables = {
        "bars": sliced,
        "key": _key(bars, answer),
        "error": _error(answer, unit),
        "across": pl.DataFrame(list(across), schema=LINE_SCHEMA, orient="row"),
    }
    title = "% of the value before" if unit == "percent" else answer.measure.unit
    ends = _ends(bars, answer, unit, across)
    return Drawing(_structure(ends, f"change, {title}", colours, up=_up(answer)), tables)


def threshold_across(
    answer: Improvement, threshold: Threshold | None, unit: Unit
) -> list[tuple[float, str]]:
    """Return a threshold as a line; none where it is not of the unit that is drawn."""
    kind = {"change": "absolute", "percent": "percent"}[unit]
    if threshold is None or threshold.kind != kind or threshold.value is None:
        return []
    height = threshold.value if _up(answer) else -threshold.value
    sign = of_unit("%" if unit == "percent" else answer.measure.unit)
    return [(height, f"threshold: {threshold.value:g}{sign} better")]


def _up(answer: Improvement) -> bool:
    return answer.measure.better == "higher"


def _bars(answer: Improvement, visit: str, unit: Unit) -> pl.DataFrame:
    worst_last = pl.col(unit) * (-1 if _up(answer) else 1)
    kept = answer.changes.filter((pl.col("visit") == visit) & pl.col(unit).is_not_null())
    return (
        kept.sort(worst_last, "patient_id")
        .with_row_index("place")
        .select(
            "place",
            "patient_id",
            pl.col("direction").alias("kind"),
            pl.col(unit).alias("shown"),
            pl.col("baseline").round(1).alias("before"),
            pl.col("value").round(1).alias("after"),
        )
    )


def _sliced(bars: pl.DataFrame) -> pl.DataFrame:
    """Return the medians of equal slices of sorted bars, without single patients."""
    share = pl.col("place") * SLICES // bars.height
    return (
        bars.with_columns(share.alias("place"))
        .group_by("place", maintain_order=True)
        .agg(
            pl.lit("many").alias("patient_id"),
            pl.col("kind").mode().sort().first(),
            pl.col("shown").median(),
            pl.col("before").median(),
            pl.col("after").median(),
        )
    )


def _key(bars: pl.DataFrame, answer: Improvement) -> pl.DataFrame:
    """Return how many changed which way, in one row above the bars."""
    counts = dict(bars.group_by("kind").len().iter_rows())
    kinds = [kind for kind in KINDS if kind != "within error" or answer.measure.error is not None]
    rows = [
        (kind, place / len(kinds), f"{counts.get(kind, 0)} {WORDS[kind]}")
        for place, kind in enumerate(kinds)
    ]
    return pl.DataFrame(rows, schema=KEY, orient="row")


def _error(answer: Improvement, unit: Unit) -> pl.DataFrame:
    error = answer.measure.error
    rows = []
    if error is not None and unit == "change":
        words = f"measurement error ±{error:g}{of_unit(answer.measure.unit)}"
        rows = [(-error, error, words)]
    return pl.DataFrame(rows, schema=ERROR, orient="row")


def _ends(
    bars: pl.DataFrame, answer: Improvement, unit: Unit, across: Sequence[tuple[float, str]]
) -> tuple[float, float]:
    error = (answer.measure.error or 0.0) if unit == "change" else 0.0
    shown = [*bars["shown"], *(height for height, _ in across), -error, error]
    step = 25.0 if unit == "percent" else (answer.measure.maximum - answer.measure.minimum) / 10
    low = -ceil(max(0.0, -min(shown)) / step) * step
    high = ceil(max(0.0, *shown) / step) * step
    return min(low, -step), max(high, step)


@cache
def _structure(
    ends: tuple[float, float], title: str, colours: Palette, *, up: bool
) -> dict[str, Any]:
    def y(column: str) -> alt.Y:
        return alt.Y(
            column,
            type="quantitative",
            scale=alt.Scale(domain=list(ends), nice=False),
            axis=alt.Axis(title=title, labelExpr=signed(0), tickCount=6, labelFontSize=13),
        )

    shades = [colours.answer, colours.individual, colours.individual, colours.attention]
    kinds = alt.Scale(domain=list(KINDS), range=shades)
    colour = alt.Color("kind", type="nominal", scale=kinds, legend=None)
    x = alt.X(
        "place", type="ordinal", axis=None, scale=alt.Scale(paddingInner=0.15, paddingOuter=0.1)
    )
    picked = alt.selection_point(name=CLICK, fields=["patient_id"], on="click", empty=False)
    bars = rows_of("bars")
    zero = bars.transform_calculate(zero="0")
    chart = alt.layer(
        *_background(y, colours, up=up),
        bars.mark_bar(cursor="pointer", strokeWidth=2)
        .encode(
            x=x,
            y=y("shown"),
            color=colour,
            stroke=alt.condition(picked, alt.value(colours.ink), alt.value("transparent")),
            tooltip=[
                alt.Tooltip("patient_id", type="nominal", title="patient"),
                alt.Tooltip("before", type="nominal", title="before"),
                alt.Tooltip("after", type="nominal", title="at the visit"),
                alt.Tooltip("shown", type="quantitative", title=title, format=".1f"),
            ],
        )
        .add_params(picked),
        zero.transform_filter("datum.shown == 0")
        .mark_point(shape="diamond", size=45, filled=True, opacity=1)
        .encode(x=x, y=y("zero"), color=colour),
        once("bars").transform_calculate(zero="0").mark_rule(color=colours.ink).encode(y=y("zero")),
        *across_layers(rows_of("across").encode(y=y("height")), colours, below=not up),
    )
    whole = alt.layer(chart, *_key_layers(colour, colours)).resolve_scale(x="independent")
    return finish(whole.properties(height=HEIGHT, width="container"), colours)


def _background(y: Any, colours: Palette, *, up: bool) -> list[Any]:
    """Return what lies behind the bars, named where the bars leave room."""
    error, words = rows_of("error"), alt.Text("words", type="nominal")
    free: dict[str, Any] = {"baseline": "top", "dy": 4} if up else {"baseline": "bottom", "dy": -4}
    return [
        error.mark_rect(color=colours.none, opacity=0.4).encode(y=y("low"), y2=alt.Y2("high")),
        error.mark_text(align="left", dx=4, fontSize=13, color=colours.secondary, **free).encode(
            x=alt.value(0), y=y("low" if up else "high"), text=words
        ),
    ]


def _key_layers(colour: alt.Color, colours: Palette) -> list[Any]:
    shapes = alt.Scale(domain=list(KINDS), range=list(SHAPES))
    x = alt.X("at", type="quantitative", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    key = rows_of("key").encode(x=x, y=alt.value(-16))
    return [
        key.mark_point(size=110, filled=True, opacity=1, xOffset=8).encode(
            color=colour, shape=alt.Shape("kind", type="nominal", scale=shapes, legend=None)
        ),
        key.mark_text(
            align="left", dx=20, fontSize=15, fontWeight="bold", color=colours.ink
        ).encode(text=alt.Text("words", type="nominal")),
    ]
