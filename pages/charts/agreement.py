"""Two readers of the same films: difference against mean, with bias and limits of agreement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import visits
from pages.charts.drawing import Drawing, counted, drawn_once, rows_of
from pages.charts.theme import MINUS, finish
from pages.shared.agreement_words import difference_axis, mean_axis, value
from pages.shared.wording import number

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.agreement import Agreement

STEP = 5.0


@dataclass(frozen=True)
class Plane:
    """The ends of both axes and their titles."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_title: str
    y_title: str


@drawn_once
def agreement_chart(answer: Agreement, colours: Palette) -> Drawing:
    """Draw every film that both read, and the lines that sum them up.

    Above 5,000 films neighbours are counted together.
    """
    found, films = answer.found, answer.films
    if found.lower is None or found.upper is None or found.bias is None:
        raise ValueError("`answer` holds no films to draw.")
    lines = [
        ("limit", found.upper, f"upper limit {value(answer, found.upper, sign=True)}"),
        ("bias", found.bias, f"bias {value(answer, found.bias, sign=True)}"),
        ("limit", found.lower, f"lower limit {value(answer, found.lower, sign=True)}"),
    ]
    error = answer.measure.error
    shown = [*films["difference"], error or 0.0, -(error or 0.0)]
    shown += [end for _, one, _ in lines for end in (one.value, one.ci_low, one.ci_high) if end]
    middle = films["middle"].to_list()
    step = STEP if answer.measure.unit == "°" else 1.0
    plane = Plane(
        x=(floor(min(middle) / STEP) * STEP, ceil(max(middle) / STEP) * STEP + STEP),
        y=((floor(min(shown) / step) - 0.1) * step, (ceil(max(shown) / step) + 0.1) * step),
        x_title=mean_axis(answer),
        y_title=difference_axis(answer),
    )
    schema = {
        "kind": pl.String,
        **dict.fromkeys(("at", "low", "high"), pl.Float64),
        "words": pl.String,
    }
    rows = [(kind, one.value, one.ci_low, one.ci_high, words) for kind, one, words in lines]
    errors = [] if error is None else [(-error,), (error,)]
    tables = {
        "films": _films(answer, films, found.lower.value, found.upper.value),
        "lines": pl.DataFrame(rows, schema=schema, orient="row"),
        "errors": pl.DataFrame(errors, schema={"at": pl.Float64}, orient="row"),
    }
    return Drawing(_structure(plane, colours), tables)


def _films(answer: Agreement, films: pl.DataFrame, lower: float, upper: float) -> pl.DataFrame:
    outside = (pl.col("difference") < lower) | (pl.col("difference") > upper)
    words = [counted("film").alias("who"), *map(_blank, ("film", "words"))]
    if "level" in films.columns:
        decimals = answer.measure.decimals
        first, second = answer.readers or ("", "")
        readings = [
            f"{first} {number(one, decimals)}, {second} {number(other, decimals)}"
            for one, other in films.select("first", "second").iter_rows()
        ]
        names = {visit.code: visit.short_label for visit in visits().values()}
        words = [
            pl.format("{}, patient {}", "level", "patient_id").alias("who"),
            pl.col("visit").replace(names).alias("film"),
            pl.lit(pl.Series(readings, dtype=pl.String)).alias("words"),
        ]
    return films.select(*words, "middle", "difference", "together", outside.alias("outside"))


def _blank(column: str) -> pl.Expr:
    return pl.lit("").alias(column)


@cache
def _structure(plane: Plane, colours: Palette) -> dict[str, Any]:
    chart = alt.layer(
        *_lines(plane, colours),
        rows_of("errors")
        .mark_rule(color=colours.secondary, strokeDash=[1, 4], strokeWidth=2)
        .encode(y=_y("at", plane)),
        _dots(plane, colours),
        *_words(plane, colours),
    ).resolve_scale(color="independent")
    return finish(chart.properties(width="container", height=360), colours)


def _label() -> str:
    return f"replace(format(datum.value, '~g'), '-', '{MINUS}')"


def _x(column: str, plane: Plane) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=list(plane.x), nice=False, zero=False),
        axis=alt.Axis(title=plane.x_title, titleAnchor="start", grid=False, labelExpr=_label()),
    )


def _y(column: str, plane: Plane) -> alt.Y:
    signed = f"(datum.value > 0 ? '+' : '') + {_label()}"
    return alt.Y(
        column,
        type="quantitative",
        scale=alt.Scale(domain=list(plane.y), nice=False, zero=False),
        axis=alt.Axis(title=plane.y_title, labelExpr=signed, tickCount=6),
    )


def _lines(plane: Plane, colours: Palette) -> list[Any]:
    base = rows_of("lines")
    band = base.transform_filter("isValid(datum.low)").mark_rect(
        color=colours.answer_band, opacity=0.8
    )
    rules = [
        base.transform_filter(f"datum.kind == '{kind}'")
        .mark_rule(color=colours.answer, strokeWidth=2.5, strokeDash=dash)
        .encode(y=_y("at", plane))
        for kind, dash in (("bias", [1, 0]), ("limit", [7, 5]))
    ]
    return [band.encode(y=_y("low", plane), y2=alt.Y2("high")), *rules]


def _words(plane: Plane, colours: Palette) -> list[Any]:
    base = rows_of("lines").encode(
        x=alt.value("width"), y=_y("at", plane), text=alt.Text("words", type="nominal")
    )
    halo = {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.8}
    return [
        base.mark_text(
            align="right", baseline="bottom", dx=-6, dy=-3, fontSize=14, fontWeight="bold", **look
        )
        for look in (halo, {"color": colours.answer})
    ]


def _dots(plane: Plane, colours: Palette) -> Any:
    return (
        rows_of("films")
        .mark_point(filled=True, opacity=0.85, stroke=colours.background, strokeWidth=0.8)
        .encode(
            x=_x("middle", plane),
            y=_y("difference", plane),
            color=alt.condition(
                "datum.outside", alt.value(colours.attention), alt.value(colours.individual)
            ),
            shape=alt.condition("datum.outside", alt.value("triangle-up"), alt.value("circle")),
            size=alt.Size(
                "together",
                type="quantitative",
                scale=alt.Scale(domain=[1, 50], range=[75, 700], clamp=True),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("who", type="nominal", title="level"),
                alt.Tooltip("film", type="nominal", title="film"),
                alt.Tooltip("words", type="nominal", title="readings"),
                alt.Tooltip("difference", type="quantitative", title="difference", format="+.1f"),
            ],
        )
    )
