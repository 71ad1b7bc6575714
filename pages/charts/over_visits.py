"""A measurement over the visits: thin lines of individuals, the median, what lies around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import polars as pl

from data.codebook import BASELINE, visits
from pages.charts.theme import MINUS, finish, signed

if TYPE_CHECKING:
    from pages.charts.theme import Palette

View = Literal["value", "change"]
CLICK = "picked"
BREAK = "|"
CENTRE_SCHEMA: dict[str, Any] = {
    "code": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(("median", "low", "high", "q1", "q3"), pl.Float64),
}


@dataclass(frozen=True)
class OverVisits:
    """What a chart over the visits draws.

    Parameters
    ----------
    centre : polars.DataFrame
        One row per visit: code, n, median, low and high (its interval), q1 and q3.
    lines : polars.DataFrame or None
        One row per individual and visit: `key`, visit, value, change, and the columns that the
        tooltips and dashes use; None draws no individuals.
    key : str
        The column that tells individuals apart.
    domain : tuple of float
        Ends of the vertical axis.
    """

    centre: pl.DataFrame
    lines: pl.DataFrame | None
    key: str
    view: View
    domain: tuple[float, float]
    decimals: int
    y_title: str
    n_title: str
    tooltips: tuple[tuple[str, str], ...] = ()
    dashed: str | None = None
    grey: str | None = None
    extra: tuple[Any, ...] = field(default=(), compare=False)


def over_visits_chart(
    drawn: OverVisits, colours: Palette, *, compact: bool = False, height: int = 350
) -> Any:
    """Draw the lines of individuals in grey and the median in the answer's colour."""
    labels = {
        code: f"{_name(code, compact=compact)}{BREAK}{n}"
        for code, n in drawn.centre.select("code", "n").iter_rows()
    }
    centre = drawn.centre.with_columns(
        pl.col("code").replace_strict(labels, return_dtype=pl.String).alias("visit"),
        pl.Series("label", [printed(value, drawn) for value in drawn.centre["median"]]),
    )
    x = _visit_axis(labels, drawn, colours, compact=compact)
    layers = [_around(alt.Chart(centre).encode(x=x), drawn, colours, compact=compact)]
    layers += [] if compact else _individuals(drawn, labels, colours, x)
    layers += _middle(centre, drawn, colours, x, compact=compact)
    layers += [] if compact else list(drawn.extra)
    chart = alt.layer(*layers).properties(height=150 if compact else height, width="container")
    return finish(chart, colours)


def _name(visit: str, *, compact: bool) -> str:
    label = visits()[visit].short_label
    return label.replace("months", "mo") if compact else label


def printed(value: float | None, drawn: OverVisits) -> str:
    """Print a median beside its mark."""
    if value is None:
        return ""
    sign = "+" if drawn.view == "change" else ""
    return f"{value:{sign}.{drawn.decimals}f}".replace("-", MINUS)


def _visit_axis(
    labels: dict[str, str], drawn: OverVisits, colours: Palette, *, compact: bool
) -> alt.X:
    return alt.X(
        "visit",
        type="ordinal",
        scale=alt.Scale(domain=list(labels.values()), type="point", padding=0.35),
        axis=alt.Axis(
            title=None if compact else drawn.n_title,
            titleAnchor="start",
            titlePadding=8,
            labelExpr=f"split(datum.label, '{BREAK}')",
            labelAngle=0,
            labelFontSize=13 if compact else 15,
            labelColor=colours.ink,
            labelLineHeight=18,
            labelOverlap=False,
            domain=True,
            domainColor=colours.muted,
            grid=False,
        ),
    )


def _y(field: str, drawn: OverVisits, *, compact: bool) -> alt.Y:
    return alt.Y(
        field,
        type="quantitative",
        scale=alt.Scale(domain=list(drawn.domain), nice=False, clamp=True),
        axis=alt.Axis(
            title=None if compact else drawn.y_title,
            tickCount=3 if compact else 6,
            labelExpr=signed(0),
            labelFontSize=13,
        ),
    )


