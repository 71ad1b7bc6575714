"""Groups over the visits side by side: each with its colour, shape and dash, n below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import visits
from pages.charts.drawing import Drawing, rows_of
from pages.charts.theme import finish, signed
from pages.shared.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.theme import Palette

MOST_GROUPS = 6
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3])
HEIGHT = 265
BELOW = 72
ROW = 19
LABEL = 20
SPREAD = 0.09
MARK_SCHEMA: dict[str, Any] = {
    "group": pl.String,
    "visit": pl.String,
    "n": pl.Int64,
    "centre": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


@dataclass(frozen=True)
class Grouped:
    """How a chart of groups over the visits is built, whatever rows it shows.

    Parameters
    ----------
    visits : tuple of str
        The visits on the axis, in order.
    n_groups : int
        Groups that are drawn.
    domain : tuple of float
        Ends of the vertical axis.
    """

    visits: tuple[str, ...]
    n_groups: int
    domain: tuple[float, float]
    decimals: int
    y_title: str
    n_title: str
    zero: bool


def groups_chart(
    built: Grouped,
    colours: Palette,
    marks: pl.DataFrame,
    names: Sequence[tuple[str, str]],
    *,
    lines: pl.DataFrame | None = None,
) -> Drawing:
    """Draw the centre of each group at each visit with its interval, and n below.

    Parameters
    ----------
    marks : polars.DataFrame
        group, visit, n, centre, low and high.
    names : sequence of (str, str)
        Codes of the groups that are drawn, in order, with their words; at most six.
    lines : polars.DataFrame, optional
        patient_id, group, visit and value of single patients, drawn thin in their group's colour.
    """
    place = {code: place for place, (code, _) in enumerate(names)}
    x = {visit: place for place, visit in enumerate(built.visits)}
    kept = marks.filter(
        pl.col("group").is_in(list(place)) & pl.col("visit").is_in(list(built.visits))
    ).with_columns(
        pl.col("group").replace_strict(place, default=0, return_dtype=pl.Int64).alias("place"),
        pl.col("group")
        .replace_strict(dict(names), default="", return_dtype=pl.String)
        .alias("name"),
        pl.col("visit").replace_strict(x, default=0.0, return_dtype=pl.Float64).alias("x"),
        pl.col("visit")
        .replace_strict({v: visits()[v].label for v in x}, return_dtype=pl.String)
        .alias("when"),
    )
    spread = (pl.col("place") - (len(names) - 1) / 2) * SPREAD
    rows = kept.with_columns(
        (pl.col("x") + spread).alias("at"),
        pl.Series("printed", [number(v, built.decimals) for v in kept["centre"]], dtype=pl.String),
    )
    tables = {"marks": rows, "names": _labels(rows, built, names)}
    if lines is not None:
        tables["lines"] = _lines(lines, place, x)
    return Drawing(_structure(built, colours, individuals=lines is not None), tables)


def _lines(lines: pl.DataFrame, place: dict[str, int], x: dict[str, int]) -> pl.DataFrame:
    """Place single patients, the first group on top, and mark where each one ends."""
    drawn = lines.filter(
        pl.col("group").is_in(list(place)) & pl.col("visit").is_in(list(x))
    ).select(
        "patient_id",
        "value",
        pl.col("group").replace_strict(place, default=0, return_dtype=pl.Int64).alias("place"),
        pl.col("visit").replace_strict(x, default=0.0, return_dtype=pl.Float64).alias("at"),
    )
    last = (pl.col("at") == pl.col("at").max().over("patient_id")).alias("last")
    order = ["place", "patient_id", "at"]
    return drawn.with_columns(last).sort(order, descending=[True, False, False])


def _labels(rows: pl.DataFrame, built: Grouped, names: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """Place each name at the height of the group's last mark, moved apart where they meet."""
    low, high = built.domain
    last = {
        row["group"]: row["centre"]
        for row in rows.filter(pl.col("centre").is_not_null()).sort("x").to_dicts()
    }
    wanted = sorted(
        (HEIGHT * (1 - (min(max(last[code], low), high) - low) / (high - low)), place, name)
        for place, (code, name) in enumerate(names)
        if code in last
    )
    heights: list[float] = []
    for height, _, _ in wanted:
        heights.append(max(height, heights[-1] + LABEL) if heights else height)
    over = max(0.0, heights[-1] - HEIGHT) if heights else 0.0
    for at in range(len(heights) - 1, -1, -1):
        below = heights[at + 1] - LABEL if at + 1 < len(heights) else HEIGHT
        heights[at] = min(heights[at], below) if over else heights[at]
    return pl.DataFrame(
        [
            (name, place, low + (1 - height / HEIGHT) * (high - low))
            for height, (_, place, name) in zip(heights, wanted, strict=True)
        ],
        schema={"name": pl.String, "place": pl.Int64, "height": pl.Float64},
        orient="row",
    )


@cache
def _structure(built: Grouped, colours: Palette, *, individuals: bool) -> dict[str, Any]:
    places = list(range(MOST_GROUPS))
    colour = alt.Color(
        "place",
        type="nominal",
        scale=alt.Scale(domain=places, range=list(colours.categories)),
        legend=None,
    )
    shape = alt.Shape(
        "place", type="nominal", scale=alt.Scale(domain=places, range=list(SHAPES)), legend=None
    )
    dash = alt.StrokeDash(
        "place", type="nominal", scale=alt.Scale(domain=places, range=list(DASHES)), legend=None
    )
    x = _x(built, colours)
    seen = rows_of("marks").transform_filter("isValid(datum.centre)")
    line = seen.mark_line(strokeWidth=2.5, opacity=0.85).encode(
        x=x,
        y=_y("centre", built),
        color=colour,
        strokeDash=dash,
        detail=alt.Detail("place", type="nominal"),
    )
    bars = seen.mark_rule(strokeWidth=2.5).encode(
        x=x, y=_y("low", built), y2=alt.Y2("high"), color=colour
    )
    points = seen.mark_point(size=120, filled=True, opacity=1).encode(
        x=x,
        y=_y("centre", built),
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("name", type="nominal", title="group"),
            alt.Tooltip("when", type="nominal", title="visit"),
            alt.Tooltip("printed", type="nominal", title="centre"),
            alt.Tooltip("n", type="quantitative", title="n"),
        ],
    )
    chart = alt.layer(
        *_zero(built, colours),
        *(_individuals(built, x, colour, shape) if individuals else []),
        line,
        bars,
        points,
        *_names(built, colours, colour, shape),
        *_counts(built, colours, colour, shape),
    )
    return finish(
        chart.properties(height=HEIGHT + BELOW + ROW * built.n_groups, width="container"), colours
    )


def _individuals(built: Grouped, x: alt.X, colour: alt.Color, shape: alt.Shape) -> list[Any]:
    """Return single patients as thin lines, each ending in the mark of its group."""
    base = rows_of("lines").encode(x=x, y=_y("value", built), color=colour)
    line = base.mark_line(strokeWidth=1.2, opacity=0.4).encode(
        detail=alt.Detail("patient_id", type="nominal"),
        order=alt.Order("at", type="quantitative"),
    )
    ends = base.transform_filter("datum.last").mark_point(size=32, filled=True, opacity=0.65)
    who = [alt.Tooltip("patient_id", type="nominal", title="patient")]
    return [line, ends.encode(shape=shape, tooltip=who)]


def _zero(built: Grouped, colours: Palette) -> list[Any]:
    if not built.zero:
        return []
    zero = rows_of("names").transform_calculate(zero="0")
    return [zero.mark_rule(color=colours.muted).encode(y=_y("zero", built))]


def _names(built: Grouped, colours: Palette, colour: Any, shape: Any) -> list[Any]:
    base = rows_of("names").encode(x=alt.value("width"), y=_y("height", built))
    marks = base.mark_point(size=90, filled=True, opacity=1, xOffset=14)
    words = base.mark_text(align="left", fontSize=15, dx=24, color=colours.ink, limit=230)
    return [
        marks.encode(color=colour, shape=shape),
        words.encode(text=alt.Text("name", type="nominal")),
    ]


def _counts(built: Grouped, colours: Palette, colour: Any, shape: Any) -> list[Any]:
    layers = []
    for place in range(built.n_groups):
        down = 36 + ROW * place
        mine = rows_of("marks").transform_filter(f"datum.place == {place}")
        words = mine.mark_text(fontSize=15, color=colours.ink, dy=down, baseline="middle")
        keys = mine.transform_filter("datum.x == 0").mark_point(
            size=80, filled=True, opacity=1, yOffset=down
        )
        layers += [
            words.encode(
                x=alt.X("x", type="quantitative"),
                y=alt.value("height"),
                text=alt.Text("n", type="quantitative"),
            ),
            keys.encode(x=alt.value(6), y=alt.value("height"), color=colour, shape=shape),
        ]
    return layers


def _x(built: Grouped, colours: Palette) -> alt.X:
    short = [visits()[code].short_label for code in built.visits]
    cases = [f"datum.value == {place} ? '{label}'" for place, label in enumerate(short)]
    words = " : ".join([*cases, "''"])
    return alt.X(
        "at",
        type="quantitative",
        scale=alt.Scale(domain=[-0.4, len(short) - 0.6], nice=False),
        axis=alt.Axis(
            title=built.n_title,
            titleAnchor="start",
            titlePadding=14 + ROW * built.n_groups,
            values=list(range(len(short))),
            labelExpr=words,
            labelAngle=0,
            labelFontSize=15,
            labelColor=colours.ink,
            labelOverlap=False,
            domain=True,
            domainColor=colours.muted,
            grid=False,
        ),
    )


def _y(column: str, built: Grouped) -> alt.Y:
    return alt.Y(
        column,
        type="quantitative",
        scale=alt.Scale(domain=list(built.domain), nice=False, clamp=True),
        axis=alt.Axis(title=built.y_title, tickCount=6, labelExpr=signed(0), labelFontSize=13),
    )