def _individuals(
    drawn: OverVisits, labels: dict[str, str], colours: Palette, x: alt.X
) -> list[Any]:
    if drawn.lines is None:
        return []
    picked = alt.selection_point(name=CLICK, fields=[drawn.key], on="click", empty=False)
    base = alt.Chart(_placed(drawn.lines, drawn.view, labels)).encode(
        x=x,
        y=_y("value", drawn, compact=False),
        detail=alt.Detail(drawn.key, type="nominal"),
        order=alt.Order("place", type="quantitative"),
    )
    line = base.mark_line(interpolate="linear").encode(
        color=alt.condition(picked, alt.value(colours.attention), alt.value(colours.individual)),
        opacity=alt.condition(picked, alt.value(1.0), alt.value(0.38)),
        strokeWidth=alt.condition(picked, alt.value(3), alt.value(1)),
    )
    if drawn.dashed:
        dashes = alt.Scale(domain=[True, False], range=[[1, 0], [4, 3]])
        line = line.encode(
            strokeDash=alt.StrokeDash(drawn.dashed, type="nominal", scale=dashes, legend=None)
        )
    tooltips = [
        alt.Tooltip(column, type="nominal", title=title) for column, title in drawn.tooltips
    ]
    points = (
        base.mark_circle(size=110, cursor="pointer", color=colours.attention)
        .encode(opacity=alt.condition(picked, alt.value(1.0), alt.value(0.0)), tooltip=tooltips)
        .add_params(picked)
    )
    return [line, *_beyond_error(base, drawn, colours), points]


def _beyond_error(base: alt.Chart, drawn: OverVisits, colours: Palette) -> list[Any]:
    """Mark single changes that lie outside the measurement error; all others stay grey."""
    if drawn.grey is None:
        return []
    outside = f"!datum.{drawn.grey} && isValid(datum.change) && datum.change != 0"
    marks = base.mark_point(
        size=30, shape="diamond", filled=True, opacity=0.8, color=colours.attention
    )
    return [marks.transform_filter(outside)]


def _placed(lines: pl.DataFrame, view: View, labels: dict[str, str]) -> pl.DataFrame:
    kept = lines.filter(pl.col("visit").is_in(list(labels)))
    if view == "change":
        kept = kept.filter(pl.col("change").is_not_null() & (pl.col("visit") != BASELINE))
    place = {visit: place for place, visit in enumerate(labels)}
    names = {visit: visits()[visit].label for visit in labels}
    code = pl.col("visit")
    return kept.with_columns(
        code.replace_strict(labels, return_dtype=pl.String).alias("visit"),
        code.replace_strict(names, return_dtype=pl.String).alias("when"),
        code.replace_strict(place, return_dtype=pl.Int64).alias("place"),
        pl.col("change" if view == "change" else "value").alias("value"),
        pl.col("value").round(1).alias("score"),
        pl.col("change").round(1).alias("change"),
    )


def _middle(
    centre: pl.DataFrame,
    drawn: OverVisits,
    colours: Palette,
    x: alt.X,
    *,
    compact: bool,
) -> list[Any]:
    base = alt.Chart(centre).encode(x=x)
    median = _y("median", drawn, compact=compact)
    bars = base.mark_rule(color=colours.answer, strokeWidth=2 if compact else 3)
    dots = base.mark_circle(
        color=colours.answer,
        size=60 if compact else 150,
        opacity=1,
        stroke=colours.background,
        strokeWidth=1.5,
    )
    words = base.mark_text(
        color=colours.answer,
        fontSize=14 if compact else 18,
        fontWeight="bold",
        dx=6 if compact else 9,
        dy=-9 if compact else -13,
        align="left",
    )
    return [
        base.mark_line(color=colours.answer, strokeWidth=2 if compact else 3).encode(y=median),
        bars.encode(y=_y("low", drawn, compact=compact), y2=alt.Y2("high")),
        dots.encode(y=median),
        words.encode(y=median, text=alt.Text("label", type="nominal")),
    ]


def _around(base: alt.Chart, drawn: OverVisits, colours: Palette, *, compact: bool) -> Any:
    if drawn.view == "change":
        zero = alt.Chart(pl.DataFrame({"zero": [0.0]}))
        return zero.mark_rule(color=colours.muted).encode(y=_y("zero", drawn, compact=compact))
    return base.mark_area(color=colours.answer_band, opacity=0.75).encode(
        y=_y("q1", drawn, compact=compact), y2=alt.Y2("q3")
    )


def line_across(
    height: float, words: str, colour: str, *, dash: tuple[int, int] = (2, 3)
) -> list[Any]:
    """Return a labelled line across the chart, such as a threshold."""
    base = alt.Chart(pl.DataFrame({"height": [height], "words": [words]})).encode(
        y=alt.Y("height", type="quantitative")
    )
    return [
        base.mark_rule(color=colour, strokeDash=list(dash), strokeWidth=1.5),
        base.mark_text(color=colour, align="right", baseline="bottom", dy=-3, fontSize=13).encode(
            x=alt.value("width"), text=alt.Text("words", type="nominal")
        ),
    ]
